"""Arrays of words as counts by a vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from streamcore.errors import QueryExecutionException
from streamcore.models.ml.base import Estimator, Model
from streamcore.models.ml.columns import Computed, computed
from streamcore.models.ml.feature.fitting import fitted
from streamcore.models.ml.feature.inputs import VECTOR, holds_strings, require
from streamcore.models.ml.feature.one_column import OneColumn
from streamcore.models.ml.feature.sparse_rows import counted, vectors_by_row
from streamcore.models.ml.feature.terms import Lists, lists
from streamcore.models.ml.matrices import named
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.param.validators import at_least, greater
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.schemas import field_of
from streamcore.spi.types import StructField

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame

_MOST = float(2**63 - 1)


@dataclass(frozen=True)
class WordCounts:
    """Arrays of words as vectors that count the words of a vocabulary."""

    column: str
    vocabulary: tuple[str, ...]
    least: float
    binary: bool

    def __call__(self, rows: pa.Table) -> Computed:
        """The vector of each row."""
        words = lists(rows.column(0), self.column, "CountVectorizerModel")
        found = pc.index_in(words.values, pa.array(self.vocabulary, pa.string()))
        known = pc.is_valid(found).to_numpy(zero_copy_only=False)
        places = found.drop_null().to_numpy(zero_copy_only=False)
        at, indices, counts = counted(words.rows[known], places, len(self.vocabulary))
        least = self.least if self.least >= 1 else self.least * words.lengths[at]
        kept = counts >= least
        values = np.ones(int(kept.sum())) if self.binary else counts[kept]
        size = len(self.vocabulary)
        return Computed([vectors_by_row(rows.num_rows, size, at[kept], indices[kept], values)])


def vocabulary_of(words: Lists, least_rows: float, most_rows: float, size: int) -> list[str]:
    """The words that are in as many rows as asked: frequent ones first, then in the order of text.

    Numbers of rows below one are shares of all rows.
    """
    rows = len(words.lengths)
    least = least_rows if least_rows >= 1 else least_rows * rows
    most = most_rows if most_rows >= 1 else most_rows * rows
    require(most >= least, "maxDF must be >= minDF.")
    coded = words.values.dictionary_encode()
    if coded.null_count:
        raise QueryExecutionException("[FAILED_EXECUTE_UDF] CountVectorizer found a null among the words")
    codes = coded.indices.to_numpy(zero_copy_only=False)
    known = coded.dictionary.to_pylist()
    counts = np.bincount(codes, minlength=len(known))
    _, of_rows, _ = counted(words.rows, codes, len(known))
    in_rows = np.bincount(of_rows, minlength=len(known))
    admitted = np.flatnonzero((in_rows >= least) & (in_rows <= most))
    order = sorted(admitted, key=lambda at: (-counts[at], known[at].encode("utf-16-be")))
    return [known[at] for at in order[:size]]


class _CountVectorizerParams(OneColumn):
    """The parameters of CountVectorizer and of its model."""

    minTF: Param[float] = Param(
        Params._dummy(), "minTF",
        "how often a word must occur in a row to be counted there; below 1: which share of the row's words",
        TypeConverters.toFloat, at_least(0),
    )  # fmt: skip
    minDF: Param[float] = Param(
        Params._dummy(), "minDF", "in how many rows a word must be at least; below 1: in which share",
        TypeConverters.toFloat, at_least(0),
    )  # fmt: skip
    maxDF: Param[float] = Param(
        Params._dummy(), "maxDF", "in how many rows a word may be at most; below 1: in which share",
        TypeConverters.toFloat, at_least(0),
    )  # fmt: skip
    vocabSize: Param[int] = Param(
        Params._dummy(),
        "vocabSize",
        "how many words the vocabulary has at most",
        TypeConverters.toInt,
        greater(0),
    )
    binary: Param[bool] = Param(
        Params._dummy(), "binary", "whether every count above zero becomes one", TypeConverters.toBoolean
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(minTF=1.0, minDF=1.0, maxDF=_MOST, vocabSize=1 << 18, binary=False)

    def getMinTF(self) -> float:
        """How often a word must occur in a row to be counted there."""
        return self.getOrDefault(self.minTF)

    def getMinDF(self) -> float:
        """In how many rows a word of the vocabulary is at least."""
        return self.getOrDefault(self.minDF)

    def getMaxDF(self) -> float:
        """In how many rows a word of the vocabulary is at most."""
        return self.getOrDefault(self.maxDF)

    def getVocabSize(self) -> int:
        """How many words the vocabulary has at most."""
        return self.getOrDefault(self.vocabSize)

    def getBinary(self) -> bool:
        """Whether every count above zero becomes one."""
        return self.getOrDefault(self.binary)

    def setMinTF(self, value: float) -> Self:
        """Set `minTF`."""
        return self._set(minTF=value)

    def setBinary(self, value: bool) -> Self:
        """Set `binary`."""
        return self._set(binary=value)

    def _require_words(self, dataset: DataFrame) -> None:
        kind = field_of(dataset.schema, self.getInputCol()).dataType
        require(
            holds_strings(kind),
            f"Column {self.getInputCol()} must be of type equal to one of the following types: "
            f"[array<string>, array<string>] but was actually of type {kind.simpleString()}.",
        )


class CountVectorizer(Estimator["CountVectorizerModel"], _CountVectorizerParams, Saved):
    """Learns a vocabulary from arrays of words.

    >>> from streamcore import Session
    >>> rows = Session.builder.getOrCreate().createDataFrame([(["b", "a", "b"],)], "words array<string>")
    >>> model = CountVectorizer(inputCol="words", outputCol="counts").fit(rows)
    >>> model.vocabulary, model.transform(rows).head().counts
    (['b', 'a'], SparseVector(2, {0: 2.0, 1: 1.0}))
    """

    @keyword_only
    def __init__(
        self,
        *,
        minTF: float = 1.0,
        minDF: float = 1.0,
        maxDF: float = _MOST,
        vocabSize: int = 1 << 18,
        binary: bool = False,
        inputCol: str | None = None,
        outputCol: str | None = None,
    ) -> None:
        super().__init__()
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        minTF: float = 1.0,
        minDF: float = 1.0,
        maxDF: float = _MOST,
        vocabSize: int = 1 << 18,
        binary: bool = False,
        inputCol: str | None = None,
        outputCol: str | None = None,
    ) -> Self:
        """Set parameters by keyword."""
        return self._set(**self._input_kwargs)

    def setMinDF(self, value: float) -> Self:
        """Set `minDF`."""
        return self._set(minDF=value)

    def setMaxDF(self, value: float) -> Self:
        """Set `maxDF`."""
        return self._set(maxDF=value)

    def setVocabSize(self, value: int) -> Self:
        """Set `vocabSize`."""
        return self._set(vocabSize=value)

    def _fit(self, dataset: DataFrame) -> CountVectorizerModel:
        self._require_words(dataset)
        column = dataset.select(named(dataset, self.getInputCol())).toArrow().column(0)
        words = lists(column, self.getInputCol(), "CountVectorizer")
        found = vocabulary_of(words, self.getMinDF(), self.getMaxDF(), self.getVocabSize())
        return fitted(self, CountVectorizerModel(found))


class CountVectorizerModel(Model, _CountVectorizerParams, Saved):
    """Counts the words of a vocabulary."""

    def __init__(self, vocabulary: Sequence[str] = ()) -> None:
        super().__init__()
        self._vocabulary = tuple(vocabulary)

    def __repr__(self) -> str:
        return f"CountVectorizerModel: uid={self.uid}, vocabularySize={len(self._vocabulary)}"

    @property
    def vocabulary(self) -> list[str]:
        """The words, in the order of their places."""
        return list(self._vocabulary)

    @classmethod
    def from_vocabulary(
        cls,
        vocabulary: list[str],
        inputCol: str,
        outputCol: str | None = None,
        minTF: float | None = None,
        binary: bool | None = None,
    ) -> CountVectorizerModel:
        """The model of a vocabulary that is known already, whose words differ."""
        if not vocabulary:
            raise ValueError("Vocabulary list cannot be empty")
        require(len(set(vocabulary)) == len(vocabulary), "The vocabulary has a word twice.")
        given: dict[str, Any] = {"outputCol": outputCol, "minTF": minTF, "binary": binary}
        model = cls(vocabulary)._set(inputCol=inputCol, vocabSize=len(vocabulary))
        return model._set(**{name: value for name, value in given.items() if value is not None})

    def _transform(self, dataset: DataFrame) -> DataFrame:
        self._require_words(dataset)
        metadata = {"ml_attr": {"num_attrs": len(self._vocabulary), "attrs": {}}}
        output = StructField(self.getOutputCol(), VECTOR, metadata=metadata)
        function = WordCounts(self.getInputCol(), self._vocabulary, self.getMinTF(), self.getBinary())
        return computed(dataset, [self.getInputCol()], [output], function)

    def _data(self) -> pa.Table:
        return pa.table({"vocabulary": pa.array([self.vocabulary], pa.list_(pa.string()))})

    @classmethod
    def _of_data(cls, uid: str, data: pa.Table) -> Self:
        return cls(data.column("vocabulary")[0].as_py())
