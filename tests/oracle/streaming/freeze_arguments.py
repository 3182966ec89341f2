"""Asks real PySpark which arguments it refuses, and writes the answers down.

    python -m tests.oracle.streaming.freeze_arguments tests/oracle/data/streaming_arguments.json

needs PySpark 4 and Java 17 (extra `bench`); the tests only read the file.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from tests.oracle.streaming.argument_programs import PROGRAMS, Place, outcome


def main(target: str) -> None:
    from pyspark.sql import SparkSession, functions

    spark = (
        SparkSession.builder.master("local[2]")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.sql.warehouse.dir", tempfile.mkdtemp())
        .config("spark.ui.enabled", "false")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("OFF")
    place = Place(spark, functions, tempfile.mkdtemp)
    answers = {name: outcome(program, place) for name, program in PROGRAMS.items()}
    Path(target).write_text(json.dumps({"spark": spark.version, "answers": answers}, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
