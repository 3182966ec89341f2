"""How often terms are met in documents, and how much each tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.feature.idf import frequencies, inverse
from streamcore.models.mllib.feature.vectors import VectorTransformer, require_size, with_entries
from streamcore.models.mllib.linalg import DenseVector, Vector, Vectors
from streamcore.models.mllib.points import features_of
from streamcore.rdd.partitioner import portable_hash
from streamcore.rdd.rdd import RDD

if TYPE_CHECKING:
    from collections.abc import Hashable

    import numpy as np


class HashingTF:
    """Counts terms at places that their hash says.

    The hash is Python's with PYTHONHASHSEED=0, which Spark's workers have: the same in all processes.

    >>> HashingTF(100).transform("a a b".split()).values.tolist()
    [2.0, 1.0]
    """

    def __init__(self, numFeatures: int = 1 << 20) -> None:
        self.numFeatures = numFeatures
        self.binary = False

    def setBinary(self, value: bool) -> Self:
        """Whether terms that occur count 1, however often they do."""
        self.binary = value
        return self

    def indexOf(self, term: Hashable) -> int:
        """The place of a term."""
        return portable_hash(term) % self.numFeatures

    def transform(self, document: Any) -> Any:
        """The counts of a document (terms), or an RDD of those of an RDD of documents."""
        if isinstance(document, RDD):
            return document.map(self.transform)
        counts: dict[int, float] = {}
        for term in document:
            place = self.indexOf(term)
            counts[place] = 1.0 if self.binary else counts.get(place, 0.0) + 1.0
        return Vectors.sparse(self.numFeatures, sorted(counts.items()))


class IDFModel(VectorTransformer):
    """Weighs counts of terms by the inverse of the number of documents that have these."""

    def __init__(self, idf: np.ndarray, docFreq: np.ndarray, numDocs: int) -> None:
        self._idf, self._doc_freq, self._num_docs = idf, docFreq, numDocs

    def idf(self) -> Vector:
        """The weight of each term."""
        return DenseVector(self._idf)

    def docFreq(self) -> list[int]:
        """In how many documents each term is."""
        return [int(count) for count in self._doc_freq]

    def numDocs(self) -> int:
        """How many documents there were."""
        return self._num_docs

    def _of(self, vector: Vector) -> Vector:
        require_size(vector, len(self._idf), "the model")
        return with_entries(vector, lambda values, places: values * self._idf[places])


class IDF:
    """Learns in how many documents each term is; one in fewer than `minDocFreq` weighs nothing.

    >>> from streamcore import Context
    >>> counts = Context.getOrCreate().parallelize([[1.0, 2.0], [0.0, 1.0]])
    >>> IDF().fit(counts).idf()
    DenseVector([0.4055, 0.0])
    """

    def __init__(self, minDocFreq: int = 0) -> None:
        self.minDocFreq = minDocFreq

    def fit(self, dataset: RDD[Any]) -> IDFModel:
        """Learn from an RDD of counts of terms."""
        if not isinstance(dataset, RDD):
            raise TypeError("dataset should be an RDD of term frequency vectors")
        rows = features_of(dataset)
        if not rows.shape[0]:
            raise IllegalArgumentException("Haven't seen any document yet.")
        return IDFModel(*inverse(frequencies(rows), rows.shape[0], self.minDocFreq), rows.shape[0])
