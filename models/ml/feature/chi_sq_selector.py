"""Features of categories that tell most of a label of categories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.models.ml.base import Estimator
from streamcore.models.ml.feature.fitting import fitted
from streamcore.models.ml.feature.scores import chi_square, chosen
from streamcore.models.ml.feature.selecting import SelectedFeatures, SelectorModel
from streamcore.models.ml.matrices import fit_rows
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.param.shared import HasLabelCol
from streamcore.models.ml.param.validators import at_least, one_of, within
from streamcore.models.ml.saved import Saved

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame


class _SelectorParams(SelectedFeatures, HasLabelCol):
    selectorType: Param[str] = Param(
        Params._dummy(),
        "selectorType",
        "how features are chosen: numTopFeatures, percentile, fpr, fdr or fwe.",
        TypeConverters.toString,
        one_of("numTopFeatures", "percentile", "fpr", "fdr", "fwe"),
    )
    numTopFeatures: Param[int] = Param(
        Params._dummy(), "numTopFeatures", "how many features are chosen, those of the least p-values.",
        TypeConverters.toInt, at_least(1),
    )  # fmt: skip
    percentile: Param[float] = Param(
        Params._dummy(), "percentile", "which part of the features is chosen, those of the least p-values.",
        TypeConverters.toFloat, within(0, 1),
    )  # fmt: skip
    fpr: Param[float] = Param(
        Params._dummy(),
        "fpr",
        "the p-value below which a feature is chosen.",
        TypeConverters.toFloat,
        within(0, 1),
    )
    fdr: Param[float] = Param(
        Params._dummy(), "fdr", "which part of the features chosen is expected to be chosen by chance.",
        TypeConverters.toFloat, within(0, 1),
    )  # fmt: skip
    fwe: Param[float] = Param(
        Params._dummy(),
        "fwe",
        "how likely any feature is chosen by chance.",
        TypeConverters.toFloat,
        within(0, 1),
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(
            numTopFeatures=50, selectorType="numTopFeatures", percentile=0.1, fpr=0.05, fdr=0.05, fwe=0.05
        )

    def getSelectorType(self) -> str:
        """The value of `selectorType`, or its default."""
        return self.getOrDefault(self.selectorType)

    def getNumTopFeatures(self) -> int:
        """The value of `numTopFeatures`, or its default."""
        return self.getOrDefault(self.numTopFeatures)

    def getPercentile(self) -> float:
        """The value of `percentile`, or its default."""
        return self.getOrDefault(self.percentile)

    def getFpr(self) -> float:
        """The value of `fpr`, or its default."""
        return self.getOrDefault(self.fpr)

    def getFdr(self) -> float:
        """The value of `fdr`, or its default."""
        return self.getOrDefault(self.fdr)

    def getFwe(self) -> float:
        """The value of `fwe`, or its default."""
        return self.getOrDefault(self.fwe)


class ChiSqSelector(Estimator["ChiSqSelectorModel"], _SelectorParams, Saved):
    """Selects features of categories by chi-squared tests; UnivariateFeatureSelector does so too.

    >>> from streamcore import Session
    >>> from streamcore.models.ml.linalg import Vectors
    >>> rows = [(Vectors.dense([1.0, 0.0]), 0.0), (Vectors.dense([1.0, 1.0]), 1.0)]
    >>> df = Session.builder.getOrCreate().createDataFrame(rows, ["features", "label"])
    >>> ChiSqSelector(numTopFeatures=1, outputCol="some").fit(df).selectedFeatures
    [1]
    """

    @keyword_only
    def __init__(
        self,
        *,
        numTopFeatures: int = 50,
        featuresCol: str = "features",
        outputCol: str | None = None,
        labelCol: str = "label",
        selectorType: str = "numTopFeatures",
        percentile: float = 0.1,
        fpr: float = 0.05,
        fdr: float = 0.05,
        fwe: float = 0.05,
    ) -> None:
        super().__init__()
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        numTopFeatures: int = 50,
        featuresCol: str = "features",
        outputCol: str | None = None,
        labelCol: str = "label",
        selectorType: str = "numTopFeatures",
        percentile: float = 0.1,
        fpr: float = 0.05,
        fdr: float = 0.05,
        fwe: float = 0.05,
    ) -> Self:
        """Set parameters."""
        return self._set(**self._input_kwargs)

    def setLabelCol(self, value: str) -> Self:
        """Set `labelCol`."""
        return self._set(labelCol=value)

    def setSelectorType(self, value: str) -> Self:
        """Set `selectorType`."""
        return self._set(selectorType=value)

    def setNumTopFeatures(self, value: int) -> Self:
        """Set `numTopFeatures`."""
        return self._set(numTopFeatures=value)

    def setPercentile(self, value: float) -> Self:
        """Set `percentile`."""
        return self._set(percentile=value)

    def setFpr(self, value: float) -> Self:
        """Set `fpr`."""
        return self._set(fpr=value)

    def setFdr(self, value: float) -> Self:
        """Set `fdr`."""
        return self._set(fdr=value)

    def setFwe(self, value: float) -> Self:
        """Set `fwe`."""
        return self._set(fwe=value)

    def _fit(self, dataset: DataFrame) -> ChiSqSelectorModel:
        self._require_columns(dataset)
        rows = fit_rows(dataset, self.getFeaturesCol(), self.getLabelCol())
        assert rows.y is not None
        mode = self.getSelectorType()
        selected = chosen(chi_square(rows.X, rows.y).pValues, mode, self.getOrDefault(mode))
        return fitted(self, ChiSqSelectorModel(sorted(selected)))


class ChiSqSelectorModel(SelectorModel, _SelectorParams):
    """What ChiSqSelector has learned: which features to take."""

    _are_categories = True
