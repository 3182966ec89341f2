"""Lets real PySpark make checkpoints of streaming queries, and keeps their files as text.

    python -m tests.oracle.freeze_spark_checkpoints tests/oracle/data/spark_checkpoints.json [KAFKA JARS]

needs PySpark 4 and Java 17 (extra `bench`), and for queries over Kafka the address of an empty one with the
folder of the jars of Spark's connector (`tests.services.packages.maven_jars`), of the same version.  What
one version of PySpark has made is kept beside what others have; the tests only read the file.  Where the
sources' files lie is written as `FILES`.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

NAMES = [f"day {n:02d} 100%.txt" for n in range(9)]
TOPICS = {"clicks": [3, 5], "views": [2]}


def main(target: str, kafka: str = "", jars: str = "") -> None:
    from pyspark.sql import SparkSession

    paths = [str(jar) for jar in Path(jars).glob("*.jar") if "scala-library" not in jar.name] if jars else []
    spark = (
        SparkSession.builder.master("local[1]")
        .config("spark.jars", ",".join(paths))
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.sql.streaming.minBatchesToRetain", "2")
        .config("spark.sql.streaming.fileSource.log.compactInterval", "3")
        .config("spark.sql.streaming.fileSource.log.cleanupDelay", "0")
        .config("spark.ui.enabled", "false")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("OFF")
    with tempfile.TemporaryDirectory() as scratch:
        base = Path(scratch)
        _write_files(base / "in")
        (base / "empty").mkdir()
        if kafka:
            _produce(kafka)
        found = {
            name: _checkpoint(base, name, make(_Sources(spark, base, kafka)))
            for name, make in (_OVER_KAFKA if kafka else _WITHOUT).items()
        }
    kept = Path(target)
    versions = json.loads(kept.read_text()) if kept.exists() else {}
    kept.write_text(json.dumps({**versions, spark.version: found}, indent=1) + "\n")
    spark.stop()


class _Sources:
    """What the queries read."""

    def __init__(self, spark: Any, base: Path, kafka: str) -> None:
        self.spark = spark
        self._base = base
        self._kafka = kafka

    def files(self, folder: str = "in", name: str = "") -> Any:
        reader = self.spark.readStream.option("maxFilesPerTrigger", "1")
        return (reader.name(name) if name else reader).text(str(self._base / folder))

    def topics(self, topics: str) -> Any:
        reader = self.spark.readStream.format("kafka").option("kafka.bootstrap.servers", self._kafka)
        read = reader.option("subscribe", topics).option("startingOffsets", "earliest").load()
        return read.selectExpr("CAST(value AS STRING) AS value")


def _named(sources: _Sources) -> Any:
    sources.spark.conf.set("spark.sql.streaming.queryEvolution.enableSourceEvolution", "true")
    return sources.files(name="the_files").union(sources.files("empty", name="the_others"))


_OVER_KAFKA: dict[str, Callable[[_Sources], Any]] = {
    "kafka": lambda of: of.topics("clicks,views"),
    "both": lambda of: of.topics("views").union(of.files()),
}
_WITHOUT: dict[str, Callable[[_Sources], Any]] = {
    "files": lambda of: of.files(),
    "half": lambda of: of.files().union(of.files("empty")),
    "counted": lambda of: of.files().dropDuplicates(["value"]),
    "rate": lambda of: of.spark.readStream.format("rate").load(),
    "named": _named,
}


def _write_files(folder: Path) -> None:
    folder.mkdir()
    for number, name in enumerate(NAMES):
        (folder / name).write_text(f"{number}\n")


def _produce(kafka: str) -> None:
    from confluent_kafka import Producer
    from confluent_kafka.admin import AdminClient, NewTopic

    admin = AdminClient({"bootstrap.servers": kafka})
    made = admin.create_topics([NewTopic(topic, len(counts), 1) for topic, counts in TOPICS.items()])
    for one in made.values():
        one.result()
    producer = Producer({"bootstrap.servers": kafka})
    for topic, counts in TOPICS.items():
        for partition, count in enumerate(counts):
            for number in range(count):
                producer.produce(topic, str(number).encode(), partition=partition)
    producer.flush()


def _checkpoint(base: Path, name: str, rows: Any) -> dict[str, str]:
    folder = base / f"checkpoint-{name}"
    writer = rows.writeStream.format("noop").option("checkpointLocation", str(folder))
    ends_by = {"once": True} if name == "rate" else {"availableNow": True}
    writer.trigger(**ends_by).start().awaitTermination()
    return {
        path.relative_to(folder).as_posix(): path.read_text(errors="replace").replace(str(base), "FILES")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
