"""A table's snapshots as a query wrote them: how far back a rewind goes, and which ones may expire."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from streamcore.errors import AnalysisException

if TYPE_CHECKING:
    from pyiceberg.table import Table
    from pyiceberg.table.snapshots import Snapshot

QUERY: Final = "streamcore.query-id"
BATCH: Final = "streamcore.batch-id"
RUN: Final = "streamcore.run-id"


@dataclass(frozen=True)
class Written:
    """A snapshot; `batch_id` is the newest batch of our query in it, None for a snapshot of others."""

    snapshot_id: int
    parent_id: int | None
    operation: str
    batch_id: int | None


def snapshots_of(table: Table, query_id: str) -> dict[int, Written]:
    """Every snapshot that the table keeps, by its id."""
    return {s.snapshot_id: _written(s, query_id) for s in table.metadata.snapshots}


def _written(snapshot: Snapshot, query_id: str) -> Written:
    summary = snapshot.summary
    facts: Mapping[str, str] = {} if summary is None else summary.additional_properties
    operation = "unknown" if summary is None else summary.operation.value
    batch = int(facts[BATCH]) if facts.get(QUERY) == query_id and BATCH in facts else None
    return Written(snapshot.snapshot_id, snapshot.parent_snapshot_id, operation, batch)


def lineage(snapshots: Mapping[int, Written], head: int | None) -> Iterable[Written]:
    """The snapshots from the newest back to the oldest that is kept."""
    while head is not None and head in snapshots:
        yield snapshots[head]
        head = snapshots[head].parent_id


def rewind_target(line: Iterable[Written], batch_id: int, place: str) -> int:
    """The snapshot in which `batch_id` is the newest of ours, with nothing of others after it.

    Raises AnalysisException with the way out where there is none.
    """
    for written in line:
        if written.batch_id is None:
            raise AnalysisException(
                f"{place} has been written by others since the batch to rewind to (snapshot "
                f"{written.snapshot_id}, {written.operation}), and their rows must not be lost: take the "
                "rewind back (streamcore rewind CHECKPOINT --undo), or roll the table back yourself to the "
                f"snapshot whose summary has {BATCH}={batch_id} and start again"
            )
        if written.batch_id <= batch_id:
            return written.snapshot_id
    raise AnalysisException(
        f"{place} no longer has the snapshot of the batch to rewind to: it has expired. Take the rewind back "
        "(streamcore rewind CHECKPOINT --undo), or write to a new table"
    )


def expired(snapshots: Sequence[Written], kept: int, held: set[int]) -> list[int]:
    """Which of our snapshots may go: all but the newest `kept`, and never one that a branch or tag holds.

    Nothing goes before twice as many are there, so that it costs a batch little.
    """
    own = [s for s in snapshots if s.batch_id is not None]
    if len(own) < 2 * kept:
        return []
    return [s.snapshot_id for s in own[:-kept] if s.snapshot_id not in held]
