"""Driver data as partitions: sliced as PySpark slices, pickled at once, so that it cannot change later."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from streamcore.scheduler.messages import FileSlice
from streamcore.scheduler.serial import dumps_records_by_value

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_IN_PLACE = 1 << 16
_MAX_BATCH = 1024


def slices(records: Sequence[Any], partitions: int) -> list[Sequence[Any]]:
    """Cut records into partitions, at multiples of PySpark's batch size.

    >>> slices([0, 1, 2, 3, 4], 3)
    [[0], [1, 2], [3, 4]]
    """
    size = max(1, min(len(records) // partitions, _MAX_BATCH))
    batches = -(-len(records) // size)
    bounds = [i * batches // partitions * size for i in range(partitions)] + [len(records)]
    return [records[low:high] for low, high in pairwise(bounds)]


def pickled_pieces(
    parts: Sequence[Sequence[Any]], folder: Path, name: str
) -> tuple[list[bytes | FileSlice], Path | None]:
    """Pickle each partition; together in one file when they are large, which the caller deletes one day."""
    data = [dumps_records_by_value(list(part)) for part in parts]
    if sum(map(len, data)) <= _IN_PLACE:
        return list(data), None
    path = folder / name
    pieces: list[bytes | FileSlice] = []
    with path.open("wb") as file:
        for piece in data:
            pieces.append(FileSlice(str(path), file.tell(), len(piece)))
            file.write(piece)
    return pieces, path
