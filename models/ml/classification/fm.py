"""Factorization machines for two classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.models.ml.classification.base import (
    ProbabilisticClassificationModel,
    ProbabilisticClassifier,
)
from streamcore.models.ml.classification.summary import (
    HasSummaryMethod,
    _BinaryClassificationSummary,
    _TrainingSummary,
)
from streamcore.models.ml.labels import require_two_classes
from streamcore.models.ml.linalg import DenseVector
from streamcore.models.ml.optimize.factorization import (
    log_loss,
)
from streamcore.models.ml.param.keywords import keyword_only
from streamcore.models.ml.predicting import (
    ClassScore,
    Likeliest,
    Scored,
    TwoSided,
    require_columns,
    trained,
    training_rows,
)
from streamcore.models.ml.regression.fm_params import (
    _FactorizationMachinesParams,
    _FactorizationModel,
    _SetsFactorization,
)
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.stored import rows_matrix

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame


class FMClassifier(_SetsFactorization, ProbabilisticClassifier["FMClassificationModel"], Saved):
    """A factorization machine for two classes: features and the products of all pairs of them, by log-loss.

    The first factors are drawn with Java's generator and the steps are Spark's: with all rows in each step
    (`miniBatchFraction=1.0`) the same seed gives Spark's model. Samples are drawn otherwise than in Spark.

    >>> from streamcore import Session
    >>> from streamcore.models.ml.linalg import Vectors
    >>> spark = Session.builder.getOrCreate()
    >>> rows = [(1.0, Vectors.dense(1.0)), (0.0, Vectors.dense(-1.0))]
    >>> model = FMClassifier(factorSize=2, seed=1).fit(spark.createDataFrame(rows, ["label", "features"]))
    >>> model.predict(Vectors.dense(1.0))
    1.0
    """

    @keyword_only
    def __init__(
        self,
        *,
        featuresCol: str = "features",
        labelCol: str = "label",
        predictionCol: str = "prediction",
        probabilityCol: str = "probability",
        rawPredictionCol: str = "rawPrediction",
        factorSize: int = 8,
        fitIntercept: bool = True,
        fitLinear: bool = True,
        regParam: float = 0.0,
        miniBatchFraction: float = 1.0,
        initStd: float = 0.01,
        maxIter: int = 100,
        stepSize: float = 1.0,
        tol: float = 1e-6,
        solver: str = "adamW",
        thresholds: list[float] | None = None,
        seed: int | None = None,
    ) -> None:
        super().__init__()
        self._set(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        featuresCol: str = "features",
        labelCol: str = "label",
        predictionCol: str = "prediction",
        probabilityCol: str = "probability",
        rawPredictionCol: str = "rawPrediction",
        factorSize: int = 8,
        fitIntercept: bool = True,
        fitLinear: bool = True,
        regParam: float = 0.0,
        miniBatchFraction: float = 1.0,
        initStd: float = 0.01,
        maxIter: int = 100,
        stepSize: float = 1.0,
        tol: float = 1e-6,
        solver: str = "adamW",
        thresholds: list[float] | None = None,
        seed: int | None = None,
    ) -> Self:
        """Set those parameters that are given."""
        return self._set(**self._input_kwargs)

    def _fit(self, dataset: DataFrame) -> FMClassificationModel:
        require_columns(self, dataset, self.getRawPredictionCol(), self.getProbabilityCol())
        X, y, _ = training_rows(self, dataset)
        require_two_classes(y)
        fit = self._machine(log_loss, X, y)
        machine = fit.machine
        made = FMClassificationModel(
            machine.intercept, DenseVector(machine.linear), rows_matrix(machine.factors)
        )
        model = trained(self, made)
        model._summary = FMClassificationTrainingSummary(model, dataset, fit.history)
        return model


class FMClassificationModel(
    _FactorizationModel,
    _FactorizationMachinesParams,
    Scored,
    ProbabilisticClassificationModel,
    Saved,
    HasSummaryMethod["FMClassificationTrainingSummary"],
):
    """A factorization machine for two classes that was fitted."""

    @property
    def numClasses(self) -> int:
        """Two."""
        return 2

    def evaluate(self, dataset: DataFrame) -> FMClassificationSummary:
        """The measures of the model over another dataset."""
        return FMClassificationSummary(self, dataset)

    def _size(self) -> int:
        return self.numFeatures

    def _score(self) -> ClassScore:
        thresholds = tuple(self.getThresholds()) if self.isSet(self.thresholds) else None
        sided = TwoSided(self._scores(), 0.0)
        if thresholds is None:
            return sided
        return Likeliest(sided.raw, sided.probability, 2, thresholds)

    def __repr__(self) -> str:
        return (
            f"FMClassificationModel: uid={self.uid}, numClasses=2, numFeatures={self.numFeatures}, "
            f"factorSize={self.getFactorSize()}, fitLinear={str(self.getFitLinear()).lower()}, "
            f"fitIntercept={str(self.getFitIntercept()).lower()}"
        )


class FMClassificationSummary(_BinaryClassificationSummary):
    """Measures of a factorization machine over a dataset."""


class FMClassificationTrainingSummary(FMClassificationSummary, _TrainingSummary):
    """Measures of a factorization machine over the rows that it was trained on."""

    def __init__(self, model: FMClassificationModel, dataset: DataFrame, history: list[float]) -> None:
        super().__init__(model, dataset)
        self._history = history
