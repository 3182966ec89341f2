"""The store of one model's versions: a folder that programs and queries share.

lock                      whose turn it is to write
versions/<n>              the manifest of version n
objects/<sha256>          the bytes that manifests name
aliases/<name>@<k>        the k-th move of an alias
tags/<name>               a name that stays with its version
holds/<holder>@<n>        who may still go back to version n
collected                 which version was the newest when others were last removed
"""

from __future__ import annotations

from collections.abc import Collection

from streamcore.errors import IllegalArgumentException
from streamcore.models.store import garbage
from streamcore.models.store.names import OBJECTS, checked_holder
from streamcore.models.store.naming import StoreNaming
from streamcore.models.store.publishing import StorePublishing
from streamcore.models.store.reading import Reference


class ModelStore(StorePublishing, StoreNaming):
    """The versions of one model in a folder on a disk, for any number of processes.

    Readers see whole versions only and never wait; writers take turns.  Every digest is checked when a
    version is loaded, and nothing in a store is ever run.

    >>> import numpy as np
    >>> store = ModelStore("memory://doc-store")
    >>> for weight in (0.5, 0.6):
    ...     made = store.publish({"weights": np.array([weight])}, model={"name": "doc"})
    >>> store.alias("champion", made.version)
    >>> store.load("champion")[1]
    {'weights': array([0.6])}
    """

    def hold(self, version: Reference, holder: str) -> int:
        """Keeps a version for a reader that may go back to it, a query by its id; returns its number."""
        checked_holder(holder)
        with self._turn():
            held = self.describe(version).version
            self._holds.put(holder, held)
            return held

    def release(self, holder: str, keep: Collection[int] = ()) -> None:
        """Keeps for this reader only the versions in `keep`."""
        for version in self._holds.all().get(checked_holder(holder), set()) - set(keep):
            self._holds.remove(holder, version)

    def gc(self, keep: int = 10, dry_run: bool = False) -> garbage.Garbage:
        """Removes versions but for the newest `keep` and all that has a name, a holder or a query going on.

        Returns what went, or with `dry_run` what would go.  Raises ModelDamaged, with nothing removed, when
        a file of the store cannot be read: nobody knows which bytes it names.
        """
        if keep < 1:
            raise IllegalArgumentException(f"keep={keep}: at least the newest version is kept")
        with self._turn():
            found = garbage.decide(self._facts(), keep)
            if not dry_run:
                garbage.remove(found, self._storage, self._versions, self._aliases)
            return found

    def _facts(self) -> garbage.Facts:
        numbers = self._aliases.numbers()
        current = [entry for name in numbers if (entry := self._aliases.current(name)) is not None]
        before = [self._aliases.entry(e.alias, e.before) for e in current if e.before is not None]
        return garbage.Facts(
            manifests={manifest.version: manifest for manifest in self.list()},
            entries=[*current, *(entry for entry in before if entry is not None)],
            entry_numbers=numbers,
            tagged=self.tags().values(),
            held={version for versions in self.holds().values() for version in versions},
            objects=self._storage.list(OBJECTS),
        )
