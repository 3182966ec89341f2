"""Asks PySpark for the answers to drawn queries and writes them to `data`.

python -m tests.oracle.freeze_drawn_queries      (needs the extra `bench` and Java 17)
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tests.oracle.answers import answer_of, condition_of
from tests.oracle.drawn_queries import SCHEMAS, drawn, rows

ANSWERS = Path(__file__).parent / "data" / "drawn_queries.json"
_DRAWN = 400
_MOST_ROWS = 60


def with_tables(session: Any) -> Any:
    """The session, with the tables that queries are drawn over."""
    session.conf.set("spark.sql.session.timeZone", "UTC")
    for name, schema in SCHEMAS.items():
        session.createDataFrame(rows(name), schema).createOrReplaceTempView(name)
    return session


def answer(session: Any, seed: int) -> dict[str, Any]:
    """What a session says to the query of a number: rows in any order, or the condition of its refusal."""
    try:
        return answer_of(session.sql(drawn(seed)), is_ordered=False)
    except Exception as error:
        condition = getattr(error, "getCondition", lambda: None)()
        return {"refused": condition or condition_of(error)}


def main() -> None:
    from pyspark.sql import SparkSession

    first = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    count = int(sys.argv[2]) if len(sys.argv) > 2 else _DRAWN
    path = Path(sys.argv[3]) if len(sys.argv) > 3 else ANSWERS
    builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    session = with_tables(builder.config("spark.sql.shuffle.partitions", "1").getOrCreate())
    session.sparkContext.setLogLevel("OFF")
    found = {seed: answer(session, seed) for seed in range(first, first + count)}
    kept = {seed: one for seed, one in found.items() if len(one.get("rows", ())) <= _MOST_ROWS}
    lines = [f'"{seed}": {json.dumps(one, separators=(",", ":"))}' for seed, one in kept.items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
