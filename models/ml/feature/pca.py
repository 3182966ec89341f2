"""Principal components."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.attributes import AttributeGroup
from streamcore.models.ml.base import Estimator, Model
from streamcore.models.ml.columns import Computed, computed
from streamcore.models.ml.feature.fitting import fitted
from streamcore.models.ml.feature.in_and_out import require_vectors, vector_field
from streamcore.models.ml.feature.kinds import Matrix, is_sparse, mapped, require_size, vectors_in
from streamcore.models.ml.feature.one_column import OneColumn
from streamcore.models.ml.linalg import DenseMatrix, DenseVector, MatrixUDT, VectorUDT
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.param.validators import greater
from streamcore.models.ml.saved import Saved
from streamcore.spi.types import to_arrow_type

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import NDArray

    from streamcore.sql.dataframe import DataFrame


@dataclass(frozen=True)
class Project:
    """Vectors in the coordinates of the components."""

    column: str
    components: NDArray[np.float64]

    def __call__(self, rows: pa.Table) -> Computed:
        return Computed([mapped(rows.column(0), self.column, self._of)])

    def _of(self, matrix: Matrix) -> Matrix:
        require_size(matrix, len(self.components), "PCA knows vectors of size {expected} but got {found}")
        return np.asarray(matrix @ self.components)


def principal_components(rows: Matrix, k: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The first k components, a column each, and which part of the variance each explains.

    They are the left singular vectors of the covariance, as Spark's are. The sign of one is free: Spark
    decomposes by an older LAPACK, which now and then chooses the other.
    """
    vectors, values, _ = np.linalg.svd(_covariance(rows))
    whole = values.sum()
    explained = values / whole if whole else np.zeros_like(values)
    return vectors[:, :k], explained[:k]


def _covariance(rows: Matrix) -> NDArray[np.float64]:
    mean = np.asarray(rows.mean(axis=0)).reshape(-1)
    freedom = max(rows.shape[0] - 1, 1)
    if not is_sparse(rows):
        centred = rows - mean
        dense: NDArray[np.float64] = centred.T @ centred / freedom
        return dense
    products: NDArray[np.float64] = (rows.T @ rows).toarray()
    sparse: NDArray[np.float64] = (products - rows.shape[0] * np.outer(mean, mean)) / freedom
    return sparse


class _PCAParams(OneColumn):
    k: Param[int] = Param(
        Params._dummy(), "k", "the number of principal components.", TypeConverters.toInt, greater(0)
    )

    def getK(self) -> int:
        """The value of `k`."""
        return self.getOrDefault(self.k)


class PCA(Estimator["PCAModel"], _PCAParams, Saved):
    """Learns the `k` directions in which vectors vary most, and projects vectors on them.

    >>> from streamcore import Session
    >>> from streamcore.models.ml.linalg import Vectors
    >>> rows = [(Vectors.dense([float(n), 2.0 * n, 0.0]),) for n in range(4)]
    >>> df = Session.builder.getOrCreate().createDataFrame(rows, ["v"])
    >>> model = PCA(k=1, inputCol="v", outputCol="projected").fit(df)
    >>> model.explainedVariance
    DenseVector([1.0])
    """

    @keyword_only
    def __init__(
        self, *, k: int | None = None, inputCol: str | None = None, outputCol: str | None = None
    ) -> None:
        super().__init__()
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self, *, k: int | None = None, inputCol: str | None = None, outputCol: str | None = None
    ) -> Self:
        """Set parameters."""
        return self._set(**self._input_kwargs)

    def setK(self, value: int) -> Self:
        """Set `k`."""
        return self._set(k=value)

    def _fit(self, dataset: DataFrame) -> PCAModel:
        require_vectors(self, dataset.schema)
        rows = vectors_in(dataset, self.getInputCol())
        k = self.getK()
        if rows.shape[1] < k:
            raise IllegalArgumentException(
                f"requirement failed: source vector size {rows.shape[1]} must be no less than k={k}"
            )
        components, explained = principal_components(rows, k)
        pc = DenseMatrix(rows.shape[1], k, components.ravel(order="F"))
        return fitted(self, PCAModel(pc, DenseVector(explained)))


class PCAModel(Model, _PCAParams, Saved):
    """What PCA has learned: the components, and how much of the variance they explain."""

    def __init__(self, pc: DenseMatrix, explainedVariance: DenseVector) -> None:
        super().__init__()
        self._pc = pc
        self._explained = explainedVariance

    @property
    def pc(self) -> DenseMatrix:
        """The components, a column each."""
        return self._pc

    @property
    def explainedVariance(self) -> DenseVector:
        """Which part of the variance each component explains."""
        return self._explained

    def _told(self) -> dict[str, Any]:
        return {"k": self.getK()}

    def _transform(self, dataset: DataFrame) -> DataFrame:
        require_vectors(self, dataset.schema)
        output = vector_field(self.getOutputCol(), AttributeGroup(self._pc.numCols))
        column = self.getInputCol()
        return computed(dataset, [column], [output], Project(column, self._pc.toArray()))

    def _data(self) -> pa.Table:
        return pa.table(
            {
                "pc": _stored(MatrixUDT(), self._pc),
                "explainedVariance": _stored(VectorUDT(), self._explained),
            }
        )

    @classmethod
    def _of_data(cls, uid: str, data: pa.Table) -> Self:
        (row,) = data.to_pylist()
        return cls(_read(MatrixUDT(), row["pc"]), _read(VectorUDT(), row["explainedVariance"]))


def _stored(udt: MatrixUDT | VectorUDT, value: Any) -> pa.Array:
    kind = udt.sqlType()
    return pa.array([dict(zip(kind.names, udt.serialize(value), strict=True))], to_arrow_type(kind))


def _read(udt: MatrixUDT | VectorUDT, stored: dict[str, Any]) -> Any:
    return udt.deserialize([stored[name] for name in udt.sqlType().names])
