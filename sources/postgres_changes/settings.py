"""The options of the source postgres-changes, read once and checked; secrets never leave in clear."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from streamcore.errors import IllegalArgumentException
from streamcore.spi.jdbc_url import database_url
from streamcore.spi.table_name import table_name

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

    from streamcore.spi.options import Options

OPTIONS = (
    "url", "user", "password", "dbtable", "slotName", "publicationName", "startingPosition",
    "maxChangesPerTrigger", "newColumns", "customSchema",
)  # fmt: skip
_OWNER = "the postgres-changes source"
_SLOT = re.compile(r"[a-z0-9_]{1,63}")
_LONGEST_NAME = 63


@dataclass(frozen=True)
class Server:
    """A database and who asks it: psycopg's parameters of a connection."""

    parameters: Mapping[str, str] = field(repr=False)

    @property
    def place(self) -> str:
        """The database, for messages."""
        told = self.parameters
        port = f":{told['port']}" if "port" in told else ""
        return f"{told.get('host', 'localhost')}{port}/{told.get('dbname', '')}"


@dataclass(frozen=True)
class ChangesSettings:
    """What is read: the changes of one table, through one slot and one publication."""

    server: Server
    schema: str | None
    table: str
    slot: str
    publication: str
    starts_with_rows: bool
    max_changes: int | None
    ignores_new_columns: bool
    custom_schema: str

    @property
    def place(self) -> str:
        """The table, for messages."""
        return f"{'.'.join(filter(None, [self.schema, self.table]))} in {self.server.place}"


def read_settings(options: Options) -> ChangesSettings:
    """The settings in the options; raises IllegalArgumentException naming the option that is wrong."""
    options.reject_unknown(OPTIONS, _OWNER)
    schema, table = _table(options.get("dbtable"))
    slot = _slot(options.get("slotName"))
    publication = options.get("publicationName", slot)
    if not publication or len(publication.encode()) > _LONGEST_NAME:
        raise IllegalArgumentException(
            f"option publicationName={publication!r} must be a name of 1 to {_LONGEST_NAME} bytes"
        )
    starting = options.choice("startingPosition", ("initial", "latest"), "initial")
    return ChangesSettings(
        server=_server(options),
        schema=schema,
        table=table,
        slot=slot,
        publication=publication,
        starts_with_rows=starting == "initial",
        max_changes=options.integer("maxChangesPerTrigger", minimum=1),
        ignores_new_columns=options.choice("newColumns", ("fail", "ignore"), "fail") == "ignore",
        custom_schema=options.get("customSchema", ""),
    )


def _server(options: Options) -> Server:
    url = database_url(options, "postgres-changes")
    if url.get_backend_name() != "postgresql":
        raise IllegalArgumentException(
            f"{_OWNER} reads PostgreSQL, and the option url names {url.get_backend_name()!r}; for other "
            "databases there is the source 'database', which follows a column"
        )
    return Server(_parameters(url))


def _parameters(url: URL) -> dict[str, str]:
    told = {
        "host": url.host,
        "port": None if url.port is None else str(url.port),
        "user": url.username,
        "password": None if url.password is None else str(url.password),
        "dbname": url.database,
    }
    query = {name: value if isinstance(value, str) else value[-1] for name, value in url.query.items()}
    return {name: value for name, value in told.items() if value is not None} | query


def _slot(name: str | None) -> str:
    if not name:
        raise IllegalArgumentException(
            f"{_OWNER} needs the option slotName: the replication slot that remembers, on the server, what "
            "this query has read; it is made when the query starts for the first time. Each query has its own"
        )
    if not _SLOT.fullmatch(name):
        raise IllegalArgumentException(
            f"option slotName={name!r} must be 1 to 63 lower-case letters, digits and underscores"
        )
    return name


def _table(text: str | None) -> tuple[str | None, str]:
    if not text:
        raise IllegalArgumentException(f"{_OWNER} needs the option 'dbtable': table or schema.table")
    name = table_name(text)
    if name is None:
        raise IllegalArgumentException(f"option dbtable={text!r} must be table or schema.table")
    return name
