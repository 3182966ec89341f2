"""Writes tests/oracle/data/column_names.json: how PySpark names the columns of name_cases.

Run it with an interpreter that has PySpark 4 (extra `bench`) and a JVM, from the repository's root:

    python -m tests.oracle.freeze_column_names
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent / "data" / "column_names.json"


def main() -> None:
    from pyspark.sql import SparkSession

    from tests.oracle.name_cases import CALLS, SCHEMA, TEXTS

    builder: Any = SparkSession.builder
    spark = (
        builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.session.timeZone", "America/Los_Angeles")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("OFF")
    spark.createDataFrame([], SCHEMA).createOrReplaceTempView("t")
    found = {text: _names(spark, text) for text in [*TEXTS, *CALLS]}
    lines = (
        f"{json.dumps(k, ensure_ascii=False)}: {json.dumps(v, ensure_ascii=False)}" for k, v in found.items()
    )
    TARGET.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def _names(spark: Any, text: str) -> list[str] | None:
    """The names of the columns that one entry of a select list makes; None where it is refused."""
    try:
        names: list[str] = spark.sql(f"SELECT {text} FROM t").columns
    except Exception:
        return None
    return names


if __name__ == "__main__":
    main()
