"""Losses of linear models: of margins and labels, their sum and their slopes."""

from dataclasses import dataclass

import numpy as np

from streamcore.models.ml.optimize.design import Part

Weights = np.ndarray | None


def logistic(margins: np.ndarray, labels: np.ndarray, weights: Weights, _: float) -> Part:
    """Log-loss of labels 0 and 1 where the margin is the log-odds of 1."""
    near = np.exp(-np.abs(margins))
    losses = np.log1p(near) + np.maximum(margins, 0.0)
    losses -= labels * margins
    slopes = np.where(margins >= 0, 1.0, near) / (1.0 + near) - labels
    return _weighted(losses, slopes, weights)


def softmax(margins: np.ndarray, labels: np.ndarray, weights: Weights, _: float) -> Part:
    """Log-loss of labels 0, 1, ... where each class has a margin."""
    rows = np.arange(len(labels))
    at = labels.astype(np.intp)
    highest = margins.max(axis=1, keepdims=True)
    shares = np.exp(margins - highest)
    sums = shares.sum(axis=1, keepdims=True)
    losses = np.log(sums[:, 0]) + highest[:, 0] - margins[rows, at]
    shares /= sums
    shares[rows, at] -= 1.0
    return _weighted(losses, shares, weights)


def hinge(margins: np.ndarray, labels: np.ndarray, weights: Weights, _: float) -> Part:
    """How far a margin of a label 0 or 1 is from the right side."""
    signs = 2.0 * labels - 1.0
    losses = 1.0 - signs * margins
    wrong = losses > 0
    return _weighted(np.where(wrong, losses, 0.0), np.where(wrong, -signs, 0.0), weights)


def squared(margins: np.ndarray, labels: np.ndarray, weights: Weights, _: float) -> Part:
    """Half of the squared difference."""
    away = margins - labels
    return _weighted(0.5 * away * away, away, weights)


@dataclass(frozen=True)
class Huber:
    """Owen's (2007) robust loss: squared near the label, linear beyond `epsilon` times a fitted scale."""

    epsilon: float

    def __call__(self, margins: np.ndarray, labels: np.ndarray, weights: Weights, scale: float) -> Part:
        away = np.asarray(margins - labels)
        with np.errstate(over="ignore"):  # far away of a tiny scale the line counts, not the square
            return self._part(away, weights, scale)

    def _part(self, away: np.ndarray, weights: Weights, scale: float) -> Part:
        near = np.abs(away) <= scale * self.epsilon
        side = np.sign(away)
        squares = 0.5 * (scale + away * away / scale)
        lines = 0.5 * (scale + 2.0 * self.epsilon * np.abs(away) - scale * self.epsilon**2)
        slopes = np.where(near, away / scale, self.epsilon * side)
        bends = np.where(near, 0.5 * (1.0 - (away / scale) ** 2), 0.5 * (1.0 - self.epsilon**2))
        part = _weighted(np.where(near, squares, lines), slopes, weights)
        return part._replace(shape_slope=float(bends.sum() if weights is None else weights @ bends))


def weibull(margins: np.ndarray, labels: np.ndarray, weights: Weights, log_scale: float) -> Part:
    """Minus the log-likelihood of accelerated failure times; labels are (log of time, whether it is seen)."""
    scale = np.exp(log_scale)
    away = (labels[:, 0] - margins) / scale
    seen = labels[:, 1]
    grown = np.exp(away)
    losses = grown - seen * (away - log_scale)
    slopes = (seen - grown) / scale
    part = _weighted(losses, slopes, weights)
    bends = seen + (seen - grown) * away
    return part._replace(shape_slope=float(bends.sum() if weights is None else weights @ bends))


def _weighted(losses: np.ndarray, slopes: np.ndarray, weights: Weights) -> Part:
    if weights is None:
        return Part(float(losses.sum()), slopes)
    return Part(float(weights @ losses), slopes * (weights[:, None] if slopes.ndim == 2 else weights))
