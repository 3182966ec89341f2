"""The shards that a query reads, fetched ahead: where a batch ends is what has been fetched."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from streamcore.sources.kinesis.fetching import ShardFetcher
from streamcore.sources.kinesis.offsets import Position, Positions
from streamcore.sources.kinesis.settings import KinesisSettings
from streamcore.sources.kinesis.stream import Record, Stream


class Prefetch:
    """A fetcher for each shard that may be read now."""

    def __init__(self, stream: Stream, settings: KinesisSettings) -> None:
        self._stream = stream
        self._settings = settings
        self._changed = threading.Condition()
        self._fetchers: dict[str, ShardFetcher] = {}

    def follow(self, positions: Mapping[str, Position], wanted: Sequence[str]) -> None:
        """Fetches the shards `wanted` from their positions on, and no others."""
        with self._changed:
            left = [
                shard
                for shard, fetcher in self._fetchers.items()
                if shard not in wanted or fetcher.failure is not None or not fetcher.holds(positions[shard])
            ]
        for shard in left:
            self._fetchers.pop(shard).stop()
        for shard in wanted:
            if shard not in self._fetchers:
                self._fetchers[shard] = self._fetcher(shard, positions[shard])

    def _fetcher(self, shard: str, start: Position) -> ShardFetcher:
        return ShardFetcher(self._stream, shard, start, self._settings.fetch, self._changed)

    def await_ends(
        self, positions: Mapping[str, Position], most: int | None, until_ms: int | None
    ) -> Positions:
        """The shards that have come further than `positions`, with where a batch ends; {} when none has.

        Waits until every shard has enough, or was seen empty by a request made from now on, but no longer
        than `maxFetchTimePerShardSec`; a read with a fixed end (`until_ms`) goes on waiting as long as
        nothing has come.  With them come the shards that are known to be empty, with when that was seen.
        Raises what a fetcher has met.
        """
        asked_at = time.monotonic()
        deadline = asked_at + self._settings.most_ms / 1000
        with self._changed:
            for shard, fetcher in self._fetchers.items():
                fetcher.want(positions[shard], most)
            while not self._are_settled(positions, asked_at, until_ms):
                self._raise_failure()
                left = deadline - time.monotonic()
                if left <= 0 and (until_ms is None or self._ends(positions, most, until_ms)):
                    break
                self._changed.wait(max(0.1, left))
            self._raise_failure()
            found = self._ends(positions, most, until_ms)
            return {**self._seen(positions), **found} if found else {}

    def _are_settled(self, positions: Mapping[str, Position], asked_at: float, until_ms: int | None) -> bool:
        return all(
            fetcher.is_settled(positions[shard], asked_at, until_ms)
            for shard, fetcher in self._fetchers.items()
        )

    def _raise_failure(self) -> None:
        for fetcher in self._fetchers.values():
            if fetcher.failure is not None:
                raise fetcher.failure

    def _ends(self, positions: Mapping[str, Position], most: int | None, until_ms: int | None) -> Positions:
        ends = {
            shard: fetcher.end(positions[shard], most, until_ms) for shard, fetcher in self._fetchers.items()
        }
        return {shard: end for shard, end in ends.items() if end != positions[shard]}

    def _seen(self, positions: Mapping[str, Position]) -> Positions:
        return {
            shard: replace(positions[shard], seen_ms=fetcher.seen_ms(positions[shard]))
            for shard, fetcher in self._fetchers.items()
            if positions[shard].after
        }

    def between(self, shard: str, start: Position, end: Position) -> Sequence[Record] | None:
        """The records of a range, when they are here."""
        with self._changed:
            fetcher = self._fetchers.get(shard)
            if fetcher is None or not (fetcher.holds(start) and fetcher.holds(end)):
                return None
            return fetcher.between(start, end)

    def behind_ms(self) -> int:
        """How far the shard that is furthest behind is behind its end."""
        return max((fetcher.behind_ms for fetcher in self._fetchers.values()), default=0)

    def forget(self, positions: Mapping[str, Position]) -> None:
        """Everything up to these positions is committed."""
        with self._changed:
            for shard, fetcher in self._fetchers.items():
                if shard in positions:
                    fetcher.forget(positions[shard])

    def stop(self) -> None:
        """Ends all threads."""
        for fetcher in self._fetchers.values():
            fetcher.stop()
        self._fetchers.clear()
