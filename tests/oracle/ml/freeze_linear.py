"""Ask PySpark what its linear models answer and keep it as JSON: run with an interpreter that has pyspark.

Beginnings of names of cases as arguments ask only those anew.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.oracle.ml.linear_cases import (
    COLUMNS,
    FRAMES,
    MODEL,
    SUMMARY,
    Case,
    Rows,
    all_datasets,
    asked,
    cases,
    plain,
    told,
)

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def frame(spark: SparkSession, rows: Rows) -> DataFrame:
    """The rows of a data set as a DataFrame of one partition."""
    from pyspark.ml.linalg import Vectors

    names = list(rows)
    values = [
        [Vectors.dense(v) if isinstance(v, list) else v for v in row]
        for row in zip(*rows.values(), strict=True)
    ]
    return spark.createDataFrame(values, names).coalesce(1).cache()


def answer(case: Case, rows: DataFrame) -> dict[str, Any]:
    """What PySpark tells of one case."""
    from pyspark.ml import classification, regression

    module = regression if hasattr(regression, case.estimator) else classification
    estimator = getattr(module, case.estimator)(**case.params)
    model = estimator.fit(rows)
    found: dict[str, Any] = {"model": asked(model, MODEL)}
    predicted = model.transform(rows)
    columns = [name for name in COLUMNS if name in predicted.columns]
    found["rows"] = [[plain(value) for value in row] for row in predicted.select(*columns).head(12)]
    found["columns"] = columns
    if getattr(model, "hasSummary", False):
        summary = model.summary() if callable(model.summary) else model.summary
        found["summary"] = asked(summary, SUMMARY)
        found["frames"] = {
            name: [list(row) for row in getattr(summary, name).collect()]
            for name in FRAMES
            if hasattr(summary, name)
        }
        if case.estimator == "GeneralizedLinearRegression":
            found["residuals"] = {
                kind: [row[0] for row in summary.residuals(kind).head(8)]
                for kind in ("deviance", "pearson", "working", "response")
            }
            found["shown"] = told(lambda: repr(summary))
    return found


def main() -> None:
    """Write the answers beside this file."""
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    sets = all_datasets()
    frames = {name: frame(spark, rows) for name, rows in sets.items()}
    kept = Path(__file__).with_name("linear.json")
    wanted = tuple(sys.argv[1:]) or ("",)
    answers = json.loads(kept.read_text())["answers"] if sys.argv[1:] else {}
    for case in (case for case in cases() if case.name.startswith(wanted)):
        try:
            answers[case.name] = answer(case, frames[case.data])
        except Exception as error:  # a refusal is an answer too
            print(case.name, str(error)[:300])
            answers[case.name] = {"error": type(error).__name__}
    text = json.dumps({"data": sets, "answers": _finite(answers)}, indent=None, separators=(",", ":"))
    kept.write_text(text + "\n")


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    return [_finite(one) for one in value] if isinstance(value, list) else value


if __name__ == "__main__":
    main()
