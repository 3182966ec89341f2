"""What is found out when a storage on an object store is opened for writing."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Final

from streamcore.storage.errors import StorageRefused
from streamcore.storage.objects.storage import ObjectStorage

_ABANDONED: Final = timedelta(days=1)


def probed_objects(uri: str, what: str) -> ObjectStorage:
    """The storage at `uri`, in which `what` is to be kept; what broken uploads have left there is removed.

    Raises StorageRefused for a store whose conditional write is none, and StorageError when the place cannot
    be written.
    """
    storage = ObjectStorage(uri)
    name = f"probe-{secrets.token_hex(8)}"
    storage.put_if_absent(name, b"first")
    try:
        if storage.put_if_absent(name, b"second"):
            raise StorageRefused(
                f"{storage.location} cannot hold {what}: this store writes an object that exists although it "
                "is asked not to (If-None-Match), so two drivers could both win; use a store that honours "
                "conditional writes, or a disk"
            )
    finally:
        storage.delete(name)
    storage.remove_uploads(before=datetime.now(UTC) - _ABANDONED)
    return storage
