"""Asks real PySpark for the metrics of `evaluation_cases`, and writes the answers down.

    python -m tests.oracle.ml.freeze_evaluation tests/oracle/ml/evaluation.json

needs PySpark 4 and Java 17 (extra `bench`); the tests only read the file.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tests.oracle.ml.evaluation_cases import DATA, cases


def main(target: str) -> None:
    from pyspark.ml import evaluation
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    frames = {
        name: _with_vectors(spark.createDataFrame(rows, schema).coalesce(1)).cache()
        for name, (schema, rows) in DATA.items()
    }
    answers: list[dict[str, Any]] = []
    for name, settings in cases():
        try:
            answer: Any = repr(getattr(evaluation, name)(**settings).evaluate(frames[name]))
        except Exception as error:
            answer = {"refused": str(error).splitlines()[0]}
        answers.append({"evaluator": name, "settings": settings, "answer": answer})
    Path(target).write_text(json.dumps({"spark": spark.version, "answers": answers}, indent=0) + "\n")


def _with_vectors(frame: Any) -> Any:
    from pyspark.ml.functions import array_to_vector

    return (
        frame.withColumn("features", array_to_vector(frame["features"]))
        if "features" in frame.columns
        else frame
    )


if __name__ == "__main__":
    main(sys.argv[1])
