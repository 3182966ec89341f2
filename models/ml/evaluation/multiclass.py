"""The evaluator of classifiers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.models.ml.evaluation.base import Evaluator
from streamcore.models.ml.evaluation.columns import LISTS, read, vectors_or_lists, weight_col
from streamcore.models.ml.evaluation.multiclass_metrics import METRICS, MulticlassMetrics, log_loss
from streamcore.models.ml.linalg import VectorUDT
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.param.shared import HasLabelCol, HasPredictionCol, HasProbabilityCol, HasWeightCol
from streamcore.models.ml.param.validators import at_least, greater, inside, one_of
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.schemas import require_type
from streamcore.spi.types import DoubleType

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame

_LOSSES = {"weightedFalsePositiveRate", "falsePositiveRateByLabel", "logLoss", "hammingLoss"}


class MulticlassClassificationEvaluator(
    HasLabelCol, HasPredictionCol, HasWeightCol, HasProbabilityCol, Evaluator, Saved
):
    """How often predicted classes are the labels, in many ways of counting.

    >>> from streamcore import Session
    >>> rows = [(0.0, 0.0), (1.0, 1.0), (2.0, 1.0), (2.0, 2.0)]
    >>> dataset = Session.builder.getOrCreate().createDataFrame(rows, ["prediction", "label"])
    >>> MulticlassClassificationEvaluator(metricName="accuracy").evaluate(dataset)
    0.75
    """

    metricName: Param[str] = Param(
        Params._dummy(),
        "metricName",
        "which metric: f1, accuracy, weightedPrecision, weightedRecall, weightedTruePositiveRate, "
        "weightedFalsePositiveRate, weightedFMeasure, truePositiveRateByLabel, "
        "falsePositiveRateByLabel, precisionByLabel, recallByLabel, fMeasureByLabel, logLoss, "
        "hammingLoss.",
        TypeConverters.toString,
        one_of(*METRICS, "logLoss"),
    )
    metricLabel: Param[float] = Param(
        Params._dummy(),
        "metricLabel",
        "the class that the metrics named ByLabel are of.",
        TypeConverters.toFloat,
        at_least(0),
    )
    beta: Param[float] = Param(
        Params._dummy(),
        "beta",
        "how much recall counts in weightedFMeasure and fMeasureByLabel, against precision.",
        TypeConverters.toFloat,
        greater(0),
    )
    eps: Param[float] = Param(
        Params._dummy(),
        "eps",
        "how near to 0 and 1 probabilities may be in logLoss.",
        TypeConverters.toFloat,
        inside(0, 0.5),
    )

    @keyword_only
    def __init__(
        self,
        *,
        predictionCol: str = "prediction",
        labelCol: str = "label",
        metricName: str = "f1",
        weightCol: str | None = None,
        metricLabel: float = 0.0,
        beta: float = 1.0,
        probabilityCol: str = "probability",
        eps: float = 1e-15,
    ) -> None:
        super().__init__()
        self._setDefault(metricName="f1", metricLabel=0.0, beta=1.0, eps=1e-15)
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        predictionCol: str = "prediction",
        labelCol: str = "label",
        metricName: str = "f1",
        weightCol: str | None = None,
        metricLabel: float = 0.0,
        beta: float = 1.0,
        probabilityCol: str = "probability",
        eps: float = 1e-15,
    ) -> Self:
        """Set the parameters given."""
        return self._set(**self._input_kwargs)

    def setMetricName(self, value: str) -> Self:
        """Set `metricName`."""
        return self._set(metricName=value)

    def getMetricName(self) -> str:
        """The value of `metricName`, or its default."""
        return self.getOrDefault(self.metricName)

    def setMetricLabel(self, value: float) -> Self:
        """Set `metricLabel`."""
        return self._set(metricLabel=value)

    def getMetricLabel(self) -> float:
        """The value of `metricLabel`, or its default."""
        return self.getOrDefault(self.metricLabel)

    def setBeta(self, value: float) -> Self:
        """Set `beta`."""
        return self._set(beta=value)

    def getBeta(self) -> float:
        """The value of `beta`, or its default."""
        return self.getOrDefault(self.beta)

    def setEps(self, value: float) -> Self:
        """Set `eps`."""
        return self._set(eps=value)

    def getEps(self) -> float:
        """The value of `eps`, or its default."""
        return self.getOrDefault(self.eps)

    def setLabelCol(self, value: str) -> Self:
        """Set `labelCol`."""
        return self._set(labelCol=value)

    def setPredictionCol(self, value: str) -> Self:
        """Set `predictionCol`."""
        return self._set(predictionCol=value)

    def setProbabilityCol(self, value: str) -> Self:
        """Set `probabilityCol`."""
        return self._set(probabilityCol=value)

    def setWeightCol(self, value: str) -> Self:
        """Set `weightCol`."""
        return self._set(weightCol=value)

    def isLargerBetter(self) -> bool:
        """But for false positives and losses."""
        return self.getMetricName() not in _LOSSES

    def _evaluate(self, dataset: DataFrame) -> float:
        require_type(dataset.schema, self.getPredictionCol(), DoubleType())
        if self.getMetricName() == "logLoss":
            return self._log_loss(dataset)
        found = read(dataset, self.getPredictionCol(), self.getLabelCol(), weightCol=weight_col(self))
        prediction, label = found.numbers
        metrics = MulticlassMetrics.of(prediction, label, found.weight)
        return METRICS[self.getMetricName()](metrics, self.getMetricLabel(), self.getBeta())

    def _log_loss(self, dataset: DataFrame) -> float:
        probability = self.getProbabilityCol()
        require_type(dataset.schema, probability, VectorUDT(), *LISTS)
        found = read(dataset, self.getLabelCol(), weightCol=weight_col(self), whole=[probability])
        return log_loss(vectors_or_lists(found.whole, 0), found.numbers[0], found.weight, self.getEps())
