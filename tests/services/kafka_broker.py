"""A real Apache Kafka broker on loopback, with nothing but Java and Maven."""

from __future__ import annotations

import subprocess
import uuid
from base64 import urlsafe_b64encode
from pathlib import Path

from tests.services.kafka_libs import KAFKA_VERSION, kafka_libs
from tests.services.kafka_topics import KafkaTopics
from tests.services.readiness import ServiceDidNotStart, free_port
from tests.services.server import ProcessServer
from tests.services.supervised import SupervisedProcess


def node_settings(port: int, controller_port: int, interface: str = "127.0.0.1") -> dict[str, str]:
    """Return the settings of one KRaft node that is its own quorum.

    Internal topics are small, for a quick start; a misspelt topic is an error, not a new topic. A broker
    that was killed may register again only when its old session has run out, so sessions are short.
    """
    return {
        "process.roles": "broker,controller",
        "node.id": "1",
        "listeners": f"PLAINTEXT://{interface}:{port},CONTROLLER://127.0.0.1:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "controller.listener.names": "CONTROLLER",
        "controller.quorum.voters": f"1@127.0.0.1:{controller_port}",
        "broker.session.timeout.ms": "3000",
        "broker.heartbeat.interval.ms": "500",
        "auto.create.topics.enable": "false",
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "4",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "transaction.state.log.num.partitions": "4",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        "group.initial.rebalance.delay.ms": "0",
    }


class KafkaBroker(KafkaTopics, ProcessServer):
    """One KRaft node that keeps its port and its data across `stop` or `kill` and `start`.

    As in::

        with KafkaBroker() as broker:
            topic = broker.new_topic(partitions=4)
            broker.produce(topic, [b"one", b"two"])
    """

    def __init__(self, libs: Path | None = None, heap: str = "512m") -> None:
        self._libs = libs or kafka_libs()
        self._heap = heap
        self._port = free_port()
        ProcessServer.__init__(self)
        KafkaTopics.__init__(self, f"127.0.0.1:{self._port}", f"Apache Kafka {KAFKA_VERSION} (Maven, KRaft)")

    def launch(self) -> SupervisedProcess:
        settings = self.home / "server.properties"
        if not settings.exists():
            self._format(settings)
        return SupervisedProcess([*self._java(), "kafka.Kafka", str(settings)], self.home)

    def _format(self, settings: Path) -> None:
        given = node_settings(self._port, free_port()) | {"log.dirs": str(self.home / "data")}
        settings.write_text("".join(f"{key}={value}\n" for key, value in given.items()))
        cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        tool = [
            *self._java(),
            "kafka.tools.StorageTool",
            "format",
            f"--cluster-id={cluster}",
            "-c",
            str(settings),
        ]
        ran = subprocess.run(tool, capture_output=True, text=True, check=False)
        if ran.returncode != 0:
            said = (ran.stdout + ran.stderr).strip()
            raise ServiceDidNotStart(f"formatting Kafka's storage ended with {ran.returncode}: {said}")

    def _java(self) -> list[str]:
        options = [f"-Xmx{self._heap}", "-Xms128m", "-Dorg.apache.logging.log4j.level=WARN"]
        return ["java", *options, "-cp", f"{self._libs}/*"]
