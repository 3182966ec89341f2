"""The batch sink jdbc: PySpark's name and options for a table in a database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.errors import UnsupportedOperationException
from streamcore.sinks.database.data_source import DatabaseSink
from streamcore.spi.jdbc_url import database_url, require_driver
from streamcore.spi.options import Options

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from streamcore.sinks.database.stream_writer import DatabaseStreamWriter
    from streamcore.spi.types import StructType

_OWN = ("driver", "numPartitions", "user", "password")


class JdbcSink(DatabaseSink):
    """A table in a database, written in one transaction; see `DatabaseSink` for what else there is.

    `url` may be JDBC's; `driver` has to be the one of its database. All rows go through one connection, so
    that any `numPartitions`, the most connections there may be, is kept.
    """

    def __init__(self, options: MutableMapping[str, str]) -> None:
        given = Options(options)
        require_driver(given.get("driver"), given.get("url", ""))
        given.integer("numPartitions", 1, minimum=1)
        url = database_url(given, "jdbc")
        kept = {name: value for name, value in given.items() if name.lower() not in map(str.lower, _OWN)}
        super().__init__(Options({**kept, "url": url.render_as_string(hide_password=False)}))

    @classmethod
    def name(cls) -> str:
        """The short name."""
        return "jdbc"

    def streamWriter(self, schema: StructType, overwrite: bool) -> DatabaseStreamWriter:
        """Refused, as in PySpark."""
        raise UnsupportedOperationException(
            "Data source jdbc does not support streamed writing; use the format 'database', which is "
            "exactly once"
        )
