"""What the tasks of one query share, let go together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from streamcore.execution.tasks import Executor, Shared

T = TypeVar("T")


class Sharing:
    """Shares values on one executor until it is closed; for one thread."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._shared: dict[int, Shared[Any]] = {}

    def share(self, value: T) -> Shared[T]:
        """See `Executor.share`."""
        shared = self._executor.share(value)
        self._shared[id(shared)] = shared
        return shared

    def drop(self, shared: Shared[Any]) -> None:
        """No task needs it any more, though others go on."""
        del self._shared[id(shared)]
        shared.destroy()

    def close(self) -> None:
        """Destroys all of them, the newest first."""
        while self._shared:
            self._shared.popitem()[1].destroy()
