"""One run of a streaming query: recover, then plan, run and commit batch after batch.

The steps of a batch and their order are those of the commit protocol (docs/architecture.md); each is
announced through `streamcore.spi.steps` so that tests can stop the process before and after it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from time import perf_counter
from typing import TYPE_CHECKING, TypeVar

from streamcore.checkpoint.recovery import StartPoint, recover
from streamcore.checkpoint.run_index import AT_ONCE
from streamcore.checkpoint.state_files import chain_of
from streamcore.errors import CheckpointFenced, CommitFailed, SourceUnavailable, WorkInterrupted
from streamcore.execution.stores.warm import StoreRef, StoreState
from streamcore.spi import steps
from streamcore.spi.limits import ReadAllAvailable
from streamcore.storage import StorageError
from streamcore.streaming.adoption import beginnings
from streamcore.streaming.dead_letters import DEAD_LETTERS, LettersOfBatches
from streamcore.streaming.followed_versions import FollowedVersions
from streamcore.streaming.patience import Patience
from streamcore.streaming.planning import Position, next_batch
from streamcore.streaming.progress import Stopwatch
from streamcore.streaming.resuming import resumed
from streamcore.streaming.state_partitions import split_anew
from streamcore.streaming.stateful.operator import ActsByClock
from streamcore.streaming.trigger import AvailableNow, Once
from streamcore.streaming.watermark import WatermarkState

if TYPE_CHECKING:
    from streamcore.checkpoint.checkpoint import Checkpoint
    from streamcore.checkpoint.records import CommitBody, OffsetRecord
    from streamcore.spi.clock import Clock
    from streamcore.spi.datasource import Offset
    from streamcore.streaming.definition import QueryDefinition
    from streamcore.streaming.micro_batch import BatchOutcome, MicroBatch, States
    from streamcore.streaming.stream_sink import StreamSink
    from streamcore.streaming.stream_source import SourceReader

_log = logging.getLogger("streamcore.streaming")
_T = TypeVar("_T")


@dataclass(frozen=True)
class BatchReport:
    """A committed batch, for progress."""

    record: OffsetRecord
    outcome: BatchOutcome
    watch: Stopwatch
    started_ms: int
    seconds: float


class CommitLoop:
    """The commit loop of one run, called by one thread; `stopping` ends the waiting between attempts."""

    def __init__(
        self,
        query: QueryDefinition,
        checkpoint: Checkpoint,
        readers: Sequence[SourceReader],
        sink: StreamSink,
        batch: MicroBatch,
        clock: Clock,
        stopping: threading.Event,
    ) -> None:
        self._query = query
        self._checkpoint = checkpoint
        self._readers = readers
        self._sink = sink
        self._batch = batch
        self._clock = clock
        self._letters = LettersOfBatches(checkpoint.query_id)
        self._patience = Patience(query.commit_attempts, clock, stopping)
        self._planned: OffsetRecord | None = None
        self._plan_digest = ""
        self._versions = FollowedVersions(query.plan, checkpoint)
        self._stores: dict[str, list[dict[str, StoreRef]]] = {}
        self._ends_of_available: dict[str, Offset] | None = None
        self.position = Position(0, {}, WatermarkState())

    # ---- start -----------------------------------------------------------------------------------

    def recover(self) -> None:
        """Brings checkpoint, sink and state to the same batch.

        Raises CheckpointMismatch, CheckpointCorrupted and what the sink raises; nothing has been
        written then that a later start could not go on from.
        """
        start = self._patience.tried(
            "asking the sink for its newest batch",
            lambda: recover(self._checkpoint, self._sink.writer),
            (CommitFailed,),
        )
        initial = beginnings(self._readers, self._checkpoint.adopted)
        resumption = resumed(start, initial, self._checkpoint.storage.location)
        self._plan_digest = self._checkpoint.write_plan(self._query.description)
        self._planned = resumption.planned
        self._versions.resume(self._planned)
        self.position = Position(
            batch_id=start.batch_id,
            ends=resumption.ends,
            watermark=_watermark_of(start.committed),
            evicted=_evicted(start),
        )
        self._open_stores(start)
        self.position = replace(self.position, wakes_at_ms=self._wakes_at_ms())
        if isinstance(self._query.trigger, AvailableNow):
            self._fix_available_ends()

    def _open_stores(self, start: StartPoint) -> None:
        named = () if start.committed is None else start.committed.state
        files = self._checkpoint.state

        def ref(id_: str, number: int, name: str) -> StoreRef:
            floor_us = self.position.evicted.get(id_, 0) * 1000 or AT_ONCE
            state = StoreState(chain_of(named, id_, number, name), floor_us)
            return StoreRef(id_, name, number, state, files.partition(id_, number, name))

        self._stores = {
            id_: [
                {name: ref(id_, number, name) for name in operator.stores}
                for number in range(self._committed_partitions(start))
            ]
            for id_, operator in self._query.operators.items()
        }
        self._have_partitions(self._query.state_partitions)
        self._take_over(self._batch.open(self._stores))

    def _committed_partitions(self, start: StartPoint) -> int:
        """How many partitions the state has; a planned batch may have been planned for others."""
        if start.committed is None:
            return self._query.state_partitions
        told = self._checkpoint.offsets(start.committed.batch_id).operators.values()
        return next((operator.partitions for operator in told), self._query.state_partitions)

    def _have_partitions(self, partitions: int) -> bool:
        """Has the state in this many partitions from the next batch on; whether it was in another number.

        Nothing of it counts before that batch has committed.
        """
        self._query = replace(self._query, state_partitions=partitions)
        if all(len(refs) == partitions for refs in self._stores.values()):
            return False
        self._checkpoint.check_lease()
        self._stores = split_anew(self._stores, self._query.operators, partitions, self._checkpoint.state)
        return True

    def _take_over(self, states: States) -> None:
        """What the stores are from now on."""
        self._stores = {
            id_: [
                {name: replace(ref, state=after[name]) for name, ref in refs.items()}
                for refs, after in zip(self._stores[id_], partitions, strict=True)
            ]
            for id_, partitions in states.items()
        }

    def _fix_available_ends(self) -> None:
        """For readers that cannot fix today's end themselves."""
        self._ends_of_available = {
            reader.name: reader.next_end(self.position.ends[reader.name], ReadAllAvailable())
            for reader in self._readers
            if not reader.prepare_available_now()
        }

    # ---- batches ---------------------------------------------------------------------------------

    @property
    def states(self) -> States:
        """Operator -> the stores of each of its partitions after the last committed batch."""
        return {
            id_: [{name: ref.state for name, ref in refs.items()} for refs in partitions]
            for id_, partitions in self._stores.items()
        }

    def _wakes_at_ms(self) -> int | None:
        found = [
            operator.wakes_at_ms(states)
            for id_, operator in self._query.operators.items()
            if isinstance(operator, ActsByClock)
            for states in self.states[id_]
        ]
        return min((time_ms for time_ms in found if time_ms is not None), default=None)

    def close(self) -> None:
        """Lets state go: the handle of a query that has ended may be kept as long as the session lives."""
        self._stores.clear()
        del self._batch

    def run_next(self) -> BatchReport | None:
        """Runs and commits one batch; None when there is nothing to do.

        A batch whose sink commit failed without effect is tried again a few times.
        """
        started, started_ms, watch = perf_counter(), self._clock.now_ms(), Stopwatch()
        record = self._planned or self._plan(watch)
        if record is None:
            return None
        outcome = self._patiently(f"batch {record.batch_id}", lambda: self._attempt(record, watch))
        self._settle(record, outcome, watch)
        return BatchReport(record, outcome, watch, started_ms, perf_counter() - started)

    def _plan(self, watch: Stopwatch) -> OffsetRecord | None:
        wanted = self._query.wanted_partitions
        if wanted is not None and self._have_partitions(wanted):
            self._take_over(self._batch.open(self._stores))
        with _step(steps.PLAN, watch, "latestOffset"):
            # Sources keep logs of their own: one that was replaced must not even ask them.
            self._checkpoint.check_lease()
            ends = self._patiently("asking the sources for their offsets", self._next_ends)
            record = next_batch(self._query, self.position, ends, self._clock.now_ms())
        if record is not None:
            models = self._patiently("choosing models", lambda: self._versions.chosen(self.position.batch_id))
            record = replace(record, plan=self._plan_digest, models=models)
            with _step(steps.WRITE_OFFSETS, watch, "walCommit"):
                self._checkpoint.write_offsets(record)
            self._planned = record
        return record

    def _next_ends(self) -> dict[str, Offset]:
        """Where each source has come to; those that are no longer read stay where they are."""
        return {**self.position.ends, **{reader.name: self._next_end(reader) for reader in self._readers}}

    def _next_end(self, reader: SourceReader) -> Offset:
        start = self.position.ends[reader.name]
        if self._ends_of_available is not None and reader.name in self._ends_of_available:
            return self._ends_of_available[reader.name]
        limit = ReadAllAvailable() if isinstance(self._query.trigger, Once) else reader.default_limit()
        return reader.next_end(start, limit)

    def _patiently(self, what: str, attempt: Callable[[], _T]) -> _T:
        def as_rightful_driver() -> _T:
            try:
                return attempt()
            except (CheckpointFenced, WorkInterrupted):
                raise
            except Exception as error:
                self._tell_if_replaced(error)
                raise

        return self._patience.tried(what, as_rightful_driver, (CommitFailed, SourceUnavailable))

    def _tell_if_replaced(self, error: Exception) -> None:
        """Whoever has taken over may have removed what this driver worked on: then that is the reason."""
        try:
            self._checkpoint.check_lease()
        except CheckpointFenced as replaced:
            raise replaced from error
        except StorageError:
            return  # the first error is the one to tell

    def _attempt(self, record: OffsetRecord, watch: Stopwatch) -> BatchOutcome:
        with _step(steps.RUN, watch, None):
            outcome = self._run(record, watch)
        body = outcome.commit_body(self._checkpoint.query_id, record)
        if outcome.letters:
            with _step(DEAD_LETTERS, watch, "addBatch"):
                self._checkpoint.check_lease()
                self._letters.write(record.batch_id, outcome.letters)
        try:
            with _step(steps.SINK_COMMIT, watch, "addBatch"):
                self._checkpoint.check_lease()
                self._sink.commit(outcome.messages, body.record())
        except CommitFailed:
            self._sink.abort(outcome.messages, record.batch_id)
            raise
        with _step(steps.WRITE_COMMIT, watch, "commitOffsets"):
            self._checkpoint.write_commit(body.record())
        return outcome

    def _run(self, record: OffsetRecord, watch: Stopwatch) -> BatchOutcome:
        try:
            return self._batch.run(record, self._stores, self.position.watermark, watch)
        except Exception:
            self._sink.abort([], record.batch_id)
            raise

    def _settle(self, record: OffsetRecord, outcome: BatchOutcome, watch: Stopwatch) -> None:
        """Takes the committed batch over, and tells the sources."""
        self._planned = None
        self._take_over(outcome.states)
        self.position = Position(
            batch_id=record.batch_id + 1,
            ends={name: span.end for name, span in record.sources.items()},
            watermark=outcome.watermark,
            evicted={id_: told.evict_ms for id_, told in record.operators.items()},
            wakes_at_ms=self._wakes_at_ms(),
        )
        with _step(steps.SOURCE_COMMIT, watch, "commitOffsets"):
            self._checkpoint.check_lease()
            for reader in self._readers:
                reader.commit(self.position.ends[reader.name])
            self._sink.collect_garbage()
            stores = {id_: operator.stores for id_, operator in self._query.operators.items()}
            self._checkpoint.collect_garbage(self._query.batches_to_retain, stores)
            self._versions.release_before(self._checkpoint.batches()[0])


@contextmanager
def _step(name: str, watch: Stopwatch, phase: str | None) -> Iterator[None]:
    steps.reached(f"{name}:before")
    started = perf_counter()
    yield
    seconds = perf_counter() - started
    _log.debug("%s took %.1f ms", name, seconds * 1000)
    if phase is not None:
        watch.add(phase, seconds)
    steps.reached(f"{name}:after")


def _evicted(start: StartPoint) -> dict[str, int]:
    """The watermark by which each operator has closed state before the batch that comes next."""
    if start.offsets is None:
        return {}
    told = start.offsets.operators
    return {id_: one.late_ms if start.is_planned else one.evict_ms for id_, one in told.items()}


def _watermark_of(committed: CommitBody | None) -> WatermarkState:
    if committed is None:
        return WatermarkState()
    return WatermarkState(dict(committed.watermarks), committed.next_watermark_ms)
