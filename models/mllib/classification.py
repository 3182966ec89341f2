"""Classification over RDDs of labeled points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from streamcore.models.ml.classification.bayes_fit import fit_bayes
from streamcore.models.ml.optimize.losses import hinge, logistic
from streamcore.models.mllib.gradient_descent import Descent
from streamcore.models.mllib.linalg.vectors import vector_of
from streamcore.models.mllib.linear_model import LinearModel, predicted
from streamcore.models.mllib.logistic_fit import fit_logistic
from streamcore.models.mllib.points import LabeledPoint, labels_and_features
from streamcore.models.mllib.saving import SavedBayes, SavedClassifier
from streamcore.models.mllib.streaming.regression import StreamingLogisticRegressionWithSGD
from streamcore.models.mllib.training import descended, kind_of

if TYPE_CHECKING:
    from typing import Self

    from streamcore.rdd.rdd import RDD

__all__ = [
    "LinearClassificationModel",
    "LogisticRegressionModel",
    "LogisticRegressionWithLBFGS",
    "LogisticRegressionWithSGD",
    "NaiveBayes",
    "NaiveBayesModel",
    "SVMModel",
    "SVMWithSGD",
    "StreamingLogisticRegressionWithSGD",
]


class LinearClassificationModel(LinearModel):
    """A linear model of classes: above its threshold 1 is predicted, without one the score itself."""

    def __init__(self, weights: Any, intercept: float) -> None:
        super().__init__(weights, intercept)
        self._threshold: float | None = None

    def setThreshold(self, value: float) -> None:
        """Predict 1 above this score, and 0 otherwise."""
        self._threshold = value

    @property
    def threshold(self) -> float | None:
        """The threshold, None where scores are predicted."""
        return self._threshold

    def clearThreshold(self) -> None:
        """Predict scores."""
        self._threshold = None

    def predict(self, test: Any) -> Any:
        """The prediction for one vector, or an RDD of those for an RDD of vectors."""
        return predicted(self._one, test)

    def _one(self, x: Any) -> float | int:
        score = self._score(x)
        return score if self._threshold is None else int(score > self._threshold)

    def _score(self, x: Any) -> float:
        return self._margin(x)


class LogisticRegressionModel(LinearClassificationModel, SavedClassifier):
    """A logistic regression; of more than two classes the weights are those against class 0.

    >>> model = LogisticRegressionModel([1.0, -1.0], 0.0, 2, 2)
    >>> model.predict([2.0, 0.0]), model.predict([0.0, 2.0])
    (1, 0)
    """

    def __init__(self, weights: Any, intercept: float, numFeatures: int, numClasses: int) -> None:
        super().__init__(weights, intercept)
        self._numFeatures, self._numClasses = int(numFeatures), int(numClasses)
        self._threshold = 0.5
        rows = self._numClasses - 1
        with_intercept = len(self._coeff) == rows * (self._numFeatures + 1)
        self._width = self._numFeatures + int(with_intercept and rows > 1)

    @property
    def numFeatures(self) -> int:
        """How many features there are."""
        return self._numFeatures

    @property
    def numClasses(self) -> int:
        """How many classes there are."""
        return self._numClasses

    def __repr__(self) -> str:
        return (
            "pyspark.mllib.LogisticRegressionModel: intercept = "
            f"{self.intercept}, numFeatures = {self._numFeatures}, numClasses = {self._numClasses}, "
            f"threshold = {self._threshold}"
        )

    def _sizes(self) -> dict[str, int]:
        return {"numFeatures": self._numFeatures, "numClasses": self._numClasses}

    @classmethod
    def _made(cls, weights: Any, intercept: float, metadata: dict[str, Any]) -> Self:
        return cls(weights, intercept, metadata["numFeatures"], metadata["numClasses"])

    def _score(self, x: Any) -> float:
        margin = self._margin(x)
        return float(1.0 / (1.0 + np.exp(-margin))) if margin > 0 else _below(margin)

    def _one(self, x: Any) -> float | int:
        if self._numClasses == 2:
            return super()._one(x)
        rows = self._coeff.toArray().reshape(self._numClasses - 1, self._width)
        features = vector_of(x).toArray()
        margins = rows[:, : self._numFeatures] @ features
        if self._width > self._numFeatures:
            margins = margins + rows[:, -1]
        best = int(np.argmax(margins))
        return best + 1 if margins[best] > 0 else 0


def _below(margin: float) -> float:
    grown = np.exp(margin)
    return float(grown / (1.0 + grown))


class LogisticRegressionWithSGD:
    """Logistic regression of two classes by gradient descent: Spark's steps, one after the other."""

    @classmethod
    def train(
        cls,
        data: RDD[LabeledPoint],
        iterations: int = 100,
        step: float = 1.0,
        miniBatchFraction: float = 1.0,
        initialWeights: Any = None,
        regParam: float = 0.01,
        regType: str | None = "l2",
        intercept: bool = False,
        validateData: bool = True,
        convergenceTol: float = 0.001,
    ) -> LogisticRegressionModel:
        """Train on labeled points; `validateData` has the labels checked to be 0 and 1."""
        descent = Descent(
            logistic, iterations, step, regParam, kind_of(regType), miniBatchFraction, convergenceTol
        )
        weights, bias = descended(
            data, descent, initial=initialWeights, intercept=intercept, classes=2 if validateData else None
        )
        return LogisticRegressionModel(weights, bias, len(weights), 2)


class LogisticRegressionWithLBFGS:
    """Logistic regression by L-BFGS (OWL-QN for L1), of features divided by their standard deviations."""

    @classmethod
    def train(
        cls,
        data: RDD[LabeledPoint],
        iterations: int = 100,
        initialWeights: Any = None,
        regParam: float = 0.0,
        regType: str | None = "l2",
        intercept: bool = False,
        corrections: int = 10,
        tolerance: float = 1e-6,
        validateData: bool = True,
        numClasses: int = 2,
    ) -> LogisticRegressionModel:
        """Train on labeled points; `validateData` has the labels checked to be 0 .. numClasses - 1."""
        y, X = labels_and_features(data)
        fit = fit_logistic(
            X, y, classes=numClasses, intercept=intercept, penalty=regParam, kind=kind_of(regType),
            iterations=iterations, tolerance=tolerance, memory=corrections, initial=initialWeights,
            validate=validateData,
        )  # fmt: skip
        return LogisticRegressionModel(fit.weights, fit.intercept, X.shape[1], numClasses)


class SVMModel(LinearClassificationModel, SavedClassifier):
    """A linear support vector machine; above its threshold, zero, 1 is predicted."""

    def __init__(self, weights: Any, intercept: float) -> None:
        super().__init__(weights, intercept)
        self._threshold = 0.0

    @classmethod
    def _made(cls, weights: Any, intercept: float, metadata: dict[str, Any]) -> Self:
        return cls(weights, intercept)


class SVMWithSGD:
    """A linear support vector machine of two classes by gradient descent: Spark's steps."""

    @classmethod
    def train(
        cls,
        data: RDD[LabeledPoint],
        iterations: int = 100,
        step: float = 1.0,
        regParam: float = 0.01,
        miniBatchFraction: float = 1.0,
        initialWeights: Any = None,
        regType: str | None = "l2",
        intercept: bool = False,
        validateData: bool = True,
        convergenceTol: float = 0.001,
    ) -> SVMModel:
        """Train on labeled points; `validateData` has the labels checked to be 0 and 1."""
        descent = Descent(
            hinge, iterations, step, regParam, kind_of(regType), miniBatchFraction, convergenceTol
        )
        return SVMModel(
            *descended(
                data,
                descent,
                initial=initialWeights,
                intercept=intercept,
                classes=2 if validateData else None,
            )
        )


class NaiveBayesModel(SavedBayes):
    """A multinomial naive Bayes: labels, logarithms of their shares, and of conditional probabilities.

    >>> model = NaiveBayesModel(np.array([0.0, 1.0]), np.log([0.5, 0.5]), np.log([[0.9, 0.1], [0.1, 0.9]]))
    >>> model.predict([0.0, 3.0])
    1.0
    """

    def __init__(self, labels: np.ndarray, pi: np.ndarray, theta: np.ndarray) -> None:
        self.labels, self.pi, self.theta = labels, pi, theta

    def predict(self, x: Any) -> Any:
        """The label for one vector, or an RDD of those for an RDD of vectors."""
        return predicted(self._one, x)

    def _one(self, x: Any) -> float:
        return float(self.labels[int(np.argmax(self.pi + self.theta @ vector_of(x).toArray()))])


class NaiveBayes:
    """Multinomial naive Bayes over counts."""

    @classmethod
    def train(cls, data: RDD[LabeledPoint], lambda_: float = 1.0) -> NaiveBayesModel:
        """Train on labeled points; `lambda_` is added to every count. Labels may be any numbers."""
        y, X = labels_and_features(data)
        labels, places = np.unique(y, return_inverse=True)
        fit = fit_bayes("multinomial", X, places.astype(np.float64), None, lambda_)
        return NaiveBayesModel(labels, fit.pi, fit.theta)
