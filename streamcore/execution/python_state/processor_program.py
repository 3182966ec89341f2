"""What a worker runs for `transformWithState`: a processor over the groups of one partition and batch.

The first column of every table is the group of the row (see `streamcore.execution.python_state.exchange`).

    in:   keys, rows, initial state, timers, then for each state variable its rows
    out:  rows, groups whose timers have changed, their timers, then for each state variable the groups that
          have changed, and their rows
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streamcore.errors import IllegalArgumentException
from streamcore.execution.python_state.cells import TimerCells
from streamcore.execution.python_state.exchange import (
    Schemas,
    changed,
    changed_timers,
    loaded,
    loaded_timers,
    spans,
    without_group,
)
from streamcore.execution.python_state.processor import StatefulProcessor, StatefulProcessorHandle
from streamcore.execution.python_state.states import ExpiredTimerInfo, StateMemory, TimerValues
from streamcore.execution.python_state.variables import StateVariable
from streamcore.spi.row import row_of
from streamcore.spi.time_modes import NO_TIME

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.execution.python_state.flavors import Collected, Flavor
    from streamcore.spi.types import StructType


@dataclass(frozen=True)
class ProcessorTimes:
    """The times of a batch in milliseconds; timers up to `fire_ms` have expired (None: there are none)."""

    processing_ms: int
    watermark_ms: int
    fire_ms: int | None


@dataclass
class ProcessorProgram:
    """Runs a StatefulProcessor."""

    processor: StatefulProcessor
    flavor: Flavor
    schemas: Schemas
    time_mode: str
    variables: tuple[StateVariable, ...]

    def __call__(self, inputs: list[pa.Table], arguments: ProcessorTimes) -> list[pa.Table]:
        """One batch of one partition."""
        memory = StateMemory(self.time_mode, self._timer_values(arguments))
        collected = self.flavor.collected(self.schemas.output)
        self.processor.init(StatefulProcessorHandle(memory))
        try:
            self._check_declared(memory)
            memory.is_in_init = False
            keys = self.flavor.keys(without_group(inputs[0]), self.schemas.keys)
            self._load(memory, inputs)
            self._take_rows(memory, keys, inputs, collected)
            if arguments.fire_ms is not None:
                self._fire(memory, keys, arguments.fire_ms, collected)
        finally:
            self.processor.close()
        states = [table for v in self.variables for table in changed(v, memory.cells[v.name])]
        return [collected.table(), *changed_timers(memory.timers), *states]

    def _timer_values(self, times: ProcessorTimes) -> TimerValues:
        if self.time_mode == NO_TIME:
            return TimerValues()
        return TimerValues(times.processing_ms, times.watermark_ms)

    def _check_declared(self, memory: StateMemory) -> None:
        if tuple(memory.declarations.variables.values()) != self.variables:
            raise IllegalArgumentException(
                "init has declared other state variables than at the start of the query: it has to declare "
                "the same ones every time"
            )

    def _load(self, memory: StateMemory, inputs: list[pa.Table]) -> None:
        memory.timers = loaded_timers(inputs[3])
        for variable, table in zip(self.variables, inputs[4:], strict=True):
            loaded(variable, table, memory.cells[variable.name])

    def _take_rows(
        self, memory: StateMemory, keys: list[Any], inputs: list[pa.Table], collected: Collected
    ) -> None:
        rows = _Cut(inputs[1], self.schemas.rows, self.flavor, len(keys))
        initial = None
        if self.schemas.initial is not None and inputs[2].num_rows:
            initial = _Cut(inputs[2], self.schemas.initial, self.flavor, len(keys))
        for group, key in enumerate(keys):
            memory.group = group
            if initial is not None and initial.has(group):
                for piece in initial.of(group):
                    self.processor.handleInitialState(key, piece, memory.times)
            if rows.has(group):
                collected.add(self.processor.handleInputRows(key, rows.of(group), memory.times))

    def _fire(self, memory: StateMemory, keys: list[Any], fire_ms: int, collected: Collected) -> None:
        names = list(self.schemas.keys.names)
        # Those that are due now: what a call registers or deletes is seen by the next batch, as in Spark.
        for time_ms, group in due_timers(memory.timers, fire_ms):
            memory.group = group
            given = self.processor.handleExpiredTimer(
                key=row_of(names, keys[group]),
                timerValues=memory.times,
                expiredTimerInfo=ExpiredTimerInfo(time_ms),
            )
            collected.add(given)
            memory.timers.remove(group, time_ms)


class _Cut:
    """The rows of a batch as the user sees them, group by group."""

    def __init__(self, table: pa.Table, schema: StructType, flavor: Flavor, groups: int) -> None:
        self._first = spans(table.column(0), groups)
        self._rows = flavor.groups(without_group(table), schema)

    def has(self, group: int) -> bool:
        return bool(self._first[group] < self._first[group + 1])

    def of(self, group: int) -> Any:
        return self._rows.between(self._first[group], self._first[group + 1])


def due_timers(timers: TimerCells, fire_ms: int) -> list[tuple[int, Any]]:
    """The timers that have expired, as (time, group), the earliest first.

    >>> timers = TimerCells()
    >>> for group, time_ms in ((1, 30), (0, 20), (1, 10), (0, 99)):
    ...     timers.add(group, time_ms)
    >>> due_timers(timers, 30)
    [(10, 1), (20, 0), (30, 1)]
    """
    return sorted((t, group) for group, times in timers.content.items() for t in times if t <= fire_ms)
