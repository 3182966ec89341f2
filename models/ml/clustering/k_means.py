"""k-means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from streamcore.models.ml.base import Estimator
from streamcore.models.ml.clustering.cluster_model import Assignment, ClusterModel
from streamcore.models.ml.clustering.distances import Labels, Numbers, Rows, distance_of, nearest
from streamcore.models.ml.clustering.lloyd import KMeansSettings, k_means
from streamcore.models.ml.clustering.reading import training_rows
from streamcore.models.ml.clustering.summary import KMeansSummary, filled
from streamcore.models.ml.feature.fitting import fitted
from streamcore.models.ml.matrices import dense_of, vectors_of
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.param.shared import (
    HasDistanceMeasure,
    HasFeaturesCol,
    HasIntermediateStorageLevel,
    HasMaxBlockSizeInMB,
    HasMaxIter,
    HasPredictionCol,
    HasSeed,
    HasSolver,
    HasTol,
    HasWeightCol,
)
from streamcore.models.ml.param.validators import at_least, greater, one_of
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.util import HasTrainingSummary

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame


@dataclass(frozen=True)
class ByCenters(Assignment):
    """The centre that is nearest."""

    centers: Numbers
    measure: str

    @property
    def size(self) -> int:
        """How many features a row has."""
        return int(self.centers.shape[1])

    def of(self, rows: Rows) -> Labels:
        """The nearest centre of each row."""
        distance = distance_of(self.measure)
        return nearest(distance.prepared(rows), self.centers, distance)[0]


class _KMeansParams(
    HasMaxIter, HasFeaturesCol, HasSeed, HasPredictionCol, HasTol, HasDistanceMeasure, HasWeightCol,
    HasSolver, HasMaxBlockSizeInMB, HasIntermediateStorageLevel,
):  # fmt: skip
    """The parameters of KMeans and of its model."""

    k: Param[int] = Param(
        Params._dummy(), "k", "how many clusters there are to be (> 1); fewer when fewer rows differ",
        TypeConverters.toInt, greater(1),
    )  # fmt: skip
    initMode: Param[str] = Param(
        Params._dummy(), "initMode", "where centres are at first: rows chosen by 'k-means||', or at 'random'",
        TypeConverters.toString, one_of("random", "k-means||"),
    )  # fmt: skip
    initSteps: Param[int] = Param(
        Params._dummy(), "initSteps", "how many rounds k-means|| has (> 0)", TypeConverters.toInt, greater(0)
    )
    solver: Param[str] = Param(
        Params._dummy(), "solver", "auto, row or block: how Spark lays rows out, not which clusters come",
        TypeConverters.toString, one_of("auto", "row", "block"),
    )  # fmt: skip
    maxIter: Param[int] = Param(
        Params._dummy(),
        "maxIter",
        "how many iterations there are at most (>= 0)",
        TypeConverters.toInt,
        at_least(0),
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(
            k=2, initMode="k-means||", initSteps=2, tol=1e-4, maxIter=20, distanceMeasure="euclidean"
        )
        self._setDefault(solver="auto", maxBlockSizeInMB=0.0)

    def getK(self) -> int:
        """How many clusters there are to be."""
        return self.getOrDefault(self.k)

    def getInitMode(self) -> str:
        """Where centres are at first."""
        return self.getOrDefault(self.initMode)

    def getInitSteps(self) -> int:
        """How many rounds k-means|| has."""
        return self.getOrDefault(self.initSteps)


class KMeans(Estimator["KMeansModel"], _KMeansParams, Saved):
    """Clusters of rows around centres.

    Centres start by k-means|| and move by Lloyd's iterations, scikit-learn's for Euclidean distance and many
    rows. They start where Spark starts them for a seed when the rows are in one partition, unless further
    starts find some that are clearly better.
    `solver`, `maxBlockSizeInMB` and `intermediateStorageLevel` say to Spark how it may store rows between
    iterations; rows are in memory here, so that nothing is to be decided by them.

    >>> from streamcore import Session
    >>> from streamcore.models.ml.linalg import Vectors
    >>> points = [(Vectors.dense(x, x),) for x in (0.0, 1.0, 9.0, 8.0)]
    >>> rows = Session.builder.getOrCreate().createDataFrame(points, ["features"])
    >>> model = KMeans(k=2, seed=1).fit(rows)
    >>> model.clusterCenters(), model.summary.trainingCost
    ([array([0.5, 0.5]), array([8.5, 8.5])], 2.0)
    >>> [row.prediction for row in model.transform(rows).collect()]
    [0, 0, 1, 1]
    """

    @keyword_only
    def __init__(
        self,
        *,
        featuresCol: str = "features",
        predictionCol: str = "prediction",
        k: int = 2,
        initMode: str = "k-means||",
        initSteps: int = 2,
        tol: float = 1e-4,
        maxIter: int = 20,
        seed: int | None = None,
        distanceMeasure: str = "euclidean",
        weightCol: str | None = None,
        solver: str = "auto",
        maxBlockSizeInMB: float = 0.0,
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
        initMode: str = "k-means||",
        initSteps: int = 2,
        tol: float = 1e-4,
        maxIter: int = 20,
        seed: int | None = None,
        distanceMeasure: str = "euclidean",
        weightCol: str | None = None,
        solver: str = "auto",
        maxBlockSizeInMB: float = 0.0,
    ) -> Self:
        """Set parameters by keyword."""
        return self._set(**self._input_kwargs)

    def setK(self, value: int) -> Self:
        """Set `k`."""
        return self._set(k=value)

    def setInitMode(self, value: str) -> Self:
        """Set `initMode`."""
        return self._set(initMode=value)

    def setInitSteps(self, value: int) -> Self:
        """Set `initSteps`."""
        return self._set(initSteps=value)

    def setDistanceMeasure(self, value: str) -> Self:
        """Set `distanceMeasure`."""
        return self._set(distanceMeasure=value)

    def setMaxIter(self, value: int) -> Self:
        """Set `maxIter`."""
        return self._set(maxIter=value)

    def setFeaturesCol(self, value: str) -> Self:
        """Set `featuresCol`."""
        return self._set(featuresCol=value)

    def setPredictionCol(self, value: str) -> Self:
        """Set `predictionCol`."""
        return self._set(predictionCol=value)

    def setSeed(self, value: int) -> Self:
        """Set `seed`."""
        return self._set(seed=value)

    def setTol(self, value: float) -> Self:
        """Set `tol`."""
        return self._set(tol=value)

    def setWeightCol(self, value: str) -> Self:
        """Set `weightCol`."""
        return self._set(weightCol=value)

    def setSolver(self, value: str) -> Self:
        """Set `solver`."""
        return self._set(solver=value)

    def setMaxBlockSizeInMB(self, value: float) -> Self:
        """Set `maxBlockSizeInMB`."""
        return self._set(maxBlockSizeInMB=value)

    def setIntermediateStorageLevel(self, value: str) -> Self:
        """Set `intermediateStorageLevel`."""
        return self._set(intermediateStorageLevel=value)

    def _fit(self, dataset: DataFrame) -> KMeansModel:
        rows = training_rows(self, dataset)
        settings = KMeansSettings(
            k=self.getK(),
            initMode=self.getInitMode(),
            initSteps=self.getInitSteps(),
            maxIter=self.getMaxIter(),
            tol=self.getTol(),
            seed=self.getSeed(),
            distanceMeasure=self.getDistanceMeasure(),
        )
        found = k_means(rows.X, rows.w, settings)
        model = fitted(self, KMeansModel(found.centers))
        model._summary = KMeansSummary(
            predictions=model.transform(dataset),
            predictionCol=self.getPredictionCol(),
            featuresCol=self.getFeaturesCol(),
            k=self.getK(),
            numIter=found.iterations,
            clusterSizes=filled(found.sizes, self.getK()),
            trainingCost=found.cost,
        )
        return model


class KMeansModel(ClusterModel, _KMeansParams, HasTrainingSummary[KMeansSummary]):
    """Says of each row which centre is nearest."""

    def __init__(self, centers: Numbers | None = None) -> None:
        super().__init__()
        self._centers = np.empty((0, 0)) if centers is None else centers

    def __repr__(self) -> str:
        return (
            f"KMeansModel: uid={self.uid}, k={len(self._centers)}, "
            f"distanceMeasure={self.getDistanceMeasure()}, numFeatures={self.numFeatures}"
        )

    def clusterCenters(self) -> list[Numbers]:
        """The centres, in the order of their numbers."""
        return list(self._centers)

    def _assignment(self) -> ByCenters:
        return ByCenters(self._centers, self.getDistanceMeasure())

    def _data(self) -> pa.Table:
        numbers = pa.array(range(len(self._centers)), pa.int32())
        return pa.table({"clusterIdx": numbers, "clusterCenter": vectors_of(self._centers)})

    @classmethod
    def _of_data(cls, uid: str, data: pa.Table) -> Self:
        return cls(dense_of(data.sort_by("clusterIdx"), "clusterCenter"))
