"""What keeps versions from being collected besides aliases: tags, which never move, and readers' holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamcore.models.store.names import HOLDS, TAGS
from streamcore.models.store.records import read_record, sealed
from streamcore.storage.canonical import canonical
from streamcore.storage.fields import Fields

if TYPE_CHECKING:
    from streamcore.storage import Storage

_TAG: Final = "model-tag"
_HOLD: Final = "model-hold"


class Tags:
    """The tags of one store."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def names(self) -> list[str]:
        """Every tag, sorted."""
        return self._storage.list(TAGS)

    def get(self, name: str) -> int | None:
        """The version that a tag names; None when there is no such tag."""
        try:
            return read_record(self._storage, f"{TAGS}/{name}", _TAG, lambda body: _parse(body, name))
        except FileNotFoundError:
            return None

    def put(self, name: str, version: int) -> bool:
        """Makes a tag; False when it exists."""
        body = canonical({"tag": name, "version": version})
        return self._storage.put_if_absent(f"{TAGS}/{name}", sealed(_TAG, body))

    def remove(self, name: str) -> None:
        """Forgets a tag."""
        self._storage.delete(f"{TAGS}/{name}")


class Holds:
    """The holds of one store: a file each, whose name says who holds what."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def all(self) -> dict[str, set[int]]:
        """Who holds which versions."""
        found: dict[str, set[int]] = {}
        for file in self._storage.list(HOLDS):
            holder, _, version = file.rpartition("@")
            if holder and version.isascii() and version.isdigit():
                found.setdefault(holder, set()).add(int(version))
        return found

    def put(self, holder: str, version: int) -> None:
        """Holds a version; nothing happens the second time."""
        body = canonical({"holder": holder, "version": version})
        self._storage.put_if_absent(f"{HOLDS}/{holder}@{version}", sealed(_HOLD, body))

    def remove(self, holder: str, version: int) -> None:
        """Holds a version no longer."""
        self._storage.delete(f"{HOLDS}/{holder}@{version}")


def _parse(body: str, name: str) -> int:
    fields = Fields.parse(body)
    tag, version = fields.text("tag"), fields.integer("version")
    fields.finish()
    if tag != name:
        raise ValueError(f"it was written as the tag {tag!r}")
    return version
