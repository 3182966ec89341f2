"""What a Kafka read gives, with a real broker."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from confluent_kafka import Producer

from streamcore import Session
from streamcore.errors import IllegalArgumentException
from tests.integration.sources.kafka_reading import batch_rows, rows, stream_reader, to_the_end, values
from tests.services.kafka_topics import KafkaTopics, Record

pytestmark = pytest.mark.integration


@contextmanager
def reading(kafka: KafkaTopics, **options: str) -> Iterator[Any]:
    reader = stream_reader(kafka, **options)
    yield reader
    reader.stop()


def end_transaction(producer: Producer, *, keep: bool) -> None:
    if keep:
        producer.commit_transaction()
    else:
        producer.abort_transaction()


@pytest.mark.usefixtures("either_way")
def test_every_column_says_what_the_record_holds(kafka: KafkaTopics) -> None:
    topic = kafka.new_topic()
    kafka.produce(topic, [Record(b"v", key=b"k", timestamp=1_700_000_000_123), Record(None, partition=0)])
    first, tombstone = batch_rows(kafka, subscribe=topic)
    assert first["key"] == b"k"
    assert first["value"] == b"v"
    assert (first["topic"], first["partition"], first["offset"]) == (topic, 0, 0)
    assert first["timestamp"].timestamp() == pytest.approx(1_700_000_000.123)
    assert first["timestampType"] == 0
    assert (tombstone["key"], tombstone["value"], tombstone["offset"]) == (None, None, 1)


@pytest.mark.usefixtures("either_way")
def test_headers_come_when_asked_for(kafka: KafkaTopics) -> None:
    topic = kafka.new_topic()
    kafka.produce(topic, [Record(b"v", headers=(("a", b"1"), ("a", b"2"), ("n", None))), Record(b"w")])
    with_headers, without = batch_rows(kafka, subscribe=topic, includeHeaders="true")
    assert [(h["key"], h["value"]) for h in with_headers["headers"]] == [
        ("a", b"1"),
        ("a", b"2"),
        ("n", None),
    ]
    assert without["headers"] is None


@pytest.mark.usefixtures("either_way")
def test_only_the_columns_asked_for_are_made(kafka: KafkaTopics) -> None:
    topic = kafka.new_topic()
    kafka.produce(topic, ["a", "b"])
    with reading(kafka, subscribe=topic) as reader:
        start = reader.initialOffset()
        (part,) = reader.partitions(start, to_the_end(reader, start))
        (batch,) = reader.read(part.with_columns(["timestampType", "value"]))
        assert batch.to_pydict() == {"value": [b"a", b"b"], "timestampType": [0, 0]}
        (nothing,) = reader.read(part.with_columns([]))
        assert nothing.num_rows == 2
        assert nothing.num_columns == 0


def test_offsets_have_the_form_that_spark_gives_them(kafka: KafkaTopics) -> None:
    topic = kafka.new_topic(partitions=2)
    kafka.produce(topic, ["a", "b"], partition=1)
    with reading(kafka, subscribe=topic) as reader:
        start = reader.initialOffset()
        assert start == {topic: {"0": 0, "1": 0}}
        assert to_the_end(reader, start) == {topic: {"0": 0, "1": 2}}


@pytest.mark.usefixtures("either_way")
def test_records_of_aborted_transactions_are_never_seen(kafka: KafkaTopics) -> None:
    topic = kafka.new_topic()
    producer = Producer({"bootstrap.servers": kafka.bootstrap, "transactional.id": f"tx-{topic}"})
    producer.init_transactions()
    for number, keep in enumerate([True, False, True, False]):
        producer.begin_transaction()
        producer.produce(topic, f"{number}".encode())
        producer.flush()
        end_transaction(producer, keep=keep)
    with reading(kafka, subscribe=topic) as reader:
        start = reader.initialOffset()
        while (end := to_the_end(reader, start)) != {topic: {"0": 8}}:
            time.sleep(0.01)
        # Four records and four markers: the range ends in a marker, which is no record.
        assert values(rows(reader, start, end)) == ["0", "2"]
        assert values(rows(reader, end, end)) == []
        assert values(rows(reader, {topic: {"0": 3}}, {topic: {"0": 5}})) == ["2"]
        assert values(rows(reader, {topic: {"0": 6}}, end)) == []
    uncommitted = batch_rows(kafka, subscribe=topic, kafka__isolation__level="read_uncommitted")
    assert values(uncommitted) == ["0", "1", "2", "3"]


def test_an_open_transaction_holds_the_end_back(kafka: KafkaTopics) -> None:
    topic = kafka.new_topic()
    kafka.produce(topic, ["before"])
    producer = Producer({"bootstrap.servers": kafka.bootstrap, "transactional.id": f"tx-{topic}"})
    producer.init_transactions()
    producer.begin_transaction()
    producer.produce(topic, b"inside")
    producer.flush()
    with reading(kafka, subscribe=topic) as reader:
        start = reader.initialOffset()
        middle = to_the_end(reader, start)
        assert values(rows(reader, start, middle)) == ["before"]
        producer.commit_transaction()
        # The broker writes the marker when it has already answered.
        while (end := to_the_end(reader, middle)) == middle:
            time.sleep(0.01)
        assert values(rows(reader, middle, end)) == ["inside"]


@pytest.mark.usefixtures("either_way")
def test_a_range_with_holes_is_read_to_its_end(kafka: KafkaTopics) -> None:
    """Compaction leaves holes: the end is reached by position, not by count."""
    config = {
        "cleanup.policy": "compact", "segment.ms": "100", "min.cleanable.dirty.ratio": "0.01",
        "min.compaction.lag.ms": "0", "delete.retention.ms": "0",
    }  # fmt: skip
    topic = kafka.new_topic(config=config)
    producer = Producer({"bootstrap.servers": kafka.bootstrap, "transactional.id": f"tx-{topic}"})
    producer.init_transactions()
    for number in range(6):
        producer.begin_transaction()
        producer.produce(topic, f"{number}".encode(), key=b"same")
        producer.flush()
        end_transaction(producer, keep=number in (1, 4))
    with reading(kafka, subscribe=topic) as reader:
        start = reader.initialOffset()
        while (end := to_the_end(reader, start)) != {topic: {"0": 12}}:
            time.sleep(0.01)
        assert values(rows(reader, start, end)) in (["1", "4"], ["4"])
        kafka.produce(topic, [Record(b"new", key=b"other")])
        assert values(rows(reader, end, to_the_end(reader, end))) == ["new"]


def test_new_partitions_are_read_from_their_first_record(kafka: KafkaTopics) -> None:
    topic = kafka.new_topic(partitions=1)
    kafka.produce(topic, ["old"])
    with reading(kafka, subscribe=topic) as reader:
        start = reader.initialOffset()
        end = to_the_end(reader, start)
        kafka.add_partitions(topic, 3)
        kafka.produce(topic, ["new"], partition=2)
        reader._looked_ms = None  # as if a second had passed
        later = to_the_end(reader, end)
        assert later[topic]["2"] == 1
        assert values(rows(reader, end, later)) == ["new"]


def test_a_pattern_finds_topics_that_come_later(kafka: KafkaTopics) -> None:
    first = kafka.new_topic()
    kafka.produce(first, ["one"])
    with reading(kafka, subscribePattern=f"{first}.*") as reader:
        start = reader.initialOffset()
        end = to_the_end(reader, start)
        second = kafka.new_topic(name=f"{first}-second")
        kafka.produce(second, ["two"])
        reader._looked_ms = None
        later = to_the_end(reader, end)
        assert sorted(later) == [first, second]
        assert values(rows(reader, end, later)) == ["two"]


def test_maxOffsetsPerTrigger_is_shared_among_partitions(kafka: KafkaTopics) -> None:
    topic = kafka.new_topic(partitions=2)
    kafka.produce(topic, ["x"] * 90, partition=0)
    kafka.produce(topic, ["x"] * 10, partition=1)
    with reading(kafka, subscribe=topic, maxOffsetsPerTrigger="10") as reader:
        start = reader.initialOffset()
        assert reader.latestOffset(start, reader.getDefaultReadLimit()) == {topic: {"0": 9, "1": 1}}


def test_start_and_end_are_found_by_timestamp(kafka: KafkaTopics) -> None:
    topic = kafka.new_topic()
    kafka.produce(topic, [Record(f"{n}".encode(), timestamp=1_700_000_000_000 + n) for n in range(10)])
    found = batch_rows(
        kafka, subscribe=topic, startingTimestamp="1700000000003", endingTimestamp="1700000000006"
    )
    assert values(found) == ["3", "4", "5"]
    with pytest.raises(IllegalArgumentException, match="startingOffsetsByTimestampStrategy=latest"):
        batch_rows(kafka, subscribe=topic, startingTimestamp="1800000000000")
    late = {"startingTimestamp": "1800000000000", "startingOffsetsByTimestampStrategy": "latest"}
    assert batch_rows(kafka, subscribe=topic, **late) == []


def test_offsets_given_per_partition_must_name_all_of_them(kafka: KafkaTopics) -> None:
    topic = kafka.new_topic(partitions=2)
    kafka.produce(topic, ["a", "b", "c"], partition=0)
    given = json.dumps({topic: {"0": 1, "1": -2}})
    assert values(batch_rows(kafka, subscribe=topic, startingOffsets=given)) == ["b", "c"]
    with pytest.raises(IllegalArgumentException, match="must name every partition"):
        batch_rows(kafka, subscribe=topic, startingOffsets=json.dumps({topic: {"0": 1}}))


def test_assign_reads_only_the_partitions_named(kafka: KafkaTopics) -> None:
    topic = kafka.new_topic(partitions=2)
    kafka.produce(topic, ["no"], partition=0)
    kafka.produce(topic, ["yes"], partition=1)
    assert values(batch_rows(kafka, assign=json.dumps({topic: [1]}))) == ["yes"]


def test_minPartitions_cuts_ranges_without_losing_a_record(kafka: KafkaTopics) -> None:
    topic = kafka.new_topic()
    kafka.produce(topic, [f"{n:03d}" for n in range(100)])
    with reading(kafka, subscribe=topic, minPartitions="4") as reader:
        start = reader.initialOffset()
        end = to_the_end(reader, start)
        assert len(reader.partitions(start, end)) == 4
        assert values(rows(reader, start, end)) == [f"{n:03d}" for n in range(100)]


def test_offsets_are_committed_to_a_consumer_group_when_asked(kafka: KafkaTopics) -> None:
    from confluent_kafka import ConsumerGroupTopicPartitions

    topic = kafka.new_topic()
    kafka.produce(topic, ["a", "b"])
    group = f"group-{topic}"
    with reading(kafka, subscribe=topic, commitOffsetsToGroup=group) as reader:
        reader.commit(to_the_end(reader, reader.initialOffset()))
    (answer,) = kafka.admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)]).values()
    assert [(p.topic, p.offset) for p in answer.result().topic_partitions] == [(topic, 2)]


def test_a_topic_that_does_not_exist_is_refused_and_not_created(kafka: KafkaTopics) -> None:
    with pytest.raises(IllegalArgumentException, match="no topic 'nowhere-to-be-found'"):
        batch_rows(kafka, subscribe="nowhere-to-be-found")
    assert "nowhere-to-be-found" not in kafka.admin.list_topics(timeout=10).topics


def test_an_unknown_kafka_property_is_refused_by_name(kafka: KafkaTopics) -> None:
    with pytest.raises(IllegalArgumentException, match=r"fetch\.nonsense"):
        batch_rows(kafka, subscribe=kafka.new_topic(), kafka__fetch__nonsense="1")


def test_progress_says_how_far_the_query_lies_behind(kafka: KafkaTopics) -> None:
    topic = kafka.new_topic(partitions=2)
    kafka.produce(topic, ["x"] * 9, partition=0)
    kafka.produce(topic, ["x"], partition=1)
    with Session.builder.master("local[1]").create() as session:
        stream = session.readStream.format("kafka").option("kafka.bootstrap.servers", kafka.bootstrap)
        stream.option("subscribe", topic).option("startingOffsets", "earliest").option(
            "maxOffsetsPerTrigger", 6
        )
        query = stream.load().writeStream.format("noop").trigger(availableNow=True).start()
        query.awaitTermination()
        first, last = (progress.sources[0] for progress in query.recentProgress)
    assert json.loads(first.endOffset) == {topic: {"0": 5, "1": 1}}
    assert first.latestOffset == last.latestOffset
    assert json.loads(last.latestOffset) == {topic: {"0": 9, "1": 1}}
    assert first.metrics == {
        "minOffsetsBehindLatest": "0",
        "maxOffsetsBehindLatest": "4",
        "avgOffsetsBehindLatest": "2.0",
    }
    assert set(last.metrics.values()) == {"0", "0.0"}
