"""Which files may hold a row that filters ask for, by their statistics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from streamcore.spi import filters as f

if TYPE_CHECKING:
    from streamcore.spi.datasource import Filter


def may_hold(actions: pa.Table, filters: Sequence[Filter], partition_by: Sequence[str]) -> pa.Array:
    """For each file whether it must be read; what is not known of a file speaks for it."""
    kept = pa.array([True] * actions.num_rows, pa.bool_())
    for one in filters:
        found = _judged(actions, one, partition_by)
        if found is not None:
            kept = pc.and_(kept, pc.fill_null(found, True))  # noqa: FBT003
    return kept


def _judged(actions: pa.Table, one: Filter, partition_by: Sequence[str]) -> Any:
    """One filter for all files; None for a filter that tells nothing of them."""
    attribute: tuple[str, ...] = getattr(one, "attribute", ())
    if len(attribute) != 1:
        return None
    least, greatest = _bounds(actions, "".join(attribute), partition_by)
    if least is None:
        return None
    value = getattr(one, "value", None)
    try:
        return _compared(one, least, greatest, value)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError):
        return None


def _compared(one: Filter, least: Any, greatest: Any, value: Any) -> Any:
    match one:
        case f.EqualTo() | f.EqualNullSafe() if value is not None:
            scalar = pa.scalar(value, least.type)
            return pc.and_(pc.less_equal(least, scalar), pc.greater_equal(greatest, scalar))
        case f.GreaterThan():
            return pc.greater(greatest, pa.scalar(value, least.type))
        case f.GreaterThanOrEqual():
            return pc.greater_equal(greatest, pa.scalar(value, least.type))
        case f.LessThan():
            return pc.less(least, pa.scalar(value, least.type))
        case f.LessThanOrEqual():
            return pc.less_equal(least, pa.scalar(value, least.type))
        case f.In() if value and all(item is not None for item in value):
            scalars = [pa.scalar(item, least.type) for item in value]
            found = [pc.and_(pc.less_equal(least, s), pc.greater_equal(greatest, s)) for s in scalars]
            whole = found[0]
            for more in found[1:]:
                whole = pc.or_(whole, more)
            return whole
    return None


def _bounds(actions: pa.Table, name: str, partition_by: Sequence[str]) -> tuple[Any, Any]:
    """The least and greatest values of a column in each file; (None, None) when nothing tells of it.

    Those of instants are left out: other writers cut them to milliseconds.
    """
    if name in partition_by:
        value = _field(actions, "partition", name)
        return value, value
    least, greatest = _field(actions, "min", name), _field(actions, "max", name)
    if least is None or greatest is None or least.type != greatest.type:
        return None, None
    if (
        pa.types.is_timestamp(least.type)
        or pa.types.is_floating(least.type)
        or pa.types.is_nested(least.type)
    ):
        return None, None
    return least, greatest


def _field(actions: pa.Table, group: str, name: str) -> Any:
    if group not in actions.column_names:
        return None
    column = actions.column(group).combine_chunks()
    kind = column.type
    if not pa.types.is_struct(kind) or kind.get_field_index(name) < 0:
        return None
    return pc.struct_field(column, kind.get_field_index(name))
