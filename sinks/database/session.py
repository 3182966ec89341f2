"""One connection for one writer, opened when it is needed and anew after it broke."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from streamcore.sinks.database.outcome import failed_to_connect, no_driver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Connection, Dialect

    from streamcore.sinks.database.settings import DatabaseSettings

_SQLITE_WAIT_SECONDS = 30


class DatabaseSession:
    """A connection that lives from one micro-batch to the next."""

    def __init__(self, settings: DatabaseSettings) -> None:
        self._settings = settings
        options: dict[str, Any] = {"poolclass": NullPool, "hide_parameters": True}
        if settings.isolation_level:
            options["isolation_level"] = settings.isolation_level
        if settings.url.get_backend_name() == "sqlite":
            waits = {} if "timeout" in settings.url.query else {"timeout": _SQLITE_WAIT_SECONDS}
            options["connect_args"] = {"check_same_thread": False, **waits}
        try:
            self._engine = sa.create_engine(settings.url, **options)
        except (sa.exc.SQLAlchemyError, ImportError) as error:
            raise no_driver(error, settings) from None
        self._connection: Connection | None = None

    @property
    def dialect(self) -> Dialect:
        """The database's dialect."""
        return self._engine.dialect

    def connection(self) -> Connection:
        """The connection, opened now if there is none.

        Raises CommitFailed when the database gives none now, IllegalArgumentException when it never will.
        """
        if self._connection is None or self._connection.closed:
            try:
                self._connection = self._engine.connect()
            except sa.exc.SQLAlchemyError as error:
                raise failed_to_connect(error, self._settings) from None
        return self._connection

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A transaction that is rolled back, and whose connection is dropped, by any error inside.

        The caller commits; SQLite's write lock is taken at once, so that it is waited for and not refused.
        """
        connection = self.connection()
        try:
            if self.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            connection.rollback()  # nothing is left to roll back when the caller has committed
        except BaseException:
            self.drop()
            raise

    def drop(self) -> None:
        """Closes the connection, whatever state it is in."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):
                connection.rollback()
            with suppress(Exception):
                connection.close()

    def close(self) -> None:
        """Closes the connection for good."""
        self.drop()
        self._engine.dispose()
