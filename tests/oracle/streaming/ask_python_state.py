"""Asks real PySpark what Python with state gives, batch by batch, and writes the answers down.

    python -m tests.oracle.streaming.ask_python_state tests/oracle/data/streaming_python_state.json

needs PySpark 4 with pandas, pyarrow and protobuf, and Java 17; the tests only read the file.  Where a
scenario goes by the processing time, its steps are as many seconds apart as it says, and batches that give
nothing are left out.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.oracle.streaming.ask_pyspark import COUNTS, plain, write
from tests.oracle.streaming.python_state_scenarios import SCENARIOS, Kit, Scenario
from tests.oracle.streaming.scenarios import SCHEMA

PROVIDER = "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider"


def main(target: str) -> None:
    os.environ["PYSPARK_PYTHON"] = sys.executable
    from pyspark.sql import SparkSession

    spark = (
        SparkSession.builder.master("local[2]")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.streaming.numRecentProgressUpdates", "1000")
        .config("spark.sql.streaming.stateStore.providerClass", PROVIDER)
        .config("spark.python.authenticate.socketTimeout", "100s")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("OFF")
    answers: dict[str, Any] = {}
    for scenario in SCENARIOS:
        print(scenario.name, flush=True)
        with tempfile.TemporaryDirectory() as folder:
            answers[scenario.name] = ask(spark, scenario, Path(folder))
    found = {"spark": spark.version, "answers": answers}
    Path(target).write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")


def ask(spark: Any, scenario: Scenario, folder: Path) -> list[dict[str, Any]]:
    from pyspark.sql import Row, functions
    from pyspark.sql.streaming.state import GroupStateTimeout
    from pyspark.sql.streaming.stateful_processor import StatefulProcessor

    path = folder / "input"
    path.mkdir()
    stream = spark.readStream.schema(SCHEMA).option("maxFilesPerTrigger", 1).json(str(path))
    initial = spark.createDataFrame(scenario.initial, "k string, n long") if scenario.initial else None
    kit = Kit(StatefulProcessor, Row, GroupStateTimeout)
    batches: dict[int, list[list[Any]]] = {}

    def keep(df: Any, batch_id: int) -> None:
        batches[batch_id] = [[plain(value) for value in row] for row in df.collect()]

    frame = scenario.build(stream, functions, kit, initial)
    query = (
        frame.writeStream.outputMode(scenario.mode)
        .option("checkpointLocation", str(folder / "checkpoint"))
        .foreachBatch(keep)
        .start()
    )
    number = 0
    for (files,) in scenario.steps:
        for rows in files:
            if rows:
                number += 1
                write(path, number, rows)
        if scenario.seconds:
            time.sleep(scenario.seconds)
        else:
            query.processAllAvailable()
    progress = {p["batchId"]: p for p in (json.loads(p.json) for p in query.recentProgress)}
    query.stop()
    if scenario.seconds:
        return [{"rows": batches[n]} for n in sorted(batches) if batches[n]]
    return [{"rows": batches[n], **facts(progress[n])} for n in sorted(batches)]


def facts(progress: dict[str, Any]) -> dict[str, Any]:
    operators = progress["stateOperators"]
    return {
        "numInputRows": progress["numInputRows"],
        "watermark": progress.get("eventTime", {}).get("watermark"),
        "states": [{name: operator[name] for name in COUNTS} for operator in operators],
    }


if __name__ == "__main__":
    main(sys.argv[1])
