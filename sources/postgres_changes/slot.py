"""The replication slot: where it stands, what it offers, and moving it on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from streamcore.errors import AnalysisException
from streamcore.sources.postgres_changes.positions import SlotStatus, Transaction, lsn_of, lsn_text

if TYPE_CHECKING:
    import psycopg

    from streamcore.sources.postgres_changes.settings import ChangesSettings

FETCHED_MESSAGES: Final = 65_536
# Older servers offer transactions that have nothing of the publication.
_SKIPS_EMPTY: Final = 150000
_STATUS = """
    SELECT (pg_control_system()).system_identifier::text, pg_current_wal_flush_lsn()::text,
           s.confirmed_flush_lsn::text, s.wal_status, s.plugin::text, s.database = current_database()
    FROM (VALUES (1)) AS one LEFT JOIN pg_replication_slots s ON s.slot_name = %s
"""
_PEEK = """
    pg_logical_slot_peek_binary_changes(
        %(slot)s, %(end)s, %(most)s, 'proto_version', '1', 'publication_names', %(publication)s
    )
"""
# B (66) begins a transaction and says where its commit is; I, U, D, T (73, 85, 68, 84) are changes.
_LOOK = f"""
    SELECT max(CASE WHEN kind = 66 THEN encode(substring(data FROM 2 FOR 8), 'hex') END),
           count(*) FILTER (WHERE kind IN (73, 85, 68, 84)), count(*)
    FROM (
        SELECT data, kind, count(*) FILTER (WHERE kind = 66) OVER (ORDER BY place) AS number
        FROM (SELECT data, get_byte(data, 0) AS kind, place
              FROM {_PEEK} WITH ORDINALITY AS peeked(lsn, xid, data, place)) AS messages
    ) AS of_transactions
    GROUP BY number ORDER BY number
"""  # noqa: S608 - no value is in the text


def status_of(connection: psycopg.Connection[Any], slot: str) -> SlotStatus:
    """The server and the slot, as they are now; AnalysisException when the slot is of another kind."""
    found = connection.execute(_STATUS, (slot,)).fetchone()
    assert found is not None  # one row, by construction
    system, flushed, confirmed, wal_status, plugin, here = found
    if plugin is not None and (plugin != "pgoutput" or not here):
        raise AnalysisException(
            f"there is a replication slot {slot!r} already, with the plugin {plugin} or of another database: "
            "name one of the query's own with the option slotName"
        )
    known = lsn_of(confirmed) if confirmed is not None else 0 if plugin is not None else None
    version = connection.info.server_version
    return SlotStatus(system, lsn_of(flushed), known, wal_status, version)


def create_slot(connection: psycopg.Connection[Any], slot: str) -> None:
    """Makes the slot; what is committed from now on is kept for it."""
    connection.execute("SELECT pg_create_logical_replication_slot(%s, 'pgoutput')", (slot,))


def drop_slot(connection: psycopg.Connection[Any], slot: str) -> None:
    """Removes the slot, if it is there."""
    connection.execute(
        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = %s", (slot,)
    )


def look(
    connection: psycopg.Connection[Any], settings: ChangesSettings, start: int, status: SlotStatus, end: int
) -> tuple[list[Transaction], int | None]:
    """The transactions that the slot offers up to `end`, and after how many messages it was asked to stop.

    No more are looked at than are needed: one to know that there are changes, `max_changes` for a limit. When
    the slot is behind the query, what it offers first was read already.
    """
    everything = status.confirmed != start or status.version < _SKIPS_EMPTY
    most = None if everything else settings.max_changes or 1
    rows = connection.execute(_LOOK, _asked(settings, end) | {"most": most}).fetchall()
    return [Transaction(int(lsn, 16), changes, messages) for lsn, changes, messages in rows if lsn], most


def peek(connection: psycopg.Connection[Any], settings: ChangesSettings, end: int) -> Iterator[list[bytes]]:
    """The messages of what was committed before `end`, and perhaps of a little more, in pieces."""
    name = f"streamcore_{uuid4().hex}"
    with connection.transaction(), connection.cursor(name) as cursor:
        cursor.execute(f"SELECT data FROM {_PEEK}", _asked(settings, end) | {"most": None}, binary=True)  # noqa: S608
        while rows := cursor.fetchmany(FETCHED_MESSAGES):
            yield [message for (message,) in rows]


def advance(connection: psycopg.Connection[Any], slot: str, end: int) -> None:
    """Tells the slot that everything committed before `end` has been read: its log may go."""
    connection.execute("SELECT pg_replication_slot_advance(%s, %s)", (slot, lsn_text(end)))


def _asked(settings: ChangesSettings, end: int) -> dict[str, Any]:
    from psycopg.sql import Identifier

    # The plugin parses the names as identifiers.
    publication = Identifier(settings.publication).as_string()
    return {"slot": settings.slot, "end": lsn_text(end), "publication": publication}
