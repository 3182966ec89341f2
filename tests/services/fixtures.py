"""Fixtures: a real Kafka and a real PostgreSQL, shared, or for one test to kill."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.services.choice import Facts, NotOnThisMachine, Way, choose
from tests.services.containers import KafkaContainer, PostgresContainer
from tests.services.kafka_broker import KafkaBroker
from tests.services.kafka_topics import KafkaTopics
from tests.services.machine import KAFKA_ADDRESS, POSTGRES_ADDRESS, kafka_facts, postgres_facts
from tests.services.postgres_databases import Database, PostgresDatabases
from tests.services.postgres_server import PostgresServer
from tests.services.readiness import ServiceDidNotStart
from tests.services.report import describe_service

PrivateKafka = KafkaBroker | KafkaContainer


@dataclass(frozen=True)
class PrivateDatabase(Database):
    """A database on a server that the test may stop, kill and start."""

    server: PostgresServer | PostgresContainer


@pytest.fixture(scope="session")
def kafka(pytestconfig: pytest.Config) -> Iterator[KafkaTopics]:
    """A real Kafka for the whole run; topics are each test's own (`new_topic`)."""
    facts = kafka_facts(os.environ.get(KAFKA_ADDRESS))
    if _way(facts) is Way.ADDRESS:
        given = KafkaTopics(str(facts.address), f"Kafka at {facts.variable}")
        if not given.answers():
            raise ServiceDidNotStart(f"{facts.variable} is set, but no Kafka answers at {facts.address}")
        describe_service(pytestconfig, "kafka", given.description)
        yield given
        return
    with _own_kafka(facts) as broker:
        describe_service(pytestconfig, "kafka", broker.description)
        yield broker


@pytest.fixture(scope="session")
def _spare_kafka() -> Iterator[PrivateKafka]:
    with _own_kafka(kafka_facts(None)) as broker:
        yield broker


@pytest.fixture
def private_kafka(_spare_kafka: PrivateKafka, pytestconfig: pytest.Config) -> PrivateKafka:
    """A running broker that the test may `stop`, `kill`, `start` and `restart`: same port, same data."""
    describe_service(pytestconfig, "kafka", _spare_kafka.description)
    if not _spare_kafka.running:
        _spare_kafka.start()
    return _spare_kafka


@pytest.fixture(scope="session")
def _postgres_server(pytestconfig: pytest.Config) -> Iterator[PostgresDatabases]:
    facts = postgres_facts(os.environ.get(POSTGRES_ADDRESS))
    if _way(facts) is Way.ADDRESS:
        given = PostgresDatabases(str(facts.address), f"at {facts.variable}")
        if not given.answers():
            raise ServiceDidNotStart(f"{facts.variable} is set, but no PostgreSQL answers there")
        yield given
        return
    with _own_postgres(facts) as server:
        yield server


@pytest.fixture
def postgres(_postgres_server: PostgresDatabases, pytestconfig: pytest.Config) -> Iterator[Database]:
    """An empty database of the test's own on a real PostgreSQL."""
    describe_service(pytestconfig, "postgres", _postgres_server.description)
    database = _postgres_server.new_database()
    yield database
    # A server of ours goes as a whole, and to drop a database costs it a checkpoint.
    if not isinstance(_postgres_server, PostgresServer | PostgresContainer):
        _postgres_server.drop(database)


@pytest.fixture(scope="session")
def _spare_postgres() -> Iterator[PostgresServer | PostgresContainer]:
    with _own_postgres(postgres_facts(None)) as server:
        yield server


@pytest.fixture
def private_postgres(
    _spare_postgres: PostgresServer | PostgresContainer, pytestconfig: pytest.Config
) -> PrivateDatabase:
    """An empty database on a running server that the test may `stop`, `kill`, `start` and `restart`."""
    if not _spare_postgres.running:
        _spare_postgres.start()
    describe_service(pytestconfig, "postgres", _spare_postgres.description)
    database = _spare_postgres.new_database()
    return PrivateDatabase(database.url, database.description, _spare_postgres)


def _own_kafka(facts: Facts) -> PrivateKafka:
    return KafkaContainer() if _way(facts) is Way.CONTAINER else KafkaBroker()


def _own_postgres(facts: Facts) -> PostgresServer | PostgresContainer:
    return PostgresContainer() if _way(facts) is Way.CONTAINER else PostgresServer()


def _way(facts: Facts) -> Way:
    try:
        return choose(facts)
    except NotOnThisMachine as reason:
        pytest.skip(str(reason))
