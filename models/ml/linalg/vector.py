"""What dense and sparse vectors share, and what passes for a vector beside them."""

from __future__ import annotations

import array
import math
import struct
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from streamcore.models.ml.linalg.udt import VectorUDT

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HASHED = 128
"""How many entries that are not zero go into the hash."""


class Vector:
    """A vector of floats, dense or sparse."""

    __UDT__: ClassVar[VectorUDT] = VectorUDT()

    def toArray(self) -> NDArray[np.float64]:
        """All entries as one numpy array."""
        raise NotImplementedError

    def __len__(self) -> int:
        raise NotImplementedError

    def norm(self, p: Any) -> np.floating[Any]:
        """The p-norm."""
        raise NotImplementedError

    def squared_distance(self, other: Any) -> np.float64:
        """The square of the Euclidean distance to another vector of the same size."""
        raise NotImplementedError

    def _active(self) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """The indices and values that are not zero, as equality and hash see the vector."""
        raise NotImplementedError

    def __hash__(self) -> int:
        result = 31 + len(self)
        for index, value in zip(*(part[:_HASHED].tolist() for part in self._active()), strict=True):
            bits = struct.unpack("Q", struct.pack("d", math.nan if math.isnan(value) else value))[0]
            result = 31 * (31 * result + index) + (bits ^ (bits >> 32))
        return result

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Vector):
            return False
        (indices, values), (others, entries) = self._active(), other._active()
        return len(self) == len(other) and np.array_equal(indices, others) and np.array_equal(values, entries)


def is_scipy(value: object) -> bool:
    """Whether a value is a sparse matrix of scipy, told without importing scipy."""
    return type(value).__module__.startswith("scipy.sparse") and hasattr(value, "tocsc")


def size_of(value: Any) -> int:
    """The size of anything that passes for a vector.

    >>> size_of([1.0, 2.0, 3.0]), size_of(np.zeros((2, 1)))
    (3, 2)
    """
    if isinstance(value, Vector | array.array | list | tuple | range):
        return len(value)
    if isinstance(value, np.ndarray):
        if value.ndim == 1 or (value.ndim == 2 and value.shape[1] == 1):
            return len(value)
        raise ValueError(f"Cannot treat an ndarray of shape {value.shape} as a vector")
    if is_scipy(value):
        assert value.shape[1] == 1, "Expected column vector"
        return int(value.shape[0])
    raise TypeError(f"Cannot treat type {type(value)} as a vector")


def as_vector(value: Any) -> Vector:
    """A Vector of anything that passes for one: itself, a sequence, an array, a sparse column of scipy."""
    from streamcore.models.ml.linalg.dense import DenseVector
    from streamcore.models.ml.linalg.sparse import SparseVector

    if isinstance(value, Vector):
        return value
    if isinstance(value, array.array | np.ndarray | list | tuple | range):
        return DenseVector(value)
    if is_scipy(value):
        assert value.shape[1] == 1, "Expected column vector"
        column = value.tocsc()
        column.sort_indices()
        return SparseVector(value.shape[0], column.indices, column.data)
    raise TypeError(f"Cannot convert type {type(value)} into Vector")


def floats(values: bytes | NDArray[Any] | Iterable[float]) -> NDArray[np.float64]:
    """An array of float64, without a copy where it is one."""
    if isinstance(values, bytes):
        return np.frombuffer(values, dtype=np.float64)
    if not isinstance(values, np.ndarray | list | tuple | array.array):
        values = list(values)
    return np.asarray(values, dtype=np.float64)


def require_same_size(left: int, right: int) -> None:
    """AssertionError, as PySpark raises it, for vectors that do not fit together."""
    if left != right:
        raise AssertionError("dimension mismatch")
