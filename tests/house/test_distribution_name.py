"""What is installed is called `streamcore-engine`: `streamcore` on the package index is another project's."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from streamcore.distribution import DISTRIBUTION

ROOT = Path(__file__).parents[2]
TEXTS = {".py", ".md", ".toml", ".yml", ".yaml", ".cfg", ".txt", ""}
# An install of the name alone, or of its extras: `streamcore[...]` means nothing else.
OTHERS = re.compile(
    r"(pip|uv|poetry|pipx)( pip)? (install|add)[^\n]*\bstreamcore(?!-engine|[\w./])|\bstreamcore\[\w"
)


def _texts() -> list[Path]:
    folders = (
        "streamcore",
        "sources",
        "sinks",
        "checkpoint",
        "models",
        "docs",
        "examples",
        "benchmarks",
        "tests",
    )
    inside = [path for folder in folders for path in (ROOT / folder).rglob("*")]
    return [path for path in (*inside, *ROOT.iterdir()) if path.is_file() and path.suffix in TEXTS]


def test_the_project_is_called_as_the_code_says() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["name"] == DISTRIBUTION
    own = [
        need for extra in project["optional-dependencies"].values() for need in extra if "streamcore" in need
    ]
    assert own
    assert all(need.startswith(f"{DISTRIBUTION}[") for need in own)


def test_no_text_installs_the_other_project() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in _texts()
        if path != Path(__file__)
        for line in path.read_text(errors="replace").splitlines()
        if OTHERS.search(line)
    ]
    assert wrong == []
