"""Asks real PySpark what every scenario gives, batch by batch, and writes the answers down.

    python -m tests.oracle.streaming.ask_pyspark tests/oracle/data

needs PySpark 4 and Java 17 (extra `bench`); the tests only read the file.
"""

from __future__ import annotations

import json
import math
import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.oracle.streaming.chain_scenarios import CHAINS
from tests.oracle.streaming.join_scenarios import JOINS
from tests.oracle.streaming.limit_scenarios import LIMITS
from tests.oracle.streaming.scenarios import SCENARIOS, SCHEMA, Row, Scenario
from tests.oracle.streaming.session_scenarios import SESSIONS

FILES = {
    "streaming.json": SCENARIOS,
    "streaming_chains.json": CHAINS,
    "streaming_sessions.json": SESSIONS,
    "streaming_joins.json": JOINS,
    "streaming_limits.json": LIMITS,
}
COUNTS = ("numRowsTotal", "numRowsUpdated", "numRowsRemoved", "numRowsDroppedByWatermark")


def main(target: str) -> None:
    from pyspark.sql import SparkSession

    spark = (
        SparkSession.builder.master("local[2]")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.streaming.numRecentProgressUpdates", "1000")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")
    for file, scenarios in FILES.items():
        answers: dict[str, Any] = {"spark": spark.version, "answers": {}}
        for scenario in scenarios:
            print(scenario.name, flush=True)
            with tempfile.TemporaryDirectory() as folder:
                answers["answers"][scenario.name] = ask(spark, scenario, Path(folder))
        (Path(target) / file).write_text(json.dumps(answers, indent=1, sort_keys=True) + "\n")


def ask(spark: Any, scenario: Scenario, folder: Path) -> list[dict[str, Any]]:
    from pyspark.sql import functions

    for key, value in scenario.conf.items():
        spark.conf.set(key, value)
    inputs = [folder / f"input-{n}" for n in range(len(scenario.steps[0]))]
    for path in inputs:
        path.mkdir()
    reader = (
        spark.readStream.schema(SCHEMA).option("maxFilesPerTrigger", 1).option("allowNonNumericNumbers", True)
    )
    frame = scenario.build([reader.json(str(path)) for path in inputs], functions)
    batches: dict[int, list[list[Any]]] = {}

    def keep(df: Any, batch_id: int) -> None:
        batches[batch_id] = [[plain(value) for value in row] for row in df.collect()]

    query = (
        frame.writeStream.outputMode(scenario.mode)
        .option("checkpointLocation", str(folder / "checkpoint"))
        .foreachBatch(keep)
        .start()
    )
    number = 0
    for step in scenario.steps:
        for path, files in zip(inputs, step, strict=True):
            for rows in files:
                number += 1
                write(path, number, rows)
        query.processAllAvailable()
    progress = {p["batchId"]: p for p in (json.loads(p.json) for p in query.recentProgress)}
    query.stop()
    for key in scenario.conf:
        spark.conf.unset(key)
    return [{"rows": batches[n], **facts(progress.get(n))} for n in sorted(batches)]


def facts(progress: dict[str, Any] | None) -> dict[str, Any]:
    if progress is None:
        return {}
    operators = progress["stateOperators"]
    return {
        "numInputRows": progress["numInputRows"],
        "eventTime": progress.get("eventTime", {}),
        "state": {name: operators[0][name] for name in COUNTS} if operators else None,
        **({"states": [state(operator) for operator in operators]} if len(operators) > 1 else {}),
    }


def state(operator: dict[str, Any]) -> list[int]:
    return [operator[name] for name in COUNTS]


def write(folder: Path, number: int, rows: Any) -> None:
    hidden, shown = folder / f".{number:04d}", folder / f"{number:04d}.json"
    hidden.write_text("".join(json.dumps(as_json(row)) + "\n" for row in rows))
    os.utime(hidden, (1_600_000_000 + number,) * 2)
    hidden.rename(shown)


def as_json(row: Row) -> dict[str, Any]:
    ts, k, v, x = row
    moment = None if ts is None else datetime.fromtimestamp(ts, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return {"ts": moment, "k": k, "v": v, "x": x}


def plain(value: Any) -> Any:
    """A value as it is written down: times in seconds, what is not finite by name."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC).timestamp() if value.tzinfo is None else value.timestamp()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


if __name__ == "__main__":
    main(sys.argv[1])
