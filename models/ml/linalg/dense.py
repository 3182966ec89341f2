"""Dense vectors."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from streamcore.models.ml.linalg.text import listed, shorts
from streamcore.models.ml.linalg.vector import Vector, as_vector, floats, is_scipy, require_same_size, size_of

if TYPE_CHECKING:
    from numpy.typing import NDArray


def _elementwise(name: str) -> Callable[[DenseVector, Any], DenseVector]:
    def operator(self: DenseVector, other: Any) -> DenseVector:
        return DenseVector(
            getattr(self.array, name)(other.array if isinstance(other, DenseVector) else other)
        )

    operator.__name__ = name
    return operator


class DenseVector(Vector):
    """A vector that keeps every entry, in a numpy array; what it lacks itself, the array answers.

    >>> from streamcore.models.ml.linalg import Vectors
    >>> v, u = Vectors.dense([1.0, 2.0]), Vectors.dense([3.0, 4.0])
    >>> v + u, 2 - v, v / 2
    (DenseVector([4.0, 6.0]), DenseVector([1.0, 0.0]), DenseVector([0.5, 1.0]))
    >>> v.dot(u), v.sum()
    (np.float64(11.0), np.float64(3.0))
    """

    def __init__(self, ar: bytes | NDArray[Any] | Iterable[float]) -> None:
        self.array = floats(ar)

    def __reduce__(self) -> tuple[type[DenseVector], tuple[bytes]]:
        return type(self), (self.array.tobytes(),)

    @property
    def values(self) -> NDArray[np.float64]:
        """The array itself."""
        return self.array

    def toArray(self) -> NDArray[np.float64]:
        """The array itself."""
        return self.array

    def numNonzeros(self) -> int:
        """How many entries are not zero."""
        return int(np.count_nonzero(self.array))

    def norm(self, p: Any) -> np.floating[Any]:
        """The p-norm."""
        norm: np.floating[Any] = np.linalg.norm(self.array, p)
        return norm

    def dot(self, other: Any) -> Any:
        """The product with a vector, or with a matrix (an array of two dimensions, a sparse one of scipy)."""
        if isinstance(other, np.ndarray):
            if other.ndim > 1:
                require_same_size(len(self), other.shape[0])
            return np.dot(self.array, other)
        if is_scipy(other):
            require_same_size(len(self), other.shape[0])
            return other.transpose().dot(self.array)
        require_same_size(len(self), size_of(other))
        if isinstance(other, Vector):
            return np.dot(self.array, other.toArray())
        return np.dot(self.array, other)

    def squared_distance(self, other: Any) -> np.float64:
        """The square of the Euclidean distance to another vector of the same size."""
        require_same_size(len(self), size_of(other))
        difference = self.array - as_vector(other).toArray()
        distance: np.float64 = np.dot(difference, difference)
        return distance

    def _active(self) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        indices = np.flatnonzero(self.array)
        return indices.astype(np.int32), self.array[indices]

    def __len__(self) -> int:
        return len(self.array)

    @overload
    def __getitem__(self, item: int) -> np.float64: ...

    @overload
    def __getitem__(self, item: slice) -> NDArray[np.float64]: ...

    def __getitem__(self, item: int | slice) -> np.float64 | NDArray[np.float64]:
        found: np.float64 | NDArray[np.float64] = self.array[item]
        return found

    def __str__(self) -> str:
        return listed(self.array.tolist())

    def __repr__(self) -> str:
        return f"DenseVector([{', '.join(shorts(self.array))}])"

    def __getattr__(self, item: str) -> Any:
        if item == "array":  # not there yet: while it is copied or read back
            raise AttributeError(item)
        return getattr(self.array, item)

    def __neg__(self) -> DenseVector:
        return DenseVector(-self.array)

    __add__ = _elementwise("__add__")
    __sub__ = _elementwise("__sub__")
    __mul__ = _elementwise("__mul__")
    __truediv__ = _elementwise("__truediv__")
    __mod__ = _elementwise("__mod__")
    __radd__ = _elementwise("__radd__")
    __rsub__ = _elementwise("__rsub__")
    __rmul__ = _elementwise("__rmul__")
    __rtruediv__ = _elementwise("__rtruediv__")
    __rmod__ = _elementwise("__rmod__")
