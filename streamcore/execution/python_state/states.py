"""State as a processor sees it: the variables of the current key, over the memory of one batch."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any

from streamcore.errors import ArgumentTypeError, IllegalArgumentException
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
from streamcore.execution.python_state.variables import Declarations, StateVariable
from streamcore.spi.types import StructType


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
