"""What an operator does to a checkpoint while no query runs on it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from streamcore.checkpoint.checkpoint import Checkpoint
from streamcore.checkpoint.metadata import read_metadata
from streamcore.checkpoint.recovery import recover
from streamcore.errors import AnalysisException, CheckpointError
from streamcore.spi.clock import SystemClock
from streamcore.storage import existing_storage

if TYPE_CHECKING:
    from pathlib import Path

    from streamcore.spi.exactly_once import ExactlyOnceStreamWriter


def rewind(location: str | Path, batch_id: int, sink: ExactlyOnceStreamWriter | None = None) -> None:
    """Takes a checkpoint back to just after batch `batch_id`; -1 is the very beginning.

    An exactly-once sink is taken back too: at once when `sink` (open, for this query) is given, else by
    the next start.  The later batches are forgotten when the sink has followed; when it cannot, that start
    is refused, and `undo_rewind` brings everything back.  Raises CheckpointFenced while a
    query runs on the checkpoint, and AnalysisException when the batch is not retained.
    """
    with _opened(location) as checkpoint:
        checkpoint.rewind_to(batch_id)
        if sink is not None:
            recover(checkpoint, sink)


def undo_rewind(location: str | Path) -> int:
    """Takes back a rewind that no start has carried out; returns the newest committed batch (-1: none).

    Raises AnalysisException when there is no such rewind, CheckpointFenced while a query runs.
    """
    with _opened(location) as checkpoint:
        if checkpoint.rewound_to is None:
            raise AnalysisException(
                f"no rewind of {checkpoint.storage.location} is waiting: there is nothing to undo"
            )
        checkpoint.undo_rewind()
        return max(checkpoint.batches(), default=-1)


def _opened(location: str | Path) -> Checkpoint:
    storage = existing_storage(location)
    if read_metadata(storage) is None:
        raise CheckpointError(f"there is no checkpoint at {storage.location}")
    return Checkpoint.open(storage, SystemClock(), run_id=str(uuid.uuid4()))
