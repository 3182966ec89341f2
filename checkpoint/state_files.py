"""Which files make up the state after a batch.

The state of one partition of a store (of an operator) is a chain of runs, oldest first.  A run covers the
versions `since` to `version` (a version is a batch id) and holds, for each hash of keys that they changed,
the rows after them.  Batches that change nothing add no run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streamcore.storage.fields import integer

if TYPE_CHECKING:
    from collections.abc import Iterable


DEFAULT_STORE = "default"
"""The store of an operator that has only one."""


_ENDING = ".run"
_NAME = re.compile(r"(?P<version>[0-9]+)-(?P<epoch>[0-9]+)\.[0-9]+\.run")


@dataclass(frozen=True)
class StateFile:
    """One immutable file of state; `attempt` makes its name unique to whoever wrote it.

    `crc32` is the checksum of the index that the last `index_size` of its `size` bytes are; the index holds
    those of the rest.
    """

    operator: str
    partition: int
    since: int
    version: int
    attempt: str
    rows: int
    size: int
    index_size: int
    crc32: int
    store: str = DEFAULT_STORE

    @property
    def name(self) -> str:
        """The file's name in its folder."""
        return f"{self.version}-{self.attempt}{_ENDING}"

    @property
    def folder(self) -> str:
        """The folder of its operator, store and partition."""
        return state_folder(self.operator, self.partition, self.store)

    @property
    def path(self) -> str:
        """Where it is in the checkpoint."""
        return f"{self.folder}/{self.name}"


def state_folder(operator: str, partition: int, store: str = DEFAULT_STORE) -> str:
    """Where the state files of one partition are."""
    return f"state/{operator}/{store}/{partition}"


def version_in(name: str) -> int | None:
    """The version in a state file's name; None when it is not one.

    >>> version_in("12-3.1.run"), version_in("notes.txt")
    (12, None)
    """
    found = _NAME.fullmatch(name)
    return None if found is None else int(found["version"])


def epoch_in(name: str) -> int | None:
    """Which start of a driver wrote the state file of this name; None when it is not one.

    >>> epoch_in("12-3.1.run")
    3
    """
    found = _NAME.fullmatch(name)
    return None if found is None else int(found["epoch"])


# ---- chains --------------------------------------------------------------------------------------


def chain_of(
    files: Iterable[StateFile], operator: str, partition: int, store: str = DEFAULT_STORE
) -> tuple[StateFile, ...]:
    """The chain of one partition among all files that a commit names."""
    wanted = (operator, store, partition)
    return tuple(f for f in files if (f.operator, f.store, f.partition) == wanted)


# ---- as JSON -------------------------------------------------------------------------------------

StoresJson = dict[str, dict[str, list[list[Any]]]]
"""Store -> partition -> [[file name, since, rows, size, index size, crc32], ...], oldest first."""


def stores_to_json(files: Iterable[StateFile]) -> StoresJson:
    """The files of one operator as JSON."""
    found: StoresJson = {}
    for f in files:
        entry = [f.name, f.since, f.rows, f.size, f.index_size, f"{f.crc32:08x}"]
        found.setdefault(f.store, {}).setdefault(str(f.partition), []).append(entry)
    return found


def stores_from_json(operator: str, value: Any) -> tuple[StateFile, ...]:
    """The inverse of `stores_to_json`, sorted by store and partition; ValueError when it is not that."""
    if not isinstance(value, dict):
        raise ValueError("the field 'stores' is not an object")  # noqa: TRY004 - see Fields
    try:
        files = [
            _entry(operator, store, int(partition), entry)
            for store, partitions in value.items()
            for partition, entries in partitions.items()
            for entry in entries
        ]
    except (AttributeError, TypeError) as error:
        raise ValueError("the field 'stores' does not list files by store and partition") from error
    return tuple(sorted(files, key=lambda f: (f.store, f.partition)))


def _entry(operator: str, store: str, partition: int, entry: Any) -> StateFile:
    name, since, rows, size, index_size, crc32 = entry
    version = version_in(name)
    if version is None:
        raise ValueError(f"{name!r} is not the name of a state file")
    return StateFile(
        operator=operator,
        partition=partition,
        since=integer(since, "since"),
        version=version,
        attempt=name.removesuffix(_ENDING).partition("-")[2],
        rows=integer(rows, "rows"),
        size=integer(size, "size"),
        index_size=integer(index_size, "index size"),
        crc32=int(crc32, 16),
        store=store,
    )
