"""How well a classifier classifies: measures over a dataset, read when first asked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np

from streamcore.models.ml.columns import Computed, computed
from streamcore.models.ml.evaluation.binary_metrics import BinaryClassificationMetrics
from streamcore.models.ml.evaluation.multiclass_metrics import MulticlassMetrics
from streamcore.models.ml.matrices import dense_of, numbers_of
from streamcore.models.ml.predicting import weight_of
from streamcore.spi.types import DoubleType, StructField, StructType

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.sql.dataframe import DataFrame

T = TypeVar("T")

_BINS = 1000
"""About how many points a curve has at most, as in Spark."""


class _ClassificationSummary:
    """Measures of a classification model over a dataset."""

    def __init__(self, model: Any, dataset: DataFrame) -> None:
        self._model = model
        self._dataset = dataset

    @cached_property
    def predictions(self) -> DataFrame:
        """The dataset with the predictions of the model."""
        transformed: DataFrame = self._model.transform(self._dataset)
        return transformed

    @property
    def predictionCol(self) -> str:
        """The column of the predicted classes."""
        return str(self._model.getPredictionCol())

    @property
    def labelCol(self) -> str:
        """The column of the labels."""
        return str(self._model.getLabelCol())

    @property
    def weightCol(self) -> str:
        """The column of the weights; `weightCol` where none is set."""
        return self._weight or "weightCol"

    @property
    def _weight(self) -> str | None:
        return weight_of(self._model) if self._model.hasParam("weightCol") else None

    @cached_property
    def _metrics(self) -> MulticlassMetrics:
        names = [self.predictionCol, self.labelCol, *([self._weight] if self._weight else [])]
        return MulticlassMetrics.of(*numbers_of(self.predictions, names))

    @property
    def labels(self) -> list[float]:
        """The labels that occur, rising: the order of what is told by label."""
        return list(map(float, self._metrics.labels))

    @property
    def truePositiveRateByLabel(self) -> list[float]:
        """For each label the share of its rows that are predicted rightly."""
        return self.recallByLabel

    @property
    def falsePositiveRateByLabel(self) -> list[float]:
        """For each label the share of the other rows that are predicted as it."""
        return list(map(float, self._metrics.falsePositiveRates()))

    @property
    def precisionByLabel(self) -> list[float]:
        """For each label the share of the rows predicted as it that are right."""
        return list(map(float, self._metrics.precisions()))

    @property
    def recallByLabel(self) -> list[float]:
        """For each label the share of its rows that are predicted rightly."""
        return list(map(float, self._metrics.recalls()))

    def fMeasureByLabel(self, beta: float = 1.0) -> list[float]:
        """For each label the f-measure."""
        return list(map(float, self._metrics.fMeasures(beta)))

    @property
    def accuracy(self) -> float:
        """The share of rows predicted rightly."""
        return self._metrics.accuracy

    @property
    def weightedTruePositiveRate(self) -> float:
        """The true positive rate, averaged over the labels by their weight."""
        return self._metrics.weightedRecall

    @property
    def weightedFalsePositiveRate(self) -> float:
        """The false positive rate, averaged over the labels by their weight."""
        return self._metrics.weightedFalsePositiveRate

    @property
    def weightedRecall(self) -> float:
        """The recall, averaged over the labels by their weight."""
        return self._metrics.weightedRecall

    @property
    def weightedPrecision(self) -> float:
        """The precision, averaged over the labels by their weight."""
        return self._metrics.weightedPrecision

    def weightedFMeasure(self, beta: float = 1.0) -> float:
        """The f-measure, averaged over the labels by their weight."""
        return self._metrics.weightedFMeasure(beta)


class HasSummaryMethod(Generic[T]):
    """A model whose training summary PySpark asks for by a method, and not by a property."""

    _summary: T | None = None

    @property
    def hasSummary(self) -> bool:
        """Whether the training's summary is there."""
        return self._summary is not None

    def summary(self) -> T:
        """The training's summary; RuntimeError when it is not there."""
        if self._summary is None:
            raise RuntimeError(f"No training summary available for this {type(self).__name__}")
        return self._summary


class _TrainingSummary:
    """How the objective fell."""

    _history: list[float]

    @property
    def objectiveHistory(self) -> list[float]:
        """The objective at the start and after each iteration."""
        return list(self._history)

    @property
    def totalIterations(self) -> int:
        """How many iterations there were."""
        return len(self._history) - 1


@dataclass(frozen=True)
class _Positive:
    """The second entry of a vector: what speaks for the class 1."""

    def __call__(self, rows: pa.Table) -> Computed:
        import pyarrow as pa

        column = dense_of(rows, rows.column_names[0])
        return Computed([pa.array(np.ascontiguousarray(column[:, 1]) if rows.num_rows else np.empty(0))])


class _BinaryClassificationSummary(_ClassificationSummary):
    """Measures of a model of two classes over a dataset."""

    @property
    def scoreCol(self) -> str:
        """The column of the vectors whose second entry scores the class 1."""
        column = "probabilityCol" if self._model.hasParam("probabilityCol") else "rawPredictionCol"
        return str(self._model.getOrDefault(column))

    @cached_property
    def _curves(self) -> BinaryClassificationMetrics:
        score = StructField("positive score", DoubleType(), nullable=False)
        scored = computed(self.predictions, [self.scoreCol], [score], _Positive())
        names = [score.name, self.labelCol, *([self._weight] if self._weight else [])]
        return BinaryClassificationMetrics.of(*numbers_of(scored, names), numBins=_BINS)

    def _frame(self, points: np.ndarray, *names: str) -> DataFrame:
        import pyarrow as pa

        schema = StructType([StructField(name, DoubleType(), nullable=False) for name in names])
        columns = [np.ascontiguousarray(column) for column in points.T]
        table = pa.table(columns, names=list(names))
        return self._dataset.session.createDataFrame(table, schema)

    @cached_property
    def roc(self) -> DataFrame:
        """The curve of `FPR` and `TPR`, from (0, 0) to (1, 1)."""
        return self._frame(self._curves.roc(), "FPR", "TPR")

    @property
    def areaUnderROC(self) -> float:
        """The area under `roc`."""
        return self._curves.areaUnderROC()

    @cached_property
    def pr(self) -> DataFrame:
        """The curve of `recall` and `precision`."""
        return self._frame(self._curves.pr(), "recall", "precision")

    @cached_property
    def fMeasureByThreshold(self) -> DataFrame:
        """`threshold` and `F-Measure`."""
        curves = self._curves
        return self._frame(curves.byThreshold(curves.fMeasure()), "threshold", "F-Measure")

    @cached_property
    def precisionByThreshold(self) -> DataFrame:
        """`threshold` and `precision`."""
        curves = self._curves
        return self._frame(curves.byThreshold(curves.precision()), "threshold", "precision")

    @cached_property
    def recallByThreshold(self) -> DataFrame:
        """`threshold` and `recall`."""
        curves = self._curves
        return self._frame(curves.byThreshold(curves.recall()), "threshold", "recall")
