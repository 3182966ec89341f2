"""Sparse vectors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from streamcore.models.ml.linalg.text import listed, short
from streamcore.models.ml.linalg.vector import Vector, as_vector, require_same_size, size_of

if TYPE_CHECKING:
    from numpy.typing import NDArray


class SparseVector(Vector):
    """A vector that keeps only its active entries: `SparseVector(size, indices, values)`.

    The entries may also be a dictionary `{index: value}` or pairs `(index, value)`.

    >>> SparseVector(4, [1, 3], [1.0, 5.5]) == SparseVector(4, {1: 1.0, 3: 5.5})
    True
    >>> SparseVector(4, [1, 3], [1.0, 5.5]).toArray()
    array([0. , 1. , 0. , 5.5])
    """

    def __init__(self, size: int, *args: Any) -> None:
        self.size = int(size)
        assert 1 <= len(args) <= 2, "must pass either 2 or 3 arguments"
        self.indices, self.values = _entries_of(*args)
        if self.indices.size:
            highest, lowest = self.indices.max(), self.indices.min()
            assert highest < self.size, f"Index {highest} is out of the size of vector with size={self.size}"
            assert lowest >= 0, f"Contains negative index {lowest}"

    @classmethod
    def of_arrays(cls, size: int, indices: NDArray[np.int32], values: NDArray[np.float64]) -> SparseVector:
        """The vector of arrays that are known to fit, which it takes as they are."""
        vector = cls.__new__(cls)
        vector.size, vector.indices, vector.values = size, indices, values
        return vector

    def __reduce__(self) -> tuple[type[SparseVector], tuple[int, bytes, bytes]]:
        return type(self), (self.size, self.indices.tobytes(), self.values.tobytes())

    def toArray(self) -> NDArray[np.float64]:
        """All entries as a new array."""
        entries = np.zeros(self.size)
        entries[self.indices] = self.values
        return entries

    def numNonzeros(self) -> int:
        """How many active entries are not zero."""
        return int(np.count_nonzero(self.values))

    def norm(self, p: Any) -> np.floating[Any]:
        """The p-norm."""
        norm: np.floating[Any] = np.linalg.norm(self.values, p)
        return norm

    def dot(self, other: Any) -> Any:
        """The product with a vector, or with an array of two dimensions."""
        if isinstance(other, np.ndarray):
            if other.ndim not in (1, 2):
                raise ValueError(f"Cannot call dot with {other.ndim}-dimensional array")
            require_same_size(len(self), other.shape[0])
            return np.dot(self.values, other[self.indices])
        require_same_size(len(self), size_of(other))
        vector = as_vector(other)
        if not isinstance(vector, SparseVector):
            return np.dot(self.values, vector.toArray()[self.indices])
        _, mine, theirs = np.intersect1d(
            self.indices, vector.indices, assume_unique=True, return_indices=True
        )
        return np.float64(np.dot(self.values[mine], vector.values[theirs]))

    def squared_distance(self, other: Any) -> np.float64:
        """The square of the Euclidean distance to another vector of the same size."""
        require_same_size(len(self), size_of(other))
        if isinstance(other, np.ndarray) and other.ndim != 1:
            raise ValueError(f"Cannot call squared_distance with {other.ndim}-dimensional array")
        vector = as_vector(other)
        if not isinstance(vector, SparseVector):
            return vector.squared_distance(self)
        indices = np.concatenate([self.indices, vector.indices])
        _, places = np.unique(indices, return_inverse=True)
        differences = np.bincount(places, np.concatenate([self.values, -vector.values]))
        distance: np.float64 = np.dot(differences, differences)
        return distance

    def _active(self) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        active = self.values != 0
        return self.indices[active], self.values[active]

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, index: int) -> np.float64:
        if not isinstance(index, int):
            raise TypeError(f"Indices must be of type integer, got type {type(index)}")
        if not -self.size <= index < self.size:
            raise IndexError(f"Index {index} out of bounds.")
        wanted = index + self.size if index < 0 else index
        place = int(np.searchsorted(self.indices, wanted))
        found = place < self.indices.size and self.indices[place] == wanted
        return np.float64(self.values[place] if found else 0.0)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, SparseVector):  # as in PySpark, a zero that is kept counts
            return (
                self.size == other.size
                and np.array_equal(self.indices, other.indices)
                and np.array_equal(self.values, other.values)
            )
        return super().__eq__(other)

    __hash__ = Vector.__hash__

    def __str__(self) -> str:
        return f"({self.size},{listed(self.indices.tolist())},{listed(self.values.tolist())})"

    def __repr__(self) -> str:
        entries = zip(self.indices.tolist(), self.values.tolist(), strict=True)
        shown = ", ".join(f"{index}: {short(value)}" for index, value in entries)
        return f"SparseVector({self.size}, {{{shown}}})"


def _entries_of(
    first: bytes | dict[int, float] | Iterable[Any], values: bytes | Iterable[float] | None = None
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    if values is None:
        pairs = sorted(first.items() if isinstance(first, dict) else first)
        return np.array([pair[0] for pair in pairs], np.int32), np.array(
            [pair[1] for pair in pairs], np.float64
        )
    if isinstance(first, bytes):
        assert isinstance(values, bytes), "values should be string too"
        return np.frombuffer(first, np.int32), np.frombuffer(values, np.float64)
    indices, entries = _array(first, np.int32), _array(values, np.float64)
    assert len(indices) == len(entries), "index and value arrays not same length"
    unordered = np.flatnonzero(indices[1:] <= indices[:-1])
    if unordered.size:
        at = int(unordered[0])
        raise TypeError(f"Indices {indices[at]} and {indices[at + 1]} are not strictly increasing")
    return indices, entries


def _array(values: Any, kind: Any) -> NDArray[Any]:
    if isinstance(values, Vector):
        values = values.toArray()
    return np.array(values if isinstance(values, np.ndarray) else list(values), dtype=kind)
