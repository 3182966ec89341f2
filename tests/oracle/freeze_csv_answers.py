"""Writes the answers in tests/oracle/data/csv.json anew: what PySpark reads from its CSV texts.

python -m tests.oracle.freeze_csv_answers        (needs PySpark 4 and a JVM)
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent / "data" / "csv.json"


def shown(rows: list[list[Any]]) -> list[list[str | None]]:
    """Values as Python writes them; times without their zone."""
    return [
        [None if v is None else repr(v.replace(tzinfo=None) if hasattr(v, "tzinfo") else v) for v in row]
        for row in rows
    ]


def main() -> None:
    from pyspark.sql import SparkSession

    builder: Any = SparkSession.builder
    spark = builder.master("local[1]").config("spark.sql.session.timeZone", "UTC").getOrCreate()
    cases = json.loads(TARGET.read_text(encoding="utf-8"))
    for case in cases.values():
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "a.csv").write_bytes(case["text"].encode())
            frame = spark.read.schema(case["schema"]).options(**case["options"]).csv(folder)
            try:
                case["rows"] = shown([list(row) for row in frame.select(*case["select"]).collect()])
            except Exception as error:
                case["rows"] = "FAILFAST" if "FAILFAST" in str(error) else str(error)
    TARGET.write_text(json.dumps(cases, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
