"""The shards of a stream: which of them a query reads, decided from what it has read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from streamcore.sources.kinesis.offsets import Position, Positions

_WHOLE_RANGE: Final = (0, (1 << 128) - 1)


@dataclass(frozen=True)
class Shard:
    """A shard as Kinesis lists it: its parents, when it was made by a split or a merge, and its hash keys.

    `is_open` says whether records are still added.
    """

    id: str
    parents: tuple[str, ...] = ()
    hash_keys: tuple[int, int] = _WHOLE_RANGE
    is_open: bool = True


def shard_of(listed: Mapping[str, Any]) -> Shard:
    """A shard of the answer to ListShards."""
    parents = (listed.get("ParentShardId"), listed.get("AdjacentParentShardId"))
    hash_keys = listed["HashKeyRange"]
    return Shard(
        listed["ShardId"],
        tuple(parent for parent in parents if parent),
        (int(hash_keys["StartingHashKey"]), int(hash_keys["EndingHashKey"])),
        "EndingSequenceNumber" not in listed["SequenceNumberRange"],
    )


def known(positions: Mapping[str, Position], shards: Iterable[Shard]) -> Positions:
    """The positions of all shards that count: those that were read, and new ones from their beginning.

    Shards that have ended and are no longer listed are forgotten.
    """
    listed = {shard.id for shard in shards}
    kept = {id_: at for id_, at in positions.items() if id_ in listed or not at.closed}
    return {**{id_: Position() for id_ in sorted(listed)}, **kept}


def readable(positions: Mapping[str, Position], shards: Iterable[Shard]) -> list[str]:
    """The shards that may be read now: those that have not ended, whose parents have been read to their end.

    >>> child, positions = Shard("b", ("a",)), {"a": Position(), "b": Position()}
    >>> readable(positions, [Shard("a"), child]), readable({"b": Position()}, [child])
    (['a'], ['b'])
    """
    parents = {shard.id: shard.parents for shard in shards}
    unread = {id_ for id_, at in positions.items() if not at.closed}
    return sorted(id_ for id_ in unread if not unread.intersection(parents.get(id_, ())))


def at_the_end_of_all(shards: Iterable[Shard], now_ms: int) -> Positions:
    """Where a query begins that reads what comes from now on: shards that have ended are behind it."""
    return {
        shard.id: Position(now_ms) if shard.is_open else Position(now_ms, closed=True) for shard in shards
    }


def gone(positions: Mapping[str, Position], shards: Iterable[Shard]) -> list[str]:
    """Shards of which something was still to be read, and that Kinesis no longer lists."""
    listed = {shard.id for shard in shards}
    return sorted(id_ for id_, at in positions.items() if id_ not in listed and not at.closed)
