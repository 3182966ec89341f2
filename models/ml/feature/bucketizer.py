"""Numbers to the buckets between split points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from streamcore.errors import IllegalArgumentException, QueryExecutionException
from streamcore.models.ml.attributes import nominal
from streamcore.models.ml.base import Transformer
from streamcore.models.ml.columns import Computed, computed
from streamcore.models.ml.feature.in_and_out import OneOrSeveralColumns
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.param.shared import HasHandleInvalid
from streamcore.models.ml.param.validators import each, one_of
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.schemas import require_new, require_numeric
from streamcore.spi.cast_text import double_text
from streamcore.spi.types import DoubleType, StructField

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame


@dataclass(frozen=True)
class Bucketize:
    """Numbers as the numbers of their buckets; NaN is an error, skipped, or in a bucket of its own."""

    splits: tuple[tuple[float, ...], ...]
    handleInvalid: str

    def __call__(self, rows: pa.Table) -> Computed:
        columns = [self._of(column, splits) for column, splits in zip(rows.columns, self.splits, strict=True)]
        if self.handleInvalid != "skip":
            return Computed(columns)
        kept = np.ones(len(rows), dtype=bool)
        for column in rows.columns:
            kept &= ~np.isnan(_numbers(column))
        return Computed(columns, pa.array(kept))

    def _of(self, column: pa.ChunkedArray, splits: tuple[float, ...]) -> pa.Array:
        values = _numbers(column)
        is_null = pc.is_null(column).to_numpy()
        is_nan = np.isnan(values) & ~is_null
        if self.handleInvalid == "error" and is_nan.any():
            raise QueryExecutionException(
                "Bucketizer encountered NaN value. To handle or skip NaNs, try setting "
                "Bucketizer.handleInvalid."
            )
        outside = (values < splits[0]) | (values > splits[-1])
        if outside.any():
            raise QueryExecutionException(
                f"Feature value {double_text(float(values[outside][0]))} out of Bucketizer bounds "
                f"[{double_text(splits[0])}, {double_text(splits[-1])}]. Check your features, or loosen the "
                "lower/upper bound constraints."
            )
        buckets = np.minimum(np.searchsorted(splits, values, side="right") - 1, len(splits) - 2).astype(
            np.float64
        )
        buckets[is_nan] = len(splits) - 1
        return pa.array(buckets, mask=is_null)


def _numbers(column: pa.ChunkedArray) -> np.ndarray:
    values: np.ndarray = pc.cast(column, pa.float64()).to_numpy()  # a null becomes NaN
    return values


def are_splits(splits: Sequence[float]) -> bool:
    """Whether these are split points: three or more, ascending."""
    return len(splits) >= 3 and all(low < high for low, high in pairwise(splits))


class Bucketizer(Transformer, OneOrSeveralColumns, HasHandleInvalid, Saved):
    """Says for each number in which bucket it is; the last bucket holds its upper end too, the others do not.

    >>> from streamcore import Session
    >>> df = Session.builder.getOrCreate().createDataFrame([(0.1,), (0.5,), (9.0,)], ["a"])
    >>> bucketizer = Bucketizer(splits=[0.0, 0.5, float("inf")], inputCol="a", outputCol="bucket")
    >>> [row.bucket for row in bucketizer.transform(df).collect()]
    [0.0, 1.0, 1.0]
    """

    splits: Param[list[float]] = Param(
        Params._dummy(),
        "splits",
        "n+1 ascending split points of n buckets; what is outside of them is an error, so begin with -inf "
        "and end with inf to take everything.",
        TypeConverters.toListFloat,
        are_splits,
    )
    splitsArray: Param[list[list[float]]] = Param(
        Params._dummy(), "splitsArray", "the split points of each of several columns.",
        TypeConverters.toListListFloat, each(are_splits),
    )  # fmt: skip
    handleInvalid: Param[str] = Param(
        Params._dummy(),
        "handleInvalid",
        "what happens to NaN: error, skip (rows with NaN or null in any column are dropped) or keep (a "
        "bucket of its own).",
        TypeConverters.toString,
        one_of("skip", "error", "keep"),
    )

    @keyword_only
    def __init__(
        self,
        *,
        splits: Sequence[float] | None = None,
        inputCol: str | None = None,
        outputCol: str | None = None,
        handleInvalid: str = "error",
        splitsArray: Sequence[Sequence[float]] | None = None,
        inputCols: Sequence[str] | None = None,
        outputCols: Sequence[str] | None = None,
    ) -> None:
        super().__init__()
        self._setDefault(handleInvalid="error")
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        splits: Sequence[float] | None = None,
        inputCol: str | None = None,
        outputCol: str | None = None,
        handleInvalid: str = "error",
        splitsArray: Sequence[Sequence[float]] | None = None,
        inputCols: Sequence[str] | None = None,
        outputCols: Sequence[str] | None = None,
    ) -> Self:
        """Set parameters."""
        return self._set(**self._input_kwargs)

    def setSplits(self, value: Sequence[float]) -> Self:
        """Set `splits`."""
        return self._set(splits=value)

    def setSplitsArray(self, value: Sequence[Sequence[float]]) -> Self:
        """Set `splitsArray`."""
        return self._set(splitsArray=value)

    def setHandleInvalid(self, value: str) -> Self:
        """Set `handleInvalid`."""
        return self._set(handleInvalid=value)

    def getSplits(self) -> list[float]:
        """The value of `splits`."""
        return self.getOrDefault(self.splits)

    def getSplitsArray(self) -> list[list[float]]:
        """The value of `splitsArray`."""
        return self.getOrDefault(self.splitsArray)

    def _transform(self, dataset: DataFrame) -> DataFrame:
        several = self._is_several(one=("splits",), several=("splitsArray",))
        splits = self.getSplitsArray() if several else [self.getSplits()]
        pairs = self._pairs()
        if len(splits) != len(pairs):
            raise IllegalArgumentException(
                f"requirement failed: Bucketizer {self.uid} has {len(pairs)} input columns and splits for "
                f"{len(splits)}"
            )
        for column, output in pairs:
            require_numeric(dataset.schema, column)
            require_new(dataset.schema, [output])
        outputs = [_field(output, points) for (_, output), points in zip(pairs, splits, strict=True)]
        kernel = Bucketize(tuple(map(tuple, splits)), self.getHandleInvalid())
        return computed(dataset, [column for column, _ in pairs], outputs, kernel)


def _field(name: str, splits: Sequence[float]) -> StructField:
    buckets = [f"{double_text(low)}, {double_text(high)}" for low, high in pairwise(splits)]
    return StructField(name, DoubleType(), metadata=nominal(None, buckets, ordered=True).of_column())
