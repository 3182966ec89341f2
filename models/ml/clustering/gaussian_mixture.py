"""Clusters as a mixture of normal distributions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from streamcore.models.ml.base import Estimator, Model
from streamcore.models.ml.clustering.cluster_model import require_size
from streamcore.models.ml.clustering.distances import Labels, Numbers
from streamcore.models.ml.clustering.mixtures import Mixture, fit_mixture, responsibilities
from streamcore.models.ml.clustering.reading import training_rows
from streamcore.models.ml.clustering.summary import GaussianMixtureSummary
from streamcore.models.ml.columns import Computed, computed
from streamcore.models.ml.feature.fitting import fitted
from streamcore.models.ml.feature.inputs import VECTOR, require
from streamcore.models.ml.feature.kinds import dense
from streamcore.models.ml.linalg import DenseMatrix, DenseVector, MatrixUDT, Vector
from streamcore.models.ml.matrices import dense_of, parts_of, vector_type, vectors_of
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.param.shared import (
    HasAggregationDepth,
    HasFeaturesCol,
    HasMaxIter,
    HasPredictionCol,
    HasProbabilityCol,
    HasSeed,
    HasTol,
    HasWeightCol,
)
from streamcore.models.ml.param.validators import greater
from streamcore.models.ml.persistence import write_table
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.schemas import require_vector
from streamcore.models.ml.stat.gaussian import MultivariateGaussian
from streamcore.models.ml.util import HasTrainingSummary
from streamcore.spi.types import IntegerType, StructField, to_arrow_type

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame

_MOST_FEATURES = 46340
"""Spark refuses more: a covariance has the square of it."""


@dataclass(frozen=True)
class Shares:
    """Vectors as the probability of each distribution, and the number of the most probable one."""

    column: str
    mixture: Mixture

    def __call__(self, rows: pa.Table) -> Computed:
        """The probabilities and the cluster of each row."""
        if not rows.num_rows:
            return Computed([pa.array([], vector_type()), pa.array([], pa.int32())])
        shares = self.of(dense_of(rows, rows.column_names[0]))
        return Computed([vectors_of(shares), pa.array(_most(shares), pa.int32())])

    def of(self, rows: Numbers) -> Numbers:
        """The probability of each distribution, for each row."""
        require_size(rows, self.mixture.means.shape[1])
        return responsibilities(self.mixture.weights, self.mixture.densities(), rows)[0]


class _GaussianMixtureParams(
    HasMaxIter, HasFeaturesCol, HasSeed, HasPredictionCol, HasProbabilityCol, HasTol, HasAggregationDepth,
    HasWeightCol,
):  # fmt: skip
    """The parameters of GaussianMixture and of its model."""

    k: Param[int] = Param(
        Params._dummy(), "k", "how many distributions there are (> 1)", TypeConverters.toInt, greater(1)
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(k=2, tol=0.01, maxIter=100, aggregationDepth=2)

    def getK(self) -> int:
        """How many distributions there are."""
        return self.getOrDefault(self.k)


class GaussianMixture(Estimator["GaussianMixtureModel"], _GaussianMixtureParams, Saved):
    """Clusters of rows as a mixture of normal distributions, found by expectation and maximization.

    Of several starts from rows drawn at random by the seed the most promising one is followed, where Spark
    has one start: the order of the distributions, and sometimes which maximum is found, differ from Spark's.
    `aggregationDepth` says to Spark how partitions are summed up; the rows are in one place here, so that
    nothing is to be decided by it.

    >>> from streamcore import Session
    >>> from streamcore.models.ml.linalg import Vectors
    >>> points = [(Vectors.dense(x),) for x in (0.0, 0.2, 0.4, 9.0, 9.2, 9.4)]
    >>> rows = Session.builder.getOrCreate().createDataFrame(points, ["features"])
    >>> model = GaussianMixture(k=2, seed=3).fit(rows)
    >>> model.weights, sorted(round(float(one.mean[0]), 4) for one in model.gaussians)
    ([0.5, 0.5], [0.2, 9.2])
    """

    @keyword_only
    def __init__(
        self,
        *,
        featuresCol: str = "features",
        predictionCol: str = "prediction",
        k: int = 2,
        probabilityCol: str = "probability",
        tol: float = 0.01,
        maxIter: int = 100,
        seed: int | None = None,
        aggregationDepth: int = 2,
        weightCol: str | None = None,
    ) -> None:
        super().__init__()
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        featuresCol: str = "features",
        predictionCol: str = "prediction",
        k: int = 2,
        probabilityCol: str = "probability",
        tol: float = 0.01,
        maxIter: int = 100,
        seed: int | None = None,
        aggregationDepth: int = 2,
        weightCol: str | None = None,
    ) -> Self:
        """Set parameters by keyword."""
        return self._set(**self._input_kwargs)

    def setK(self, value: int) -> Self:
        """Set `k`."""
        return self._set(k=value)

    def setMaxIter(self, value: int) -> Self:
        """Set `maxIter`."""
        return self._set(maxIter=value)

    def setFeaturesCol(self, value: str) -> Self:
        """Set `featuresCol`."""
        return self._set(featuresCol=value)

    def setPredictionCol(self, value: str) -> Self:
        """Set `predictionCol`."""
        return self._set(predictionCol=value)

    def setProbabilityCol(self, value: str) -> Self:
        """Set `probabilityCol`."""
        return self._set(probabilityCol=value)

    def setWeightCol(self, value: str) -> Self:
        """Set `weightCol`."""
        return self._set(weightCol=value)

    def setSeed(self, value: int) -> Self:
        """Set `seed`."""
        return self._set(seed=value)

    def setTol(self, value: float) -> Self:
        """Set `tol`."""
        return self._set(tol=value)

    def setAggregationDepth(self, value: int) -> Self:
        """Set `aggregationDepth`."""
        return self._set(aggregationDepth=value)

    def _fit(self, dataset: DataFrame) -> GaussianMixtureModel:
        read = training_rows(self, dataset)
        rows = dense(read.X)
        require(
            rows.shape[1] < _MOST_FEATURES,
            f"GaussianMixture cannot handle more than {_MOST_FEATURES} features because the size of the "
            "covariance matrix is quadratic in the number of features.",
        )
        found = fit_mixture(rows, read.w, self.getK(), self.getMaxIter(), self.getTol(), self.getSeed())
        model = fitted(self, GaussianMixtureModel(found.mixture))
        labels = _most(Shares(self.getFeaturesCol(), found.mixture).of(rows))
        model._summary = GaussianMixtureSummary(
            predictions=model.transform(dataset),
            predictionCol=self.getPredictionCol(),
            featuresCol=self.getFeaturesCol(),
            k=self.getK(),
            numIter=found.iterations,
            clusterSizes=[int(size) for size in np.bincount(labels, minlength=self.getK())],
            probabilityCol=self.getProbabilityCol(),
            logLikelihood=found.log_likelihood,
        )
        return model


class GaussianMixtureModel(Model, _GaussianMixtureParams, Saved, HasTrainingSummary[GaussianMixtureSummary]):
    """Says of each row how probable each normal distribution of a mixture is."""

    def __init__(self, mixture: Mixture | None = None) -> None:
        super().__init__()
        empty = Mixture(np.empty(0), np.empty((0, 0)), np.empty((0, 0, 0)))
        self._mixture = empty if mixture is None else mixture

    def __repr__(self) -> str:
        return f"GaussianMixtureModel: uid={self.uid}, k={len(self.weights)}, numFeatures={self.numFeatures}"

    def setFeaturesCol(self, value: str) -> Self:
        """Set `featuresCol`."""
        return self._set(featuresCol=value)

    def setPredictionCol(self, value: str) -> Self:
        """Set `predictionCol`."""
        return self._set(predictionCol=value)

    def setProbabilityCol(self, value: str) -> Self:
        """Set `probabilityCol`."""
        return self._set(probabilityCol=value)

    @property
    def numFeatures(self) -> int:
        """How many features it was trained on."""
        return int(self._mixture.means.shape[1])

    @property
    def weights(self) -> list[float]:
        """How much of the rows each distribution makes up; they add up to one."""
        return [float(weight) for weight in self._mixture.weights]

    @property
    def gaussians(self) -> list[MultivariateGaussian]:
        """The distributions."""
        pairs = zip(self._mixture.means, self._mixture.covariances, strict=True)
        return [MultivariateGaussian(DenseVector(mean), _matrix(cov)) for mean, cov in pairs]

    @property
    def gaussiansDF(self) -> DataFrame:
        """The distributions as a DataFrame of `mean` and `cov`."""
        from streamcore.spi.types import StructType
        from streamcore.sql.session import Session

        schema = StructType([StructField("mean", VECTOR), StructField("cov", MatrixUDT())])
        return Session.active().createDataFrame([(one.mean, one.cov) for one in self.gaussians], schema)

    def predict(self, value: Vector) -> int:
        """The most probable distribution of one vector."""
        return int(_most(self.predictProbability(value).toArray()[np.newaxis])[0])

    def predictProbability(self, value: Vector) -> DenseVector:
        """The probability of each distribution, for one vector."""
        rows = np.array(value.toArray(), np.float64)[np.newaxis]
        return DenseVector(Shares(self.getFeaturesCol(), self._mixture).of(rows)[0])

    def _transform(self, dataset: DataFrame) -> DataFrame:
        require_vector(dataset.schema, self.getFeaturesCol())
        outputs = [
            StructField(self.getProbabilityCol(), VECTOR, nullable=False),
            StructField(self.getPredictionCol(), IntegerType(), nullable=False),
        ]
        function = Shares(self.getFeaturesCol(), self._mixture)
        return computed(dataset, [self.getFeaturesCol()], outputs, function)

    def _data(self) -> pa.Table:
        matrices, names = to_arrow_type(MatrixUDT.sqlType()), MatrixUDT.sqlType().names
        stored = [
            dict(zip(names, MatrixUDT().serialize(_matrix(cov)), strict=True))
            for cov in self._mixture.covariances
        ]
        means = vectors_of(self._mixture.means).to_pylist()
        return pa.table(
            {
                "weights": pa.array([self.weights], pa.list_(pa.float64())),
                "mus": pa.array([means], pa.list_(vector_type())),
                "sigmas": pa.array([stored], pa.list_(matrices)),
            }
        )

    def _save_parts(self, folder: Path) -> None:
        write_table(folder, self._data(), older=("mus", "sigmas"))

    @classmethod
    def _of_data(cls, uid: str, data: pa.Table) -> Self:
        means = data.column("mus").chunk(0).flatten()
        parts = parts_of(means, "mus")
        stored = data.column("sigmas")[0].as_py()
        covariances = [MatrixUDT().deserialize(tuple(one.values())).toArray() for one in stored]
        weights = np.array(data.column("weights")[0].as_py())
        return cls(Mixture(weights, parts.values.reshape(len(weights), -1), np.stack(covariances)))


def _matrix(values: Numbers) -> DenseMatrix:
    rows, columns = values.shape
    return DenseMatrix(rows, columns, values.ravel(order="F"))


def _most(shares: Numbers) -> Labels:
    most: Labels = shares.argmax(axis=1).astype(np.int32)
    return most
