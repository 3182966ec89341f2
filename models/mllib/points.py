"""Rows with labels, and RDDs of them as arrays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from streamcore.errors import IllegalArgumentException
from streamcore.models.mllib.linalg import SparseVector, Vector
from streamcore.models.mllib.linalg.vectors import vector_of

if TYPE_CHECKING:
    from streamcore.rdd.rdd import RDD


class LabeledPoint:
    """A label and the features of a row.

    >>> LabeledPoint(1.0, [0.5, 2.0])
    LabeledPoint(1.0, [0.5,2.0])
    """

    def __init__(self, label: float, features: Any) -> None:
        self.label = float(label)
        self.features: Vector = vector_of(features)

    def __reduce__(self) -> tuple[type[LabeledPoint], tuple[float, Vector]]:
        return LabeledPoint, (self.label, self.features)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, LabeledPoint):
            return False
        return self.label == other.label and self.features == other.features

    def __hash__(self) -> int:
        return hash((self.label, self.features))

    def __str__(self) -> str:
        return f"({self.label},{self.features})"

    def __repr__(self) -> str:
        return f"LabeledPoint({self.label}, {self.features})"


def labels_and_features(data: RDD[LabeledPoint]) -> tuple[np.ndarray, Any]:
    """Labels (n,) and features (n, d); these are sparse where all vectors are.

    Each partition sends its rows as arrays, and not as objects.
    """
    first = data.first()
    if not isinstance(first, LabeledPoint):
        raise TypeError(f"data should be an RDD of LabeledPoint, but got {type(first)}")
    parts = data.mapPartitions(_packed).collect()
    labels = np.concatenate([part[0] for part in parts])
    return labels, _stacked([part[1] for part in parts])


def features_of(data: RDD[Any]) -> Any:
    """Vectors as a matrix (n, d); sparse where all vectors are."""
    return _stacked(data.mapPartitions(packed_vectors).collect() or [np.empty((0, 0))])


def _packed(points: Iterable[Any]) -> Iterator[tuple[np.ndarray, Any]]:
    labels, vectors = [], []
    for point in points:
        if not isinstance(point, LabeledPoint):
            raise TypeError(f"data should be an RDD of LabeledPoint, but got {type(point)}")
        labels.append(point.label)
        vectors.append(point.features)
    if labels:
        yield np.array(labels), _matrix(vectors)


def packed_vectors(values: Iterable[Any]) -> Iterator[Any]:
    """The vectors as one matrix; none where there are no vectors."""
    vectors = [vector_of(value) for value in values]
    if vectors:
        yield _matrix(vectors)


def _matrix(vectors: list[Vector]) -> Any:
    sizes = {len(vector) for vector in vectors}
    if len(sizes) > 1:
        raise IllegalArgumentException(
            f"vectors of one RDD must have one size, but there are {min(sizes)} and {max(sizes)}"
        )
    sparse = [vector for vector in vectors if isinstance(vector, SparseVector)]
    if len(sparse) < len(vectors):
        return np.vstack([vector.toArray() for vector in vectors])
    from scipy.sparse import csr_matrix

    starts = np.concatenate([[0], np.cumsum([len(vector.indices) for vector in sparse])])
    indices = np.concatenate([vector.indices for vector in sparse])
    values = np.concatenate([vector.values for vector in sparse])
    return csr_matrix((values, indices, starts), shape=(len(vectors), sizes.pop()))


def _stacked(parts: list[Any]) -> Any:
    if len({part.shape[1] for part in parts}) > 1:
        raise IllegalArgumentException("vectors of one RDD must have one size")
    if all(not isinstance(part, np.ndarray) for part in parts):
        from scipy.sparse import vstack

        return vstack(parts, format="csr")
    return np.vstack([part if isinstance(part, np.ndarray) else part.toarray() for part in parts])
