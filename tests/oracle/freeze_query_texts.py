"""Asks PySpark for the answers to the queries of `query_texts` and writes them to `data`.

python -m tests.oracle.freeze_query_texts      (needs the extra `bench` and Java 17)
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.oracle.query_texts import QUERIES

ANSWERS = Path(__file__).parent / "data" / "query_texts.json"


def answer(session: Any, query: str) -> dict[str, Any]:
    """The type and the rows of a query's answer; of a refusal the condition."""
    try:
        frame = session.sql(query)
        rows = [repr(tuple(row)) for row in frame.collect()]
    except Exception as error:  # whatever it is, it has a condition
        condition = getattr(error, "getCondition", lambda: None)()
        return {"refused": condition or type(error).__name__}
    return {"schema": frame.schema.simpleString(), "rows": rows}


def main() -> None:
    from pyspark.sql import SparkSession

    session = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    lines = [f"{json.dumps(query)}: {json.dumps(answer(session, query))}" for query in QUERIES]
    ANSWERS.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
