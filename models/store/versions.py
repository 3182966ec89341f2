"""The manifests of a store: numbered from 1 on, created once, never changed.

What a publisher or follower asks for again and again is found from what it saw last, not by a look at
everything that is kept.  Only a collection makes gaps, and none above the version that was the newest then,
which it writes down: above that, and above what was seen, the first number without a file is the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamcore.errors import ModelNotFound, ModelStoreError
from streamcore.models.store.manifest import Manifest
from streamcore.models.store.names import COLLECTED, VERSIONS, numbers
from streamcore.models.store.records import read_record, sealed
from streamcore.storage.canonical import canonical
from streamcore.storage.fields import Fields

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamcore.storage import Storage

_VERSION: Final = "model-version"
_COLLECTION: Final = "model-collected"


class Versions:
    """The versions of one store."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._newest: int | None = None
        self._scanned: dict[str, int] = {}
        self._newest_of: dict[str, Manifest] = {}

    def numbers(self) -> list[int]:
        """The versions that are there, oldest first."""
        return numbers(self._storage, VERSIONS)

    def newest(self) -> int:
        """The newest version, 0 before the first; it is never collected, so numbers are never used again."""
        known = max(self._newest or 0, self._newest_at_collection())
        if self._newest is None or (known and not self._is_there(known)):
            known = max(self.numbers(), default=0)
        while self._is_there(known + 1):
            known += 1
        self._newest = known
        return known

    def find(self, version: int) -> Manifest | None:
        """One manifest, None when there is none; ModelDamaged when it cannot be trusted."""
        try:
            return read_record(self._storage, _path(version), _VERSION, lambda body: _parse(body, version))
        except FileNotFoundError:
            return None

    def get(self, version: int) -> Manifest:
        """As `find`; ModelNotFound when there is none."""
        found = self.find(version)
        if found is None:
            newest = self.newest()
            known = f"the newest is {newest}" if newest else "it has none yet"
            raise ModelNotFound(f"{self._storage.location} has no version {version}, or no longer: {known}")
        return found

    def put(self, manifest: Manifest) -> None:
        """Makes a version visible."""
        path = _path(manifest.version)
        if not self._storage.put_if_absent(path, sealed(_VERSION, manifest.text())):
            raise ModelStoreError(
                f"{self._storage.location}/{path} was made by a writer that did not wait for its turn: the "
                "file system does not keep locks. Publish again, from one machine at a time"
            )

    def newest_of(self, query_id: str) -> Manifest | None:
        """The newest version that a query committed; only what is newer than the last look is looked at."""
        newest, seen = self.newest(), self._scanned.get(query_id)
        unseen: Iterable[int] = reversed(self.numbers()) if seen is None else range(newest, seen, -1)
        for number in unseen:
            manifest = self.find(number)
            if manifest is not None and manifest.commit and manifest.commit.query_id == query_id:
                self._newest_of[query_id] = manifest
                break
        self._scanned[query_id] = newest
        return self._newest_of.get(query_id)

    def before_collection(self, newest: int) -> None:
        """Writes down, before versions go, which one is the newest."""
        body = canonical({"newest": newest})
        self._storage.replace(COLLECTED, sealed(_COLLECTION, body))

    def remove(self, version: int) -> None:
        """Forgets a version that is not the newest."""
        self._storage.delete(_path(version))

    def _newest_at_collection(self) -> int:
        try:
            return read_record(self._storage, COLLECTED, _COLLECTION, _parse_collection)
        except FileNotFoundError:
            return 0

    def _is_there(self, version: int) -> bool:
        try:
            self._storage.get(_path(version))
        except FileNotFoundError:
            return False
        return True


def _path(version: int) -> str:
    return f"{VERSIONS}/{version}"


def _parse(body: str, version: int) -> Manifest:
    found = Manifest.parse(body)
    if found.version != version:
        raise ValueError(f"it was written as version {found.version}")
    return found


def _parse_collection(body: str) -> int:
    fields = Fields.parse(body)
    newest = fields.integer("newest")
    fields.finish()
    return newest
