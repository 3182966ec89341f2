"""Classifiers."""

from __future__ import annotations

from streamcore.models.ml.classification.base import (
    ClassificationModel,
    Classifier,
    ProbabilisticClassificationModel,
    ProbabilisticClassifier,
)

__all__ = [
    "ClassificationModel",
    "Classifier",
    "ProbabilisticClassificationModel",
    "ProbabilisticClassifier",
]
