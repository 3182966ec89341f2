"""Scaling to unit standard deviation and zero mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from streamcore.models.ml.attributes import AttributeGroup
from streamcore.models.ml.base import Estimator, Model
from streamcore.models.ml.columns import Computed, computed
from streamcore.models.ml.feature.fitting import fitted, vector_data, vectors_of_data
from streamcore.models.ml.feature.in_and_out import require_vectors, vector_field
from streamcore.models.ml.feature.kinds import Matrix, dense, mapped, require_size, scaled, vectors_in
from streamcore.models.ml.feature.one_column import OneColumn
from streamcore.models.ml.feature.summaries import moments_of
from streamcore.models.ml.linalg import Vector
from streamcore.models.ml.matrices import compressed_vector
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.saved import Saved

if TYPE_CHECKING:
    from typing import Self

    import pyarrow as pa
    from numpy.typing import NDArray

    from streamcore.sql.dataframe import DataFrame


@dataclass(frozen=True)
class Standardize:
    """Vectors less `shift`, times `scale`; without a shift sparse ones stay sparse."""

    column: str
    shift: NDArray[np.float64] | None
    scale: NDArray[np.float64] | None

    def __call__(self, rows: pa.Table) -> Computed:
        return Computed([mapped(rows.column(0), self.column, self._of)])

    def _of(self, matrix: Matrix) -> Matrix:
        if self.shift is None:
            return matrix if self.scale is None else scaled(matrix, self.scale)
        require_size(matrix, len(self.shift), "the model knows vectors of size {expected} but got {found}")
        centred = dense(matrix) - self.shift
        return centred if self.scale is None else centred * self.scale


def inverse(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 / value, and 0 where a value is 0: what never changes comes out as 0.

    >>> inverse(np.array([0.0, 4.0]))
    array([0.  , 0.25])
    """
    return np.divide(1.0, values, out=np.zeros_like(values), where=values != 0)


class _StandardScalerParams(OneColumn):
    withMean: Param[bool] = Param(
        Params._dummy(), "withMean", "whether to take the mean away before scaling: the result is dense.",
        TypeConverters.toBoolean,
    )  # fmt: skip
    withStd: Param[bool] = Param(
        Params._dummy(), "withStd", "whether to scale to unit standard deviation.", TypeConverters.toBoolean
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(withMean=False, withStd=True)

    def getWithMean(self) -> bool:
        """The value of `withMean`, or its default."""
        return self.getOrDefault(self.withMean)

    def getWithStd(self) -> bool:
        """The value of `withStd`, or its default."""
        return self.getOrDefault(self.withStd)


class StandardScaler(Estimator["StandardScalerModel"], _StandardScalerParams, Saved):
    """Scales features to unit standard deviation (the unbiased one) and, on request, to zero mean.

    A feature that never changes comes out as 0.

    >>> from streamcore import Session
    >>> from streamcore.models.ml.linalg import Vectors
    >>> spark = Session.builder.getOrCreate()
    >>> df = spark.createDataFrame([(Vectors.dense([0.0]),), (Vectors.dense([2.0]),)], ["a"])
    >>> model = StandardScaler(inputCol="a", outputCol="scaled").fit(df)
    >>> model.mean, model.std, model.transform(df).collect()[1].scaled
    (DenseVector([1.0]), DenseVector([1.4142]), DenseVector([1.4142]))
    """

    @keyword_only
    def __init__(
        self,
        *,
        withMean: bool = False,
        withStd: bool = True,
        inputCol: str | None = None,
        outputCol: str | None = None,
    ) -> None:
        super().__init__()
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        withMean: bool = False,
        withStd: bool = True,
        inputCol: str | None = None,
        outputCol: str | None = None,
    ) -> Self:
        """Set parameters."""
        return self._set(**self._input_kwargs)

    def setWithMean(self, value: bool) -> Self:
        """Set `withMean`."""
        return self._set(withMean=value)

    def setWithStd(self, value: bool) -> Self:
        """Set `withStd`."""
        return self._set(withStd=value)

    def _fit(self, dataset: DataFrame) -> StandardScalerModel:
        require_vectors(self, dataset.schema)
        moments = moments_of(vectors_in(dataset, self.getInputCol()))
        mean, deviation = compressed_vector(moments.mean), compressed_vector(moments.deviation)
        return fitted(self, StandardScalerModel(mean, deviation))


class StandardScalerModel(Model, _StandardScalerParams, Saved):
    """What StandardScaler has learned: mean and standard deviation of every feature."""

    def __init__(self, mean: Vector, std: Vector) -> None:
        super().__init__()
        self._mean = mean
        self._std = std

    @property
    def mean(self) -> Vector:
        """The mean of every feature."""
        return self._mean

    @property
    def std(self) -> Vector:
        """The unbiased standard deviation of every feature."""
        return self._std

    def _told(self) -> dict[str, Any]:
        return {"numFeatures": len(self._std), "withMean": self.getWithMean(), "withStd": self.getWithStd()}

    def _transform(self, dataset: DataFrame) -> DataFrame:
        require_vectors(self, dataset.schema)
        shift = self._mean.toArray() if self.getWithMean() else None
        scale = inverse(self._std.toArray()) if self.getWithStd() else None
        output = vector_field(self.getOutputCol(), AttributeGroup(len(self._std)))
        column = self.getInputCol()
        return computed(dataset, [column], [output], Standardize(column, shift, scale))

    def _data(self) -> pa.Table:
        return vector_data(std=self._std, mean=self._mean)

    @classmethod
    def _of_data(cls, uid: str, data: pa.Table) -> Self:
        return cls(**vectors_of_data(data))
