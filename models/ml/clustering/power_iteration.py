"""Power iteration clustering: groups in a graph of what is similar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from streamcore.errors import QueryExecutionException
from streamcore.models.ml.clustering.distances import Labels, Numbers
from streamcore.models.ml.clustering.lloyd import KMeansSettings, as_met, k_means
from streamcore.models.ml.feature.inputs import require
from streamcore.models.ml.matrices import named
from streamcore.models.ml.needs import needed
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.param.shared import HasMaxIter, HasWeightCol
from streamcore.models.ml.param.validators import at_least, greater, one_of
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.schemas import field_of
from streamcore.spi.types import IntegerType, LongType, StructField, StructType

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame

Ids = npt.NDArray[np.int64]


def clusters_of(
    sources: Ids, targets: Ids, similarities: Numbers, k: int, iterations: int, start: str
) -> tuple[Ids, Labels]:
    """The vertices of a graph and their clusters; an edge counts both ways, one to itself not."""
    if (similarities < 0).any() or np.isnan(similarities).any():
        raise QueryExecutionException("Weights MUST NOT be Null, Negative, NaN or Infinity")
    kept = sources != targets
    vertices, places = np.unique(np.concatenate([sources[kept], targets[kept]]), return_inverse=True)
    if not len(vertices):
        return vertices, np.empty(0, np.int32)
    left, right = np.split(places, 2)
    embedded = _embedded(left, right, similarities[kept], len(vertices), iterations, start)
    spread = float(embedded.std())
    scaled = (embedded - embedded.mean()) / spread if spread > 0 else np.zeros_like(embedded)
    return vertices, as_met(k_means(scaled[:, np.newaxis], None, KMeansSettings(k))).labels


def _embedded(
    left: Ids, right: Ids, similarities: Numbers, count: int, iterations: int, start: str
) -> Numbers:
    """The vector that power iteration reaches before all its entries are alike."""
    sparse: Any = needed("scipy.sparse", "PowerIterationClustering")
    both = (
        np.concatenate([similarities] * 2),
        (np.concatenate([left, right]), np.concatenate([right, left])),
    )
    graph = sparse.csr_matrix(both, shape=(count, count))
    degrees = np.asarray(graph.sum(axis=1)).reshape(-1)
    walk = sparse.diags(1 / np.maximum(degrees, np.finfo(np.float64).eps)) @ graph
    drawn = degrees if start == "degree" else np.random.default_rng(0).standard_normal(count)
    vector: Numbers = drawn / np.abs(drawn).sum()
    tolerance, before = max(1e-5 / count, 1e-8), np.inf
    for _ in range(iterations):
        following: Numbers = walk @ vector
        following /= np.abs(following).sum()
        moved = float(np.abs(following - vector).sum())
        vector = following
        if abs(moved - before) <= tolerance:
            break
        before = moved
    return vector


class PowerIterationClustering(HasMaxIter, HasWeightCol, Saved):
    """Groups the vertices of a graph by how similar they are; not an estimator: see `assignClusters`.

    It starts from random numbers of its own, so that in graphs whose groups are not clear they differ from
    Spark's. Clusters are numbered by the least vertex that they have.

    >>> from streamcore import Session
    >>> edges = [(0, 1, 1.0), (0, 2, 1.0), (1, 2, 1.0), (2, 3, 0.01), (3, 4, 1.0), (3, 5, 1.0), (4, 5, 1.0)]
    >>> graph = Session.builder.getOrCreate().createDataFrame(edges, "src long, dst long, weight double")
    >>> found = PowerIterationClustering(k=2, weightCol="weight").assignClusters(graph)
    >>> [tuple(row) for row in found.sort("id").collect()]
    [(0, 0), (1, 0), (2, 0), (3, 1), (4, 1), (5, 1)]
    """

    k: Param[int] = Param(
        Params._dummy(), "k", "how many clusters there are to be (> 1)", TypeConverters.toInt, greater(1)
    )
    maxIter: Param[int] = Param(
        Params._dummy(),
        "maxIter",
        "how many iterations there are at most (>= 0)",
        TypeConverters.toInt,
        at_least(0),
    )
    initMode: Param[str] = Param(
        Params._dummy(), "initMode", "what it starts from: 'random' numbers, or the 'degree' of each vertex",
        TypeConverters.toString, one_of("random", "degree"),
    )  # fmt: skip
    srcCol: Param[str] = Param(
        Params._dummy(), "srcCol", "the column with one end of each edge", TypeConverters.toString
    )
    dstCol: Param[str] = Param(
        Params._dummy(), "dstCol", "the column with the other end of each edge", TypeConverters.toString
    )

    @keyword_only
    def __init__(
        self,
        *,
        k: int = 2,
        maxIter: int = 20,
        initMode: str = "random",
        srcCol: str = "src",
        dstCol: str = "dst",
        weightCol: str | None = None,
    ) -> None:
        super().__init__()
        self._setDefault(k=2, maxIter=20, initMode="random", srcCol="src", dstCol="dst")
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        k: int = 2,
        maxIter: int = 20,
        initMode: str = "random",
        srcCol: str = "src",
        dstCol: str = "dst",
        weightCol: str | None = None,
    ) -> Self:
        """Set parameters by keyword."""
        return self._set(**self._input_kwargs)

    def getK(self) -> int:
        """How many clusters there are to be."""
        return self.getOrDefault(self.k)

    def setK(self, value: int) -> Self:
        """Set `k`."""
        return self._set(k=value)

    def getInitMode(self) -> str:
        """What it starts from."""
        return self.getOrDefault(self.initMode)

    def setInitMode(self, value: str) -> Self:
        """Set `initMode`."""
        return self._set(initMode=value)

    def getSrcCol(self) -> str:
        """The column with one end of each edge."""
        return self.getOrDefault(self.srcCol)

    def setSrcCol(self, value: str) -> Self:
        """Set `srcCol`."""
        return self._set(srcCol=value)

    def getDstCol(self) -> str:
        """The column with the other end of each edge."""
        return self.getOrDefault(self.dstCol)

    def setDstCol(self, value: str) -> Self:
        """Set `dstCol`."""
        return self._set(dstCol=value)

    def setMaxIter(self, value: int) -> Self:
        """Set `maxIter`."""
        return self._set(maxIter=value)

    def setWeightCol(self, value: str) -> Self:
        """Set `weightCol`."""
        return self._set(weightCol=value)

    def assignClusters(self, dataset: DataFrame) -> DataFrame:
        """The cluster of each vertex, as rows of `id` and `cluster`.

        Parameters
        ----------
        dataset
            A row for each edge: the whole numbers of its ends, and how similar they are (1 without
            `weightCol`), which is not negative.
        """
        self._require_valid()
        for name in (self.getSrcCol(), self.getDstCol()):
            found = field_of(dataset.schema, name).dataType
            require(
                isinstance(found, IntegerType | LongType),
                f"Column {name} must be of type equal to one of the following types: [int, bigint] but was "
                f"actually of type {found.simpleString()}.",
            )
        ends = [named(dataset, name).cast("long") for name in (self.getSrcCol(), self.getDstCol())]
        weighed = [named(dataset, self.getWeightCol()).cast("double")] if self.isSet("weightCol") else []
        table = dataset.select(*ends, *weighed).toArrow()
        require(not any(table.column(at).null_count for at in (0, 1)), "An end of an edge is null.")
        sources, targets, *weights = (column.to_numpy() for column in table.columns)
        similarities = weights[0] if weights else np.ones(len(sources))
        ids, labels = clusters_of(
            sources, targets, similarities, self.getK(), self.getMaxIter(), self.getInitMode()
        )
        result = pa.table({"id": pa.array(ids, pa.int64()), "cluster": pa.array(labels, pa.int32())})
        schema = StructType(
            [
                StructField("id", LongType(), nullable=False),
                StructField("cluster", IntegerType(), nullable=False),
            ]
        )
        return dataset.session.createDataFrame(result, schema)
