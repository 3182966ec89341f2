"""Distributions."""

from __future__ import annotations

from streamcore.models.mllib.stat.density import MultivariateGaussian

__all__ = ["MultivariateGaussian"]
