"""Kafka and PostgreSQL in containers of a local Docker engine."""

from __future__ import annotations

import secrets
from typing import Any

from tests.services.kafka_broker import node_settings
from tests.services.kafka_libs import KAFKA_VERSION
from tests.services.kafka_topics import KafkaTopics
from tests.services.postgres_databases import PostgresDatabases
from tests.services.readiness import ServiceDidNotStart, free_port, wait_until_ready
from tests.services.server import Server

POSTGRES_IMAGE = "postgres:17"


class ContainerServer(Server):
    """A container on a fixed port of loopback; testcontainers removes it should the tests be killed."""

    def __init__(self, image: str, inner_port: int, port: int, environment: dict[str, str]) -> None:
        from testcontainers.core.container import DockerContainer

        # A fixed port, and on loopback alone: clients must find the server again after a restart.
        loopback: Any = ("127.0.0.1", port)
        self._container = DockerContainer(image, env=environment)
        self._container.ports[str(inner_port)] = loopback
        self._created = False

    def answers(self) -> bool:
        """Return whether a client is served; wait a second or two for it at most."""
        raise NotImplementedError

    def start(self) -> None:
        if self._created:
            self._container.get_wrapped_container().start()
        else:
            self._container.start()
            self._created = True
        wait_until_ready(f"the container of {self._container.image}", self._answers_or_ended)

    def stop(self) -> None:
        if self._created:
            self._container.get_wrapped_container().stop()

    def kill(self) -> None:
        if self.running:
            self._container.get_wrapped_container().kill()

    def close(self) -> None:
        if self._created:
            self._container.stop()
            self._created = False

    @property
    def running(self) -> bool:
        return self._created and self._state() == "running"

    def _state(self) -> str:
        wrapped = self._container.get_wrapped_container()
        wrapped.reload()
        return str(wrapped.status)

    def _answers_or_ended(self) -> bool:
        if self._state() == "exited":
            last_words = self._container.get_wrapped_container().logs(tail=25).decode(errors="replace")
            raise ServiceDidNotStart(f"the container of {self._container.image} ended:\n{last_words}")
        return self.answers()


class KafkaContainer(KafkaTopics, ContainerServer):
    """Apache Kafka's own image, one KRaft node."""

    def __init__(self) -> None:
        port = free_port()
        settings = node_settings(port, controller_port=port % 60000 + 1024, interface="0.0.0.0")
        environment = {f"KAFKA_{key.upper().replace('.', '_')}": value for key, value in settings.items()}
        ContainerServer.__init__(self, f"apache/kafka:{KAFKA_VERSION}", port, port, environment)
        KafkaTopics.__init__(self, f"127.0.0.1:{port}", f"Apache Kafka {KAFKA_VERSION} (Docker, KRaft)")


class PostgresContainer(PostgresDatabases, ContainerServer):
    """PostgreSQL's official image."""

    def __init__(self) -> None:
        port, password = free_port(), secrets.token_urlsafe(12)
        environment = {"POSTGRES_USER": "streamcore", "POSTGRES_PASSWORD": password}
        ContainerServer.__init__(self, POSTGRES_IMAGE, 5432, port, environment)
        self._container.with_command("-c wal_level=logical -c max_replication_slots=50 -c max_wal_senders=20")
        url = f"postgresql://streamcore:{password}@127.0.0.1:{port}/postgres"
        PostgresDatabases.__init__(self, url, "Docker")
