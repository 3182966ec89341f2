"""Linear support vector machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.classification.base import (
    ClassificationModel,
    Classifier,
    _ClassifierParams,
)
from streamcore.models.ml.classification.summary import (
    HasSummaryMethod,
    _BinaryClassificationSummary,
    _TrainingSummary,
)
from streamcore.models.ml.classification.svc_fit import SvcSettings
from streamcore.models.ml.labels import class_count, require_two_classes
from streamcore.models.ml.linalg import Vector
from streamcore.models.ml.param import Param, Params, TypeConverters
from streamcore.models.ml.param.keywords import keyword_only
from streamcore.models.ml.param.setters import (
    SetsAggregationDepth,
    SetsFitIntercept,
    SetsMaxBlockSizeInMB,
    SetsMaxIter,
    SetsRegParam,
    SetsStandardization,
    SetsThreshold,
    SetsTol,
    SetsWeightCol,
)
from streamcore.models.ml.param.shared import (
    HasAggregationDepth,
    HasFitIntercept,
    HasMaxBlockSizeInMB,
    HasMaxIter,
    HasRegParam,
    HasStandardization,
    HasThreshold,
    HasTol,
    HasWeightCol,
)
from streamcore.models.ml.predicting import (
    ClassScore,
    LinearScore,
    Scored,
    TwoSided,
    require_columns,
    trained,
    training_rows,
)
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.stored import compact, vector_at, vector_cell

if TYPE_CHECKING:
    from typing import Self

    import pyarrow as pa

    from streamcore.sql.dataframe import DataFrame


class _LinearSVCParams(
    _ClassifierParams,
    HasRegParam,
    HasMaxIter,
    HasFitIntercept,
    HasTol,
    HasStandardization,
    HasWeightCol,
    HasAggregationDepth,
    HasThreshold,
    HasMaxBlockSizeInMB,
):
    """The parameters of LinearSVC and of its models."""

    threshold: Param[float] = Param(
        Params._dummy(),
        "threshold",
        "above which margin class 1 is predicted: any number, the infinite ones too.",
        TypeConverters.toFloat,
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(
            maxIter=100,
            regParam=0.0,
            tol=1e-6,
            fitIntercept=True,
            standardization=True,
            threshold=0.0,
            aggregationDepth=2,
            maxBlockSizeInMB=0.0,
        )


class LinearSVC(
    _LinearSVCParams,
    SetsRegParam,
    SetsMaxIter,
    SetsFitIntercept,
    SetsTol,
    SetsStandardization,
    SetsWeightCol,
    SetsAggregationDepth,
    SetsThreshold,
    SetsMaxBlockSizeInMB,
    Classifier["LinearSVCModel"],
    Saved,
):
    """A linear support vector machine for two classes: the hinge loss with an L2 penalty.

    It is minimised by OWL-QN as in Spark, step for step. `aggregationDepth` and `maxBlockSizeInMB`, which
    shape Spark's jobs, change no result.

    >>> from streamcore import Session
    >>> from streamcore.models.ml.linalg import Vectors
    >>> spark = Session.builder.getOrCreate()
    >>> rows = [(0.0, Vectors.dense(-1.0)), (1.0, Vectors.dense(1.0)), (1.0, Vectors.dense(0.5))]
    >>> model = LinearSVC(regParam=0.01).fit(spark.createDataFrame(rows, ["label", "features"]))
    >>> model.predict(Vectors.dense(2.0))
    1.0
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
        tol: float = 1e-6,
        rawPredictionCol: str = "rawPrediction",
        fitIntercept: bool = True,
        standardization: bool = True,
        threshold: float = 0.0,
        weightCol: str | None = None,
        aggregationDepth: int = 2,
        maxBlockSizeInMB: float = 0.0,
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
        maxIter: int = 100,
        regParam: float = 0.0,
        tol: float = 1e-6,
        rawPredictionCol: str = "rawPrediction",
        fitIntercept: bool = True,
        standardization: bool = True,
        threshold: float = 0.0,
        weightCol: str | None = None,
        aggregationDepth: int = 2,
        maxBlockSizeInMB: float = 0.0,
    ) -> Self:
        """Set those parameters that are given."""
        return self._set(**self._input_kwargs)

    def _fit(self, dataset: DataFrame) -> LinearSVCModel:
        require_columns(self, dataset, self.getRawPredictionCol())
        X, y, w = training_rows(self, dataset)
        require_two_classes(y)
        self._require_two(class_count(dataset, self.getLabelCol(), y))
        fit = SvcSettings(
            intercept=self.getFitIntercept(),
            penalty=self.getRegParam(),
            standardize=self.getStandardization(),
            iterations=self.getMaxIter(),
            tolerance=self.getTol(),
        ).fit(X, y, w)
        model = trained(self, LinearSVCModel(compact(fit.coefficients), fit.intercept))
        model._summary = LinearSVCTrainingSummary(model, dataset, fit.history)
        return model

    def _require_two(self, classes: int) -> None:
        if classes != 2:
            raise IllegalArgumentException(
                f"requirement failed: LinearSVC only supports binary classification. {classes} classes "
                f"detected in {self.getLabelCol()}"
            )


class LinearSVCModel(
    _LinearSVCParams,
    Scored,
    ClassificationModel,
    Saved,
    HasSummaryMethod["LinearSVCTrainingSummary"],
):
    """A linear support vector machine that was fitted."""

    def __init__(self, coefficients: Vector, intercept: float) -> None:
        super().__init__()
        self._coefficients, self._intercept = coefficients, intercept

    def setThreshold(self, value: float) -> Self:
        """Set `threshold`."""
        return self._set(threshold=value)

    @property
    def coefficients(self) -> Vector:
        """The coefficients of the features."""
        return self._coefficients

    @property
    def intercept(self) -> float:
        """The margin where all features are zero."""
        return self._intercept

    @property
    def numClasses(self) -> int:
        """Two."""
        return 2

    @property
    def numFeatures(self) -> int:
        """How many features it was trained on."""
        return len(self._coefficients)

    def evaluate(self, dataset: DataFrame) -> LinearSVCSummary:
        """The measures of the model over another dataset."""
        return LinearSVCSummary(self, dataset)

    def _size(self) -> int:
        return self.numFeatures

    def _score(self) -> ClassScore:
        return TwoSided(LinearScore(self._coefficients.toArray(), self._intercept), self.getThreshold())

    def _data(self) -> pa.Table:
        import pyarrow as pa

        return pa.table({"coefficients": vector_cell(self._coefficients), "intercept": [self._intercept]})

    @classmethod
    def _of_data(cls, uid: str, data: pa.Table) -> Self:
        return cls(vector_at(data, "coefficients"), data.column("intercept")[0].as_py())

    def __repr__(self) -> str:
        return f"LinearSVCModel: uid={self.uid}, numClasses=2, numFeatures={self.numFeatures}"


class LinearSVCSummary(_BinaryClassificationSummary):
    """Measures of a linear support vector machine over a dataset."""


class LinearSVCTrainingSummary(LinearSVCSummary, _TrainingSummary):
    """Measures of a linear support vector machine over the rows that it was trained on."""

    def __init__(self, model: LinearSVCModel, dataset: DataFrame, history: list[float]) -> None:
        super().__init__(model, dataset)
        self._history = history
