"""PySpark's API of arbitrary state: StatefulProcessor and what its methods are handed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

from streamcore.errors import UnsupportedOperationException
from streamcore.execution.python_state.cells import ListCells, MapCells, ValueCells
from streamcore.execution.python_state.states import (
    ExpiredTimerInfo,
    ListState,
    MapState,
    StateMemory,
    TimerValues,
    ValueState,
)
from streamcore.execution.python_state.variables import (
    LIST,
    MAP,
    VALUE,
    Declarations,
    StateVariable,
    struct_of,
)
from streamcore.spi.time_modes import NO_TIME
from streamcore.spi.types import StructType


class StatefulProcessorHandle:
    """What a processor declares its state with, and reaches its timers through."""

    def __init__(self, memory: StateMemory) -> None:
        self._memory = memory

    def getValueState(
        self, stateName: str, schema: StructType | str, ttlDurationMs: int | None = None
    ) -> ValueState:
        """A variable of one value per key; to be called in `init` alone."""
        variable = self._declared(StateVariable(stateName, VALUE, struct_of(schema), None, ttlDurationMs))
        cells = self._memory.cells.setdefault(stateName, ValueCells())
        assert isinstance(cells, ValueCells)
        return ValueState(variable, self._memory, cells)

    def getListState(
        self, stateName: str, schema: StructType | str, ttlDurationMs: int | None = None
    ) -> ListState:
        """A variable of one list per key; to be called in `init` alone."""
        variable = self._declared(StateVariable(stateName, LIST, struct_of(schema), None, ttlDurationMs))
        cells = self._memory.cells.setdefault(stateName, ListCells())
        assert isinstance(cells, ListCells)
        return ListState(variable, self._memory, cells)

    def getMapState(
        self,
        stateName: str,
        userKeySchema: StructType | str,
        valueSchema: StructType | str,
        ttlDurationMs: int | None = None,
    ) -> MapState:
        """A variable of one map per key; to be called in `init` alone."""
        schemas = struct_of(valueSchema), struct_of(userKeySchema)
        variable = self._declared(StateVariable(stateName, MAP, *schemas, ttlDurationMs))
        cells = self._memory.cells.setdefault(stateName, MapCells())
        assert isinstance(cells, MapCells)
        return MapState(variable, self._memory, cells)

    def registerTimer(self, expiryTimestampMs: int) -> None:
        """Lets `handleExpiredTimer` be called for the current key when this time has come."""
        self._require_timers("register_timer")
        self._memory.timers.add(self._memory.group, int(expiryTimestampMs))

    def deleteTimer(self, expiryTimestampMs: int) -> None:
        """Takes a registered timer of the current key back."""
        self._require_timers("delete_timer")
        self._memory.timers.remove(self._memory.group, int(expiryTimestampMs))

    def listTimers(self) -> Iterator[int]:
        """The timers of the current key, the earliest first."""
        self._require_timers("list_timers")
        return iter(self._memory.timers.of(self._memory.group))

    def deleteIfExists(self, stateName: str) -> None:
        """Lets what an earlier version of the processor kept under this name go; in `init` alone."""
        self._require_init("delete_if_exists")
        self._memory.declarations.delete(stateName)

    def _declared(self, variable: StateVariable) -> StateVariable:
        self._require_init(f"get_{variable.kind}_state")
        return self._memory.declarations.declare(variable)

    def _require_init(self, operation: str) -> None:
        if not self._memory.is_in_init:
            raise _wrong_moment(operation, "INITIALIZED")

    def _require_timers(self, operation: str) -> None:
        if self._memory.time_mode == NO_TIME:
            raise UnsupportedOperationException(
                "[STATEFUL_PROCESSOR_CANNOT_PERFORM_OPERATION_WITH_INVALID_TIME_MODE] Failed to perform "
                f"stateful processor operation={operation} with invalid timeMode=NoTime. SQLSTATE: 42802"
            )
        if self._memory.is_in_init:
            raise _wrong_moment(operation, "CREATED")


class StatefulProcessor(ABC):
    """The logic of `transformWithState` and `transformWithStateInPandas`, written by the user.

    An instance is made anew for every batch and partition: what is to be remembered belongs into state.  For
    `transformWithStateInPandas` rows come and go as pandas DataFrames, for `transformWithState` as Rows.
    """

    @abstractmethod
    def init(self, handle: StatefulProcessorHandle) -> None:
        """Declares the state variables; called first."""

    @abstractmethod
    def handleInputRows(self, key: Any, rows: Iterator[Any], timerValues: TimerValues) -> Iterator[Any]:
        """Takes the rows of one key, and gives the rows that come out."""

    def handleExpiredTimer(
        self, key: Any, timerValues: TimerValues, expiredTimerInfo: ExpiredTimerInfo
    ) -> Iterator[Any]:
        """Called when a timer of `key` has expired; gives the rows that come out."""
        return iter([])

    def handleInitialState(  # noqa: B027 - there need not be any
        self, key: Any, initialState: Any, timerValues: TimerValues
    ) -> None:
        """Takes the initial state of one key, in the first batch."""

    def close(self) -> None:  # noqa: B027 - there need not be anything to free
        """Frees what `init` has opened; called last."""


def declarations_of(processor: StatefulProcessor, time_mode: str) -> Declarations:
    """What the processor's `init` declares; to be asked of a copy, since `init` changes it."""
    memory = StateMemory(time_mode, TimerValues())
    processor.init(StatefulProcessorHandle(memory))
    processor.close()
    return memory.declarations


def _wrong_moment(operation: str, state: str) -> UnsupportedOperationException:
    return UnsupportedOperationException(
        "[STATEFUL_PROCESSOR_CANNOT_PERFORM_OPERATION_WITH_INVALID_HANDLE_STATE] Failed to perform stateful "
        f"processor operation={operation} with invalid handle state={state}. SQLSTATE: 42802"
    )
