"""Logistic regression."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.classification.base import (
    ProbabilisticClassifier,
)
from streamcore.models.ml.classification.logistic_bounds import bounds_of
from streamcore.models.ml.classification.logistic_fit import LogisticSettings
from streamcore.models.ml.classification.logistic_model import LogisticRegressionModel
from streamcore.models.ml.classification.logistic_params import _LogisticRegressionParams
from streamcore.models.ml.labels import class_count, require_classes
from streamcore.models.ml.linalg import Matrix, Vector
from streamcore.models.ml.param.keywords import keyword_only
from streamcore.models.ml.param.setters import (
    SetsAggregationDepth,
    SetsElasticNetParam,
    SetsFitIntercept,
    SetsMaxBlockSizeInMB,
    SetsMaxIter,
    SetsRegParam,
    SetsStandardization,
    SetsTol,
    SetsWeightCol,
)
from streamcore.models.ml.predicting import (
    require_columns,
    trained,
    training_rows,
)
from streamcore.models.ml.saved import Saved

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame


class LogisticRegression(
    _LogisticRegressionParams,
    SetsRegParam,
    SetsElasticNetParam,
    SetsMaxIter,
    SetsTol,
    SetsFitIntercept,
    SetsStandardization,
    SetsWeightCol,
    SetsAggregationDepth,
    SetsMaxBlockSizeInMB,
    ProbabilisticClassifier[LogisticRegressionModel],
    Saved,
):
    """Logistic regression, binomial and multinomial, with an elastic net or bounds.

    The objective is Spark's, and so is the way to its minimum (L-BFGS, OWL-QN where there is an L1 penalty):
    coefficients, the number of iterations and the objective after each agree to about 1e-12. Only within
    bounds scipy's L-BFGS-B takes another way to the same minimum. `aggregationDepth` and `maxBlockSizeInMB`,
    which shape Spark's jobs, change no result: rows are summed in blocks that fit a cache.

    >>> from streamcore import Session
    >>> from streamcore.models.ml.linalg import Vectors
    >>> spark = Session.builder.getOrCreate()
    >>> rows = [(0.0, Vectors.dense(-1.0)), (1.0, Vectors.dense(1.0)), (1.0, Vectors.dense(0.5))]
    >>> model = LogisticRegression(regParam=0.1).fit(spark.createDataFrame(rows, ["label", "features"]))
    >>> model.predict(Vectors.dense(2.0)), model.numClasses
    (1.0, 2)
    """

    @keyword_only
    def __init__(
        self,
        *,
        featuresCol: str = "features",
        labelCol: str = "label",
        predictionCol: str = "prediction",
        maxIter: int = 100,
        regParam: float = 0.0,
        elasticNetParam: float = 0.0,
        tol: float = 1e-6,
        fitIntercept: bool = True,
        threshold: float = 0.5,
        thresholds: list[float] | None = None,
        probabilityCol: str = "probability",
        rawPredictionCol: str = "rawPrediction",
        standardization: bool = True,
        weightCol: str | None = None,
        aggregationDepth: int = 2,
        family: str = "auto",
        lowerBoundsOnCoefficients: Matrix | None = None,
        upperBoundsOnCoefficients: Matrix | None = None,
        lowerBoundsOnIntercepts: Vector | None = None,
        upperBoundsOnIntercepts: Vector | None = None,
        maxBlockSizeInMB: float = 0.0,
    ) -> None:
        super().__init__()
        self._set(**self._input_kwargs)
        self._checkThresholdConsistency()

    @keyword_only
    def setParams(
        self,
        *,
        featuresCol: str = "features",
        labelCol: str = "label",
        predictionCol: str = "prediction",
        maxIter: int = 100,
        regParam: float = 0.0,
        elasticNetParam: float = 0.0,
        tol: float = 1e-6,
        fitIntercept: bool = True,
        threshold: float = 0.5,
        thresholds: list[float] | None = None,
        probabilityCol: str = "probability",
        rawPredictionCol: str = "rawPrediction",
        standardization: bool = True,
        weightCol: str | None = None,
        aggregationDepth: int = 2,
        family: str = "auto",
        lowerBoundsOnCoefficients: Matrix | None = None,
        upperBoundsOnCoefficients: Matrix | None = None,
        lowerBoundsOnIntercepts: Vector | None = None,
        upperBoundsOnIntercepts: Vector | None = None,
        maxBlockSizeInMB: float = 0.0,
    ) -> Self:
        """Set those parameters that are given."""
        self._set(**self._input_kwargs)
        self._checkThresholdConsistency()
        return self

    def setFamily(self, value: str) -> Self:
        """Set `family`."""
        return self._set(family=value)

    def setLowerBoundsOnCoefficients(self, value: Matrix) -> Self:
        """Set `lowerBoundsOnCoefficients`."""
        return self._set(lowerBoundsOnCoefficients=value)

    def setUpperBoundsOnCoefficients(self, value: Matrix) -> Self:
        """Set `upperBoundsOnCoefficients`."""
        return self._set(upperBoundsOnCoefficients=value)

    def setLowerBoundsOnIntercepts(self, value: Vector) -> Self:
        """Set `lowerBoundsOnIntercepts`."""
        return self._set(lowerBoundsOnIntercepts=value)

    def setUpperBoundsOnIntercepts(self, value: Vector) -> Self:
        """Set `upperBoundsOnIntercepts`."""
        return self._set(upperBoundsOnIntercepts=value)

    def _fit(self, dataset: DataFrame) -> LogisticRegressionModel:
        self._checkThresholdConsistency()
        require_columns(self, dataset, self.getRawPredictionCol(), self.getProbabilityCol())
        X, y, w = training_rows(self, dataset)
        require_classes(y)
        classes = class_count(dataset, self.getLabelCol(), y)
        multinomial = self._multinomial(classes)
        self._require_thresholds(classes)
        bounds = bounds_of(self, X.shape[1], classes if multinomial else 1)
        fit = self._settings(multinomial=multinomial).fit(X, y, w, max(classes, 2), bounds)
        made = LogisticRegressionModel.of(fit, max(classes, 2), multinomial=multinomial)
        return trained(self, made)._trained_on(dataset, fit.history)

    def _multinomial(self, classes: int) -> bool:
        if self.getFamily() == "binomial" and classes > 2:
            raise IllegalArgumentException(
                "requirement failed: Binomial family only supports 1 or 2 outcome classes but found "
                f"{classes}."
            )
        return self.getFamily() == "multinomial" or (self.getFamily() == "auto" and classes > 2)

    def _require_thresholds(self, classes: int) -> None:
        if self.isSet(self.thresholds) and len(self.getThresholds()) != classes:
            raise IllegalArgumentException(
                "requirement failed: LogisticRegression.train() called with non-matching numClasses and "
                f"thresholds.length. numClasses={classes}, but thresholds has length "
                f"{len(self.getThresholds())}"
            )

    def _settings(self, *, multinomial: bool) -> LogisticSettings:
        return LogisticSettings(
            multinomial=multinomial,
            intercept=self.getFitIntercept(),
            penalty=self.getRegParam(),
            l1_ratio=self.getElasticNetParam(),
            standardize=self.getStandardization(),
            iterations=self.getMaxIter(),
            tolerance=self.getTol(),
        )
