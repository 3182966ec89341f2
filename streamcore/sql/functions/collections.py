"""Functions over arrays, maps and structs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from streamcore.sql.functions.building import (
    ColumnOrName,
    expression,
    function,
    given_columns,
    given_literals,
    literal,
    many,
    operand,
)

if TYPE_CHECKING:
    from streamcore.sql.column import Column


def struct(*cols: ColumnOrName | Sequence[ColumnOrName]) -> Column:
    """Columns as one struct."""
    return function("struct", *many(cols))


def named_struct(*cols: ColumnOrName | Sequence[ColumnOrName]) -> Column:
    """A struct of names and values in turn."""
    return function("named_struct", *many(cols))


def array(*cols: ColumnOrName | Sequence[ColumnOrName]) -> Column:
    """Columns as one array."""
    return function("array", *many(cols))


def create_map(*cols: ColumnOrName | Sequence[ColumnOrName]) -> Column:
    """A map of keys and values in turn."""
    return function("map", *many(cols))


def array_contains(col: ColumnOrName, value: Any) -> Column:
    """Whether an element equals the value; null where that cannot be known."""
    return function("array_contains", expression(col), literal(value))


def array_position(col: ColumnOrName, value: Any) -> Column:
    """The 1-based place of the value; 0 when it is not there."""
    return function("array_position", expression(col), literal(value))


def array_remove(col: ColumnOrName, element: Any) -> Column:
    """Without the value."""
    return function("array_remove", expression(col), literal(element))


def array_append(col: ColumnOrName, value: Any) -> Column:
    """With the value at the end."""
    return function("array_append", expression(col), literal(value))


def array_prepend(col: ColumnOrName, value: Any) -> Column:
    """With the value at the front."""
    return function("array_prepend", expression(col), literal(value))


def array_insert(arr: ColumnOrName, pos: ColumnOrName | int, value: Any) -> Column:
    """With the value at a 1-based place (from the end when negative)."""
    return function("array_insert", expression(arr), operand(pos), literal(value))


def array_repeat(col: ColumnOrName, count: ColumnOrName | int) -> Column:
    """An array of the same value."""
    return function("array_repeat", expression(col), operand(count))


def array_distinct(col: ColumnOrName) -> Column:
    """Without repeated elements."""
    return function("array_distinct", expression(col))


def array_max(col: ColumnOrName) -> Column:
    """The largest element."""
    return function("array_max", expression(col))


def array_min(col: ColumnOrName) -> Column:
    """The smallest element."""
    return function("array_min", expression(col))


def array_size(col: ColumnOrName) -> Column:
    """The number of elements."""
    return function("array_size", expression(col))


def array_compact(col: ColumnOrName) -> Column:
    """Without nulls."""
    return function("array_compact", expression(col))


def array_except(col1: ColumnOrName, col2: ColumnOrName) -> Column:
    """Elements of the first that are not in the second."""
    return function("array_except", expression(col1), expression(col2))


def array_intersect(col1: ColumnOrName, col2: ColumnOrName) -> Column:
    """Elements of both."""
    return function("array_intersect", expression(col1), expression(col2))


def array_union(col1: ColumnOrName, col2: ColumnOrName) -> Column:
    """Elements of either, without repeats."""
    return function("array_union", expression(col1), expression(col2))


def arrays_overlap(a1: ColumnOrName, a2: ColumnOrName) -> Column:
    """Whether the arrays share an element."""
    return function("arrays_overlap", expression(a1), expression(a2))


def arrays_zip(*cols: ColumnOrName | Sequence[ColumnOrName]) -> Column:
    """Arrays side by side as structs."""
    return function("arrays_zip", *many(cols))


def array_join(col: ColumnOrName, delimiter: str, null_replacement: str | None = None) -> Column:
    """The elements as text between delimiters; nulls are left out or replaced."""
    return function("array_join", expression(col), literal(delimiter), *given_literals(null_replacement))


def size(col: ColumnOrName) -> Column:
    """The number of elements of an array or map; null for null."""
    return function("size", expression(col))


def cardinality(col: ColumnOrName) -> Column:
    """The number of elements of an array or map; null for null."""
    return function("cardinality", expression(col))


def flatten(col: ColumnOrName) -> Column:
    """Arrays of arrays as one."""
    return function("flatten", expression(col))


def sequence(start: ColumnOrName, stop: ColumnOrName, step: ColumnOrName | None = None) -> Column:
    """The values from `start` to `stop`, both included, as an array."""
    return function("sequence", expression(start), expression(stop), *given_columns(step))


def sort_array(col: ColumnOrName, asc: bool = True) -> Column:
    """Sorted; nulls first when ascending, last when descending."""
    return function("sort_array", expression(col), literal(asc))


def slice(x: ColumnOrName, start: ColumnOrName | int, length: ColumnOrName | int) -> Column:
    """A part of an array from a 1-based place on."""
    return function("slice", expression(x), operand(start), operand(length))


def element_at(col: ColumnOrName, extraction: Any) -> Column:
    """An element (1-based, negative from the end) or a map's value."""
    return function("element_at", expression(col), literal(extraction))


def try_element_at(col: ColumnOrName, extraction: ColumnOrName) -> Column:
    """As `element_at`; null where there is none."""
    return function("try_element_at", expression(col), expression(extraction))


def get(col: ColumnOrName, index: ColumnOrName | int) -> Column:
    """An element (0-based); null where there is none."""
    return function("get", expression(col), operand(index))


def map_keys(col: ColumnOrName) -> Column:
    """The keys."""
    return function("map_keys", expression(col))


def map_values(col: ColumnOrName) -> Column:
    """The values."""
    return function("map_values", expression(col))


def map_entries(col: ColumnOrName) -> Column:
    """The entries as structs."""
    return function("map_entries", expression(col))


def map_from_entries(col: ColumnOrName) -> Column:
    """A map of structs of key and value."""
    return function("map_from_entries", expression(col))


def map_from_arrays(col1: ColumnOrName, col2: ColumnOrName) -> Column:
    """A map of an array of keys and one of values."""
    return function("map_from_arrays", expression(col1), expression(col2))


def map_concat(*cols: ColumnOrName | Sequence[ColumnOrName]) -> Column:
    """Maps as one."""
    return function("map_concat", *many(cols))


def map_contains_key(col: ColumnOrName, value: Any) -> Column:
    """Whether a key is in a map."""
    return function("map_contains_key", expression(col), literal(value))


def str_to_map(
    text: ColumnOrName, pairDelim: ColumnOrName | None = None, keyValueDelim: ColumnOrName | None = None
) -> Column:
    """A map of text such as `a:1,b:2`; the delimiters are regular expressions."""
    pair = literal(",") if pairDelim is None else expression(pairDelim)
    inner = literal(":") if keyValueDelim is None else expression(keyValueDelim)
    return function("str_to_map", expression(text), pair, inner)
