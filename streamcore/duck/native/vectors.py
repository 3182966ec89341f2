"""Functions of vectors: arrays of floats, reckoned in single precision."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from streamcore.duck.native.registry import by_value
from streamcore.errors import IllegalArgumentException

Vector = Sequence[float | None]


def _pair(left: Vector, right: Vector, name: str) -> tuple[np.ndarray, np.ndarray] | None:
    if len(left) != len(right):
        raise IllegalArgumentException(
            f"[VECTOR_DIMENSION_MISMATCH] Vectors passed to `{name}` must have the same dimension, but got "
            f"{len(left)} and {len(right)}. SQLSTATE: 22000"
        )
    if None in left or None in right:
        return None
    return np.array(left, np.float32), np.array(right, np.float32)


@by_value
def vector_inner_product(left: Vector, right: Vector) -> float | None:
    """The sum of the products; null where an element is."""
    pair = _pair(left, right, "vector_inner_product")
    return None if pair is None else float(np.dot(*pair)) if len(left) else 0.0


@by_value
def vector_cosine_similarity(left: Vector, right: Vector) -> float | None:
    """The cosine of the angle between two vectors; null for one without a direction."""
    pair = _pair(left, right, "vector_cosine_similarity")
    if pair is None:
        return None
    one, other = (vector.astype(np.float64) for vector in pair)
    length = math.sqrt(float(one @ one) * float(other @ other))
    return float(one @ other) / length if length else None


@by_value
def vector_l2_distance(left: Vector, right: Vector) -> float | None:
    """The Euclidean distance."""
    pair = _pair(left, right, "vector_l2_distance")
    if pair is None:
        return None
    gap = pair[0].astype(np.float64) - pair[1]
    return math.sqrt(float(gap @ gap))


@by_value
def vector_norm(vector: Vector, degree: float) -> float | None:
    """The norm of degree 1, 2 or infinity."""
    if None in vector:
        return None
    values = np.abs(np.array(vector, np.float64))
    if degree == 1.0:
        return float(values.sum())
    if degree == 2.0:
        return math.sqrt(float(values @ values))
    if degree == math.inf:
        return float(values.max(initial=0.0))
    raise IllegalArgumentException(
        "[INVALID_VECTOR_NORM_DEGREE] For the `vector_norm` function, degree must be 1.0, 2.0, or "
        "float('inf'), "
        f"but got {degree}. SQLSTATE: 22023"
    )


@by_value
def vector_normalize(vector: Vector, degree: float) -> list[float] | None:
    """The vector divided by its norm; null for one whose norm is 0."""
    norm = vector_norm(vector, degree)
    if not vector:
        return []
    return (
        [float(np.float32(value) / np.float32(norm)) for value in vector if value is not None]
        if norm
        else None
    )


@by_value
def vector_sum(vectors: Sequence[Vector]) -> list[float] | None:
    """The sum by place; null of none."""
    found = _stacked(vectors, "vector_sum")
    return None if found is None else found.sum(axis=0, dtype=np.float64).tolist()


@by_value
def vector_avg(vectors: Sequence[Vector]) -> list[float] | None:
    """The average by place; null of none."""
    found = _stacked(vectors, "vector_avg")
    return None if found is None else found.mean(axis=0, dtype=np.float64).tolist()


def _stacked(vectors: Sequence[Vector], name: str) -> np.ndarray | None:
    whole = [vector for vector in vectors if None not in vector]
    for vector in whole[1:]:
        _pair(whole[0], vector, name)
    return np.array(whole, np.float32) if whole else None
