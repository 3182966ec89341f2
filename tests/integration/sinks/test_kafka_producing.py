"""Rows that a real Kafka was given by either way come back as they were."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from streamcore.kafka.native.library import CHOICE, library
from streamcore.kafka.producing import open_producer
from streamcore.kafka.rows import COLUMNS, PARTITIONER, RowRefused
from tests.integration.sources.kafka_reading import batch_rows
from tests.services.kafka_topics import KafkaTopics

pytestmark = pytest.mark.integration


@pytest.fixture(params=["native", "messages"], autouse=True)
def _either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "messages":
        monkeypatch.setenv(CHOICE, "off")
    elif library() is None:
        pytest.skip("the C library is not used here")


def rows(**columns: list[Any]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict({name: pa.array(v, COLUMNS[name]) for name, v in columns.items()})


def test_every_column_comes_back(kafka: KafkaTopics) -> None:
    one, two = kafka.new_topic(partitions=3), kafka.new_topic(partitions=3)
    given: dict[str, list[Any]] = {
        "key": [b"k", None, b"", b"k"],
        "value": [b"v", b"w" * 5_000, None, b""],
        "topic": [one, two, two, one],
        "partition": [2, 0, 1, None],
        "headers": [None, [{"key": "ä", "value": b"1"}, {"key": "n", "value": None}], [], None],
    }
    producer = open_producer({"bootstrap.servers": kafka.bootstrap, "log_level": 0, **PARTITIONER})
    producer.send(rows(**given), None, 10.0)
    assert producer.client.flush(10) == 0
    found = {row["value"]: row for row in batch_rows(kafka, subscribe=f"{one},{two}", includeHeaders="true")}
    for i, value in enumerate(given["value"]):
        row = found[value]
        assert (row["key"], row["topic"]) == (given["key"][i], given["topic"][i])
        assert row["headers"] == (given["headers"][i] or None)
        assert given["partition"][i] in {row["partition"], None}
    assert producer.first_failure() is None


def test_more_rows_than_the_queue_holds_keep_their_order(kafka: KafkaTopics) -> None:
    topic = kafka.new_topic()
    config = {"bootstrap.servers": kafka.bootstrap, "queue.buffering.max.messages": 1_000, "log_level": 0}
    producer = open_producer(config | {"enable.idempotence": True})
    values = [b"%d" % n for n in range(10_000)]
    producer.send(rows(value=list(values)), topic, 10.0)
    assert producer.client.flush(10) == 0
    assert [row["value"] for row in batch_rows(kafka, subscribe=topic)] == values


def test_a_partition_that_is_not_there_is_refused(kafka: KafkaTopics) -> None:
    topic = kafka.new_topic(partitions=2)
    producer = open_producer({"bootstrap.servers": kafka.bootstrap, "log_level": 0})
    producer.client.list_topics(topic, timeout=10)
    with pytest.raises(RowRefused, match=rf"topic '{topic}' partition 7: .*fewer partitions"):
        producer.send(rows(value=[b"v"] * 3, partition=[0, 7, 1]), topic, 10.0)
    producer.client.purge()
