"""Asks real PySpark what every aggregate gives over a stream, and which it refuses.

    python -m tests.oracle.streaming.ask_aggregates tests/oracle/data/streaming_aggregates.json

needs PySpark 4 and Java 17 (extra `bench`); the tests only read the file.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.oracle.streaming.aggregate_cases import API_CASES, BATCHES, CASES, COLUMNS
from tests.oracle.streaming.ask_pyspark import plain, write
from tests.oracle.streaming.scenarios import SCHEMA


def main(target: str) -> None:
    from pyspark.sql import SparkSession, functions

    spark = (
        SparkSession.builder.master("local[1]")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.ui.enabled", "false")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("OFF")
    calls = {text: functions.expr(text) for text in CASES}
    calls |= {name: build(functions) for name, build in API_CASES.items()}
    answers: dict[str, Any] = {}
    for name, call in calls.items():
        answers[name] = alone(spark, call)
        print(name, answers[name].get("refused", answers[name].get("type"))[:150], flush=True)
    infos = vars(spark)["_jvm"].org.apache.spark.sql.api.python.PythonSQLUtils.listBuiltinFunctionInfos()
    known = sorted(info.getName() for info in infos if info.getGroup() == "agg_funcs")
    content = {"spark": spark.version, "functions": known, "answers": answers}
    lines = [f" {json.dumps(n)}: {json.dumps(a, sort_keys=True)}" for n, a in sorted(answers.items())]
    text = json.dumps({**content, "answers": "@"}, indent=1)
    Path(target).write_text(text.replace('"@"', "{\n" + ",\n".join(lines) + "\n }") + "\n")


def alone(spark: Any, call: Any) -> dict[str, Any]:
    """What one call gives by key, in update mode."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "input")
        source.mkdir()
        reader = spark.readStream.schema(SCHEMA).option("maxFilesPerTrigger", 1)
        rows = reader.option("allowNonNumericNumbers", True).json(str(source)).selectExpr(*COLUMNS)
        batches: list[Any] = []

        def keep(df: Any, _: int) -> None:
            batches.append(sorted(([row[0], written(row[1])] for row in df.collect()), key=repr))

        try:
            frame = rows.groupBy("k").agg(call.alias("r"))
            data_type = frame.schema["r"].dataType.simpleString()
            writer = frame.writeStream.outputMode("update").foreachBatch(keep)
            query = writer.option("checkpointLocation", f"{folder}/checkpoint").start()
            for number, batch in enumerate(BATCHES):
                write(source, number, batch)
                query.processAllAvailable()
            query.stop()
        except Exception as error:
            return {"refused": str(error).split(";")[0].split(" [id")[0][:160]}
        return {"type": data_type, "batches": batches}


def written(value: Any) -> Any:
    """A value of any type as JSON."""
    if isinstance(value, list):
        return [written(item) for item in value]
    if hasattr(value, "asDict"):
        return {name: written(item) for name, item in value.asDict().items()}
    if isinstance(value, dict):
        return [[written(key), written(item)] for key, item in value.items()]
    if isinstance(value, (bytes, bytearray)):
        return written(bytes(value).decode("latin-1"))
    if isinstance(value, str) and len(value) > 1000:
        return f"{len(value)} characters"
    if isinstance(value, Decimal | dt.date) and not isinstance(value, dt.datetime):
        return str(value)
    return plain(value)


if __name__ == "__main__":
    main(sys.argv[1])
