"""What a worker runs for `applyInPandasWithState`: a function over the groups of one partition and batch.

The first column of every table is the group of the row (see `streamcore.execution.python_state.exchange`).

    in:   keys, rows, states (timeout, whether there is a value, the value)
    out:  rows, groups whose state has changed, and of those the states that are kept
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streamcore.execution.pandas_frames import to_pandas
from streamcore.execution.python_state.exchange import (
    Schemas,
    group_table,
    nullable,
    spans,
    table_of,
    tuples_of,
    value_columns,
    without_group,
)
from streamcore.execution.python_state.flavors import InPandas
from streamcore.execution.python_state.group_state import GroupState, GroupTimes
from streamcore.execution.stores.arrays import flags, int64_column, integers

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.spi.types import StructType


@dataclass
class _Kept:
    """What a group keeps: its value and its timeout, and whether this batch has changed them."""

    value: tuple[Any, ...] | None = None
    timeout_ms: int | None = None
    is_changed: bool = False

    def taken_from(self, state: GroupState) -> None:
        """The outcome of a call; one that changes anything and sets no timeout takes an older one away."""
        if state.is_changed:
            self.value, self.timeout_ms, self.is_changed = state.getOption, state.timeout_ms, True

    @property
    def is_empty(self) -> bool:
        return self.value is None and self.timeout_ms is None


@dataclass
class GroupProgram:
    """Runs a function with a state for each group."""

    function: Callable[..., Any]
    time_zone: str
    schemas: Schemas
    state: StructType

    def __call__(self, inputs: list[pa.Table], arguments: GroupTimes) -> list[pa.Table]:
        """One batch of one partition: groups with rows come first, then those that have timed out."""
        flavor = InPandas(self.time_zone)
        collected = flavor.collected(self.schemas.output)
        keys = _keys(to_pandas(without_group(inputs[0]), self.schemas.keys, self.time_zone))
        frame = to_pandas(without_group(inputs[1]), self.schemas.rows, self.time_zone)
        rows = flavor.cut(frame)
        first = spans(inputs[1].column(0), len(keys))
        kept = self._loaded(inputs[2])
        for group, key in enumerate(keys):
            if first[group] < first[group + 1]:
                found = kept.setdefault(group, _Kept())
                state = GroupState(found.value, self.state, arguments, has_timed_out=False)
                collected.add(self.function(key, rows.between(first[group], first[group + 1]), state))
                found.taken_from(state)
        for group in _timed_out(kept, arguments):
            found = kept[group]
            state = GroupState(found.value, self.state, arguments, has_timed_out=True)
            collected.add(self.function(keys[group], iter([frame.iloc[:0]]), state))
            found.taken_from(state)
        return [collected.table(), *self._changed(kept)]

    def _loaded(self, table: pa.Table) -> dict[int, _Kept]:
        groups = int64_column(table.column(0)).tolist()
        timeouts, defined = table.column(1).to_pylist(), table.column(2).to_pylist()
        values = tuples_of(table, self.state, 3)
        return {
            group: _Kept(value if is_defined else None, timeout)
            for group, timeout, is_defined, value in zip(groups, timeouts, defined, values, strict=True)
        }

    def _changed(self, kept: dict[int, _Kept]) -> list[pa.Table]:
        groups = [group for group in sorted(kept) if kept[group].is_changed]
        staying = [group for group in groups if not kept[group].is_empty]
        none = (None,) * len(self.state.fields)
        values = [kept[group].value or none for group in staying]
        columns = [
            integers(staying),
            nullable([kept[group].timeout_ms for group in staying]),
            flags([kept[group].value is not None for group in staying]),
            *value_columns("the state", values, self.state),
        ]
        return [group_table(groups), table_of(columns)]


def _timed_out(kept: dict[int, _Kept], times: GroupTimes) -> list[int]:
    """The groups whose timeout lies before the time of the batch; the earliest come first."""
    threshold = times.threshold_ms
    if threshold is None:
        return []
    due = [
        (k.timeout_ms, g) for g, k in kept.items() if k.timeout_ms is not None and k.timeout_ms < threshold
    ]
    return [group for _, group in sorted(due)]


def _keys(frame: Any) -> list[tuple[Any, ...]]:
    """The keys in numpy's kinds."""
    columns = [list(frame.iloc[:, at].array) for at in range(frame.shape[1])]
    return list(zip(*columns, strict=True)) if columns else [()] * len(frame)
