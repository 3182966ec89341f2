"""Latent Dirichlet allocation by variational inference (Hoffman, Blei and Bach, 2010)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from streamcore.models.ml.clustering.distances import Numbers, Rows
from streamcore.models.ml.needs import needed

GAMMA_SHAPE = 100.0
_CHANGE, _LEAST = 1e-3, 1e-100


@dataclass(frozen=True)
class Topics:
    """Topics over terms: `terms[w, k]` is how much of term `w` is in topic `k`."""

    terms: Numbers
    alpha: Numbers
    eta: float

    @property
    def shares(self) -> Numbers:
        """For each topic the distribution of its terms, a column for each topic."""
        shares: Numbers = self.terms / self.terms.sum(axis=0)
        return shares


@dataclass(frozen=True)
class OnlineSettings:
    """How topics are learnt from samples of the documents; the names are Spark's."""

    k: int
    maxIter: int
    learningOffset: float
    learningDecay: float
    subsamplingRate: float
    optimizeDocConcentration: bool
    seed: int


def learn_online(documents: Rows, alpha: Numbers, eta: float, settings: OnlineSettings) -> Topics:
    """Topics of documents (counts of terms), from a sample of them in each iteration."""
    random = np.random.default_rng(settings.seed & 0xFFFFFFFFFFFFFFFF)
    count, vocabulary = documents.shape
    terms = random.gamma(GAMMA_SHAPE, 1 / GAMMA_SHAPE, size=(vocabulary, settings.k))
    met, batch_size = 0, math.ceil(settings.subsamplingRate * count)
    for _ in range(settings.maxIter):
        drawn = np.repeat(np.arange(count), random.poisson(settings.subsamplingRate, count))
        batch = documents[drawn]
        batch = batch[np.diff(batch.indptr) > 0]
        if not batch.shape[0]:
            continue
        met += 1
        weight = (settings.learningOffset + met) ** -settings.learningDecay
        beta = np.exp(expectation(terms.T).T)
        gamma = inferred(batch, beta, alpha)
        found = _statistics(batch, beta, gamma) * beta
        terms = (1 - weight) * terms + weight * (found * (count / batch_size) + eta)
        if settings.optimizeDocConcentration:
            alpha = _better(alpha, gamma, weight)
    return Topics(terms, alpha, eta)


def distributions(documents: Rows, topics: Topics) -> Numbers:
    """The share of each topic in each document; zeros for a document without terms."""
    gamma = inferred(documents, np.exp(expectation(topics.terms.T).T), topics.alpha)
    shares: Numbers = gamma / gamma.sum(axis=1, keepdims=True)
    shares[np.diff(documents.indptr) == 0] = 0
    return shares


def likelihood_bound(documents: Rows, topics: Topics) -> float:
    """A lower bound of the log-likelihood of documents: equation 16 of the paper."""
    special: Any = needed("scipy.special", "LDA")
    lgamma, alpha, eta = special.gammaln, topics.alpha, topics.eta
    known = documents[np.diff(documents.indptr) > 0]
    log_beta = expectation(topics.terms.T).T
    gamma = inferred(known, np.exp(log_beta), alpha)
    log_theta = expectation(gamma)
    rows = np.repeat(np.arange(known.shape[0]), np.diff(known.indptr))
    of_tokens = special.logsumexp(log_theta[rows] + log_beta[known.indices], axis=1)
    of_documents = ((alpha - gamma) * log_theta).sum() + (lgamma(gamma) - lgamma(alpha)).sum()
    of_documents += (lgamma(alpha.sum()) - lgamma(gamma.sum(axis=1))).sum()
    of_topics = ((eta - topics.terms) * log_beta).sum() + (lgamma(topics.terms) - lgamma(eta)).sum()
    of_topics += (lgamma(eta * len(topics.terms)) - lgamma(topics.terms.sum(axis=0))).sum()
    return float(known.data @ of_tokens + of_documents + of_topics)


def inferred(documents: Rows, beta: Numbers, alpha: Numbers) -> Numbers:
    """The parameters of each document's distribution of topics, each until it changes no more.

    Every document starts from ones, so that what comes out for it depends on it alone.
    """
    gamma = np.ones((documents.shape[0], len(alpha)))
    active = np.arange(documents.shape[0])
    while len(active):
        part, before = documents[active], gamma[active]
        theta = np.exp(expectation(before))
        after = theta * (_by_norm(part, beta, theta) @ beta) + alpha
        gamma[active] = after
        active = active[np.abs(after - before).mean(axis=1) > _CHANGE]
    return gamma


def expectation(parameters: Numbers) -> Numbers:
    """The expected logarithm of a draw from Dirichlet distributions, one in each row."""
    special: Any = needed("scipy.special", "LDA")
    found: Numbers = special.psi(parameters) - special.psi(parameters.sum(axis=-1, keepdims=True))
    return found


def _by_norm(documents: Rows, beta: Numbers, theta: Numbers) -> Rows:
    """The counts of terms, each by how probable the term is in its document."""
    sparse: Any = needed("scipy.sparse", "LDA")
    rows = np.repeat(np.arange(documents.shape[0]), np.diff(documents.indptr))
    norms = np.einsum("nk,nk->n", theta[rows], beta[documents.indices]) + _LEAST
    found = (documents.data / norms, documents.indices, documents.indptr)
    return sparse.csr_matrix(found, shape=documents.shape)


def _statistics(documents: Rows, beta: Numbers, gamma: Numbers) -> Numbers:
    theta = np.exp(expectation(gamma))
    return np.asarray(_by_norm(documents, beta, theta).T @ theta)


def _better(alpha: Numbers, gamma: Numbers, weight: float) -> Numbers:
    """The prior of documents after a step of Newton's method; unchanged where that would leave its domain."""
    special: Any = needed("scipy.special", "LDA")
    count = len(gamma)
    gradient = count * (expectation(gamma).mean(axis=0) - expectation(alpha))
    curved = count * special.polygamma(1, alpha.sum())
    diagonal = -count * special.polygamma(1, alpha)
    shared = (gradient / diagonal).sum() / (1 / curved + (1 / diagonal).sum())
    moved: Numbers = alpha + weight * -(gradient - shared) / diagonal
    return moved if (moved > 0).all() else alpha
