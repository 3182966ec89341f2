"""A real schema registry on loopback: Apicurio, which speaks Confluent's API, with Java and Maven alone."""

from __future__ import annotations

import urllib.error
import urllib.request
from typing import Final

from tests.services.packages import maven_archive
from tests.services.readiness import free_port
from tests.services.server import ProcessServer
from tests.services.supervised import SupervisedProcess

APICURIO: Final = "2.6.13.Final"


class SchemaRegistry:
    """A registry as its clients see it."""

    def __init__(self, address: str, description: str) -> None:
        self.address = address
        self.description = description

    def answers(self) -> bool:
        """Whether it lists its subjects."""
        try:
            with urllib.request.urlopen(f"{self.address}/subjects", timeout=5) as answer:
                return int(answer.status) == 200
        except (urllib.error.URLError, OSError):
            return False


class ApicurioRegistry(SchemaRegistry, ProcessServer):
    """A registry in memory."""

    def __init__(self) -> None:
        self._port = free_port()
        self._program = maven_archive("io.apicurio", "apicurio-registry-app", APICURIO, "all")
        ProcessServer.__init__(self)
        address = f"http://127.0.0.1:{self._port}/apis/ccompat/v7"
        SchemaRegistry.__init__(self, address, f"Apicurio {APICURIO} (Maven)")

    def launch(self) -> SupervisedProcess:
        settings = ["-Dquarkus.http.host=127.0.0.1", f"-Dquarkus.http.port={self._port}"]
        jar = self._program / f"apicurio-registry-app-{APICURIO}-runner.jar"
        # Compiled once and quickly: the server lives for a few tests.
        command = ["java", "-Xmx256m", "-XX:TieredStopAtLevel=1", *settings, "-jar", str(jar)]
        return SupervisedProcess(command, self.home)
