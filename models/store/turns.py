"""Writers of a store take turns: what one of them is about to name, no other one removes.

Readers never wait.  The operating system ends the turn of a process that dies.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from streamcore.errors import ModelStoreError
from streamcore.models.store.names import LOCK
from streamcore.storage import LockableStorage, StorageRefused

if TYPE_CHECKING:
    from streamcore.storage import Lock, Storage

_LOOK_AGAIN_S: Final = 0.005


@contextlib.contextmanager
def turn(storage: Storage, patience_s: float) -> Iterator[None]:
    """Keeps other writers waiting, after it has waited for them; ModelStoreError after `patience_s`."""
    if not isinstance(storage, LockableStorage):
        raise StorageRefused(
            f"{storage.location} cannot tell whether a writer is alive, so it holds no models"
        )
    lock = _taken(storage, patience_s)
    if lock is None:
        raise ModelStoreError(
            f"another writer has been at work in {storage.location} for {patience_s:g} s: end the process "
            f"that has {LOCK!r} there open, or try again later"
        )
    try:
        yield
    finally:
        lock.release()


def _taken(storage: LockableStorage, patience_s: float) -> Lock | None:
    deadline = time.monotonic() + patience_s
    while (lock := storage.try_lock(LOCK)) is None and time.monotonic() < deadline:
        time.sleep(_LOOK_AGAIN_S)
    return lock
