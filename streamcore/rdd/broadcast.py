"""Broadcast variables: a value that goes to each worker once, however many tasks read it."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from streamcore.errors import StreamcoreError
from streamcore.scheduler.env import current_task
from streamcore.scheduler.serial import dumps_code, loads

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Broadcast(Generic[T]):
    """A read-only value for all tasks; made by `Context.broadcast`.

    The value is pickled once, into a private file; a worker reads it when a task first asks.

    >>> stops = sc.broadcast({"the", "a"})
    >>> sc.parallelize(["the", "cat"]).filter(lambda w: w not in stops.value).collect()
    ['cat']
    >>> stops.destroy()
    """

    def __init__(self, broadcast_id: int, value: T, folder: Path, forget: Callable[[int], None]) -> None:
        self._id = broadcast_id
        self._value: T | None = value
        self._forget: Callable[[int], None] | None = forget
        self._path: Path | None = folder / f"broadcast-{broadcast_id}"
        self._path.write_bytes(dumps_code(value))

    @property
    def value(self) -> T:
        """The value."""
        if self._path is None:
            raise StreamcoreError(f"broadcast variable {self._id} was destroyed")
        if self._forget is not None:
            return self._value  # type: ignore[return-value]
        task = current_task()
        values: dict[int, Any] = {} if task is None else task.values
        if self._id not in values:
            values[self._id] = loads(self._path.read_bytes())
        found: T = values[self._id]
        return found

    def unpersist(self, blocking: bool = False) -> None:
        """Drop the workers' copies; they are read again when a task asks."""
        self._on_driver("unpersisted")(self._id)

    def destroy(self, blocking: bool = False) -> None:
        """Drop the value everywhere; a task that asks for it fails."""
        self._on_driver("destroyed")(self._id)
        if self._path is not None:
            with contextlib.suppress(OSError):
                self._path.unlink()
        self._path, self._value = None, None

    def _on_driver(self, done: str) -> Callable[[int], None]:
        if self._forget is None:
            raise StreamcoreError(f"a broadcast variable can only be {done} on the driver")
        return self._forget

    def __reduce__(self) -> tuple[Any, ...]:
        if self._path is None:
            raise StreamcoreError(f"broadcast variable {self._id} was destroyed; no task can use it")
        return _in_worker, (self._id, str(self._path))


def _in_worker(broadcast_id: int, path: str) -> Broadcast[Any]:
    found: Broadcast[Any] = Broadcast.__new__(Broadcast)
    found.__dict__.update(_id=broadcast_id, _value=None, _forget=None, _path=Path(path))
    return found
