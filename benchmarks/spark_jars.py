"""The jars by which PySpark reads and writes Kafka, from Maven Central."""

from __future__ import annotations

from pathlib import Path

from tests.services.kafka_libs import kafka_libs
from tests.services.packages import maven_jar
from tests.services.readiness import ServiceDidNotStart

_SPARK = "org.apache.spark"
_SCALA = "2.13"
# A mirror of Maven Central may not have the newest; these have run with PySpark 4.3.
_OLDER = ("4.2.0", "4.1.0", "4.0.0")


def kafka_jars() -> list[Path]:
    """Return the connector, what it needs of Spark, and Kafka's client."""
    from pyspark import __version__

    client = sorted(kafka_libs().glob("kafka-clients-*.jar"))
    return [
        _newest("spark-sql-kafka-0-10", __version__),
        _newest("spark-token-provider-kafka-0-10", __version__),
        maven_jar("org.apache.commons", "commons-pool2", "2.12.0"),
        *client,
    ]


def _newest(artifact: str, version: str) -> Path:
    failures = []
    for tried in dict.fromkeys((version, *_OLDER)):
        try:
            return maven_jar(_SPARK, f"{artifact}_{_SCALA}", tried)
        except ServiceDidNotStart as error:
            failures.append(str(error).strip().splitlines()[0])
    raise ServiceDidNotStart("; ".join(failures))
