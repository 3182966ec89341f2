"""Variants: values of any shape."""

from __future__ import annotations

from streamcore.sql.column import Column
from streamcore.sql.functions.building import ColumnOrName, expression, function, literal


def parse_json(col: ColumnOrName) -> Column:
    """A JSON text as a variant; what is no JSON fails."""
    return function("parse_json", expression(col))


def try_parse_json(col: ColumnOrName) -> Column:
    """A JSON text as a variant; null for what is no JSON."""
    return function("try_parse_json", expression(col))


def to_variant_object(col: ColumnOrName) -> Column:
    """An array, struct or map (of texts as keys) as a variant, with objects for structs and maps."""
    return function("to_variant_object", expression(col))


def is_variant_null(v: ColumnOrName) -> Column:
    """Whether a variant holds JSON's null."""
    return function("is_variant_null", expression(v))


def is_valid_variant(v: ColumnOrName) -> Column:
    """Whether the bytes of a variant are well formed."""
    return function("is_valid_variant", expression(v))


def variant_get(v: ColumnOrName, path: Column | str, targetType: str) -> Column:
    """What stands at a path (`$.a[0]`) as a value of a type; null where there is nothing, and what cannot be
    cast fails.
    """
    return function("variant_get", expression(v), literal(path), literal(targetType))


def try_variant_get(v: ColumnOrName, path: Column | str, targetType: str) -> Column:
    """As `variant_get`; null for what cannot be cast."""
    return function("try_variant_get", expression(v), literal(path), literal(targetType))


def variant_set(
    v: ColumnOrName, path: Column | str, value: ColumnOrName, create_if_missing: bool = True
) -> Column:
    """The variant with this value at the path, in the place of what stands there."""
    creates = literal(create_if_missing)
    return function("variant_set", expression(v), literal(path), expression(value), creates)


def try_variant_set(
    v: ColumnOrName, path: Column | str, value: ColumnOrName, create_if_missing: bool = True
) -> Column:
    """As `variant_set`; null where the path does not fit the variant."""
    creates = literal(create_if_missing)
    return function("try_variant_set", expression(v), literal(path), expression(value), creates)


def variant_insert(v: ColumnOrName, path: Column | str, value: ColumnOrName) -> Column:
    """The variant with one more field, or element, at the path; a field that is there fails."""
    return function("variant_insert", expression(v), literal(path), expression(value))


def try_variant_insert(v: ColumnOrName, path: Column | str, value: ColumnOrName) -> Column:
    """As `variant_insert`; null for a field that is there, and where the path does not fit."""
    return function("try_variant_insert", expression(v), literal(path), expression(value))


def variant_array_append(v: ColumnOrName, path: Column | str, value: ColumnOrName) -> Column:
    """The variant with one more element at the end of the array at the path."""
    return function("variant_array_append", expression(v), literal(path), expression(value))


def try_variant_array_append(v: ColumnOrName, path: Column | str, value: ColumnOrName) -> Column:
    """As `variant_array_append`; null where the path does not fit, or leads to no array."""
    return function("try_variant_array_append", expression(v), literal(path), expression(value))


def variant_delete(v: ColumnOrName, *paths: Column | str) -> Column:
    """The variant without what stands at the paths."""
    return function("variant_delete", expression(v), *map(literal, paths))


def variant_strip_nulls(v: ColumnOrName, include_arrays: bool = True) -> Column:
    """The variant without the fields, and elements of arrays, that are null."""
    return function("variant_strip_nulls", expression(v), literal(include_arrays))


def schema_of_variant(v: ColumnOrName) -> Column:
    """The schema of a variant, in Spark's words."""
    return function("schema_of_variant", expression(v))


def schema_of_variant_agg(v: ColumnOrName) -> Column:
    """The one schema that fits all variants."""
    return function("schema_of_variant_agg", expression(v))
