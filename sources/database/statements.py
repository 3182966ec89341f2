"""The statements that follow a column; values are bound, names are quoted by SQLAlchemy."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from streamcore.errors import AnalysisException, IllegalArgumentException, SourceUnavailable
from streamcore.sources.database.horizon import XID8, Horizon
from streamcore.sources.jdbc.column_types import data_type_of
from streamcore.spi.types import LongType, StructField, StructType, parse_ddl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamcore.sources.database.settings import FollowSettings

_UNREACHABLE = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError)
_KIND = sa.text(
    "SELECT format_type(a.atttypid, -1) FROM pg_attribute a "
    "WHERE a.attrelid = to_regclass(:name) AND a.attname = :column"
)


class Xid8(sa.types.UserDefinedType[str]):
    """PostgreSQL's number of a transaction, which never wraps; its values go in and out as texts."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """The type's name."""
        return XID8


@dataclass(frozen=True)
class Followed:
    """A table as the database has it, the types of its columns, and PostgreSQL's name of the followed one."""

    column: sa.Column[Any]
    columns: StructType
    kind: str | None


@contextmanager
def connected(settings: FollowSettings) -> Iterator[sa.Connection]:
    """A connection to the database, kept for the next time.

    Raises SourceUnavailable when there is none now or it breaks, AnalysisException for what the database
    refuses.
    """
    try:
        with _engine(settings.url).connect() as connection:
            yield connection
    except _UNREACHABLE as error:
        raise SourceUnavailable(f"{settings.place} could not be read: {_said(error)}") from None
    except sa.exc.SQLAlchemyError as error:
        raise AnalysisException(f"cannot read {settings.place}: {_said(error)}") from None
    except ImportError as error:
        raise IllegalArgumentException(
            f"the driver of {settings.url.drivername!r} is not installed: {error}"
        ) from error


def disconnect(settings: FollowSettings) -> None:
    """Closes the connections that are kept."""
    _engine(settings.url).dispose()


@lru_cache(maxsize=64)
def _engine(url: sa.URL) -> sa.Engine:
    return sa.create_engine(url, hide_parameters=True, pool_pre_ping=True)


def _said(error: Exception) -> str:
    return " ".join(str(getattr(error, "orig", None) or type(error).__name__).split())


def follow(connection: sa.Connection, settings: FollowSettings) -> Followed:
    """The table as it is; AnalysisException when it, or the column, is not there."""
    with warnings.catch_warnings():
        # Types that SQLAlchemy does not know are read as texts.
        warnings.simplefilter("ignore", sa.exc.SAWarning)
        try:
            table = sa.Table(settings.table, sa.MetaData(), autoload_with=connection, schema=settings.schema)
        except sa.exc.NoSuchTableError:
            raise AnalysisException(f"there is no table {settings.place}; check the option dbtable") from None
    if settings.column not in table.c:
        raise AnalysisException(
            f"incrementColumn={settings.column!r} is no column of {settings.place}; there are "
            f"{', '.join(table.c.keys())}"
        )
    own = {field.name: field for field in parse_ddl(settings.custom_schema).fields}
    kind = _kind(connection, settings)
    fields = [
        own.get(name, StructField(name, data_type_of(name, column.type))) for name, column in table.c.items()
    ]
    followed = table.c[settings.column]
    if kind == XID8:
        followed.type = Xid8()
        fields = [StructField(f.name, LongType()) if f.name == settings.column else f for f in fields]
    return Followed(followed, StructType(fields), kind)


def _kind(connection: sa.Connection, settings: FollowSettings) -> str | None:
    if connection.dialect.name != "postgresql":
        return None
    quote = connection.dialect.identifier_preparer.quote_identifier
    name = ".".join(quote(part) for part in (settings.schema, settings.table) if part)
    found: str | None = connection.execute(_KIND, {"name": name, "column": settings.column}).scalar()
    return found


def newest(
    connection: sa.Connection,
    column: sa.Column[Any],
    settings: FollowSettings,
    horizon: Horizon,
    start: Any,
    ceiling: Any,
    most: int | None,
) -> Any:
    """The largest value above `start` up to which all is there: of `most` rows, and not above `ceiling`."""
    safe = [column > _bound(column, start)] if start is not None else []
    safe += [column <= _bound(column, ceiling)] if ceiling is not None else []
    if horizon is Horizon.RUNNING_TRANSACTIONS:
        safe.append(column < sa.func.pg_snapshot_xmin(sa.func.pg_current_snapshot()))
    elif horizon is Horizon.DELAY:
        safe.append(column <= sa.func.now() - sa.literal(settings.commit_delay, sa.Interval()))
    there = sa.select(_value(column)).where(*safe)
    if most is not None:
        found = connection.execute(there.order_by(column).offset(most - 1).limit(1)).first()
        if found is not None:
            return found[0]
    found = connection.execute(there.where(column.is_not(None)).order_by(column.desc()).limit(1)).first()
    return None if found is None else found[0]


def smallest(connection: sa.Connection, column: sa.Column[Any]) -> Any:
    """The smallest value of the column."""
    query = sa.select(_value(column)).where(column.is_not(None)).order_by(column).limit(1)
    found = connection.execute(query).first()
    return None if found is None else found[0]


def rows_between(column: sa.Column[Any], start: Any, end: Any) -> sa.Select[Any]:
    """The rows above `start` (None: from the first) up to `end`, with all columns of the table."""
    query = sa.select(*[_value(one) for one in column.table.c]).where(column <= _bound(column, end))
    return query if start is None else query.where(column > _bound(column, start))


def _value(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    if isinstance(column.type, Xid8):
        return sa.cast(sa.cast(column, sa.Text()), sa.BigInteger()).label(column.name)
    return column


def _bound(column: sa.Column[Any], value: Any) -> sa.ColumnElement[Any]:
    if isinstance(column.type, Xid8):
        return sa.cast(sa.literal(str(value), sa.Text()), Xid8())
    return sa.literal(value, column.type)
