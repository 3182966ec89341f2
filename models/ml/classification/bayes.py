"""Naive Bayes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.base import _PredictorParams
from streamcore.models.ml.classification.base import (
    ProbabilisticClassificationModel,
    ProbabilisticClassifier,
)
from streamcore.models.ml.classification.bayes_fit import KINDS, BayesFit, bayes_scores, fit_bayes, shares_of
from streamcore.models.ml.labels import class_count, require_classes
from streamcore.models.ml.linalg import DenseMatrix, DenseVector, Matrix, Vector
from streamcore.models.ml.param import Param, Params, TypeConverters
from streamcore.models.ml.param.keywords import keyword_only
from streamcore.models.ml.param.setters import (
    SetsWeightCol,
)
from streamcore.models.ml.param.shared import (
    HasWeightCol,
)
from streamcore.models.ml.param.validators import at_least, one_of
from streamcore.models.ml.predicting import (
    ClassScore,
    Likeliest,
    Scored,
    require_columns,
    trained,
    training_rows,
)
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.stored import matrix_at, matrix_cell, rows_matrix, vector_at, vector_cell

if TYPE_CHECKING:
    from typing import Self

    import numpy as np
    import pyarrow as pa

    from streamcore.sql.dataframe import DataFrame


class _NaiveBayesParams(_PredictorParams, HasWeightCol):
    """The parameters of NaiveBayes and of its models."""

    smoothing: Param[float] = Param(
        Params._dummy(),
        "smoothing",
        "what is added to every count (>= 0).",
        TypeConverters.toFloat,
        at_least(0),
    )
    modelType: Param[str] = Param(
        Params._dummy(),
        "modelType",
        "how features are spread within a class: multinomial, complement, bernoulli or gaussian.",
        TypeConverters.toString,
        one_of(*KINDS),
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(smoothing=1.0, modelType="multinomial")

    def getSmoothing(self) -> float:
        """The value of `smoothing`, or its default."""
        return self.getOrDefault(self.smoothing)

    def getModelType(self) -> str:
        """The value of `modelType`, or its default."""
        return self.getOrDefault(self.modelType)


class NaiveBayes(_NaiveBayesParams, SetsWeightCol, ProbabilisticClassifier["NaiveBayesModel"], Saved):
    """Naive Bayes: features that are independent within a class.

    `multinomial` and `complement` (Rennie and others, 2003) take counts, `bernoulli` zeros and ones,
    `gaussian` any numbers.

    >>> from streamcore import Session
    >>> from streamcore.models.ml.linalg import Vectors
    >>> spark = Session.builder.getOrCreate()
    >>> rows = [(0.0, Vectors.dense(3.0, 0.0)), (1.0, Vectors.dense(0.0, 2.0))]
    >>> model = NaiveBayes().fit(spark.createDataFrame(rows, ["label", "features"]))
    >>> model.predict(Vectors.dense(1.0, 4.0))
    1.0
    """

    @keyword_only
    def __init__(
        self,
        *,
        featuresCol: str = "features",
        labelCol: str = "label",
        predictionCol: str = "prediction",
        probabilityCol: str = "probability",
        rawPredictionCol: str = "rawPrediction",
        smoothing: float = 1.0,
        modelType: str = "multinomial",
        thresholds: list[float] | None = None,
        weightCol: str | None = None,
    ) -> None:
        super().__init__()
        self._set(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        featuresCol: str = "features",
        labelCol: str = "label",
        predictionCol: str = "prediction",
        probabilityCol: str = "probability",
        rawPredictionCol: str = "rawPrediction",
        smoothing: float = 1.0,
        modelType: str = "multinomial",
        thresholds: list[float] | None = None,
        weightCol: str | None = None,
    ) -> Self:
        """Set those parameters that are given."""
        return self._set(**self._input_kwargs)

    def setSmoothing(self, value: float) -> Self:
        """Set `smoothing`."""
        return self._set(smoothing=value)

    def setModelType(self, value: str) -> Self:
        """Set `modelType`."""
        return self._set(modelType=value)

    def _fit(self, dataset: DataFrame) -> NaiveBayesModel:
        require_columns(self, dataset, self.getRawPredictionCol(), self.getProbabilityCol())
        X, y, w = training_rows(self, dataset)
        require_classes(y)
        self._require_thresholds(class_count(dataset, self.getLabelCol(), y))
        fit = fit_bayes(self.getModelType(), X, y, w, self.getSmoothing())
        model = NaiveBayesModel(DenseVector(fit.pi), rows_matrix(fit.theta), _sigma_of(fit.sigma))
        return trained(self, model)

    def _require_thresholds(self, classes: int) -> None:
        if self.isSet(self.thresholds) and len(self.getThresholds()) != classes:
            raise IllegalArgumentException(
                "requirement failed: NaiveBayes.train() called with non-matching numClasses and "
                f"thresholds.length. numClasses={classes}, but thresholds has length "
                f"{len(self.getThresholds())}"
            )


def _sigma_of(values: np.ndarray) -> DenseMatrix:
    return rows_matrix(values) if values.size else DenseMatrix(0, 0, [])


class NaiveBayesModel(_NaiveBayesParams, Scored, ProbabilisticClassificationModel, Saved):
    """A naive Bayes that was fitted."""

    def __init__(self, pi: Vector, theta: Matrix, sigma: Matrix) -> None:
        super().__init__()
        self._pi, self._theta, self._sigma = pi, theta, sigma

    @property
    def pi(self) -> Vector:
        """For each class the logarithm of its share."""
        return self._pi

    @property
    def theta(self) -> Matrix:
        """By class and feature the logarithm of the conditional probability; of gaussian the mean."""
        return self._theta

    @property
    def sigma(self) -> Matrix:
        """By class and feature the variance; only gaussian has any."""
        return self._sigma

    @property
    def numClasses(self) -> int:
        """How many classes there are."""
        return len(self._pi)

    @property
    def numFeatures(self) -> int:
        """How many features it was trained on."""
        return self._theta.numCols

    def _size(self) -> int:
        return self.numFeatures

    def _score(self) -> ClassScore:
        fit = BayesFit(self.getModelType(), self._pi.toArray(), self._theta.toArray(), self._sigma.toArray())
        thresholds = tuple(self.getThresholds()) if self.isSet(self.thresholds) else None
        return Likeliest(_BayesScores(fit), shares_of, self.numClasses, thresholds)

    def _data(self) -> pa.Table:
        import pyarrow as pa

        return pa.table(
            {
                "pi": vector_cell(self._pi),
                "theta": matrix_cell(self._theta),
                "sigma": matrix_cell(self._sigma),
            }
        )

    @classmethod
    def _of_data(cls, uid: str, data: pa.Table) -> Self:
        return cls(vector_at(data, "pi"), matrix_at(data, "theta"), matrix_at(data, "sigma"))

    def __repr__(self) -> str:
        return (
            f"NaiveBayesModel: uid={self.uid}, modelType={self.getModelType()}, "
            f"numClasses={self.numClasses}, numFeatures={self.numFeatures}"
        )


@dataclass(frozen=True, eq=False)
class _BayesScores:
    fit: BayesFit

    def __call__(self, X: Any) -> np.ndarray:
        return bayes_scores(self.fit, X)
