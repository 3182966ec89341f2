"""Where a stream stands in a table's history, as Delta's own offsets say it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from streamcore.errors import CheckpointMismatch

if TYPE_CHECKING:
    from streamcore.spi.datasource import Offset

BASE: Final = -1
"""The index before a version's first file."""


@dataclass(frozen=True, order=True)
class Position:
    """Everything before `version` has been read, and of that version the files up to `index`.

    `is_start` says that the version is read as a snapshot, and not as what its commit changed.
    """

    version: int
    index: int = BASE
    is_start: bool = False

    def after(self) -> Position:
        """Where the next version begins."""
        return Position(self.version + 1)


def to_offset(position: Position, table_id: str) -> Offset:
    """The position as JSON.

    >>> to_offset(Position(3), "t")["reservoirVersion"]
    3
    """
    return {
        "sourceVersion": 1,
        "reservoirId": table_id,
        "reservoirVersion": position.version,
        "index": position.index,
        "isStartingVersion": position.is_start,
    }


def to_position(offset: Offset, table_id: str) -> Position:
    """A position from JSON; raises CheckpointMismatch for one of another source or another table."""
    try:
        position = Position(
            int(offset["reservoirVersion"]), int(offset["index"]), bool(offset["isStartingVersion"])
        )
        found = str(offset["reservoirId"])
    except (KeyError, TypeError, ValueError):
        raise CheckpointMismatch(
            f"the checkpoint's offset {offset} is not one of a Delta table: the query read another kind of "
            "source. Start it with a new checkpoint, or restore the source as it was"
        ) from None
    if found != table_id:
        raise CheckpointMismatch(
            "[DIFFERENT_DELTA_TABLE_READ_BY_STREAMING_SOURCE] The streaming query was reading from an "
            f"unexpected Delta table (id = '{table_id}'). It used to read from another Delta table (id = "
            f"'{found}') according to checkpoint. This may happen when you changed the code to read from a "
            "new table or you deleted and re-created a table. Please revert your change or delete your "
            "streaming query checkpoint to restart from scratch. SQLSTATE: 55019"
        )
    return position
