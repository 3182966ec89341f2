"""Writes tests/oracle/data/sql_functions.json: PySpark's SQL functions and how many arguments each takes.

Run it with an interpreter that has PySpark 4 (extra `bench`) and a JVM, from the repository's root:

    python -m tests.oracle.freeze_sql_functions
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent / "data" / "sql_functions.json"
_MANY = 33


def main() -> None:
    from pyspark.sql import SparkSession

    builder: Any = SparkSession.builder
    spark = builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    names = [row[0].rpartition(".")[2] for row in spark.sql("SHOW FUNCTIONS").collect()]
    lines = (f"{json.dumps(name)}: {json.dumps(_counts(spark, name))}" for name in names)
    TARGET.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def _counts(spark: Any, name: str) -> list[int | None] | None:
    """The numbers of arguments, `[least, None]` where more may follow; None where PySpark does not say."""
    for given in (0, _MANY):
        found = re.search(r"requires (.*?) parameters? but", _error(spark, name, given))
        if found is None:
            continue
        if re.fullmatch(r"\[?[\d, ]+\]?", found[1]):
            return [int(count) for count in re.findall(r"\d+", found[1])]
        at_least = re.fullmatch(r"> (\d+)", found[1])
        return [int(at_least[1]) + 1, None] if at_least else None
    return None


def _error(spark: Any, name: str, arguments: int) -> str:
    try:
        spark.sql(f"SELECT `{name}`({', '.join(['NULL'] * arguments)})")
    except Exception as error:
        return str(error)
    return ""


if __name__ == "__main__":
    main()
