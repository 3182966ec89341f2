"""The rows that one partition of a stateful operator keeps, by key.

Rows live in Arrow tables (segments) that are only appended to; an index says where the newest row of
each key stands.  A batch therefore costs what it touches, never what is kept; segments are rewritten
when most of their rows are dead.  Changes are staged by a batch and applied when the batch has
committed, so that a failed attempt leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from streamcore.streaming.state.arrays import at_most, flags, integers, no_rows
from streamcore.streaming.state.keys import hashable_keys

_COMPACT_ABOVE = 4096
"""Segments with fewer rows than this are not worth rewriting."""

_BUCKET_US = 1_000_000
"""Keys that expire within the same second share a list, so that finding what is due stays cheap."""


@dataclass(frozen=True)
class StateLayout:
    """How an operator's rows look.

    `schema` is the Arrow schema of a row; `key_columns` are the positions that form the key;
    `expiry_column` is the position of an int64 column with the time (microseconds) at which a row
    may be evicted, or None when rows stay for ever.
    """

    schema: pa.Schema
    key_columns: tuple[int, ...]
    expiry_column: int | None = None

    def keys_of(self, rows: pa.Table) -> list[Hashable]:
        """The key of every row; one shared key when the operator has no key columns."""
        if not self.key_columns:
            return [()] * rows.num_rows
        return hashable_keys([rows.column(i) for i in self.key_columns])


@dataclass
class StagedChange:
    """What one attempt of a batch wants to change: rows put (one per key) and keys removed."""

    upserts: pa.Table
    upsert_keys: list[Hashable]
    removed_keys: list[Hashable] = field(default_factory=list)
    removed_rows: pa.Table | None = None


class KeyedState:
    """One partition's rows, at one version."""

    def __init__(self, layout: StateLayout) -> None:
        self.layout = layout
        self._segments: list[pa.Table] = []
        self._joined: pa.Table | None = None
        self._row_count = 0
        self._index: dict[Hashable, int] = {}
        self._expiring: dict[int, list[Hashable]] = {}

    def __len__(self) -> int:
        return len(self._index)

    @property
    def memory_bytes(self) -> int:
        """Bytes of the Arrow rows, dead ones included, plus an estimate of the index."""
        rows = sum(int(segment.nbytes) for segment in self._segments)
        return rows + 100 * len(self._index)

    def lookup(self, keys: Iterable[Hashable]) -> pa.Table:
        """The rows of those keys that are kept; each key must be asked for once."""
        find = self._index.get
        return self._take([place for place in map(find, keys) if place is not None])

    def contains(self, keys: Iterable[Hashable]) -> list[bool]:
        """Whether each key is kept, in order."""
        index = self._index
        return [key in index for key in keys]

    def rows_without(self, keys: Collection[Hashable]) -> pa.Table:
        """All rows but those of `keys`, oldest change first."""
        return self._take(sorted(place for key, place in self._index.items() if key not in keys))

    def expired(self, watermark_us: int) -> tuple[list[Hashable], pa.Table]:
        """Keys and rows that may be evicted: expiry at or before the watermark."""
        due = sorted(bucket for bucket in self._expiring if bucket * _BUCKET_US <= watermark_us)
        keys = list(
            dict.fromkeys(key for bucket in due for key in self._expiring[bucket] if key in self._index)
        )
        rows = self._take([self._index[key] for key in keys])
        if self.layout.expiry_column is None or rows.num_rows == 0:
            return keys, rows
        return self._still_due(keys, rows, watermark_us)

    def _still_due(
        self, keys: list[Hashable], rows: pa.Table, watermark_us: int
    ) -> tuple[list[Hashable], pa.Table]:
        """Leaves out keys of the last bucket that expire later, and keys whose newest row does."""
        due = at_most(rows.column(self.layout.expiry_column), watermark_us, null_is=False)
        if due.all():
            return keys, rows
        kept = [key for key, is_due in zip(keys, due.tolist(), strict=True) if is_due]
        return kept, rows.filter(flags(due))

    def apply(self, change: StagedChange) -> None:
        """Takes a committed change over."""
        if change.upserts.num_rows:
            self._append(change.upserts, change.upsert_keys)
        for key in change.removed_keys:
            self._index.pop(key, None)
        if change.removed_keys and self.layout.expiry_column is not None:
            self._forget_expired(change)
        self._compact_if_mostly_dead()

    def _append(self, rows: pa.Table, keys: list[Hashable]) -> None:
        first = self._row_count
        self._add_segment(rows)
        self._row_count += rows.num_rows
        self._index.update(zip(keys, range(first, self._row_count), strict=True))
        if self.layout.expiry_column is not None:
            self._note_expiry(rows, keys)

    def _add_segment(self, rows: pa.Table) -> None:
        """Appends rows, joining segments of like size: their number stays logarithmic, places stay valid."""
        while self._segments and self._segments[-1].num_rows <= 2 * rows.num_rows:
            rows = pa.concat_tables([self._segments.pop(), rows]).combine_chunks()
        self._segments.append(rows)
        self._joined = None

    def _note_expiry(self, rows: pa.Table, keys: list[Hashable]) -> None:
        assert self.layout.expiry_column is not None
        expiring = self._expiring
        for time, key in zip(rows.column(self.layout.expiry_column).to_pylist(), keys, strict=True):
            if time is not None:
                expiring.setdefault(time // _BUCKET_US, []).append(key)

    def _forget_expired(self, change: StagedChange) -> None:
        if change.removed_rows is None or self.layout.expiry_column is None:
            return
        times = change.removed_rows.column(self.layout.expiry_column).to_pylist()
        for bucket in {time // _BUCKET_US for time in times if time is not None}:
            left = [key for key in self._expiring.get(bucket, ()) if key in self._index]
            if left:
                self._expiring[bucket] = left
            else:
                self._expiring.pop(bucket, None)

    def _take(self, places: Sequence[int]) -> pa.Table:
        if not places:
            return no_rows(self.layout.schema)
        return self._all_segments().take(integers(places))

    def _all_segments(self) -> pa.Table:
        if self._joined is None:
            self._joined = pa.concat_tables(self._segments)
        return self._joined

    def _compact_if_mostly_dead(self) -> None:
        if self._row_count > _COMPACT_ABOVE and self._row_count > 2 * len(self._index):
            self._compact()

    def _compact(self) -> None:
        ordered = sorted(self._index.items(), key=lambda entry: entry[1])
        rows = self._take([place for _, place in ordered]).combine_chunks()
        keys = [key for key, _ in ordered]
        self._segments, self._joined, self._row_count = [], None, 0
        self._index, self._expiring = {}, {}
        if keys:
            self._append(rows, keys)
