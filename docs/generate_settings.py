"""The generated part of docs/settings.md, made from the table of settings.

python docs/generate_settings.py     # writes it into the page
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamcore.settings.table import Setting

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "settings.md"
MARK = "<!-- The rest of this page is generated: python docs/generate_settings.py -->"


def with_tables(page: str) -> str:
    """Return the page with its generated part made anew."""
    written, _, _ = page.partition(MARK)
    return written + MARK + "\n\n" + "\n\n".join(_sections()) + "\n"


def _sections() -> Iterable[str]:
    from streamcore.settings.table import APPLICATION, NO_EFFECT, REFUSED, SESSION

    yield "## Of the application: set before it starts"
    yield _table(setting for setting in APPLICATION if not setting.has_one_value)
    yield "## Of a session: set at any time"
    yield _table(SESSION)
    yield "## With one value that is honoured"
    yield "Any other is refused, with the reason."
    refused = [setting for setting in (*APPLICATION, *REFUSED) if setting.has_one_value]
    yield "| setting | values |\n| --- | --- |\n" + "\n".join(
        f"| `{setting.key}` | {setting.kind.words} |" for setting in refused
    )
    yield "## Without effect"
    yield (
        "Settings of Spark's that begin so say how a JVM or a cluster runs; they are accepted, and change no "
        "result:"
    )
    yield ", ".join(f"`{beginning}`" for beginning in NO_EFFECT)


def _table(settings: Iterable[Setting]) -> str:
    lines = ["| setting | default | values | what it does |", "| --- | --- | --- | --- |"]
    for setting in settings:
        default = f"`{setting.default}`" if setting.default is not None else ""
        lines.append(f"| `{setting.key}` | {default} | {setting.kind.words} | {setting.doc} |")
    return "\n".join(lines)


def write(page: Path = PAGE) -> None:
    """Make the generated part of the page anew."""
    page.write_text(with_tables(page.read_text()))


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    write()
