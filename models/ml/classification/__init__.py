"""Classifiers."""

from __future__ import annotations

from streamcore.models.ml.classification.base import (
    ClassificationModel,
    Classifier,
    ProbabilisticClassificationModel,
    ProbabilisticClassifier,
)
from streamcore.models.ml.classification.bayes import (
    NaiveBayes,
    NaiveBayesModel,
)
from streamcore.models.ml.classification.fm import (
    FMClassificationModel,
    FMClassificationSummary,
    FMClassificationTrainingSummary,
    FMClassifier,
)
from streamcore.models.ml.classification.logistic import (
    LogisticRegression,
)
from streamcore.models.ml.classification.logistic_model import (
    LogisticRegressionModel,
)
from streamcore.models.ml.classification.logistic_summary import (
    BinaryLogisticRegressionSummary,
    BinaryLogisticRegressionTrainingSummary,
    LogisticRegressionSummary,
    LogisticRegressionTrainingSummary,
)
from streamcore.models.ml.classification.svc import (
    LinearSVC,
    LinearSVCModel,
    LinearSVCSummary,
    LinearSVCTrainingSummary,
)

__all__ = [
    "BinaryLogisticRegressionSummary",
    "BinaryLogisticRegressionTrainingSummary",
    "ClassificationModel",
    "Classifier",
    "FMClassificationModel",
    "FMClassificationSummary",
    "FMClassificationTrainingSummary",
    "FMClassifier",
    "LinearSVC",
    "LinearSVCModel",
    "LinearSVCSummary",
    "LinearSVCTrainingSummary",
    "LogisticRegression",
    "LogisticRegressionModel",
    "LogisticRegressionSummary",
    "LogisticRegressionTrainingSummary",
    "NaiveBayes",
    "NaiveBayesModel",
    "ProbabilisticClassificationModel",
    "ProbabilisticClassifier",
]
