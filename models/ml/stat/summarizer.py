"""Statistics of vectors, feature by feature, as columns of an aggregation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.feature.inputs import require
from streamcore.plan.naming import output_name
from streamcore.sql import functions as F
from streamcore.sql.column import Column
from streamcore.sql.functions.building import function

METRICS = ("count", "max", "mean", "min", "normL1", "normL2", "numNonZeros", "std", "sum", "variance")


@dataclass(frozen=True)
class SummaryBuilder:
    """Makes a column with some metrics of a column of vectors; `Summarizer.metrics` gives it."""

    names: tuple[str, ...]

    def summary(self, featuresCol: Column, weightCol: Column | None = None) -> Column:
        """A struct with a field for each metric.

        Parameters
        ----------
        featuresCol
            The vectors.
        weightCol
            How much each row counts; 1 without it. A row of weight zero does not count at all.
        """
        features, weight = _columns(featuresCol, weightCol)
        names = [F.lit(name).expression for name in self.names]
        made = function("aggregate_metrics", features.expression, weight.expression, *names)
        return made.alias(f"aggregate_metrics({_name(features)}, {_name(weight)})")


class Summarizer:
    """Statistics of a column of vectors, feature by feature.

    The rows of a group are in memory while they are summed up.

    >>> from streamcore import Session
    >>> from streamcore.models.ml.linalg import Vectors
    >>> rows = [(Vectors.dense(1.0, 1.0),), (Vectors.dense(1.0, 3.0),)]
    >>> data = Session.builder.getOrCreate().createDataFrame(rows, ["features"])
    >>> data.select(Summarizer.mean(data.features)).head()[0]
    DenseVector([1.0, 2.0])
    >>> data.select(Summarizer.metrics("max", "count").summary(data.features)).head()[0]
    Row(max=DenseVector([1.0, 3.0]), count=2)
    """

    @staticmethod
    def metrics(*metrics: str) -> SummaryBuilder:
        """A builder of some metrics, of which `METRICS` has the names."""
        require(bool(metrics), "Should include at least one metric")
        for name in metrics:
            if name not in METRICS:
                raise IllegalArgumentException(
                    f"Metric {name} cannot be found. Valid metrics are List({', '.join(METRICS)})"
                )
        return SummaryBuilder(metrics)

    @staticmethod
    def mean(col: Column, weightCol: Column | None = None) -> Column:
        """The mean of each feature."""
        return _single("mean", col, weightCol)

    @staticmethod
    def sum(col: Column, weightCol: Column | None = None) -> Column:
        """The sum of each feature."""
        return _single("sum", col, weightCol)

    @staticmethod
    def variance(col: Column, weightCol: Column | None = None) -> Column:
        """The unbiased variance of each feature."""
        return _single("variance", col, weightCol)

    @staticmethod
    def std(col: Column, weightCol: Column | None = None) -> Column:
        """The unbiased standard deviation of each feature."""
        return _single("std", col, weightCol)

    @staticmethod
    def count(col: Column, weightCol: Column | None = None) -> Column:
        """How many rows there are."""
        return _single("count", col, weightCol)

    @staticmethod
    def numNonZeros(col: Column, weightCol: Column | None = None) -> Column:
        """In how many rows each feature is not zero."""
        return _single("numNonZeros", col, weightCol)

    @staticmethod
    def max(col: Column, weightCol: Column | None = None) -> Column:
        """The greatest value of each feature."""
        return _single("max", col, weightCol)

    @staticmethod
    def min(col: Column, weightCol: Column | None = None) -> Column:
        """The least value of each feature."""
        return _single("min", col, weightCol)

    @staticmethod
    def normL1(col: Column, weightCol: Column | None = None) -> Column:
        """The sum of the absolute values of each feature."""
        return _single("normL1", col, weightCol)

    @staticmethod
    def normL2(col: Column, weightCol: Column | None = None) -> Column:
        """The Euclidean norm of each feature."""
        return _single("normL2", col, weightCol)


def _single(metric: str, col: Column, weightCol: Column | None) -> Column:
    features, _ = _columns(col, weightCol)
    found = SummaryBuilder((metric,)).summary(col, weightCol).getField(metric)
    return found.alias(f"{metric}({_name(features)})")


def _columns(features: Column, weight: Column | None) -> tuple[Column, Column]:
    weights: Any = F.lit(1.0) if weight is None else weight
    given: Any = features
    if not isinstance(given, Column) or not isinstance(weights, Column):
        raise TypeError("featureCol and weightCol should be a Column")
    return given, weights


def _name(column: Column) -> str:
    return output_name(column.expression)
