"""What stays with the place where a task runs, from task to task: a database, a buffer.

The scheduler says which place this thread works at; a connector asks for what it needs there.  Whoever
keeps a thing closes it, so that nothing is left to the end of a thread.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

R = TypeVar("R", bound="Closable")

_here = threading.local()


class Closable(Protocol):
    """A thing that holds something until it is closed."""

    def close(self) -> None:
        """Frees what it holds."""


class Keeper(Protocol):
    """A place that keeps things from task to task, and closes them."""

    def resource(self, key: Hashable, factory: Callable[[], R], /) -> R:
        """What is kept under `key`, made the first time."""


@contextmanager
def at(place: Keeper) -> Iterator[None]:
    """The block runs at `place`."""
    before = getattr(_here, "place", None)
    _here.place = place
    try:
        yield
    finally:
        _here.place = before


@contextmanager
def kept(key: Hashable, factory: Callable[[], R]) -> Iterator[R]:
    """What the place of this thread keeps under `key`; away from any place, a new one for the block."""
    place: Keeper | None = getattr(_here, "place", None)
    if place is not None:
        yield place.resource(key, factory)
        return
    own = factory()
    try:
        yield own
    finally:
        own.close()
