"""Asks PySpark for the answers of every DataFrame program and writes them beside this file.

python -m tests.oracle.freeze_dataframe_answers      (needs the extra `bench` and Java 17)
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.oracle.answers import answer_of, condition_of
from tests.oracle.dataframe_programs import PROGRAMS, REFUSED, is_ordered

FROZEN = Path(__file__).parent / "dataframe_answers.json"


def pyspark_answers() -> dict[str, dict[str, Any]]:
    from pyspark.sql import SparkSession, Window
    from pyspark.sql import functions as F

    spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    spark.conf.set("spark.sql.shuffle.partitions", "1")
    spark.sparkContext.setLogLevel("OFF")
    try:
        return {
            "answers": {
                name: answer_of(run(spark, F, Window), is_ordered=is_ordered(name))
                for name, run in PROGRAMS.items()
            },
            "refused": {name: _refusal(run, spark, F, Window) for name, run in REFUSED.items()},
        }
    finally:
        spark.stop()


def _refusal(run: Any, *arguments: Any) -> str:
    try:
        run(*arguments).collect()
    except Exception as error:
        return condition_of(error)
    return "nothing refused"


if __name__ == "__main__":
    FROZEN.write_text(json.dumps(pyspark_answers(), indent=1, sort_keys=True, ensure_ascii=False) + "\n")
