"""Link functions: what of the mean is linear in the features."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

Array = np.ndarray


class Link(ABC):
    """A link, its derivative and its inverse."""

    name: str

    @abstractmethod
    def link(self, mu: Array) -> Array:
        """The linear predictor of a mean."""

    @abstractmethod
    def slope(self, mu: Array) -> Array:
        """The derivative of the link."""

    @abstractmethod
    def mean(self, eta: Array) -> Array:
        """The mean of a linear predictor."""


@dataclass(frozen=True)
class Power(Link):
    """`mu ** power`, and the logarithm for a power of zero: tweedie's links, and some with names."""

    power: float
    name: str = "power"

    def link(self, mu: Array) -> Array:
        return np.log(mu) if self.power == 0.0 else np.asarray(mu**self.power)

    def slope(self, mu: Array) -> Array:
        return np.asarray(1.0 / mu if self.power == 0.0 else self.power * mu ** (self.power - 1.0))

    def mean(self, eta: Array) -> Array:
        return np.exp(eta) if self.power == 0.0 else np.asarray(eta ** (1.0 / self.power))


@dataclass(frozen=True)
class Logit(Link):
    """The logarithm of the odds."""

    name: str = "logit"

    def link(self, mu: Array) -> Array:
        return np.log(mu / (1.0 - mu))

    def slope(self, mu: Array) -> Array:
        return np.asarray(1.0 / (mu * (1.0 - mu)))

    def mean(self, eta: Array) -> Array:
        with np.errstate(over="ignore"):
            return np.asarray(1.0 / (1.0 + np.exp(-eta)))


@dataclass(frozen=True)
class Probit(Link):
    """The quantile of the normal distribution."""

    name: str = "probit"

    def link(self, mu: Array) -> Array:
        from scipy import special

        return np.asarray(special.ndtri(mu))

    def slope(self, mu: Array) -> Array:
        from scipy import stats

        return np.asarray(1.0 / stats.norm.pdf(self.link(mu)))

    def mean(self, eta: Array) -> Array:
        from scipy import special

        return np.asarray(special.ndtr(eta))


@dataclass(frozen=True)
class CLogLog(Link):
    """The logarithm of minus the logarithm of the complement."""

    name: str = "cloglog"

    def link(self, mu: Array) -> Array:
        return np.log(-np.log(1.0 - mu))

    def slope(self, mu: Array) -> Array:
        return np.asarray(1.0 / ((mu - 1.0) * np.log(1.0 - mu)))

    def mean(self, eta: Array) -> Array:
        return np.asarray(1.0 - np.exp(-np.exp(eta)))


NAMED: dict[str, Link] = {
    "identity": Power(1.0, "identity"),
    "log": Power(0.0, "log"),
    "inverse": Power(-1.0, "inverse"),
    "sqrt": Power(0.5, "sqrt"),
    "logit": Logit(),
    "probit": Probit(),
    "cloglog": CLogLog(),
}
"""The links that have a name."""
