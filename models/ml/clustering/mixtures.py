"""Mixtures of normal distributions, by expectation and maximization."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.clustering.distances import Numbers, parts
from streamcore.models.ml.stat.gaussian import Density

_EPSILON = 2.0**-52
_SAMPLES = 5
"""How many rows each distribution starts from."""
_STARTS, _TRIED_FOR, _TRIED_ON = 8, 10, 10_000
"""How many starts are tried, for how many iterations, and on how many rows."""


@dataclass(frozen=True)
class Mixture:
    """Weights, means and covariances."""

    weights: Numbers
    means: Numbers
    covariances: Numbers

    def densities(self) -> list[Density]:
        """The density of each distribution."""
        return [Density.of(mean, cov) for mean, cov in zip(self.means, self.covariances, strict=True)]


@dataclass(frozen=True)
class FittedMixture:
    """A mixture, how well it explains the rows that it was fitted to, and how many iterations that took."""

    mixture: Mixture
    log_likelihood: float
    iterations: int


def fit_mixture(
    rows: Numbers,
    weights: Numbers | None,
    k: int,
    max_iterations: int,
    tolerance: float,
    seed: int,
    begin: Mixture | None = None,
) -> FittedMixture:
    """The mixture of `k` distributions, until the likelihood rises no more.

    It is looked for from `begin`, and without that from a start at random.
    """
    weighed = np.ones(len(rows)) if weights is None else weights
    met = weighed > 0
    rows, weighed = (rows, weighed) if met.all() else (rows[met], weighed[met])
    random = np.random.default_rng(seed & 0xFFFFFFFFFFFFFFFF)
    mixture = start(rows, weighed, k, random) if begin is None else begin
    likelihood, before, done = -sys.float_info.max, 0.0, 0
    while done < max_iterations and abs(likelihood - before) > tolerance:
        before = likelihood
        mixture, likelihood = _improved(mixture, rows, weighed)
        done += 1
    return FittedMixture(mixture, likelihood, done)


def start(rows: Numbers, weights: Numbers, k: int, random: np.random.Generator) -> Mixture:
    """Of some mixtures at random the one that explains rows best after a few iterations.

    They are tried on some of the rows when there are many. What a single start leads to depends much on luck.
    """
    drawn = random.choice(len(rows), _TRIED_ON, replace=False) if len(rows) > _TRIED_ON else slice(None)
    some, mass = rows[drawn], weights[drawn]
    starts = [_at_random(some, mass, k, random) for _ in range(_STARTS)]
    return max(starts, key=lambda mixture: _promise(mixture, some, mass))


def _promise(mixture: Mixture, rows: Numbers, weights: Numbers) -> float:
    """How well a mixture comes to explain rows; the least where a distribution shrinks to a point."""
    likelihood = -np.inf
    try:
        for _ in range(_TRIED_FOR):
            mixture, likelihood = _improved(mixture, rows, weights)
    except IllegalArgumentException:
        return -np.inf
    return likelihood


def _at_random(rows: Numbers, weights: Numbers, k: int, random: np.random.Generator) -> Mixture:
    """A mixture whose distributions have the mean and the variances of a few rows each."""
    drawn = random.integers(len(rows), size=(k, _SAMPLES))
    share = weights[drawn]
    totals = share.sum(axis=1)
    means = np.einsum("ks,ksd->kd", share, rows[drawn]) / totals[:, np.newaxis]
    apart = np.square(rows[drawn] - means[:, np.newaxis])
    variances = np.einsum("ks,ksd->kd", share, apart) / totals[:, np.newaxis]
    covariances = np.zeros((k, rows.shape[1], rows.shape[1]))
    covariances[:, np.arange(rows.shape[1]), np.arange(rows.shape[1])] = variances
    return Mixture(totals / totals.sum(), means, covariances)


def responsibilities(weights: Numbers, densities: list[Density], rows: Numbers) -> tuple[Numbers, Numbers]:
    """For each row how probable each distribution is, and the likelihood of the row."""
    found = np.stack([np.exp(density.logs(rows)) for density in densities], axis=1) * weights + _EPSILON
    totals = found.sum(axis=1)
    return found / totals[:, np.newaxis], totals


def _improved(mixture: Mixture, rows: Numbers, weights: Numbers) -> tuple[Mixture, float]:
    densities = mixture.densities()
    shares, likelihoods = np.empty((len(rows), len(densities))), np.empty(len(rows))
    for part in parts(len(rows)):
        shares[part], likelihoods[part] = responsibilities(mixture.weights, densities, rows[part])
    shares *= weights[:, np.newaxis]
    totals = shares.sum(axis=0)
    means = (shares.T @ rows) / totals[:, np.newaxis]
    covariances = np.empty_like(mixture.covariances)
    for at, mean in enumerate(means):
        apart = rows - mean
        covariances[at] = (apart * shares[:, at, np.newaxis]).T @ apart / totals[at]
    return Mixture(totals / totals.sum(), means, covariances), float(np.log(likelihoods) @ weights)
