"""What hypothesis tests answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from streamcore.spi.cast_text import double_text

DF = TypeVar("DF")

_PRESUMPTIONS = (
    (0.01, "Very strong presumption"), (0.05, "Strong presumption"), (0.1, "Low presumption"),
)  # fmt: skip


@dataclass(frozen=True)
class TestResult(Generic[DF]):
    """A statistic, its degrees of freedom, and how probable one as extreme is under the null hypothesis."""

    __test__: ClassVar[bool] = False  # no test of pytest

    pValue: float
    degreesOfFreedom: DF
    statistic: float
    nullHypothesis: str

    def __str__(self) -> str:
        return (
            f"{self._heading()}{self._numbers()}\npValue = {double_text(self.pValue)} \n{self._presumption()}"
        )

    def _heading(self) -> str:
        return ""

    def _numbers(self) -> str:
        return f"degrees of freedom = {self.degreesOfFreedom} \nstatistic = {double_text(self.statistic)} "

    def _presumption(self) -> str:
        for limit, text in _PRESUMPTIONS:
            if self.pValue <= limit:
                return f"{text} against null hypothesis: {self.nullHypothesis}."
        return f"No presumption against null hypothesis: {self.nullHypothesis}."


@dataclass(frozen=True)
class ChiSqTestResult(TestResult[int]):
    """The answer of Pearson's chi-squared test."""

    method: str = "pearson"

    def _heading(self) -> str:
        return f"Chi squared test summary:\nmethod: {self.method}\n"


@dataclass(frozen=True)
class KolmogorovSmirnovTestResult(TestResult[int]):
    """The answer of the test of Kolmogorov and Smirnov."""

    def _heading(self) -> str:
        return "Kolmogorov-Smirnov test summary:\n"
