"""applyInPandasWithState over a stream: a user's function, one state and one timeout for each key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from streamcore.checkpoint.state_files import DEFAULT_STORE
from streamcore.execution.python_state.group_state import GroupTimes
from streamcore.execution.stores.arrays import integers
from streamcore.execution.stores.layout import ShownColumn, ShownRow, StoreLayout, shown_columns
from streamcore.spi.time_modes import NO_TIME
from streamcore.spi.types import StructType, to_arrow_schema
from streamcore.streaming.stateful.groups_port import by_group, key_fields
from streamcore.streaming.stateful.kept_state import KeptState, numbers_in
from streamcore.streaming.stateful.operator import BatchTimes
from streamcore.streaming.stateful.python_groups import PythonGroups

if TYPE_CHECKING:
    from streamcore.execution.python_workers.pool import Program
    from streamcore.execution.stores.store import StoreChange
    from streamcore.execution.stores.view import DueRows
    from streamcore.plan.logical import StatefulGroups


class StreamingGroupFunction(PythonGroups):
    """A function over groups.

    A row of its store is a key's timeout, whether there is a state, and the state.  It is due as soon as the
    time has passed the timeout, which is when the function is called without rows.
    """

    timed = DEFAULT_STORE

    def __init__(
        self, name: str, node: StatefulGroups, program: Program, state: StructType, timeout: str
    ) -> None:
        super().__init__(name, node, program)
        self._timeout = timeout
        self._has_watermark = any(a.watermark_delay_ms is not None for a in node.child.output)
        self._layout = _layout(self.rows.key_schema, state, expires=self.mode != NO_TIME)

    @property
    def stores(self) -> Mapping[str, StoreLayout]:
        """The only one."""
        return {DEFAULT_STORE: self._layout}

    def sent(self, state: KeptState, inputs: Sequence[pa.Table]) -> list[pa.Table]:
        """Keys, rows and states."""
        fields = range(self.width, len(self._layout.schema) - (self._layout.expiry_column is not None))
        return [
            state.keys_sent(),
            by_group(state.groups.numbers[0], self.rows.values_of(inputs[0])),
            state.kept[DEFAULT_STORE].sent(fields),
        ]

    def arguments(self, times: BatchTimes) -> GroupTimes:
        """The times, and by which of them keys time out."""
        watermark_ms = times.watermark_us // 1000 if self._has_watermark else None
        return GroupTimes(self._timeout, times.batch_us // 1000, watermark_ms)

    def changes(
        self, given: Sequence[pa.Table], state: KeptState, due: Mapping[str, DueRows], times: BatchTimes
    ) -> dict[str, StoreChange]:
        """From the groups that have changed, and the states that they keep."""
        changed, states = numbers_in(given[0]), given[1]
        kept, hashes = state.kept[DEFAULT_STORE], state.groups.hashes
        if self._layout.expiry_column is None:
            put = state.with_keys(states, [], self._layout)
            return {DEFAULT_STORE: kept.change(changed, put, numbers_in(states), hashes, None)}
        put = state.with_keys(states, [_due_us(states.column(1), times)], self._layout)
        # A key whose call has done nothing about its timeout is called again with the next batch.
        again = kept.expired(times.eviction_us).without(changed)
        rows = pa.concat_tables([put, _next_time(again.content.rows, times)])
        numbers = np.concatenate([numbers_in(states), again.numbers])
        still = kept.lasting(times.eviction_us)
        # Those called again are put as well: what else has their hashes must be put with them.
        written = np.concatenate([changed, again.numbers])
        return {DEFAULT_STORE: still.change(written, rows, numbers, hashes, due[DEFAULT_STORE])}


def _due_us(timeouts: pa.ChunkedArray, times: BatchTimes) -> pa.ChunkedArray:
    """When keys time out: when the time has passed their timeouts, but not before the next batch."""
    due = pc.multiply(pc.add(timeouts, 1), 1000)
    return pc.if_else(pc.less_equal(due, times.eviction_us), times.eviction_us + 1, due)


def _next_time(rows: pa.Table, times: BatchTimes) -> pa.Table:
    last = rows.num_columns - 1
    soon = integers(np.full(rows.num_rows, times.eviction_us + 1))
    return rows.set_column(last, rows.schema.field(last), soon)


def _layout(keys: StructType, state: StructType, *, expires: bool) -> StoreLayout:
    fields = [*key_fields(keys), pa.field("timeout_ms", pa.int64()), pa.field("exists", pa.bool_())]
    fields += [pa.field(f"value {field.name}", field.type) for field in to_arrow_schema(state)]
    if expires:
        fields.append(pa.field("expires_us", pa.int64()))
    width = len(keys.fields)
    value = (ShownColumn("timeoutTimestamp", width), *shown_columns(state.names, width + 2))
    shown = ShownRow(shown_columns(keys.names), value)
    expiry = len(fields) - 1 if expires else None
    return StoreLayout(pa.schema(fields), tuple(range(width)), expiry, shown=shown)
