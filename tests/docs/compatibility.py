"""The tables of docs/compatibility.md, made from what the code declares as missing.

python -m tests.docs.compatibility     # writes them into the page
"""

from __future__ import annotations

import textwrap
from pathlib import Path

from tests.docs.pages import ROOT

PAGE = ROOT / "docs" / "compatibility.md"
MARK = "<!-- The rest of this page is generated: python -m tests.docs.compatibility -->"


def generated() -> str:
    """Return the generated part of the page."""
    return (
        f"\n\n## DataFrame: not offered\n\n{_frame_table()}\n\n## Functions: not offered\n\n{_functions()}\n"
    )


def with_tables(page: str) -> str:
    """Return the page with its generated part made anew."""
    written, _, _ = page.partition(MARK)
    return written + MARK + generated()


def _frame_table() -> str:
    from streamcore.sql.dataframe.not_offered import INSTEAD

    rows = (f"| `{name}` | {instead} |" for name, instead in sorted(INSTEAD.items()))
    return "\n".join(["| name | instead |", "|---|---|", *rows])


def _functions() -> str:
    from streamcore.sql.functions.missing import MISSING

    names = ", ".join(f"`{name}`" for name in sorted(MISSING))
    return textwrap.fill(names, 110, break_long_words=False, break_on_hyphens=False)


def write(page: Path = PAGE) -> None:
    """Make the tables of the page anew."""
    page.write_text(with_tables(page.read_text()))


if __name__ == "__main__":
    write()
