"""Apache Kafka's own jars from Maven Central, kept outside the repository."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests.services.packages import maven_jars
from tests.services.readiness import ServiceDidNotStart

KAFKA_VERSION = "4.1.0"
OLDEST_JAVA = 17


def java_major() -> int:
    """Return the major version of the `java` on the PATH; raise ServiceDidNotStart if it does not run."""
    asked = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False)
    found = re.search(r'version "(\d+)', asked.stderr)
    if asked.returncode != 0 or found is None:
        raise ServiceDidNotStart(f"`java -version` ended with {asked.returncode}: {asked.stderr.strip()}")
    return int(found[1])


def kafka_libs(version: str = KAFKA_VERSION) -> Path:
    """Return the folder with the broker's jars, fetched by Maven the first time."""
    return maven_jars("org.apache.kafka", "kafka_2.13", version)
