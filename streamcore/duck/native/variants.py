"""Variants made, asked and taken apart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from streamcore.duck.native.registry import by_value, by_value_or_null
from streamcore.duck.native.variant_casts import NotCastable, cast_tree
from streamcore.duck.native.variant_paths import INVALID_GET_PATH, steps_of, taken
from streamcore.errors import IllegalArgumentException, MalformedRecordException
from streamcore.spi.types import (
    ArrayType,
    DataType,
    FloatType,
    MapType,
    StructType,
    VariantType,
    type_from_json,
)
from streamcore.spi.types.ddl import quote_name
from streamcore.spi.variant.encoding import Float32, MalformedVariant, Tree, decoded, encoded, entries
from streamcore.spi.variant.json_text import parsed, sql_leaf, written

Stored: TypeAlias = dict[str, bytes]


def stored(tree: Tree) -> Stored:
    """A tree as a column of variants holds it."""
    value, metadata = encoded(tree)
    return {"value": value, "metadata": metadata}


def tree_of(variant: Stored) -> Tree:
    """What a variant holds."""
    return decoded(variant["value"], variant["metadata"])


def _zone(name: str) -> dt.tzinfo:
    return dt.UTC if name == "UTC" else ZoneInfo(name)


# ---- JSON ----------------------------------------------------------------------------------------


@by_value
def parse_json(text: str, *, fails: bool) -> Stored | None:
    """The variant of a JSON text."""
    try:
        return stored(parsed(text))
    except ValueError as error:
        if not fails:
            return None
        raise MalformedRecordException(
            "[MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION] Malformed records are detected in record "
            f"parsing: {text}.\nParse Mode: FAILFAST. To process malformed records as null result, try "
            "setting the option 'mode' as 'PERMISSIVE'. SQLSTATE: 22023"
        ) from error


@by_value
def as_json(variant: Stored, *, zone: str) -> str:
    """The JSON of a variant."""
    return written(tree_of(variant), sql_leaf(_zone(zone)))


# ---- casts ---------------------------------------------------------------------------------------


@by_value
def of_value(value: Any, *, kind: Any) -> Stored:
    """A value of the type `kind` as a variant."""
    return stored(_tree(value, type_from_json(kind)))


def _tree(value: Any, kind: DataType) -> Tree:
    if value is None:
        return None
    if isinstance(kind, VariantType):
        return tree_of(value)
    if isinstance(kind, StructType):
        # Fields come in the order of their names, as Spark writes them.
        return {field.name: _tree(value[field.name], field.dataType) for field in kind.fields}
    if isinstance(kind, MapType):
        return {key: _tree(item, kind.valueType) for key, item in value}
    if isinstance(kind, ArrayType):
        return [_tree(item, kind.elementType) for item in value]
    return Float32(value) if isinstance(kind, FloatType) else value


@by_value
def cast(variant: Stored, *, kind: Any, zone: str, fails: bool) -> Any:
    """The variant as a value of the type `kind`; null where it cannot be and does not fail."""
    return _as(tree_of(variant), type_from_json(kind), zone, fails=fails)


@by_value
def variant_get(variant: Stored, path: str, *, kind: Any, zone: str, fails: bool, name: str) -> Any:
    """What stands at a path, as a value of the type `kind`."""
    found = taken(tree_of(variant), steps_of(path, name, INVALID_GET_PATH))
    return None if not found else _as(found[0], type_from_json(kind), zone, fails=fails)


def _as(tree: Tree, kind: DataType, zone: str, *, fails: bool) -> Any:
    try:
        return cast_tree(tree, kind, _zone(zone), fails=fails)
    except NotCastable as error:
        if not fails:
            return None
        shown = written(error.tree, sql_leaf(_zone(zone)))
        raise IllegalArgumentException(
            f"[INVALID_VARIANT_CAST] The variant value `{shown}` cannot be cast into "
            f'`"{error.kind.simpleString().upper()}"`. Please use `try_variant_get` instead. SQLSTATE: 22023'
        ) from error


# ---- questions -----------------------------------------------------------------------------------


@by_value_or_null
def is_variant_null(variant: Stored | None) -> bool:
    """Whether a variant holds JSON's null."""
    return variant is not None and tree_of(variant) is None


@by_value
def is_valid_variant(variant: Stored) -> bool:
    """Whether the bytes are a variant."""
    try:
        tree_of(variant)
    except MalformedVariant:
        return False
    return True


@by_value
def fields(variant: Stored) -> list[dict[str, Any]]:
    """The fields or elements with their positions; none of what is no object and no array."""
    found = entries(variant["value"], variant["metadata"]) or []
    return [
        {"pos": at, "key": key, "value": {"value": value, "metadata": variant["metadata"]}}
        for at, (key, value) in enumerate(found)
    ]


@by_value
def schema_of_variant(variant: Stored) -> str:
    """The schema in Spark's words."""
    from streamcore.duck.native.variant_schemas import schema_of

    return schema_of(tree_of(variant)).text(quote_name)


@by_value
def schema_of_variant_agg(variants: Sequence[Stored | None]) -> str:
    """The one schema of all the variants."""
    from streamcore.duck.native.variant_schemas import merged, schema_of

    return merged([schema_of(tree_of(v)) for v in variants if v is not None]).text(quote_name)
