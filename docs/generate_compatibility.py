"""The generated part of docs/compatibility.md, made from what the code offers and declares as missing.

python docs/generate_compatibility.py     # writes it into the page
"""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "compatibility.md"
PYSPARK = ROOT / "tests" / "unit" / "functions" / "pyspark_signatures.json"
PUBLIC = ROOT / "tests" / "unit" / "pyspark_alias" / "public_names.json"
MARK = "<!-- The rest of this page is generated: python docs/generate_compatibility.py -->"


def with_tables(page: str) -> str:
    """Return the page with its generated part made anew."""
    written, _, _ = page.partition(MARK)
    return written + MARK + "\n\n" + "\n\n".join(_sections()) + "\n"


def _sections() -> Iterable[str]:
    yield "## What is offered, counted against PySpark 4.3"
    yield _overview()
    yield "## Machine learning"
    yield _learning()
    yield _learning_gaps()
    yield "## Data sources and sinks"
    yield _formats()
    yield "## Members: not offered"
    yield _instead()
    yield "## Functions: not offered"
    yield _missing_functions()
    yield "## Functions: answers that differ"
    yield _differences()
    yield "## Functions: offered"
    yield _offered_functions()


def _overview() -> str:
    members: dict[str, list[str]] = json.loads(PYSPARK.read_text())["members"]
    rows = [_row(name, owner, members[name]) for name, owner in owners().items()]
    rows.append(_functions_row())
    return _table(("PySpark", "offered", "not offered"), rows)


def _learning_names() -> dict[str, list[str]]:
    """The public names of PySpark's modules of models, but for what a module only repeats."""
    names: dict[str, list[str]] = json.loads(PUBLIC.read_text())
    wanted = {
        module: found
        for module, found in names.items()
        if module.startswith(("pyspark.ml.", "pyspark.mllib."))
    }
    return {
        module: [name for name in found if name[0].isupper() or module.endswith("functions")]
        for module, found in wanted.items()
    }


def _learning() -> str:
    from streamcore.pyspark.finder import exported

    rows = []
    for module, names in _learning_names().items():
        ours = exported(module)
        found = [name for name in names if name in ours]
        rows.append(
            (f"`{module}`", f"{len(found)} of {len(names)}", ", ".join(f"`{name}`" for name in found))
        )
    return _table(("PySpark", "offered", "which"), rows)


def _learning_gaps() -> str:
    from streamcore.pyspark.finder import exported, reason_of

    by_reason: dict[tuple[str, str], list[str]] = {}
    for module, names in _learning_names().items():
        ours = exported(module)
        for name in names:
            if name not in ours:
                by_reason.setdefault((module, reason_of(f"{module}.{name}")), []).append(name)
    rows = [
        (f"`{module}`", ", ".join(f"`{name}`" for name in names), why)
        for (module, why), names in by_reason.items()
    ]
    return _table(("PySpark", "not offered", "why, or what instead"), rows)


def _functions_row() -> tuple[str, str, str]:
    from streamcore.sql import functions
    from streamcore.sql.functions.missing import missing_functions

    offered = len(functions.__all__)
    return "`pyspark.sql.functions`", f"{offered} of {offered + len(missing_functions())}", "see below"


def owners() -> Mapping[str, type]:
    """PySpark's class -> ours."""
    from streamcore.context import Context
    from streamcore.rdd.rdd import RDD
    from streamcore.sql.catalog import Catalog
    from streamcore.sql.column import Column
    from streamcore.sql.dataframe import DataFrame
    from streamcore.sql.group import GroupedData
    from streamcore.sql.reader import DataFrameReader
    from streamcore.sql.session import Session
    from streamcore.sql.streaming.manager import StreamingQueryManager
    from streamcore.sql.streaming.query import StreamingQuery
    from streamcore.sql.streaming.reader import DataStreamReader
    from streamcore.sql.streaming.writer import DataStreamWriter
    from streamcore.sql.writer import DataFrameWriter

    return {
        "SparkSession": Session, "DataFrame": DataFrame, "GroupedData": GroupedData, "Column": Column,
        "DataFrameReader": DataFrameReader, "DataFrameWriter": DataFrameWriter, "Catalog": Catalog,
        "DataStreamReader": DataStreamReader, "DataStreamWriter": DataStreamWriter,
        "StreamingQuery": StreamingQuery, "StreamingQueryManager": StreamingQueryManager,
        "SparkContext": Context, "RDD": RDD,
    }  # fmt: skip


def offered(owner: type, members: Iterable[str]) -> list[str]:
    """Those of PySpark's members that a class of ours has, and does not declare as missing."""
    from streamcore.spi.not_offered import gaps_of

    gaps = gaps_of(owner)
    return [member for member in members if hasattr(owner, member) and member not in gaps]


def _row(name: str, owner: type, wanted: list[str]) -> tuple[str, str, str]:
    found = offered(owner, wanted)
    ours = "" if owner.__name__ == name else f" (`{owner.__name__}`)"
    listed = ", ".join(f"`{member}`" for member in wanted if member not in found)
    return f"`{name}`{ours}", f"{len(found)} of {len(wanted)}", listed


def _instead() -> str:
    from streamcore.spi.not_offered import gaps_of

    rows = [
        (f"`{name}.{member}`", instead)
        for name, owner in owners().items()
        for member, instead in sorted(gaps_of(owner).items())
    ]
    return _table(("member", "why, or what instead"), rows)


# The formats of PySpark that are in no registry of ours, and what to use instead.
_OTHER_FORMATS = {
    "avro": "use parquet; `from_avro` and `to_avro` read and write columns",
    "foreach, foreachBatch": "`writeStream.foreach` and `writeStream.foreachBatch`, at least once",
    "xml": "read it as text",
}


def _formats() -> str:
    from streamcore.sinks.registry import SINKS
    from streamcore.sources.registry import BUILT_IN as SOURCES

    rows = [_format_row(name, SOURCES.get(name), SINKS.get(name)) for name in sorted({*SOURCES, *SINKS})]
    rows += [(f"`{name}`", "", "", "", "", why) for name, why in _OTHER_FORMATS.items()]
    return _table(("format", "read", "readStream", "write", "writeStream", "instead"), rows)


def _format_row(name: str, source: str | None, sink: str | None) -> tuple[str, ...]:
    made = [
        *(_makes(source, "reader"), _makes(source, "streamReader", "simpleStreamReader")),
        *(_makes(sink, "writer"), _makes(sink, "streamWriter")),
    ]
    return (f"`{name}`", *("yes" if it else "" for it in made), "")


def _makes(target: str | None, *methods: str) -> bool:
    """Whether a connector has one of these methods of its own; those that it inherits refuse."""
    from streamcore.spi.datasource import DataSource

    if target is None:
        return False
    module, _, name = target.partition(":")
    connector = getattr(import_module(module), name)
    return any(getattr(connector, method) is not getattr(DataSource, method) for method in methods)


def _missing_functions() -> str:
    from streamcore.plan.function_specs import refused_functions
    from streamcore.sql import functions
    from streamcore.sql.functions.missing import missing_functions

    by_reason: dict[str, list[str]] = {}
    for name, reason in sorted({**refused_functions(), **missing_functions()}.items()):
        if name not in functions.__all__:
            by_reason.setdefault(reason, []).append(f"`{name}`")
    rows = [(", ".join(names), reason) for reason, names in sorted(by_reason.items(), key=lambda i: i[1])]
    return _table(("functions", "why, or what instead"), rows)


def _differences() -> str:
    from tests.oracle import function_differences, functions_api_differences

    known = {**function_differences.DIFFERENCES, **functions_api_differences.DIFFERENCES}
    rows = [(f"`{text}`".replace("|", "\\|"), reason) for text, reason in sorted(known.items())]
    return _table(("expression", "difference"), rows)


def _offered_functions() -> str:
    """The names by what the functions make of rows; those of SQL text alone and of Python alone apart."""
    from streamcore.plan.function_specs import Kind, function_names, specs
    from streamcore.sql import functions
    from streamcore.sql.functions.missing import missing_functions

    missing_functions()  # so that all specs are known
    in_sql, in_python = function_names(), frozenset(functions.__all__)
    kinds = {kind: [name for name in in_sql & in_python if specs()[name].kind is kind] for kind in Kind}
    groups = {
        "Values of one row": kinds[Kind.SCALAR], "Aggregates": kinds[Kind.AGGREGATE],
        "Over windows": kinds[Kind.WINDOW], "Rows out of a value": kinds[Kind.GENERATOR],
        "In SQL text only": in_sql - in_python, "In Python only": in_python - in_sql,
    }  # fmt: skip
    return "\n\n".join(f"**{title}.** {_listed(names)}" for title, names in groups.items())


def _listed(names: Iterable[str]) -> str:
    listed = ", ".join(f"`{name}`" for name in sorted(names, key=str.lower))
    return textwrap.fill(listed, 110, break_long_words=False, break_on_hyphens=False)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [" | ".join(head), " | ".join("---" for _ in head), *(" | ".join(row) for row in rows)]
    return "\n".join(f"| {line} |" for line in lines)


def write(page: Path = PAGE) -> None:
    """Make the generated part of the page anew."""
    page.write_text(with_tables(page.read_text()))


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    write()
