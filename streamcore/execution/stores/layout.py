"""How the rows of a store look, and how a block of a run holds them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa

from streamcore.execution.stores.hashing import Hashes, hash_rows

HASH = "__hash"
DUE = "__due"
REMOVED = "__removed"


@dataclass(frozen=True)
class ShownColumn:
    """What readers of the state see under a name: a column of the store's rows, or a field of one."""

    name: str
    column: int
    field: str | None = None


@dataclass(frozen=True)
class ShownRow:
    """What readers of the state see of a row: `key` tells rows apart, `value` is what is kept under it."""

    key: tuple[ShownColumn, ...]
    value: tuple[ShownColumn, ...]


def shown_columns(names: Sequence[str], first: int = 0) -> tuple[ShownColumn, ...]:
    """The columns from position `first` on under these names; a name that repeats gets a number.

    >>> [column.name for column in shown_columns(["sum", "count", "sum"])]
    ['sum', 'count', 'sum_2']
    """
    seen: dict[str, int] = {}
    found = []
    for place, name in enumerate(names, first):
        seen[name.lower()] = times = seen.get(name.lower(), 0) + 1
        found.append(ShownColumn(name if times == 1 else f"{name}_{times}", place))
    return tuple(found)


@dataclass(frozen=True)
class StoreLayout:
    """The rows of a store.

    `schema` is the Arrow schema of a row; `key_columns` are the positions that form the key;
    `expiry_column` is the position of an int64 column with the time (microseconds) up to whose watermark
    a row lives, or None when rows stay for ever.  `only_adds` is that of a store whose rows are never
    replaced or removed, only added, until they expire: what is added to a key leaves its other rows alone.
    `shown` says what readers of the state see; None for all columns but the expiry, under their names here.
    """

    schema: pa.Schema
    key_columns: tuple[int, ...]
    expiry_column: int | None = None
    only_adds: bool = False
    shown: ShownRow | None = None

    @property
    def has_one_key(self) -> bool:
        """Whether all rows have the same key, none at all, so that what is put replaces all that there is."""
        return not self.key_columns and not self.only_adds

    @property
    def shown_row(self) -> ShownRow:
        """What readers of the state see of a row."""
        if self.shown is not None:
            return self.shown
        columns = [ShownColumn(name, place) for place, name in enumerate(self.schema.names)]
        hidden = {*self.key_columns, self.expiry_column}
        key = tuple(columns[place] for place in self.key_columns)
        return ShownRow(key, tuple(column for column in columns if column.column not in hidden))

    def hashes_of(self, rows: pa.Table) -> Hashes:
        """The hash of each row's key; the key columns stand where the layout says."""
        return hash_rows(rows, self.key_columns)

    @cached_property
    def file_schema(self) -> pa.Schema:
        """The columns of a run: the hash, the row, whether it is a removal, and the places by expiry.

        A store that only adds rows has no removals.
        """
        fields = [pa.field(HASH, pa.uint64(), nullable=False)]
        fields += [pa.field(f.name, f.type) for f in self.schema]
        if not self.only_adds:
            fields.append(pa.field(REMOVED, pa.bool_(), nullable=False))
        if self.expiry_column is not None:
            fields.append(pa.field(DUE, pa.uint32(), nullable=False))
        return pa.schema(fields)

    @cached_property
    def schema_message(self) -> memoryview:
        """The first message of a run's file."""
        return memoryview(self.file_schema.serialize())
