"""One limit of memory for all databases of this process.

A database takes memory while it runs a statement.  Those that run now share what the limit leaves after
what is held elsewhere (state, cached results, the stores of workers): each is given its threads' part of
it, and one that has more gives some back when others come.  What they are given never adds up to more.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Hashable
from typing import Protocol

from streamcore.duck.machine import machine_memory

DEFAULT_SHARE = 0.6
_LEAST_SHARE = 0.25
_LARGEST_SHARE = 0.875
# Telling a database its limit costs as much as a small statement, so that limits move in steps: what is
# held elsewhere grows by some bytes with every batch.
_STEPS = 256
_NEAR_ENOUGH = 0.7


class Member(Protocol):
    """A database that is given memory."""

    threads: int
    granted: int

    def limit_memory(self, limit: int) -> bool:
        """Takes no more than `limit` bytes from now on; False when it holds more than that already."""


class MemoryBudget:
    """What the databases of one process may take together.

    Parameters
    ----------
    limit
        Bytes for the databases and for everything that is reserved beside them.
    threads
        How many threads work at once; a database of all of them is given most of the memory.

    >>> MemoryBudget(limit=1000, threads=2).available
    1000
    """

    def __init__(self, limit: int, threads: int) -> None:
        self._lock = threading.Lock()
        self._limit = limit
        self._threads = threads
        self._reserved: dict[Hashable, int] = {}
        self._running: dict[int, Member] = {}

    def configure(self, limit: int, threads: int) -> None:
        """Changes the limit; what runs keeps what it was given until others need it."""
        with self._lock:
            self._limit, self._threads = limit, max(threads, 1)

    def reserve(self, holder: Hashable, size: int) -> None:
        """Says that `holder` has `size` bytes of the limit, and no longer what it had before."""
        with self._lock:
            self._reserved[holder] = size

    def release(self, holder: Hashable) -> None:
        """Says that `holder` has nothing any more."""
        with self._lock:
            self._reserved.pop(holder, None)

    @property
    def available(self) -> int:
        """What all databases together may take: what is not reserved, at least a quarter of the limit."""
        return max(self._limit - sum(self._reserved.values()), int(self._limit * _LEAST_SHARE))

    @property
    def granted(self) -> int:
        """What the databases that run now may take together."""
        with self._lock:
            return sum(member.granted for member in self._running.values())

    def enter(self, member: Member) -> None:
        """Gives a database that is about to run its part."""
        with self._lock:
            others = list(self._running.values())
            wanted = self._part(member)
            free = self.available - sum(other.granted for other in others)
            if free < wanted and others:
                free += self._given_back(others, member)
                wanted = min(wanted, free // 2)
            if others:
                # Something is left for the next one: none is refused, and the sum stays below the limit.
                wanted = min(wanted, free - free // 4)
            wanted = self._in_steps(wanted)
            if not wanted * _NEAR_ENOUGH <= member.granted <= wanted:
                member.limit_memory(wanted)
                member.granted = wanted
            self._running[id(member)] = member

    def leave(self, member: Member) -> None:
        """Says that a database runs no more."""
        with self._lock:
            self._running.pop(id(member), None)

    def _in_steps(self, wanted: int) -> int:
        step = self._limit // _STEPS
        return wanted // step * step if wanted > step > 0 else wanted

    def _part(self, member: Member) -> int:
        return int(self.available * min(member.threads / self._threads, _LARGEST_SHARE))

    def _given_back(self, others: list[Member], newcomer: Member) -> int:
        """Takes back what those that run have beyond their fair part; how much that is."""
        threads = newcomer.threads + sum(other.threads for other in others)
        back = 0
        for other in others:
            fair = self.available * other.threads // (threads + 1)
            if other.granted > fair and other.limit_memory(fair):
                back += other.granted - fair
                other.granted = fair
        return back


BUDGET = MemoryBudget(int(machine_memory() * DEFAULT_SHARE), os.cpu_count() or 1)
"""That of this process; a Context sets its limit."""
