"""Has real PySpark save the models of searches that tests load, without checksums.

    python -m tests.oracle.ml.freeze_searches tests/oracle/ml/saved

needs PySpark 4 and Java 17 (extra `bench`); the tests only read the folders.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

ROWS = [(0.0, 0.0), (0.4, 1.0), (0.5, 0.0), (0.6, 1.0), (1.0, 1.0)] * 10


def main(target: str) -> None:
    from pyspark.ml import Pipeline
    from pyspark.ml.classification import LogisticRegression
    from pyspark.ml.evaluation import BinaryClassificationEvaluator
    from pyspark.ml.linalg import Vectors
    from pyspark.ml.tuning import CrossValidator, ParamGridBuilder, TrainValidationSplit
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    rows = spark.createDataFrame([(Vectors.dense(x), y) for x, y in ROWS], ["features", "label"])
    regression, evaluator = LogisticRegression(), BinaryClassificationEvaluator()
    grid = ParamGridBuilder().addGrid(regression.maxIter, [0, 1]).build()
    asked: dict[str, Any] = {"estimatorParamMaps": grid, "evaluator": evaluator, "seed": 1}
    searches: dict[str, Any] = {
        "folds": CrossValidator(estimator=regression, numFolds=2, collectSubModels=True, **asked),
        "split": TrainValidationSplit(estimator=Pipeline(stages=[regression]), **asked),
    }
    for name, search in searches.items():
        search.fit(rows).write().overwrite().save(str(Path(target, name).resolve()))
        for left in [*Path(target, name).rglob("*.crc"), *Path(target, name).rglob("_SUCCESS")]:
            left.unlink()


if __name__ == "__main__":
    main(sys.argv[1])
