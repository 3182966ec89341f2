"""Asks real PySpark what it observes, and writes the answers down.

    python -m tests.oracle.freeze_observations tests/oracle/data/observations.json

needs PySpark 4 and Java 17 (extra `bench`); the tests only read the file.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.oracle.observation_programs import BATCHES, MEASURES, PEOPLE, PLACES, STREAMS, condition


def main(target: str) -> None:
    from pyspark.sql import SparkSession
    from pyspark.sql import functions as F

    spark = (
        SparkSession.builder.master("local[2]")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.ui.enabled", "false")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("OFF")
    people = spark.createDataFrame(PEOPLE, "name string, age bigint")
    answers = {
        "measures": {name: _measured(people, measures(F)) for name, measures in MEASURES.items()},
        "places": {name: _placed(people, F, place) for name, place in PLACES.items()},
        "streams": {name: _streamed(spark, F, *program) for name, program in STREAMS.items()},
    }
    Path(target).write_text(json.dumps({"spark": spark.version, **answers}, indent=1) + "\n")


def _measured(people: Any, measures: Any) -> Any:
    from pyspark.sql import Observation

    observation = Observation()
    try:
        people.observe(observation, *measures).count()
    except Exception as error:
        return {"refused": condition(error)}
    return {"values": {name: repr(value) for name, value in observation.get.items()}}


def _placed(people: Any, F: Any, place: Any) -> Any:
    from pyspark.sql import Observation

    observation = Observation()
    place(people, F, lambda d: d.observe(observation, F.count(F.lit(1)).alias("n"), F.max("age").alias("m")))
    return observation.get


def _streamed(spark: Any, F: Any, mode: str, build: Any) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        for number, rows in enumerate(BATCHES):
            lines = [json.dumps({"ts": ts.replace(" ", "T") + "Z", "k": k, "v": v}) for ts, k, v in rows]
            path = Path(folder, f"{number}.json")
            path.write_text("\n".join(lines))
            os.utime(path, (1_700_000_000 + number, 1_700_000_000 + number))
        reader = spark.readStream.schema("ts timestamp, k string, v bigint")
        stream = reader.option("maxFilesPerTrigger", 1).json(folder)
        try:
            writer = build(stream, F).writeStream.outputMode(mode).format("noop")
            query = writer.trigger(availableNow=True).start()
            query.awaitTermination(120)
        except Exception as error:
            return {"refused": condition(error)}
        return {
            "batches": [{n: r.asDict() for n, r in p.observedMetrics.items()} for p in query.recentProgress]
        }


if __name__ == "__main__":
    main(sys.argv[1])
