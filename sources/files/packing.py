"""Files packed into partitions."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from itertools import groupby
from typing import Protocol, TypeVar

_MAX_BYTES = 128 << 20
_OPEN_COST = 4 << 20


class Sized(Protocol):
    """Anything with a size in bytes."""

    @property
    def size(self) -> int:
        """Bytes."""


F = TypeVar("F", bound=Sized)


def pack(files: Sequence[F], parallelism: int, alike: Callable[[F], Hashable]) -> list[list[F]]:
    """Neighbouring files that are `alike` in groups of some size, so that every core has work.

    Spark's rule: at most 128 MiB in a group, and opening a file counts as 4 MiB.
    """
    total = sum(file.size + _OPEN_COST for file in files)
    most = min(_MAX_BYTES, max(_OPEN_COST, total // max(1, parallelism)))
    groups: list[list[F]] = []
    for _, same in groupby(files, key=alike):
        filled = most + 1
        for file in same:
            if filled + file.size > most:
                groups.append([])
                filled = 0
            groups[-1].append(file)
            filled += file.size + _OPEN_COST
    return groups
