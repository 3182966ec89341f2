"""Asks PySpark for the answers of every program over the functions' Python API.

python -m tests.oracle.freeze_functions_api_answers      (needs the extra `bench` and Java 17)
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.oracle.answers import answer_of, condition_of
from tests.oracle.functions_api_programs import programs

FROZEN = Path(__file__).parent / "data" / "functions_api.json"


def outcome(program: Callable[[], Any]) -> dict[str, Any]:
    """Columns and rows (in any order), or the condition of the error."""
    try:
        return answer_of(program(), is_ordered=False)
    except Exception as error:
        return {"error": condition_of(error)}


def pyspark_answers() -> dict[str, Any]:
    from pyspark.sql import SparkSession, Window
    from pyspark.sql import functions as F

    builder: Any = SparkSession.builder
    spark = (
        builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.sql.codegen.wholeStage", "false")
        .config("spark.sql.codegen.factoryMode", "NO_CODEGEN")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("OFF")
    try:
        return {name: outcome(program) for name, program in programs(F, Window, spark).items()}
    finally:
        spark.stop()


if __name__ == "__main__":
    lines = [
        f"{json.dumps(name, ensure_ascii=False)}: {json.dumps(answer, ensure_ascii=False)}"
        for name, answer in sorted(pyspark_answers().items())
    ]
    FROZEN.write_text("{\n" + ",\n".join(lines) + "\n}\n")
