"""The tasks of one stage that wait for a worker, sorted by the worker that they would rather have."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class TaskQueue:
    """Partitions waiting to be launched.

    A partition may prefer the worker that holds its data. Another worker gets it only when nothing was
    launched for `wait` seconds, because computing the data again costs more than a short wait.

    >>> queue = TaskQueue(wait=3.0)
    >>> queue.add(0, prefers=7, now=0.0)
    >>> queue.take(8, now=1.0) is None, queue.take(8, now=3.0)
    (True, 0)
    """

    def __init__(self, wait: float) -> None:
        self._wait = wait
        self._anywhere: deque[int] = deque()
        self._at: dict[int, deque[int]] = {}
        self._last_launch = 0.0

    def __len__(self) -> int:
        return len(self._anywhere) + sum(map(len, self._at.values()))

    def add(self, partition: int, *, prefers: int | None, now: float) -> None:
        """Let a partition wait, for the worker that it prefers if there is one."""
        if not len(self):
            self._last_launch = now
        if prefers is None:
            self._anywhere.append(partition)
        else:
            self._at.setdefault(prefers, deque()).append(partition)

    def take(self, worker: int, now: float) -> int | None:
        """Return the partition that `worker` should run now, or None."""
        queue = self._at.get(worker) or self._anywhere or self._overdue(now)
        if not queue:
            return None
        self._last_launch = now
        return queue.popleft()

    def wakes_at(self) -> float | None:
        """Return when a partition that waits for a busy worker may go to another, or None."""
        return self._last_launch + self._wait if any(self._at.values()) else None

    def forget_worker(self, worker: int) -> None:
        """Let those that prefer a worker which is gone run anywhere."""
        self._anywhere.extend(self._at.pop(worker, ()))

    def rename(self, stand_in: int, worker: int) -> None:
        """Give a worker that has joined what waits for its stand-in."""
        waiting = self._at.pop(stand_in, None)
        if waiting:
            self._at[worker] = waiting

    def drain(self) -> Iterable[int]:
        """Remove and return all."""
        every = [*self._anywhere, *(p for queue in self._at.values() for p in queue)]
        self._anywhere.clear()
        self._at.clear()
        return every

    def _overdue(self, now: float) -> deque[int] | None:
        if now - self._last_launch < self._wait or not self._at:
            return None
        return max(self._at.values(), key=len)
