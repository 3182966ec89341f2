"""What this machine offers for the services of the tests."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache

from tests.services.choice import Facts
from tests.services.kafka_libs import OLDEST_JAVA, java_major
from tests.services.postgres_server import postgres_programs

KAFKA_ADDRESS = "STREAMCORE_TEST_KAFKA"
POSTGRES_ADDRESS = "STREAMCORE_TEST_POSTGRES"
S3_ADDRESS = "STREAMCORE_TEST_S3"
AZURE_ADDRESS = "STREAMCORE_TEST_AZURE"
KINESIS_ADDRESS = "STREAMCORE_TEST_KINESIS"
REGISTRY_ADDRESS = "STREAMCORE_TEST_SCHEMA_REGISTRY"


def kafka_facts(address: str | None) -> Facts:
    """Return the facts for Kafka; raises ServiceDidNotStart if `java` is needed and broken."""
    engine = not address and _docker_engine()
    return Facts(
        service="Kafka",
        variable=KAFKA_ADDRESS,
        address=address,
        docker_command=shutil.which("docker") is not None,
        docker_engine=engine,
        programs=not address and not engine and _java_and_maven(),
        hint=f"Java {OLDEST_JAVA} or later and Maven",
    )


def postgres_facts(address: str | None) -> Facts:
    """Return the facts for PostgreSQL."""
    engine = not address and _docker_engine()
    return Facts(
        service="PostgreSQL",
        variable=POSTGRES_ADDRESS,
        address=address,
        docker_command=shutil.which("docker") is not None,
        docker_engine=engine,
        programs=not address and not engine and postgres_programs() is not None,
        hint="PostgreSQL (initdb and postgres)",
    )


def s3_facts(address: str | None) -> Facts:
    """Return the facts for Amazon S3's protocol; no container of it is known."""
    return _store_facts("S3", S3_ADDRESS, address, "go")


def azure_facts(address: str | None) -> Facts:
    """Return the facts for Azure Blob Storage; no container of it is known."""
    return _store_facts("Azure Blob Storage", AZURE_ADDRESS, address, "npm")


def kinesis_facts(address: str | None) -> Facts:
    """Return the facts for Kinesis; no container of it is known."""
    return _store_facts("Kinesis", KINESIS_ADDRESS, address, "npm")


def registry_facts(address: str | None) -> Facts:
    """Return the facts for a schema registry; no container of it is known."""
    return Facts(
        service="schema registry",
        variable=REGISTRY_ADDRESS,
        address=address,
        docker_command=False,
        docker_engine=False,
        programs=not address and _java_and_maven(),
        hint=f"Java {OLDEST_JAVA} or later and Maven",
    )


def _store_facts(service: str, variable: str, address: str | None, program: str) -> Facts:
    return Facts(
        service=service,
        variable=variable,
        address=address,
        docker_command=False,
        docker_engine=False,
        programs=not address and shutil.which(program) is not None,
        hint=program,
    )


def _java_and_maven() -> bool:
    both = shutil.which("java") is not None and shutil.which("mvn") is not None
    return both and java_major() >= OLDEST_JAVA


@cache
def _docker_engine() -> bool:
    """The command may be installed without an engine behind it."""
    if shutil.which("docker") is None:
        return False
    try:
        asked = subprocess.run(["docker", "info"], capture_output=True, check=False, timeout=30)
    except subprocess.TimeoutExpired:
        return False
    return asked.returncode == 0
