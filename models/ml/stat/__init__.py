"""Statistics of columns, and tests of them."""

from __future__ import annotations

from streamcore.models.ml.stat.correlation import Correlation
from streamcore.models.ml.stat.gaussian import MultivariateGaussian
from streamcore.models.ml.stat.significance import ChiSquareTest, KolmogorovSmirnovTest
from streamcore.models.ml.stat.summarizer import Summarizer, SummaryBuilder

__all__ = [
    "ChiSquareTest",
    "Correlation",
    "KolmogorovSmirnovTest",
    "MultivariateGaussian",
    "Summarizer",
    "SummaryBuilder",
]
