"""Buckets by the quantiles of a column."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.base import Estimator
from streamcore.models.ml.feature.bucketizer import Bucketizer
from streamcore.models.ml.feature.in_and_out import OneOrSeveralColumns
from streamcore.models.ml.feature.kinds import quoted
from streamcore.models.ml.feature.summaries import quantiles
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.param.shared import HasHandleInvalid, HasRelativeError
from streamcore.models.ml.param.validators import at_least, each, one_of
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.schemas import require_new, require_numeric

if TYPE_CHECKING:
    from typing import Self

    import numpy as np
    from numpy.typing import NDArray

    from streamcore.sql.dataframe import DataFrame


def splits_of(values: NDArray[np.float64], count: int) -> list[float]:
    """Split points of at most `count` buckets of like many values; fewer where values are equal.

    >>> import numpy as np
    >>> splits_of(np.array([1.0, 2.0, 3.0, 4.0]), 2)
    [-inf, 2.0, inf]
    """
    inner = quantiles(values, [place / count for place in range(1, count)])
    return [-math.inf, *dict.fromkeys(split + 0.0 for split in inner), math.inf]  # -0.0 becomes 0.0


class QuantileDiscretizer(
    Estimator[Bucketizer], OneOrSeveralColumns, HasHandleInvalid, HasRelativeError, Saved
):
    """Learns buckets that hold like many of a column's values, as a Bucketizer.

    NaN and null are passed over. The quantiles are exact, which is within any `relativeError`.

    >>> from streamcore import Session
    >>> df = Session.builder.getOrCreate().createDataFrame([(float(n),) for n in range(4)], ["a"])
    >>> QuantileDiscretizer(numBuckets=2, inputCol="a", outputCol="bucket").fit(df).getSplits()
    [-inf, 1.0, inf]
    """

    numBuckets: Param[int] = Param(
        Params._dummy(), "numBuckets", "how many buckets at most.", TypeConverters.toInt, at_least(2)
    )
    numBucketsArray: Param[list[int]] = Param(
        Params._dummy(),
        "numBucketsArray",
        "how many buckets at most for each of several columns; without them `numBuckets` counts for all.",
        TypeConverters.toListInt,
        each(at_least(2)),
    )
    handleInvalid: Param[str] = Param(
        Params._dummy(),
        "handleInvalid",
        "what happens to NaN: error, skip (their rows are dropped) or keep (a bucket of its own).",
        TypeConverters.toString,
        one_of("skip", "error", "keep"),
    )

    @keyword_only
    def __init__(
        self,
        *,
        numBuckets: int = 2,
        inputCol: str | None = None,
        outputCol: str | None = None,
        relativeError: float = 0.001,
        handleInvalid: str = "error",
        numBucketsArray: Sequence[int] | None = None,
        inputCols: Sequence[str] | None = None,
        outputCols: Sequence[str] | None = None,
    ) -> None:
        super().__init__()
        self._setDefault(numBuckets=2, relativeError=0.001, handleInvalid="error")
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        numBuckets: int = 2,
        inputCol: str | None = None,
        outputCol: str | None = None,
        relativeError: float = 0.001,
        handleInvalid: str = "error",
        numBucketsArray: Sequence[int] | None = None,
        inputCols: Sequence[str] | None = None,
        outputCols: Sequence[str] | None = None,
    ) -> Self:
        """Set parameters."""
        return self._set(**self._input_kwargs)

    def setNumBuckets(self, value: int) -> Self:
        """Set `numBuckets`."""
        return self._set(numBuckets=value)

    def setNumBucketsArray(self, value: Sequence[int]) -> Self:
        """Set `numBucketsArray`."""
        return self._set(numBucketsArray=value)

    def setRelativeError(self, value: float) -> Self:
        """Set `relativeError`."""
        return self._set(relativeError=value)

    def setHandleInvalid(self, value: str) -> Self:
        """Set `handleInvalid`."""
        return self._set(handleInvalid=value)

    def getNumBuckets(self) -> int:
        """The value of `numBuckets`, or its default."""
        return self.getOrDefault(self.numBuckets)

    def getNumBucketsArray(self) -> list[int]:
        """The value of `numBucketsArray`."""
        return self.getOrDefault(self.numBucketsArray)

    def _fit(self, dataset: DataFrame) -> Bucketizer:
        pairs = self._pairs()
        for column, output in pairs:
            require_numeric(dataset.schema, column)
            require_new(dataset.schema, [output])
        inputs = [dataset[quoted(column)].cast("double") for column, _ in pairs]
        table = dataset.select(*(values.alias(f"c{at}") for at, values in enumerate(inputs))).toArrow()
        splits = [
            splits_of(column.to_numpy(), count)
            for column, count in zip(table.columns, self._counts(len(pairs)), strict=True)
        ]
        return self._bucketizer(splits)

    def _counts(self, columns: int) -> list[int]:
        if not self.isSet("numBucketsArray"):
            return [self.getNumBuckets()] * columns
        counts = self.getNumBucketsArray()
        if not self.isSet("inputCols") or len(counts) != columns:
            raise IllegalArgumentException(
                f"requirement failed: numBucketsArray of QuantileDiscretizer {self.uid} goes with as many "
                "inputCols"
            )
        return counts

    def _bucketizer(self, splits: list[list[float]]) -> Bucketizer:
        said: dict[str, Any] = {"handleInvalid": self.getHandleInvalid()}
        if self.isSet("inputCols"):
            return Bucketizer(
                splitsArray=splits, inputCols=self.getInputCols(), outputCols=self.getOutputCols(), **said
            )
        return Bucketizer(
            splits=splits[0], inputCol=self.getInputCol(), outputCol=self.getOutputCol(), **said
        )
