"""The options of the jdbc source, read once and checked."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from streamcore.errors import IllegalArgumentException
from streamcore.spi.jdbc_url import database_url, require_driver
from streamcore.spi.table_name import table_name

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

    from streamcore.spi.options import Options

OPTIONS = (
    "url", "dbtable", "query", "user", "password", "driver", "partitionColumn", "lowerBound", "upperBound",
    "numPartitions", "predicates", "fetchsize", "customSchema", "sessionInitStatement",
)  # fmt: skip
_SUBQUERY = re.compile(r"\s*\((?P<query>.*)\)\s*(?:as\s+)?\w*\s*\Z", re.IGNORECASE | re.DOTALL)
_FETCHED_ROWS = 10_000


@dataclass(frozen=True)
class Ranges:
    """A column by whose values rows are read in parts; the bounds as they were written."""

    column: str
    lower: str
    upper: str
    count: int


@dataclass(frozen=True)
class JdbcSettings:
    """What is read: a table (schema and name) or a query, whole or in parts."""

    url: URL = field(repr=False)
    table: tuple[str | None, str] | None
    query: str | None
    ranges: Ranges | None
    predicates: tuple[str, ...]
    fetched_rows: int
    custom_schema: str
    init_statement: str | None

    @property
    def place(self) -> str:
        """What is read, for messages, without secrets."""
        what = "a query" if self.table is None else ".".join(filter(None, self.table))
        return f"{what} in {self.url.render_as_string(hide_password=True)}"


def read_settings(options: Options) -> JdbcSettings:
    """The settings in the options; raises IllegalArgumentException naming the option that is wrong."""
    require_driver(options.get("driver"), options.get("url", ""))
    table, query = _what(options)
    ranges = _ranges(options)
    if ranges is not None and "query" in options:
        raise IllegalArgumentException(
            "Options 'query' and 'partitionColumn' can not be specified together. Please define the query "
            "using "
            "`dbtable` option instead and make sure to qualify the partition columns using the supplied "
            "subquery "
            "alias to resolve any ambiguity."
        )
    return JdbcSettings(
        url=database_url(options, "jdbc"),
        table=table,
        query=query,
        ranges=ranges,
        predicates=tuple(json.loads(options.get("predicates", "[]"))),
        fetched_rows=options.integer("fetchsize", 0, minimum=0) or _FETCHED_ROWS,
        custom_schema=options.get("customSchema", ""),
        init_statement=options.get("sessionInitStatement"),
    )


def _what(options: Options) -> tuple[tuple[str | None, str] | None, str | None]:
    table, query = options.get("dbtable"), options.get("query")
    if table and query:
        raise IllegalArgumentException("Both `dbtable` and `query` can not be specified at the same time.")
    if query:
        return None, query
    if not table:
        raise IllegalArgumentException("Option `dbtable` or `query` is required.")
    nested = _SUBQUERY.match(table)
    if nested:
        return None, nested["query"]
    name = table_name(table)
    if name is None:
        raise IllegalArgumentException(
            f"option dbtable={table!r} must be table, schema.table, or a query in parentheses with an alias"
        )
    return name, None


def _ranges(options: Options) -> Ranges | None:
    names = ("partitionColumn", "lowerBound", "upperBound")
    given = [options.get(name) for name in names]
    count = options.integer("numPartitions", 1, minimum=1) or 1
    if not any(given):
        return None
    column, lower, upper = given
    if column is None or lower is None or upper is None or "numPartitions" not in options:
        raise IllegalArgumentException(
            "When reading JDBC data sources, users need to specify all or none for the following options: "
            "'partitionColumn', 'lowerBound', 'upperBound', and 'numPartitions'"
        )
    return Ranges(column.strip('"`'), lower, upper, count)
