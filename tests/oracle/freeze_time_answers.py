"""Writes tests/oracle/data/times.json: what PySpark answers to the expressions of time_cases, in both modes.

Run it with an interpreter that has PySpark 4 (extra `bench`) and a JVM, from the repository's root:

    python -m tests.oracle.freeze_time_answers

Of the mode without ANSI only the answers that differ are written.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent / "data" / "times.json"
_CHUNK = 40


def main() -> None:
    from pyspark.sql import SparkSession

    from tests.oracle.time_cases import GROUPS

    builder: Any = SparkSession.builder
    spark = (
        builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.timeType.enabled", "true")
        .config("spark.sql.codegen.wholeStage", "false")
        .config("spark.sql.codegen.factoryMode", "NO_CODEGEN")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("OFF")
    answers: dict[str, dict[str, dict[str, list[str | None]]]] = {}
    for name, group in GROUPS.items():
        found = {ansi: _answers(spark, group.zone, group.expressions, ansi) for ansi in (True, False)}
        other = {text: answer for text, answer in found[False].items() if answer != found[True][text]}
        answers[name] = {"ansi": found[True], "not ansi": other}
    TARGET.write_text(json.dumps(answers, ensure_ascii=False, indent=0, sort_keys=True) + "\n")


def _answers(spark: Any, zone: str, texts: list[str], ansi: bool) -> dict[str, list[str | None]]:
    spark.conf.set("spark.sql.session.timeZone", zone)
    spark.conf.set("spark.sql.ansi.enabled", str(ansi).lower())
    found: dict[str, list[str | None]] = {}
    for at in range(0, len(texts), _CHUNK):
        found.update(_together(spark, texts[at : at + _CHUNK]))
    return found


def _together(spark: Any, texts: list[str]) -> dict[str, list[str | None]]:
    """Answers of several expressions in one query; one by one where one of them fails."""
    try:
        frame = spark.range(1).selectExpr(*texts).toDF(*(f"c{at}" for at in range(len(texts))))
        kinds = [field.dataType.simpleString() for field in frame.schema.fields]
        row = frame.selectExpr(*(f"cast({name} as string)" for name in frame.columns)).collect()[0]
        return {text: [kinds[at], row[at]] for at, text in enumerate(texts)}
    except Exception as error:
        if len(texts) == 1:
            condition = getattr(error, "getCondition", lambda: None)() or type(error).__name__
            return {texts[0]: ["error", str(condition)]}
        half = len(texts) // 2
        return {**_together(spark, texts[:half]), **_together(spark, texts[half:])}


if __name__ == "__main__":
    main()
