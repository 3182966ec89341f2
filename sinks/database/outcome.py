"""What a database error means for the commit: surely nothing happened, or nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.distribution import install_command
from streamcore.errors import CommitFailed, CommitStateUnknown, IllegalArgumentException

if TYPE_CHECKING:
    from streamcore.sinks.database.settings import DatabaseSettings

# PostgreSQL: connection exceptions, and operator intervention (the server shuts down or crashes).
_UNSURE_SQLSTATES = ("08", "57", "58", "XX", "40003")
# A server that refuses a connection says it in words alone: drivers do not pass its codes on.
_NOT_NOW = (
    "the database system is starting up", "the database system is shutting down",
    "the database system is in recovery mode", "the database system is not yet accepting connections",
    "the database system is not accepting connections", "too many clients already", "too many connections",
    "remaining connection slots are reserved", "Too many connections", "Server shutdown in progress",
)  # fmt: skip
_WRONG_OPTIONS = (
    "authentication failed", "no password supplied", "no pg_hba.conf entry", "does not exist",
    "is not permitted to log in", "Access denied for user", "Unknown database",
    "unable to open database file",
)  # fmt: skip
_NOT_IN_TEXT = ("22021", "22P05")
_NUL = ("0x00", "\\u0000")
_SQLITE_REFUSED = ("database is locked", "database or disk is full", "constraint failed")


def failed(error: Exception, settings: DatabaseSettings) -> CommitFailed:
    """The error for anything that happened before COMMIT: the transaction is rolled back."""
    said = reason(error, settings)
    if _state(error) in _NOT_IN_TEXT and _has(said, _NUL):
        way_out = (
            'this database keeps no NUL in text: take it out, F.translate(column, "\\0", "") for instance'
        )
    else:
        way_out = "it may be tried again"
    return CommitFailed(
        f"the batch was not written to {settings.place}: {said}. Nothing of it is visible; {way_out}"
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
    cause = _cause(error)
    return settings.redact(" ".join(str(cause).split()) or type(cause).__name__).rstrip(".")


def _was_refused(error: Exception) -> bool:
    if state := _state(error):
        return not state.startswith(_UNSURE_SQLSTATES)
    return _has(str(_cause(error)), _SQLITE_REFUSED)


def _cause(error: Exception) -> Exception:
    return getattr(error, "orig", None) or error


def _state(error: Exception) -> str:
    """The SQLSTATE that the database gave; empty when it gave none."""
    cause = _cause(error)
    return str(getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None) or "")


def no_driver(error: Exception, settings: DatabaseSettings) -> IllegalArgumentException:
    """The error for a URL that no installed driver serves."""
    return IllegalArgumentException(
        f"cannot connect to {settings.shown_url}: {reason(error, settings)}. Check the option url, and that "
        f"the driver is installed ({install_command('postgres')} for PostgreSQL)"
    )


def failed_to_connect(
    error: Exception, settings: DatabaseSettings
) -> CommitFailed | IllegalArgumentException:
    """The error for a database that gives no connection: CommitFailed unless trying again cannot help."""
    said = reason(error, settings)
    failed = f"cannot connect to {settings.shown_url}: {said}"
    if _has(said, _WRONG_OPTIONS):
        return IllegalArgumentException(f"{failed}. Check the options url, user and password")
    if _has(said, _NOT_NOW):
        return CommitFailed(
            f"{failed}. The database runs and takes no connection at the moment; nothing was written, and it "
            "is tried again"
        )
    return CommitFailed(
        f"{failed}. See whether the database runs at that address, and check the options url, user and "
        "password; nothing was written, and it may be tried again"
    )


def _has(text: str, parts: tuple[str, ...]) -> bool:
    return any(part in text for part in parts)
