"""Numbers of categories to what the label is among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from streamcore.errors import IllegalArgumentException, QueryExecutionException
from streamcore.models.ml.attributes import nominal
from streamcore.models.ml.base import Estimator, Model
from streamcore.models.ml.columns import Computed, computed
from streamcore.models.ml.feature.fitting import fitted
from streamcore.models.ml.feature.in_and_out import OneOrSeveralColumns
from streamcore.models.ml.feature.kinds import quoted
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.param.shared import HasHandleInvalid, HasLabelCol
from streamcore.models.ml.param.validators import at_least, one_of
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.schemas import require_new, require_numeric
from streamcore.spi.cast_text import double_text
from streamcore.spi.types import DoubleType, StructField

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import NDArray

    from streamcore.sql.dataframe import DataFrame

NULL, ALL = -1.0, float(2**31 - 1)
"""The categories of null, and of all rows together, as they are saved."""

Statistics: TypeAlias = "Mapping[float, tuple[float, float]]"
"""For each category how many rows it has, and their statistic."""


@dataclass(frozen=True)
class Lookup:
    """Categories as their encodings; `others` is that of what was not seen, None where that is an error."""

    columns: tuple[str, ...]
    encodings: tuple[Mapping[float, float], ...]
    others: tuple[float, ...] | None

    def __call__(self, rows: pa.Table) -> Computed:
        return Computed([self._of(at, column) for at, column in enumerate(rows.columns)])

    def _of(self, at: int, column: pa.ChunkedArray) -> pa.Array:
        encodings = self.encodings[at]
        filled = pc.fill_null(pc.cast(column, pa.float64()), NULL)
        places = pc.index_in(filled, pa.array(encodings, pa.float64()))
        if self.others is None and places.null_count:
            unseen = filled.filter(pc.is_null(places))[0].as_py()
            said = "null value" if unseen == NULL else f"value {double_text(unseen)}"
            raise QueryExecutionException(
                f"[USER_RAISED_EXCEPTION] Unseen {said} in feature {self.columns[at]}. To handle unseen "
                "values, set Param handleInvalid to keep."
            )
        known = pc.take(pa.array(encodings.values(), pa.float64()), places)
        return known if self.others is None else pc.fill_null(known, self.others[at])


def statistics_of(
    categories: NDArray[np.float64], labels: NDArray[np.float64], *, binary: bool
) -> Statistics:
    """The statistics of each category and of all: the sum of labels that are binary, the mean of others.

    >>> statistics_of(np.array([0.0, 1.0, 0.0]), np.array([1.0, 0.0, 1.0]), binary=True)
    {0.0: (2.0, 2.0), 1.0: (1.0, 0.0), 2147483647.0: (3.0, 2.0)}
    """
    distinct, places = np.unique(categories, return_inverse=True)
    counts = np.append(np.bincount(places, minlength=len(distinct)), len(labels)).astype(float)
    sums = np.append(np.bincount(places, labels, len(distinct)), labels.sum())
    told = sums if binary else sums / np.maximum(counts, 1)
    names = [*distinct.tolist(), ALL]
    return dict(zip(names, zip(counts.tolist(), told.tolist(), strict=True), strict=True))


def encodings_of(statistics: Statistics, smoothing: float, *, binary: bool) -> dict[float, float]:
    """What each category becomes: its mean label, the nearer to that of all the fewer rows it has."""
    count, whole = statistics[ALL]
    overall = whole / count if binary and count else whole
    encodings = {}
    for category, (rows, statistic) in statistics.items():
        own = statistic / rows if binary and rows else statistic
        weight = rows / (rows + smoothing) if rows + smoothing else 0.0
        encodings[category] = overall if category == ALL else weight * own + (1 - weight) * overall
    return encodings


class _TargetEncoderParams(OneOrSeveralColumns, HasLabelCol, HasHandleInvalid):
    handleInvalid: Param[str] = Param(
        Params._dummy(),
        "handleInvalid",
        "what happens to categories that were not seen: error, or keep (what holds for all rows together).",
        TypeConverters.toString,
        one_of("keep", "error"),
    )
    targetType: Param[str] = Param(
        Params._dummy(), "targetType", "what the label is: binary or continuous.", TypeConverters.toString,
        one_of("binary", "continuous"),
    )  # fmt: skip
    smoothing: Param[float] = Param(
        Params._dummy(), "smoothing", "how many rows those of all categories together count for in each.",
        TypeConverters.toFloat, at_least(0),
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(handleInvalid="error", targetType="binary", smoothing=0.0)

    def setHandleInvalid(self, value: str) -> Self:
        """Set `handleInvalid`."""
        return self._set(handleInvalid=value)

    def setSmoothing(self, value: float) -> Self:
        """Set `smoothing`."""
        return self._set(smoothing=value)

    def getTargetType(self) -> str:
        """The value of `targetType`, or its default."""
        return self.getOrDefault(self.targetType)

    def getSmoothing(self) -> float:
        """The value of `smoothing`, or its default."""
        return self.getOrDefault(self.smoothing)

    def _is_binary(self) -> bool:
        return self.getTargetType() == "binary"

    def _require_columns(self, dataset: DataFrame) -> list[tuple[str, str]]:
        pairs = self._pairs()
        for column, output in pairs:
            require_numeric(dataset.schema, column)
            require_new(dataset.schema, [output])
        return pairs


class TargetEncoder(Estimator["TargetEncoderModel"], _TargetEncoderParams, Saved):
    """Learns what the label is on average in each category; rows without a label count for nothing.

    >>> from streamcore import Session
    >>> rows = [(0.0, 1.0), (0.0, 0.0), (1.0, 1.0)]
    >>> df = Session.builder.getOrCreate().createDataFrame(rows, ["category", "label"])
    >>> model = TargetEncoder(inputCol="category", outputCol="encoded").fit(df)
    >>> [row.encoded for row in model.transform(df).collect()]
    [0.5, 0.5, 1.0]
    """

    @keyword_only
    def __init__(
        self,
        *,
        inputCols: Sequence[str] | None = None,
        outputCols: Sequence[str] | None = None,
        labelCol: str = "label",
        handleInvalid: str = "error",
        targetType: str = "binary",
        smoothing: float = 0.0,
        inputCol: str | None = None,
        outputCol: str | None = None,
    ) -> None:
        super().__init__()
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        inputCols: Sequence[str] | None = None,
        outputCols: Sequence[str] | None = None,
        labelCol: str = "label",
        handleInvalid: str = "error",
        targetType: str = "binary",
        smoothing: float = 0.0,
        inputCol: str | None = None,
        outputCol: str | None = None,
    ) -> Self:
        """Set parameters."""
        return self._set(**self._input_kwargs)

    def setLabelCol(self, value: str) -> Self:
        """Set `labelCol`."""
        return self._set(labelCol=value)

    def setTargetType(self, value: str) -> Self:
        """Set `targetType`."""
        return self._set(targetType=value)

    def _fit(self, dataset: DataFrame) -> TargetEncoderModel:
        require_numeric(dataset.schema, self.getLabelCol())
        columns = [column for column, _ in self._require_columns(dataset)]
        names = [self.getLabelCol(), *columns]
        inputs = [dataset[quoted(name)].cast("double").alias(f"c{at}") for at, name in enumerate(names)]
        table = dataset.select(*inputs).toArrow()
        labels = table.column(0).to_numpy()  # a null becomes NaN
        has_label = ~np.isnan(labels)
        self._require_labels(labels[has_label])
        return fitted(
            self,
            TargetEncoderModel(
                [
                    statistics_of(_categories(column)[has_label], labels[has_label], binary=self._is_binary())
                    for column in table.columns[1:]
                ]
            ),
        )

    def _require_labels(self, labels: NDArray[np.float64]) -> None:
        if not self._is_binary():
            return
        others = (labels != 0) & (labels != 1)
        if others.any():
            raise QueryExecutionException(
                "[USER_RAISED_EXCEPTION] Labels for TARGET_BINARY must be {0, 1}, but got "
                f"{double_text(float(labels[others][0]))}"
            )


def _categories(column: pa.ChunkedArray) -> NDArray[np.float64]:
    is_null = pc.is_null(column).to_numpy()
    values = column.to_numpy()
    invalid = ~is_null & ~((values >= 0) & (values == np.floor(values)))
    if invalid.any():
        raise QueryExecutionException(
            f"[USER_RAISED_EXCEPTION] Values MUST be non-negative integers, but got "
            f"{double_text(float(values[invalid][0]))}"
        )
    return np.where(is_null, NULL, values)


class TargetEncoderModel(Model, _TargetEncoderParams, Saved):
    """What TargetEncoder has learned: for each column the statistics of its categories."""

    def __init__(self, statistics: Sequence[Statistics]) -> None:
        super().__init__()
        self._statistics = list(statistics)

    def _told(self) -> dict[str, Any]:
        return {
            "handleInvalid": self.getHandleInvalid(),
            "targetType": self.getTargetType(),
            "numInputCols": len(self._statistics),
            "numOutputCols": len(self._statistics),
            "smoothing": self.getSmoothing(),
        }

    def _transform(self, dataset: DataFrame) -> DataFrame:
        pairs = self._require_columns(dataset)
        if len(pairs) != len(self._statistics):
            raise IllegalArgumentException(
                "requirement failed: The number of features does not match the number of encodings in the "
                f"model ({len(self._statistics)}). Found {len(pairs)} features)"
            )
        encodings = [
            encodings_of(known, self.getSmoothing(), binary=self._is_binary()) for known in self._statistics
        ]
        others = tuple(known.pop(ALL) for known in encodings)
        outputs = [
            _field(output, [*known.values(), other])
            for (_, output), known, other in zip(pairs, encodings, others, strict=True)
        ]
        columns = [column for column, _ in pairs]
        keeps = self.getHandleInvalid() == "keep"
        return computed(
            dataset, columns, outputs, Lookup(tuple(columns), tuple(encodings), others if keeps else None)
        )

    def _data(self) -> pa.Table:
        lists = pa.list_(pa.float64())
        return pa.table(
            {
                "index": pa.array(range(len(self._statistics)), pa.int32()),
                "categories": pa.array([list(known) for known in self._statistics], lists),
                "counts": pa.array(
                    [[rows for rows, _ in known.values()] for known in self._statistics], lists
                ),
                "stats": pa.array(
                    [[told for _, told in known.values()] for known in self._statistics], lists
                ),
            }
        )

    @classmethod
    def _of_data(cls, uid: str, data: pa.Table) -> Self:
        rows = sorted(data.to_pylist(), key=lambda row: row["index"])
        return cls(
            [
                dict(zip(row["categories"], zip(row["counts"], row["stats"], strict=True), strict=True))
                for row in rows
            ]
        )


def _field(name: str, encodings: Sequence[float]) -> StructField:
    texts = dict.fromkeys(double_text(encoding) for encoding in encodings)
    return StructField(name, DoubleType(), metadata=nominal(name, tuple(texts)).of_column())
