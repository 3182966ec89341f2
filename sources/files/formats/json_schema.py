"""The schema of JSON records, by Spark's rules of inference."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from functools import partial, reduce
from typing import Any, Final

from streamcore.duck.json_exact import nests_deeply
from streamcore.duck.quoting import string
from streamcore.errors import AnalysisException, MalformedRecordException
from streamcore.sources.files.formats.json_sql import FAILFAST, NOT_BLANK, PERMISSIVE, documents
from streamcore.sources.files.formats.line_sql import TextScan
from streamcore.sources.files.formats.sampling import sampled
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

_SCALARS: Final[dict[str, DataType]] = {
    "VARCHAR": StringType(), "BIGINT": LongType(), "UBIGINT": LongType(), "DOUBLE": DoubleType(),
    "HUGEINT": DoubleType(), "BOOLEAN": BooleanType(), "NULL": NullType(), "JSON": StringType(),
}  # fmt: skip

_FIRST: Final = 100
# Of a document that is nested too deeply the structure would take the whole stack.
_IS_SAFE: Final = f"NOT {nests_deeply('line')}"
_SHAPE: Final = (
    f"CASE WHEN {_IS_SAFE} AND TRY(json_type(line)) = 'OBJECT' THEN CAST(json_structure(line) AS VARCHAR) END"
)


def infer_json(texts: Iterable[TextScan], corrupt: str, mode: str, ratio: float) -> StructType:
    """The schema that holds every record, or that part of them; fields in the order of their names.

    Texts that are no JSON objects add the column `corrupt` in PERMISSIVE mode and raise in FAILFAST mode.
    """
    from streamcore.duck.engine import SlotEngine

    shapes: set[str | None] = set()
    with SlotEngine(threads=os.cpu_count() or 1) as engine:
        for scan in texts:
            first = scan.run(
                engine, lambda lines: _distinct(_records(lines, ratio, f" LIMIT {_FIRST}"), _SHAPE)
            )
            shape = _shape_sql(next(iter(first.column("shape").to_pylist()), None))
            found = scan.run(engine, partial(_shapes, ratio, shape))
            shapes.update(found.column("shape").to_pylist())
    if None in shapes and mode == FAILFAST:
        raise MalformedRecordException("a line is no JSON object (mode FAILFAST)")
    kinds = [_record_type(json.loads(shape)) for shape in sorted(filter(None, shapes))]
    nothing: DataType = StructType([])
    merged = _final(reduce(_merge, kinds, nothing))
    assert isinstance(merged, StructType)
    require_distinct(merged)
    extra = [StructField(corrupt, StringType())] if None in shapes and mode == PERMISSIVE else []
    return StructType([*extra, *merged.fields] if corrupt < "a" else [*merged.fields, *extra])


def _shapes(ratio: float, shape: str, lines: str) -> str:
    return _distinct(_records(lines, ratio), shape)


def _records(lines: str, ratio: float, limit: str = "") -> str:
    return f"SELECT line FROM ({documents(sampled(lines, ratio))}) WHERE {NOT_BLANK}{limit}"  # noqa: S608 - quoted


def _distinct(records: str, shape: str) -> str:
    return f"SELECT DISTINCT {shape} AS shape FROM ({records})"  # noqa: S608 - all parts are quoted


def _shape_sql(usual: str | None) -> str:
    """The structure of a record; one that is flat and `usual` is recognised, which takes half the time."""
    shape = json.loads(usual) if usual else None
    if usual is None or not isinstance(shape, dict) or not _is_simple(shape):
        return _SHAPE
    keys = ", ".join(map(string, shape))
    paths = ", ".join(string(f'$."{name}"') for name in shape)
    kinds = ", ".join(map(string, shape.values()))
    same = f"TRY(json_keys(line) = [{keys}] AND json_type(line, [{paths}]) = [{kinds}])"
    return f"CASE WHEN {same} THEN {string(usual)} ELSE {_SHAPE} END"


def _is_simple(shape: dict[str, Any]) -> bool:
    """Whether a structure is flat and its names stand in a path as they are."""
    return all(isinstance(kind, str) and not set(name) & set('"\\') for name, kind in shape.items())


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


def require_distinct(schema: StructType) -> None:
    """Raises for columns that differ in case alone: a query could not tell them apart."""
    names = [name.lower() for name in schema.names]
    twice = next((name for name in schema.names if names.count(name.lower()) > 1), None)
    if twice is not None:
        raise AnalysisException(
            f"[COLUMN_ALREADY_EXISTS] The column `{twice.lower()}` already exists. Two keys differ in case "
            "alone: read with a schema that has one of them. SQLSTATE: 42711"
        )


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
