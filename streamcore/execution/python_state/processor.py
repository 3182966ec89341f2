"""PySpark's API of arbitrary state: StatefulProcessor and what its methods are handed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterator
from typing import Any

from streamcore.errors import ArgumentTypeError, IllegalArgumentException, UnsupportedOperationException
from streamcore.execution.python_state.cells import (
    Cells,
    Entry,
    ListCells,
    MapCells,
    TimerCells,
    ValueCells,
    frozen,
    plain,
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

CELLS: dict[str, type[Cells]] = {VALUE: ValueCells, LIST: ListCells, MAP: MapCells}


class TimerValues:
    """The times of the current batch; -1 where the time mode has none."""

    def __init__(self, currentProcessingTimeInMs: int = -1, currentWatermarkInMs: int = -1) -> None:
        self._processing_ms = currentProcessingTimeInMs
        self._watermark_ms = currentWatermarkInMs

    def getCurrentProcessingTimeInMs(self) -> int:
        """The processing time of the batch, in milliseconds; the same whenever the batch is run."""
        return self._processing_ms

    def getCurrentWatermarkInMs(self) -> int:
        """The watermark of the batch, in milliseconds."""
        return self._watermark_ms


class ExpiredTimerInfo:
    """The timer that has fired."""

    def __init__(self, expiryTimeInMs: int = -1) -> None:
        self._expiry_ms = expiryTimeInMs

    def getExpiryTimeInMs(self) -> int:
        """The time for which it was registered, in milliseconds."""
        return self._expiry_ms


class StateMemory:
    """All state of one batch and partition; the processor's variables see that of the current group."""

    def __init__(self, time_mode: str, times: TimerValues) -> None:
        self.time_mode = time_mode
        self.times = times
        self.group: Hashable = None
        self.is_in_init = True
        self.declarations = Declarations(time_mode)
        self.cells: dict[str, Cells] = {}
        self.timers = TimerCells()

    def expiry_of(self, variable: StateVariable) -> int | None:
        """When what is written now expires, in microseconds."""
        if variable.ttl_ms is None:
            return None
        return (self.times.getCurrentProcessingTimeInMs() + variable.ttl_ms) * 1000


class _Variable:
    def __init__(self, variable: StateVariable, memory: StateMemory) -> None:
        self._variable = variable
        self._memory = memory

    def _entry(self, value: Any) -> Entry:
        return self._checked(value, self._variable.value), self._memory.expiry_of(self._variable)

    def _checked(self, value: Any, schema: StructType) -> tuple[Any, ...]:
        if value is None or isinstance(value, str | bytes) or not hasattr(value, "__len__"):
            raise ArgumentTypeError(
                f"the state variable {self._variable.name} takes tuples of {schema.simpleString()}, not "
                f"{value!r}"
            )
        if len(value) != len(schema.fields):
            raise IllegalArgumentException(
                f"the state variable {self._variable.name} takes tuples of {schema.simpleString()}: "
                f"{len(schema.fields)} values, not {len(value)}"
            )
        return tuple(map(plain, value))


class ValueState(_Variable):
    """One value for each key."""

    def __init__(self, variable: StateVariable, memory: StateMemory, cells: ValueCells) -> None:
        super().__init__(variable, memory)
        self._cells = cells

    def exists(self) -> bool:
        """Whether the key has a value."""
        return self._memory.group in self._cells.content

    def get(self) -> tuple[Any, ...] | None:
        """The key's value; None when it has none."""
        found = self._cells.content.get(self._memory.group)
        return None if found is None else found[0]

    def update(self, newValue: tuple[Any, ...]) -> None:
        """Puts a value in the place of the one that is there."""
        group = self._memory.group
        self._cells.content[group] = self._entry(newValue)
        self._cells.changed.add(group)

    def clear(self) -> None:
        """Removes the key's value."""
        self._cells.clear(self._memory.group)


class ListState(_Variable):
    """One list for each key."""

    def __init__(self, variable: StateVariable, memory: StateMemory, cells: ListCells) -> None:
        super().__init__(variable, memory)
        self._cells = cells

    def exists(self) -> bool:
        """Whether the key has a list."""
        return bool(self._cells.content.get(self._memory.group))

    def get(self) -> Iterator[tuple[Any, ...]]:
        """The elements of the key's list, in order."""
        # A copy: the list may be changed while it is looked through.
        return iter([value for value, _ in self._cells.content.get(self._memory.group, ())])

    def put(self, newState: list[tuple[Any, ...]]) -> None:
        """Puts a list in the place of the one that is there."""
        self._require_elements(newState)
        found = [self._entry(value) for value in newState]
        group = self._memory.group
        self._cells.content[group] = found
        self._cells.changed.add(group)

    def appendValue(self, newState: tuple[Any, ...]) -> None:
        """Adds an element at the end."""
        self.appendList([newState])

    def appendList(self, newState: list[tuple[Any, ...]]) -> None:
        """Adds elements at the end."""
        self._require_elements(newState)
        found = [self._entry(value) for value in newState]
        group = self._memory.group
        self._cells.content.setdefault(group, []).extend(found)
        self._cells.changed.add(group)

    def clear(self) -> None:
        """Removes the key's list."""
        self._cells.clear(self._memory.group)

    def _require_elements(self, elements: list[tuple[Any, ...]]) -> None:
        if not elements:
            raise IllegalArgumentException(
                "[ILLEGAL_STATE_STORE_VALUE.EMPTY_LIST_VALUE] Illegal value provided to the State Store. "
                f"Cannot write empty list values to State Store for StateName {self._variable.name}; clear() "
                "removes a list. SQLSTATE: 42601"
            )


class MapState(_Variable):
    """One map for each key."""

    def __init__(self, variable: StateVariable, memory: StateMemory, cells: MapCells) -> None:
        super().__init__(variable, memory)
        self._cells = cells

    def exists(self) -> bool:
        """Whether the key has a map."""
        return bool(self._cells.content.get(self._memory.group))

    def getValue(self, key: tuple[Any, ...]) -> tuple[Any, ...] | None:
        """The value under `key`; None when there is none."""
        found = self._cells.content.get(self._memory.group, {}).get(self._frozen(key))
        return None if found is None else found[1][0]

    def containsKey(self, key: tuple[Any, ...]) -> bool:
        """Whether there is a value under `key`."""
        return self._frozen(key) in self._cells.content.get(self._memory.group, {})

    def updateValue(self, key: tuple[Any, ...], value: tuple[Any, ...]) -> None:
        """Puts a value under `key`."""
        assert self._variable.key is not None
        own, entry = self._checked(key, self._variable.key), self._entry(value)
        group = self._memory.group
        self._cells.content.setdefault(group, {})[frozen(own)] = (own, entry)
        self._cells.changed.add(group)

    def iterator(self) -> Iterator[tuple[tuple[Any, ...], tuple[Any, ...]]]:
        """The pairs of key and value."""
        return iter([(key, entry[0]) for key, entry in self._cells.entries(self._memory.group)])

    def keys(self) -> Iterator[tuple[Any, ...]]:
        """The keys."""
        return iter([key for key, _ in self._cells.entries(self._memory.group)])

    def values(self) -> Iterator[tuple[Any, ...]]:
        """The values."""
        return iter([entry[0] for _, entry in self._cells.entries(self._memory.group)])

    def removeKey(self, key: tuple[Any, ...]) -> None:
        """Removes what is under `key`."""
        group = self._memory.group
        found = self._cells.content.get(group)
        if found is not None and found.pop(self._frozen(key), None) is not None:
            self._cells.changed.add(group)

    def clear(self) -> None:
        """Removes the key's map."""
        self._cells.clear(self._memory.group)

    def _frozen(self, key: tuple[Any, ...]) -> Hashable:
        assert self._variable.key is not None
        return frozen(self._checked(key, self._variable.key))


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
