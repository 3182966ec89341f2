"""What transformers of one vector have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from streamcore.errors import IllegalArgumentException
from streamcore.models.mllib.linalg import DenseVector, SparseVector, Vector
from streamcore.models.mllib.linalg.vectors import vector_of
from streamcore.models.mllib.linear_model import predicted

if TYPE_CHECKING:
    from collections.abc import Callable


class VectorTransformer(ABC):
    """Makes a vector of a vector."""

    def transform(self, vector: Any) -> Any:
        """The vector that is made of one, or an RDD of those of an RDD of vectors."""
        return predicted(self._one, vector)

    def _one(self, value: Any) -> Vector:
        return self._of(vector_of(value))

    @abstractmethod
    def _of(self, vector: Vector) -> Vector:
        """The vector that is made of one."""


def with_entries(vector: Vector, change: Callable[[Any, Any], Any]) -> Vector:
    """A vector of the same kind: `change` gets the entries that are kept, and which places these have."""
    if isinstance(vector, SparseVector):
        return SparseVector(vector.size, vector.indices, change(vector.values, vector.indices))
    return DenseVector(change(vector.toArray(), slice(None)))


def require_size(vector: Vector, size: int, what: str) -> None:
    """Raises IllegalArgumentException for a vector of another size."""
    if len(vector) != size:
        raise IllegalArgumentException(
            f"requirement failed: {what} takes vectors of size {size}, but got one of size {len(vector)}"
        )
