"""Fixtures: real servers (Kafka, PostgreSQL, object stores), shared, or for one test to kill."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar
from uuid import uuid4

import pytest

from streamcore.storage.objects.given import give, take_back
from tests.services.choice import Facts, NotOnThisMachine, Way, choose
from tests.services.containers import KafkaContainer, PostgresContainer
from tests.services.kafka_broker import KafkaBroker
from tests.services.kafka_topics import KafkaTopics
from tests.services.kinesis_streams import KinesisServer, KinesisStreams
from tests.services.machine import (
    AZURE_ADDRESS,
    KAFKA_ADDRESS,
    KINESIS_ADDRESS,
    POSTGRES_ADDRESS,
    REGISTRY_ADDRESS,
    S3_ADDRESS,
    azure_facts,
    kafka_facts,
    kinesis_facts,
    postgres_facts,
    registry_facts,
    s3_facts,
)
from tests.services.object_stores import Azurite, GivenStore, ObjectStore, VersityGateway
from tests.services.postgres_databases import Database, PostgresDatabases
from tests.services.postgres_server import PostgresServer
from tests.services.readiness import ServiceDidNotStart
from tests.services.report import describe_service
from tests.services.schema_registry import ApicurioRegistry, SchemaRegistry

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
def _logical_database(_postgres_server: PostgresDatabases) -> Iterator[Database]:
    database = _postgres_server.new_database()
    level = database.query("SHOW wal_level")[0][0]
    if level != "logical":
        _postgres_server.drop(database)
        pytest.skip(f"the PostgreSQL at {POSTGRES_ADDRESS} has wal_level={level}, not logical")
    yield database
    if not isinstance(_postgres_server, PostgresServer | PostgresContainer):
        for (slot,) in database.query(
            "SELECT slot_name FROM pg_replication_slots WHERE database = current_database()"
        ):
            database.query("SELECT pg_drop_replication_slot(%s)", [slot])
        _postgres_server.drop(database)


@pytest.fixture
def logical_postgres(_logical_database: Database, pytestconfig: pytest.Config) -> Database:
    """An empty schema of the test's own, on a server that gives the changes of its tables."""
    describe_service(pytestconfig, "postgres", _logical_database.description)
    schema = f"test_{uuid4().hex[:12]}"
    _logical_database.query(f'CREATE SCHEMA "{schema}"')
    url = f"{_logical_database.url}?options=-csearch_path%3D{schema}"
    return Database(url, _logical_database.description)


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


@pytest.fixture(scope="session")
def _s3_server() -> Iterator[ObjectStore]:
    facts = s3_facts(os.environ.get(S3_ADDRESS))
    if _way(facts) is Way.ADDRESS:
        yield GivenStore(str(facts.address), facts.variable)
        return
    with VersityGateway() as server:
        yield server


@pytest.fixture
def s3(
    _s3_server: ObjectStore, pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ObjectStore]:
    """A real server of Amazon S3's protocol, which storages of this process reach; `new_folder` on it."""
    describe_service(pytestconfig, "s3", _s3_server.description)
    yield from _reached(_s3_server, monkeypatch)


@pytest.fixture
def private_s3(pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch) -> Iterator[VersityGateway]:
    """A server of its own that the test may `stop`, `kill`, `start` and `restart`: same port, same data."""
    _way(s3_facts(None))
    with VersityGateway() as server:
        describe_service(pytestconfig, "s3", server.description)
        yield from _reached(server, monkeypatch)


@pytest.fixture(scope="session")
def _azure_server() -> Iterator[ObjectStore]:
    facts = azure_facts(os.environ.get(AZURE_ADDRESS))
    if _way(facts) is Way.ADDRESS:
        yield GivenStore(str(facts.address), facts.variable)
        return
    with Azurite() as server:
        yield server


@pytest.fixture
def azure(
    _azure_server: ObjectStore, pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ObjectStore]:
    """A real server of Azure Blob Storage's protocol, which storages of this process reach."""
    describe_service(pytestconfig, "azure", _azure_server.description)
    yield from _reached(_azure_server, monkeypatch)


@pytest.fixture(scope="session")
def _kinesis_server() -> Iterator[KinesisStreams]:
    facts = kinesis_facts(os.environ.get(KINESIS_ADDRESS))
    if _way(facts) is Way.ADDRESS:
        yield KinesisStreams(str(facts.address), f"Kinesis at {facts.variable}")
        return
    with KinesisServer() as server:
        yield server


@pytest.fixture
def kinesis(_kinesis_server: KinesisStreams, pytestconfig: pytest.Config) -> KinesisStreams:
    """A server of Kinesis's protocol; streams are each test's own (`new_stream`)."""
    describe_service(pytestconfig, "kinesis", _kinesis_server.description)
    return _kinesis_server


@pytest.fixture
def private_kinesis(pytestconfig: pytest.Config) -> Iterator[KinesisServer]:
    """A server of its own that the test may `stop` and `start`: same port, same data."""
    _way(kinesis_facts(None))
    with KinesisServer(keeps_data=True) as server:
        describe_service(pytestconfig, "kinesis", server.description)
        yield server


_Store = TypeVar("_Store", bound=ObjectStore)


def _reached(store: _Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[_Store]:
    for key, value in store.environment.items():
        monkeypatch.setenv(key, value)
    give(store.settings)
    yield store
    take_back(store.settings)


@pytest.fixture(scope="session")
def _registry_server() -> Iterator[SchemaRegistry]:
    facts = registry_facts(os.environ.get(REGISTRY_ADDRESS))
    if _way(facts) is Way.ADDRESS:
        given = SchemaRegistry(str(facts.address), f"schema registry at {facts.variable}")
        if not given.answers():
            raise ServiceDidNotStart(f"{facts.variable} is set, but no registry answers there")
        yield given
        return
    with ApicurioRegistry() as server:
        yield server


@pytest.fixture
def schema_registry(_registry_server: SchemaRegistry, pytestconfig: pytest.Config) -> SchemaRegistry:
    """A real schema registry with Confluent's API; subjects are each test's own."""
    describe_service(pytestconfig, "schema registry", _registry_server.description)
    return _registry_server


def _own_kafka(facts: Facts) -> PrivateKafka:
    return KafkaContainer() if _way(facts) is Way.CONTAINER else KafkaBroker()


def _own_postgres(facts: Facts) -> PostgresServer | PostgresContainer:
    return PostgresContainer() if _way(facts) is Way.CONTAINER else PostgresServer()


def _way(facts: Facts) -> Way:
    try:
        return choose(facts)
    except NotOnThisMachine as reason:
        pytest.skip(str(reason))
