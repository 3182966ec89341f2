"""The committed batches of a checkpoint, for whoever looks at it while a query may be at work.

Nothing is written and no lease is taken: what a commit names never changes, it can only be collected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from streamcore.checkpoint import rewinding
from streamcore.checkpoint.batches import BatchLogs, parse_commit
from streamcore.checkpoint.metadata import read_metadata
from streamcore.checkpoint.names import named
from streamcore.checkpoint.plans import Plans
from streamcore.checkpoint.state_access import mapped
from streamcore.errors import CheckpointCorrupted, CheckpointError
from streamcore.storage import existing_storage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from streamcore.checkpoint.records import CommitBody, OffsetRecord
    from streamcore.checkpoint.state_files import StateFile
    from streamcore.storage.canonical import Json

_T = TypeVar("_T")


class CommittedBatches:
    """What the retained batches of a checkpoint say.

    Every method raises CheckpointError for a batch that is collected while it is read, and
    CheckpointCorrupted for damaged files.
    """

    def __init__(self, location: str | Path) -> None:
        """Raises CheckpointError where there is no checkpoint of ours."""
        self._storage = existing_storage(location)
        metadata = read_metadata(self._storage)
        if metadata is None:
            raise CheckpointError(f"there is no checkpoint at {self._storage.location}")
        self._logs = BatchLogs(self._storage, metadata.query_id)
        self._plans = Plans(self._storage)

    @property
    def location(self) -> str:
        """Where the checkpoint is."""
        return self._storage.location

    def batches(self) -> list[int]:
        """The retained batches, in order; those that a rewind has left behind are none."""
        committed = sorted({*self._logs.committed()} & {*self._logs.planned()})
        marker = rewinding.read_marker(self._storage)
        if marker is None or rewinding.is_stale(marker, self._logs):
            return committed
        return [batch_id for batch_id in committed if batch_id <= marker.to]

    def offsets(self, batch_id: int) -> OffsetRecord:
        """The intent of a retained batch."""
        return self._retained(batch_id, lambda: self._logs.offsets(batch_id)[0])

    def commit(self, batch_id: int) -> CommitBody:
        """The outcome of a retained batch."""
        file = named(self._storage, f"commits/{batch_id}")
        return self._retained(batch_id, lambda: parse_commit(self._logs.commit(batch_id).body, file))

    def plan(self, batch_id: int) -> Json:
        """The description of the query under which a retained batch was planned; None when it has none."""
        digest = self.offsets(batch_id).plan
        return self._retained(batch_id, lambda: self._plans.get(digest)) if digest else None

    def map(self, batch_id: int, file: StateFile) -> memoryview:
        """The bytes of a file that the commit of a retained batch names."""
        return self._retained(batch_id, lambda: mapped(self._storage, file))

    def _retained(self, batch_id: int, read: Callable[[], _T]) -> _T:
        try:
            return read()
        except CheckpointCorrupted as error:
            if batch_id in self._logs.committed():
                raise
            raise CheckpointError(
                f"batch {batch_id} of {self.location} was removed while it was read: the query keeps "
                "spark.sql.streaming.minBatchesToRetain batches. Read a newer one, or let it keep more"
            ) from error
