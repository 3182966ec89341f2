"""Terms and columns as vectors, each in the place that its hash says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from streamcore.jvm.murmur3 import hash_column, hash_texts, places_of
from streamcore.models.ml.base import Transformer
from streamcore.models.ml.columns import Computed, computed
from streamcore.models.ml.feature.inputs import VECTOR, require
from streamcore.models.ml.feature.one_column import OneColumn
from streamcore.models.ml.feature.sparse_rows import counted, summed, vectors_by_row
from streamcore.models.ml.feature.terms import lists
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.param.shared import HasInputCols, HasNumFeatures, HasOutputCol
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.schemas import field_of
from streamcore.spi.cast_text import double_text
from streamcore.spi.types import ArrayType, BooleanType, NumericType, StringType, StructField

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame


@dataclass(frozen=True)
class TermCounts:
    """Arrays of terms as vectors that count the terms of each place."""

    column: str
    size: int
    binary: bool

    def __call__(self, rows: pa.Table) -> Computed:
        """The vector of each row."""
        terms = lists(rows.column(0), self.column, "HashingTF")
        coded = terms.values.dictionary_encode(null_encoding="encode")
        places = places_of(hash_column(coded.dictionary), self.size)
        found = places[coded.indices.to_numpy(zero_copy_only=False)]
        at, indices, counts = counted(terms.rows, found, self.size)
        values = np.ones(len(counts)) if self.binary else counts
        return Computed([vectors_by_row(rows.num_rows, self.size, at, indices, values)])


@dataclass(frozen=True)
class ColumnHashes:
    """Columns as one vector: numbers as they are, categories as ones."""

    columns: tuple[str, ...]
    categorical: frozenset[str]
    size: int

    def __call__(self, rows: pa.Table) -> Computed:
        """The vector of each row, to which its nulls add nothing."""
        parts = [self._entries(rows.column(at), name) for at, name in enumerate(self.columns)]
        entries = [np.concatenate(part) for part in zip(*parts, strict=True)]
        found = summed(entries[0], entries[1], entries[2].astype(np.float64), self.size)
        return Computed([vectors_by_row(rows.num_rows, self.size, *found)])

    def _entries(self, column: pa.ChunkedArray, name: str) -> tuple[npt.NDArray[Any], ...]:
        at = np.flatnonzero(pc.is_valid(column).to_numpy())
        present = column.drop_null().combine_chunks()
        if name not in self.categorical and not _is_category(column.type):
            index = places_of(hash_texts(pa.array([name])), self.size)[0]
            values = present.cast(pa.float64()).to_numpy(zero_copy_only=False)
            return at, np.full(len(at), index), values
        coded = present.dictionary_encode()
        told = pa.array(
            [f"{name}={_text(value, column.type)}" for value in coded.dictionary.to_pylist()], pa.string()
        )
        places = places_of(hash_texts(told), self.size)
        return at, places[coded.indices.to_numpy(zero_copy_only=False)], np.ones(len(at))


class HashingTF(OneColumn, HasNumFeatures, Transformer, Saved):
    """Counts terms in vectors; a term's place is its hash (MurmurHash3), the same as Spark's.

    >>> from streamcore import Session
    >>> rows = Session.builder.getOrCreate().createDataFrame([(["a", "b", "a"],)], "words array<string>")
    >>> HashingTF(inputCol="words", outputCol="counts", numFeatures=10).transform(rows).head().counts
    SparseVector(10, {5: 1.0, 7: 2.0})
    """

    binary: Param[bool] = Param(
        Params._dummy(), "binary", "whether every count above zero becomes one", TypeConverters.toBoolean
    )

    @keyword_only
    def __init__(
        self,
        *,
        numFeatures: int = 1 << 18,
        binary: bool = False,
        inputCol: str | None = None,
        outputCol: str | None = None,
    ) -> None:
        super().__init__()
        self._setDefault(numFeatures=1 << 18, binary=False)
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        numFeatures: int = 1 << 18,
        binary: bool = False,
        inputCol: str | None = None,
        outputCol: str | None = None,
    ) -> Self:
        """Set parameters by keyword."""
        return self._set(**self._input_kwargs)

    def setNumFeatures(self, value: int) -> Self:
        """Set `numFeatures`."""
        return self._set(numFeatures=value)

    def setBinary(self, value: bool) -> Self:
        """Set `binary`."""
        return self._set(binary=value)

    def getBinary(self) -> bool:
        """Whether every count above zero becomes one."""
        return self.getOrDefault(self.binary)

    def indexOf(self, term: Any) -> int:
        """The place of a term: of text, a number, a boolean, or None.

        >>> HashingTF(numFeatures=10).indexOf("b")
        5
        """
        return int(places_of(hash_column(pa.array([term], _type_of(term))), self.getNumFeatures())[0])

    def _transform(self, dataset: DataFrame) -> DataFrame:
        kind = field_of(dataset.schema, self.getInputCol()).dataType
        require(
            isinstance(kind, ArrayType), f"The input column must be array, but got {kind.simpleString()}."
        )
        output = StructField(self.getOutputCol(), VECTOR, metadata=_sized(self.getNumFeatures()))
        function = TermCounts(self.getInputCol(), self.getNumFeatures(), self.getBinary())
        return computed(dataset, [self.getInputCol()], [output], function)


class FeatureHasher(HasInputCols, HasOutputCol, HasNumFeatures, Transformer, Saved):
    """Makes one vector of columns: a number in the place of its column's name, and one for `name=category`.

    Text and booleans are categories, and so are the numbers of `categoricalCols`. The places are Spark's.

    >>> from streamcore import Session
    >>> rows = Session.builder.getOrCreate().createDataFrame([(2.0, True)], "real double, bool boolean")
    >>> FeatureHasher(inputCols=["real", "bool"], outputCol="features").transform(rows).head().features
    SparseVector(262144, {174475: 2.0, 247670: 1.0})
    """

    categoricalCols: Param[list[str]] = Param(
        Params._dummy(),
        "categoricalCols",
        "columns of numbers that are categories",
        TypeConverters.toListString,
    )

    @keyword_only
    def __init__(
        self,
        *,
        numFeatures: int = 1 << 18,
        inputCols: list[str] | None = None,
        outputCol: str | None = None,
        categoricalCols: list[str] | None = None,
    ) -> None:
        super().__init__()
        self._setDefault(numFeatures=1 << 18)
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        numFeatures: int = 1 << 18,
        inputCols: list[str] | None = None,
        outputCol: str | None = None,
        categoricalCols: list[str] | None = None,
    ) -> Self:
        """Set parameters by keyword."""
        return self._set(**self._input_kwargs)

    def setCategoricalCols(self, value: list[str]) -> Self:
        """Set `categoricalCols`."""
        return self._set(categoricalCols=value)

    def getCategoricalCols(self) -> list[str]:
        """The columns of numbers that are categories."""
        return self.getOrDefault(self.categoricalCols)

    def setInputCols(self, value: list[str]) -> Self:
        """Set `inputCols`."""
        return self._set(inputCols=value)

    def setOutputCol(self, value: str) -> Self:
        """Set `outputCol`."""
        return self._set(outputCol=value)

    def setNumFeatures(self, value: int) -> Self:
        """Set `numFeatures`."""
        return self._set(numFeatures=value)

    def _transform(self, dataset: DataFrame) -> DataFrame:
        columns = self.getInputCols()
        for name in columns:
            kind = field_of(dataset.schema, name).dataType
            require(
                isinstance(kind, NumericType | BooleanType | StringType),
                "FeatureHasher requires columns to be of numeric, boolean or string. "
                f"Column {name} was {kind.simpleString()}",
            )
        categorical = self.getCategoricalCols() if self.isSet("categoricalCols") else []
        function = ColumnHashes(tuple(columns), frozenset(categorical), self.getNumFeatures())
        output = StructField(self.getOutputCol(), VECTOR, metadata=_sized(self.getNumFeatures()))
        return computed(dataset, columns, [output], function)


def _sized(size: int) -> dict[str, Any]:
    return {"ml_attr": {"num_attrs": size}}


def _is_category(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_boolean(kind))


def _text(value: Any, kind: pa.DataType) -> str:
    """A category as Java writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return double_text(value, 32 if pa.types.is_float32(kind) else 64)
    return str(value)


def _type_of(term: Any) -> pa.DataType:
    """The type of a term as Java would get it from Python: a small whole number is an int."""
    if isinstance(term, int) and not isinstance(term, bool):
        return pa.int32() if -(2**31) <= term < 2**31 else pa.int64()
    return pa.string() if term is None else None
