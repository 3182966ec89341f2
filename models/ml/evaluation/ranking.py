"""The evaluator of rankings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.models.ml.evaluation.base import Evaluator
from streamcore.models.ml.evaluation.columns import lists_of
from streamcore.models.ml.evaluation.ranking_metrics import METRICS, RankingMetrics
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.param.shared import HasLabelCol, HasPredictionCol
from streamcore.models.ml.param.validators import greater, one_of
from streamcore.models.ml.saved import Saved

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame


class RankingEvaluator(HasLabelCol, HasPredictionCol, Evaluator, Saved):
    """How early rankings name what is relevant.

    >>> from streamcore import Session
    >>> rows = [([1.0, 2.0, 3.0], [1.0, 3.0]), ([4.0, 5.0], [5.0])]
    >>> dataset = Session.builder.getOrCreate().createDataFrame(rows, ["prediction", "label"])
    >>> RankingEvaluator(metricName="precisionAtK", k=1).evaluate(dataset)
    0.5
    """

    metricName: Param[str] = Param(
        Params._dummy(),
        "metricName",
        "which metric: meanAveragePrecision, meanAveragePrecisionAtK, precisionAtK, ndcgAtK, recallAtK.",
        TypeConverters.toString,
        one_of(*METRICS),
    )
    k: Param[int] = Param(
        Params._dummy(),
        "k",
        "how much of a ranking the metrics named AtK look at.",
        TypeConverters.toInt,
        greater(0),
    )

    @keyword_only
    def __init__(
        self,
        *,
        predictionCol: str = "prediction",
        labelCol: str = "label",
        metricName: str = "meanAveragePrecision",
        k: int = 10,
    ) -> None:
        super().__init__()
        self._setDefault(metricName="meanAveragePrecision", k=10)
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        predictionCol: str = "prediction",
        labelCol: str = "label",
        metricName: str = "meanAveragePrecision",
        k: int = 10,
    ) -> Self:
        """Set the parameters given."""
        return self._set(**self._input_kwargs)

    def setMetricName(self, value: str) -> Self:
        """Set `metricName`."""
        return self._set(metricName=value)

    def getMetricName(self) -> str:
        """The value of `metricName`, or its default."""
        return self.getOrDefault(self.metricName)

    def setK(self, value: int) -> Self:
        """Set `k`."""
        return self._set(k=value)

    def getK(self) -> int:
        """The value of `k`, or its default."""
        return self.getOrDefault(self.k)

    def setLabelCol(self, value: str) -> Self:
        """Set `labelCol`."""
        return self._set(labelCol=value)

    def setPredictionCol(self, value: str) -> Self:
        """Set `predictionCol`."""
        return self._set(predictionCol=value)

    def _evaluate(self, dataset: DataFrame) -> float:
        predicted, relevant = lists_of(dataset, self.getPredictionCol(), self.getLabelCol())
        metrics = RankingMetrics.of(zip(predicted, relevant, strict=True))
        return METRICS[self.getMetricName()](metrics, self.getK())
