"""The one contract of executors: a task is a value, and its result another.

A task holds what it needs as values (texts of fragments, partitions of sources, Arrow tables, references to
stores) and nothing of a session or a query, so that any executor can run it: threads of this process, its
worker processes, a cluster.  What many tasks have in common is shared: it goes to each place once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamcore.spi.interruption import Interruption
    from streamcore.spi.kept import Keeper

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
R_co = TypeVar("R_co", covariant=True)


class Shared(Protocol[T_co]):
    """A value that tasks refer to; where they run elsewhere it is sent once, and stays between tasks.

    Every process has its own: what a task changes of it, tasks of other processes do not see.
    """

    @property
    def value(self) -> T_co:
        """The value, where the task runs."""

    def destroy(self) -> None:
        """No task needs it any more; no place keeps it."""


class Task(Protocol[R_co]):
    """A frozen value that can be pickled.

    It may be run at any place, and more than once: what it leaves behind has names of its own, and counts
    only when its result is used.
    """

    def run(self, place: Keeper) -> R_co:
        """Computes the result; `place` keeps what stays from task to task, such as a database."""


class Executor(Protocol):
    """Where tasks run.

    most_threads
        How many cores a task may use that runs alone.
    """

    @property
    def most_threads(self) -> int: ...

    def share(self, value: T) -> Shared[T]:
        """Makes `value` known wherever tasks run.

        When it is destroyed, this process closes a value that has `close()`; others drop their copy.
        """

    def run(self, tasks: Sequence[Task[T]], *, name: str) -> list[T]:
        """The results, in the order of the tasks; `name` is what the status API shows.

        The first failure cancels what has not begun and is raised as it is.  Raises WorkInterrupted when
        the caller's work was interrupted.
        """

    def interrupt(self, interruption: Interruption) -> None:
        """Ends the work under `interruption` as soon as it can be; called from another thread."""
