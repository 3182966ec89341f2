"""Evaluators of predictions, under the names of `pyspark.ml.evaluation`."""

from __future__ import annotations

from streamcore.models.ml.evaluation.base import Evaluator

__all__ = ["Evaluator"]
