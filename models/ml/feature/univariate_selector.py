"""Features that tell most of a label, one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.base import Estimator
from streamcore.models.ml.feature.fitting import fitted
from streamcore.models.ml.feature.scores import anova, chi_square, chosen, f_value
from streamcore.models.ml.feature.selecting import SelectedFeatures, SelectorModel
from streamcore.models.ml.matrices import fit_rows
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.param.shared import HasLabelCol
from streamcore.models.ml.param.validators import one_of
from streamcore.models.ml.saved import Saved

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame

CATEGORICAL, CONTINUOUS = "categorical", "continuous"

_TESTS = {
    (CATEGORICAL, CATEGORICAL): chi_square,
    (CONTINUOUS, CATEGORICAL): anova,
    (CONTINUOUS, CONTINUOUS): f_value,
}
_THRESHOLDS = {"numTopFeatures": 50.0, "percentile": 0.1, "fpr": 0.05, "fdr": 0.05, "fwe": 0.05}


class _UnivariateFeatureSelectorParams(SelectedFeatures, HasLabelCol):
    featureType: Param[str] = Param(
        Params._dummy(), "featureType", "what the features are: categorical or continuous.",
        TypeConverters.toString, one_of(CATEGORICAL, CONTINUOUS),
    )  # fmt: skip
    labelType: Param[str] = Param(
        Params._dummy(), "labelType", "what the label is: categorical or continuous.",
        TypeConverters.toString, one_of(CATEGORICAL, CONTINUOUS),
    )  # fmt: skip
    selectionMode: Param[str] = Param(
        Params._dummy(), "selectionMode", "how to choose: numTopFeatures, percentile, fpr, fdr or fwe.",
        TypeConverters.toString, one_of(*_THRESHOLDS),
    )  # fmt: skip
    selectionThreshold: Param[float] = Param(
        Params._dummy(),
        "selectionThreshold",
        "how many features are chosen, which part of them, or up to which p-value, as the mode has it.",
        TypeConverters.toFloat,
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(selectionMode="numTopFeatures")

    def getFeatureType(self) -> str:
        """The value of `featureType`."""
        return self.getOrDefault(self.featureType)

    def getLabelType(self) -> str:
        """The value of `labelType`."""
        return self.getOrDefault(self.labelType)

    def getSelectionMode(self) -> str:
        """The value of `selectionMode`, or its default."""
        return self.getOrDefault(self.selectionMode)

    def getSelectionThreshold(self) -> float:
        """The value of `selectionThreshold`."""
        return self.getOrDefault(self.selectionThreshold)


class UnivariateFeatureSelector(
    Estimator["UnivariateFeatureSelectorModel"], _UnivariateFeatureSelectorParams, Saved
):
    """Selects features by a test of each against the label: chi-squared, ANOVA or F, as their types have it.

    >>> from streamcore import Session
    >>> from streamcore.models.ml.linalg import Vectors
    >>> rows = [([1.0, 5.0], 0.0), ([1.1, 9.0], 0.0), ([7.0, 5.0], 1.0), ([7.2, 8.0], 1.0)]
    >>> spark = Session.builder.getOrCreate()
    >>> df = spark.createDataFrame([(Vectors.dense(v), label) for v, label in rows], ["features", "label"])
    >>> selector = UnivariateFeatureSelector(outputCol="some").setFeatureType("continuous")
    >>> selector.setLabelType("categorical").setSelectionThreshold(1).fit(df).selectedFeatures
    [0]
    """

    @keyword_only
    def __init__(
        self,
        *,
        featuresCol: str = "features",
        outputCol: str | None = None,
        labelCol: str = "label",
        selectionMode: str = "numTopFeatures",
    ) -> None:
        super().__init__()
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        featuresCol: str = "features",
        outputCol: str | None = None,
        labelCol: str = "label",
        selectionMode: str = "numTopFeatures",
    ) -> Self:
        """Set parameters."""
        return self._set(**self._input_kwargs)

    def setLabelCol(self, value: str) -> Self:
        """Set `labelCol`."""
        return self._set(labelCol=value)

    def setFeatureType(self, value: str) -> Self:
        """Set `featureType`."""
        return self._set(featureType=value)

    def setLabelType(self, value: str) -> Self:
        """Set `labelType`."""
        return self._set(labelType=value)

    def setSelectionMode(self, value: str) -> Self:
        """Set `selectionMode`."""
        return self._set(selectionMode=value)

    def setSelectionThreshold(self, value: float) -> Self:
        """Set `selectionThreshold`."""
        return self._set(selectionThreshold=value)

    def _fit(self, dataset: DataFrame) -> UnivariateFeatureSelectorModel:
        self._require_columns(dataset)
        threshold = self._threshold()
        if not self.isSet("featureType") or not self.isSet("labelType"):
            raise IllegalArgumentException("requirement failed: featureType and labelType need to be set")
        test = _TESTS.get((self.getFeatureType(), self.getLabelType()))
        if test is None:
            raise IllegalArgumentException(
                f"Unsupported combination: featureType={self.getFeatureType()}, "
                f"labelType={self.getLabelType()}"
            )
        rows = fit_rows(dataset, self.getFeaturesCol(), self.getLabelCol())
        assert rows.y is not None
        selected = chosen(test(rows.X, rows.y).pValues, self.getSelectionMode(), threshold)
        return fitted(self, UnivariateFeatureSelectorModel(selected))

    def _threshold(self) -> float:
        mode = self.getSelectionMode()
        threshold = self.getSelectionThreshold() if self.isSet("selectionThreshold") else _THRESHOLDS[mode]
        if mode == "numTopFeatures" and not (threshold > 0 and float(threshold).is_integer()):
            raise IllegalArgumentException(
                "requirement failed: selectionThreshold needs to be a positive Integer for selection mode "
                f"numTopFeatures, but got {threshold}"
            )
        if mode != "numTopFeatures" and not 0 <= threshold <= 1:
            raise IllegalArgumentException(
                "requirement failed: selectionThreshold needs to be in the range [0, 1] for selection mode "
                f"{mode}, but got {threshold}"
            )
        return threshold


class UnivariateFeatureSelectorModel(SelectorModel, _UnivariateFeatureSelectorParams):
    """What UnivariateFeatureSelector has learned: which features to take."""
