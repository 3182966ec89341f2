"""One start of a query: its parts put together, in the order that leaves nothing half-open."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from streamcore.checkpoint.checkpoint import Checkpoint
from streamcore.errors import CommitFailed, GuaranteeRefused
from streamcore.execution.sharing import Sharing
from streamcore.spi.clock import SystemClock
from streamcore.spi.exactly_once import Guarantee, QueryIdentity, guarantee_of
from streamcore.spi.interruption import Interruption
from streamcore.streaming.adoption import check_adopted
from streamcore.streaming.commit_loop import CommitLoop
from streamcore.streaming.definition import SHUFFLE_PARTITIONS, STATE_PARTITIONS
from streamcore.streaming.micro_batch import MicroBatch
from streamcore.streaming.patience import Patience
from streamcore.streaming.query_progress import RunIdentity
from streamcore.streaming.query_tasks import query_tasks
from streamcore.streaming.same_query import check_same_modes, check_same_query
from streamcore.streaming.source_names import named_sources
from streamcore.streaming.static_sides import StaticSides

if TYPE_CHECKING:
    from streamcore.execution.execute import Execution
    from streamcore.execution.tasks import Executor
    from streamcore.plan.logical import LogicalPlan
    from streamcore.spi.clock import Clock
    from streamcore.storage.contract import LargeFileStorage
    from streamcore.streaming.definition import QueryDefinition
    from streamcore.streaming.stream_sink import StreamSink
    from streamcore.streaming.stream_source import SourceReader

_log = logging.getLogger("streamcore.streaming")


@dataclass(frozen=True)
class RunSettings:
    """What a run takes from its surroundings.

    `asked` is the guarantee that the user demanded, or None for what the pair of source and sink gives.
    """

    storage: LargeFileStorage
    execution: Execution
    executor: Executor
    clock: Clock = field(default_factory=SystemClock)
    asked: Guarantee | None = None
    polling_delay_ms: int = 10
    stop_timeout_seconds: float | None = None


class QueryRun:
    """The open parts of a running query; `close` frees them all, the newest first."""

    def __init__(self, definition: QueryDefinition, sink: StreamSink, settings: RunSettings) -> None:
        self.settings = settings
        self.sink = sink
        self.clock = settings.clock
        self.polling_delay_ms = settings.polling_delay_ms
        self.stopping = threading.Event()
        self.interruption = Interruption()
        self._open_parts = ExitStack()
        with ExitStack() as opening:
            opening.callback(self._open_parts.close)
            self._open(definition)
            opening.pop_all()

    def _open(self, asked: QueryDefinition) -> None:
        run_id = str(uuid.uuid4())
        checkpoint = Checkpoint.open(self.settings.storage, self.clock, run_id)
        self._open_parts.callback(checkpoint.close)
        description = check_same_query(checkpoint, asked.description)
        self.definition = with_logged_settings(replace(asked, description=description), checkpoint)
        self.identity = RunIdentity(checkpoint.query_id, run_id, asked.name)
        self.readers = self._open_readers(checkpoint)
        check_adopted(checkpoint.adopted, self.readers, self.definition.description)
        check_guarantees(self.readers, self.sink, self.settings.asked)
        identity = QueryIdentity(checkpoint.query_id, run_id, asked.output_mode)
        patience = Patience(self.definition.commit_attempts, self.clock, self.stopping)
        patience.tried("opening the sink", lambda: self.sink.open(identity), (CommitFailed,))
        self._open_parts.callback(self.sink.close)
        contexts = self.definition.contexts(checkpoint.query_id)
        executor = self.settings.executor
        sharing = Sharing(executor)
        self._open_parts.callback(sharing.close)
        plan = self.definition.plan
        statics, initial = (
            StaticSides(plans, self.settings.execution, contexts, sharing)
            for plans in told_apart(plan.statics, plan.initial_keys)
        )
        statics.read_ahead()
        tasks = query_tasks(self.definition, self.readers, statics, initial, contexts, self.sink, sharing)
        batch = MicroBatch(self.definition, tasks, executor, checkpoint.query_id)
        self.loop = CommitLoop(
            self.definition, checkpoint, self.readers, self.sink, batch, self.clock, self.stopping
        )
        self._open_parts.callback(self.loop.close)
        self.loop.recover()

    def _open_readers(self, checkpoint: Checkpoint) -> list[SourceReader]:
        readers: list[SourceReader] = []
        sources = [leaf.origin.source for leaf in self.definition.plan.leaves]
        for name, source in named_sources(sources).items():
            reader = source.open(name, checkpoint.source_storage(name))
            self._open_parts.callback(reader.stop)
            readers.append(reader)
        return readers

    # ---- for the query's thread ------------------------------------------------------------------

    @property
    def guarantee(self) -> Guarantee:
        """What the pair of sources and sink gives, if the user has not asked for less."""
        parts = [guarantee_of(self.sink.writer), *(reader.guarantee for reader in self.readers)]
        is_exact = all(part is Guarantee.EXACTLY_ONCE for part in parts)
        asked_less = self.settings.asked is Guarantee.AT_LEAST_ONCE
        return Guarantee.EXACTLY_ONCE if is_exact and not asked_less else Guarantee.AT_LEAST_ONCE

    def interrupt(self) -> None:
        """Ends the work under way; called from another thread than the query's."""
        self.settings.executor.interrupt(self.interruption)

    def explain(self, extended: bool) -> str:
        """The fragments as text; with `extended` also the plans that they come from."""
        from streamcore.plan.explain import extended_text, stages_text
        from streamcore.plan.rules import optimize
        from streamcore.plan.watermark_filters import settle_filters

        physical, logical = stages_text(self.definition.plan), self.definition.logical
        if not extended:
            return f"== Physical Plan ==\n{physical}"
        return extended_text(logical, optimize(settle_filters(logical)), physical)

    def close(self) -> None:
        """Stops the readers, closes the sink, lets the checkpoint go."""
        self._open_parts.close()


def told_apart(
    statics: Mapping[str, LogicalPlan], initial: frozenset[str]
) -> tuple[dict[str, LogicalPlan], dict[str, LogicalPlan]]:
    """The static parts that every batch reads, and those that the first one reads alone."""
    always = {key: plan for key, plan in statics.items() if key not in initial}
    return always, {key: plan for key, plan in statics.items() if key in initial}


def with_logged_settings(definition: QueryDefinition, checkpoint: Checkpoint) -> QueryDefinition:
    """The definition under the settings that the checkpoint's batches were computed with."""
    last = checkpoint.last_offsets
    if last is None:
        return definition
    logged = [last.operators[id_].partitions for id_ in definition.operators if id_ in last.operators]
    partitions = logged[0] if logged else definition.state_partitions
    if definition.wanted_partitions is None and partitions != definition.state_partitions:
        _log.warning(
            "%s=%d is ignored: the state has %d partitions; %s changes their number",
            SHUFFLE_PARTITIONS,
            definition.state_partitions,
            partitions,
            STATE_PARTITIONS,
        )
    check_same_modes(checkpoint, definition.pinned, last.pinned)
    pinned = {**definition.pinned, **last.pinned}
    changed = {k: v for k, v in definition.pinned.items() if last.pinned.get(k, v) != v}
    for key, value in changed.items():
        _log.warning("%s=%s is ignored: the checkpoint was begun with %s", key, value, last.pinned[key])
    return replace(definition, pinned=pinned, state_partitions=partitions)


def check_guarantees(readers: Sequence[SourceReader], sink: StreamSink, asked: Guarantee | None) -> None:
    """Raises GuaranteeRefused when the pair cannot give what was asked, or would weaken it unasked.

    A reader that declares nothing makes the query at-least-once, and a warning says so.
    """
    if asked is Guarantee.AT_LEAST_ONCE:
        return
    weak = [reader for reader in readers if reader.guarantee is not Guarantee.EXACTLY_ONCE]
    silent = [reader for reader in weak if not reader.declines_replay]
    exact_sink = guarantee_of(sink.writer) is Guarantee.EXACTLY_ONCE
    if weak and asked is Guarantee.EXACTLY_ONCE:
        raise _not_replayable(weak, silent)
    if exact_sink and len(weak) > len(silent):
        raise _not_replayable([reader for reader in weak if reader.declines_replay], [])
    if exact_sink and silent:
        _log.warning("the query is at-least-once: the source %s %s", _listed(silent), _HOW_TO_DECLARE)
    if asked is Guarantee.EXACTLY_ONCE and not exact_sink:
        raise GuaranteeRefused(
            f"exactly-once is not possible: the sink {sink.description} keeps no commit record. Use a sink "
            "that does (files, database, kafka, delta, iceberg, memory), or leave out "
            '.option("deliveryGuarantee", "exactly-once")'
        )


_HOW_TO_DECLARE = (
    "does not declare that it gives the same rows for the same offsets; if it does, let its reader inherit "
    "streamcore.spi.exactly_once.Replayable"
)


def _listed(readers: Sequence[SourceReader]) -> str:
    return ", ".join(f"{reader.name} ({reader.source.format})" for reader in readers)


def _not_replayable(weak: Sequence[SourceReader], silent: Sequence[SourceReader]) -> GuaranteeRefused:
    if silent:
        reason = f"the source {_listed(silent)} {_HOW_TO_DECLARE}"
    else:
        reason = (
            f"the source {_listed(weak)} cannot be read a second time after a failure. Use a replayable "
            "source (Kafka, files, rate)"
        )
    return GuaranteeRefused(
        f"exactly-once is not possible: {reason}, or accept lost and repeated rows with "
        '.option("deliveryGuarantee", "at-least-once")'
    )
