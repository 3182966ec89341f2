"""Tasks on the thread slots of this process: nothing is pickled, and what is shared is there already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamcore.execution.tasks import Shared, Task
    from streamcore.scheduler.slots import ThreadSlots
    from streamcore.spi.interruption import Interruption

T = TypeVar("T")


class SlotExecutor:
    """As many tasks at once as there are slots; DuckDB, Arrow and files release the GIL."""

    def __init__(self, slots: ThreadSlots) -> None:
        self._slots = slots

    @property
    def most_threads(self) -> int:
        """A task that runs alone has the cores of all slots."""
        return self._slots.slots

    def share(self, value: T) -> Shared[T]:
        """See `Executor.share`."""
        return _Here(value)

    def run(self, tasks: Sequence[Task[T]], *, name: str) -> list[T]:
        """See `Executor.run`; a single task runs in the calling thread when a slot is free."""
        return self._slots.run([task.run for task in tasks], name=name)

    def interrupt(self, interruption: Interruption) -> None:
        """See `Executor.interrupt`."""
        self._slots.interrupt(interruption)


class _Here(Generic[T]):
    """A value of this process."""

    def __init__(self, value: T) -> None:
        self._value: T | None = value

    @property
    def value(self) -> T:
        if self._value is None:
            raise RuntimeError("a task runs with what was destroyed before")
        return self._value

    def destroy(self) -> None:
        value, self._value = self._value, None
        close = getattr(value, "close", None)
        if close is not None:
            close()
