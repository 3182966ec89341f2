"""ANALYZE TABLE: how large a table is, noted for people; the engine reads statistics in the files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from streamcore.plan.refusals import table_or_view_not_found
from streamcore.sql.dataframe.core import frame_of
from streamcore.sql.tables.names import quoted
from streamcore.sql.tables.view_metadata import ViewMetadata

if TYPE_CHECKING:
    from streamcore.sql.session import Session


def analyze_table(session: Session, parts: Sequence[str], *, scan: bool) -> None:
    """Notes a table's bytes and, with `scan`, its rows; they are forgotten when rows are written."""
    if session.tables.entry(parts) is None:
        raise table_or_view_not_found(quoted(list(parts)))
    table = session.tables.require(parts, "ANALYZE TABLE")
    statistics = {"bytes": _size(session.tables.folder(table))}
    if scan:
        statistics["rows"] = frame_of(session.tables.relation(table), session).count()
    session.tables.store.replace(replace(table, statistics=statistics))


def analyze_database(session: Session, names: Sequence[str] | None, *, scan: bool) -> None:
    """Notes the sizes of all tables of a database."""
    database = session.tables.current if names is None else session.tables.require_database(names).name
    for name in session.tables.store.tables(database):
        if not isinstance(session.tables.store.entry(name), ViewMetadata):
            analyze_table(session, [name.database, name.table], scan=scan)


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if _is_data(file.relative_to(folder), file))


def _is_data(place: Path, file: Path) -> bool:
    return file.is_file() and not any(part.startswith(("_", ".")) for part in place.parts)
