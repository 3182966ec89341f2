"""Frequent patterns, under the names of `pyspark.ml.fpm`."""

from __future__ import annotations

from streamcore.models.ml.fpm.growth import FPGrowth, FPGrowthModel
from streamcore.models.ml.fpm.prefix_span import PrefixSpan

__all__ = ["FPGrowth", "FPGrowthModel", "PrefixSpan"]
