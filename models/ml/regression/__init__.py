"""Regressors."""

from __future__ import annotations

from streamcore.models.ml.regression.base import RegressionModel, Regressor

__all__ = ["RegressionModel", "Regressor"]
