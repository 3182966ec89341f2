"""The features that tell most of a label."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.feature.scores import chi_square, chosen
from streamcore.models.mllib.feature.vectors import VectorTransformer
from streamcore.models.mllib.linalg import DenseVector, SparseVector, Vector
from streamcore.models.mllib.points import labels_and_features

if TYPE_CHECKING:
    from streamcore.rdd.rdd import RDD

_THRESHOLDS = ("numTopFeatures", "percentile", "fpr", "fdr", "fwe")


class ChiSqSelectorModel(VectorTransformer):
    """Keeps some features."""

    def __init__(self, selectedFeatures: list[int]) -> None:
        self._selected = np.array(sorted(selectedFeatures), np.int64)

    def _of(self, vector: Vector) -> Vector:
        if not isinstance(vector, SparseVector):
            return DenseVector(vector.toArray()[self._selected])
        kept = np.isin(vector.indices, self._selected)
        places = np.searchsorted(self._selected, vector.indices[kept])
        return SparseVector(len(self._selected), places, vector.values[kept])


class ChiSqSelector:
    """Selects features by Pearson's test of their independence of the label; values are categories.

    `selectorType` says which of the other settings counts: the number or the part of the features, or how
    likely a feature may be taken by mistake.
    """

    def __init__(
        self,
        numTopFeatures: int = 50,
        selectorType: str = "numTopFeatures",
        percentile: float = 0.1,
        fpr: float = 0.05,
        fdr: float = 0.05,
        fwe: float = 0.05,
    ) -> None:
        self.numTopFeatures, self.selectorType = numTopFeatures, selectorType
        self.percentile, self.fpr, self.fdr, self.fwe = percentile, fpr, fdr, fwe

    def setNumTopFeatures(self, numTopFeatures: int) -> Self:
        """How many features are taken."""
        self.numTopFeatures = int(numTopFeatures)
        return self

    def setPercentile(self, percentile: float) -> Self:
        """Which part of the features is taken."""
        self.percentile = float(percentile)
        return self

    def setFpr(self, fpr: float) -> Self:
        """Below which p-value features are taken."""
        self.fpr = float(fpr)
        return self

    def setFdr(self, fdr: float) -> Self:
        """Which part of the features taken may be wrong, as Benjamini and Hochberg control it."""
        self.fdr = float(fdr)
        return self

    def setFwe(self, fwe: float) -> Self:
        """How likely any feature may be taken by mistake."""
        self.fwe = float(fwe)
        return self

    def setSelectorType(self, selectorType: str) -> Self:
        """Which of the settings counts."""
        self.selectorType = str(selectorType)
        return self

    def fit(self, data: RDD[Any]) -> ChiSqSelectorModel:
        """Learn from an RDD of labeled points."""
        if self.selectorType not in _THRESHOLDS:
            raise IllegalArgumentException(
                f"requirement failed: ChiSqSelector knows {', '.join(_THRESHOLDS)}, not {self.selectorType}"
            )
        labels, features = labels_and_features(data)
        p_values = chi_square(features, labels).pValues
        return ChiSqSelectorModel(chosen(p_values, self.selectorType, getattr(self, self.selectorType)))
