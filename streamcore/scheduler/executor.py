"""The executor contract: where tasks run. One implementation per kind of place."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamcore.scheduler.messages import Command, Happening


class Executor(ABC):
    """Some workers, each of which runs one task at a time.

    One thread calls `start`, `send`, `kill` and `poll`; any thread may call `wake`.  An executor decides
    nothing: it carries commands to workers, and tells what happened to them.  A worker that dies is
    reported once as `Gone`, and another one joins in its place.
    """

    @abstractmethod
    def start(self) -> None:
        """Begin to start workers; each is reported as `Joined` by a later `poll`."""

    @abstractmethod
    def send(self, worker: int, command: Command) -> None:
        """Give a worker a command; commands to one worker are obeyed in order."""

    @abstractmethod
    def kill(self, worker: int) -> None:
        """End a worker together with what it runs; it is reported as `Gone`."""

    @abstractmethod
    def poll(self, timeout: float | None) -> Sequence[Happening]:
        """Wait up to `timeout` seconds (None: without end) for something to happen, or for `wake`."""

    @abstractmethod
    def wake(self) -> None:
        """Make the `poll` that waits, or the next one, return at once."""

    @abstractmethod
    def stop(self) -> None:
        """End all workers and wait until they are gone."""
