"""Data and metrics of the evaluators that PySpark and we are asked for; plain values only."""

from __future__ import annotations

import random
from typing import Any

_draw = random.Random(7)

# prediction, label, weight
REGRESSION = [
    (round(_draw.gauss(3, 2), 3), round(_draw.gauss(3, 2), 3), round(_draw.uniform(0.2, 3), 2))
    for _ in range(25)
]
# score, label, weight: ties on purpose
BINARY = [
    (_draw.randint(0, 40) / 40, float(_draw.random() < 0.5), round(_draw.uniform(0.2, 3), 2))
    for _ in range(60)
]
# prediction, label, weight, probability; class 3 is never predicted, class 2 never seen
MULTICLASS = [
    (
        float(_draw.choice([0, 1, 2])),
        float(_draw.choice([0, 1, 3])),
        round(_draw.uniform(0.2, 3), 2),
        [0.0, 1.0, 0.0, 0.0] if row % 9 == 0 else [0.1, 0.2, 0.3, 0.4],
    )
    for row in range(40)
]
MULTILABEL = [
    ([0.0, 1.0], [0.0, 2.0]),
    ([0.0, 2.0], [0.0, 1.0]),
    ([], [0.0]),
    ([2.0], [2.0]),
    ([2.0, 0.0], [0.0, 2.0]),
    ([0.0, 1.0, 2.0], [0.0, 1.0]),
    ([1.0, 3.0], [1.0, 2.0]),
]
RANKING = [
    ([1.0, 6.0, 2.0, 7.0, 8.0, 3.0, 9.0, 10.0, 4.0, 5.0], [1.0, 2.0, 3.0, 4.0, 5.0]),
    ([4.0, 1.0, 5.0, 6.0, 2.0, 7.0, 3.0, 8.0, 9.0, 10.0], [1.0, 2.0, 3.0, 3.0]),
    ([1.0, 2.0, 3.0, 4.0, 5.0], []),
    ([], [1.0]),
    ([9.0, 8.0, 7.0], [7.0]),
]
# features, prediction, weight; cluster 3 has one point
CLUSTERING = [
    (
        [round(_draw.gauss(c * 4 + 1, 1.5), 2), round(_draw.gauss(2 - c, 1), 2), round(_draw.gauss(5, 1), 2)],
        c,
        round(_draw.uniform(0.2, 3), 2),
    )
    for c in [0, 1, 2, 0, 1, 2, 0, 1, 0, 1, 2, 2, 0, 3]
]

REGRESSION_METRICS = ["rmse", "mse", "r2", "mae", "var"]
MULTICLASS_METRICS = [
    "f1", "accuracy", "weightedPrecision", "weightedRecall", "weightedTruePositiveRate",
    "weightedFalsePositiveRate", "weightedFMeasure", "truePositiveRateByLabel", "falsePositiveRateByLabel",
    "precisionByLabel", "recallByLabel", "fMeasureByLabel", "logLoss", "hammingLoss",
]  # fmt: skip
MULTILABEL_METRICS = [
    "subsetAccuracy", "accuracy", "hammingLoss", "precision", "recall", "f1Measure", "precisionByLabel",
    "recallByLabel", "f1MeasureByLabel", "microPrecision", "microRecall", "microF1Measure",
]  # fmt: skip
RANKING_METRICS = ["meanAveragePrecision", "meanAveragePrecisionAtK", "precisionAtK", "ndcgAtK", "recallAtK"]

DATA: dict[str, tuple[str, list[Any]]] = {
    "RegressionEvaluator": ("prediction double, label double, weight double", REGRESSION),
    "BinaryClassificationEvaluator": ("rawPrediction double, label double, weight double", BINARY),
    "MulticlassClassificationEvaluator": (
        "prediction double, label double, weight double, probability array<double>",
        MULTICLASS,
    ),
    "MultilabelClassificationEvaluator": ("prediction array<double>, label array<double>", MULTILABEL),
    "RankingEvaluator": ("prediction array<double>, label array<double>", RANKING),
    "ClusteringEvaluator": ("features array<double>, prediction int, weight double", CLUSTERING),
}


def cases() -> list[tuple[str, dict[str, Any]]]:
    """Every evaluator with its settings."""
    found: list[tuple[str, dict[str, Any]]] = []
    for weight in ({}, {"weightCol": "weight"}):
        for origin in (False, True):
            found += [
                ("RegressionEvaluator", {"metricName": m, "throughOrigin": origin, **weight})
                for m in REGRESSION_METRICS
            ]
        for bins in (0, 4, 7, 1000):
            found += [
                ("BinaryClassificationEvaluator", {"metricName": m, "numBins": bins, **weight})
                for m in ("areaUnderROC", "areaUnderPR")
            ]
        for label, beta in ((0.0, 1.0), (1.0, 0.5), (2.0, 1.0), (3.0, 2.0)):
            found += [
                (
                    "MulticlassClassificationEvaluator",
                    {"metricName": m, "metricLabel": label, "beta": beta, "eps": 1e-10, **weight},
                )
                for m in MULTICLASS_METRICS
            ]
        found += [
            ("ClusteringEvaluator", {"distanceMeasure": m, **weight}) for m in ("squaredEuclidean", "cosine")
        ]
    for label in (0.0, 2.0, 3.0):
        found += [
            ("MultilabelClassificationEvaluator", {"metricName": m, "metricLabel": label})
            for m in MULTILABEL_METRICS
        ]
    for k in (1, 3, 20):
        found += [("RankingEvaluator", {"metricName": m, "k": k}) for m in RANKING_METRICS]
    return found
