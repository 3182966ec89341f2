"""Features that vary."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from streamcore.models.ml.base import Estimator
from streamcore.models.ml.feature.fitting import fitted
from streamcore.models.ml.feature.kinds import vectors_in
from streamcore.models.ml.feature.selecting import SelectedFeatures, SelectorModel
from streamcore.models.ml.feature.summaries import moments_of
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.param.validators import at_least
from streamcore.models.ml.saved import Saved

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame


class _VarianceThresholdSelectorParams(SelectedFeatures):
    varianceThreshold: Param[float] = Param(
        Params._dummy(), "varianceThreshold", "the variance above which a feature is taken.",
        TypeConverters.toFloat, at_least(0),
    )  # fmt: skip

    def getVarianceThreshold(self) -> float:
        """The value of `varianceThreshold`, or its default."""
        return self.getOrDefault(self.varianceThreshold)


class VarianceThresholdSelector(
    Estimator["VarianceThresholdSelectorModel"], _VarianceThresholdSelectorParams, Saved
):
    """Selects the features whose (unbiased) variance is above a threshold: by default those that vary at all.

    >>> from streamcore import Session
    >>> from streamcore.models.ml.linalg import Vectors
    >>> rows = [(Vectors.dense([1.0, 2.0]),), (Vectors.dense([1.0, 3.0]),)]
    >>> df = Session.builder.getOrCreate().createDataFrame(rows, ["features"])
    >>> VarianceThresholdSelector(outputCol="some").fit(df).selectedFeatures
    [1]
    """

    @keyword_only
    def __init__(
        self, *, featuresCol: str = "features", outputCol: str | None = None, varianceThreshold: float = 0.0
    ) -> None:
        super().__init__()
        self._setDefault(varianceThreshold=0.0)
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self, *, featuresCol: str = "features", outputCol: str | None = None, varianceThreshold: float = 0.0
    ) -> Self:
        """Set parameters."""
        return self._set(**self._input_kwargs)

    def setVarianceThreshold(self, value: float) -> Self:
        """Set `varianceThreshold`."""
        return self._set(varianceThreshold=value)

    def _fit(self, dataset: DataFrame) -> VarianceThresholdSelectorModel:
        self._require_columns(dataset)
        variance = moments_of(vectors_in(dataset, self.getFeaturesCol())).variance
        selected = np.flatnonzero(variance > self.getVarianceThreshold())
        return fitted(self, VarianceThresholdSelectorModel(selected.tolist()))


class VarianceThresholdSelectorModel(SelectorModel, _VarianceThresholdSelectorParams):
    """What VarianceThresholdSelector has learned: which features to take."""
