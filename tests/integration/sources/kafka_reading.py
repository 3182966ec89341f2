"""Short cuts for tests that read a real Kafka with the source."""

from __future__ import annotations

from typing import Any

from streamcore.sources.kafka.source import KafkaDataSource
from streamcore.spi.limits import ReadAllAvailable
from tests.services.kafka_topics import KafkaTopics


def kafka_options(kafka: KafkaTopics, **extra: str) -> dict[str, str]:
    base = {"kafka.bootstrap.servers": kafka.bootstrap, "startingOffsets": "earliest"}
    return base | {key.replace("__", "."): value for key, value in extra.items()}


def stream_reader(kafka: KafkaTopics, **extra: str) -> Any:
    source = KafkaDataSource(kafka_options(kafka, **extra))
    return source.streamReader(source.schema())


def batch_rows(kafka: KafkaTopics, **extra: str) -> list[dict[str, Any]]:
    source = KafkaDataSource(kafka_options(kafka, **extra))
    reader: Any = source.reader(source.schema())
    return [row for part in reader.partitions() for batch in reader.read(part) for row in batch.to_pylist()]


def rows(reader: Any, start: Any, end: Any) -> list[dict[str, Any]]:
    return [
        row
        for part in reader.partitions(start, end)
        for batch in reader.read(part)
        for row in batch.to_pylist()
    ]


def values(found: list[dict[str, Any]]) -> list[str]:
    return sorted(row["value"].decode() for row in found)


def to_the_end(reader: Any, start: Any) -> Any:
    return reader.latestOffset(start, ReadAllAvailable())
