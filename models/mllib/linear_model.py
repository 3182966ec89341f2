"""Linear models of the RDD API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamcore.models.mllib.linalg import Vector
from streamcore.models.mllib.linalg.vectors import vector_of
from streamcore.rdd.rdd import RDD

if TYPE_CHECKING:
    from collections.abc import Callable


class LinearModel:
    """Weights of the features, and an intercept."""

    def __init__(self, weights: Any, intercept: float) -> None:
        self._coeff: Vector = vector_of(weights)
        self._intercept = float(intercept)

    @property
    def weights(self) -> Vector:
        """The weights of the features."""
        return self._coeff

    @property
    def intercept(self) -> float:
        """What is added to the weighted features."""
        return self._intercept

    def __repr__(self) -> str:
        return f"(weights={self._coeff}, intercept={self._intercept!r})"

    def _margin(self, x: Any) -> float:
        return float(self._coeff.toArray() @ vector_of(x).toArray()) + self._intercept


def predicted(of_one: Callable[[Any], Any], x: Any) -> Any:
    """The prediction for one value, or an RDD of those for the values of an RDD."""
    return x.map(of_one) if isinstance(x, RDD) else of_one(x)
