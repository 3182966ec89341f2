"""Missing values filled in."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from streamcore.errors import QueryExecutionException
from streamcore.models.ml.base import Estimator, Model
from streamcore.models.ml.feature.fitting import fitted
from streamcore.models.ml.feature.in_and_out import OneOrSeveralColumns
from streamcore.models.ml.feature.kinds import quoted
from streamcore.models.ml.feature.summaries import quantiles
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.param.shared import HasRelativeError
from streamcore.models.ml.param.validators import one_of
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.schemas import field_of, require_new, require_numeric
from streamcore.spi.cast_text import double_text

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import NDArray

    from streamcore.sql.column import Column
    from streamcore.sql.dataframe import DataFrame


def mode_of(values: NDArray[np.float64]) -> float:
    """The most frequent value; the least of them where several are.

    >>> mode_of(np.array([3.0, 1.0, 3.0, 1.0, 2.0]))
    1.0
    """
    distinct, counts = np.unique(values, return_counts=True)
    return float(distinct[np.argmax(counts)])


_STRATEGIES: Mapping[str, Callable[[NDArray[np.float64]], float]] = {
    "mean": lambda values: float(np.mean(values)),
    "median": lambda values: quantiles(values, [0.5])[0],
    "mode": mode_of,
}


class _ImputerParams(OneOrSeveralColumns, HasRelativeError):
    strategy: Param[str] = Param(
        Params._dummy(),
        "strategy",
        "what is filled in: the mean, the median or the mode (the most frequent value, the least of "
        "several).",
        TypeConverters.toString,
        one_of(*_STRATEGIES),
    )
    missingValue: Param[float] = Param(
        Params._dummy(), "missingValue", "the value that is missing, beside null.", TypeConverters.toFloat
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(strategy="mean", missingValue=math.nan, relativeError=0.001)

    def getStrategy(self) -> str:
        """The value of `strategy`, or its default."""
        return self.getOrDefault(self.strategy)

    def getMissingValue(self) -> float:
        """The value of `missingValue`, or its default."""
        return self.getOrDefault(self.missingValue)

    def _require_columns(self, dataset: DataFrame) -> list[tuple[str, str]]:
        pairs = self._pairs()
        for column, output in pairs:
            require_numeric(dataset.schema, column)
            require_new(dataset.schema, [output])
        return pairs


class Imputer(Estimator["ImputerModel"], _ImputerParams, Saved):
    """Fills in what is missing in columns of numbers: null and `missingValue` (NaN, unless it is said).

    The median is exact, which is within any `relativeError`.

    >>> from streamcore import Session
    >>> df = Session.builder.getOrCreate().createDataFrame([(1.0,), (None,), (3.0,)], "a double")
    >>> [row.full for row in Imputer(inputCol="a", outputCol="full").fit(df).transform(df).collect()]
    [1.0, 2.0, 3.0]
    """

    @keyword_only
    def __init__(
        self,
        *,
        strategy: str = "mean",
        missingValue: float = math.nan,
        inputCols: Sequence[str] | None = None,
        outputCols: Sequence[str] | None = None,
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
        strategy: str = "mean",
        missingValue: float = math.nan,
        inputCols: Sequence[str] | None = None,
        outputCols: Sequence[str] | None = None,
        inputCol: str | None = None,
        outputCol: str | None = None,
        relativeError: float = 0.001,
    ) -> Self:
        """Set parameters."""
        return self._set(**self._input_kwargs)

    def setStrategy(self, value: str) -> Self:
        """Set `strategy`."""
        return self._set(strategy=value)

    def setMissingValue(self, value: float) -> Self:
        """Set `missingValue`."""
        return self._set(missingValue=value)

    def setRelativeError(self, value: float) -> Self:
        """Set `relativeError`."""
        return self._set(relativeError=value)

    def _fit(self, dataset: DataFrame) -> ImputerModel:
        columns = [column for column, _ in self._require_columns(dataset)]
        inputs = [dataset[quoted(column)].cast("double").alias(f"c{at}") for at, column in enumerate(columns)]
        table = dataset.select(*inputs).toArrow()
        surrogates = {
            column: self._surrogate(column, values.to_numpy())
            for column, values in zip(columns, table.columns, strict=True)
        }
        return fitted(self, ImputerModel(surrogates))

    def _surrogate(self, column: str, values: NDArray[np.float64]) -> float:
        missing = self.getMissingValue()
        known = values[~np.isnan(values) & (values != missing)]
        if not len(known):
            raise QueryExecutionException(
                f"surrogate cannot be computed. All the values in {column} are Null, Nan or "
                f"missingValue({double_text(missing)})"
            )
        return _STRATEGIES[self.getStrategy()](known)


class ImputerModel(Model, _ImputerParams, Saved):
    """What Imputer has learned: for each column what is filled in."""

    def __init__(self, surrogates: Mapping[str, float]) -> None:
        super().__init__()
        self._surrogates = dict(surrogates)

    @property
    def surrogateDF(self) -> DataFrame:
        """A row with what is filled in for each column."""
        from streamcore.sql.session import Session

        return Session.builder.getOrCreate().createDataFrame(self._data())

    def _told(self) -> dict[str, Any]:
        said = {"strategy": self.getStrategy(), "missingValue": self.getMissingValue()}
        return said | self._told_columns()

    def _transform(self, dataset: DataFrame) -> DataFrame:
        filled = [
            self._filled(dataset, column).alias(output, metadata=field_of(dataset.schema, column).metadata)
            for column, output in self._require_columns(dataset)
        ]
        return dataset.select("*", *filled)

    def _filled(self, dataset: DataFrame, column: str) -> Column:
        from streamcore.sql import functions as F

        values = dataset[quoted(column)]
        number = values.cast("double")
        missing = self.getMissingValue()
        is_missing = F.isnan(number) if math.isnan(missing) else number == F.lit(missing)
        kind = field_of(dataset.schema, column).dataType
        surrogate = F.lit(self._surrogates[column]).cast(kind)
        return F.when(values.isNull() | is_missing, surrogate).otherwise(values)

    def _data(self) -> pa.Table:
        return pa.table(
            {column: pa.array([value], pa.float64()) for column, value in self._surrogates.items()}
        )

    @classmethod
    def _of_data(cls, uid: str, data: pa.Table) -> Self:
        (row,) = data.to_pylist()
        return cls(row)
