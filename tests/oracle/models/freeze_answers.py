"""Asks PySpark what its streaming models and its FeatureHasher make of some batches; run it by hand.

python -m tests.oracle.models.freeze_answers      (in an environment with pyspark and numpy)
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

ANSWERS = Path(__file__).with_name("answers.json")
CENTERS = [[0.0, 0.0], [1.0, 1.0], [100.0, 100.0]]
WEIGHTS = [1.0, 2.0, 0.0]
DECAYS = [("batches", 0.5), ("points", 0.99), ("batches", 0.0), ("batches", 1.0)]
HASHED = [
    (2.5, True, "1", "foo", 3),
    (3.5, False, "2", "bar", 4),
    (None, True, None, "föö", None),
    (0.0, None, "", "bar", -7),
]
HASHINGS: list[tuple[int, list[str]]] = [(1 << 18, []), (7, ["whole"])]


def clustered() -> list[list[list[float]]]:
    """Three batches of points in two groups."""
    draw = np.random.default_rng(5)
    batches = [draw.normal(size=(6, 2)) + draw.integers(0, 2, size=(6, 1)) * 3 for _ in range(3)]
    return [np.round(batch, 3).tolist() for batch in batches]


def labelled() -> list[tuple[list[list[float]], list[float]]]:
    """Three batches of features, and of numbers that follow them."""
    draw = np.random.default_rng(7)
    batches = []
    for _ in range(3):
        features = np.round(draw.normal(size=(8, 2)), 3)
        labels = np.round(features @ [1.0, -2.0] + 0.1 * draw.normal(size=8), 3)
        batches.append((features.tolist(), labels.tolist()))
    return batches


def _clusters(context: Any, unit: str, decay: float) -> list[Any]:
    from pyspark.mllib.clustering import StreamingKMeansModel

    model = StreamingKMeansModel([*CENTERS], WEIGHTS)
    found = []
    for batch in clustered():
        model = model.update(context.parallelize(batch, 1), decay, unit)
        found.append([np.array(model.centers).tolist(), np.array(model.clusterWeights).tolist()])
    return found


def _weights(context: Any, loss: str) -> list[list[float]]:
    from pyspark.mllib.classification import LogisticRegressionWithSGD
    from pyspark.mllib.regression import LabeledPoint, LinearRegressionWithSGD

    weights, found = [0.0, 0.0], []
    model: Any
    for features, labels in labelled():
        targets = labels if loss == "squared" else [float(label > 0) for label in labels]
        rows = context.parallelize([LabeledPoint(y, x) for x, y in zip(features, targets, strict=True)], 1)
        if loss == "squared":
            model = LinearRegressionWithSGD.train(rows, 50, 0.1, 1.0, weights, convergenceTol=0.001)
        else:
            model = LogisticRegressionWithSGD.train(rows, 50, 0.1, 1.0, weights, 0.01, convergenceTol=0.001)
        weights = model.weights.toArray().tolist()
        found.append(weights)
    return found


def _hashed(session: Any, size: int, categorical: list[str]) -> list[Any]:
    from pyspark.ml.feature import FeatureHasher

    rows = session.createDataFrame(HASHED, "real double, flag boolean, num string, text string, whole int")
    hasher = FeatureHasher(
        inputCols=rows.columns, outputCol="f", numFeatures=size, categoricalCols=categorical
    )
    vectors = [row.f for row in hasher.transform(rows).collect()]
    return [[vector.indices.tolist(), vector.values.tolist()] for vector in vectors]


def main() -> None:
    from pyspark.sql import SparkSession

    session = SparkSession.builder.master("local[1]").getOrCreate()
    answers = {
        "clusters": [_clusters(session.sparkContext, unit, decay) for unit, decay in DECAYS],
        "weights": {loss: _weights(session.sparkContext, loss) for loss in ("squared", "logistic")},
        "hashed": [_hashed(session, size, categorical) for size, categorical in HASHINGS],
    }
    ANSWERS.write_text(json.dumps(answers, indent=1) + "\n")
    session.stop()


if __name__ == "__main__":
    main()
