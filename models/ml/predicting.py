"""The columns that models of features add: predictions, and for classes raw predictions and probabilities."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.columns import Computed, computed
from streamcore.models.ml.labels import require_rows
from streamcore.models.ml.linalg import DenseVector, Vector, VectorUDT
from streamcore.models.ml.matrices import features_of, fit_rows, vectors_of
from streamcore.models.ml.schemas import require_new, require_vector
from streamcore.spi.types import DoubleType, StructField

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.models.ml.base import Estimator, PredictionModel
    from streamcore.models.ml.param import Params
    from streamcore.sql.dataframe import DataFrame

NUMERIC: dict[str, Any] = {"ml_attr": {}}
"""The metadata of a column of numbers, as Spark writes it."""

M = TypeVar("M", bound="Params")


def trained(estimator: Estimator[Any], model: M) -> M:
    """The model with the uid and the parameters of the estimator that made it."""
    model._resetUid(estimator.uid)
    estimator._copyValues(model)
    return model


def weight_of(params: Any) -> str | None:
    """The name of the column of weights, where there is one."""
    return params.getWeightCol() or None if params.isDefined(params.weightCol) else None


def training_rows(estimator: Any, dataset: DataFrame) -> tuple[Any, np.ndarray, np.ndarray | None]:
    """Features, labels and weights (None: all one) that an estimator learns from; there must be a row."""
    weight = weight_of(estimator) if estimator.hasParam("weightCol") else None
    rows = fit_rows(dataset, estimator.getFeaturesCol(), estimator.getLabelCol(), weight)
    assert rows.y is not None
    require_rows(rows.y)
    return rows.X, rows.y, rows.w


def require_columns(estimator: Any, dataset: DataFrame, *more: str) -> None:
    """The output columns of a predictor must not be there yet."""
    require_new(dataset.schema, [name for name in (estimator.getPredictionCol(), *more) if name])


def nominal(classes: int) -> dict[str, Any]:
    """The metadata of a column of classes."""
    return {"ml_attr": {"type": "nominal", "num_vals": classes}}


def sized(size: int) -> dict[str, Any]:
    """The metadata of a column of vectors of one size."""
    return {"ml_attr": {"num_attrs": size}}


def matrix_of(rows: pa.Table, size: int) -> Any:
    """The first column of `rows` as a matrix of features; IllegalArgumentException for another size."""
    if rows.num_rows == 0:
        return np.empty((0, size))
    matrix = features_of(rows, rows.column_names[0])
    require_size(int(matrix.shape[1]), size)
    return matrix


def row_of(value: Vector, size: int) -> np.ndarray:
    """A vector as a matrix of one row."""
    row: np.ndarray = np.asarray(value.toArray(), np.float64)
    require_size(len(row), size)
    return row[None, :]


def require_size(found: int, size: int) -> None:
    """IllegalArgumentException for features of another size than those of the training."""
    if found != size:
        raise IllegalArgumentException(
            "requirement failed: BLAS.dot(x: Vector, y:Vector) was given Vectors with non-matching sizes: "
            f"x.size = {found}, y.size = {size}"
        )


class Score(Protocol):
    """A number for each row of features; a frozen value, so that it travels."""

    def __call__(self, X: Any, /) -> np.ndarray:
        """The scores of the rows of a matrix."""


@dataclass(frozen=True, eq=False)
class LinearScore:
    """A linear predictor."""

    coefficients: np.ndarray
    intercept: float

    def __call__(self, X: Any) -> np.ndarray:
        return np.asarray(X @ self.coefficients + self.intercept)


@dataclass(frozen=True, eq=False)
class Numbers:
    """A column of numbers for each score."""

    scores: tuple[Score, ...]
    size: int

    def __call__(self, rows: pa.Table) -> Computed:
        import pyarrow as pa

        X = matrix_of(rows, self.size)
        return Computed([pa.array(np.asarray(score(X), np.float64)) for score in self.scores])


def with_prediction(model: PredictionModel[Any], dataset: DataFrame, score: Score) -> DataFrame:
    """The dataset with a column of predicted numbers; as it is where that column has no name."""
    name = model.getPredictionCol()
    require_vector(dataset.schema, model.getFeaturesCol())
    if not name:
        return dataset
    require_new(dataset.schema, [name])
    field = StructField(name, DoubleType(), nullable=False, metadata=NUMERIC)
    return computed(dataset, [model.getFeaturesCol()], [field], Numbers((score,), model.numFeatures))


class ClassScore(ABC):
    """What speaks for each class, and how a class is chosen; a frozen value, so that it travels."""

    classes: int

    @abstractmethod
    def raw(self, X: Any) -> np.ndarray:
        """How much speaks for each class: (n, classes)."""

    def probability(self, raw: np.ndarray) -> np.ndarray:
        """The probabilities of the classes; not asked of models that tell none."""
        raise NotImplementedError(f"{type(self).__name__} tells no probabilities")

    @abstractmethod
    def prediction(self, raw: np.ndarray) -> np.ndarray:
        """The class of each row."""


@dataclass(frozen=True, eq=False)
class TwoSided(ClassScore):
    """Two classes and one margin: 1 is predicted where the margin is above the limit."""

    score: Score
    limit: float
    classes: int = 2

    def raw(self, X: Any) -> np.ndarray:
        margins = self.score(X)
        return np.column_stack([-margins, margins])

    def probability(self, raw: np.ndarray) -> np.ndarray:
        with np.errstate(over="ignore"):
            negative = 1.0 / (1.0 + np.exp(-raw[:, 0]))
        return np.column_stack([negative, 1.0 - negative])

    def prediction(self, raw: np.ndarray) -> np.ndarray:
        return np.asarray(raw[:, 1] > self.limit, np.float64)


@dataclass(frozen=True, eq=False)
class Likeliest(ClassScore):
    """As many scores as classes, of which probabilities are made; thresholds scale these where given."""

    scores: Score
    shares: Score
    classes: int
    thresholds: tuple[float, ...] | None = None

    def raw(self, X: Any) -> np.ndarray:
        return self.scores(X)

    def probability(self, raw: np.ndarray) -> np.ndarray:
        return self.shares(raw)

    def prediction(self, raw: np.ndarray) -> np.ndarray:
        if self.thresholds is None:
            return np.asarray(np.argmax(raw, axis=1), np.float64)
        return over_thresholds(self.probability(raw), self.thresholds)


def over_thresholds(probability: np.ndarray, thresholds: tuple[float, ...]) -> np.ndarray:
    """The class whose probability divided by its threshold is highest, the first of equals.

    >>> over_thresholds(np.array([[0.6, 0.4], [0.3, 0.7]]), (0.9, 0.1))
    array([1., 1.])
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = probability / np.asarray(thresholds)
    return np.asarray(np.argmax(np.where(np.isnan(scaled), -np.inf, scaled), axis=1), np.float64)


def thresholds_of(model: Any) -> tuple[float, ...] | None:
    """The thresholds of a model of classes, one for each; None where there are none."""
    if not model.isSet(model.thresholds) or model.getThresholds() is None:
        return None
    found = tuple(model.getThresholds())
    if len(found) != model.numClasses:
        raise IllegalArgumentException(
            f"requirement failed: {type(model).__name__}.transform() called with non-matching numClasses and "
            f"thresholds.length. numClasses={model.numClasses}, but thresholds has length {len(found)}"
        )
    return found


@dataclass(frozen=True, eq=False)
class Classes:
    """Those of the columns rawPrediction, probability and prediction that are wanted."""

    score: ClassScore
    wanted: tuple[str, ...]
    size: int

    def __call__(self, rows: pa.Table) -> Computed:
        import pyarrow as pa

        raw = self.score.raw(matrix_of(rows, self.size))
        made = {
            "rawPrediction": lambda: vectors_of(raw),
            "probability": lambda: vectors_of(self.score.probability(raw)),
            "prediction": lambda: pa.array(self.score.prediction(raw)),
        }
        return Computed([made[name]() for name in self.wanted])


class Scored:
    """A classification model that says what it is in a ClassScore."""

    def _score(self) -> ClassScore:
        """The scores of this model, with its thresholds."""
        raise NotImplementedError

    def predict(self, value: Vector) -> float:
        """The class of the features of one row."""
        score = self._score()
        return float(score.prediction(score.raw(row_of(value, self._size())))[0])

    def predictRaw(self, value: Vector) -> Vector:
        """How much speaks for each class, from the features of one row."""
        return DenseVector(self._score().raw(row_of(value, self._size()))[0])

    def predictProbability(self, value: Vector) -> Vector:
        """The probability of each class, from the features of one row."""
        score = self._score()
        return DenseVector(score.probability(score.raw(row_of(value, self._size())))[0])

    def _size(self) -> int:
        """How many features there are."""
        raise NotImplementedError

    def _transform(self, dataset: DataFrame) -> DataFrame:
        model: Any = self
        score = self._score()
        require_vector(dataset.schema, model.getFeaturesCol())
        fields = _class_fields(model, score.classes)
        require_new(dataset.schema, [field.name for field in fields.values()])
        if not fields:
            return dataset
        function = Classes(score, tuple(fields), self._size())
        return computed(dataset, [model.getFeaturesCol()], list(fields.values()), function)


def _class_fields(model: Any, classes: int) -> dict[str, StructField]:
    """The output columns that have a name, in Spark's order."""
    vectors = {"rawPrediction": model.getRawPredictionCol()}
    if model.hasParam("probabilityCol"):
        vectors["probability"] = model.getProbabilityCol()
    fields = {
        kind: StructField(name, VectorUDT(), metadata=sized(classes))
        for kind, name in vectors.items()
        if name
    }
    if model.getPredictionCol():
        kind = StructField(model.getPredictionCol(), DoubleType(), nullable=False, metadata=nominal(classes))
        fields["prediction"] = kind
    return fields
