"""Has real PySpark save the models that tests load: a folder for each, without checksums.

    python -m tests.oracle.ml.freeze_saved tests/oracle/ml/saved

needs PySpark 4 and Java 17 (extra `bench`); the tests only read the folders.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

ROWS = [(1.0, [1.0, 3.0]), (0.0, [0.0, 0.0]), (0.0, [0.5, 2.0]), (1.0, [3.0, 1.0])]
RATINGS = [(0, 0, 4.0), (0, 1, 2.0), (1, 1, 3.0), (1, 2, 4.0), (2, 1, 1.0), (2, 2, 5.0)]
BASKETS = [(["a", "b"],), (["a", "c", "b"],), (["c"],)]


def main(target: str) -> None:
    from pyspark.ml import classification, fpm, recommendation, regression
    from pyspark.ml.linalg import Vectors
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    rows = spark.createDataFrame([(y, Vectors.dense(x)) for y, x in ROWS], ["label", "features"])
    ratings = spark.createDataFrame(RATINGS, ["user", "item", "rating"])
    baskets = spark.createDataFrame(BASKETS, ["items"])
    learnt: dict[str, tuple[Any, Any]] = {
        "dtc": (classification.DecisionTreeClassifier(seed=3), rows),
        "dtr": (regression.DecisionTreeRegressor(), rows),
        "rfc": (classification.RandomForestClassifier(numTrees=2, seed=3), rows),
        "gbtc": (classification.GBTClassifier(maxIter=2, seed=3), rows),
        "gbtr": (regression.GBTRegressor(maxIter=2, seed=3), rows),
        "mlp": (classification.MultilayerPerceptronClassifier(layers=[2, 3, 2], seed=123, maxIter=20), rows),
        "ovr": (classification.OneVsRest(classifier=classification.DecisionTreeClassifier()), rows),
        "als": (recommendation.ALS(rank=3, seed=0, maxIter=5), ratings),
        "fpg": (fpm.FPGrowth(minSupport=0.2, minConfidence=0.3), baskets),
    }
    for name, (estimator, frame) in learnt.items():
        estimator.fit(frame).write().overwrite().save(str(Path(target, name).resolve()))
    for left in [*Path(target).rglob("*.crc"), *Path(target).rglob("_SUCCESS")]:
        left.unlink()


if __name__ == "__main__":
    main(sys.argv[1])
