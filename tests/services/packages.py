"""Programs for test servers, from the registries of npm, Go and Maven; kept outside the repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.services.readiness import ServiceDidNotStart


def npm_package(name: str, version: str) -> Path:
    """Return the folder in whose `node_modules` the package is, installed by npm the first time.

    No script of a package runs.
    """
    npm = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]

    def fetch(into: Path) -> None:
        _run([*npm, "--prefix", str(into), f"{name}@{version}"], f"npm could not install {name} {version}")

    return _once(f"npm-{name.strip('@').replace('/', '-')}-{version}", fetch)


def go_program(module: str, version: str) -> Path:
    """Return the program that a Go module's main package is, built by `go install` the first time."""

    def build(into: Path) -> None:
        _run(
            ["go", "install", f"{module}@{version}"],
            f"go could not build {module} {version}",
            {"GOBIN": str(into), "CGO_ENABLED": "0", "GOFLAGS": "-p=2"},
        )

    name = module.rstrip("/").rsplit("/", 1)[-1]
    return _once(f"go-{name}-{version}", build) / name


def maven_jars(group: str, artifact: str, version: str) -> Path:
    """Return the folder with an artifact and what it needs to run, fetched by Maven the first time."""

    def fetch(into: Path) -> None:
        with tempfile.TemporaryDirectory() as scratch:
            pom = Path(scratch) / "pom.xml"
            pom.write_text(_POM.format(group=group, artifact=artifact, version=version))
            maven = ["mvn", "--batch-mode", "--quiet", "--file", str(pom), "dependency:copy-dependencies"]
            _run(
                [*maven, f"-DoutputDirectory={into}", "-DincludeScope=runtime"],
                f"Maven could not fetch {artifact} {version}",
            )

    return _once(f"maven-{artifact}-{version}", fetch)


def maven_archive(group: str, artifact: str, version: str, classifier: str) -> Path:
    """Return the folder that a .tar.gz of Maven's registry was unpacked to, fetched the first time."""

    def fetch(into: Path) -> None:
        with tempfile.TemporaryDirectory() as scratch:
            _copy_artifact(f"{group}:{artifact}:{version}:tar.gz:{classifier}", Path(scratch))
            with tarfile.open(next(Path(scratch).glob("*.tar.gz"))) as archive:
                archive.extractall(into, filter="data")

    return _once(f"maven-{artifact}-{version}-{classifier}", fetch)


def maven_jar(group: str, artifact: str, version: str) -> Path:
    """Return one jar, without what it needs, fetched by Maven the first time."""
    kept = _once(
        f"maven-jar-{artifact}-{version}",
        lambda into: _copy_artifact(f"{group}:{artifact}:{version}", into),
    )
    return kept / f"{artifact}-{version}.jar"


def _copy_artifact(wanted: str, into: Path) -> None:
    maven = ["mvn", "--batch-mode", "--quiet", "dependency:copy", f"-Dartifact={wanted}"]
    _run([*maven, f"-DoutputDirectory={into}"], f"Maven could not fetch {wanted}")


_POM = """<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>streamcore</groupId><artifactId>test-server</artifactId><version>1</version>
  <dependencies><dependency>
    <groupId>{group}</groupId><artifactId>{artifact}</artifactId><version>{version}</version>
  </dependency></dependencies>
</project>
"""


def _once(name: str, fill: Callable[[Path], None]) -> Path:
    """Fill a folder the first time; under its final name it is always whole, whoever else fills it, too."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "streamcore"
    kept = cache / name
    if not kept.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            filled = Path(scratch) / "filled"
            filled.mkdir()
            fill(filled)
            _publish(filled, kept)
    return kept


def _publish(filled: Path, kept: Path) -> None:
    try:
        filled.rename(kept)
    except OSError:
        if not kept.is_dir():
            raise
        shutil.rmtree(filled)


def _run(command: Sequence[str], failed: str, more: Mapping[str, str] | None = None) -> None:
    ran = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **(more or {})}
    )
    if ran.returncode != 0:
        raise ServiceDidNotStart(f"{failed}:\n{ran.stdout[-3000:]}{ran.stderr[-1000:]}")
