"""Scaling by quantiles, which outliers do not move."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.attributes import AttributeGroup
from streamcore.models.ml.base import Estimator, Model
from streamcore.models.ml.columns import computed
from streamcore.models.ml.feature.fitting import fitted, vector_data, vectors_of_data
from streamcore.models.ml.feature.in_and_out import require_vectors, vector_field
from streamcore.models.ml.feature.kinds import vectors_in
from streamcore.models.ml.feature.one_column import OneColumn
from streamcore.models.ml.feature.standard_scaler import Standardize, inverse
from streamcore.models.ml.feature.summaries import quantiles_of
from streamcore.models.ml.linalg import Vector
from streamcore.models.ml.matrices import compressed_vector
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.param.shared import HasRelativeError
from streamcore.models.ml.param.validators import inside
from streamcore.models.ml.saved import Saved

if TYPE_CHECKING:
    from typing import Self

    import pyarrow as pa

    from streamcore.sql.dataframe import DataFrame


class _RobustScalerParams(OneColumn, HasRelativeError):
    lower: Param[float] = Param(
        Params._dummy(), "lower", "the lower quantile of the range by which features are scaled.",
        TypeConverters.toFloat, inside(0, 1),
    )  # fmt: skip
    upper: Param[float] = Param(
        Params._dummy(), "upper", "the upper quantile of the range by which features are scaled.",
        TypeConverters.toFloat, inside(0, 1),
    )  # fmt: skip
    withCentering: Param[bool] = Param(
        Params._dummy(), "withCentering", "whether to take the median away first: the result is dense.",
        TypeConverters.toBoolean,
    )  # fmt: skip
    withScaling: Param[bool] = Param(
        Params._dummy(), "withScaling", "whether to scale by the range between the quantiles.",
        TypeConverters.toBoolean,
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(lower=0.25, upper=0.75, withCentering=False, withScaling=True, relativeError=0.001)

    def getLower(self) -> float:
        """The value of `lower`, or its default."""
        return self.getOrDefault(self.lower)

    def getUpper(self) -> float:
        """The value of `upper`, or its default."""
        return self.getOrDefault(self.upper)

    def getWithCentering(self) -> bool:
        """The value of `withCentering`, or its default."""
        return self.getOrDefault(self.withCentering)

    def getWithScaling(self) -> bool:
        """The value of `withScaling`, or its default."""
        return self.getOrDefault(self.withScaling)

    def _require_range(self) -> None:
        lower, upper = self.getLower(), self.getUpper()
        if lower >= upper:
            raise IllegalArgumentException(
                f"requirement failed: The specified lower quantile({lower}) is larger or equal to "
                f"upper quantile({upper})"
            )


class RobustScaler(Estimator["RobustScalerModel"], _RobustScalerParams, Saved):
    """Scales features by the range between two quantiles and, on request, takes their median away.

    NaN is passed over. The quantiles are exact, which is within any `relativeError`.

    >>> from streamcore import Session
    >>> from streamcore.models.ml.linalg import Vectors
    >>> spark = Session.builder.getOrCreate()
    >>> df = spark.createDataFrame([(Vectors.dense([float(n)]),) for n in range(5)], ["a"])
    >>> model = RobustScaler(inputCol="a", outputCol="scaled").fit(df)
    >>> model.median, model.range, model.transform(df).collect()[1].scaled
    (DenseVector([2.0]), DenseVector([2.0]), DenseVector([0.5]))
    """

    @keyword_only
    def __init__(
        self,
        *,
        lower: float = 0.25,
        upper: float = 0.75,
        withCentering: bool = False,
        withScaling: bool = True,
        inputCol: str | None = None,
        outputCol: str | None = None,
        relativeError: float = 0.001,
    ) -> None:
        super().__init__()
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        lower: float = 0.25,
        upper: float = 0.75,
        withCentering: bool = False,
        withScaling: bool = True,
        inputCol: str | None = None,
        outputCol: str | None = None,
        relativeError: float = 0.001,
    ) -> Self:
        """Set parameters."""
        return self._set(**self._input_kwargs)

    def setLower(self, value: float) -> Self:
        """Set `lower`."""
        return self._set(lower=value)

    def setUpper(self, value: float) -> Self:
        """Set `upper`."""
        return self._set(upper=value)

    def setWithCentering(self, value: bool) -> Self:
        """Set `withCentering`."""
        return self._set(withCentering=value)

    def setWithScaling(self, value: bool) -> Self:
        """Set `withScaling`."""
        return self._set(withScaling=value)

    def setRelativeError(self, value: float) -> Self:
        """Set `relativeError`."""
        return self._set(relativeError=value)

    def _fit(self, dataset: DataFrame) -> RobustScalerModel:
        self._require_range()
        require_vectors(self, dataset.schema)
        rows = vectors_in(dataset, self.getInputCol())
        lower, median, upper = quantiles_of(rows, [self.getLower(), 0.5, self.getUpper()])
        return fitted(self, RobustScalerModel(compressed_vector(upper - lower), compressed_vector(median)))


class RobustScalerModel(Model, _RobustScalerParams, Saved):
    """What RobustScaler has learned: median and range of every feature."""

    def __init__(self, range: Vector, median: Vector) -> None:
        super().__init__()
        self._range = range
        self._median = median

    @property
    def median(self) -> Vector:
        """The median of every feature."""
        return self._median

    @property
    def range(self) -> Vector:
        """The range between the quantiles of every feature."""
        return self._range

    def _told(self) -> dict[str, Any]:
        return {
            "numFeatures": len(self._range),
            "withCentering": self.getWithCentering(),
            "withScaling": self.getWithScaling(),
        }

    def _transform(self, dataset: DataFrame) -> DataFrame:
        require_vectors(self, dataset.schema)
        shift = self._median.toArray() if self.getWithCentering() else None
        scale = inverse(np.asarray(self._range.toArray())) if self.getWithScaling() else None
        output = vector_field(self.getOutputCol(), AttributeGroup(len(self._range)))
        column = self.getInputCol()
        return computed(dataset, [column], [output], Standardize(column, shift, scale))

    def _data(self) -> pa.Table:
        return vector_data(range=self._range, median=self._median)

    @classmethod
    def _of_data(cls, uid: str, data: pa.Table) -> Self:
        return cls(**vectors_of_data(data))
