"""What can go wrong at a place of storage."""

from __future__ import annotations

import errno

from streamcore.errors import StreamcoreError


class StorageError(StreamcoreError):
    """A file could not be read, written or removed; the message names it and the cause is chained."""


class StorageFull(StorageError):
    """No space was left: nothing became visible, and the same write may be tried again."""


class StorageRefused(StorageError):
    """The place cannot promise what the contract asks, or the path leads out of it."""


_FULL = (errno.ENOSPC, errno.EDQUOT)


def storage_error(act: str, path: str, location: str, cause: OSError) -> StorageError:
    """The error to raise for `cause`, met while doing `act` ("write", "read", "remove")."""
    if cause.errno in _FULL:
        return StorageFull(
            f"no space is left to {act} {path!r} under {location}; nothing of it is visible. "
            "Free some space, then start the query again: it goes on where it stopped"
        )
    return StorageError(f"cannot {act} {path!r} under {location}: {cause.strerror or cause}")
