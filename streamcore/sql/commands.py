"""Statements that are known by their first words: SHOW, DESCRIBE, EXPLAIN, SET, CACHE and their kin."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from streamcore.execution.leaves import local_relation
from streamcore.execution.rows import table_from_rows
from streamcore.spi.types import BooleanType, StringType, StructField, StructType
from streamcore.sql.dataframe.core import frame_of
from streamcore.sql.tables import showing
from streamcore.sql.tables.defining import partitions_of
from streamcore.sql.tables.names import parts_of

if TYPE_CHECKING:
    from streamcore.sql.dataframe import DataFrame
    from streamcore.sql.session import Session


def command(session: Session, statement: str) -> DataFrame | None:
    """The answer to a statement of these, carried out now; None for another statement."""
    for pattern, run in _COMMANDS:
        found = re.fullmatch(pattern, statement, re.IGNORECASE | re.DOTALL)
        if found is not None:
            return run(session, *found.groups())
    return None


def _texts(session: Session, names: str, rows: list[tuple[Any, ...]]) -> DataFrame:
    """Rows of texts; a column whose name ends in `?` may be null."""
    fields = [StructField(name.rstrip("?"), StringType(), name.endswith("?")) for name in names.split()]
    return local_rows(session, rows, StructType(fields))


def _show_tables(session: Session, database: str | None, pattern: str | None) -> DataFrame:
    wanted = pattern.strip("'\"") if pattern else None
    rows = [
        (".".join(t.namespace or []), t.name, t.isTemporary)
        for t in session.catalog.listTables(database, wanted)
    ]
    fields = [StructField(name, StringType(), nullable=False) for name in ("namespace", "tableName")]
    return local_rows(
        session, rows, StructType([*fields, StructField("isTemporary", BooleanType(), nullable=False)])
    )


def _show_views(session: Session, database: str | None, pattern: str | None) -> DataFrame:
    views = _show_tables(session, database, pattern).where("isTemporary")
    return views.withColumnRenamed("tableName", "viewName")


def _show_databases(session: Session, pattern: str | None) -> DataFrame:
    found = session.catalog.listDatabases(pattern.strip("'\"") if pattern else None)
    return _texts(session, "namespace", [(database.name,) for database in found])


def _show_partitions(session: Session, name: str) -> DataFrame:
    table = session.tables.require(parts_of(name))
    return _texts(session, "partition", [(text,) for text in partitions_of(session, table)])


def _show_create_table(session: Session, name: str) -> DataFrame:
    table = session.tables.require(parts_of(name))
    return _texts(session, "createtab_stmt", [(showing.create_table_text(session.tables, table),)])


def _show_properties(session: Session, name: str) -> DataFrame:
    table = session.tables.require(parts_of(name))
    return _texts(session, "key value", sorted(table.properties.items()))


def _describe(session: Session, extended: str | None, name: str) -> DataFrame:
    rows: list[tuple[Any, ...]]
    if re.match(r"(select|with|values|\()\b", name, re.IGNORECASE):
        rows = [(a.name, a.data_type.simpleString(), None) for a in session.sql(name).plan.output]
        return _texts(session, "col_name data_type comment?", rows)
    parts = parts_of(name)
    table = None if session.views.lookup(parts) is not None else session.tables.find(parts)
    if table is None:
        rows = [(a.name, a.data_type.simpleString(), None) for a in session.table(name).plan.output]
    else:
        rows = list(showing.described(session.tables, table, extended=extended is not None))
    return _texts(session, "col_name data_type comment?", rows)


def _show_columns(session: Session, name: str) -> DataFrame:
    return _texts(session, "col_name", [(a.name,) for a in session.table(name).plan.output])


def _refresh(session: Session, name: str) -> DataFrame:
    session.catalog.refreshTable(name)
    return no_rows(session)


def _table(session: Session, name: str) -> DataFrame:
    return session.table(name)


def _explain(session: Session, mode: str | None, query: str) -> DataFrame:
    from streamcore.sql.explaining import explain_text

    text = explain_text(session.sql(query), (mode or "simple").strip().lower())
    return local_rows(session, [(text,)], StructType([StructField("plan", StringType(), nullable=False)]))


def _set(session: Session, key: str, value: str) -> DataFrame:
    session.conf.set(key.strip(), value.strip())
    schema = StructType(
        [StructField("key", StringType(), nullable=False), StructField("value", StringType(), nullable=False)]
    )
    return local_rows(session, [(key.strip(), value.strip())], schema)


def _cache(session: Session, name: str) -> DataFrame:
    session.catalog.cacheTable(name)
    return no_rows(session)


def _uncache(session: Session, name: str) -> DataFrame:
    session.catalog.uncacheTable(name)
    return no_rows(session)


_NAME = r"([\w.`]+)"
_COMMANDS: tuple[tuple[str, Callable[..., DataFrame]], ...] = (
    (rf"show\s+tables(?:\s+(?:in|from)\s+{_NAME})?(?:\s+(?:like\s+)?('[^']*'))?", _show_tables),
    (rf"show\s+views(?:\s+(?:in|from)\s+{_NAME})?(?:\s+(?:like\s+)?('[^']*'))?", _show_views),
    (r"show\s+(?:databases|schemas|namespaces)(?:\s+(?:like\s+)?('[^']*'))?", _show_databases),
    (rf"show\s+partitions\s+{_NAME}", _show_partitions),
    (rf"show\s+create\s+table\s+{_NAME}", _show_create_table),
    (rf"show\s+tblproperties\s+{_NAME}", _show_properties),
    (rf"refresh\s+table\s+{_NAME}", _refresh),
    (rf"show\s+columns\s+(?:in|from)\s+{_NAME}", _show_columns),
    (r"(?:describe|desc)\s+(?:table\s+|query\s+)?(extended\s+)?(.+)", _describe),
    (r"explain\s+(?:(extended|formatted|codegen|cost)\s+)?(.+)", _explain),
    (rf"table\s+{_NAME}", _table),
    (r"set\s+([\w.]+)\s*=\s*(.+)", _set),
    (rf"cache\s+(?:lazy\s+)?table\s+{_NAME}", _cache),
    (rf"uncache\s+table\s+(?:if\s+exists\s+)?{_NAME}", _uncache),
)


def local_rows(session: Session, rows: list[tuple[Any, ...]], schema: StructType) -> DataFrame:
    """Rows that a statement answers with."""
    return frame_of(local_relation(table_from_rows(rows, schema), schema), session)


def no_rows(session: Session) -> DataFrame:
    """What a statement without an answer gives."""
    return local_rows(session, [], StructType([]))
