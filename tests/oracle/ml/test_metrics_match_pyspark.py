"""The metrics of evaluators are PySpark's numbers (tests/oracle/ml/freeze_evaluation)."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from streamcore import Session
from streamcore.errors import IllegalArgumentException, QueryExecutionException
from streamcore.models.ml import evaluation
from streamcore.models.ml.evaluation import (
    binary_metrics,
    multiclass_metrics,
    multilabel_metrics,
    ranking_metrics,
    regression_metrics,
)
from streamcore.models.ml.evaluation.silhouette import silhouette
from tests.oracle.ml.evaluation_cases import DATA

ANSWERS: list[dict[str, Any]] = json.loads(Path(__file__).with_name("evaluation.json").read_text())["answers"]


def _columns(evaluator: str) -> list[Any]:
    return list(zip(*DATA[evaluator][1], strict=True))


def _regression(settings: dict[str, Any]) -> float:
    guess, truth, weight = _columns("RegressionEvaluator")
    metrics = regression_metrics.RegressionMetrics.of(
        guess, truth, weight if "weightCol" in settings else None, throughOrigin=settings["throughOrigin"]
    )
    return regression_metrics.METRICS[settings["metricName"]](metrics)


def _binary(settings: dict[str, Any]) -> float:
    score, label, weight = _columns("BinaryClassificationEvaluator")
    metrics = binary_metrics.BinaryClassificationMetrics.of(
        score, label, weight if "weightCol" in settings else None, numBins=settings["numBins"]
    )
    return binary_metrics.METRICS[settings["metricName"]](metrics)


def _multiclass(settings: dict[str, Any]) -> float:
    guess, label, weight, probability = _columns("MulticlassClassificationEvaluator")
    weight = weight if "weightCol" in settings else None
    if settings["metricName"] == "logLoss":
        return multiclass_metrics.log_loss(np.array(probability), label, weight, settings["eps"])
    metrics = multiclass_metrics.MulticlassMetrics.of(guess, label, weight)
    return multiclass_metrics.METRICS[settings["metricName"]](
        metrics, settings["metricLabel"], settings["beta"]
    )


def _multilabel(settings: dict[str, Any]) -> float:
    metrics = multilabel_metrics.MultilabelMetrics.of(DATA["MultilabelClassificationEvaluator"][1])
    return multilabel_metrics.METRICS[settings["metricName"]](metrics, settings["metricLabel"])


def _ranking(settings: dict[str, Any]) -> float:
    metrics = ranking_metrics.RankingMetrics.of(DATA["RankingEvaluator"][1])
    return ranking_metrics.METRICS[settings["metricName"]](metrics, settings["k"])


def _clustering(settings: dict[str, Any]) -> float:
    features, cluster, weight = _columns("ClusteringEvaluator")
    return silhouette(
        np.array(features), cluster, weight if "weightCol" in settings else None, settings["distanceMeasure"]
    )


MEASURES: dict[str, Callable[[dict[str, Any]], float]] = {
    "RegressionEvaluator": _regression,
    "BinaryClassificationEvaluator": _binary,
    "MulticlassClassificationEvaluator": _multiclass,
    "MultilabelClassificationEvaluator": _multilabel,
    "RankingEvaluator": _ranking,
    "ClusteringEvaluator": _clustering,
}


@pytest.mark.parametrize("evaluator", MEASURES)
def test_metrics_are_those_of_pyspark(evaluator: str) -> None:
    for case in (c for c in ANSWERS if c["evaluator"] == evaluator):
        if isinstance(case["answer"], dict):
            with pytest.raises(IllegalArgumentException):
                MEASURES[evaluator](case["settings"])
            continue
        expected, found = float(case["answer"]), MEASURES[evaluator](case["settings"])
        assert math.isclose(found, expected, rel_tol=1e-12, abs_tol=1e-14), (case, found)


@pytest.mark.parametrize("evaluator", MEASURES)
def test_evaluators_answer_as_pyspark(evaluator: str) -> None:
    schema, rows = DATA[evaluator]
    frame = Session.builder.getOrCreate().createDataFrame(rows, schema)
    answered = [c for c in ANSWERS if c["evaluator"] == evaluator and isinstance(c["answer"], str)]
    for case in answered[:: max(1, len(answered) // 3)]:
        found = getattr(evaluation, evaluator)(**case["settings"]).evaluate(frame)
        assert math.isclose(found, float(case["answer"]), rel_tol=1e-12), (case, found)


def test_an_evaluator_is_saved_and_loaded_with_its_settings(tmp_path: Path) -> None:
    evaluator = evaluation.MulticlassClassificationEvaluator(metricName="logLoss", eps=1e-9, weightCol="w")
    evaluator.save(str(tmp_path / "evaluator"))
    loaded = evaluation.MulticlassClassificationEvaluator.load(str(tmp_path / "evaluator"))
    assert loaded.uid == evaluator.uid
    assert (loaded.getMetricName(), loaded.getEps(), loaded.getWeightCol()) == ("logLoss", 1e-9, "w")
    assert not loaded.isLargerBetter()


def test_null_predictions_are_refused_and_not_left_out() -> None:
    frame = Session.builder.getOrCreate().createDataFrame(
        [(1.0, 2.0), (None, 1.0)], "prediction double, label double"
    )
    with pytest.raises(QueryExecutionException, match="prediction"):
        evaluation.RegressionEvaluator().evaluate(frame)


def test_an_unknown_metric_is_refused() -> None:
    frame = Session.builder.getOrCreate().createDataFrame([(1.0, 2.0)], "prediction double, label double")
    with pytest.raises(IllegalArgumentException, match="parameter metricName given invalid value huber"):
        evaluation.RegressionEvaluator(metricName="huber").evaluate(frame)
