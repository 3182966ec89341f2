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
