"""Models of logistic regression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from streamcore.errors import IllegalArgumentException, UnsupportedOperationException
from streamcore.models.ml.classification.base import (
    ProbabilisticClassificationModel,
)
from streamcore.models.ml.classification.logistic_fit import LogisticFit
from streamcore.models.ml.classification.logistic_params import _LogisticRegressionParams
from streamcore.models.ml.classification.logistic_summary import (
    BinaryLogisticRegressionSummary,
    BinaryLogisticRegressionTrainingSummary,
    LogisticRegressionSummary,
    LogisticRegressionTrainingSummary,
)
from streamcore.models.ml.linalg import DenseVector, Matrix, Vector
from streamcore.models.ml.predicting import (
    ClassScore,
    Likeliest,
    LinearScore,
    Scored,
    TwoSided,
)
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.stored import compact, compact_rows, matrix_at, matrix_cell, vector_at, vector_cell
from streamcore.models.ml.util import HasTrainingSummary

if TYPE_CHECKING:
    from typing import Self

    import pyarrow as pa

    from streamcore.sql.dataframe import DataFrame


class LogisticRegressionModel(
    _LogisticRegressionParams,
    Scored,
    ProbabilisticClassificationModel,
    Saved,
    HasTrainingSummary[LogisticRegressionTrainingSummary],
):
    """A logistic regression that was fitted; of two classes it has one row of coefficients."""

    def __init__(
        self,
        coefficientMatrix: Matrix,
        interceptVector: Vector,
        numClasses: int,
        *,
        multinomial: bool = False,
    ) -> None:
        super().__init__()
        self._matrix, self._intercepts, self._classes = coefficientMatrix, interceptVector, numClasses
        self._is_multinomial = multinomial

    @classmethod
    def of(cls, fit: LogisticFit, classes: int, *, multinomial: bool) -> Self:
        """The model of fitted coefficients."""
        vector = compact(fit.intercepts) if multinomial else DenseVector(fit.intercepts)
        return cls(compact_rows(fit.coefficients), vector, classes, multinomial=multinomial)

    @property
    def coefficients(self) -> Vector:
        """The coefficients of a binomial model."""
        if self._is_multinomial:
            raise UnsupportedOperationException(
                "Multinomial models contain a matrix of coefficients, use coefficientMatrix instead."
            )
        return compact(self._matrix.toArray()[0])

    @property
    def intercept(self) -> float:
        """The intercept of a binomial model."""
        if self._is_multinomial:
            raise UnsupportedOperationException(
                "Multinomial models contain a vector of intercepts, use interceptVector instead."
            )
        return float(self._intercepts.toArray()[0])

    @property
    def coefficientMatrix(self) -> Matrix:
        """The coefficients: a row for each class, or one row of a binomial model."""
        return self._matrix

    @property
    def interceptVector(self) -> Vector:
        """The intercepts: one for each class, or one of a binomial model."""
        return self._intercepts

    @property
    def numClasses(self) -> int:
        """How many classes there are."""
        return self._classes

    @property
    def numFeatures(self) -> int:
        """How many features it was trained on."""
        return self._matrix.numCols

    def evaluate(self, dataset: DataFrame) -> LogisticRegressionSummary:
        """The measures of the model over another dataset."""
        kind = BinaryLogisticRegressionSummary if self._classes <= 2 else LogisticRegressionSummary
        return kind(self, dataset)

    def _trained_on(self, dataset: DataFrame, history: list[float]) -> Self:
        binary = self._classes <= 2
        kind = BinaryLogisticRegressionTrainingSummary if binary else LogisticRegressionTrainingSummary
        self._summary = kind(self, dataset, history or [0.0])
        return self

    def _size(self) -> int:
        return self.numFeatures

    def _score(self) -> ClassScore:
        coefficients, intercepts = self._matrix.toArray(), self._intercepts.toArray()
        if not self._is_multinomial:
            return TwoSided(
                LinearScore(coefficients[0], float(intercepts[0])), _margin_of(self.getThreshold())
            )
        thresholds = tuple(self.getThresholds()) if self.isSet(self.thresholds) else None
        if thresholds is not None and len(thresholds) != self._classes:
            raise IllegalArgumentException(
                "requirement failed: LogisticRegressionModel.transform() called with non-matching numClasses "
                f"and thresholds.length. numClasses={self._classes}, but thresholds has length "
                f"{len(thresholds)}"
            )
        return Likeliest(_Margins(coefficients, intercepts), softmax_shares, self._classes, thresholds)

    def _data(self) -> pa.Table:
        import pyarrow as pa

        return pa.table(
            {
                "numClasses": pa.array([self._classes], pa.int32()),
                "numFeatures": pa.array([self.numFeatures], pa.int32()),
                "interceptVector": vector_cell(self._intercepts),
                "coefficientMatrix": matrix_cell(self._matrix),
                "isMultinomial": [self._is_multinomial],
            }
        )

    @classmethod
    def _of_data(cls, uid: str, data: pa.Table) -> Self:
        return cls(
            matrix_at(data, "coefficientMatrix"),
            vector_at(data, "interceptVector"),
            data.column("numClasses")[0].as_py(),
            multinomial=data.column("isMultinomial")[0].as_py(),
        )

    def __repr__(self) -> str:
        return (
            f"LogisticRegressionModel: uid={self.uid}, numClasses={self._classes}, "
            f"numFeatures={self.numFeatures}"
        )


def _margin_of(threshold: float) -> float:
    """The margin whose probability is the threshold."""
    if threshold in (0.0, 1.0):
        return -np.inf if threshold == 0.0 else np.inf
    return float(np.log(threshold / (1.0 - threshold)))


@dataclass(frozen=True, eq=False)
class _Margins:
    coefficients: np.ndarray
    intercepts: np.ndarray

    def __call__(self, X: Any) -> np.ndarray:
        return np.asarray(X @ self.coefficients.T + self.intercepts)


def softmax_shares(raw: np.ndarray) -> np.ndarray:
    """The probabilities of margins; a margin without bounds takes all.

    >>> softmax_shares(np.array([[0.0, np.inf]]))
    array([[0., 1.]])
    """
    highest = raw.max(axis=1, keepdims=True, initial=-np.inf)
    with np.errstate(invalid="ignore"):
        shares = np.where(np.isposinf(highest), np.isposinf(raw), np.exp(raw - highest))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))
