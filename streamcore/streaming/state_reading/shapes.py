"""How the rows of a store look to readers, in JSON that the checkpoint keeps with the description."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streamcore.execution.stores.layout import ShownColumn
from streamcore.spi.types import NullType, StructField, StructType, from_arrow_type, type_from_json

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.execution.stores.layout import StoreLayout
    from streamcore.spi.types import DataType

_NOTHING = StructType([StructField("__dummy__", NullType())])
"""What Spark shows where nothing is kept under a key; a struct has one field at least."""


@dataclass(frozen=True)
class ShownField:
    """A field of `key` or `value`: the name of the store's column that it is (a field of), and its type."""

    name: str
    column: str
    field: str | None
    data_type: DataType


@dataclass(frozen=True)
class StoreShape:
    """A store as readers see it; `expires` names the column by which its rows expire."""

    key: tuple[ShownField, ...]
    value: tuple[ShownField, ...]
    expires: str | None
    only_adds: bool

    @property
    def key_type(self) -> StructType:
        """The type of `key`."""
        return _struct(self.key)

    @property
    def value_type(self) -> StructType:
        """The type of `value`."""
        return _struct(self.value)

    @classmethod
    def parse(cls, body: Mapping[str, Any]) -> StoreShape:
        """The inverse of what `describe_stores` says of a store."""
        key, value = ([_parsed(entry) for entry in body[part]] for part in ("key", "value"))
        return cls(tuple(key), tuple(value), body["expires"], body["only_adds"])


def describe_stores(stores: Mapping[str, StoreLayout]) -> dict[str, Any]:
    """The stores of an operator as JSON values."""
    return {name: _described(layout) for name, layout in stores.items()}


def _described(layout: StoreLayout) -> dict[str, Any]:
    shown, expiry = layout.shown_row, layout.expiry_column
    return {
        "key": _entries(shown.key, layout.schema),
        "value": _entries(shown.value, layout.schema),
        "expires": None if expiry is None else layout.schema.field(expiry).name,
        "only_adds": layout.only_adds,
    }


def _entries(columns: Iterable[ShownColumn], schema: pa.Schema) -> list[list[Any]]:
    return [_entry(column, schema.field(column.column)) for column in columns]


def _entry(column: ShownColumn, stored: pa.Field) -> list[Any]:
    kind = stored.type if column.field is None else stored.type.field(column.field).type
    return [column.name, stored.name, column.field, from_arrow_type(kind).jsonValue()]


def _parsed(entry: Sequence[Any]) -> ShownField:
    name, column, field, kind = entry
    return ShownField(name, column, field, type_from_json(kind))


def _struct(fields: Sequence[ShownField]) -> StructType:
    return StructType([StructField(f.name, f.data_type) for f in fields]) if fields else _NOTHING
