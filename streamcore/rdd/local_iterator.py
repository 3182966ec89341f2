"""Iterating over an RDD on the driver, a partition at a time."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from streamcore.rdd.kernels import as_list

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def iterate(run: Callable[..., list[Any]], partitions: int, ahead: int) -> Iterator[Any]:
    """Yield the records of all partitions in order; `ahead` partitions are computed before they are needed.

    The first job starts now, as in PySpark.
    """
    if ahead == 0:
        first = run(as_list, [0], "toLocalIterator") if partitions else []
        return _one_by_one(run, first, partitions)
    return _prefetching(run, partitions, ahead)


def _one_by_one(run: Callable[..., list[Any]], first: list[Any], partitions: int) -> Iterator[Any]:
    while first:
        yield from first.pop()
    for partition in range(1, partitions):
        (records,) = run(as_list, [partition], "toLocalIterator")
        yield from records


def _prefetching(run: Callable[..., list[Any]], partitions: int, ahead: int) -> Iterator[Any]:
    with ThreadPoolExecutor(ahead + 1) as pool:
        running: deque[Future[list[Any]]] = deque()
        for partition in range(partitions):
            running.append(pool.submit(run, as_list, [partition], "toLocalIterator"))
            if len(running) > ahead:
                yield from running.popleft().result()[0]
        while running:
            yield from running.popleft().result()[0]
