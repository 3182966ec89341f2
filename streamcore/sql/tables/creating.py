"""CREATE TABLE: its columns and clauses."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from sqlglot import exp

from streamcore.errors import AnalysisException, ParseException, UnsupportedOperationException
from streamcore.plan.refusals import backticked
from streamcore.spi.types import StructField, StructType, parse_ddl
from streamcore.sql import functions as F
from streamcore.sql.tables import refusals
from streamcore.sql.tables.assignment import DEFAULT
from streamcore.sql.tables.checks import checked_format
from streamcore.sql.tables.defining import define_table
from streamcore.sql.tables.metadata import TableMetadata
from streamcore.sql.tables.saving import SavedTable, described
from streamcore.sql.tables.writing import create_as

if TYPE_CHECKING:
    from streamcore.sql.dataframe import DataFrame
    from streamcore.sql.session import Session

Query = Callable[[exp.Expression], "DataFrame"]

_NO_FILES: Final = "[UNSUPPORTED_FEATURE.TABLE_OPERATION] The feature is not supported: Table"


def name_parts(table: exp.Expression) -> list[str]:
    """The parts of a table's name, as the text spells them."""
    return [part.name for part in (table.args.get(key) for key in ("catalog", "db", "this")) if part]


def create_table(session: Session, node: exp.Create, query: Query) -> None:
    """CREATE TABLE, with columns, AS a query, or over files that are there."""
    target, columns = node.this, None
    if isinstance(target, exp.Schema):
        target, columns = target.this, StructType([column_of(c, session) for c in target.expressions])
    parts, clauses = name_parts(target), _Clauses(session, node)
    if node.args.get("replace"):
        raise AnalysisException(
            f"{_NO_FILES} {session.tables.name_of(parts).quoted} does not support REPLACE TABLE. Drop the "
            "table and create it, or use df.write.mode('overwrite').saveAsTable(...). SQLSTATE: 0A000"
        )
    ignore = bool(node.args.get("exists"))
    like = clauses.like
    if like is not None:
        _create_like(session, parts, session.tables.require(name_parts(like)), clauses, ignore=ignore)
    elif node.expression is None:
        columns = clauses.with_typed_partitions(columns)
        saved = clauses.saved(parts)
        define_table(session, parts, columns, saved, ignore=ignore, about=clauses.about)
    elif columns is not None:
        raise ParseException(
            "[PARSE_SYNTAX_ERROR] CREATE TABLE ... AS SELECT takes its columns from the query: leave the "
            "list of columns out, and cast in the query. SQLSTATE: 42601"
        )
    else:
        _create_as(session, parts, query(node.expression), clauses, ignore=ignore)


def _create_as(
    session: Session, parts: list[str], frame: DataFrame, clauses: _Clauses, *, ignore: bool
) -> None:
    name = session.tables.new_name(parts)
    if session.tables.store.table(name) is not None:
        if ignore:
            return
        raise refusals.table_already_exists(name)
    create_as(frame, clauses.described_with(described(session, name, frame.schema, clauses.saved(parts))))


def _create_like(
    session: Session, parts: list[str], model: TableMetadata, clauses: _Clauses, *, ignore: bool
) -> None:
    saved = clauses.saved(parts)
    options = {
        **(model.options if saved.format is None else {}),
        **saved.options,
        "partitionBy": json.dumps(list(model.partition_by)),
    }
    like = SavedTable(saved.name, saved.format or model.provider, "error", options)
    define_table(session, parts, model.schema, like, ignore=ignore, about=clauses.about)


class _Clauses:
    """What stands behind the columns of a CREATE TABLE; one that is not read is refused."""

    def __init__(self, session: Session, node: exp.Create) -> None:
        self.like: exp.Expression | None = None
        self.about: dict[str, Any] = {}
        self._format: str | None = None
        self._options: dict[str, str] = {}
        self._properties: dict[str, str] = {}
        self._partitions: list[exp.Expression] = []
        self._session = session
        properties = node.args.get("properties")
        for clause in properties.expressions if properties is not None else []:
            self._read(clause)
        if self._properties:
            self.about["properties"] = self._properties

    def saved(self, parts: list[str]) -> SavedTable:
        """The clauses as a writer would have collected them."""
        options = dict(self._options)
        if self._partitions:
            options["partitionBy"] = json.dumps([column.name for column in self._partitions])
        return SavedTable(".".join(parts), self._format, "error", options)

    def described_with(self, table: TableMetadata) -> TableMetadata:
        """The table with what its clauses say about it."""
        return replace(table, **self.about)

    def with_typed_partitions(self, columns: StructType | None) -> StructType | None:
        """The columns, and behind them those that PARTITIONED BY defines with a type."""
        typed = [c for c in self._partitions if isinstance(c, exp.ColumnDef) and c.args.get("kind")]
        if not typed:
            return columns
        added = [column_of(column, self._session) for column in typed]
        return StructType([*(columns.fields if columns is not None else []), *added])

    def _read(self, clause: exp.Expression) -> None:
        if isinstance(clause, exp.FileFormatProperty):
            self._format = checked_format(clause.this.name)
        elif isinstance(clause, exp.OptionsProperty):
            self._options.update(pairs_of(clause.expressions))
        elif isinstance(clause, exp.PartitionedByProperty):
            self._partitions = list(clause.this.expressions)
        elif isinstance(clause, exp.LocationProperty):
            self._options["path"] = clause.this.name
        elif isinstance(clause, exp.SchemaCommentProperty):
            self.about["comment"] = clause.this.name
        elif isinstance(clause, exp.ClusterProperty):
            self._options["clusterBy"] = json.dumps([column.name for column in clause.expressions])
        elif isinstance(clause, exp.LikeProperty):
            self.like = clause.this
        elif isinstance(clause, exp.Property) and type(clause) is exp.Property:
            self._properties.update(pairs_of([clause]))
        else:
            raise UnsupportedOperationException(
                f"CREATE TABLE ... {clause.sql(dialect='spark')} is not offered; USING, OPTIONS, PARTITIONED "
                "BY, CLUSTER BY, LOCATION, COMMENT, TBLPROPERTIES and LIKE are"
            )


def pairs_of(properties: list[exp.Expression]) -> dict[str, str]:
    """The keys and values of OPTIONS or TBLPROPERTIES."""
    return {p.this.name: _text(p.args["value"]) for p in properties}


def _text(value: exp.Expression) -> str:
    return str(value.this).lower() if isinstance(value, exp.Boolean) else value.name


def column_of(node: exp.Expression, session: Session) -> StructField:
    """A column as a statement defines it; raises for a constraint that is not offered."""
    kind = node.args.get("kind")
    if kind is None:
        raise ParseException(f"[PARSE_SYNTAX_ERROR] The column {node.name} needs a type. SQLSTATE: 42601")
    field = parse_ddl(f"{backticked(node.name)} {kind.sql(dialect='spark')}").fields[0]
    metadata: dict[str, Any] = dict(field.metadata or {})
    nullable = True
    for constraint in node.args.get("constraints") or []:
        rule = constraint.args["kind"]
        if isinstance(rule, exp.CommentColumnConstraint):
            metadata["comment"] = rule.this.name
        elif isinstance(rule, exp.DefaultColumnConstraint):
            metadata[DEFAULT] = _default(rule.this, field, session)
        elif isinstance(rule, exp.NotNullColumnConstraint) and not rule.args.get("allow_null"):
            nullable = False
        else:
            raise UnsupportedOperationException(
                f"a column with {rule.sql(dialect='spark')} is not offered; NOT NULL, DEFAULT and COMMENT are"
            )
    return StructField(field.name, field.dataType, nullable, metadata)


def _default(value: exp.Expression, field: StructField, session: Session) -> str:
    """The text of a default, tried once so that a wrong one is found when the table is made."""
    text = value.sql(dialect="spark")
    session.range(1).select(F.expr(text).cast(field.dataType)).collect()
    return text
