"""Arrow arrays as rows of Avro by a compiled library, for the types that it writes exactly.

It gets a schema of the same bytes with names of its own, and arrays in that schema's order.  A batch that has
no place in the schema (null where there is none, another symbol) is left to `writing`, which says where.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from streamcore.formats.avro.schemas import (
    Array,
    AvroType,
    Enumeration,
    Map,
    Primitive,
    Record,
    Union,
    is_null,
    is_recursive,
)
from streamcore.formats.batches import Refused, at_places, refusing
from streamcore.formats.needs import library
from streamcore.formats.places import Place, match_field
from streamcore.spi.types import (
    ArrayType,
    DataType,
    MapType,
    StringType,
    StructType,
    TimestampNTZType,
    TimestampType,
)

if TYPE_CHECKING:
    import pyarrow as pa

Shape: TypeAlias = "Callable[[pa.Array], pa.Array]"
_Made: TypeAlias = "tuple[Any, Shape] | None"

_WIDTHS = {"boolean": "bool_", "int": "int32", "long": "int64", "float": "float32", "double": "float64"}


@dataclass(frozen=True)
class FastWriter:
    """A schema for the library, and what makes its arrays of plain ones."""

    schema: str
    shape: Shape
    encode: Callable[[Any, str, int], list[Any]]

    def write(self, values: pa.Array) -> pa.Array:
        """The bytes of plain values of which none is null.  Raises Refused."""
        import pyarrow as pa

        if not len(values):
            return pa.array([], pa.binary())
        with refusing():
            batch = pa.RecordBatch.from_arrays([self.shape(values)], ["value"])
            return pa.concat_arrays(self.encode(batch, self.schema, 1))


def fast_writer(sql: DataType, avro: AvroType) -> FastWriter | None:
    """The writer of values of a type by a schema that fits it; None where the library has not all of it.

    >>> from streamcore.formats.avro.schemas import avro_schema
    >>> from streamcore.spi.types import BinaryType, LongType
    >>> fast_writer(LongType(), avro_schema('["null", "long"]')) is None
    False
    >>> fast_writer(BinaryType(), avro_schema('"bytes"')) is None
    True
    """
    if is_recursive(avro):
        return None
    made = _Pairs(itertools.count()).pair(sql, avro)
    if made is None:
        return None
    schema = {"type": "record", "name": "streamcore_row", "fields": [{"name": "value", "type": made[0]}]}
    encode = library("pyruhvro", "to_avro()", "avro").serialize_record_batch
    return FastWriter(json.dumps(schema), made[1], encode)


@dataclass(frozen=True)
class _Pairs:
    """Pairs a Spark type with a schema; named types are numbered, for one may stand at several places."""

    numbers: Iterator[int]

    def pair(self, sql: DataType, avro: AvroType) -> _Made:
        if not isinstance(avro, Union):
            made = self._present(sql, avro)
            return None if made is None else (made[0], _required(made[1]))
        if len(avro.branches) != 2 or not avro.has_null:
            return None
        made = self._present(sql, avro.others[0])
        if made is None:
            return None
        return ["null", made[0]] if is_null(avro.branches[0]) else [made[0], "null"], made[1]

    def _present(self, sql: DataType, avro: AvroType) -> _Made:
        if isinstance(sql, StructType) and isinstance(avro, Record):
            return self._record(sql, avro)
        if isinstance(sql, ArrayType) and isinstance(avro, Array):
            items = self.pair(sql.elementType, avro.items)
            return None if items is None else ({"type": "array", "items": items[0]}, _listed(items[1]))
        if isinstance(sql, MapType) and isinstance(avro, Map):
            values = self.pair(sql.valueType, avro.values)
            return None if values is None else ({"type": "map", "values": values[0]}, _mapped(values[1]))
        if isinstance(sql, StringType) and isinstance(avro, Enumeration):
            symbols = list(avro.symbols)
            named = {"type": "enum", "name": f"n{next(self.numbers)}", "symbols": symbols}
            return named, _symbols(symbols)
        return _leaf(sql, avro) if isinstance(avro, Primitive) else None

    def _record(self, sql: StructType, avro: Record) -> _Made:
        wires, steps = [], []
        for number, field in enumerate(avro.fields):
            found = match_field(sql, field.name, Place())
            made = None if found is None else self.pair(found.dataType, field.type)
            if found is None or made is None:
                return None
            wires.append({"name": f"f{number}", "type": made[0]})
            steps.append((sql.names.index(found.name), made[1]))
        if not steps:
            return None
        return {"type": "record", "name": f"n{next(self.numbers)}", "fields": wires}, _recorded(steps)


def _leaf(sql: DataType, avro: Primitive) -> _Made:
    if avro.name == "string":
        return "string", lambda array: array
    width = _WIDTHS.get(avro.name)
    is_of_micros = str(avro.notes.get("logicalType")).endswith("micros")
    if width is None or (isinstance(sql, TimestampType | TimestampNTZType) and not is_of_micros):
        return None
    return avro.name, _cast(width)


def _cast(width: str) -> Shape:
    import pyarrow as pa

    into = getattr(pa, width)()
    return lambda array: array.cast(into)


def _required(inner: Shape) -> Shape:
    def shape(array: pa.Array) -> pa.Array:
        if array.null_count:
            raise Refused("null where the schema has none")
        return inner(array)

    return shape


def _symbols(symbols: list[str]) -> Shape:
    import pyarrow as pa
    import pyarrow.compute as pc

    known = pa.array([*symbols, None], pa.string())

    def shape(array: pa.Array) -> pa.Array:
        if not pc.all(pc.is_in(array, known), min_count=0).as_py():
            raise Refused("no such symbol")
        return array

    return shape


def _listed(inner: Shape) -> Shape:
    import pyarrow as pa

    def shape(array: pa.Array) -> pa.Array:
        whole = _packed(array)
        return pa.ListArray.from_arrays(whole.offsets, inner(whole.values), mask=whole.is_null())

    return shape


def _mapped(inner: Shape) -> Shape:
    import pyarrow as pa

    def shape(array: pa.Array) -> pa.Array:
        whole = _packed(array)
        return pa.MapArray.from_arrays(whole.offsets, whole.keys, inner(whole.items), mask=whole.is_null())

    return shape


def _packed(array: pa.Array) -> pa.Array:
    """The array with no more items than it shows: what no row holds is not looked at."""
    import pyarrow as pa

    return array.take(pa.array(range(len(array)), pa.int64()))


def _recorded(steps: list[tuple[int, Shape]]) -> Shape:
    import pyarrow as pa

    names = [f"f{number}" for number in range(len(steps))]

    def present(array: pa.Array) -> pa.Array:
        return pa.StructArray.from_arrays([inner(array.field(at)) for at, inner in steps], names)

    def shape(array: pa.Array) -> pa.Array:
        # What stands under a null is nothing that the schema could miss.
        return at_places(array, present)

    return shape
