"""Records that are gone, and brokers that come back: never silent loss."""

from __future__ import annotations

import logging
import threading
import time

import pytest

from streamcore.errors import OffsetsLost
from streamcore.kafka.errors import KafkaUnavailable
from streamcore.sources.kafka.intake import BatchLimits
from streamcore.sources.kafka.partition import CURSORS
from tests.integration.sources.kafka_reading import rows, stream_reader, to_the_end, values
from tests.services.fixtures import PrivateKafka
from tests.services.kafka_topics import KafkaTopics

pytestmark = pytest.mark.integration


def test_expired_offsets_stop_the_query_and_say_what_is_missing(kafka: KafkaTopics) -> None:
    topic = kafka.new_topic()
    kafka.produce(topic, [f"{n}" for n in range(10)])
    reader = stream_reader(kafka, subscribe=topic)
    start = reader.initialOffset()
    end = to_the_end(reader, start)
    kafka.delete_records(topic, 0, before=6)
    with pytest.raises(OffsetsLost, match=rf"'{topic}' partition 0.*0 to 10.*6 to 10.*failOnDataLoss=false"):
        rows(reader, start, end)
    reader.stop()


def test_with_failOnDataLoss_false_the_query_goes_on_from_the_earliest_record(
    kafka: KafkaTopics, caplog: pytest.LogCaptureFixture
) -> None:
    topic = kafka.new_topic()
    kafka.produce(topic, [f"{n}" for n in range(10)])
    reader = stream_reader(kafka, subscribe=topic, failOnDataLoss="false")
    start = reader.initialOffset()
    end = to_the_end(reader, start)
    kafka.delete_records(topic, 0, before=6)
    with caplog.at_level(logging.WARNING):
        assert values(rows(reader, start, end)) == ["6", "7", "8", "9"]
    assert topic in caplog.text
    reader.stop()


def test_a_range_that_expired_whole_is_empty_with_failOnDataLoss_false(kafka: KafkaTopics) -> None:
    topic = kafka.new_topic()
    kafka.produce(topic, [f"{n}" for n in range(10)])
    reader = stream_reader(kafka, subscribe=topic, failOnDataLoss="false")
    kafka.delete_records(topic, 0, before=8)
    assert rows(reader, {topic: {"0": 0}}, {topic: {"0": 5}}) == []
    reader.stop()


@pytest.mark.usefixtures("either_way")
def test_parts_of_a_range_whose_start_has_expired_give_each_record_once(kafka: KafkaTopics) -> None:
    topic = kafka.new_topic()
    kafka.produce(topic, [f"{n:04d}" for n in range(5000)])
    reader = stream_reader(kafka, subscribe=topic, failOnDataLoss="false", minPartitions="4")
    start = reader.initialOffset()
    parts = reader.partitions(start, to_the_end(reader, start))
    kafka.delete_records(topic, 0, before=1400)
    found = []
    # A cursor that has left an expired part behind is told so again when it stands somewhere else.
    for part in (parts[0], parts[3], parts[2], parts[1]):
        found += [row for batch in reader.read(part) for row in batch.to_pylist()]
        time.sleep(0.2)
    assert values(found) == [f"{n:04d}" for n in range(1400, 5000)]
    reader.stop()


def test_a_deleted_topic_stops_the_query(kafka: KafkaTopics) -> None:
    topic = kafka.new_topic()
    other = kafka.new_topic()
    kafka.produce(topic, ["a"])
    reader = stream_reader(kafka, subscribe=f"{topic},{other}")
    end = to_the_end(reader, reader.initialOffset())
    kafka.delete_topic(topic)
    _until_gone(kafka, topic)
    reader._looked_ms = None
    with pytest.raises(OffsetsLost, match=rf"'{topic}' partition 0 is gone.*up to offset 1"):
        to_the_end(reader, end)
    reader.stop()


def test_a_topic_deleted_since_the_last_look_is_noticed_too(kafka: KafkaTopics) -> None:
    topic = kafka.new_topic()
    reader = stream_reader(kafka, subscribe=topic)
    end = to_the_end(reader, reader.initialOffset())
    kafka.delete_topic(topic)
    _until_gone(kafka, topic)
    with pytest.raises(OffsetsLost, match="is gone"):
        to_the_end(reader, end)
    reader.stop()


def test_with_failOnDataLoss_false_a_deleted_topic_is_left_behind(kafka: KafkaTopics) -> None:
    topic, other = kafka.new_topic(), kafka.new_topic()
    kafka.produce(topic, ["a"])
    reader = stream_reader(kafka, subscribe=f"{topic},{other}", failOnDataLoss="false")
    end = to_the_end(reader, reader.initialOffset())
    kafka.delete_topic(topic)
    _until_gone(kafka, topic)
    reader._looked_ms = None
    kafka.produce(other, ["b"])
    later = to_the_end(reader, end)
    assert later == {other: {"0": 1}}
    assert values(rows(reader, end, later)) == ["b"]
    reader.stop()


def test_a_topic_made_anew_is_not_taken_for_the_old_one(kafka: KafkaTopics) -> None:
    topic = kafka.new_topic()
    kafka.produce(topic, ["a", "b", "c"])
    reader = stream_reader(kafka, subscribe=topic, failOnDataLoss="true")
    end = to_the_end(reader, reader.initialOffset())
    kafka.delete_topic(topic)
    _until_gone(kafka, topic)
    kafka.new_topic(name=topic)
    kafka.produce(topic, ["new"])
    with pytest.raises(OffsetsLost, match="truncated or made anew"):
        to_the_end(reader, end)
    reader.stop()


@pytest.mark.soak
def test_a_broker_that_dies_in_the_middle_of_a_batch_and_comes_back_loses_nothing(
    private_kafka: PrivateKafka,
) -> None:
    topic = private_kafka.new_topic()
    expected = [f"{n:05d}" for n in range(10_000)]
    private_kafka.produce(topic, expected, partition=0)
    # Little is fetched ahead, so that the death is felt.
    few = {"kafka.queued.min.messages": "100", "kafka.fetch.message.max.bytes": "2000"}
    reader = stream_reader(private_kafka, subscribe=topic, **few)
    start = reader.initialOffset()
    end = to_the_end(reader, start)
    (part,) = reader.partitions(start, end)
    with CURSORS.lend(part.span, part.fetch) as cursor:
        batches = cursor.batches(part.span, ["value"], BatchLimits(rows=100, size=1 << 20))
        found = next(batches).column("value").to_pylist()
        assert len(found) < len(expected)
        private_kafka.kill()
        found += next(batches).column("value").to_pylist()
        restart = threading.Thread(target=private_kafka.start)
        restart.start()
        found += [value for batch in batches for value in batch.column("value").to_pylist()]
        restart.join()
    assert found == [text.encode() for text in expected]
    assert to_the_end(reader, end) == end
    reader.stop()


@pytest.mark.soak
def test_a_broker_that_stays_away_is_named_after_the_deadline(private_kafka: PrivateKafka) -> None:
    topic = private_kafka.new_topic()
    private_kafka.produce(topic, ["a", "b"])
    options = {"kafkaConsumer.pollTimeoutMs": "1000", "kafka.default.api.timeout.ms": "1000"}
    reader = stream_reader(private_kafka, subscribe=topic, **options)
    start = reader.initialOffset()
    end = to_the_end(reader, start)
    private_kafka.kill()
    try:
        with pytest.raises(KafkaUnavailable, match="see whether the brokers run"):
            to_the_end(reader, end)
        with pytest.raises(KafkaUnavailable, match="nothing is lost"):
            rows(reader, start, end)
    finally:
        private_kafka.start()
    assert values(rows(reader, start, end)) == ["a", "b"]
    reader.stop()


def _until_gone(kafka: KafkaTopics, topic: str) -> None:
    while topic in kafka.admin.list_topics(timeout=10).topics:
        time.sleep(0.05)
