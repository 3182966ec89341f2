"""Apache Kafka's own jars from Maven Central, kept outside the repository."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.services.readiness import ServiceDidNotStart

KAFKA_VERSION = "4.1.0"
OLDEST_JAVA = 17

_POM = """<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>streamcore</groupId><artifactId>test-broker</artifactId><version>1</version>
  <dependencies><dependency>
    <groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>{version}</version>
  </dependency></dependencies>
</project>
"""


def java_major() -> int:
    """Return the major version of the `java` on the PATH; raise ServiceDidNotStart if it does not run."""
    asked = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False)
    found = re.search(r'version "(\d+)', asked.stderr)
    if asked.returncode != 0 or found is None:
        raise ServiceDidNotStart(f"`java -version` ended with {asked.returncode}: {asked.stderr.strip()}")
    return int(found[1])


def kafka_libs(version: str = KAFKA_VERSION) -> Path:
    """Return the folder with the broker's jars, fetched by Maven the first time."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "streamcore"
    libs = cache / f"kafka-{version}"
    if not libs.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            _publish(_fetch(version, Path(scratch)), libs)
    return libs


def _fetch(version: str, scratch: Path) -> Path:
    pom = scratch / "pom.xml"
    pom.write_text(_POM.format(version=version))
    fetched = scratch / "libs"
    maven = ["mvn", "--batch-mode", "--quiet", "--file", str(pom), "dependency:copy-dependencies"]
    ran = subprocess.run(
        [*maven, f"-DoutputDirectory={fetched}", "-DincludeScope=runtime"],
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode != 0:
        raise ServiceDidNotStart(
            f"Maven could not fetch Kafka {version}:\n{ran.stdout[-3000:]}{ran.stderr[-1000:]}"
        )
    return fetched


def _publish(fetched: Path, libs: Path) -> None:
    """Rename, so that a folder under the final name is always whole; another process may have been first."""
    try:
        fetched.rename(libs)
    except OSError:
        if not libs.is_dir():
            raise
        shutil.rmtree(fetched)
