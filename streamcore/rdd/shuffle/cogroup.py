"""The values of each key in several inputs, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamcore.rdd.shuffle.combine import merged
from streamcore.rdd.shuffle.files import chunks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from streamcore.scheduler.env import TaskEnv

_CHUNK = 16384


class _CoGroup:
    """Folds (input, pairs) lists into a dict from key to one list per input."""

    def __init__(self, inputs: int) -> None:
        self._inputs = range(inputs)

    def add_values(self, combined: dict[Any, Any], tagged: Iterable[Any]) -> None:
        index, pairs = tagged
        for key, value in pairs:
            lists = combined.get(key)
            if lists is None:
                lists = combined[key] = tuple([] for _ in self._inputs)
            lists[index].append(value)

    def add_combiners(self, combined: dict[Any, Any], pairs: Iterable[tuple[Any, Any]]) -> None:
        for key, lists in pairs:
            known = combined.get(key)
            if known is None:
                combined[key] = lists
            else:
                for mine, more in zip(known, lists, strict=True):
                    mine.extend(more)


def cogroup(inputs: Sequence[Iterator[Any]], env: TaskEnv) -> Iterator[Any]:
    """Return (key, tuple of lists), one list per input, keys in the order of their first appearance."""
    fold = _CoGroup(len(inputs))
    tagged: Iterator[Any] = (
        (index, chunk) for index, records in enumerate(inputs) for chunk in chunks(records, _CHUNK)
    )
    return merged(tagged, fold.add_values, fold.add_combiners, env)
