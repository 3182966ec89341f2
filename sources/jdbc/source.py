"""The data source jdbc: tables and queries of databases, in parts where the options say so."""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streamcore.errors import AnalysisException, IllegalArgumentException, SourceUnavailable
from streamcore.sources.jdbc.settings import OPTIONS, JdbcSettings, Ranges, read_settings
from streamcore.sources.jdbc.values import conversion
from streamcore.spi.datasource import DataSource, DataSourceReader, InputPartition
from streamcore.spi.options import Options
from streamcore.spi.types import (
    DataType,
    DateType,
    IntegralType,
    NullType,
    NumericType,
    StringType,
    StructField,
    StructType,
    TimestampType,
    infer_schema,
    parse_ddl,
)

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    import sqlalchemy as sa

_LOOKED_AT = 1_000
"""Rows that tell the types of a query, whose columns databases do not describe in one way."""


class JdbcDataSource(DataSource):
    """A table or query of a database that SQLAlchemy reaches.

    - `url`: `jdbc:postgresql://host/db`, or SQLAlchemy's own URL; `user`, `password`. `dbtable`: table,
      schema.table, or a query in parentheses with an alias; or `query`.
    - `partitionColumn`, `lowerBound`, `upperBound`, `numPartitions`: the rows in ranges of a column, read in
      parallel; `predicates` (a JSON list of conditions) does the same with conditions.
    - `fetchsize` (10000): rows per round trip. `customSchema`: other types of columns, as DDL.
      `sessionInitStatement`: run before each read.
    """

    def __init__(self, options: MutableMapping[str, str]) -> None:
        known = Options(options)
        known.reject_unknown(OPTIONS, "the jdbc source")
        super().__init__(known)
        self._settings = read_settings(known)

    @classmethod
    def name(cls) -> str:
        """The short name."""
        return "jdbc"

    def describe(self) -> str:
        """The source as explain names it, without secrets."""
        return f"Jdbc[{self._settings.place}]"

    def schema(self) -> StructType:
        """The columns, with the types that the database tells, or that the first rows of a query have."""
        with _connected(self._settings) as connection:
            found = _table_schema(connection, self._settings)
            if found is None:
                found = _query_schema(connection, self._settings)
        if not self._settings.custom_schema:
            return found
        own = {field.name.lower(): field for field in parse_ddl(self._settings.custom_schema).fields}
        return StructType([own.get(field.name.lower(), field) for field in found.fields])

    def reader(self, schema: StructType) -> DataSourceReader:
        """A reader of these columns."""
        return JdbcReader(self._settings, schema)


@dataclass(frozen=True)
class JdbcPartition(InputPartition):
    """A condition on the rows: SQL text of the user's, or a range of a column; none for all rows."""

    predicate: str | None = None
    column: str | None = None
    lower: Any = None
    upper: Any = None
    takes_nulls: bool = False


class JdbcReader(DataSourceReader):
    """Reads the rows, one connection for each part."""

    def __init__(self, settings: JdbcSettings, schema: StructType) -> None:
        self._settings = settings
        self._schema = schema

    def partitions(self) -> Sequence[InputPartition]:
        """One part for each predicate, or range; one in all without them."""
        if self._settings.predicates:
            return [JdbcPartition(predicate=one) for one in self._settings.predicates]
        if self._settings.ranges is None:
            return [JdbcPartition()]
        return _in_ranges(self._settings.ranges, self._schema)

    def read(self, partition: InputPartition) -> Iterator[tuple[Any, ...]]:
        """The rows of a part."""
        assert isinstance(partition, JdbcPartition)
        converts = [conversion(field.dataType) for field in self._schema.fields]
        with _connected(self._settings) as connection:
            statement = _selected(connection, self._settings, self._schema, partition)
            result = connection.execution_options(yield_per=self._settings.fetched_rows).execute(statement)
            for row in result:
                yield tuple(
                    value if value is None or convert is None else convert(value)
                    for value, convert in zip(row, converts, strict=True)
                )


@contextmanager
def _connected(settings: JdbcSettings) -> Iterator[sa.Connection]:
    import sqlalchemy as sa
    from sqlalchemy.pool import NullPool

    try:
        engine = sa.create_engine(settings.url, poolclass=NullPool, hide_parameters=True)
        connection = engine.connect()
    except ImportError as error:
        raise IllegalArgumentException(
            f"the driver of {settings.url.drivername!r} is not installed: {error}"
        ) from error
    except sa.exc.SQLAlchemyError as error:
        raise SourceUnavailable(f"cannot connect to {settings.place}: {_reason(error)}") from None
    try:
        if settings.init_statement:
            connection.execute(sa.text(settings.init_statement))
        yield connection
    except sa.exc.SQLAlchemyError as error:
        raise AnalysisException(f"cannot read {settings.place}: {_reason(error)}") from None
    finally:
        connection.close()


def _reason(error: Exception) -> str:
    """What the database says; SQLAlchemy's own text may hold the connection's URL."""
    return str(getattr(error, "orig", None) or type(error).__name__)


# ---- schemas ---------------------------------------------------------------------------------------


def _table_schema(connection: sa.Connection, settings: JdbcSettings) -> StructType | None:
    if settings.table is None:
        return None
    import sqlalchemy as sa

    from streamcore.sources.jdbc.column_types import data_type_of

    schema, name = settings.table
    columns = sa.inspect(connection).get_columns(name, schema=schema)
    return StructType([StructField(c["name"], data_type_of(c["name"], c["type"])) for c in columns])


def _query_schema(connection: sa.Connection, settings: JdbcSettings) -> StructType:
    import sqlalchemy as sa

    statement = sa.select(sa.text("*")).select_from(_source(connection, settings)).limit(_LOOKED_AT)
    result = connection.execute(statement)
    names = list(result.keys())
    rows = [tuple(row) for row in result]
    kinds = infer_schema(rows, names).fields if rows else [StructField(name, StringType()) for name in names]
    return StructType([StructField(kind.name, _known(kind.dataType)) for kind in kinds])


def _known(data_type: DataType) -> DataType:
    return StringType() if isinstance(data_type, NullType) else data_type


# ---- statements ------------------------------------------------------------------------------------


def _source(connection: sa.Connection, settings: JdbcSettings) -> Any:
    import sqlalchemy as sa

    if settings.table is not None:
        schema, name = settings.table
        return sa.Table(name, sa.MetaData(), autoload_with=connection, schema=schema)
    return sa.text(f"({settings.query}) AS streamcore_query")


def _selected(
    connection: sa.Connection, settings: JdbcSettings, schema: StructType, partition: JdbcPartition
) -> Any:
    """The statement of a part; the user's texts stand as they are written, values and names are bound."""
    import sqlalchemy as sa

    source = _source(connection, settings)
    is_table = isinstance(source, sa.Table)
    columns = [source.c[name] if is_table else sa.column(name) for name in schema.names]
    statement = sa.select(*columns).select_from(source)
    if partition.predicate is not None:
        return statement.where(sa.text(partition.predicate))
    if partition.column is None:
        return statement
    column = source.c[partition.column] if is_table else sa.column(partition.column)
    terms = [column >= partition.lower] if partition.lower is not None else []
    if partition.upper is not None:
        terms.append(column < partition.upper)
    condition = sa.and_(*terms) if terms else sa.true()
    return statement.where(sa.or_(condition, column.is_(None)) if partition.takes_nulls else condition)


# ---- ranges ----------------------------------------------------------------------------------------


def _in_ranges(ranges: Ranges, schema: StructType) -> list[JdbcPartition]:
    """The first part has the rows below its bound and the nulls, the last those from its bound on."""
    found = [field for field in schema.fields if field.name.lower() == ranges.column.lower()]
    if not found:
        raise AnalysisException(
            f"User-defined partition column {ranges.column} not found in the JDBC relation: "
            f"{schema.simpleString()}"
        )
    name, kind = found[0].name, found[0].dataType
    lower, upper = (_bound(text, kind, ranges.column) for text in (ranges.lower, ranges.upper))
    if lower > upper:
        raise IllegalArgumentException(
            "Operation not allowed: the lower bound of partitioning column is larger than the upper bound. "
            f"Lower bound: {ranges.lower}; Upper bound: {ranges.upper}"
        )
    inner = _between(lower, upper, ranges.count)
    lows, highs = [None, *inner], [*inner, None]
    return [
        JdbcPartition(None, name, low, high, takes_nulls=at == 0)
        for at, (low, high) in enumerate(zip(lows, highs, strict=True))
    ]


def _between(lower: Any, upper: Any, count: int) -> list[Any]:
    """The bounds between `count` ranges of equal width, each once."""
    if isinstance(lower, dt.date):
        steps = [lower + (upper - lower) * at / count for at in range(1, count)]
    else:
        steps = [lower + (upper - lower) * at // count for at in range(1, count)]
    return [step for step in dict.fromkeys(steps) if lower < step < upper]


def _bound(text: str, kind: DataType, column: str) -> Any:
    try:
        if isinstance(kind, NumericType):
            return decimal.Decimal(text) if not isinstance(kind, IntegralType) else int(text)
        if isinstance(kind, DateType):
            return dt.date.fromisoformat(text[:10])
        if isinstance(kind, TimestampType):
            return dt.datetime.fromisoformat(text)
    except (ValueError, ArithmeticError) as error:
        raise IllegalArgumentException(f"Cannot parse the bound value {text} as {kind.typeName()}") from error
    raise AnalysisException(
        f"Partition column type should be numeric, date, or timestamp, but {kind.typeName()} found: {column}"
    )
