"""How well a generalized linear model fits: deviance, dispersion, residuals, Akaike's criterion."""

from dataclasses import dataclass

import numpy as np

from streamcore.models.ml.regression.glm_fit import GlmSettings, Response


@dataclass(frozen=True)
class GlmMeasures:
    """Labels, fitted means, weights and offsets of the rows, and the model's size."""

    response: Response
    y: np.ndarray
    mu: np.ndarray
    w: np.ndarray
    offset: np.ndarray | None
    intercept: bool
    rank: int

    @property
    def degrees(self) -> int:
        """Residual degrees of freedom."""
        return len(self.y) - self.rank

    @property
    def deviance(self) -> float:
        """The deviance of the model."""
        return float(self.response.family.deviance(self.y, self.mu, self.w).sum())

    @property
    def null_deviance(self) -> float:
        """The deviance of a model which knows no features."""
        return float(self.response.family.deviance(self.y, self._null(), self.w).sum())

    def _null(self) -> np.ndarray:
        shift = np.zeros(len(self.y)) if self.offset is None else self.offset
        if not self.intercept:
            return np.asarray(self.response.link.mean(shift))
        if self.offset is None:
            return np.full(len(self.y), np.average(self.y, weights=self.w))
        empty = np.zeros((len(self.y), 0))
        alone = GlmSettings(self.response).fit(empty, self.y, self.w, shift)
        return self.response.fitted(alone.intercept + shift)

    @property
    def dispersion(self) -> float:
        """One for counts and successes, estimated from Pearson's residuals for all others."""
        if not self.response.family.has_dispersion:
            return 1.0
        return float((self.residuals("pearson") ** 2).sum() / self.degrees)

    @property
    def aic(self) -> float:
        """Akaike's information criterion."""
        return self.response.family.aic(self.y, self.mu, self.w, self.deviance) + 2 * self.rank

    def residuals(self, kind: str) -> np.ndarray:
        """One per row: "deviance", "pearson", "working" or "response"."""
        away = self.y - self.mu
        if kind == "deviance":
            parts = np.maximum(self.response.family.deviance(self.y, self.mu, self.w), 0.0)
            return np.asarray(np.where(self.y > self.mu, 1.0, -1.0) * np.sqrt(parts))
        if kind == "pearson":
            return np.asarray(away * np.sqrt(self.w) / np.sqrt(self.response.family.variance(self.mu)))
        if kind == "working":
            return np.asarray(away * self.response.link.slope(self.mu))
        return np.asarray(away)
