"""The rules on who imports whom are enforced, not only written down."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SIBLINGS = ("sources", "sinks", "checkpoint", "models")


PACKAGES = (
    "errors",
    "spi",
    "storage",
    "duck",
    "jvm",
    "plan",
    "scheduler",
    "rdd",
    "execution",
    "sql",
    "streaming",
)
ROOMS_OF_MODELS = ("online", "store", "ml", "mllib")
NAMED_IN_A_RULE = ("duck/engine.py", "duck/connection.py")


@pytest.fixture
def skeleton(tmp_path: Path) -> Path:
    """The packages without their contents, under the contracts and the links of this repository."""
    for name in SIBLINGS:
        _package(tmp_path / name)
    for name in ROOMS_OF_MODELS:
        _package(tmp_path / "models" / name)
    _package(tmp_path / "streamcore")
    for name in PACKAGES:
        _package(tmp_path / "streamcore" / name)
    for name in NAMED_IN_A_RULE:
        (tmp_path / "streamcore" / name).touch()
    for name in SIBLINGS:
        (tmp_path / "streamcore" / name).symlink_to((ROOT / "streamcore" / name).readlink())
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def _package(folder: Path) -> None:
    folder.mkdir()
    (folder / "__init__.py").touch()


def _lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_the_contracts_accept_the_layout(skeleton: Path) -> None:
    (skeleton / "sources" / "allowed.py").write_text("import streamcore.spi\nimport streamcore.errors\n")
    (skeleton / "streamcore" / "sql" / "allowed.py").write_text("import streamcore.plan\n")
    assert _lint_imports(skeleton).returncode == 0


@pytest.mark.parametrize(
    ("place", "forbidden"),
    [
        ("sources", "streamcore.sinks"),
        ("sinks", "streamcore.plan"),
        ("checkpoint", "streamcore.sources"),
        ("streamcore/plan", "socket"),
        ("streamcore/spi", "streamcore.plan"),
        ("streamcore/streaming", "streamcore.sinks"),
        ("streamcore/streaming", "streamcore.sql"),
        ("streamcore/execution", "streamcore.streaming"),
        ("streamcore/execution", "streamcore.sources"),
        ("models/online", "streamcore.sql"),
        ("models/store", "streamcore.checkpoint"),
        ("models/store", "streamcore.models.ml"),
    ],
)
def test_a_forbidden_import_breaks_the_contracts(skeleton: Path, place: str, forbidden: str) -> None:
    (skeleton / place / "planted.py").write_text(f"import {forbidden}\n")
    ran = _lint_imports(skeleton)
    package = place.removeprefix("streamcore/").replace("/", ".")
    assert f"streamcore.{package}.planted -> {forbidden}" in ran.stdout
    assert ran.returncode == 1


def test_a_new_package_must_be_given_its_layer(skeleton: Path) -> None:
    _package(skeleton / "streamcore" / "annex")
    ran = _lint_imports(skeleton)
    assert "streamcore.annex" in ran.stdout
    assert ran.returncode == 1


def test_the_bare_names_of_the_siblings_are_banned() -> None:
    code = "".join(f"import {name}\nfrom {name}.a import b\n" for name in SIBLINGS)
    ruff = [sys.executable, "-m", "ruff", "check", "--select", "TID251", "--output-format", "concise"]
    ran = subprocess.run(
        [*ruff, "--stdin-filename", "streamcore/planted.py", "-"],
        cwd=ROOT,
        input=code,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stdout.count("TID251") == 2 * len(SIBLINGS)
