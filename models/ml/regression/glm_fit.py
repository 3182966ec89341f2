"""Fitting generalized linear models by iteratively reweighted least squares, over numpy rows."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from streamcore.models.ml.optimize.families import Binomial, Family, Gamma, Gaussian, Poisson, Tweedie
from streamcore.models.ml.optimize.least_squares import LeastSquares, Solution
from streamcore.models.ml.optimize.links import NAMED, Link, Power


class GlmFit(NamedTuple):
    """A fitted model; `inverse_diagonal` as least squares tell it, the intercept last."""

    coefficients: np.ndarray
    intercept: float
    inverse_diagonal: np.ndarray | None
    iterations: int


@dataclass(frozen=True)
class Response:
    """A family and a link: from a linear predictor to the mean of the label."""

    family: Family
    link: Link

    def fitted(self, eta: np.ndarray) -> np.ndarray:
        """The mean of a linear predictor, within the range of the family."""
        return self.family.within(self.link.mean(eta))

    def predictor(self, mu: np.ndarray) -> np.ndarray:
        """The linear predictor of a mean."""
        return self.link.link(self.family.within(mu))


LINKS = {
    "gaussian": ("identity", "log", "inverse"),
    "binomial": ("logit", "probit", "cloglog"),
    "poisson": ("log", "identity", "sqrt"),
    "gamma": ("inverse", "identity", "log"),
}
"""The links of each family, its default one first."""

FAMILIES: dict[str, Family] = {
    "gaussian": Gaussian(),
    "binomial": Binomial(),
    "poisson": Poisson(),
    "gamma": Gamma(),
}


def response_of(family: str, link: str | None, variance_power: float, link_power: float | None) -> Response:
    """The family and link of the params; tweedie's are told by powers, all others by names."""
    if family == "tweedie":
        named = {0.0: "gaussian", 1.0: "poisson", 2.0: "gamma"}.get(variance_power)
        of_power = FAMILIES[named] if named else Tweedie(variance_power)
        if link_power is not None:
            return Response(of_power, _power_link(link_power))
        return Response(of_power, NAMED[LINKS[named][0]] if named else Power(1.0 - variance_power))
    return Response(FAMILIES[family], NAMED[link or LINKS[family][0]])


def _power_link(power: float) -> Link:
    return next(
        (link for link in NAMED.values() if isinstance(link, Power) and link.power == power), Power(power)
    )


@dataclass(frozen=True)
class GlmSettings:
    """The params of GeneralizedLinearRegression which decide its coefficients."""

    response: Response
    intercept: bool = True
    penalty: float = 0.0
    iterations: int = 25
    tolerance: float = 1e-6

    def fit(self, X: Any, y: np.ndarray, weights: np.ndarray | None, offset: np.ndarray | None) -> GlmFit:
        """Fit to features, labels, weights (None: all one) and offsets of the predictor (None: zero)."""
        w = np.ones(len(y)) if weights is None else weights
        shift = np.zeros(len(y)) if offset is None else offset
        first = LeastSquares(intercept=self.intercept, penalty=self.penalty)
        if isinstance(self.response.family, Gaussian) and self.response.link == NAMED["identity"]:
            return _told(first.fit(X, y - shift, w), 1)
        start = self.response.predictor(self.response.family.start(y, w)) - shift
        return self._reweighted(X, y, w, shift, first.fit(X, start, w))

    def _reweighted(self, X: Any, y: np.ndarray, w: np.ndarray, shift: np.ndarray, model: Solution) -> GlmFit:
        squares = LeastSquares(
            intercept=self.intercept, penalty=self.penalty, standardize=False, standardize_label=False
        )
        for iteration in range(1, self.iterations + 1):
            before = model
            model = squares.fit(X, *self._working(X, y, w, shift, before))
            moved = np.abs(model.coefficients - before.coefficients).max(initial=0.0)
            if max(moved, abs(model.intercept - before.intercept)) < self.tolerance:
                return _told(model, iteration)
        return _told(model, self.iterations)

    def _working(
        self, X: Any, y: np.ndarray, w: np.ndarray, shift: np.ndarray, model: Solution
    ) -> tuple[np.ndarray, np.ndarray]:
        """The labels and weights of the least squares that stand for the model near the last coefficients."""
        eta = X @ model.coefficients + model.intercept + shift
        mu = self.response.fitted(eta)
        slope = self.response.link.slope(mu)
        return eta - shift + (y - mu) * slope, w / (slope**2 * self.response.family.variance(mu))


def _told(model: Solution, iterations: int) -> GlmFit:
    return GlmFit(model.coefficients, model.intercept, model.inverse_diagonal, iterations)
