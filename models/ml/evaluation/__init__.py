"""Evaluators of predictions, under the names of `pyspark.ml.evaluation`."""

from __future__ import annotations

from streamcore.models.ml.evaluation.base import Evaluator
from streamcore.models.ml.evaluation.binary import BinaryClassificationEvaluator
from streamcore.models.ml.evaluation.clustering import ClusteringEvaluator
from streamcore.models.ml.evaluation.multiclass import MulticlassClassificationEvaluator
from streamcore.models.ml.evaluation.multilabel import MultilabelClassificationEvaluator
from streamcore.models.ml.evaluation.ranking import RankingEvaluator
from streamcore.models.ml.evaluation.regression import RegressionEvaluator

__all__ = [
    "BinaryClassificationEvaluator",
    "ClusteringEvaluator",
    "Evaluator",
    "MulticlassClassificationEvaluator",
    "MultilabelClassificationEvaluator",
    "RankingEvaluator",
    "RegressionEvaluator",
]
