"""Asks real PySpark to grow the trees of `tree_cases`, and writes them down.

    python -m tests.oracle.ml.freeze_trees tests/oracle/ml/trees.json

needs PySpark 4 and Java 17 (extra `bench`); the tests only read the file.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tests.oracle.ml.tree_cases import CASES, CATEGORIES, DATA, SCHEMA, Case


def main(target: str) -> None:
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    frames = {
        (name, categorical): _frame(spark, rows, categorical=categorical)
        for name, rows in DATA.items()
        for categorical in (True, False)
    }
    answers = {case.name: _grown(case, frames[case.data, case.categorical]) for case in CASES}
    Path(target).write_text(json.dumps({"spark": spark.version, "answers": answers}, indent=0) + "\n")


def _frame(spark: Any, rows: list[Any], *, categorical: bool) -> Any:
    from pyspark.ml.functions import array_to_vector
    from pyspark.sql import functions as F

    frame = spark.createDataFrame(rows, SCHEMA).coalesce(1)
    nominal = [{"idx": i, "vals": [str(v) for v in range(n)]} for i, n in CATEGORIES.items()]
    plain = [{"idx": i} for i in range(6) if i not in CATEGORIES]
    known = {"ml_attr": {"attrs": {"nominal": nominal, "numeric": plain}, "num_attrs": 6}}
    features = array_to_vector(F.col("features")).alias("features", metadata=known if categorical else {})
    return frame.select(features, "label", "number", "weight", "held").cache()


def _grown(case: Case, frame: Any) -> dict[str, Any]:
    from pyspark.ml import classification, regression

    home = classification if "Class" in case.estimator else regression
    label = "label" if home is classification else "number"
    model = getattr(home, case.estimator)(labelCol=label, leafCol="leaf", seed=5, **case.settings).fit(frame)
    told = model.toDebugString.split("\n", 1)
    answer: dict[str, Any] = {
        "text": told[1],
        "header": told[0].replace(model.uid, "UID"),
        "importances": str(model.featureImportances),
    }
    columns = ["prediction", "rawPrediction", "probability", "variance", "leaf"]
    rows = model.transform(frame.limit(12)).collect()
    for column in columns:
        if rows and column in rows[0].__fields__:
            answer[column] = [v if isinstance(v := r[column], float) else v.toArray().tolist() for r in rows]
    if case.estimator == "GBTRegressor":
        answer["evaluated"] = model.evaluateEachIteration(frame, "squared")
    elif case.estimator == "GBTClassifier":
        answer["evaluated"] = model.evaluateEachIteration(frame)
    return answer


if __name__ == "__main__":
    main(sys.argv[1])
