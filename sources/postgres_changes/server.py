"""Connections to PostgreSQL, and what its errors mean for a query."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from streamcore.distribution import install_command
from streamcore.errors import (
    AnalysisException,
    IllegalArgumentException,
    OffsetsLost,
    QueryExecutionException,
    SourceUnavailable,
)

if TYPE_CHECKING:
    import psycopg

    from streamcore.sources.postgres_changes.settings import Server

_CONNECT_SECONDS: Final = "10"
# The forms of values that are read from texts.
_SETTINGS: Final = (
    "-c datestyle=ISO -c timezone=UTC -c intervalstyle=postgres -c bytea_output=hex -c extra_float_digits=1"
)
_WRONG_OPTIONS: Final = (
    "authentication failed", "no password supplied", "no pg_hba.conf entry", "does not exist",
    "is not permitted to log in",
)  # fmt: skip
_IN_USE, _NO_SUCH_OBJECT, _NOT_IN_STATE, _NOT_PERMITTED = "55006", "42704", "55000", "42501"
_AWAY = ("08", "57P", "53", "58", "XX")


class Connections:
    """Connections that are kept from one batch to the next, by the server that they are to."""

    def __init__(self) -> None:
        self._idle: dict[tuple[tuple[str, str], ...], list[psycopg.Connection[Any]]] = {}
        self._lock = threading.Lock()

    @contextmanager
    def to(self, server: Server) -> Iterator[psycopg.Connection[Any]]:
        """A connection of the caller's own; kept for the next one, unless an error came out of it."""
        key = tuple(sorted(server.parameters.items()))
        with self._lock:
            kept = self._idle.get(key)
            connection = kept.pop() if kept else None
        if connection is None:
            connection = connect(server)
        try:
            with explained(server):
                yield connection
        except BaseException:
            with contextlib.suppress(Exception):
                connection.close()
            raise
        with self._lock:
            self._idle.setdefault(key, []).append(connection)

    def close(self, server: Server) -> None:
        """Closes those to the server that nobody uses."""
        with self._lock:
            idle = self._idle.pop(tuple(sorted(server.parameters.items())), [])
        for connection in idle:
            with contextlib.suppress(Exception):
                connection.close()


CONNECTIONS: Final = Connections()


def connect(server: Server, **more: str) -> psycopg.Connection[Any]:
    """A new connection, each of whose statements is a transaction.

    Raises SourceUnavailable when the server gives none now, IllegalArgumentException when it never will.
    """
    try:
        import psycopg
    except ImportError as error:
        raise IllegalArgumentException(
            f"the postgres-changes source needs psycopg: {install_command('postgres')}"
        ) from error
    given = dict(server.parameters) | more
    parameters: dict[str, Any] = {
        "connect_timeout": _CONNECT_SECONDS,
        "application_name": "streamcore",
    } | given
    parameters["options"] = " ".join(filter(None, [given.get("options"), _SETTINGS]))
    try:
        return psycopg.connect(**parameters, autocommit=True)
    except psycopg.Error as error:
        said = _said(error)
        if any(text in said for text in _WRONG_OPTIONS) or isinstance(error, psycopg.ProgrammingError):
            raise IllegalArgumentException(
                f"cannot connect to PostgreSQL at {server.place}: {said}. Check the options url, user and "
                "password"
            ) from None
        raise SourceUnavailable(
            f"cannot connect to PostgreSQL at {server.place}: {said}. Nothing was lost, and it is tried again"
        ) from None


@contextmanager
def explained(server: Server) -> Iterator[None]:
    """Turns the driver's errors into those of the engine: what may be tried again, and what never helps."""
    import psycopg

    try:
        yield
    except psycopg.Error as error:
        raise meaning_of(error, server) from None


def meaning_of(error: psycopg.Error, server: Server) -> Exception:
    """What an error of the server means for the query."""
    said, state = _said(error), error.sqlstate or ""
    if not state or state.startswith(_AWAY) or state == _IN_USE:
        return SourceUnavailable(
            f"PostgreSQL at {server.place} could not be read: {said}. Nothing was lost, and it is tried again"
        )
    if state == _NO_SUCH_OBJECT and "slot" in said:
        return OffsetsLost(
            f"the changes cannot be read any more: {said}. Start anew with an empty checkpoint"
        )
    if state == _NO_SUCH_OBJECT and "publication" in said:
        return QueryExecutionException(
            f"the changes cannot be read: {said}. A publication has to be there before the slot, whose log "
            "is read as it was then: drop the slot, make the publication, and start with an empty checkpoint"
        )
    if state == _NOT_PERMITTED:
        return AnalysisException(
            f"PostgreSQL at {server.place} does not permit it: {said}. Logical replication needs the "
            "attribute REPLICATION (ALTER ROLE ... REPLICATION) and SELECT on the table; to make the "
            "publication, its ownership of the table and CREATE on the database (or name one that is there: "
            "publicationName)"
        )
    if state == _NOT_IN_STATE and "can no longer" in said:
        return OffsetsLost(
            f"the replication slot has lost log that it needs: {said}. Drop it and start anew with an empty "
            "checkpoint"
        )
    if state == _NOT_IN_STATE and "recovery is in progress" in said:
        return AnalysisException(
            f"PostgreSQL at {server.place} is a standby, which follows another server: point the option url "
            "to the primary"
        )
    return QueryExecutionException(f"PostgreSQL at {server.place} said: {said}")


def _said(error: psycopg.Error) -> str:
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__
