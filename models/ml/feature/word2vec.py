"""Vectors of words, and of texts as the mean of those of their words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.base import Estimator, Model
from streamcore.models.ml.columns import Computed, computed
from streamcore.models.ml.feature.fitting import fitted
from streamcore.models.ml.feature.inputs import VECTOR, holds_strings, require
from streamcore.models.ml.feature.kinds import joined
from streamcore.models.ml.feature.one_column import OneColumn
from streamcore.models.ml.feature.skip_gram import Floats, SkipGramSettings, learn
from streamcore.models.ml.feature.terms import Lists, lists
from streamcore.models.ml.linalg import Vector
from streamcore.models.ml.matrices import named, sparse_vectors, vectors_of
from streamcore.models.ml.param import Param, Params, TypeConverters, keyword_only
from streamcore.models.ml.param.shared import HasMaxIter, HasSeed, HasStepSize
from streamcore.models.ml.param.validators import at_least, greater
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.schemas import field_of
from streamcore.models.ml.stat.significance import frame_of_columns
from streamcore.spi.types import DoubleType, StringType, StructField

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame


@dataclass(frozen=True)
class MeanVectors:
    """Arrays of words as the mean of their vectors; words without one count as zeros."""

    column: str
    words: pa.Array
    vectors: Floats

    def __call__(self, rows: pa.Table) -> Computed:
        """The mean of each row; an empty sparse vector where there is no word."""
        found = lists(rows.column(0), self.column, "Word2VecModel")
        places = pc.index_in(found.values, self.words)
        known = pc.is_valid(places).to_numpy(zero_copy_only=False)
        kept = found.where(known)
        sums = np.zeros((rows.num_rows, self.vectors.shape[1]))
        met = np.flatnonzero(kept.lengths)
        if len(met):
            taken = self.vectors[places.drop_null().to_numpy(zero_copy_only=False)].astype(np.float64)
            sums[met] = np.add.reduceat(taken, kept.offsets[met], axis=0)
        return Computed([_means(sums, found)])


class _Word2VecParams(HasStepSize, HasMaxIter, HasSeed, OneColumn):
    """The parameters of Word2Vec and of its model."""

    vectorSize: Param[int] = Param(
        Params._dummy(), "vectorSize", "how many numbers a vector has (> 0)",
        TypeConverters.toInt, greater(0),
    )  # fmt: skip
    numPartitions: Param[int] = Param(
        Params._dummy(), "numPartitions", "how many parts Spark trains side by side (> 0)",
        TypeConverters.toInt, greater(0),
    )  # fmt: skip
    minCount: Param[int] = Param(
        Params._dummy(), "minCount", "how often a word must occur to be in the vocabulary (>= 0)",
        TypeConverters.toInt, at_least(0),
    )  # fmt: skip
    windowSize: Param[int] = Param(
        Params._dummy(), "windowSize", "how far a word reaches to both sides (> 0)",
        TypeConverters.toInt, greater(0),
    )  # fmt: skip
    maxSentenceLength: Param[int] = Param(
        Params._dummy(), "maxSentenceLength", "after how many words a sentence is cut (> 0)",
        TypeConverters.toInt, greater(0),
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(vectorSize=100, minCount=5, numPartitions=1, stepSize=0.025, maxIter=1)
        self._setDefault(windowSize=5, maxSentenceLength=1000)

    def getVectorSize(self) -> int:
        """The value of `vectorSize`, or its default."""
        return self.getOrDefault(self.vectorSize)

    def getNumPartitions(self) -> int:
        """The value of `numPartitions`, or its default."""
        return self.getOrDefault(self.numPartitions)

    def getMinCount(self) -> int:
        """The value of `minCount`, or its default."""
        return self.getOrDefault(self.minCount)

    def getWindowSize(self) -> int:
        """The value of `windowSize`, or its default."""
        return self.getOrDefault(self.windowSize)

    def getMaxSentenceLength(self) -> int:
        """The value of `maxSentenceLength`, or its default."""
        return self.getOrDefault(self.maxSentenceLength)

    def _require_words(self, dataset: DataFrame) -> None:
        kind = field_of(dataset.schema, self.getInputCol()).dataType
        require(
            holds_strings(kind),
            f"Column {self.getInputCol()} must be of type equal to one of the following types: "
            f"[array<string>, array<string>] but was actually of type {kind.simpleString()}.",
        )


class Word2Vec(Estimator["Word2VecModel"], _Word2VecParams, Saved):
    """Learns a vector for each word: words that stand among the same words get vectors that are alike.

    It is Spark's model, skip-gram with hierarchical softmax. Text is learnt in batches from random numbers of
    our own, so that vectors agree with Spark's in kind. `numPartitions` says to Spark into how many parts it
    may cut the text to be faster and less exact; it is never cut here.

    >>> from streamcore import Session
    >>> text = [("king queen crown".split() * 40,), ("apple pear plum".split() * 40,)]
    >>> rows = Session.builder.getOrCreate().createDataFrame(text, "words array<string>")
    >>> model = Word2Vec(vectorSize=8, maxIter=20, seed=1, inputCol="words", outputCol="vector").fit(rows)
    >>> sorted(word for word, _ in model.findSynonymsArray("apple", 2))
    ['pear', 'plum']
    """

    @keyword_only
    def __init__(
        self,
        *,
        vectorSize: int = 100,
        minCount: int = 5,
        numPartitions: int = 1,
        stepSize: float = 0.025,
        maxIter: int = 1,
        seed: int | None = None,
        inputCol: str | None = None,
        outputCol: str | None = None,
        windowSize: int = 5,
        maxSentenceLength: int = 1000,
    ) -> None:
        super().__init__()
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        vectorSize: int = 100,
        minCount: int = 5,
        numPartitions: int = 1,
        stepSize: float = 0.025,
        maxIter: int = 1,
        seed: int | None = None,
        inputCol: str | None = None,
        outputCol: str | None = None,
        windowSize: int = 5,
        maxSentenceLength: int = 1000,
    ) -> Self:
        """Set parameters by keyword."""
        return self._set(**self._input_kwargs)

    def setVectorSize(self, value: int) -> Self:
        """Set `vectorSize`."""
        return self._set(vectorSize=value)

    def setNumPartitions(self, value: int) -> Self:
        """Set `numPartitions`."""
        return self._set(numPartitions=value)

    def setMinCount(self, value: int) -> Self:
        """Set `minCount`."""
        return self._set(minCount=value)

    def setWindowSize(self, value: int) -> Self:
        """Set `windowSize`."""
        return self._set(windowSize=value)

    def setMaxSentenceLength(self, value: int) -> Self:
        """Set `maxSentenceLength`."""
        return self._set(maxSentenceLength=value)

    def setMaxIter(self, value: int) -> Self:
        """Set `maxIter`."""
        return self._set(maxIter=value)

    def setSeed(self, value: int) -> Self:
        """Set `seed`."""
        return self._set(seed=value)

    def setStepSize(self, value: float) -> Self:
        """Set `stepSize`."""
        return self._set(stepSize=value)

    def _fit(self, dataset: DataFrame) -> Word2VecModel:
        self._require_words(dataset)
        column = dataset.select(named(dataset, self.getInputCol())).toArrow().column(0)
        settings = SkipGramSettings(
            vectorSize=self.getVectorSize(),
            windowSize=self.getWindowSize(),
            maxIter=self.getMaxIter(),
            stepSize=self.getStepSize(),
            maxSentenceLength=self.getMaxSentenceLength(),
            seed=self.getSeed(),
        )
        found = vectors_of_words(column, self.getMinCount(), settings, self.getInputCol())
        return fitted(self, Word2VecModel(*found))


class Word2VecModel(Model, _Word2VecParams, Saved):
    """Has a vector for each word of a vocabulary."""

    def __init__(self, words: pa.Array | None = None, vectors: Floats | None = None) -> None:
        super().__init__()
        self._words = pa.array([], pa.string()) if words is None else words
        self._vectors = np.empty((0, 0), np.float32) if vectors is None else vectors

    def __repr__(self) -> str:
        words, size = self._vectors.shape
        return f"Word2VecModel: uid={self.uid}, numWords={words}, vectorSize={size}"

    def getVectors(self) -> DataFrame:
        """The words with their vectors."""
        from streamcore.sql.session import Session

        columns = {"word": (self._words, StringType()), "vector": (vectors_of(self._vectors), VECTOR)}
        return frame_of_columns(Session.active(), columns)

    def findSynonyms(self, word: str | Vector, num: int) -> DataFrame:
        """As `findSynonymsArray`, in a DataFrame of `word` and `similarity`."""
        from streamcore.sql.session import Session

        found = self.findSynonymsArray(word, num)
        columns = {
            "word": (pa.array([name for name, _ in found], pa.string()), StringType()),
            "similarity": (pa.array([alike for _, alike in found], pa.float64()), DoubleType()),
        }
        return frame_of_columns(Session.active(), columns)

    def findSynonymsArray(self, word: str | Vector, num: int) -> list[tuple[str, float]]:
        """The words whose vectors are most like that of a word, or like a vector, with their similarities.

        A word is not its own synonym. The similarity is the cosine of the angle.
        """
        require(num > 0, "Number of similar words should > 0")
        own = self._place(word) if isinstance(word, str) else None
        wanted = np.array(word.toArray(), np.float32) if isinstance(word, Vector) else self._vectors[own]
        lengths = np.linalg.norm(self._vectors, axis=1) * np.linalg.norm(wanted)
        alike = (self._vectors @ wanted) / np.where(lengths > 0, lengths, 1)
        order = [int(at) for at in np.argsort(-alike, kind="stable") if at != own][:num]
        return [(self._words[at].as_py(), float(alike[at])) for at in order]

    def _place(self, word: str) -> int:
        place = pc.index(self._words, word).as_py()
        if place < 0:
            raise IllegalArgumentException(f"{word} not in vocabulary")
        return int(place)

    def _transform(self, dataset: DataFrame) -> DataFrame:
        self._require_words(dataset)
        metadata = {"ml_attr": {"num_attrs": self._vectors.shape[1]}}
        output = StructField(self.getOutputCol(), VECTOR, metadata=metadata)
        function = MeanVectors(self.getInputCol(), self._words, self._vectors)
        return computed(dataset, [self.getInputCol()], [output], function)

    def _data(self) -> pa.Table:
        vectors = pa.array(list(self._vectors), pa.list_(pa.float32()))
        return pa.table({"word": self._words, "vector": vectors})

    @classmethod
    def _of_data(cls, uid: str, data: pa.Table) -> Self:
        vectors = np.array(data.column("vector").to_pylist(), np.float32)
        return cls(data.column("word").combine_chunks(), vectors)


def vectors_of_words(
    sentences: pa.Array | pa.ChunkedArray, least: int, settings: SkipGramSettings, column: str = "sentences"
) -> tuple[pa.Array, Floats]:
    """The words that occur at least so often in a column of sentences, and the vector of each."""
    words = lists(sentences, column, "Word2Vec")
    known = _vocabulary(words, least)
    require(
        len(known) > 0,
        "The vocabulary size should be > 0. You may need to check the setting of minCount, which could "
        "be large enough to remove all your words in sentences.",
    )
    places = pc.index_in(words.values, known)
    met = pc.is_valid(places).to_numpy(zero_copy_only=False)
    codes = places.drop_null().to_numpy(zero_copy_only=False).astype(np.int64)
    return known, learn(codes, words.rows[met], np.bincount(codes, minlength=len(known)), settings)


def _vocabulary(words: Lists, least: int) -> pa.Array:
    """The words that occur often enough, the most frequent first."""
    counted = words.values.value_counts()
    names, counts = counted.field("values"), counted.field("counts").to_numpy()
    order = [at for at in np.argsort(-counts, kind="stable") if counts[at] >= least and names[at].is_valid]
    return names.take(pa.array(order, pa.int64()))


def _means(sums: np.ndarray[tuple[int, int], np.dtype[np.float64]], words: Lists) -> pa.Array:
    """Sums by the number of words; empty sparse vectors where there are none."""
    filled, empty = np.flatnonzero(words.lengths), np.flatnonzero(words.lengths == 0)
    means = vectors_of(sums[filled] / words.lengths[filled, np.newaxis])
    none = sparse_vectors(sums.shape[1], np.zeros(len(empty) + 1), np.empty(0), np.empty(0))
    return joined([(filled, means), (empty, none)], len(sums))
