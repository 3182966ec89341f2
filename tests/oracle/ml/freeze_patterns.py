"""Asks real PySpark for the factors and patterns of `pattern_cases`, and writes the answers down.

    python -m tests.oracle.ml.freeze_patterns tests/oracle/ml/patterns.json

needs PySpark 4 and Java 17 (extra `bench`); the tests only read the file.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tests.oracle.ml.pattern_cases import ALS, ASKED, BASKETS, GROWTH, PAIRS, RATINGS, SEQUENCES, SPANS


def main(target: str) -> None:
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    answers = {"spark": spark.version, "als": _als(spark), "growth": _growth(spark), "spans": _spans(spark)}
    Path(target).write_text(json.dumps(answers, indent=0) + "\n")


def _als(spark: Any) -> list[Any]:
    from pyspark.ml import recommendation

    ratings = spark.createDataFrame(RATINGS, "user int, item int, rating double").coalesce(1)
    pairs = spark.createDataFrame(PAIRS, "user int, item int").coalesce(1)
    answers = []
    for settings in ALS:
        model = recommendation.ALS(**settings).fit(ratings)
        users = sorted([row.id, list(row.features)] for row in model.userFactors.collect())
        items = sorted([row.id, list(row.features)] for row in model.itemFactors.collect())
        predicted = [repr(row.prediction) for row in model.transform(pairs).collect()]
        best = {
            row.user: [list(r) for r in row.recommendations]
            for row in model.recommendForAllUsers(3).collect()
        }
        answers.append({"users": users, "items": items, "predicted": predicted, "best": best})
    return answers


def _growth(spark: Any) -> list[Any]:
    from pyspark.ml.fpm import FPGrowth

    baskets = spark.createDataFrame([(row,) for row in BASKETS], "items array<string>").coalesce(1)
    asked = spark.createDataFrame([(row,) for row in ASKED], "items array<string>").coalesce(1)
    answers = []
    for support, confidence in GROWTH:
        model = FPGrowth(minSupport=support, minConfidence=confidence).fit(baskets)
        answers.append(
            {
                "itemsets": [[row.items, row.freq] for row in model.freqItemsets.collect()],
                "rules": [list(row) for row in model.associationRules.collect()],
                "predicted": [row.prediction for row in model.transform(asked).collect()],
            }
        )
    return answers


def _spans(spark: Any) -> list[Any]:
    from pyspark.ml.fpm import PrefixSpan

    rows = spark.createDataFrame([(row,) for row in SEQUENCES], "sequence array<array<int>>").coalesce(1)
    answers = []
    for support, longest in SPANS:
        found = PrefixSpan(minSupport=support, maxPatternLength=longest).findFrequentSequentialPatterns(rows)
        answers.append([[row.sequence, row.freq] for row in found.collect()])
    return answers


if __name__ == "__main__":
    main(sys.argv[1])
