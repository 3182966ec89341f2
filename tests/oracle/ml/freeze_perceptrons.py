"""Asks real PySpark to train the networks of `perceptron_cases`, and writes them down.

    python -m tests.oracle.ml.freeze_perceptrons tests/oracle/ml/perceptrons.json

needs PySpark 4 and Java 17 (extra `bench`); the tests only read the file.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tests.oracle.ml.perceptron_cases import NETWORKS, ROWS


def main(target: str) -> None:
    from pyspark.ml.linalg import Vectors
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    rows = [(label, Vectors.dense(features)) for label, features in ROWS]
    frame = spark.createDataFrame(rows, ["label", "features"]).coalesce(1).cache()
    answers = {
        "spark": spark.version,
        "networks": [_network(settings, frame) for settings in NETWORKS],
        "rest": _one_against_the_rest(frame),
    }
    Path(target).write_text(json.dumps(answers, indent=0) + "\n")


def _network(settings: dict[str, Any], frame: Any) -> dict[str, Any]:
    from pyspark.ml.classification import MultilayerPerceptronClassifier

    model = MultilayerPerceptronClassifier(**settings).fit(frame)
    rows = model.transform(frame.limit(5)).collect()
    return {
        "weights": [float(weight) for weight in model.weights],
        "history": list(model.summary().objectiveHistory),
        "accuracy": model.summary().accuracy,
        "raw": [row.rawPrediction.toArray().tolist() for row in rows],
        "probability": [row.probability.toArray().tolist() for row in rows],
    }


def _one_against_the_rest(frame: Any) -> dict[str, Any]:
    from pyspark.ml.classification import DecisionTreeClassifier, OneVsRest

    model = OneVsRest(classifier=DecisionTreeClassifier(maxDepth=3)).fit(frame)
    rows = model.transform(frame).collect()
    return {
        "raw": [row.rawPrediction.toArray().tolist() for row in rows],
        "prediction": [row.prediction for row in rows],
    }


if __name__ == "__main__":
    main(sys.argv[1])
