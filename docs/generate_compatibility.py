"""The generated part of docs/compatibility.md, made from what the code offers and declares as missing.

python docs/generate_compatibility.py     # writes it into the page
"""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "compatibility.md"
PYSPARK = ROOT / "tests" / "unit" / "functions" / "pyspark_signatures.json"
MARK = "<!-- The rest of this page is generated: python docs/generate_compatibility.py -->"


def with_tables(page: str) -> str:
    """Return the page with its generated part made anew."""
    written, _, _ = page.partition(MARK)
    return written + MARK + "\n\n" + "\n\n".join(_sections()) + "\n"


def _sections() -> Iterable[str]:
    yield "## What is offered, counted against PySpark 4.3"
    yield _overview()
    yield "## DataFrame: not offered"
    yield _instead()
    yield "## Functions: not offered"
    yield _missing_functions()
    yield "## Functions: answers that differ"
    yield _differences()
    yield "## Functions: offered"
    yield _offered_functions()


def _overview() -> str:
    members: dict[str, list[str]] = json.loads(PYSPARK.read_text())["members"]
    rows = [_row(name, owner, members[name]) for name, owner in _owners().items()]
    rows.append(_functions_row())
    return _table(("PySpark", "offered", "not offered"), rows)


def _functions_row() -> tuple[str, str, str]:
    from streamcore.sql import functions
    from streamcore.sql.functions.missing import MISSING

    offered = len(functions.__all__)
    return "`pyspark.sql.functions`", f"{offered} of {offered + len(MISSING)}", "see below"


def _owners() -> Mapping[str, type]:
    """PySpark's class -> ours."""
    from streamcore.context import Context
    from streamcore.rdd.rdd import RDD
    from streamcore.sql.catalog import Catalog
    from streamcore.sql.column import Column
    from streamcore.sql.dataframe import DataFrame
    from streamcore.sql.group import GroupedData
    from streamcore.sql.reader import DataFrameReader
    from streamcore.sql.session import Session
    from streamcore.sql.writer import DataFrameWriter
    from streamcore.streaming.manager import StreamingQueryManager
    from streamcore.streaming.query import StreamingQuery
    from streamcore.streaming.reader import DataStreamReader
    from streamcore.streaming.writer import DataStreamWriter

    return {
        "SparkSession": Session, "DataFrame": DataFrame, "GroupedData": GroupedData, "Column": Column,
        "DataFrameReader": DataFrameReader, "DataFrameWriter": DataFrameWriter, "Catalog": Catalog,
        "DataStreamReader": DataStreamReader, "DataStreamWriter": DataStreamWriter,
        "StreamingQuery": StreamingQuery, "StreamingQueryManager": StreamingQueryManager,
        "SparkContext": Context, "RDD": RDD,
    }  # fmt: skip


def _row(name: str, owner: type, wanted: list[str]) -> tuple[str, str, str]:
    missing = [member for member in wanted if not _offers(name, owner, member)]
    ours = "" if owner.__name__ == name else f" (`{owner.__name__}`)"
    listed = ", ".join(f"`{member}`" for member in missing)
    return f"`{name}`{ours}", f"{len(wanted) - len(missing)} of {len(wanted)}", listed


def _offers(name: str, owner: type, member: str) -> bool:
    from streamcore.sql.dataframe.not_offered import INSTEAD

    declared = {"DataFrame": set(INSTEAD), "Column": {"outer"}}.get(name, set())
    return member not in declared and hasattr(owner, member)


def _instead() -> str:
    from streamcore.sql.dataframe.not_offered import INSTEAD

    return _table(("name", "instead"), [(f"`{name}`", text) for name, text in sorted(INSTEAD.items())])


def _missing_functions() -> str:
    from streamcore.sql.functions.missing import MISSING

    by_reason: dict[str, list[str]] = {}
    for name, reason in sorted(MISSING.items()):
        by_reason.setdefault(reason, []).append(f"`{name}`")
    rows = [(", ".join(names), reason) for reason, names in sorted(by_reason.items(), key=lambda i: i[1])]
    return _table(("functions", "why, or what instead"), rows)


def _differences() -> str:
    from tests.oracle import function_differences, functions_api_differences

    known = {**function_differences.DIFFERENCES, **functions_api_differences.DIFFERENCES}
    rows = [(f"`{text}`".replace("|", "\\|"), reason) for text, reason in sorted(known.items())]
    return _table(("expression", "difference"), rows)


def _offered_functions() -> str:
    from streamcore.sql import functions

    names = ", ".join(f"`{name}`" for name in sorted(functions.__all__, key=str.lower))
    return textwrap.fill(names, 110, break_long_words=False, break_on_hyphens=False)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [" | ".join(head), " | ".join("---" for _ in head), *(" | ".join(row) for row in rows)]
    return "\n".join(f"| {line} |" for line in lines)


def write(page: Path = PAGE) -> None:
    """Make the generated part of the page anew."""
    page.write_text(with_tables(page.read_text()))


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    write()
