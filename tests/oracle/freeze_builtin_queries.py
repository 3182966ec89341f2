"""Asks PySpark again for the answers to the queries in data/builtin_queries.json.

python -m tests.oracle.freeze_builtin_queries      (needs the extra `bench` and Java 17)
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.oracle.answers import condition_of

FROZEN = Path(__file__).parent / "data" / "builtin_queries.json"


def outcome(session: Any, query: str) -> Any:
    """Types and nullability of the columns, and the rows as Python shows them; or the error's condition."""
    try:
        frame = session.sql(query)
        columns = [[f.dataType.simpleString(), f.nullable] for f in frame.schema.fields]
        return {"columns": columns, "rows": [[repr(value) for value in row] for row in frame.collect()]}
    except Exception as error:
        return {"error": condition_of(error)}


def main() -> None:
    from pyspark.sql import SparkSession

    builder: Any = SparkSession.builder
    spark = (
        builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "1")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("OFF")
    queries = json.loads(FROZEN.read_text(encoding="utf-8"))
    write({query: outcome(spark, query) for query in queries})
    spark.stop()


def write(answers: dict[str, Any]) -> None:
    lines = [
        f"{json.dumps(query, ensure_ascii=False)}: {json.dumps(answer, ensure_ascii=False)}"
        for query, answer in answers.items()
    ]
    FROZEN.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
