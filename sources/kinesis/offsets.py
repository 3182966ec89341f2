"""Where a query stands in the shards of a stream, and its JSON form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from streamcore.errors import CheckpointMismatch

TRIM_HORIZON: Final = "TRIM_HORIZON"


@dataclass(frozen=True)
class Position:
    """A place in a shard.

    begin
        Where the shard is read from as long as nothing of it was: `TRIM_HORIZON`, its oldest record, or a
        time in milliseconds.
    after
        The sequence number of the last record that was read; "" before the first.
    records
        How many records were read.
    seen_ms
        When it was last known that no later record was there.
    closed
        The shard has ended, and everything of it was read.
    """

    begin: str | int = TRIM_HORIZON
    after: str = ""
    records: int = 0
    seen_ms: int = 0
    closed: bool = False

    def to_json(self) -> dict[str, Any]:
        """The form in offsets.

        >>> Position(after="495", records=3, seen_ms=17).to_json()
        {'after': '495', 'records': 3, 'seen_ms': 17}
        """
        read = {"after": self.after, "records": self.records, "seen_ms": self.seen_ms}
        found: dict[str, Any] = read if self.after else {"begin": self.begin}
        return {**found, "closed": True} if self.closed else found

    def read_up_to(self, after: str, records: int, seen_ms: int) -> Position:
        """This position `records` later."""
        return replace(self, after=after, records=self.records + records, seen_ms=seen_ms)


Positions = dict[str, Position]
"""Shard -> position."""


def to_offset(positions: Mapping[str, Position]) -> dict[str, Any]:
    """The offset of a query."""
    return {shard: positions[shard].to_json() for shard in sorted(positions)}


def from_offset(offset: Any) -> Positions:
    """The inverse of `to_offset`; CheckpointMismatch for an offset of another source.

    >>> from_offset({"shardId-0": {"begin": "TRIM_HORIZON"}})["shardId-0"].begin
    'TRIM_HORIZON'
    """
    try:
        return {str(shard): _position(found) for shard, found in offset.items()}
    except (AttributeError, TypeError, ValueError, KeyError):
        raise CheckpointMismatch(
            f"the checkpoint holds {offset!r} where a query over Kinesis keeps its shards: it is of a query "
            "over another source. Start with a new checkpoint"
        ) from None


def _position(found: Mapping[str, Any]) -> Position:
    closed = found.get("closed", False)
    if "begin" in found:
        begin = found["begin"]
        if begin != TRIM_HORIZON and not isinstance(begin, int):
            raise ValueError(begin)
        return Position(begin, closed=bool(closed))
    after, records, seen_ms = str(found["after"]), int(found["records"]), int(found["seen_ms"])
    return Position(after=after, records=records, seen_ms=seen_ms, closed=bool(closed))
