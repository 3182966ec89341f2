"""transformWithState over a stream: a user's StatefulProcessor, its state variables and its timers.

Every state variable has a store of its own, one more has the timers.  A row of a variable's store is a value,
an element of a list, or an entry of a map.  What has a time to live expires by the processing time of the
batch, and timers by the time of the processor's time mode.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from streamcore.execution.python_state.processor_program import ProcessorTimes
from streamcore.execution.python_state.variables import LIST, TIMERS, StateVariable
from streamcore.execution.stores.arrays import int64_column, integers
from streamcore.execution.stores.layout import ShownRow, StoreLayout, shown_columns
from streamcore.spi.time_modes import NO_TIME
from streamcore.spi.types import StructType, to_arrow_schema
from streamcore.streaming.stateful.groups_port import GroupsPort, by_group, key_fields
from streamcore.streaming.stateful.kept_state import KeptState, numbers_in
from streamcore.streaming.stateful.operator import BatchTimes
from streamcore.streaming.stateful.python_groups import PythonGroups

if TYPE_CHECKING:
    from streamcore.execution.python_workers.pool import Program
    from streamcore.execution.stores.store import StoreChange
    from streamcore.execution.stores.view import DueRows
    from streamcore.plan.logical import StatefulGroups


class StreamingProcessor(PythonGroups):
    """A processor over groups."""

    timed = TIMERS

    def __init__(
        self, name: str, node: StatefulGroups, program: Program, variables: Sequence[StateVariable]
    ) -> None:
        super().__init__(name, node, program)
        self._initial = (
            None
            if node.initial is None
            else GroupsPort(node.initial.output, node.initial_keys, node.initial_values)
        )
        self._variables = tuple(variables)
        keys = self.rows.key_schema
        self._layouts = {variable.store: _layout(variable, keys) for variable in variables}
        if self.mode != NO_TIME:
            self._layouts[TIMERS] = _timers_layout(keys)

    @property
    def stores(self) -> Mapping[str, StoreLayout]:
        """One for each variable, and one for the timers."""
        return self._layouts

    @property
    def ports(self) -> Sequence[GroupsPort]:
        """The rows, and the initial state where there is one."""
        return (self.rows,) if self._initial is None else (self.rows, self._initial)

    def sent(self, state: KeptState, inputs: Sequence[pa.Table]) -> list[pa.Table]:
        """Keys, rows, initial state, timers, and the state of each variable."""
        groups, kept = state.groups, state.kept
        initial = _empty(1)
        if self._initial is not None:
            initial = by_group(groups.numbers[1], self._initial.values_of(inputs[1]))
        tables = [
            state.keys_sent(),
            by_group(groups.numbers[0], self.rows.values_of(inputs[0])),
            initial,
            kept[TIMERS].sent([self.width]) if TIMERS in kept else _empty(2),
        ]
        for variable in self._variables:
            # A list's elements are kept with their places, and sent in their order.
            first = self.width + (variable.kind == LIST)
            fields = range(first, len(self._layouts[variable.store].schema))
            order = self.width if variable.kind == LIST else None
            tables.append(kept[variable.store].sent(fields, order))
        return tables

    def arguments(self, times: BatchTimes) -> ProcessorTimes:
        """The times, and up to which one timers have expired."""
        fire_ms = None if self.mode == NO_TIME else times.eviction_us // 1000
        return ProcessorTimes(times.batch_us // 1000, times.watermark_us // 1000, fire_ms)

    def changes(
        self, given: Sequence[pa.Table], state: KeptState, due: Mapping[str, DueRows], times: BatchTimes
    ) -> dict[str, StoreChange]:
        """From the groups whose timers have changed and their timers, and the same of each variable."""
        hashes, changes = state.groups.hashes, {}
        if TIMERS in state.kept:
            # A timer that has been registered for the past fires with the next batch.
            expires = np.maximum(int64_column(given[1].column(1)) * 1000, times.eviction_us + 1)
            put = state.with_keys(given[1], [integers(expires)], self._layouts[TIMERS])
            still = state.kept[TIMERS].lasting(times.eviction_us)
            changes[TIMERS] = still.change(
                numbers_in(given[0]), put, numbers_in(given[1]), hashes, due[TIMERS]
            )
        for at, variable in enumerate(self._variables):
            changed, rows = given[2 + 2 * at : 4 + 2 * at]
            numbers, name = numbers_in(rows), variable.store
            if variable.kind == LIST:
                places = np.arange(len(numbers)) - np.searchsorted(numbers, numbers)
                rows = rows.add_column(1, "place", integers(places))
            put = state.with_keys(rows, [], self._layouts[name])
            changes[name] = state.kept[name].change(numbers_in(changed), put, numbers, hashes, due.get(name))
        return changes


def _layout(variable: StateVariable, keys: StructType) -> StoreLayout:
    fields, names = key_fields(keys), list(keys.names)
    if variable.kind == LIST:
        fields.append(pa.field("place", pa.int64()))
        names.append("place")
    if variable.key is not None:
        fields += _prefixed("map key", variable.key)
        names += variable.key.names
    shown = ShownRow(shown_columns(names), shown_columns(variable.value.names, len(fields)))
    fields += _prefixed("value", variable.value)
    expiry = None
    if variable.ttl_ms is not None:
        expiry = len(fields)
        fields.append(pa.field("expires_us", pa.int64()))
    return StoreLayout(pa.schema(fields), tuple(range(len(keys.fields))), expiry, shown=shown)


def _prefixed(word: str, schema: StructType) -> list[pa.Field]:
    return [pa.field(f"{word} {field.name}", field.type) for field in to_arrow_schema(schema)]


def _timers_layout(keys: StructType) -> StoreLayout:
    fields = [*key_fields(keys), pa.field("time_ms", pa.int64()), pa.field("expires_us", pa.int64())]
    shown = ShownRow(shown_columns([*keys.names, "expiration_timestamp_ms"]), ())
    return StoreLayout(pa.schema(fields), tuple(range(len(keys.fields))), len(fields) - 1, shown=shown)


def _empty(columns: int) -> pa.Table:
    return pa.table({f"c{at}": integers([]) for at in range(columns)})
