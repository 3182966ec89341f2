"""What tests ask of any PostgreSQL, wherever it runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import uuid4

from sqlalchemy.engine import URL, make_url


@dataclass(frozen=True)
class Database:
    """One database of a server; `url` is for SQLAlchemy, with the password in it."""

    url: str
    description: str

    def query(
        self, statement: str, values: Mapping[str, object] | Sequence[object] | None = None
    ) -> list[Any]:
        """Run one statement in its own transaction and return its rows as tuples."""
        return _run(make_url(self.url), statement, values)


class PostgresDatabases:
    """A PostgreSQL server as its clients see it: `url` names a database whose user may create others."""

    def __init__(self, url: str, origin: str) -> None:
        self._url = make_url(url).set(drivername="postgresql+psycopg")
        self._origin = origin

    @cached_property
    def description(self) -> str:
        """What is behind the address, in a few words."""
        version = _run(self._url, "show server_version")[0][0].split()[0]
        return f"PostgreSQL {version} ({self._origin})"

    def answers(self) -> bool:
        """Return whether the server takes connections; wait two seconds for it at most."""
        import psycopg

        try:
            _run(self._url, "select 1")
        except psycopg.OperationalError:
            return False
        return True

    def new_database(self) -> Database:
        """Create an empty database under a name of its own."""
        name = f"test_{uuid4().hex[:12]}"
        _run(self._url, f'create database "{name}" template template0')
        return Database(self._url.set(database=name).render_as_string(hide_password=False), self.description)

    def drop(self, database: Database) -> None:
        """Remove a database, whoever is still connected to it."""
        _run(self._url, f'drop database if exists "{make_url(database.url).database}" with (force)')


def _run(
    url: URL, statement: str, values: Mapping[str, object] | Sequence[object] | None = None
) -> list[Any]:
    import psycopg

    with psycopg.connect(
        host=url.host,
        port=url.port,
        user=url.username,
        password=url.password,
        dbname=url.database,
        connect_timeout=2,
        autocommit=True,
        **url.query,  # type: ignore[arg-type]
    ) as connection:
        # The statement is a test's own text.
        cursor = connection.execute(statement, values)
        return cursor.fetchall() if cursor.description else []
