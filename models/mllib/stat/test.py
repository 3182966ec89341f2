"""What hypothesis tests answer, under PySpark's name."""

from __future__ import annotations

from streamcore.models.mllib.stat.results import ChiSqTestResult, KolmogorovSmirnovTestResult, TestResult

__all__ = ["ChiSqTestResult", "KolmogorovSmirnovTestResult", "TestResult"]
