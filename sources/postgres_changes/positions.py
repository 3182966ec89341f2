"""Where the query stands in a server's log, and whether the slot still has what follows; no I/O.

A position is a place in the write-ahead log.  A transaction belongs to the range [start, end) in which the
record of its COMMIT begins: the same rule by which PostgreSQL decides what lies behind a slot.  Ends are
places that the server has flushed: what is there survives a crash of the server, and no other
transaction can come to stand before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from streamcore.errors import CheckpointMismatch, OffsetsLost

if TYPE_CHECKING:
    from streamcore.spi.datasource import Offset

IDLE_LOG_BYTES = 16 << 20
"""So much log of other tables, and an empty batch moves the slot on: else the server would keep it all."""

_NO_WAY_BACK = (
    "The changes in between are gone. Start anew with an empty checkpoint and an empty target "
    "(startingPosition=initial reads the rows that are there)"
)


@dataclass(frozen=True)
class Position:
    """Everything that was committed before `lsn`; None before the rows of the start were read.

    After a read of the rows of the start (`of_rows`) the slot may begin later than `lsn` says: a read that
    was broken off before anybody saw it is done again, of the rows as they are then, with a new slot.
    """

    system: str
    lsn: int | None
    of_rows: bool = False

    def to_offset(self) -> Offset:
        """The position as it is logged."""
        if self.lsn is None:
            return {"system": self.system, "rows": "pending"}
        return {"system": self.system, "lsn": lsn_text(self.lsn)} | ({"rows": "read"} if self.of_rows else {})


@dataclass(frozen=True)
class SlotStatus:
    """A server and the slot in it; `confirmed` is None when there is no slot."""

    system: str
    flushed: int
    confirmed: int | None
    wal_status: str | None
    version: int


@dataclass(frozen=True)
class Transaction:
    """One that the slot offers: where its commit begins, how many changes and messages it has."""

    lsn: int
    changes: int
    messages: int


def position_of(offset: Offset) -> Position:
    """The position that was logged; CheckpointMismatch when it is not one of this source."""
    try:
        lsn = lsn_of(offset["lsn"]) if "lsn" in offset else None
        return Position(str(offset["system"]), lsn, of_rows=offset.get("rows") == "read")
    except (KeyError, ValueError, AttributeError):
        raise CheckpointMismatch(
            f"the checkpoint holds the offset {offset!r}, which is not one of postgres-changes: the query "
            "was made for another source; start with an empty checkpoint"
        ) from None


def lsn_of(text: str) -> int:
    """The number of a place in the log.

    >>> lsn_of("1/2A")
    4294967338
    """
    high, low = text.split("/")
    return (int(high, 16) << 32) | int(low, 16)


def lsn_text(lsn: int) -> str:
    """A place in the log as PostgreSQL writes it.

    >>> lsn_text(4294967338)
    '1/2A'
    """
    return f"{lsn >> 32:X}/{lsn & 0xFFFFFFFF:X}"


def require_kept(start: Position, status: SlotStatus, slot: str) -> None:
    """Raises OffsetsLost, with the way out, when the slot no longer offers everything from `start` on."""
    if start.system != status.system:
        raise OffsetsLost(
            f"the checkpoint belongs to the PostgreSQL cluster {start.system}, and this one is "
            f"{status.system} "
            "(a restored dump, or another server): places in its log mean other changes. "
            f"{_NO_WAY_BACK}, or point the option url to the server that was read"
        )
    if status.confirmed is None:
        raise OffsetsLost(
            f"the replication slot {slot!r} is not there any more: it was dropped, or the server was "
            f"replaced by one that does not have it. {_NO_WAY_BACK}"
        )
    if status.wal_status == "lost":
        raise OffsetsLost(
            f"the replication slot {slot!r} has lost log that it needs (wal_status=lost): the query was "
            f"behind by more than max_slot_wal_keep_size. {_NO_WAY_BACK}, after SELECT "
            f"pg_drop_replication_slot('{slot}'); raise max_slot_wal_keep_size"
        )
    if start.lsn is None:
        return
    if start.lsn > status.flushed:
        raise OffsetsLost(
            f"the query has read up to {lsn_text(start.lsn)}, and the log of the server ends at "
            f"{lsn_text(status.flushed)}: it was set back (a restored backup, or a standby that was behind "
            f"took over). {_NO_WAY_BACK}"
        )
    if status.confirmed > start.lsn and not start.of_rows:
        raise OffsetsLost(
            f"the replication slot {slot!r} stands at {lsn_text(status.confirmed)}, and the query needs the "
            f"changes from {lsn_text(start.lsn)} on: somebody else reads through the slot or has made it "
            f"anew, or the query was rewound. {_NO_WAY_BACK}, with a slotName that is the query's own"
        )


def end_within(
    offered: Sequence[Transaction], start: int, newest: int, looked: int | None, most: int | None
) -> int:
    """The end of the next batch: whole transactions, `most` changes at most (but at least one of them).

    `offered` is what the slot gave before it had given `looked` messages; None is everything up to `newest`.
    """
    there = [one for one in offered if start <= one.lsn < newest and one.changes]
    if not there:
        return newest if newest - start > IDLE_LOG_BYTES else start
    if most is None:
        return newest
    total = there[0].changes
    for one in there[1:]:
        total += one.changes
        if total > most:
            return one.lsn
    cut_off = looked is not None and sum(one.messages for one in offered) >= looked
    return there[-1].lsn + 1 if cut_off else newest
