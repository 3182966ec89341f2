"""Writes the answers in tests/oracle/data/json_files.json anew: what PySpark reads from its JSON files.

python -m tests.oracle.freeze_json_file_answers        (needs PySpark 4 and a JVM)
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent / "data" / "json_files.json"


def shown(value: Any) -> Any:
    """A value as JSON; times without their zone."""
    if isinstance(value, dict):
        return {name: shown(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [shown(inner) for inner in value]
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, bytes | bytearray):
        return bytes(value).hex()
    return str(value.replace(tzinfo=None) if hasattr(value, "tzinfo") else value)


def main() -> None:
    from pyspark.sql import SparkSession

    builder: Any = SparkSession.builder
    spark = builder.master("local[1]").config("spark.sql.session.timeZone", "UTC").getOrCreate()
    cases = json.loads(TARGET.read_text(encoding="utf-8"))
    for case in cases:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "a.json").write_bytes(case["bytes"].encode("latin-1"))
            frame = spark.read.schema(case["schema"]).options(**case["options"]).json(folder)
            try:
                rows = [row.asDict(recursive=True) for row in frame.collect()]
                case["rows"] = [list(map(shown, row.values())) for row in rows]
            except Exception as error:
                case["rows"] = "FAILFAST" if "FAILFAST" in str(error) else str(error)
    lines = ",\n".join(json.dumps(case) for case in cases)
    TARGET.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
