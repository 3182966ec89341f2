"""Multilayer perceptrons."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.classification.base import (
    ProbabilisticClassificationModel,
    ProbabilisticClassifier,
    _ProbabilisticClassifierParams,
)
from streamcore.models.ml.classification.perceptron_fit import (
    CrossEntropy,
    Network,
    first_weights,
    softmax,
    train,
    weight_count,
)
from streamcore.models.ml.classification.perceptron_summary import (
    MultilayerPerceptronClassificationSummary,
    MultilayerPerceptronClassificationTrainingSummary,
)
from streamcore.models.ml.labels import require_classes
from streamcore.models.ml.linalg import DenseVector, Vector
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.param.setters import SetsMaxIter, SetsSeed, SetsSolver, SetsStepSize, SetsTol
from streamcore.models.ml.param.shared import HasBlockSize
from streamcore.models.ml.param.validators import one_of
from streamcore.models.ml.persistence import read_table
from streamcore.models.ml.predicting import (
    ClassScore,
    Likeliest,
    Scored,
    require_columns,
    thresholds_of,
    trained,
    training_rows,
)
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.stored import vector_at, vector_cell
from streamcore.models.ml.util import HasTrainingSummary

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame


class _MultilayerPerceptronParams(
    _ProbabilisticClassifierParams, SetsSeed, SetsMaxIter, SetsTol, SetsStepSize, SetsSolver, HasBlockSize
):
    """The parameters of multilayer perceptrons."""

    layers: Param[list[int]] = Param(
        Params._dummy(),
        "layers",
        "the sizes of the layers: the number of features first, the number of classes last.",
        TypeConverters.toListInt,
        lambda value: len(value) > 1 and all(size > 0 for size in value),
    )
    solver: Param[str] = Param(
        Params._dummy(),
        "solver",
        "how weights are found: l-bfgs, or gd for plain steps against the gradient.",
        TypeConverters.toString,
        one_of("l-bfgs", "gd"),
    )
    initialWeights: Param[Vector] = Param(
        Params._dummy(),
        "initialWeights",
        "the weights to begin with; drawn by the seed where not given.",
        TypeConverters.toVector,
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(maxIter=100, tol=1e-6, blockSize=128, stepSize=0.03, solver="l-bfgs")

    def getLayers(self) -> list[int]:
        """The value of `layers`, or its default."""
        return self.getOrDefault(self.layers)

    def getInitialWeights(self) -> Vector:
        """The value of `initialWeights`, or its default."""
        return self.getOrDefault(self.initialWeights)


class MultilayerPerceptronClassifier(
    _MultilayerPerceptronParams,
    ProbabilisticClassifier["MultilayerPerceptronClassificationModel"],
    Saved,
):
    """Learns a feed-forward network: layers of sigmoids, and a softmax for the classes.

    The first weights and the steps are Spark's, so that the same rows and seed lead to the same network.

    >>> from streamcore import Session
    >>> from streamcore.models.ml.linalg import Vectors
    >>> rows = [(0.0, Vectors.dense([0.0])), (1.0, Vectors.dense([1.0]))]
    >>> frame = Session.builder.getOrCreate().createDataFrame(rows, ["label", "features"])
    >>> model = MultilayerPerceptronClassifier(layers=[1, 2], seed=1, maxIter=20).fit(frame)
    >>> model.predict(Vectors.dense([0.9])), model.weights.size
    (1.0, 4)
    """

    @keyword_only
    def __init__(
        self,
        *,
        featuresCol: str = "features",
        labelCol: str = "label",
        predictionCol: str = "prediction",
        maxIter: int = 100,
        tol: float = 1e-6,
        seed: int | None = None,
        layers: list[int] | None = None,
        blockSize: int = 128,
        stepSize: float = 0.03,
        solver: str = "l-bfgs",
        initialWeights: Vector | None = None,
        probabilityCol: str = "probability",
        rawPredictionCol: str = "rawPrediction",
    ) -> None:
        super().__init__()
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        featuresCol: str = "features",
        labelCol: str = "label",
        predictionCol: str = "prediction",
        maxIter: int = 100,
        tol: float = 1e-6,
        seed: int | None = None,
        layers: list[int] | None = None,
        blockSize: int = 128,
        stepSize: float = 0.03,
        solver: str = "l-bfgs",
        initialWeights: Vector | None = None,
        probabilityCol: str = "probability",
        rawPredictionCol: str = "rawPrediction",
    ) -> Self:
        """Set the parameters given."""
        return self._set(**self._input_kwargs)

    def setLayers(self, value: list[int]) -> Self:
        """Set `layers`."""
        return self._set(layers=value)

    def setBlockSize(self, value: int) -> Self:
        """Set `blockSize`."""
        return self._set(blockSize=value)

    def setInitialWeights(self, value: Vector) -> Self:
        """Set `initialWeights`."""
        return self._set(initialWeights=value)

    def _fit(self, dataset: DataFrame) -> MultilayerPerceptronClassificationModel:
        require_columns(self, dataset, self.getRawPredictionCol(), self.getProbabilityCol())
        if not self.isDefined(self.layers):
            raise IllegalArgumentException("Failed to find a default value for layers: set it")
        layers = tuple(self.getLayers())
        X, y, _ = training_rows(self, dataset)
        require_classes(y)
        _require_fitting(layers, X.shape[1], y)
        start = self._start(layers)
        found = train(
            CrossEntropy(layers, X, y.astype(np.intp), self.getBlockSize()),
            start,
            solver=self.getSolver(),
            maxIter=self.getMaxIter(),
            tol=self.getTol(),
            stepSize=self.getStepSize(),
        )
        model = trained(self, MultilayerPerceptronClassificationModel(DenseVector(found.weights), layers))
        model._summary = MultilayerPerceptronClassificationTrainingSummary(model, dataset, found.history)
        return model

    def _start(self, layers: tuple[int, ...]) -> np.ndarray[Any, np.dtype[np.float64]]:
        if not self.isDefined(self.initialWeights) or self.getInitialWeights() is None:
            return first_weights(layers, self.getSeed())
        given = np.asarray(self.getInitialWeights().toArray(), np.float64)
        if len(given) != weight_count(layers):
            raise IllegalArgumentException(
                f"initialWeights has {len(given)} weights, but layers {list(layers)} have "
                f"{weight_count(layers)}"
            )
        return given


class MultilayerPerceptronClassificationModel(
    Scored,
    _MultilayerPerceptronParams,
    ProbabilisticClassificationModel,
    Saved,
    HasTrainingSummary[MultilayerPerceptronClassificationTrainingSummary],
):
    """A feed-forward network that tells classes."""

    def __init__(self, weights: Vector, layers: tuple[int, ...]) -> None:
        super().__init__()
        self._weights = weights
        self._layers = layers

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}: uid={self.uid}, numLayers={len(self._layers)}, "
            f"numClasses={self.numClasses}, numFeatures={self.numFeatures}"
        )

    @property
    def weights(self) -> Vector:
        """All weights, layer by layer."""
        return self._weights

    @property
    def numClasses(self) -> int:
        """How many classes there are."""
        return self._layers[-1]

    @property
    def numFeatures(self) -> int:
        """How many features there are."""
        return self._layers[0]

    def summary(self) -> MultilayerPerceptronClassificationTrainingSummary:  # type: ignore[override]
        """The training's summary; RuntimeError when it is not there. A method here, as in PySpark."""
        return super().summary

    def evaluate(self, dataset: DataFrame) -> MultilayerPerceptronClassificationSummary:
        """How well the network tells the classes of a dataset."""
        return MultilayerPerceptronClassificationSummary(self, dataset)

    def _score(self) -> ClassScore:
        network = Network(self._layers, np.asarray(self._weights.toArray(), np.float64))
        return Likeliest(network, softmax, self.numClasses, thresholds_of(self))

    def _size(self) -> int:
        return self._layers[0]

    def _data(self) -> pa.Table:
        return pa.table({"weights": vector_cell(self._weights)})

    @classmethod
    def _load_parts(cls, folder: Path, metadata: Mapping[str, Any]) -> Self:
        layers = {**metadata.get("defaultParamMap", {}), **metadata["paramMap"]}["layers"]
        return cls(vector_at(read_table(folder), "weights"), tuple(int(size) for size in layers))


def _require_fitting(layers: tuple[int, ...], features: int, labels: np.ndarray[Any, Any]) -> None:
    if features != layers[0]:
        raise IllegalArgumentException(
            f"The first of the layers {list(layers)} must be as wide as the features, of which there are "
            f"{features}"
        )
    if labels.max() >= layers[-1]:
        raise IllegalArgumentException(
            f"The last of the layers {list(layers)} must have a place for each class, but there is the label "
            f"{labels.max()}"
        )
