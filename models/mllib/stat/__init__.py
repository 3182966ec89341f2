"""Statistics over RDDs."""

from __future__ import annotations

from streamcore.models.mllib.stat.density import KernelDensity, MultivariateGaussian
from streamcore.models.mllib.stat.results import ChiSqTestResult, KolmogorovSmirnovTestResult
from streamcore.models.mllib.stat.statistics import MultivariateStatisticalSummary, Statistics

__all__ = [
    "ChiSqTestResult",
    "KernelDensity",
    "KolmogorovSmirnovTestResult",
    "MultivariateGaussian",
    "MultivariateStatisticalSummary",
    "Statistics",
]
