"""Naming versions: aliases that move by compare-and-swap, and tags that stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamcore.errors import ModelConflict, ModelNotFound
from streamcore.models.store.names import checked_name
from streamcore.models.store.reading import Reference, StoreReading
from streamcore.spi.steps import declare, reached

if TYPE_CHECKING:
    from streamcore.models.store.aliases import Entry
    from streamcore.models.store.manifest import Manifest

MOVE_ALIAS: Final = declare("model-store.move-alias", owner="streamcore.models.store")


class Unconditional:
    """The default of `expected`: wherever the alias points."""


_ANYWHERE: Final = Unconditional()


class StoreNaming(StoreReading):
    """What gives names to versions."""

    def alias(self, name: str, version: Reference, expected: int | Unconditional | None = _ANYWHERE) -> None:
        """Lets an alias name a version.

        Raises ModelConflict, with nothing changed, when it does not name `expected` now (None: nothing).
        """
        checked_name(name, "alias")
        with self._turn():
            if self._tags.get(name) is not None:
                raise ModelConflict(f"{name!r} is a tag of {self.location}: an alias needs another name")
            aim = self.describe(version).version
            current = self._expected(name, expected)
            if current is None or current.version != aim:
                self._move(name, current, aim, _standing(current))

    def unalias(self, name: str, expected: int | Unconditional | None = _ANYWHERE) -> None:
        """Lets an alias name nothing; raises as `alias` does."""
        checked_name(name, "alias")
        with self._turn():
            current = self._expected(name, expected)
            if current is not None and current.version is not None:
                self._move(name, current, None, _standing(current))

    def rollback(self, name: str) -> Manifest:
        """Lets an alias name what it named before its last move; again, and it goes back further.

        Raises ModelNotFound when there is nothing before, or no longer.
        """
        checked_name(name, "alias")
        with self._turn():
            current = self._aliases.current(name)
            number = current.before if current else None
            before = self._aliases.entry(name, number) if number is not None else None
            if before is None or before.version is None:
                raise ModelNotFound(
                    f"nothing is known that the alias {name!r} of {self.location} named before"
                )
            found = self._versions.get(before.version)
            self._move(name, current, before.version, before.before)
            return found

    def _expected(self, name: str, expected: int | Unconditional | None) -> Entry | None:
        current = self._aliases.current(name)
        version = current.version if current else None
        if not isinstance(expected, Unconditional) and expected != version:
            raise ModelConflict(
                f"the alias {name!r} of {self.location} names {_shown(version)}, not {_shown(expected)} as "
                "expected: look at what another writer has put there, then decide again"
            )
        return current

    def _move(self, name: str, current: Entry | None, version: int | None, before: int | None) -> None:
        reached(f"{MOVE_ALIAS}:before")
        self._aliases.append(name, current, version, before, self._clock.now_ms())
        reached(f"{MOVE_ALIAS}:after")

    def tag(self, name: str, version: Reference) -> None:
        """Gives a version a name that stays with it, and keeps it; ModelConflict when another one has it."""
        checked_name(name, "tag")
        with self._turn():
            if self._aliases.newest(name) is not None:
                raise ModelConflict(f"{name!r} is an alias of {self.location}: a tag needs another name")
            aim = self.describe(version).version
            if not self._tags.put(name, aim) and self._tags.get(name) != aim:
                raise ModelConflict(
                    f"the tag {name!r} of {self.location} stays with version {self._tags.get(name)}; "
                    "take another name, or untag it first"
                )

    def untag(self, name: str) -> None:
        """Forgets a tag; ModelNotFound when there is none."""
        with self._turn():
            if self._tags.get(checked_name(name, "tag")) is None:
                raise ModelNotFound(f"{self.location} has no tag {name!r}")
            self._tags.remove(name)


def _standing(current: Entry | None) -> int | None:
    """The entry that a rollback from the next one goes back to."""
    if current is None:
        return None
    return current.before if current.version is None else current.number


def _shown(version: int | None) -> str:
    return "nothing" if version is None else f"version {version}"
