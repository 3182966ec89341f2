"""An open checkpoint: the one place where a driver's progress is written down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from streamcore.checkpoint import rewinding
from streamcore.checkpoint.adopting.adopted import Adopted, read_adopted
from streamcore.checkpoint.batches import BatchLogs, parse_commit
from streamcore.checkpoint.decisions import StartFacts
from streamcore.checkpoint.fenced import FencedStorage
from streamcore.checkpoint.garbage import Garbage
from streamcore.checkpoint.lease import Lease
from streamcore.checkpoint.metadata import Metadata, create_metadata, new_query_id, read_metadata
from streamcore.checkpoint.names import ADOPTED, REWOUND, SOURCES, named
from streamcore.checkpoint.plans import Plans
from streamcore.checkpoint.records import CommitBody, OffsetRecord, Writer
from streamcore.checkpoint.sealed import SealedStorage
from streamcore.checkpoint.state_access import StateAccess
from streamcore.checkpoint.state_files import DEFAULT_STORE, state_folder
from streamcore.errors import CheckpointFenced, CheckpointMismatch
from streamcore.storage import SubStorage

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from types import TracebackType

    from streamcore.spi.clock import Clock
    from streamcore.spi.exactly_once import CommitRecord, Guarantee
    from streamcore.storage import LargeFileStorage, Storage
    from streamcore.storage.canonical import Json


class Checkpoint:
    """The checkpoint of one query, held by this driver until it is closed.

    Writing methods belong to the driver's loop (one thread); `state` may be used from any thread.

    >>> from streamcore.spi.clock import SystemClock
    >>> from streamcore.storage.memory import MemoryStorage
    >>> with Checkpoint.open(MemoryStorage(), SystemClock(), run_id="first run") as checkpoint:
    ...     checkpoint.write_offsets(OffsetRecord(0, sources={}, batch_time_ms=0))
    ...     body = checkpoint.write_commit(CommitBody(checkpoint.query_id, 0).record())
    ...     checkpoint.last_commit.batch_id
    0
    """

    def __init__(self, storage: LargeFileStorage, metadata: Metadata, lease: Lease) -> None:
        self._storage = storage
        self._lease = lease
        self.state_hash = metadata.state_hash
        holder = lease.holder
        self._writer = Writer(metadata.query_id, holder.run_id, holder.epoch)
        self._logs = BatchLogs(storage, metadata.query_id)
        self._plans = Plans(storage)
        self._garbage = Garbage(storage, self._logs, self._plans, holder.epoch)
        self.state = StateAccess(storage, holder.epoch)
        self._rewound_to: int | None = None
        self._planned: list[int] = []
        self._committed: list[int] = []
        self._read_logs()
        self._look_for_rewind()

    @classmethod
    def open(
        cls, storage: LargeFileStorage, clock: Clock, run_id: str, new_id: Callable[[], str] = new_query_id
    ) -> Checkpoint:
        """Takes the checkpoint for this driver, and makes it when it is new.

        Batches that a rewind has left behind are not seen; `finish_rewind` forgets them.  Raises
        CheckpointFenced while another driver lives, CheckpointCorrupted when its identity is missing or
        damaged, and CheckpointError when Spark or another version of streamcore wrote it; then nothing has
        been changed but the lease.
        """
        metadata = read_metadata(storage)
        lease = Lease.take(storage, run_id, clock.now_ms())
        try:
            metadata = metadata or create_metadata(storage, clock.now_ms(), new_id)
            return cls(storage, metadata, lease)
        except BaseException:
            lease.release()
            raise

    def _look_for_rewind(self) -> None:
        marker = rewinding.read_marker(self._storage)
        if marker is None:
            return
        if rewinding.is_stale(marker, self._logs):
            self._storage.delete(REWOUND)
        else:
            self._look_back_to(marker)

    def _look_back_to(self, marker: rewinding.Marker) -> None:
        self._read_logs()
        self._rewound_to = marker.to
        self._planned = [batch for batch in self._planned if batch <= rewinding.last_kept(marker.to)]
        self._committed = [batch for batch in self._committed if batch <= marker.to]

    def _read_logs(self) -> None:
        self._planned = self._logs.planned()
        self._committed = self._logs.committed()
        self._last_offsets: OffsetRecord | None = None
        self._last_commit: CommitRecord | None = None

    # ---- what it is ------------------------------------------------------------------------------

    @property
    def query_id(self) -> str:
        """The identity of the query; it lives as long as the checkpoint."""
        return self._writer.query_id

    @property
    def epoch(self) -> int:
        """How many drivers have opened this checkpoint, this one included."""
        return self._writer.epoch

    @property
    def storage(self) -> LargeFileStorage:
        """Where everything is."""
        return self._storage

    def check_lease(self) -> None:
        """Raises CheckpointFenced when another driver has taken over."""
        self._lease.check()

    def source_storage(self, name: str) -> Storage:
        """The folder that belongs to the source `name`; a driver that was replaced changes nothing in it."""
        fenced = FencedStorage(SubStorage(self._storage, f"{SOURCES}/{name}"), self._lease)
        return SealedStorage(fenced, self.query_id, name)

    # ---- what the query was ----------------------------------------------------------------------

    @property
    def plan(self) -> Json:
        """The description of the query under which the newest batch was planned; None before the first.

        Raises CheckpointCorrupted when it is missing or damaged.
        """
        last = self.last_offsets
        return self._plans.get(last.plan) if last is not None and last.plan else None

    def write_plan(self, description: Json) -> str:
        """Keeps a description of the query durably; returns the digest by which offsets name it."""
        self._lease.check()
        return self._plans.put(description)

    @property
    def adopted(self) -> Adopted | None:
        """From where a query that has not begun here goes on; None when it begins anew, or has begun.

        Raises CheckpointCorrupted when that is damaged, CheckpointMismatch when it is of another query.
        """
        if self._planned or self._committed:
            return None
        found = read_adopted(self._storage)
        if found is not None and found.query_id != self.query_id:
            raise CheckpointMismatch(
                f"{named(self._storage, ADOPTED)} belongs to the query {found.query_id}, and the checkpoint "
                f"to {self.query_id}: files of two checkpoints were mixed. Adopt again into a new folder"
            )
        return found

    # ---- the two logs ----------------------------------------------------------------------------

    def batches(self) -> list[int]:
        """The retained batches with an outcome, in order."""
        return list(self._committed)

    @property
    def last_offsets(self) -> OffsetRecord | None:
        """The newest intent; None before the first.  Raises as `offsets` does."""
        if self._last_offsets is None and self._planned:
            self._last_offsets = self.offsets(self._planned[-1])
        return self._last_offsets

    @property
    def last_commit(self) -> CommitRecord | None:
        """The newest outcome; None before the first.  Raises as `commit` does."""
        if self._last_commit is None and self._committed:
            self._last_commit = self._logs.commit(self._committed[-1])
        return self._last_commit

    def offsets(self, batch_id: int) -> OffsetRecord:
        """The intent of a batch; CheckpointCorrupted when it is missing or damaged."""
        return self._logs.offsets(batch_id)[0]

    def commit(self, batch_id: int) -> CommitBody:
        """The outcome of a batch; CheckpointCorrupted when it is missing or damaged."""
        return self.body_of(self._logs.commit(batch_id))

    def body_of(self, record: CommitRecord) -> CommitBody:
        """What a commit record says; raises as `commit` does."""
        return parse_commit(record.body, named(self._storage, f"commits/{record.batch_id}"))

    def write_offsets(self, record: OffsetRecord) -> None:
        """Writes the intent of the next batch, durably, and only as the rightful driver.

        Raises CheckpointFenced when another driver has taken over.  After StorageError the same record
        may be written again.
        """
        self._lease.check()
        expected = self._committed[-1] + 1 if self._committed else 0
        if record.batch_id != expected:
            raise ValueError(f"the next batch to plan is {expected}, not {record.batch_id}")
        if not self._logs.put_offsets(record, self._writer):
            _, other = self._logs.offsets(record.batch_id)
            raise CheckpointFenced(
                f"batch {record.batch_id} of the checkpoint {self._storage.location} was already planned by "
                f"another driver (run {other.run_id}); this one has stopped"
            )
        if record.batch_id not in self._planned[-1:]:
            self._planned.append(record.batch_id)
        self._last_offsets = record

    def write_commit(self, record: CommitRecord) -> CommitBody:
        """Writes the outcome of the batch that was planned last: the record that the sink holds, verbatim.

        Raises CheckpointMismatch for the record of another query or batch, and CheckpointFenced when
        another driver has written another outcome.  After StorageError it may be written again.
        """
        self._lease.check()
        body = self.body_of(record)
        planned = self._planned[-1] if self._planned else None
        if (body.query_id, body.batch_id, record.batch_id) != (self.query_id, planned, planned):
            raise CheckpointMismatch(
                f"the record of batch {body.batch_id} of query {body.query_id} does not fit the checkpoint "
                f"{self._storage.location}, where batch {planned} of query {self.query_id} is under way"
            )
        if not self._logs.put_commit(record):
            raise CheckpointFenced(
                f"batch {record.batch_id} of the checkpoint {self._storage.location} was already committed "
                "by another driver; this one has stopped"
            )
        if record.batch_id not in self._committed[-1:]:
            self._committed.append(record.batch_id)
        self._last_commit = record
        return body

    # ---- start, rewind, end ----------------------------------------------------------------------

    def start_facts(self, guarantee: Guarantee, sink_record: CommitRecord | None) -> StartFacts:
        """What `decide_start` wants to know, given what the sink says."""
        return StartFacts(
            query_id=self.query_id,
            last_offsets=self._planned[-1] if self._planned else None,
            last_commit=self.last_commit,
            first_retained=rewinding.first_retained(self._planned, self._committed),
            guarantee=guarantee,
            sink_record=sink_record,
            rewound_to=self._rewound_to,
        )

    def rewind_to(self, batch_id: int) -> None:
        """Goes back to just after `batch_id` (-1: before all); nothing is forgotten before the sink agrees.

        From here on no later batch is seen; `finish_rewind`, called when the sink has followed, removes
        them, and `undo_rewind` brings them back; until then one can only go back further.  Raises
        AnalysisException when the batch is not retained.
        """
        self._lease.check()
        retained = rewinding.first_retained(self._planned, self._committed)
        newest = max(self._committed, default=-1)
        rewinding.check_target(batch_id, retained, newest, self._logs, self._storage.location)
        marker = rewinding.Marker(batch_id, self.epoch)
        rewinding.write_marker(self._storage, marker)
        self._look_back_to(marker)

    @property
    def rewound_to(self) -> int | None:
        """The batch of a rewind that is not finished; None when there is none."""
        return self._rewound_to

    def finish_rewind(self) -> None:
        """The sink has followed the last rewind (or keeps no record): the later batches are forgotten.

        Nothing happens when there was none.
        """
        if self._rewound_to is None:
            return
        self._lease.check()
        rewinding.remove_later(self._rewound_to, self._logs)
        self._storage.delete(REWOUND)
        self._rewound_to = None

    def undo_rewind(self) -> None:
        """Takes back a rewind that is not finished: its later batches are there as before."""
        self._lease.check()
        self._storage.delete(REWOUND)
        self._rewound_to = None
        self._read_logs()

    def collect_garbage(self, keep: int, stores: Mapping[str, Collection[str]] | None = None) -> None:
        """Forgets the oldest batches but for `keep` (at least 1), and state files that no batch names.

        `stores` are the names of each operator's stores, where it has others than the default one.
        Cheap to call after every batch, and safe to interrupt.  Raises CheckpointFenced when another driver
        has taken over.
        """
        self._lease.check()
        operators = self.last_offsets.operators if self.last_offsets else {}
        named = stores or {}
        folders = {
            state_folder(id_, partition, store)
            for id_, told in operators.items()
            for store in named.get(id_, (DEFAULT_STORE,))
            for partition in range(told.partitions)
        }
        self._committed = self._garbage.collect(self._committed, max(keep, 1), folders)
        oldest = self._committed[0] if self._committed else 0
        self._planned = [batch_id for batch_id in self._planned if batch_id >= oldest]

    def close(self) -> None:
        """Lets the next driver in; nothing happens the second time."""
        self._lease.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
