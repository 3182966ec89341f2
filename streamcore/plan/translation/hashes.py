"""Spark's hashes of rows."""

from __future__ import annotations

from streamcore.duck.types import type_text
from streamcore.errors import AnalysisException
from streamcore.plan import refusals
from streamcore.plan.translation.coercion import INT, LONG
from streamcore.plan.translation.core import Call, Compiled, function
from streamcore.plan.translation.native import native, natively
from streamcore.spi.types import ArrayType, DataType, MapType, NullType, StructType, holds_variant

natively("crc32", "x", LONG, "hashes.crc32")


@function("hash", "xxhash64")
def _hash(call: Call) -> Compiled:
    if not call.nodes:
        raise refusals.wrong_number_of_arguments(call.name, 1, None, 0)
    values = call.args
    if any(_holds_map(value.type) for value in values):
        raise AnalysisException(
            f"[DATATYPE_MISMATCH.HASH_MAP_TYPE] Input to the function `{call.name}` cannot contain "
            "elements of "
            'the "MAP" type. In Spark, same maps may have different hashcode, thus hash expressions are '
            'prohibited on "MAP" elements. SQLSTATE: 42K09'
        )
    if any(holds_variant(value.type) for value in values):
        raise AnalysisException(
            f"[DATATYPE_MISMATCH.HASH_VARIANT_TYPE] Input to the function `{call.name}` cannot contain "
            'elements of the "VARIANT" type yet. SQLSTATE: 42K09'
        )
    # A null leaves the hash as it is.
    known = [value for value in values if not isinstance(value.type, NullType)]
    if not known:
        return Compiled(f"CAST(42 AS {type_text(_KINDS[call.name])})", _KINDS[call.name], nullable=False)
    return native(_NAMES[call.name], known, _KINDS[call.name], nullable=False)


_NAMES = {"hash": "hashes.murmur3", "xxhash64": "hashes.xxh64"}
_KINDS: dict[str, DataType] = {"hash": INT, "xxhash64": LONG}


def _holds_map(kind: DataType) -> bool:
    if isinstance(kind, ArrayType):
        return _holds_map(kind.elementType)
    if isinstance(kind, StructType):
        return any(_holds_map(field.dataType) for field in kind.fields)
    return isinstance(kind, MapType)
