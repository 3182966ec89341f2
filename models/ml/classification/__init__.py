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
from streamcore.models.ml.classification.decision_tree import (
    DecisionTreeClassificationModel,
    DecisionTreeClassifier,
)
from streamcore.models.ml.classification.fm import (
    FMClassificationModel,
    FMClassificationSummary,
    FMClassificationTrainingSummary,
    FMClassifier,
)
from streamcore.models.ml.classification.gbt import GBTClassificationModel, GBTClassifier
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
from streamcore.models.ml.classification.one_vs_rest import OneVsRest, OneVsRestModel
from streamcore.models.ml.classification.perceptron import (
    MultilayerPerceptronClassificationModel,
    MultilayerPerceptronClassifier,
)
from streamcore.models.ml.classification.perceptron_summary import (
    MultilayerPerceptronClassificationSummary,
    MultilayerPerceptronClassificationTrainingSummary,
)
from streamcore.models.ml.classification.random_forest import (
    RandomForestClassificationModel,
    RandomForestClassifier,
)
from streamcore.models.ml.classification.random_forest_summary import (
    BinaryRandomForestClassificationSummary,
    BinaryRandomForestClassificationTrainingSummary,
    RandomForestClassificationSummary,
    RandomForestClassificationTrainingSummary,
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
    "BinaryRandomForestClassificationSummary",
    "BinaryRandomForestClassificationTrainingSummary",
    "ClassificationModel",
    "Classifier",
    "DecisionTreeClassificationModel",
    "DecisionTreeClassifier",
    "FMClassificationModel",
    "FMClassificationSummary",
    "FMClassificationTrainingSummary",
    "FMClassifier",
    "GBTClassificationModel",
    "GBTClassifier",
    "LinearSVC",
    "LinearSVCModel",
    "LinearSVCSummary",
    "LinearSVCTrainingSummary",
    "LogisticRegression",
    "LogisticRegressionModel",
    "LogisticRegressionSummary",
    "LogisticRegressionTrainingSummary",
    "MultilayerPerceptronClassificationModel",
    "MultilayerPerceptronClassificationSummary",
    "MultilayerPerceptronClassificationTrainingSummary",
    "MultilayerPerceptronClassifier",
    "NaiveBayes",
    "NaiveBayesModel",
    "OneVsRest",
    "OneVsRestModel",
    "ProbabilisticClassificationModel",
    "ProbabilisticClassifier",
    "RandomForestClassificationModel",
    "RandomForestClassificationSummary",
    "RandomForestClassificationTrainingSummary",
    "RandomForestClassifier",
]
