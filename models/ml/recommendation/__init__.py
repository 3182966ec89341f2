"""Recommenders, under the names of `pyspark.ml.recommendation`."""

from __future__ import annotations

from streamcore.models.ml.recommendation.als import ALS, ALSModel

__all__ = ["ALS", "ALSModel"]
