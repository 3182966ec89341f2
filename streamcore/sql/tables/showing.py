"""What DESCRIBE and SHOW tell of tables and databases, as rows."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from streamcore.plan.refusals import backticked
from streamcore.sql.tables.assignment import DEFAULT
from streamcore.sql.tables.names import CATALOG

if TYPE_CHECKING:
    from streamcore.spi.types import StructField
    from streamcore.sql.tables.metadata import TableMetadata
    from streamcore.sql.tables.session_tables import SessionTables

Row = tuple[str, str, str | None]


def described(tables: SessionTables, table: TableMetadata, *, extended: bool) -> list[Row]:
    """DESCRIBE TABLE: the columns, the partitions, and with `extended` what else is known."""
    rows = [_column_row(field) for field in table.schema.fields]
    for title, names in (("Partition", table.partition_by), ("Clustering", table.cluster_by)):
        if names:
            rows += [(f"# {title} Information", "", ""), ("# col_name", "data_type", "comment")]
            rows += [_column_row(table.schema[name]) for name in names]
    defaults = [field for field in table.schema.fields if DEFAULT in (field.metadata or {})]
    if defaults:
        rows += [("", "", ""), ("# Column Default Values", "", "")]
        rows += [(f.name, f.dataType.simpleString(), (f.metadata or {})[DEFAULT]) for f in defaults]
    return rows + (_details(tables, table) if extended else [])


def _column_row(field: StructField) -> Row:
    return field.name, field.dataType.simpleString(), (field.metadata or {}).get("comment")


def _details(tables: SessionTables, table: TableMetadata) -> list[Row]:
    created = dt.datetime.fromtimestamp(table.created_ms / 1000, dt.UTC)
    facts: list[tuple[str, str | None]] = [
        ("Catalog", CATALOG),
        ("Database", table.name.database),
        ("Table", table.name.table),
        ("Created Time", created.strftime("%a %b %d %H:%M:%S UTC %Y")),
        ("Last Access", "UNKNOWN"),
        ("Created By", table.created_by),
        ("Type", "MANAGED" if table.is_managed else "EXTERNAL"),
        ("Provider", table.provider),
        ("Comment", table.comment),
        ("Table Properties", _listed(table.properties)),
        ("Location", f"file:{tables.folder(table)}"),
        ("Storage Properties", _listed(table.options)),
        ("Partition Provider", "Catalog" if table.partition_by else None),
    ]
    rows: list[Row] = [("", "", ""), ("# Detailed Table Information", "", "")]
    return rows + [(name, text, "") for name, text in facts if text]


def _listed(pairs: dict[str, str]) -> str | None:
    return f"[{', '.join(f'{key}={value}' for key, value in sorted(pairs.items()))}]" if pairs else None


def create_table_text(tables: SessionTables, table: TableMetadata) -> str:
    """SHOW CREATE TABLE."""
    columns = ",\n  ".join(map(_column_text, table.schema.fields))
    clauses = [f"CREATE TABLE {table.name} (\n  {columns})", f"USING {table.provider}"]
    if table.options:
        clauses.append(f"OPTIONS (\n  {_quoted_pairs(table.options)})")
    for words, names in (("PARTITIONED BY", table.partition_by), ("CLUSTER BY", table.cluster_by)):
        if names:
            clauses.append(f"{words} ({', '.join(map(_name, names))})")
    if table.comment is not None:
        clauses.append(f"COMMENT {_string(table.comment)}")
    if not table.is_managed:
        clauses.append(f"LOCATION {_string(f'file:{tables.folder(table)}')}")
    if table.properties:
        clauses.append(f"TBLPROPERTIES (\n  {_quoted_pairs(table.properties)})")
    return "\n".join(clauses) + "\n"


def _column_text(field: StructField) -> str:
    metadata: dict[str, Any] = field.metadata or {}
    kind = field.dataType.simpleString()
    # The names of a struct's fields keep their case.
    words = [_name(field.name), kind if "<" in kind else kind.upper()]
    if not field.nullable:
        words.append("NOT NULL")
    if DEFAULT in metadata:
        words.append(f"DEFAULT {metadata[DEFAULT]}")
    if "comment" in metadata:
        words.append(f"COMMENT {_string(metadata['comment'])}")
    return " ".join(words)


def _name(name: str) -> str:
    is_plain = name.isascii() and name.replace("_", "a").isalnum() and not name[0].isdigit()
    return name if is_plain else backticked(name)


def _string(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _quoted_pairs(pairs: dict[str, str]) -> str:
    return ",\n  ".join(f"{_string(key)} = {_string(value)}" for key, value in sorted(pairs.items()))
