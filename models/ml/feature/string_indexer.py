"""Strings to the numbers of their labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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
from streamcore.models.ml.param.shared import HasHandleInvalid
from streamcore.models.ml.param.validators import one_of
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.schemas import field_of, require_new
from streamcore.spi.types import DoubleType, FloatType, NumericType, StringType, StructField

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame

UNKNOWN = "__unknown"
"""The label of what was not seen, where that is kept."""


@dataclass(frozen=True)
class IndexStrings:
    """Columns of strings as the numbers of their labels."""

    labels: tuple[tuple[str | None, ...], ...]
    handleInvalid: str

    def __call__(self, rows: pa.Table) -> Computed:
        pairs = list(zip(rows.columns, self.labels, strict=True))
        places = [
            pc.index_in(column, pa.array(labels, column.type), skip_nulls=True) for column, labels in pairs
        ]
        if self.handleInvalid == "error":
            for (column, _), place in zip(pairs, places, strict=True):
                _require_known(column, place)
        kept = None
        if self.handleInvalid == "skip":
            valid = np.logical_and.reduce([pc.is_valid(place).to_numpy() for place in places])
            kept = pa.array(valid)
        filled = [
            pc.fill_null(place, len(labels)) if self.handleInvalid == "keep" else place
            for place, (_, labels) in zip(places, pairs, strict=True)
        ]
        return Computed([pc.cast(place, pa.float64()) for place in filled], kept)


def _require_known(column: pa.ChunkedArray, place: pa.ChunkedArray) -> None:
    if column.null_count:
        raise QueryExecutionException(
            "StringIndexer encountered NULL value. To handle or skip NULLS, try setting "
            "StringIndexer.handleInvalid."
        )
    if place.null_count:
        unseen = column.filter(pc.is_null(place))[0].as_py()
        raise QueryExecutionException(
            f"Unseen label: {unseen}. To handle unseen labels, set Param handleInvalid to keep."
        )


def ordered_labels(counts: Sequence[tuple[str, int]], order: str) -> list[str]:
    """Labels with how often they occur, in one of four orders; the equally frequent by the alphabet.

    >>> ordered_labels([("b", 2), ("c", 1), ("a", 2)], "frequencyDesc")
    ['a', 'b', 'c']
    """
    alphabetical = sorted(counts, reverse=order == "alphabetDesc")
    if order == "frequencyDesc":
        alphabetical.sort(key=lambda pair: -pair[1])
    elif order == "frequencyAsc":
        alphabetical.sort(key=lambda pair: pair[1])
    return [label for label, _ in alphabetical]


class _StringIndexerParams(OneOrSeveralColumns, HasHandleInvalid):
    handleInvalid: Param[str] = Param(
        Params._dummy(),
        "handleInvalid",
        "what happens to null and to labels that were not seen: error, skip (their rows are dropped) or "
        "keep (one label more for all of them).",
        TypeConverters.toString,
        one_of("skip", "error", "keep"),
    )
    stringOrderType: Param[str] = Param(
        Params._dummy(),
        "stringOrderType",
        "the order of labels, of which the first gets 0: frequencyDesc, frequencyAsc, alphabetDesc, "
        "alphabetAsc.",
        TypeConverters.toString,
        one_of("frequencyDesc", "frequencyAsc", "alphabetDesc", "alphabetAsc"),
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(handleInvalid="error", stringOrderType="frequencyDesc")

    def setHandleInvalid(self, value: str) -> Self:
        """Set `handleInvalid`."""
        return self._set(handleInvalid=value)

    def getStringOrderType(self) -> str:
        """The value of `stringOrderType`, or its default."""
        return self.getOrDefault(self.stringOrderType)


def _require_columns(dataset: DataFrame, column: str, output: str) -> None:
    kind = field_of(dataset.schema, column).dataType
    if not isinstance(kind, StringType | NumericType):
        raise IllegalArgumentException(
            f"requirement failed: The input column {column} must be either string type or numeric type, but "
            f"got {type(kind).__name__}."
        )
    require_new(dataset.schema, [output])


class StringIndexer(Estimator["StringIndexerModel"], _StringIndexerParams, Saved):
    """Learns the labels of columns of strings, the most frequent first; numbers count as their text.

    >>> from streamcore import Session
    >>> df = Session.builder.getOrCreate().createDataFrame([("b",), ("a",), ("b",)], ["team"])
    >>> model = StringIndexer(inputCol="team", outputCol="number").fit(df)
    >>> model.labels, [row.number for row in model.transform(df).collect()]
    (['b', 'a'], [0.0, 1.0, 0.0])
    """

    @keyword_only
    def __init__(
        self,
        *,
        inputCol: str | None = None,
        outputCol: str | None = None,
        inputCols: Sequence[str] | None = None,
        outputCols: Sequence[str] | None = None,
        handleInvalid: str = "error",
        stringOrderType: str = "frequencyDesc",
    ) -> None:
        super().__init__()
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        inputCol: str | None = None,
        outputCol: str | None = None,
        inputCols: Sequence[str] | None = None,
        outputCols: Sequence[str] | None = None,
        handleInvalid: str = "error",
        stringOrderType: str = "frequencyDesc",
    ) -> Self:
        """Set parameters."""
        return self._set(**self._input_kwargs)

    def setStringOrderType(self, value: str) -> Self:
        """Set `stringOrderType`."""
        return self._set(stringOrderType=value)

    def _fit(self, dataset: DataFrame) -> StringIndexerModel:
        pairs = self._pairs()
        for column, output in pairs:
            _require_columns(dataset, column, output)
        order = self.getStringOrderType()
        labels = [ordered_labels(_counts(dataset, column), order) for column, _ in pairs]
        return fitted(self, StringIndexerModel(labels))


def _counts(dataset: DataFrame, column: str) -> list[tuple[str, int]]:
    from streamcore.sql import functions as F

    values = dataset[quoted(column)]
    known = dataset.where(values.isNotNull())
    if isinstance(field_of(dataset.schema, column).dataType, DoubleType | FloatType):
        known = known.where(~F.isnan(values))
    label = values.cast("string").alias("label")
    counted = known.select(label).groupBy("label").agg(F.count(F.lit(1)).alias("count")).toArrow()
    return list(zip(counted.column(0).to_pylist(), counted.column(1).to_pylist(), strict=True))


class StringIndexerModel(Model, _StringIndexerParams, Saved):
    """What StringIndexer has learned: the labels of each column, in order."""

    def __init__(self, labelsArray: Sequence[Sequence[str]]) -> None:
        super().__init__()
        self._labels = [list(labels) for labels in labelsArray]

    @classmethod
    def from_labels(
        cls,
        labels: Sequence[str],
        inputCol: str,
        outputCol: str | None = None,
        handleInvalid: str | None = None,
    ) -> Self:
        """A model of these labels."""
        said = {"inputCol": inputCol, "outputCol": outputCol, "handleInvalid": handleInvalid}
        return cls([labels])._said(said)

    @classmethod
    def from_arrays_of_labels(
        cls,
        arrayOfLabels: Sequence[Sequence[str]],
        inputCols: Sequence[str],
        outputCols: Sequence[str] | None = None,
        handleInvalid: str | None = None,
    ) -> Self:
        """A model of several columns, each with its labels."""
        said = {"inputCols": inputCols, "outputCols": outputCols, "handleInvalid": handleInvalid}
        return cls(arrayOfLabels)._said(said)

    def _said(self, values: dict[str, Any]) -> Self:
        return self._set(**{name: value for name, value in values.items() if value is not None})

    @property
    def labels(self) -> list[str]:
        """The labels of the only column, in order."""
        if len(self._labels) != 1:
            raise IllegalArgumentException(
                "requirement failed: This StringIndexerModel is fit on multiple columns. Call `labelsArray` "
                "instead."
            )
        return self._labels[0]

    @property
    def labelsArray(self) -> list[list[str]]:
        """The labels of each column, in order."""
        return self._labels

    def _told(self) -> dict[str, Any]:
        order = {"stringOrderType": self.getStringOrderType()} if self.isSet("stringOrderType") else {}
        return {"handleInvalid": self.getHandleInvalid(), **order, **self._told_columns()}

    def _transform(self, dataset: DataFrame) -> DataFrame:
        known = [
            (column, output, labels)
            for (column, output), labels in zip(self._pairs(), self._labels, strict=True)
            if column in dataset.columns
        ]
        for column, output, _ in known:
            _require_columns(dataset, column, output)
        if not known:
            return dataset
        numbers = [column for column, _, _ in known if not _is_text(dataset, column)]
        texts = [dataset[quoted(name)].cast("string").alias(self._text_name(name)) for name in numbers]
        inputs = [self._text_name(column) if column in numbers else column for column, _, _ in known]
        outputs = [self._field(output, labels) for _, output, labels in known]
        kernel = IndexStrings(tuple(tuple(labels) for _, _, labels in known), self.getHandleInvalid())
        made = computed(dataset.select("*", *texts), inputs, outputs, kernel)
        return made.drop(*map(self._text_name, numbers))

    def _text_name(self, column: str) -> str:
        """The column in which the text of a column of numbers is for a while."""
        return f"{self.uid}__{column}"

    def _field(self, name: str, labels: Sequence[str]) -> StructField:
        vals = [*labels, UNKNOWN] if self.getHandleInvalid() == "keep" else labels
        return StructField(name, DoubleType(), metadata=nominal(name, vals).of_column())

    def _data(self) -> pa.Table:
        return pa.table({"labelsArray": pa.array([self._labels], pa.list_(pa.list_(pa.string())))})

    @classmethod
    def _of_data(cls, uid: str, data: pa.Table) -> Self:
        return cls(data.column("labelsArray")[0].as_py())


def _is_text(dataset: DataFrame, column: str) -> bool:
    return isinstance(field_of(dataset.schema, column).dataType, StringType)
