"""Vectors of words over RDDs of sentences."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.feature.skip_gram import SkipGramSettings
from streamcore.models.ml.feature.word2vec import Word2VecModel as Known
from streamcore.models.ml.feature.word2vec import vectors_of_words
from streamcore.models.mllib.linalg import DenseVector, Vector
from streamcore.models.mllib.linalg.vectors import vector_of
from streamcore.models.mllib.saving import SavedModel
from streamcore.rdd.rdd import RDD

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyarrow as pa

_SENTENCE = 1000
"""At how many words Spark cuts sentences."""


class Word2VecModel(SavedModel):
    """Has a vector for each word of a vocabulary."""

    def __init__(self, words: pa.Array, vectors: np.ndarray) -> None:
        self._words, self._vectors = words, vectors

    def transform(self, word: str) -> Vector:
        """The vector of a word; ValueError for one that is not known."""
        place = self._words.index(word).as_py()
        if place < 0:
            raise ValueError(f"{word} not found")
        return DenseVector(self._vectors[place])

    def findSynonyms(self, word: Any, num: int) -> Iterable[tuple[str, float]]:
        """The words most like a word, or like a vector, with the cosines of the angles between them."""
        wanted = word if isinstance(word, str) else vector_of(word)
        return iter(Known(self._words, self._vectors).findSynonymsArray(wanted, num))

    def getVectors(self) -> dict[str, list[float]]:
        """The vector of each word."""
        return dict(zip(self._words.to_pylist(), self._vectors.tolist(), strict=True))

    def _about(self) -> dict[str, Any]:
        words, size = self._vectors.shape
        return {"vectorSize": size, "numWords": words}

    def _table(self) -> pa.Table:
        import pyarrow as pa

        vectors = pa.array(list(self._vectors), pa.list_(pa.float32()))
        return pa.table({"word": self._words, "vector": vectors})

    @classmethod
    def _of(cls, metadata: dict[str, Any], table: pa.Table) -> Self:
        vectors = np.array(table.column("vector").to_pylist(), np.float32)
        return cls(table.column("word").combine_chunks(), vectors)


class Word2Vec:
    """Learns vectors of words by the skip-gram model.

    >>> from streamcore import Context
    >>> sentences = Context.getOrCreate().parallelize([["a", "b"]] * 5)
    >>> model = Word2Vec().setVectorSize(3).setSeed(1).fit(sentences)
    >>> [word for word, _ in model.findSynonyms("a", 1)]
    ['b']
    """

    def __init__(self) -> None:
        self.vectorSize = 100
        self.learningRate = 0.025
        self.numPartitions = 1
        self.numIterations = 1
        self.seed: int | None = None
        self.minCount = 5
        self.windowSize = 5

    def setVectorSize(self, vectorSize: int) -> Self:
        """How long vectors are."""
        self.vectorSize = vectorSize
        return self

    def setLearningRate(self, learningRate: float) -> Self:
        """How far the first steps go."""
        self.learningRate = learningRate
        return self

    def setNumPartitions(self, numPartitions: int) -> Self:
        """Only 1: all sentences are learnt from in turn, which is what Spark says is most exact."""
        if numPartitions != 1:
            raise IllegalArgumentException(
                f"numPartitions is {numPartitions}, but Word2Vec learns from all at once: leave it 1"
            )
        self.numPartitions = numPartitions
        return self

    def setNumIterations(self, numIterations: int) -> Self:
        """How often all sentences are learnt from."""
        self.numIterations = numIterations
        return self

    def setSeed(self, seed: int) -> Self:
        """Makes training repeatable."""
        self.seed = seed
        return self

    def setMinCount(self, minCount: int) -> Self:
        """How often a word occurs at least, to have a vector."""
        self.minCount = minCount
        return self

    def setWindowSize(self, windowSize: int) -> Self:
        """How far words may be apart."""
        self.windowSize = windowSize
        return self

    def fit(self, data: RDD[Any]) -> Word2VecModel:
        """Learn from an RDD of sentences (lists of words)."""
        import pyarrow as pa

        if not isinstance(data, RDD):
            raise TypeError("data should be an RDD of list of string")
        sentences = pa.array(data.map(list).collect(), pa.list_(pa.string()))
        found = vectors_of_words(sentences, self.minCount, self._settings())
        return Word2VecModel(*found)

    def _settings(self) -> SkipGramSettings:
        return SkipGramSettings(
            vectorSize=int(self.vectorSize),
            windowSize=int(self.windowSize),
            maxIter=int(self.numIterations),
            stepSize=float(self.learningRate),
            maxSentenceLength=_SENTENCE,
            seed=secrets.randbits(63) if self.seed is None else self.seed,
        )
