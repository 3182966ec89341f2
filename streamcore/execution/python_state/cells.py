"""What a worker holds of the state of one batch's groups: read and changed in memory, then handed back.

Everything that has expired is left out when it is loaded, and what is written expires after the batch: no
access has to look at a clock.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable
from typing import Any

Entry = tuple[tuple[Any, ...], int | None]
"""A value, and when it expires (microseconds), or None."""


class ValueCells:
    """A value for each group."""

    def __init__(self) -> None:
        self.content: dict[Hashable, Entry] = {}
        self.changed: set[Hashable] = set()

    def clear(self, group: Hashable) -> None:
        """The group keeps nothing any more."""
        if self.content.pop(group, None) is not None:
            self.changed.add(group)

    def entries(self, group: Hashable) -> Iterable[tuple[Any, Entry]]:
        """What the group keeps, as (no key, entry)."""
        found = self.content.get(group)
        return () if found is None else ((None, found),)


class ListCells:
    """A list for each group; an empty one is none."""

    def __init__(self) -> None:
        self.content: dict[Hashable, list[Entry]] = {}
        self.changed: set[Hashable] = set()

    def clear(self, group: Hashable) -> None:
        """The group keeps nothing any more."""
        if self.content.pop(group, None) is not None:
            self.changed.add(group)

    def entries(self, group: Hashable) -> Iterable[tuple[Any, Entry]]:
        """What the group keeps, as (place, entry)."""
        return enumerate(self.content.get(group, ()))


class MapCells:
    """A map for each group; an empty one is none.  Keys are found by what they are made of, see `frozen`."""

    def __init__(self) -> None:
        self.content: dict[Hashable, dict[Hashable, tuple[tuple[Any, ...], Entry]]] = {}
        self.changed: set[Hashable] = set()

    def clear(self, group: Hashable) -> None:
        """The group keeps nothing any more."""
        if self.content.pop(group, None) is not None:
            self.changed.add(group)

    def entries(self, group: Hashable) -> Iterable[tuple[Any, Entry]]:
        """What the group keeps, as (key, entry)."""
        return self.content.get(group, {}).values()


Cells = ValueCells | ListCells | MapCells


class TimerCells:
    """The timers of each group: milliseconds."""

    def __init__(self) -> None:
        self.content: dict[Hashable, set[int]] = {}
        self.changed: set[Hashable] = set()

    def add(self, group: Hashable, time_ms: int) -> None:
        """Registers a timer; one that is there stays."""
        found = self.content.setdefault(group, set())
        if time_ms not in found:
            found.add(time_ms)
            self.changed.add(group)

    def remove(self, group: Hashable, time_ms: int) -> None:
        """Deletes a timer; nothing when it is not there."""
        found = self.content.get(group)
        if found is not None and time_ms in found:
            found.remove(time_ms)
            self.changed.add(group)

    def of(self, group: Hashable) -> list[int]:
        """The group's timers, the earliest first."""
        return sorted(self.content.get(group, ()))


def plain(value: Any) -> Any:
    """A value without what numpy and pandas wrap around it, as deep as it goes.

    >>> import numpy as np
    >>> plain((np.int64(3), [np.float64(0.5)], {"a": np.bool_(True)}))
    (3, [0.5], {'a': True})
    """
    kind = type(value)
    if kind in _PLAIN:
        return value
    if isinstance(value, tuple):
        items = tuple(map(plain, value))
        # A Row and a named tuple keep their fields.
        return items if kind is tuple else _like(value, items)
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {plain(key): plain(item) for key, item in value.items()}
    for method in ("to_pytimedelta", "to_pydatetime"):
        if hasattr(value, method):
            return getattr(value, method)()
    if kind.__module__ == "numpy" and hasattr(value, "tolist"):
        return value.tolist()
    return value


def frozen(value: Any) -> Hashable:
    """A key by which equal values of a map's keys are one.

    >>> frozen((1, [2, 3])) == frozen((1.0, (2, 3)))
    True
    """
    if isinstance(value, list | tuple):
        return tuple(map(frozen, value))
    if isinstance(value, dict):
        return frozenset((frozen(key), frozen(item)) for key, item in value.items())
    if isinstance(value, bytearray):
        return bytes(value)
    found: Hashable = "NaN" if isinstance(value, float) and math.isnan(value) else value
    return found


_PLAIN = frozenset({int, float, str, bytes, bool, type(None)})


def _like(value: tuple[Any, ...], items: tuple[Any, ...]) -> tuple[Any, ...]:
    if hasattr(value, "__fields__"):
        from streamcore.spi.row import row_of

        return row_of(value.__fields__, items)
    made: tuple[Any, ...] = type(value)(*items) if hasattr(value, "_fields") else items
    return made
