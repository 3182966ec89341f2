"""Latent Dirichlet allocation by expectation and maximization, over every term of every document."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from streamcore.jvm.spark_draws import java_uniforms
from streamcore.models.ml.clustering.distances import Numbers, Rows
from streamcore.models.ml.clustering.topics import Topics

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Assignments:
    """How often topics were met: of every document and of every term, and the counts behind that."""

    documents: Ids
    terms: Ids
    counts: Numbers
    """Of each pair of a document and a term how often it occurs."""
    of_documents: Numbers
    of_terms: Numbers
    alpha: float
    eta: float

    @property
    def topics(self) -> Topics:
        """What is left without the documents."""
        return Topics(self.of_terms, np.full(self.of_terms.shape[1], self.alpha), self.eta)

    def log_likelihood(self) -> float:
        """The log-likelihood of the documents by the topics and by their shares in each document."""
        terms, documents = self._smoothed()
        probable = np.einsum("nk,nk->n", terms[self.terms], documents[self.documents])
        return float(self.counts @ np.log(probable))

    def log_prior(self) -> float:
        """The log-probability of topics and shares by what was assumed of them."""
        terms, documents = self._smoothed()
        met = np.unique(self.terms), np.unique(self.documents)
        of_terms = (self.eta - 1) * np.log(terms[met[0]]).sum()
        return float(of_terms + (self.alpha - 1) * np.log(documents[met[1]]).sum())

    def _smoothed(self) -> tuple[Numbers, Numbers]:
        """Terms by topic, and topics by document."""
        less = self.eta - 1
        terms = (self.of_terms + less) / (self.of_terms.sum(axis=0) + len(self.of_terms) * less)
        documents = self.of_documents + (self.alpha - 1)
        return terms, documents / documents.sum(axis=1, keepdims=True)


def learn_by_em(documents: Rows, k: int, alpha: float, eta: float, iterations: int, seed: int) -> Assignments:
    """Topics of documents (counts of terms), after so many iterations from a start at random.

    The start is that of Spark for documents in one partition, and so is what comes of it.
    """
    rows = np.repeat(np.arange(documents.shape[0]), np.diff(documents.indptr)).astype(np.int64)
    terms, counts = documents.indices.astype(np.int64), documents.data
    shares = java_uniforms(seed, len(counts) * k).reshape(-1, k)
    shares *= (counts / shares.sum(axis=1))[:, np.newaxis]
    found = _summed(rows, terms, counts, shares, documents.shape, alpha, eta)
    for _ in range(iterations):
        by_term = (found.of_terms + eta - 1) / (found.of_terms.sum(axis=0) + documents.shape[1] * (eta - 1))
        shares = by_term[terms] * (found.of_documents + alpha - 1)[rows]
        shares *= (counts / shares.sum(axis=1))[:, np.newaxis]
        found = _summed(rows, terms, counts, shares, documents.shape, alpha, eta)
    return found


def _summed(
    rows: Ids, terms: Ids, counts: Numbers, shares: Numbers, shape: tuple[int, int], alpha: float, eta: float
) -> Assignments:
    return Assignments(
        rows, terms, counts, _by(rows, shares, shape[0]), _by(terms, shares, shape[1]), alpha, eta
    )


def _by(places: Ids, shares: Numbers, count: int) -> Numbers:
    return np.stack([np.bincount(places, column, minlength=count) for column in shares.T], axis=1)
