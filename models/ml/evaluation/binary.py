"""The evaluator of binary classifiers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.models.ml.evaluation.base import Evaluator
from streamcore.models.ml.evaluation.binary_metrics import METRICS, BinaryClassificationMetrics
from streamcore.models.ml.evaluation.columns import read, vectors_or_lists, weight_col
from streamcore.models.ml.linalg import VectorUDT
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.param.shared import HasLabelCol, HasRawPredictionCol, HasWeightCol
from streamcore.models.ml.param.validators import at_least, one_of
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.schemas import field_of, require_type
from streamcore.spi.types import DoubleType

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame


class BinaryClassificationEvaluator(HasLabelCol, HasRawPredictionCol, HasWeightCol, Evaluator, Saved):
    """How well scores tell two classes apart, over all thresholds.

    The scores are numbers, or vectors of two whose second entry counts.

    >>> from streamcore import Session
    >>> rows = [(0.1, 0.0), (0.4, 0.0), (0.35, 1.0), (0.8, 1.0)]
    >>> dataset = Session.builder.getOrCreate().createDataFrame(rows, ["rawPrediction", "label"])
    >>> BinaryClassificationEvaluator().evaluate(dataset)
    0.75
    """

    metricName: Param[str] = Param(
        Params._dummy(),
        "metricName",
        "which area: areaUnderROC or areaUnderPR.",
        TypeConverters.toString,
        one_of(*METRICS),
    )
    numBins: Param[int] = Param(
        Params._dummy(),
        "numBins",
        "about how many points the curves have: neighbouring scores are merged when there are more "
        "than twice as many. 0 merges none.",
        TypeConverters.toInt,
        at_least(0),
    )

    @keyword_only
    def __init__(
        self,
        *,
        rawPredictionCol: str = "rawPrediction",
        labelCol: str = "label",
        metricName: str = "areaUnderROC",
        weightCol: str | None = None,
        numBins: int = 1000,
    ) -> None:
        super().__init__()
        self._setDefault(metricName="areaUnderROC", numBins=1000)
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        rawPredictionCol: str = "rawPrediction",
        labelCol: str = "label",
        metricName: str = "areaUnderROC",
        weightCol: str | None = None,
        numBins: int = 1000,
    ) -> Self:
        """Set the parameters given."""
        return self._set(**self._input_kwargs)

    def setMetricName(self, value: str) -> Self:
        """Set `metricName`."""
        return self._set(metricName=value)

    def getMetricName(self) -> str:
        """The value of `metricName`, or its default."""
        return self.getOrDefault(self.metricName)

    def setNumBins(self, value: int) -> Self:
        """Set `numBins`."""
        return self._set(numBins=value)

    def getNumBins(self) -> int:
        """The value of `numBins`, or its default."""
        return self.getOrDefault(self.numBins)

    def setLabelCol(self, value: str) -> Self:
        """Set `labelCol`."""
        return self._set(labelCol=value)

    def setRawPredictionCol(self, value: str) -> Self:
        """Set `rawPredictionCol`."""
        return self._set(rawPredictionCol=value)

    def setWeightCol(self, value: str) -> Self:
        """Set `weightCol`."""
        return self._set(weightCol=value)

    def _evaluate(self, dataset: DataFrame) -> float:
        raw = self.getRawPredictionCol()
        require_type(dataset.schema, raw, DoubleType(), VectorUDT())
        if isinstance(field_of(dataset.schema, raw).dataType, VectorUDT):
            found = read(dataset, self.getLabelCol(), weightCol=weight_col(self), whole=[raw])
            score, label = vectors_or_lists(found.whole, 0)[:, 1], found.numbers[0]
        else:
            found = read(dataset, raw, self.getLabelCol(), weightCol=weight_col(self))
            score, label = found.numbers
        metrics = BinaryClassificationMetrics.of(score, label, found.weight, numBins=self.getNumBins())
        return METRICS[self.getMetricName()](metrics)
