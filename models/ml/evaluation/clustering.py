"""The evaluator of clusterings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.models.ml.evaluation.base import Evaluator
from streamcore.models.ml.evaluation.columns import LISTS, read, vectors_or_lists, weight_col
from streamcore.models.ml.evaluation.silhouette import silhouette
from streamcore.models.ml.linalg import VectorUDT
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.param.shared import HasFeaturesCol, HasPredictionCol, HasWeightCol
from streamcore.models.ml.param.validators import one_of
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.schemas import require_type

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame


class ClusteringEvaluator(HasPredictionCol, HasFeaturesCol, HasWeightCol, Evaluator, Saved):
    """The silhouette: how much nearer rows are to their own cluster than to the next, from -1 to 1.

    >>> from streamcore import Session
    >>> rows = [([0.0], 0), ([1.0], 0), ([10.0], 1), ([11.0], 1)]
    >>> dataset = Session.builder.getOrCreate().createDataFrame(rows, ["features", "prediction"])
    >>> round(ClusteringEvaluator().evaluate(dataset), 4)
    0.99
    """

    metricName: Param[str] = Param(
        Params._dummy(),
        "metricName",
        "which metric: silhouette, the only one.",
        TypeConverters.toString,
        one_of("silhouette"),
    )
    distanceMeasure: Param[str] = Param(
        Params._dummy(),
        "distanceMeasure",
        "how far two rows are apart: squaredEuclidean or cosine.",
        TypeConverters.toString,
        one_of("squaredEuclidean", "cosine"),
    )

    @keyword_only
    def __init__(
        self,
        *,
        predictionCol: str = "prediction",
        featuresCol: str = "features",
        metricName: str = "silhouette",
        distanceMeasure: str = "squaredEuclidean",
        weightCol: str | None = None,
    ) -> None:
        super().__init__()
        self._setDefault(metricName="silhouette", distanceMeasure="squaredEuclidean")
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        predictionCol: str = "prediction",
        featuresCol: str = "features",
        metricName: str = "silhouette",
        distanceMeasure: str = "squaredEuclidean",
        weightCol: str | None = None,
    ) -> Self:
        """Set the parameters given."""
        return self._set(**self._input_kwargs)

    def setMetricName(self, value: str) -> Self:
        """Set `metricName`."""
        return self._set(metricName=value)

    def getMetricName(self) -> str:
        """The value of `metricName`, or its default."""
        return self.getOrDefault(self.metricName)

    def setDistanceMeasure(self, value: str) -> Self:
        """Set `distanceMeasure`."""
        return self._set(distanceMeasure=value)

    def getDistanceMeasure(self) -> str:
        """The value of `distanceMeasure`, or its default."""
        return self.getOrDefault(self.distanceMeasure)

    def setFeaturesCol(self, value: str) -> Self:
        """Set `featuresCol`."""
        return self._set(featuresCol=value)

    def setPredictionCol(self, value: str) -> Self:
        """Set `predictionCol`."""
        return self._set(predictionCol=value)

    def setWeightCol(self, value: str) -> Self:
        """Set `weightCol`."""
        return self._set(weightCol=value)

    def _evaluate(self, dataset: DataFrame) -> float:
        require_type(dataset.schema, self.getFeaturesCol(), VectorUDT(), *LISTS)
        found = read(
            dataset, self.getPredictionCol(), weightCol=weight_col(self), whole=[self.getFeaturesCol()]
        )
        features, cluster = vectors_or_lists(found.whole, 0), found.numbers[0]
        return silhouette(features, cluster, found.weight, self.getDistanceMeasure())
