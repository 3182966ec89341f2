"""The services of the tests keep what they promise."""

from __future__ import annotations

import pytest

from tests.services.fixtures import PrivateDatabase, PrivateKafka
from tests.services.kafka_topics import KafkaTopics, Record
from tests.services.postgres_databases import Database


def test_a_topic_returns_what_was_produced(kafka: KafkaTopics) -> None:
    topic = kafka.new_topic(partitions=2)
    kafka.produce(topic, [Record(b"v", b"k", 1, 1000, (("h", b"1"),)), Record(None, b"k", 0)])
    tombstone, record = kafka.read(topic)
    assert (tombstone.partition, tombstone.value) == (0, None)
    assert record == Record(b"v", b"k", 1, 1000, (("h", b"1"),), 0)


def test_expired_records_and_new_partitions_can_be_had(kafka: KafkaTopics) -> None:
    topic = kafka.new_topic()
    kafka.produce(topic, ["a", "b", "c"])
    kafka.delete_records(topic, 0, before=2)
    kafka.add_partitions(topic, 3)
    assert [record.value for record in kafka.read(topic)] == [b"c"]
    assert kafka.end_offsets(topic) == {0: 3, 1: 0, 2: 0}


@pytest.mark.soak
def test_a_killed_broker_comes_back_with_its_records(private_kafka: PrivateKafka) -> None:
    topic = private_kafka.new_topic()
    private_kafka.produce(topic, ["kept"])
    private_kafka.kill()
    assert not private_kafka.running
    assert not private_kafka.answers()
    private_kafka.start()
    assert [record.value for record in private_kafka.read(topic)] == [b"kept"]


def test_every_test_has_an_empty_database(postgres: Database) -> None:
    postgres.query("create table seen (x int)")
    assert postgres.query("select count(*) from pg_tables where schemaname = 'public'") == [(1,)]


def test_committed_rows_survive_a_crash_of_the_server(private_postgres: PrivateDatabase) -> None:
    private_postgres.query("create table t (x int)")
    private_postgres.query("insert into t values (%s)", [7])
    private_postgres.server.kill()
    assert not private_postgres.server.answers()
    private_postgres.server.start()
    assert private_postgres.query("select x from t") == [(7,)]
    assert private_postgres.query("show fsync") == [("on",)]
