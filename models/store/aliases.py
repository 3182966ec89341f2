"""Names that move from version to version: each move is a numbered entry, created once or not at all.

The entry with the highest number is where the alias points.  Two writers that saw the same entry want to
create the same next one, and storage lets one of them: that is the compare-and-swap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from streamcore.errors import ModelConflict, ModelStoreError
from streamcore.models.store.names import ALIASES
from streamcore.models.store.records import read_record, sealed
from streamcore.storage.canonical import canonical
from streamcore.storage.fields import Fields

if TYPE_CHECKING:
    from streamcore.storage import Storage

_KIND: Final = "model-alias"
_LOOKS: Final = 10
_MOVES_KEPT: Final = 100
"""How many moves a rollback can go back at most, so that finding an alias does not become dear."""


@dataclass(frozen=True)
class Entry:
    """Where an alias pointed from one move to the next.

    `version` is None when the alias was removed; `before` is the entry that a rollback goes back to.
    """

    alias: str
    number: int
    version: int | None
    before: int | None
    moved_ms: int


class Aliases:
    """The aliases of one store."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def numbers(self) -> dict[str, list[int]]:
        """Every alias that ever was, with the numbers of its entries, the newest last."""
        found: dict[str, list[int]] = {}
        for file in self._storage.list(ALIASES):
            name, _, number = file.rpartition("@")
            if name and number.isascii() and number.isdigit():
                found.setdefault(name, []).append(int(number))
        return {name: sorted(numbers) for name, numbers in found.items()}

    def newest(self, name: str) -> int | None:
        """The number of the newest entry of an alias; None when there never was one."""
        return max(self.numbers().get(name, ()), default=None)

    def current(self, name: str) -> Entry | None:
        """The newest entry of an alias; None when there never was one."""
        for _ in range(_LOOKS):
            number = self.newest(name)
            if number is None:
                return None
            found = self.entry(name, number)
            if found is not None:
                return found
        raise ModelStoreError(
            f"the alias {name!r} of {self._storage.location} moves too fast to be read; try again"
        )

    def entry(self, name: str, number: int) -> Entry | None:
        """One entry of an alias; None when it was collected."""
        try:
            return read_record(self._storage, _path(name, number), _KIND, lambda b: _parse(b, name, number))
        except FileNotFoundError:
            return None

    def append(
        self, name: str, after: Entry | None, version: int | None, before: int | None, now_ms: int
    ) -> Entry:
        """Moves an alias on from the entry `after`; ModelConflict when another writer has done so."""
        made = Entry(name, after.number + 1 if after else 1, version, before, now_ms)
        body = canonical(
            {
                "alias": name,
                "before": before,
                "moved_ms": now_ms,
                "number": made.number,
                "version": version,
            }
        )
        if not self._storage.put_if_absent(_path(name, made.number), sealed(_KIND, body)):
            raise ModelConflict(
                f"the alias {name!r} of {self._storage.location} was moved by another writer meanwhile; look "
                "where it points now, then decide again"
            )
        if made.number - _MOVES_KEPT not in (0, before):
            self.remove(name, made.number - _MOVES_KEPT)
        return made

    def remove(self, name: str, number: int) -> None:
        """Forgets an old entry."""
        self._storage.delete(_path(name, number))


def _path(name: str, number: int) -> str:
    return f"{ALIASES}/{name}@{number}"


def _parse(body: str, alias: str, number: int) -> Entry:
    fields = Fields.parse(body)
    found = Entry(
        alias=fields.text("alias"),
        number=fields.integer("number"),
        version=fields.optional_integer("version"),
        before=fields.optional_integer("before"),
        moved_ms=fields.integer("moved_ms"),
    )
    fields.finish()
    if (found.alias, found.number) != (alias, number):
        raise ValueError(f"it was written as entry {found.number} of the alias {found.alias!r}")
    return found
