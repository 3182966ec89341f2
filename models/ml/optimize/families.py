"""Families and links of generalized linear models, as Spark (and R) compute them."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from streamcore.errors import IllegalArgumentException, UnsupportedOperationException

EPSILON = 1e-16
"""How near a mean may come to the end of its range."""

Array = np.ndarray


class Family(ABC):
    """How labels spread around their mean."""

    name: str

    @abstractmethod
    def start(self, y: Array, w: Array) -> Array:
        """First means to begin with; IllegalArgumentException for labels that the family does not have."""

    @abstractmethod
    def variance(self, mu: Array) -> Array:
        """The variance of a label by its mean."""

    @abstractmethod
    def deviance(self, y: Array, mu: Array, w: Array) -> Array:
        """The deviance of each row."""

    @abstractmethod
    def aic(self, y: Array, mu: Array, w: Array, deviance: float) -> float:
        """Akaike's criterion, without the two for each coefficient."""

    def within(self, mu: Array) -> Array:
        """The means, moved into the family's range."""
        return mu

    @property
    def has_dispersion(self) -> bool:
        """Whether the dispersion is estimated; it is one otherwise."""
        return True


@dataclass(frozen=True)
class Tweedie(Family):
    """Variance `mu ** power`; powers between 0 and 1 do not exist."""

    power: float
    name: str = "tweedie"

    def start(self, y: Array, w: Array) -> Array:
        if 1 <= self.power < 2:
            _require(y >= 0, y, f"tweedie({self.power}) family should be non-negative")
        if self.power >= 2:
            _require(y > 0, y, f"tweedie({self.power}) family should be positive")
        return np.where(y == 0, 0.1, y)

    def variance(self, mu: Array) -> Array:
        return np.asarray(mu**self.power)

    def deviance(self, y: Array, mu: Array, w: Array) -> Array:
        positive = np.maximum(y, 0.1) if 1 <= self.power < 2 else y
        part = y * _power_mean(positive, mu, 1.0 - self.power) - _power_mean(y, mu, 2.0 - self.power)
        return np.asarray(2.0 * w * part)

    def aic(self, y: Array, mu: Array, w: Array, deviance: float) -> float:
        raise UnsupportedOperationException("No AIC available for the tweedie family")

    def within(self, mu: Array) -> Array:
        return _positive(mu)


@dataclass(frozen=True)
class Gaussian(Family):
    """Normal labels."""

    name: str = "gaussian"

    def start(self, y: Array, w: Array) -> Array:
        return y

    def variance(self, mu: Array) -> Array:
        return np.ones_like(mu)

    def deviance(self, y: Array, mu: Array, w: Array) -> Array:
        return np.asarray(w * (y - mu) ** 2)

    def aic(self, y: Array, mu: Array, w: Array, deviance: float) -> float:
        rows = len(y)
        return float(rows * (np.log(deviance / rows * 2.0 * np.pi) + 1.0) + 2.0 - np.log(w).sum())

    def within(self, mu: Array) -> Array:
        return np.asarray(np.clip(mu, -np.finfo(np.float64).max, np.finfo(np.float64).max))


@dataclass(frozen=True)
class Binomial(Family):
    """Shares of successes among as many trials as the weight says."""

    name: str = "binomial"

    def start(self, y: Array, w: Array) -> Array:
        mu = (w * y + 0.5) / (w + 1.0)
        _require((mu > 0) & (mu < 1), mu, "Binomial family should be in range (0, 1)")
        return np.asarray(mu)

    def variance(self, mu: Array) -> Array:
        return np.asarray(mu * (1.0 - mu))

    def deviance(self, y: Array, mu: Array, w: Array) -> Array:
        return np.asarray(2.0 * w * (_y_log(y, mu) + _y_log(1.0 - y, 1.0 - mu)))

    def aic(self, y: Array, mu: Array, w: Array, deviance: float) -> float:
        from scipy import stats

        trials = np.floor(w + 0.5).astype(np.int64)
        some = trials > 0
        hits = np.floor(y * w + 0.5).astype(np.int64)
        return float(-2.0 * stats.binom.logpmf(hits[some], trials[some], mu[some]).sum())

    def within(self, mu: Array) -> Array:
        return np.asarray(np.clip(mu, EPSILON, 1.0 - EPSILON))

    @property
    def has_dispersion(self) -> bool:
        return False


@dataclass(frozen=True)
class Poisson(Family):
    """Counts."""

    name: str = "poisson"

    def start(self, y: Array, w: Array) -> Array:
        _require(y >= 0, y, "Poisson family should be non-negative")
        return np.asarray(np.maximum(y, 0.1))

    def variance(self, mu: Array) -> Array:
        return mu

    def deviance(self, y: Array, mu: Array, w: Array) -> Array:
        return np.asarray(2.0 * w * (_y_log(y, mu) - (y - mu)))

    def aic(self, y: Array, mu: Array, w: Array, deviance: float) -> float:
        from scipy import stats

        return float(-2.0 * (w * stats.poisson.logpmf(y.astype(np.int64), mu)).sum())

    def within(self, mu: Array) -> Array:
        return _positive(mu)

    @property
    def has_dispersion(self) -> bool:
        return False


@dataclass(frozen=True)
class Gamma(Family):
    """Positive labels whose spread grows with their mean."""

    name: str = "gamma"

    def start(self, y: Array, w: Array) -> Array:
        _require(y > 0, y, "Gamma family should be positive")
        return y

    def variance(self, mu: Array) -> Array:
        return np.asarray(mu * mu)

    def deviance(self, y: Array, mu: Array, w: Array) -> Array:
        return np.asarray(-2.0 * w * (np.log(y / mu) - (y - mu) / mu))

    def aic(self, y: Array, mu: Array, w: Array, deviance: float) -> float:
        from scipy import stats

        dispersion = deviance / w.sum()
        return float(-2.0 * (w * stats.gamma.logpdf(y, 1.0 / dispersion, scale=mu * dispersion)).sum() + 2.0)

    def within(self, mu: Array) -> Array:
        return _positive(mu)


def _positive(mu: Array) -> Array:
    return np.where(mu < EPSILON, EPSILON, np.where(np.isinf(mu), np.finfo(np.float64).max, mu))


def _require(fine: Array, y: Array, rule: str) -> None:
    """Refuse labels which the family does not have, with the first of them."""
    if not fine.all():
        raise IllegalArgumentException(
            f"requirement failed: The response variable of {rule}, but got {y[~fine][0]}"
        )


def _y_log(y: Array, mu: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(y == 0, 0.0, y * np.log(y / mu))


def _power_mean(y: Array, mu: Array, power: float) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.log(y / mu) if power == 0 else (y**power - mu**power) / power)
