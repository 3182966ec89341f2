"""Asks PySpark the questions of typing_cases and writes data/typing.json.

Run with the Python of an environment that has pyspark: `python -m tests.oracle.freeze_typing_answers`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.oracle.typing_cases import ANSI, MODES, OPERATORS, REFUSED, VALUES, ZONE, casts, expression, plain

DATA = Path(__file__).parent / "data" / "typing.json"


def main() -> None:
    """Ask and write."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    spark = builder.config("spark.sql.session.timeZone", ZONE).getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    answers: dict[str, Any] = {}
    for mode, setting in MODES.items():
        spark.conf.set(ANSI, setting)
        types = {operator: _table(spark, operator) for operator in OPERATORS}
        asked = [text for texts in casts(mode) for text in texts]
        values = {text: found for text in asked if (found := _value(spark, text)) is not None}
        answers[mode] = {"types": types, "casts": values}
    DATA.write_text(json.dumps(answers, separators=(",", ":")).replace('},"', '},\n"') + "\n")


def _table(spark: Any, operator: str) -> dict[str, list[str]]:
    """The type over every left and right type."""
    return {left: [_type(spark, expression(operator, left, right)) for right in VALUES] for left in VALUES}


def _type(spark: Any, text: str) -> str:
    try:
        return str(spark.sql(f"SELECT {text} AS x").schema["x"].dataType.simpleString())
    except Exception:
        return REFUSED


def _value(spark: Any, text: str) -> list[Any] | None:
    """The value in a list; None when the cast is refused or fails."""
    try:
        return [plain(spark.sql(f"SELECT {text} AS x").collect()[0][0])]
    except Exception:
        return None


if __name__ == "__main__":
    main()
