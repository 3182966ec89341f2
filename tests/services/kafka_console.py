"""Kafka's own console consumer, in Java: what a client of another language sees."""

from __future__ import annotations

import subprocess

from tests.services.kafka_libs import KAFKA_VERSION
from tests.services.kafka_topics import KafkaTopics
from tests.services.packages import maven_jars


def values_by_console_consumer(kafka: KafkaTopics, topic: str) -> list[str]:
    """Return the committed values of a topic; the consumer gives up when none has come for ten seconds."""
    jars = maven_jars("org.apache.kafka", "kafka-tools", KAFKA_VERSION)
    program = ["java", "-cp", f"{jars}/*", "org.apache.kafka.tools.consumer.ConsoleConsumer"]
    asked = ["--bootstrap-server", kafka.bootstrap, "--topic", topic, "--from-beginning"]
    committed = ["--isolation-level", "read_committed", "--timeout-ms", "10000"]
    ran = subprocess.run(
        [*program, *asked, *committed], capture_output=True, text=True, check=False, timeout=120
    )
    if "Processed a total of" not in ran.stderr:
        raise AssertionError(ran.stderr[-2000:])
    return ran.stdout.splitlines()
