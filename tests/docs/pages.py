"""The pages of the documentation as programs: their python blocks, at the lines where they stand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def pages() -> list[Path]:
    """Return every page that people read."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def program_of(page: str) -> str:
    r"""Return the python blocks of a page with blank lines for everything else, so that lines agree.

    A fence that says more than `python` is not taken.

    >>> program_of("# Title\n```python\nx = 1\n```\ntext\n```python\nprint(x)\n```\n```text\n...\n```")
    '\n\nx = 1\n\n\n\nprint(x)\n\n\n\n'
    """
    return "\n".join(_lines(page.splitlines()))


def _lines(lines: list[str]) -> Iterator[str]:
    fence = None
    for line in lines:
        if fence is None:
            fence = line.strip()[3:] if line.startswith("```") else None
            yield ""
        elif line.startswith("```"):
            fence = None
            yield ""
        else:
            yield line if fence == "python" else ""
