"""Latent Dirichlet allocation over an RDD of documents."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.clustering.lda_models import load_assignments, save_assignments
from streamcore.models.ml.clustering.topics import OnlineSettings, Topics, learn_online
from streamcore.models.ml.clustering.topics_em import Assignments, learn_by_em
from streamcore.models.ml.needs import needed
from streamcore.models.ml.persistence import staged
from streamcore.models.mllib.points import features_of
from streamcore.models.mllib.saving import Loader, Saveable
from streamcore.storage.locations import local_folder

if TYPE_CHECKING:
    from streamcore.context import Context
    from streamcore.rdd.rdd import RDD

_AUTO = -1.0
_OFFSET, _DECAY, _SUBSAMPLING = 1024.0, 0.51, 0.05
"""What Spark's online optimizer takes for the steps and the samples."""


class LDAModel(Saveable, Loader):
    """Topics over the terms of a vocabulary."""

    def __init__(self, topics: Topics, assignments: Assignments | None = None) -> None:
        self._topics, self._assignments = topics, assignments

    def topicsMatrix(self) -> np.ndarray:
        """How much of each term is in each topic, a column for each topic."""
        return self._topics.terms

    def vocabSize(self) -> int:
        """How many terms there are."""
        return len(self._topics.terms)

    def describeTopics(self, maxTermsPerTopic: int | None = None) -> list[tuple[list[int], list[float]]]:
        """For each topic its terms, those that are most of it first, and how much they are."""
        shares = self._topics.shares
        order = np.argsort(-shares, axis=0, kind="stable")[:maxTermsPerTopic].T
        return [(terms.tolist(), shares[terms, topic].tolist()) for topic, terms in enumerate(order)]

    def save(self, sc: Context, path: str) -> None:
        """Save what `optimizer="em"` has found; that of "online" is refused."""
        if self._assignments is None:
            raise IllegalArgumentException(
                'a model of optimizer="online" is not saved from here: use LDA of pyspark.ml.clustering'
            )
        with staged(path, overwrite=False) as folder:
            save_assignments(folder, self._assignments)

    @classmethod
    def load(cls, sc: Context, path: str) -> Self:
        """The model that was saved to a folder."""
        found = load_assignments(Path(local_folder(path)))
        return cls(found.topics, found)


class LDA:
    """Learns topics, by expectation and maximization ("em") or from samples ("online").

    >>> from streamcore import Context
    >>> documents = [[0, [4.0, 0.0]], [1, [5.0, 0.0]], [2, [0.0, 9.0]]]
    >>> LDA.train(Context.getOrCreate().parallelize(documents), k=2, seed=1).vocabSize()
    2
    """

    @classmethod
    def train(
        cls,
        rdd: RDD[Any],
        k: int = 10,
        maxIterations: int = 20,
        docConcentration: float = _AUTO,
        topicConcentration: float = _AUTO,
        seed: int | None = None,
        checkpointInterval: int = 10,
        optimizer: str = "em",
    ) -> LDAModel:
        """Train on (number, counts of terms).

        Training is one computation in memory: it writes no checkpoints, whatever `checkpointInterval` is.
        """
        drawn = secrets.randbits(63) if seed is None else seed
        documents = needed("scipy.sparse", "LDA").csr_matrix(features_of(rdd.map(_counts)))
        if not documents.shape[0] or (documents.data < 0).any():
            raise IllegalArgumentException("LDA needs documents, whose counts of terms are not negative")
        if optimizer.lower() == "em":
            alpha = _above_one("docConcentration", docConcentration, 50 / k + 1)
            eta = _above_one("topicConcentration", topicConcentration, 1.1)
            found = learn_by_em(documents, k, alpha, eta, maxIterations, drawn)
            return LDAModel(found.topics, found)
        if optimizer.lower() != "online":
            raise IllegalArgumentException(f"Only em, online are supported but got {optimizer}.")
        alpha = _not_negative("docConcentration", docConcentration, 1 / k)
        eta = _not_negative("topicConcentration", topicConcentration, 1 / k)
        settings = OnlineSettings(
            k=k,
            maxIter=maxIterations,
            learningOffset=_OFFSET,
            learningDecay=_DECAY,
            subsamplingRate=_SUBSAMPLING,
            optimizeDocConcentration=False,
            seed=drawn,
        )
        return LDAModel(learn_online(documents, np.full(k, alpha), eta, settings))


def _counts(document: Any) -> Any:
    _, counts = document
    return counts


def _above_one(name: str, value: float, automatic: float) -> float:
    if value != _AUTO and value <= 1:
        raise IllegalArgumentException(
            f"requirement failed: LDA {name} must be > 1.0 (or -1 for auto) for EM Optimizer, but was set to "
            f"{value}"
        )
    return automatic if value == _AUTO else value


def _not_negative(name: str, value: float, automatic: float) -> float:
    if value != _AUTO and value < 0:
        raise IllegalArgumentException(
            f"requirement failed: LDA {name} must be >= 0 (or -1 for auto), but was set to {value}"
        )
    return automatic if value == _AUTO else value
