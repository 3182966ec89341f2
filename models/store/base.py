"""An opened model store: where its parts are, and how a writer gets its turn."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

from streamcore.models.store.aliases import Aliases
from streamcore.models.store.marks import Holds, Tags
from streamcore.models.store.turns import turn
from streamcore.models.store.versions import Versions
from streamcore.spi.clock import Clock, SystemClock
from streamcore.storage import StorageRefused, existing_storage, open_storage
from streamcore.storage.objects.place import is_object_uri

_WHAT: Final = "a model store"
_PATIENCE_S: Final = 300.0


class OpenStore:
    """A folder of a disk, which is made when the first version is published.

    Raises StorageRefused for any other place.
    """

    def __init__(self, path: str | Path, clock: Clock | None = None) -> None:
        if is_object_uri(os.fspath(path)):
            raise StorageRefused(
                f"{path} cannot hold {_WHAT}: its writers take turns by a lock, which an object store has "
                "not; use a folder of a disk"
            )
        self._path = path
        self._clock = clock or SystemClock()
        self._storage = existing_storage(path, _WHAT)
        self._versions = Versions(self._storage)
        self._aliases = Aliases(self._storage)
        self._tags = Tags(self._storage)
        self._holds = Holds(self._storage)
        self._is_writable = False

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.location!r})"

    @property
    def location(self) -> str:
        """The folder."""
        return self._storage.location

    def _turn(self) -> AbstractContextManager[None]:
        """Within it, no other writer is at work."""
        if not self._is_writable:
            open_storage(self._path, _WHAT)
            self._is_writable = True
        return turn(self._storage, _PATIENCE_S)
