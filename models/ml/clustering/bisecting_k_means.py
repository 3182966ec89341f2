"""Bisecting k-means."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from streamcore.models.ml.base import Estimator
from streamcore.models.ml.clustering.bisecting import BisectingSettings, Node, bisected, descend
from streamcore.models.ml.clustering.cluster_model import Assignment, ClusterModel
from streamcore.models.ml.clustering.distances import Labels, Numbers, Rows, distance_of
from streamcore.models.ml.clustering.reading import training_rows
from streamcore.models.ml.clustering.summary import BisectingKMeansSummary, filled
from streamcore.models.ml.feature.fitting import fitted
from streamcore.models.ml.matrices import dense_of, fit_rows, vectors_of
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.param.shared import (
    HasDistanceMeasure,
    HasFeaturesCol,
    HasMaxIter,
    HasPredictionCol,
    HasSeed,
    HasWeightCol,
)
from streamcore.models.ml.param.validators import greater
from streamcore.models.ml.persistence import read_metadata, read_table, write_metadata, write_table
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.util import HasTrainingSummary

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame

_TREE_CLASS = "org.apache.spark.mllib.clustering.BisectingKMeansModel"


@dataclass(frozen=True)
class ByTree(Assignment):
    """The leaf that is reached by going to the nearer child each time."""

    root: Node
    measure: str

    @property
    def size(self) -> int:
        """How many features a row has."""
        return len(self.root.center)

    def of(self, rows: Rows) -> Labels:
        """The leaf of each row."""
        distance = distance_of(self.measure)
        return descend(self.root, distance.prepared(rows), distance)


class _BisectingKMeansParams(
    HasMaxIter, HasFeaturesCol, HasSeed, HasPredictionCol, HasDistanceMeasure, HasWeightCol
):
    """The parameters of BisectingKMeans and of its model."""

    k: Param[int] = Param(
        Params._dummy(), "k", "how many clusters there are to be (> 1); fewer when no more can be split",
        TypeConverters.toInt, greater(1),
    )  # fmt: skip
    maxIter: Param[int] = Param(
        Params._dummy(),
        "maxIter",
        "how many iterations a split has at most (> 0)",
        TypeConverters.toInt,
        greater(0),
    )
    minDivisibleClusterSize: Param[float] = Param(
        Params._dummy(), "minDivisibleClusterSize",
        "how many rows a cluster must have to be split; below 1: which share of all rows",
        TypeConverters.toFloat, greater(0),
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(maxIter=20, k=4, minDivisibleClusterSize=1.0)

    def getK(self) -> int:
        """How many clusters there are to be."""
        return self.getOrDefault(self.k)

    def getMinDivisibleClusterSize(self) -> float:
        """How many rows a cluster must have to be split."""
        return self.getOrDefault(self.minDivisibleClusterSize)


class BisectingKMeans(Estimator["BisectingKMeansModel"], _BisectingKMeansParams, Saved):
    """Clusters of rows that come from splitting clusters in two, the larger ones first.

    >>> from streamcore import Session
    >>> from streamcore.models.ml.linalg import Vectors
    >>> points = [(Vectors.dense(x, x),) for x in (0.0, 1.0, 9.0, 8.0)]
    >>> rows = Session.builder.getOrCreate().createDataFrame(points, ["features"])
    >>> BisectingKMeans(k=2, seed=1).fit(rows).clusterCenters()
    [array([0.5, 0.5]), array([8.5, 8.5])]
    """

    @keyword_only
    def __init__(
        self,
        *,
        featuresCol: str = "features",
        predictionCol: str = "prediction",
        maxIter: int = 20,
        seed: int | None = None,
        k: int = 4,
        minDivisibleClusterSize: float = 1.0,
        distanceMeasure: str = "euclidean",
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
        maxIter: int = 20,
        seed: int | None = None,
        k: int = 4,
        minDivisibleClusterSize: float = 1.0,
        distanceMeasure: str = "euclidean",
        weightCol: str | None = None,
    ) -> Self:
        """Set parameters by keyword."""
        return self._set(**self._input_kwargs)

    def setK(self, value: int) -> Self:
        """Set `k`."""
        return self._set(k=value)

    def setMinDivisibleClusterSize(self, value: float) -> Self:
        """Set `minDivisibleClusterSize`."""
        return self._set(minDivisibleClusterSize=value)

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

    def setWeightCol(self, value: str) -> Self:
        """Set `weightCol`."""
        return self._set(weightCol=value)

    def _fit(self, dataset: DataFrame) -> BisectingKMeansModel:
        rows = training_rows(self, dataset)
        settings = BisectingSettings(
            k=self.getK(),
            maxIter=self.getMaxIter(),
            seed=self.getSeed(),
            minDivisibleClusterSize=self.getMinDivisibleClusterSize(),
            distanceMeasure=self.getDistanceMeasure(),
        )
        root = bisected(rows.X, rows.w, settings)
        model = fitted(self, BisectingKMeansModel(root))
        model._summary = BisectingKMeansSummary(
            predictions=model.transform(dataset),
            predictionCol=self.getPredictionCol(),
            featuresCol=self.getFeaturesCol(),
            k=self.getK(),
            numIter=self.getMaxIter(),
            clusterSizes=filled([leaf.size for leaf in root.leaves], self.getK()),
            trainingCost=sum(leaf.cost for leaf in root.leaves),
        )
        return model


class BisectingKMeansModel(ClusterModel, _BisectingKMeansParams, HasTrainingSummary[BisectingKMeansSummary]):
    """Says of each row in which leaf of a tree of clusters it is."""

    def __init__(self, root: Node | None = None) -> None:
        super().__init__()
        self._root = Node(0, 0, np.empty(0), 0.0, 0.0, 0.0) if root is None else root

    def __repr__(self) -> str:
        return (
            f"BisectingKMeansModel: uid={self.uid}, k={len(self._root.leaves)}, "
            f"distanceMeasure={self.getDistanceMeasure()}, numFeatures={self.numFeatures}"
        )

    def clusterCenters(self) -> list[Numbers]:
        """The centres of the leaves, in the order of their numbers."""
        return [leaf.center for leaf in self._root.leaves]

    def computeCost(self, dataset: DataFrame) -> float:
        """What all rows are away from the centres of their clusters; PySpark calls it deprecated."""
        warnings.warn(
            "Deprecated in 3.0.0. Use ClusteringEvaluator instead, or the cost in the summary.",
            FutureWarning,
            stacklevel=2,
        )
        distance = distance_of(self.getDistanceMeasure())
        rows = distance.prepared(fit_rows(dataset, self.getFeaturesCol()).X)
        labels, centers = descend(self._root, rows, distance), np.stack(self.clusterCenters())
        costs = (distance.costs(rows[labels == at], centers[at : at + 1]).sum() for at in range(len(centers)))
        return float(sum(costs))

    def _assignment(self) -> ByTree:
        return ByTree(self._root, self.getDistanceMeasure())

    def _save_parts(self, folder: Path) -> None:
        cost = sum(leaf.cost for leaf in self._root.leaves)
        told = {
            "rootId": self._root.index,
            "distanceMeasure": self.getDistanceMeasure(),
            "trainingCost": cost,
        }
        write_metadata(folder / "data", {"class": _TREE_CLASS, "version": "3.0", **told})
        write_table(folder / "data", _table_of(_all_nodes(self._root)), older=("center",))

    @classmethod
    def _load_parts(cls, folder: Path, metadata: Mapping[str, Any]) -> Self:
        told = _read_told(folder / "data")
        return cls(_tree_of(read_table(folder / "data"), int(told["rootId"])))


def _read_told(folder: Path) -> dict[str, Any]:
    for part in sorted((folder / "metadata").glob("part-*")):
        text = part.read_text(encoding="utf-8").strip()
        if text:
            return dict(json.loads(text))
    return read_metadata(folder)


def _all_nodes(node: Node) -> list[Node]:
    return [node, *(below for child in node.children for below in _all_nodes(child))]


def _table_of(nodes: list[Node]) -> pa.Table:
    return pa.table(
        {
            "index": pa.array([node.index for node in nodes], pa.int32()),
            "size": pa.array([node.size for node in nodes], pa.int64()),
            "center": vectors_of(np.stack([node.center for node in nodes])),
            "norm": pa.array([node.norm for node in nodes], pa.float64()),
            "cost": pa.array([node.cost for node in nodes], pa.float64()),
            "height": pa.array([node.height for node in nodes], pa.float64()),
            "children": pa.array(
                [[child.index for child in node.children] for node in nodes], pa.list_(pa.int32())
            ),
        }
    )


def _tree_of(table: pa.Table, root: int) -> Node:
    centers = dense_of(table, "center")
    rows = {row["index"]: (row, centers[at]) for at, row in enumerate(table.drop(["center"]).to_pylist())}

    def node(index: int) -> Node:
        row, center = rows[index]
        children = tuple(node(child) for child in row["children"])
        return Node(index, row["size"], center, row["cost"], row["height"], row["norm"], children)

    return node(root)
