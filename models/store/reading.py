"""Reading a model store: versions by number and name, whole or not at all, while others write."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from streamcore.errors import ModelDamaged, ModelNotFound, ModelStoreError
from streamcore.models.store.artefact import read_artefact, read_object
from streamcore.models.store.base import OpenStore
from streamcore.models.store.folders import make_folder
from streamcore.models.store.follower import Follower
from streamcore.models.store.manifest import STATE, STATE_FILE, Manifest
from streamcore.models.store.names import LATEST, checked_name, checked_version

if TYPE_CHECKING:
    import builtins

    import numpy.typing as npt

    from streamcore.spi.exactly_once import CommitRecord

Reference = int | str
"""A version by its number, or by an alias, a tag or "latest"."""

_T = TypeVar("_T")


class StoreReading(OpenStore):
    """What readers ask; they see whole versions only, and never wait."""

    def versions(self) -> list[int]:
        """The numbers of all versions, oldest first."""
        return self._versions.numbers()

    def list(self) -> list[Manifest]:
        """All versions, oldest first."""
        found = (self._versions.find(version) for version in self.versions())
        return [manifest for manifest in found if manifest is not None]  # None: collected meanwhile

    def resolve(self, reference: Reference) -> int:
        """The number of a version, whether it is there or not; ModelNotFound for a name that names none."""
        if not isinstance(reference, str):
            return checked_version(reference, self.location)
        if reference.isascii() and reference.isdigit():
            return checked_version(int(reference), self.location)
        found = self._named(reference)
        if found is None:
            names = ", ".join(sorted({*self.aliases(), *self.tags()})) or "none"
            raise ModelNotFound(
                f"{self.location} has no alias or tag {reference!r} that names a version; there are: {names}"
            )
        return found

    def _named(self, name: str) -> int | None:
        if name == LATEST:
            return self._versions.newest() or None
        entry = self._aliases.current(checked_name(name, "alias"))
        if entry is not None and entry.version is not None:
            return entry.version
        return self._tags.get(name)

    def describe(self, reference: Reference) -> Manifest:
        """What is known of a version; ModelNotFound when there is none."""
        while True:
            version = self.resolve(reference)
            try:
                return self._versions.get(version)
            except ModelNotFound:
                if self.resolve(reference) == version:
                    raise
                # It was collected between the two looks, and the name has moved on.

    def load(self, reference: Reference) -> tuple[Manifest, dict[str, npt.NDArray[Any]]]:
        """A version that is a state, with its arrays; ModelDamaged when they are not what was published."""
        return self._read(reference, self._state_of)

    def _state_of(self, manifest: Manifest) -> tuple[Manifest, dict[str, npt.NDArray[Any]]]:
        if manifest.kind != STATE:
            raise ModelStoreError(
                f"version {manifest.version} of {self.location} is a saved {manifest.name}, not the state of "
                "an online model: use checkout"
            )
        return manifest, read_artefact(self._storage, manifest.files[STATE_FILE].digest)

    def checkout(self, reference: Reference, folder: str | Path) -> Manifest:
        """Makes `folder`, which must not be there yet, of the files of a version; whole or not at all."""
        return self._read(reference, partial(self._check_out, Path(folder)))

    def _check_out(self, folder: Path, manifest: Manifest) -> Manifest:
        contents = (
            (path, read_object(self._storage, file.digest)) for path, file in sorted(manifest.files.items())
        )
        make_folder(folder, contents)
        return manifest

    def _read(self, reference: Reference, read: Callable[[Manifest], _T]) -> _T:
        while True:
            manifest = self.describe(reference)
            try:
                return read(manifest)
            except ModelDamaged:
                if self._versions.find(manifest.version) is not None:
                    raise
                # It was collected while it was read: the name has moved on, or the next look says so.

    def problems(self, reference: Reference) -> builtins.list[str]:
        """What is wrong with the files of a version; [] when every one is as it was published."""
        found = []
        for file in self.describe(reference).files.values():
            try:
                read_object(self._storage, file.digest)
            except ModelDamaged as error:
                found.append(str(error))
        return found

    def follow(self, name: str) -> Follower:
        """A reader that stays with an alias, a tag or "latest" while it moves."""
        if name == LATEST:
            return Follower(partial(self.describe, name), self._versions.newest)
        checked_name(name, "alias")
        return Follower(partial(self.describe, name), partial(self._aliases.newest, name))

    def aliases(self) -> dict[str, int]:
        """Every alias with the version that it names."""
        entries = [self._aliases.current(name) for name in sorted(self._aliases.numbers())]
        return {entry.alias: entry.version for entry in entries if entry and entry.version is not None}

    def tags(self) -> dict[str, int]:
        """Every tag with its version."""
        found = {name: self._tags.get(name) for name in self._tags.names()}
        return {name: version for name, version in found.items() if version is not None}

    def holds(self) -> dict[str, set[int]]:
        """Which versions are kept for whom."""
        return self._holds.all()

    def last_committed(self, query_id: str) -> CommitRecord | None:
        """The record of the newest batch that a query committed here; None when there is none."""
        newest = self.newest_of(query_id)
        return None if newest is None else newest.commit

    def newest_of(self, query_id: str) -> Manifest | None:
        """The newest version that a query has committed; None when there is none."""
        return self._versions.newest_of(query_id)
