"""The SQL statements that make, change and fill tables and databases."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from sqlglot import exp

from streamcore.errors import AnalysisException, ParseException, UnsupportedOperationException
from streamcore.plan.refusals import backticked
from streamcore.spi.types import StructField, StructType, parse_ddl
from streamcore.sql import functions as F
from streamcore.sql.column import Column
from streamcore.sql.tables import refusals
from streamcore.sql.tables.assignment import DEFAULT, by_name, by_position, listed_columns
from streamcore.sql.tables.checks import checked_format
from streamcore.sql.tables.defining import define_table, drop_table, truncate_table
from streamcore.sql.tables.metadata import DatabaseMetadata, TableMetadata
from streamcore.sql.tables.saving import SavedTable, described
from streamcore.sql.tables.writing import create_as, insert

if TYPE_CHECKING:
    from streamcore.sql.dataframe import DataFrame
    from streamcore.sql.session import Session

Query = Callable[[exp.Expression], "DataFrame"]

_NO_FILES: Final = "[UNSUPPORTED_FEATURE.TABLE_OPERATION] The feature is not supported: Table"


def name_parts(table: exp.Expression) -> list[str]:
    """The parts of a table's name, as the text spells them."""
    return [part.name for part in (table.args.get(key) for key in ("catalog", "db", "this")) if part]


# ---- CREATE TABLE --------------------------------------------------------------------------------


def create_table(session: Session, node: exp.Create, query: Query) -> None:
    """CREATE TABLE, with columns, AS a query, or over files that are there."""
    target, columns = node.this, None
    if isinstance(target, exp.Schema):
        target, columns = target.this, StructType([_column(c, session) for c in target.expressions])
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
        from dataclasses import replace

        return replace(table, **self.about)

    def with_typed_partitions(self, columns: StructType | None) -> StructType | None:
        """The columns, and behind them those that PARTITIONED BY defines with a type."""
        typed = [c for c in self._partitions if isinstance(c, exp.ColumnDef) and c.args.get("kind")]
        if not typed:
            return columns
        added = [_column(column, self._session) for column in typed]
        return StructType([*(columns.fields if columns is not None else []), *added])

    def _read(self, clause: exp.Expression) -> None:
        if isinstance(clause, exp.FileFormatProperty):
            self._format = checked_format(clause.this.name)
        elif isinstance(clause, exp.OptionsProperty):
            self._options.update(_pairs(clause.expressions))
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
            self._properties.update(_pairs([clause]))
        else:
            raise UnsupportedOperationException(
                f"CREATE TABLE ... {clause.sql(dialect='spark')} is not offered; USING, OPTIONS, PARTITIONED "
                "BY, CLUSTER BY, LOCATION, COMMENT, TBLPROPERTIES and LIKE are"
            )


def _pairs(properties: list[exp.Expression]) -> dict[str, str]:
    return {p.this.name: _text(p.args["value"]) for p in properties}


def _text(value: exp.Expression) -> str:
    return str(value.this).lower() if isinstance(value, exp.Boolean) else value.name


def _column(node: exp.Expression, session: Session) -> StructField:
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


# ---- INSERT --------------------------------------------------------------------------------------


def insert_rows(session: Session, node: exp.Insert, query: Query) -> None:
    """INSERT INTO and INSERT OVERWRITE: by position, BY NAME, or into listed columns."""
    target, names = node.this, None
    if isinstance(target, exp.Schema):
        target, names = target.this, [column.name for column in target.expressions]
    table = session.tables.require(name_parts(target))
    frame, overwrite = query(node.expression), bool(node.args.get("overwrite"))
    values = _static_values(session, target.args.get("partition"), table)
    if node.args.get("by_name"):
        if names is not None or values:
            raise ParseException(
                "[PARSE_SYNTAX_ERROR] INSERT ... BY NAME takes neither a list of columns nor values of "
                "partitions. SQLSTATE: 42601"
            )
        insert(by_name(frame, table), table, overwrite=overwrite)
        return
    fixed = {name.lower() for name in values}
    wanted = listed_columns(table, names) if names is not None else table.schema.fields
    given = by_position(frame, table, [column for column in wanted if column.name.lower() not in fixed])
    for name, value in values.items():
        given = given.withColumn(name, F.lit(value).cast(table.schema[name].dataType))
    insert(given.select(*map(backticked, table.schema.names)), table, overwrite=overwrite, partition=values)


def _static_values(
    session: Session, partition: exp.Expression | None, table: TableMetadata
) -> dict[str, str | None]:
    """The values of PARTITION (...), as text; raises for what are not the first partition columns."""
    own = {name.lower(): name for name in table.partition_by}
    values: dict[str, str | None] = {}
    for entry in partition.expressions if partition is not None else []:
        is_fixed = isinstance(entry, exp.EQ)
        name = (entry.this if is_fixed else entry).name
        if name.lower() not in own:
            raise AnalysisException(
                f"[NON_PARTITION_COLUMN] PARTITION clause cannot contain the non-partition column: "
                f"{backticked(name)}. SQLSTATE: 42000"
            )
        if is_fixed:
            column = table.schema[own[name.lower()]]
            values[column.name] = _value_text(session, entry.expression, column)
    if tuple(values) != table.partition_by[: len(values)]:
        raise UnsupportedOperationException(
            f"PARTITION with values for {', '.join(values)}: give them for the first of the partition "
            f"columns {', '.join(table.partition_by)}, in their order"
        )
    return values


def _value_text(session: Session, value: exp.Expression, column: StructField) -> str | None:
    typed = Column(value).cast(column.dataType).cast("string").alias("value")
    row = session.range(1).select(typed).first()
    found: str | None = row[0] if row is not None else None
    return found


# ---- other statements ----------------------------------------------------------------------------


def truncate(session: Session, node: exp.TruncateTable) -> None:
    """TRUNCATE TABLE of one or several tables."""
    for table in node.expressions:
        truncate_table(session, name_parts(table))


def drop(session: Session, table: exp.Expression, *, ignore: bool) -> None:
    """DROP TABLE of one table: a temporary view of that name goes first, as in Spark."""
    parts = name_parts(table)
    if session.views.lookup(parts) is not None:
        views = session.views if len(parts) == 1 else session.global_views
        views.drop(parts[-1])
    else:
        drop_table(session, parts, ignore=ignore)


def create_database(session: Session, node: exp.Create) -> None:
    """CREATE DATABASE."""
    comment = location = None
    properties = node.args.get("properties")
    rest: dict[str, str] = {}
    for clause in properties.expressions if properties is not None else []:
        if isinstance(clause, exp.SchemaCommentProperty):
            comment = clause.this.name
        elif isinstance(clause, exp.LocationProperty):
            location = clause.this.name
        else:
            rest.update(_pairs([clause]))
    database = DatabaseMetadata(node.this.name.lower(), location, comment, rest)
    session.tables.create_database(database, ignore=bool(node.args.get("exists")))


def drop_database(session: Session, node: exp.Drop) -> None:
    """DROP DATABASE, with its tables when it says CASCADE."""
    for database in node.args.get("tables") or []:
        if node.args.get("exists") and not session.catalog.databaseExists(database.name):
            continue
        session.tables.drop_database(database.name, cascade=bool(node.args.get("cascade")))


def use(session: Session, node: exp.Use) -> None:
    """USE of a database."""
    if node.args.get("kind") is not None and node.args["kind"].name.upper() not in ("DATABASE", "SCHEMA"):
        raise UnsupportedOperationException(f"USE {node.args['kind'].name} is not offered; USE a database")
    session.tables.use(".".join(name_parts(node.this)))


def alter(session: Session, node: exp.Alter) -> None:
    """ALTER TABLE: RENAME TO and ADD COLUMNS."""
    table = session.tables.require(name_parts(node.this))
    for action in node.args["actions"]:
        if isinstance(action, exp.AlterRename):
            session.tables.rename(table, name_parts(action.this))
        elif isinstance(action, exp.Schema | exp.ColumnDef):
            columns = action.expressions if isinstance(action, exp.Schema) else [action]
            table = _with_columns(session, table, [_column(column, session) for column in columns])
        else:
            raise UnsupportedOperationException(
                f"ALTER TABLE ... {action.sql(dialect='spark')} is not offered; RENAME TO and ADD COLUMNS are"
            )


def _with_columns(session: Session, table: TableMetadata, added: list[StructField]) -> TableMetadata:
    from dataclasses import replace

    from streamcore.sql.tables.checks import arranged

    for field in added:
        if DEFAULT in (field.metadata or {}):
            raise UnsupportedOperationException(
                f"ALTER TABLE ... ADD COLUMN {field.name} DEFAULT is not offered: the rows that are there "
                "would need the value too. Add the column, and write the rows anew"
            )
    schema, _ = arranged(table.name, StructType([*table.schema.fields, *added]), table.partition_by)
    changed = replace(table, schema=schema)
    session.tables.store.replace(changed)
    return changed
