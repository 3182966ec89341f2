"""The schema of JSON records, by Spark's rules of inference."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from functools import reduce
from typing import TYPE_CHECKING, Any, Final

from streamcore.errors import MalformedRecordException
from streamcore.sources.files.formats.json_sql import FAILFAST, NOT_BLANK, PERMISSIVE, documents
from streamcore.spi.types import (
    ArrayType,
    BooleanType,
    DataType,
    DoubleType,
    LongType,
    NullType,
    StringType,
    StructField,
    StructType,
)

if TYPE_CHECKING:
    import pyarrow as pa

_SCALARS: Final[dict[str, DataType]] = {
    "VARCHAR": StringType(), "BIGINT": LongType(), "UBIGINT": LongType(), "DOUBLE": DoubleType(),
    "HUGEINT": DoubleType(), "BOOLEAN": BooleanType(), "NULL": NullType(), "JSON": StringType(),
}  # fmt: skip


def infer_json(
    relations: Iterable[tuple[str, Mapping[str, pa.Table]]], corrupt: str, mode: str
) -> StructType:
    """The schema that holds every record; fields in the order of their names.

    `relations` are queries for the column `line`, each with the tables that it reads.

    Texts that are no JSON objects add the column `corrupt` in PERMISSIVE mode and raise in FAILFAST mode.
    """
    from streamcore.duck.engine import SlotEngine

    is_record = "TRY(json_type(line)) = 'OBJECT'"
    shape = f"CASE WHEN {is_record} THEN CAST(json_structure(line) AS VARCHAR) END"
    shapes: set[str | None] = set()
    with SlotEngine(threads=os.cpu_count() or 1) as engine:
        for relation, inputs in relations:
            records = documents(relation)
            sql = f"SELECT DISTINCT {shape} AS shape FROM ({records}) WHERE {NOT_BLANK}"  # noqa: S608
            shapes.update(engine.run(sql, inputs).column("shape").to_pylist())
    if None in shapes and mode == FAILFAST:
        raise MalformedRecordException("a line is no JSON object (mode FAILFAST)")
    kinds = [_record_type(json.loads(shape)) for shape in sorted(filter(None, shapes))]
    nothing: DataType = StructType([])
    merged = _final(reduce(_merge, kinds, nothing))
    assert isinstance(merged, StructType)
    extra = [StructField(corrupt, StringType())] if None in shapes and mode == PERMISSIVE else []
    return StructType([*extra, *merged.fields] if corrupt < "a" else [*merged.fields, *extra])


def _record_type(shape: Any) -> DataType:
    # Of an object without fields DuckDB says only that it is JSON.
    return _type_of(shape) if isinstance(shape, dict) else StructType([])


def _type_of(shape: Any) -> DataType:
    if isinstance(shape, str):
        return _SCALARS.get(shape, StringType())
    if isinstance(shape, list):
        return ArrayType(_type_of(shape[0]))
    return StructType([StructField(name, _type_of(inner)) for name, inner in sorted(shape.items())])


def _merge(left: DataType, right: DataType) -> DataType:
    if left == right or isinstance(right, NullType):
        return left
    if isinstance(left, NullType):
        return right
    if {type(left), type(right)} == {LongType, DoubleType}:
        return DoubleType()
    if isinstance(left, ArrayType) and isinstance(right, ArrayType):
        return ArrayType(_merge(left.elementType, right.elementType))
    if isinstance(left, StructType) and isinstance(right, StructType):
        fields = {field.name: field.dataType for field in left.fields}
        for field in right.fields:
            fields[field.name] = _merge(fields.get(field.name, NullType()), field.dataType)
        return StructType([StructField(name, kind) for name, kind in sorted(fields.items())])
    return StringType()


def _final(kind: DataType) -> DataType:
    """What was null everywhere is a string; an object that was always empty is left out."""
    if isinstance(kind, NullType):
        return StringType()
    if isinstance(kind, ArrayType):
        return ArrayType(_final(kind.elementType))
    if isinstance(kind, StructType):
        return StructType([
            StructField(field.name, _final(field.dataType))
            for field in kind.fields
            if not (isinstance(field.dataType, StructType) and not field.dataType.fields)
        ])  # fmt: skip
    return kind
