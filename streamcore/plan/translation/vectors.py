"""Columns of vectors to arrays of numbers and back, for `pyspark.ml.functions`."""

from __future__ import annotations

from streamcore.duck.once import let
from streamcore.duck.quoting import string
from streamcore.duck.types import type_text
from streamcore.errors import AnalysisException
from streamcore.plan.translation.coercion import DOUBLE, FLOAT
from streamcore.plan.translation.core import Call, Compiled, function
from streamcore.spi.types import ArrayType, DataType, NumericType, UserDefinedType, udt_named

_VECTORS = ("org.apache.spark.ml.linalg.VectorUDT", "org.apache.spark.mllib.linalg.VectorUDT")
_NUMBERS: dict[str, DataType] = {"float64": DOUBLE, "float32": FLOAT}
_DENSE = 1


@function("vector_to_array", is_internal=True, shown="UDF({args})")
def _vector_to_array(call: Call) -> Compiled:
    call.expect(1, 2)
    vector, dtype = call.arg(0), call.constant(1, "float64")
    if not isinstance(vector.type, UserDefinedType) or vector.type.scalaUDT() not in _VECTORS:
        raise AnalysisException(
            "function vector_to_array requires a non-null input argument and input type must be "
            "`org.apache.spark.ml.linalg.Vector` or `org.apache.spark.mllib.linalg.Vector`, but got "
            f"{vector.type.simpleString()}."
        )
    if dtype not in _NUMBERS:
        raise AnalysisException(
            "[INVALID_PARAMETER_VALUE.DTYPE] The value of parameter(s) `dtype` in `vector_to_array` is "
            f'invalid: Unsupported dtype: "{dtype}". Valid values: float64, float32. SQLSTATE: 22023'
        )
    kind = ArrayType(_NUMBERS[dtype], containsNull=False)
    return Compiled(f"CAST({let(vector.sql, entries_of)} AS {type_text(kind)})", kind, nullable=False)


def entries_of(vector: str) -> str:
    """The SQL of all entries of a vector, those of a sparse one too; an error for a null."""
    missing = _error("vector_to_array requires a non-null input argument")
    return (
        f'CASE {vector}.type WHEN {_DENSE} THEN {vector}."values" WHEN 0 THEN {_all_entries(vector)} '
        f"ELSE {missing} END"
    )


def _all_entries(vector: str) -> str:
    """The entries of a sparse vector: before each that is kept, and behind the last, the zeros left out."""
    kept = f"len({vector}.indices)"
    # Entry k stands at indices[k + 1]: lists of DuckDB begin at 1.
    start = f"CASE WHEN k = 0 THEN 0 ELSE {vector}.indices[k] + 1 END"
    end = f"CASE WHEN k < {kept} THEN {vector}.indices[k + 1] ELSE {vector}.size END"
    zeros = f"list_resize(CAST([] AS DOUBLE[]), ({end}) - ({start}), CAST(0 AS DOUBLE))"
    entry = f'CASE WHEN k < {kept} THEN [{vector}."values"[k + 1]] ELSE CAST([] AS DOUBLE[]) END'
    return f"flatten(list_transform(range(0, {kept} + 1), lambda k: list_concat({zeros}, {entry})))"


@function("array_to_vector", is_internal=True, shown="UDF({args})")
def _array_to_vector(call: Call) -> Compiled:
    call.expect(1)
    array = call.arg(0)
    if not isinstance(array.type, ArrayType) or not isinstance(array.type.elementType, NumericType):
        raise AnalysisException(
            "[CANNOT_UP_CAST_DATATYPE] array_to_vector takes an array of numbers, not "
            f"{array.type.simpleString().upper()}. SQLSTATE: 42846"
        )
    udt = udt_named("pyspark.ml.linalg.VectorUDT")
    assert udt is not None
    values = let(array.sql, _present)
    fields = f"'type': {_DENSE}, 'size': NULL, 'indices': NULL, 'values': {values}"
    return Compiled(f"CAST({{{fields}}} AS {type_text(udt)})", udt, nullable=True)


def _present(array: str) -> str:
    missing = _error("array_to_vector requires an array that is not null, and has no null in it")
    return f"CASE WHEN len({array}) = list_count({array}) THEN {array} ELSE {missing} END"


def _error(text: str) -> str:
    return f"error({string('function ' + text)})"
