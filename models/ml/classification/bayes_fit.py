"""Fitting naive Bayes, and predicting with it, over numpy rows."""

from typing import Any, NamedTuple

import numpy as np

from streamcore.errors import QueryExecutionException

KINDS = ("multinomial", "complement", "bernoulli", "gaussian")


class BayesFit(NamedTuple):
    """Logarithms of the classes' shares, and by class and feature: logarithms, or means with variances."""

    kind: str
    pi: np.ndarray
    theta: np.ndarray
    sigma: np.ndarray


def fit_bayes(kind: str, X: Any, y: np.ndarray, weights: np.ndarray | None, smoothing: float) -> BayesFit:
    """Fit to features, labels 0, 1, ... and weights (None: all one)."""
    w = np.ones(len(y)) if weights is None else weights
    _check(kind, X)
    classes = int(y.max()) + 1 if len(y) else 0
    mass = np.bincount(y.astype(np.intp), weights=w, minlength=classes)
    if kind == "gaussian":
        return _gaussian(X, y, w, mass)
    sums = np.vstack([(w * (y == label)) @ X for label in range(classes)])
    pi = np.log(mass + smoothing) - np.log(mass.sum() + smoothing * classes)
    if kind == "complement":
        rest = sums.sum(axis=0) - sums + smoothing
        theta = np.log(sums.sum() - sums.sum(axis=1) + smoothing * X.shape[1])[:, None] - np.log(rest)
        return BayesFit(kind, pi, theta, np.empty((0, 0)))
    total = mass + 2.0 * smoothing if kind == "bernoulli" else sums.sum(axis=1) + smoothing * X.shape[1]
    return BayesFit(kind, pi, np.log(sums + smoothing) - np.log(total)[:, None], np.empty((0, 0)))


def _gaussian(X: Any, y: np.ndarray, w: np.ndarray, mass: np.ndarray) -> BayesFit:
    dense = X if isinstance(X, np.ndarray) else X.toarray()
    rows = [(w * (y == label)) / mass[label] for label in range(len(mass))]
    theta = np.vstack([share @ dense for share in rows])
    sigma = np.vstack([share @ (dense - mean) ** 2 for share, mean in zip(rows, theta, strict=True)])
    overall = w @ dense / w.sum()
    widest = float((w @ (dense - overall) ** 2 / w.sum()).max())
    return BayesFit("gaussian", np.log(mass) - np.log(mass.sum()), theta, sigma + 1e-9 * widest)


def _check(kind: str, X: Any) -> None:
    values = X if isinstance(X, np.ndarray) else X.data
    if kind in ("multinomial", "complement"):
        _require(values >= 0, X, "Vector values MUST NOT be Negative, NaN or Infinity")
    if kind == "bernoulli":
        _require((values == 0) | (values == 1), X, "Vector values MUST be in {0, 1}")


def _require(fine: np.ndarray, X: Any, rule: str) -> None:
    if not fine.all():
        place = int(np.argwhere(~fine)[0][0])
        row = place if isinstance(X, np.ndarray) else int(np.searchsorted(X.indptr, place, side="right")) - 1
        shown = X[row] if isinstance(X, np.ndarray) else X[row].toarray()[0]
        raise QueryExecutionException(f"{rule}, but got [{','.join(map(str, shown.tolist()))}]")


def bayes_scores(fit: BayesFit, X: Any) -> np.ndarray:
    """Logarithms of the joint likelihood of each row (n) and class (k), as far as the classes differ."""
    if fit.kind == "gaussian":
        dense = X if isinstance(X, np.ndarray) else X.toarray()
        away = [
            ((dense - mean) ** 2 / spread).sum(axis=1)
            for mean, spread in zip(fit.theta, fit.sigma, strict=True)
        ]
        return np.asarray(fit.pi - 0.5 * (np.log(fit.sigma).sum(axis=1) + np.column_stack(away)))
    if fit.kind == "bernoulli":
        absent = np.log1p(-np.exp(fit.theta))
        return np.asarray(X @ (fit.theta - absent).T + (fit.pi + absent.sum(axis=1)))
    scores = np.asarray(X @ fit.theta.T)
    return _log_shares(scores) if fit.kind == "complement" else scores + fit.pi


def _log_shares(scores: np.ndarray) -> np.ndarray:
    away = scores - scores.max(axis=1, keepdims=True)
    return np.asarray(away - np.log(np.exp(away).sum(axis=1, keepdims=True)))


def shares_of(scores: np.ndarray) -> np.ndarray:
    """Probabilities of logarithms of likelihoods."""
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))
