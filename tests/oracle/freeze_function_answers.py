"""Writes tests/oracle/data/functions.json: what PySpark answers to the expressions of function_cases.

Run it with an interpreter that has PySpark 4 (extra `bench`) and a JVM, from the repository's root:

    python -m tests.oracle.freeze_function_answers
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent / "data" / "functions.json"
_CHUNK = 40


def main() -> None:
    from pyspark.sql import SparkSession

    from tests.oracle.function_cases import expressions

    builder: Any = SparkSession.builder
    spark = (
        builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.codegen.wholeStage", "false")
        .config("spark.sql.codegen.factoryMode", "NO_CODEGEN")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("OFF")
    answers: dict[str, list[str | None]] = {}
    texts = expressions()
    for at in range(0, len(texts), _CHUNK):
        answers.update(_together(spark, texts[at : at + _CHUNK]))
    TARGET.write_text(json.dumps(answers, ensure_ascii=False, indent=0, sort_keys=True) + "\n")


def _together(spark: Any, texts: list[str]) -> dict[str, list[str | None]]:
    """Answers of several expressions in one query; one by one where one of them fails."""
    try:
        columns = [part for text in texts for part in (f"typeof({text})", f"cast({text} as string)")]
        row = spark.range(1).selectExpr(*columns).collect()[0]
        return {text: [row[2 * at], row[2 * at + 1]] for at, text in enumerate(texts)}
    except Exception as error:
        if len(texts) == 1:
            condition = getattr(error, "getCondition", lambda: None)() or type(error).__name__
            return {texts[0]: ["error", str(condition)]}
        half = len(texts) // 2
        return {**_together(spark, texts[:half]), **_together(spark, texts[half:])}


if __name__ == "__main__":
    main()
