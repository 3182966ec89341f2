"""What an error of pyiceberg or of a catalog means, in words without secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.errors import CommitFailed, CommitStateUnknown, OffsetsLost, SourceUnavailable

if TYPE_CHECKING:
    from streamcore.iceberg.names import TableAddress


def reason(error: BaseException, address: TableAddress) -> str:
    """The words of the error itself, on one line and without secrets."""
    cause = getattr(error, "orig", None) or error
    return address.redact(str(cause)).rstrip(".") or type(cause).__name__


def unavailable(error: BaseException, address: TableAddress) -> SourceUnavailable:
    """The error for a catalog or a file that cannot be read now."""
    return SourceUnavailable(
        f"the Iceberg table {address} cannot be read: {reason(error, address)}. See whether its catalog and "
        "the place of its files answer; it may be tried again"
    )


def not_written(error: BaseException, address: TableAddress) -> CommitFailed:
    """The error for anything before the catalog was asked to commit."""
    return CommitFailed(
        f"the batch was not written to the Iceberg table {address}: {reason(error, address)}. Nothing of it "
        "is visible; it may be tried again"
    )


def unknown(error: BaseException, address: TableAddress) -> CommitStateUnknown:
    """The error for a commit of which nobody can say whether it happened."""
    return CommitStateUnknown(
        f"it is not known whether the batch was committed to the Iceberg table {address}: "
        f"{reason(error, address)}. Start the query again when the catalog answers: it reads the table's "
        "record and goes on"
    )


def surely_refused(error: BaseException) -> bool:
    """Whether the catalog has said that it did not commit."""
    from pyiceberg.exceptions import (
        CommitFailedException,
        ForbiddenError,
        UnauthorizedError,
        ValidationException,
    )

    sure = (CommitFailedException, ValidationException, ForbiddenError, UnauthorizedError)
    return isinstance(error, sure)


def gone(path: str, place: str) -> OffsetsLost:
    """The error for a data file that was removed before it was read."""
    return OffsetsLost(
        f"the data file {path} of {place} is gone: its snapshot has expired. Start with a new checkpoint, or "
        "read the table as it is now"
    )
