"""What DESCRIBE and SHOW tell of tables and databases, as rows."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from streamcore.errors import AnalysisException
from streamcore.plan.refusals import backticked, table_or_view_not_found, unresolved_column
from streamcore.spi.types import CharType, StringType, StructField, StructType, VarcharType
from streamcore.sql.dataframe.core import frame_of
from streamcore.sql.tables import refusals
from streamcore.sql.tables.assignment import DEFAULT
from streamcore.sql.tables.metadata import TableMetadata
from streamcore.sql.tables.names import CATALOG, quoted
from streamcore.sql.tables.view_metadata import SchemaMode, ViewMetadata

if TYPE_CHECKING:
    from streamcore.sql.session import Session
    from streamcore.sql.tables.metadata import Buckets, DatabaseMetadata
    from streamcore.sql.tables.session_tables import SessionTables

Row = tuple[str, str, str | None]

_SECRET = re.compile(r"secret|password|token|access[.]?key", re.IGNORECASE)


def redacted(pairs: Mapping[str, str]) -> dict[str, str]:
    """Options or properties as they are shown: a value whose key says that it is a secret is not.

    >>> redacted({"password": "x", "a": "1"})
    {'password': '*********(redacted)', 'a': '1'}
    """
    return {key: "*********(redacted)" if _SECRET.search(key) else value for key, value in pairs.items()}


def required_entry(session: Session, parts: Sequence[str], statement: str) -> TableMetadata | ViewMetadata:
    """What the catalog keeps under a name; raises AnalysisException for a temporary view, or for nothing."""
    if session.views.entry(parts) is not None:
        raise refusals.expected_table(statement, quoted(list(parts)))
    found = session.tables.entry(parts)
    if found is None:
        raise table_or_view_not_found(quoted(list(parts)))
    return found


# ---- DESCRIBE ------------------------------------------------------------------------------------


def described(session: Session, entry: TableMetadata | ViewMetadata, *, extended: bool) -> list[Row]:
    """DESCRIBE TABLE: the columns, the partitions, and with `extended` what else is known."""
    columns = columns_of(session, entry)
    rows = [column_row(field) for field in columns.fields]
    if isinstance(entry, TableMetadata):
        for title, names in (("Partition", entry.partition_by), ("Clustering", entry.cluster_by)):
            if names:
                rows += [(f"# {title} Information", "", ""), ("# col_name", "data_type", "comment")]
                rows += [column_row(entry.schema[name]) for name in names]
    if extended:
        rows += [("", "", ""), ("# Detailed Table Information", "", "")]
        rows += [(name, text, "") for name, text in _facts(session.tables, entry)]
    defaults = [field for field in columns.fields if DEFAULT in (field.metadata or {})]
    if defaults:
        rows += [("", "", ""), ("# Column Default Values", "", "")]
        rows += [(f.name, f.dataType.simpleString(), (f.metadata or {})[DEFAULT]) for f in defaults]
    return rows


def columns_of(session: Session, entry: TableMetadata | ViewMetadata) -> StructType:
    """The columns of a table as they are defined, those of a view as a query sees them."""
    if isinstance(entry, TableMetadata):
        return entry.schema
    if entry.mode is SchemaMode.BINDING or entry.mode is SchemaMode.COMPENSATION:
        return entry.schema
    try:
        return frame_of(session.view_plans.of(entry), session).schema
    except AnalysisException:
        # What it reads is no longer there: these were its columns.
        return entry.schema


def column_of(session: Session, parts: Sequence[str], name: str) -> StructField:
    """One column of a table or view; raises AnalysisException when it has none of this name."""
    if session.views.entry(parts) is not None:
        columns = session.table(quoted(list(parts))).schema
    else:
        columns = columns_of(session, required_entry(session, parts, "DESCRIBE COLUMN"))
    for field in columns.fields:
        if field.name.lower() == name.lower():
            return field
    raise unresolved_column([name], [backticked(field.name) for field in columns.fields])


def column_facts(field: StructField, *, extended: bool) -> list[tuple[str, str]]:
    """DESCRIBE TABLE of a column; there are no statistics."""
    metadata: dict[str, Any] = field.metadata or {}
    rows = [
        ("col_name", field.name),
        ("data_type", field.dataType.simpleString()),
        ("comment", metadata.get("comment", "NULL")),
    ]
    if extended:
        rows += [(name, "NULL") for name in _STATISTICS]
        rows += [("default", metadata[DEFAULT])] if DEFAULT in metadata else []
    return rows


_STATISTICS = ("min", "max", "num_nulls", "distinct_count", "avg_col_len", "max_col_len", "histogram")


def column_row(field: StructField) -> Row:
    """A column as DESCRIBE shows it."""
    return field.name, field.dataType.simpleString(), (field.metadata or {}).get("comment")


def database_facts(
    tables: SessionTables, database: DatabaseMetadata, *, extended: bool
) -> list[tuple[str, str | None]]:
    """DESCRIBE DATABASE."""
    rows: list[tuple[str, str | None]] = [
        ("Catalog Name", CATALOG),
        ("Namespace Name", database.name),
        ("Comment", database.comment or ""),
        ("Location", f"file:{tables.store.database_folder(database, database.name)}"),
    ]
    if extended:
        pairs = ", ".join(f"({key},{value})" for key, value in sorted(redacted(database.properties).items()))
        rows.append(("Properties", f"({pairs})" if pairs else ""))
    return rows


def information(session: Session, parts: list[str], entry: TableMetadata | ViewMetadata | None) -> str:
    """SHOW TABLE EXTENDED: what is known of a table or view, a fact a line."""
    if entry is None:
        facts = [("Table", parts[-1]), ("Type", "VIEW")]
        schema = session.table(quoted(parts)).schema
    else:
        facts = _facts(session.tables, entry)
        schema = columns_of(session, entry)
        if isinstance(entry, TableMetadata) and entry.partition_by:
            facts.append(("Partition Columns", f"[{', '.join(map(backticked, entry.partition_by))}]"))
            schema = entry.read_schema
    lines = [f"{name}: {text}" for name, text in facts]
    return "\n".join([*lines, f"Schema: {schema.treeString()}"])


def _facts(tables: SessionTables, entry: TableMetadata | ViewMetadata) -> list[tuple[str, str]]:
    created = dt.datetime.fromtimestamp(entry.created_ms / 1000, dt.UTC)
    facts: list[tuple[str, str | None]] = [
        ("Catalog", CATALOG),
        ("Database", entry.name.database),
        ("Table", entry.name.table),
        ("Created Time", created.strftime("%a %b %d %H:%M:%S UTC %Y")),
        ("Last Access", "UNKNOWN"),
        ("Created By", entry.created_by),
    ]
    more = _table_facts(tables, entry) if isinstance(entry, TableMetadata) else _view_facts(entry)
    return [(name, text) for name, text in [*facts, *more] if text]


def _table_facts(tables: SessionTables, table: TableMetadata) -> list[tuple[str, str | None]]:
    return [
        ("Type", "MANAGED" if table.is_managed else "EXTERNAL"),
        ("Provider", table.provider),
        *_bucket_facts(table.buckets),
        ("Comment", table.comment),
        ("Table Properties", _listed(table.properties)),
        ("Statistics", _sizes(table.statistics)),
        ("Location", f"file:{tables.folder(table)}"),
        ("Storage Properties", _listed(table.options)),
        ("Partition Provider", "Catalog" if table.partition_by else None),
    ]


def _sizes(statistics: Mapping[str, int] | None) -> str | None:
    return ", ".join(f"{number} {what}" for what, number in (statistics or {}).items()) or None


def _bucket_facts(buckets: Buckets | None) -> list[tuple[str, str | None]]:
    if buckets is None:
        return []
    columns, by = (", ".join(map(backticked, names)) for names in (buckets.columns, buckets.sorted_by))
    facts = [("Num Buckets", str(buckets.count)), ("Bucket Columns", f"[{columns}]")]
    return [*facts, ("Sort Columns", f"[{by}]")]


def _view_facts(view: ViewMetadata) -> list[tuple[str, str | None]]:
    return [
        ("Type", "VIEW"),
        ("Comment", view.comment),
        ("View Text", view.text),
        ("View Original Text", view.text),
        ("View Schema Mode", view.mode.value),
        ("View Catalog and Namespace", f"{CATALOG}.{view.database}"),
        ("View Query Output Columns", f"[{', '.join(map(backticked, view.query_columns))}]"),
        ("Table Properties", _listed(view.properties)),
    ]


def _listed(pairs: dict[str, str]) -> str | None:
    shown = sorted(redacted(pairs).items())
    return f"[{', '.join(f'{key}={value}' for key, value in shown)}]" if pairs else None


# ---- SHOW CREATE TABLE ---------------------------------------------------------------------------


def create_text(tables: SessionTables, entry: TableMetadata | ViewMetadata) -> str:
    """SHOW CREATE TABLE."""
    if isinstance(entry, TableMetadata):
        return create_table_text(tables, entry)
    columns = ",\n  ".join(_view_column_text(field) for field in entry.schema.fields)
    clauses = [f"CREATE VIEW {entry.name.database}.{entry.name.table} (\n  {columns})"]
    if entry.comment is not None:
        clauses.append(f"COMMENT {_string(entry.comment)}")
    if entry.properties:
        clauses.append(f"TBLPROPERTIES (\n  {_quoted_pairs(entry.properties)})")
    return "\n".join([*clauses, f"WITH SCHEMA {entry.mode.value}", f"AS {entry.text}"]) + "\n"


def _view_column_text(field: StructField) -> str:
    comment = (field.metadata or {}).get("comment")
    return _name(field.name) if comment is None else f"{_name(field.name)} COMMENT {_string(comment)}"


def create_table_text(tables: SessionTables, table: TableMetadata) -> str:
    """SHOW CREATE TABLE of a table."""
    columns = ",\n  ".join(map(_column_text, table.schema.fields))
    clauses = [f"CREATE TABLE {table.name} (\n  {columns})", f"USING {table.provider}"]
    if table.options:
        clauses.append(f"OPTIONS (\n  {_quoted_pairs(table.options)})")
    for words, names in (("PARTITIONED BY", table.partition_by), ("CLUSTER BY", table.cluster_by)):
        if names:
            clauses.append(f"{words} ({', '.join(map(_name, names))})")
    if table.buckets is not None:
        clauses.append(f"CLUSTERED BY ({', '.join(map(_name, table.buckets.columns))})")
        if table.buckets.sorted_by:
            clauses.append(f"SORTED BY ({', '.join(map(_name, table.buckets.sorted_by))})")
        clauses.append(f"INTO {table.buckets.count} BUCKETS")
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
    if isinstance(field.dataType, StringType | CharType | VarcharType):
        words.append("COLLATE UTF8_BINARY")
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
    shown = sorted(redacted(pairs).items())
    return ",\n  ".join(f"{_string(key)} = {_string(value)}" for key, value in shown)
