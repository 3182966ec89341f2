"""State, keys and rows on their way between an operator and a worker: every table's first column is a group.

A group is a number that stands for a key in one batch and partition.  Rows of a table are sorted by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from streamcore.execution.python_state.cells import Cells, ListCells, TimerCells, ValueCells, frozen
from streamcore.execution.python_state.variables import StateVariable
from streamcore.execution.rows import arrow_array, python_values
from streamcore.execution.stores.arrays import int64_column, integers
from streamcore.spi.types import StructType

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Schemas:
    """The columns of keys, rows, output, and initial state, where there is one."""

    keys: StructType
    rows: StructType
    output: StructType
    initial: StructType | None = None


def spans(groups: pa.ChunkedArray, count: int) -> npt.NDArray[np.int64]:
    """Where the rows of each of `count` groups begin, and where the last ones end."""
    return np.searchsorted(int64_column(groups), np.arange(count + 1))


def without_group(table: pa.Table) -> pa.Table:
    """The columns behind the group."""
    return table.select(range(1, table.num_columns))


def tuples_of(table: pa.Table, schema: StructType, first: int) -> list[tuple[Any, ...]]:
    """The values of the schema's columns, which stand from `first` on, row by row."""
    columns = [
        python_values(table.column(first + at), field.dataType) for at, field in enumerate(schema.fields)
    ]
    return list(zip(*columns, strict=True)) if columns else [()] * table.num_rows


def loaded(variable: StateVariable, table: pa.Table, cells: Cells) -> None:
    """Fills the cells of a variable from its rows: group, the map's key, the value, and the expiry."""
    groups = int64_column(table.column(0)).tolist()
    key_width = 0 if variable.key is None else len(variable.key.fields)
    values = tuples_of(table, variable.value, 1 + key_width)
    entries = list(zip(values, _expiries(variable, table), strict=True))
    if isinstance(cells, ValueCells):
        cells.content.update(zip(groups, entries, strict=True))
    elif isinstance(cells, ListCells):
        for group, entry in zip(groups, entries, strict=True):
            cells.content.setdefault(group, []).append(entry)
    else:
        assert variable.key is not None
        for group, key, entry in zip(groups, tuples_of(table, variable.key, 1), entries, strict=True):
            cells.content.setdefault(group, {})[frozen(key)] = (key, entry)


def _expiries(variable: StateVariable, table: pa.Table) -> Sequence[int | None]:
    if variable.ttl_ms is None:
        return [None] * table.num_rows
    found: list[int | None] = table.column(table.num_columns - 1).to_pylist()
    return found


def changed(variable: StateVariable, cells: Cells) -> list[pa.Table]:
    """The groups that have changed, and all rows that they have now, as `loaded` takes them."""
    groups = sorted(cells.changed)  # type: ignore[type-var]
    owners: list[Any] = []
    keys: list[tuple[Any, ...]] = []
    values: list[tuple[Any, ...]] = []
    expiries: list[int | None] = []
    for group in groups:
        for key, (value, expires) in cells.entries(group):
            owners.append(group)
            keys.append(key)
            values.append(value)
            expiries.append(expires)
    columns = [integers(owners)]
    what = f"the state variable {variable.name}"
    if variable.key is not None:
        columns += value_columns(what, keys, variable.key)
    columns += value_columns(what, values, variable.value)
    if variable.ttl_ms is not None:
        columns.append(nullable(expiries))
    return [group_table(groups), table_of(columns)]


def value_columns(what: str, rows: Sequence[tuple[Any, ...]], schema: StructType) -> list[pa.Array]:
    """Tuples as the schema's columns; TypeError, which names `what` and the field, where one does not fit."""
    import pyarrow as pa

    by_column = list(zip(*rows, strict=True)) if rows else [()] * len(schema.fields)
    found = []
    for values, field in zip(by_column, schema.fields, strict=True):
        try:
            found.append(arrow_array(values, field.dataType))
        except (pa.ArrowException, TypeError, ValueError, OverflowError, AttributeError) as error:
            raise TypeError(
                f"a value of {what} does not fit its field {field.name} "
                f"({field.dataType.simpleString()}): {error}"
            ) from error
    return found


def nullable(values: Sequence[int | None]) -> pa.Array:
    """An int64 array."""
    import pyarrow as pa

    return pa.array(values, pa.int64())


def loaded_timers(table: pa.Table) -> TimerCells:
    """The timers of all groups, from rows of group and time."""
    timers = TimerCells()
    times = zip(int64_column(table.column(0)).tolist(), int64_column(table.column(1)).tolist(), strict=True)
    for group, time_ms in times:
        timers.content.setdefault(group, set()).add(time_ms)
    return timers


def changed_timers(timers: TimerCells) -> list[pa.Table]:
    """The groups whose timers have changed, and all timers that they have now."""
    groups = sorted(timers.changed)  # type: ignore[type-var]
    rows = [(group, time_ms) for group in groups for time_ms in timers.of(group)]
    return [
        group_table(groups),
        table_of([integers([g for g, _ in rows]), integers([t for _, t in rows])]),  # type: ignore[misc]
    ]


def group_table(groups: Sequence[Any]) -> pa.Table:
    """Groups alone."""
    return table_of([integers(groups)])


def table_of(columns: Sequence[pa.Array]) -> pa.Table:
    """A table whose columns are known by their places."""
    import pyarrow as pa

    return pa.Table.from_arrays(list(columns), [f"c{at}" for at in range(len(columns))])
