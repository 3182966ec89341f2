"""The evaluator of regressions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from streamcore.models.ml.evaluation.base import Evaluator
from streamcore.models.ml.evaluation.columns import read, weight_col
from streamcore.models.ml.evaluation.regression_metrics import METRICS, RegressionMetrics
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.param.shared import HasLabelCol, HasPredictionCol, HasWeightCol
from streamcore.models.ml.param.validators import one_of
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.schemas import require_type
from streamcore.spi.types import DoubleType, FloatType

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame


class RegressionEvaluator(HasLabelCol, HasPredictionCol, HasWeightCol, Evaluator, Saved):
    """How far predicted numbers are from the labels.

    >>> from streamcore import Session
    >>> rows = [(2.5, 3.0), (0.0, -0.5), (2.0, 2.0), (8.0, 7.0)]
    >>> dataset = Session.builder.getOrCreate().createDataFrame(rows, ["prediction", "label"])
    >>> RegressionEvaluator(metricName="mae").evaluate(dataset)
    0.5
    """

    metricName: Param[str] = Param(
        Params._dummy(),
        "metricName",
        "which metric: rmse (root mean squared error), mse, r2, mae (mean absolute error), "
        "var (explained variance).",
        TypeConverters.toString,
        one_of(*METRICS),
    )
    throughOrigin: Param[bool] = Param(
        Params._dummy(),
        "throughOrigin",
        "whether the regression goes through the origin, which changes what r2 compares with.",
        TypeConverters.toBoolean,
    )

    @keyword_only
    def __init__(
        self,
        *,
        predictionCol: str = "prediction",
        labelCol: str = "label",
        metricName: str = "rmse",
        weightCol: str | None = None,
        throughOrigin: bool = False,
    ) -> None:
        super().__init__()
        self._setDefault(metricName="rmse", throughOrigin=False)
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        predictionCol: str = "prediction",
        labelCol: str = "label",
        metricName: str = "rmse",
        weightCol: str | None = None,
        throughOrigin: bool = False,
    ) -> Self:
        """Set the parameters given."""
        return self._set(**self._input_kwargs)

    def setMetricName(self, value: str) -> Self:
        """Set `metricName`."""
        return self._set(metricName=value)

    def getMetricName(self) -> str:
        """The value of `metricName`, or its default."""
        return self.getOrDefault(self.metricName)

    def setThroughOrigin(self, value: bool) -> Self:
        """Set `throughOrigin`."""
        return self._set(throughOrigin=value)

    def getThroughOrigin(self) -> bool:
        """The value of `throughOrigin`, or its default."""
        return self.getOrDefault(self.throughOrigin)

    def setLabelCol(self, value: str) -> Self:
        """Set `labelCol`."""
        return self._set(labelCol=value)

    def setPredictionCol(self, value: str) -> Self:
        """Set `predictionCol`."""
        return self._set(predictionCol=value)

    def setWeightCol(self, value: str) -> Self:
        """Set `weightCol`."""
        return self._set(weightCol=value)

    def isLargerBetter(self) -> bool:
        """For r2 and var."""
        return self.getMetricName() in {"r2", "var"}

    def _evaluate(self, dataset: DataFrame) -> float:
        require_type(dataset.schema, self.getPredictionCol(), DoubleType(), FloatType())
        found = read(dataset, self.getPredictionCol(), self.getLabelCol(), weightCol=weight_col(self))
        prediction, label = found.numbers
        metrics = RegressionMetrics.of(prediction, label, found.weight, throughOrigin=self.getThroughOrigin())
        with np.errstate(all="ignore"):
            return METRICS[self.getMetricName()](metrics)
