"""The evaluator of classifiers that predict several labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.models.ml.evaluation.base import Evaluator
from streamcore.models.ml.evaluation.columns import lists_of
from streamcore.models.ml.evaluation.multilabel_metrics import METRICS, MultilabelMetrics
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.param.shared import HasLabelCol, HasPredictionCol
from streamcore.models.ml.param.validators import at_least, one_of
from streamcore.models.ml.saved import Saved

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame


class MultilabelClassificationEvaluator(HasLabelCol, HasPredictionCol, Evaluator, Saved):
    """How well sets of predicted labels are the true ones.

    >>> from streamcore import Session
    >>> rows = [([0.0, 1.0], [0.0, 2.0]), ([2.0], [2.0])]
    >>> dataset = Session.builder.getOrCreate().createDataFrame(rows, ["prediction", "label"])
    >>> MultilabelClassificationEvaluator(metricName="precision").evaluate(dataset)
    0.75
    """

    metricName: Param[str] = Param(
        Params._dummy(),
        "metricName",
        "which metric: subsetAccuracy, accuracy, hammingLoss, precision, recall, f1Measure, "
        "precisionByLabel, recallByLabel, f1MeasureByLabel, microPrecision, microRecall, "
        "microF1Measure.",
        TypeConverters.toString,
        one_of(*METRICS),
    )
    metricLabel: Param[float] = Param(
        Params._dummy(),
        "metricLabel",
        "the label that the metrics named ByLabel are of.",
        TypeConverters.toFloat,
        at_least(0),
    )

    @keyword_only
    def __init__(
        self,
        *,
        predictionCol: str = "prediction",
        labelCol: str = "label",
        metricName: str = "f1Measure",
        metricLabel: float = 0.0,
    ) -> None:
        super().__init__()
        self._setDefault(metricName="f1Measure", metricLabel=0.0)
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        predictionCol: str = "prediction",
        labelCol: str = "label",
        metricName: str = "f1Measure",
        metricLabel: float = 0.0,
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

    def setLabelCol(self, value: str) -> Self:
        """Set `labelCol`."""
        return self._set(labelCol=value)

    def setPredictionCol(self, value: str) -> Self:
        """Set `predictionCol`."""
        return self._set(predictionCol=value)

    def isLargerBetter(self) -> bool:
        """But for the Hamming loss."""
        return self.getMetricName() != "hammingLoss"

    def _evaluate(self, dataset: DataFrame) -> float:
        predicted, true = lists_of(dataset, self.getPredictionCol(), self.getLabelCol())
        metrics = MultilabelMetrics.of(zip(predicted, true, strict=True))
        return METRICS[self.getMetricName()](metrics, self.getMetricLabel())
