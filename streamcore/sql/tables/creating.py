"""CREATE TABLE: from what a statement says to a table that is there."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from streamcore.errors import AnalysisException, ParseException
from streamcore.plan.refusals import backticked
from streamcore.spi.types import StructField, StructType, parse_ddl
from streamcore.sql import functions as F
from streamcore.sql.tables import refusals
from streamcore.sql.tables.assignment import DEFAULT
from streamcore.sql.tables.defining import define_table
from streamcore.sql.tables.metadata import Buckets
from streamcore.sql.tables.saving import SavedTable, described
from streamcore.sql.tables.writing import create_as

if TYPE_CHECKING:
    from streamcore.sql.session import Session
    from streamcore.sql.statements import Statement


@dataclass
class NewColumn:
    """A column as a statement defines it."""

    name: str
    type_text: str = ""
    nullable: bool = True
    comment: str | None = None
    default: str | None = None


@dataclass
class NewTable:
    """A table as a statement defines it; `like` is the name of the one that it is to be like."""

    name: list[str]
    is_lenient: bool
    columns: list[NewColumn] | None = None
    format: str | None = None
    options: dict[str, str] = field(default_factory=dict)
    partition_by: list[str] = field(default_factory=list)
    partition_columns: list[NewColumn] = field(default_factory=list)
    cluster_by: list[str] | None = None
    buckets: Buckets | None = None
    location: str | None = None
    comment: str | None = None
    properties: dict[str, str] = field(default_factory=dict)
    like: list[str] | None = None
    query: str | None = None

    @property
    def saved(self) -> SavedTable:
        """The clauses as a writer would have collected them."""
        options: dict[str, Any] = dict(self.options)
        if self.location is not None:
            options["path"] = self.location
        if self.partition_by:
            options["partitionBy"] = json.dumps(self.partition_by)
        if self.buckets is not None:
            options["bucketBy"] = json.dumps(asdict(self.buckets))
        if self.cluster_by is not None:
            options["clusterBy"] = json.dumps(self.cluster_by)
        return SavedTable(".".join(map(backticked, self.name)), self.format, "error", options)

    @property
    def about(self) -> dict[str, Any]:
        """What the clauses say about the table."""
        found: dict[str, Any] = {"properties": self.properties} if self.properties else {}
        return found if self.comment is None else {**found, "comment": self.comment}


def create_table(statement: Statement, new: NewTable) -> None:
    """Makes a table with columns, AS a query, LIKE another, or over files that are there."""
    session = statement.session
    if new.is_lenient and session.tables.entry(new.name) is not None:
        return
    if new.like is not None:
        _create_like(session, new, new.like)
    elif new.query is None:
        define_table(session, new.name, _columns(session, new), new.saved, about=new.about)
    elif new.columns is not None or new.partition_columns:
        raise ParseException(
            "[PARSE_SYNTAX_ERROR] CREATE TABLE ... AS SELECT takes its columns from the query: leave the "
            "list of columns out, and cast in the query. SQLSTATE: 42601"
        )
    else:
        _create_as(statement, new, new.query)


def _create_as(statement: Statement, new: NewTable, query: str) -> None:
    session = statement.session
    name = session.tables.new_name(new.name)
    if session.tables.store.entry(name) is not None:
        raise refusals.table_already_exists(name)
    frame = statement.frame(query)
    create_as(frame, replace(described(session, name, frame.schema, new.saved), **new.about))


def _create_like(session: Session, new: NewTable, like: list[str]) -> None:
    """A table with the columns and partitions of another, and its format unless one is said."""
    if session.views.entry(like) is not None:
        columns = session.table(".".join(map(backticked, like))).schema
        define_table(session, new.name, columns, new.saved, about=new.about)
        return
    model = session.tables.require(like, "CREATE TABLE LIKE")
    saved = new.saved
    options = {
        **(model.options if saved.format is None else {}),
        **saved.options,
        "partitionBy": json.dumps(list(model.partition_by)),
    }
    saved = SavedTable(saved.name, saved.format or model.provider, "error", options)
    define_table(session, new.name, model.schema, saved, about=new.about)


def _columns(session: Session, new: NewTable) -> StructType | None:
    """The columns, and behind them those that PARTITIONED BY defines with a type; None when none is said."""
    if new.columns is None and not new.partition_columns:
        return None
    every = [*(new.columns or []), *new.partition_columns]
    return StructType([field_of(column, session) for column in every])


def field_of(column: NewColumn, session: Session) -> StructField:
    """A column as a statement defines it; raises for a default that it cannot have."""
    found = parse_ddl(f"{backticked(column.name)} {column.type_text}").fields[0]
    metadata: dict[str, Any] = dict(found.metadata or {})
    if column.comment is not None:
        metadata["comment"] = column.comment
    if column.default is not None:
        metadata[DEFAULT] = checked_default(column.default, found, session)
    return StructField(found.name, found.dataType, column.nullable and found.nullable, metadata)


def checked_default(text: str, column: StructField, session: Session) -> str:
    """The text of a default, tried once so that a wrong one is found when the table is made."""
    if "select" in text.lower().split() or "(select" in text.lower():
        raise AnalysisException(
            "[INVALID_DEFAULT_VALUE.SUBQUERY_EXPRESSION] Failed to execute command because the destination "
            f"column or variable {backticked(column.name)} has a DEFAULT value {text}, which contains "
            "subquery expressions. SQLSTATE: 42623"
        )
    session.range(1).select(F.expr(text).cast(column.dataType)).collect()
    return text
