"""The manifests of a store: numbered from 1 on, created once, never changed."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

from streamcore.errors import ModelNotFound, ModelStoreError
from streamcore.models.store.manifest import Manifest
from streamcore.models.store.names import VERSIONS, numbers
from streamcore.models.store.records import read_record, sealed

if TYPE_CHECKING:
    from streamcore.storage import Storage

_KIND: Final = "model-version"


class Versions:
    """The versions of one store."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._seen = 0
        self._newest_of: dict[str, Manifest] = {}

    def numbers(self) -> list[int]:
        """The versions that are there, oldest first."""
        return numbers(self._storage, VERSIONS)

    def newest(self) -> int:
        """The newest version, 0 before the first; it is never collected, so numbers are never used again."""
        return max(self.numbers(), default=0)

    def get(self, version: int) -> Manifest:
        """One manifest; ModelNotFound when there is none, ModelDamaged when it cannot be trusted."""
        try:
            return read_record(
                self._storage, f"{VERSIONS}/{version}", _KIND, lambda body: _parse(body, version)
            )
        except FileNotFoundError:
            there = self.numbers()
            known = f"the newest is {there[-1]}" if there else "it has none yet"
            raise ModelNotFound(
                f"{self._storage.location} has no version {version}, or no longer: {known}"
            ) from None

    def put(self, manifest: Manifest) -> None:
        """Makes a version visible."""
        path = f"{VERSIONS}/{manifest.version}"
        if not self._storage.put_if_absent(path, sealed(_KIND, manifest.text())):
            raise ModelStoreError(
                f"{self._storage.location}/{path} was made by a writer that did not wait for its turn: the "
                "file system does not keep locks. Publish again, from one machine at a time"
            )

    def newest_of(self, query_id: str) -> Manifest | None:
        """The newest version that a query committed; what was looked at once is remembered."""
        for number in self.numbers():
            if number > self._seen:
                with contextlib.suppress(ModelNotFound):  # collected meanwhile, so it was not the newest
                    self._remember(self.get(number))
                self._seen = number
        return self._newest_of.get(query_id)

    def _remember(self, manifest: Manifest) -> None:
        if manifest.commit is not None:
            self._newest_of[manifest.commit.query_id] = manifest


def _parse(body: str, version: int) -> Manifest:
    found = Manifest.parse(body)
    if found.version != version:
        raise ValueError(f"it was written as version {found.version}")
    return found
