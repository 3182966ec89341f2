"""What a database error means for the commit: surely nothing happened, or nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.distribution import install_command
from streamcore.errors import CommitFailed, CommitStateUnknown, IllegalArgumentException

if TYPE_CHECKING:
    from streamcore.sinks.database.settings import DatabaseSettings

# PostgreSQL: connection exceptions, and operator intervention (the server shuts down or crashes).
_UNSURE_SQLSTATES = ("08", "57", "58", "XX", "40003")
_SQLITE_REFUSED = ("database is locked", "database or disk is full", "constraint failed")


def failed(error: Exception, settings: DatabaseSettings) -> CommitFailed:
    """The error for anything that happened before COMMIT: the transaction is rolled back."""
    return CommitFailed(
        f"the batch was not written to {settings.place}: {reason(error, settings)}. Nothing of it is "
        "visible, and it may be tried again"
    )


def failed_in_commit(error: Exception, settings: DatabaseSettings) -> CommitFailed | CommitStateUnknown:
    """The error for COMMIT itself: failed only when the database has said that it refused."""
    if _was_refused(error):
        return failed(error, settings)
    return CommitStateUnknown(
        f"it is not known whether the batch was committed to {settings.place}: {reason(error, settings)}. "
        "Start the query again when the database answers: it asks the ledger and goes on"
    )


def reason(error: Exception, settings: DatabaseSettings) -> str:
    """The driver's own words on one line, without secrets."""
    cause = getattr(error, "orig", None) or error
    return settings.redact(" ".join(str(cause).split()) or type(cause).__name__).rstrip(".")


def _was_refused(error: Exception) -> bool:
    cause = getattr(error, "orig", None) or error
    state = getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)
    if state:
        return not str(state).startswith(_UNSURE_SQLSTATES)
    return any(text in str(cause) for text in _SQLITE_REFUSED)


def failed_to_connect(error: Exception, settings: DatabaseSettings) -> IllegalArgumentException:
    """The error for a database that cannot be reached or whose driver is not installed."""
    return IllegalArgumentException(
        f"cannot connect to {settings.shown_url}: {reason(error, settings)}. Check the options url, user and "
        f"password, and that the driver is installed ({install_command('postgres')} for PostgreSQL)"
    )
