"""Asks real PySpark which streaming plans it refuses in which output mode, and writes the answers down.

    python -m tests.oracle.streaming.ask_refusals tests/oracle/data/streaming_refusals.json

needs PySpark 4 and Java 17 (extra `bench`); the tests only read the file.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.oracle.streaming.plans import MODES, SHAPES


def main(target: str) -> None:
    from pyspark.sql import SparkSession

    spark = (
        SparkSession.builder.master("local[2]")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.ui.enabled", "false")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("OFF")
    answers = {name: {mode: refusal(spark, name, mode) for mode in MODES} for name in SHAPES}
    Path(target).write_text(json.dumps({"spark": spark.version, "answers": answers}, indent=1) + "\n")


def refusal(spark: Any, name: str, mode: str) -> str | None:
    """PySpark's error, or None when it runs the plan."""
    from pyspark.sql import functions

    with tempfile.TemporaryDirectory() as folder:
        schema = "ts timestamp, k string, v bigint"
        stream = spark.readStream.schema(schema).json(folder)
        static = spark.createDataFrame([], schema)
        try:
            frame = SHAPES[name](stream, static, functions)
            query = frame.writeStream.outputMode(mode).format("noop").trigger(availableNow=True).start()
            query.awaitTermination(60)
        except Exception as error:
            return str(error).split("\n")[0][:300]
    return None


if __name__ == "__main__":
    main(sys.argv[1])
