"""Which files make up the state after a batch, and when to write them together: pure choices.

The state of one partition of a store (of an operator) is a chain: at most one snapshot, then deltas,
oldest first.  A delta covers the versions `since` to `version` (a version is a batch id) and holds, for
each key that they touched, its last value or its removal.  Batches that touch nothing add no file.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from streamcore.checkpoint.fields import integer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


DEFAULT_STORE = "default"
"""The store of an operator that has only one."""


class Kind(Enum):
    """What a state file holds; the value is its name's ending."""

    DELTA = "delta"
    SNAPSHOT = "snapshot"


@dataclass(frozen=True)
class StateFile:
    """One immutable Arrow IPC file of state; `attempt` makes its name unique to whoever wrote it."""

    operator: str
    partition: int
    since: int
    version: int
    attempt: str
    kind: Kind
    rows: int
    size: int
    crc32: int
    store: str = DEFAULT_STORE

    @property
    def name(self) -> str:
        """The file's name in its folder."""
        return f"{self.version}-{self.attempt}.{self.kind.value}"

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

    >>> version_in("12-3.1.delta"), version_in("notes.txt")
    (12, None)
    """
    head, dash, rest = name.partition("-")
    is_state = dash and head.isdigit() and rest.endswith((".delta", ".snapshot"))
    return int(head) if is_state else None


# ---- chains --------------------------------------------------------------------------------------


def chain_of(
    files: Iterable[StateFile], operator: str, partition: int, store: str = DEFAULT_STORE
) -> tuple[StateFile, ...]:
    """The chain of one partition among all files that a commit names."""
    wanted = (operator, store, partition)
    return tuple(f for f in files if (f.operator, f.store, f.partition) == wanted)


def extend(files: Sequence[StateFile], new: Iterable[StateFile]) -> tuple[StateFile, ...]:
    """The files of the next commit: those of the last one and what the batch wrote.

    A new file takes the place of those whose versions it covers; a snapshot covers all.
    """
    chains: dict[tuple[str, str, int], list[StateFile]] = {}
    for file in files:
        chains.setdefault((file.operator, file.store, file.partition), []).append(file)
    for file in new:
        chain = chains.setdefault((file.operator, file.store, file.partition), [])
        if chain and file.version <= chain[-1].version:
            raise ValueError(f"{file.path} is not newer than {chain[-1].path}")
        chain[:] = [old for old in chain if not _covers(file, old)]
        chain.append(file)
    return tuple(file for key in sorted(chains) for file in chains[key])


def _covers(new: StateFile, old: StateFile) -> bool:
    return new.kind is Kind.SNAPSHOT or (old.kind is Kind.DELTA and old.since >= new.since)


# ---- writing together ----------------------------------------------------------------------------


@dataclass(frozen=True)
class WriteDelta:
    """Write what the batch touched, together with the deltas in `merged` (often none).

    `since` is the first version that the new file covers.
    """

    since: int
    merged: tuple[StateFile, ...] = ()


@dataclass(frozen=True)
class WriteSnapshot:
    """Write the whole state of the partition."""


def next_write(
    chain: Sequence[StateFile], version: int, size: int, most_deltas: int = 8
) -> WriteDelta | WriteSnapshot:
    """What to write for a batch whose changes take about `size` bytes.

    The whole state is written only when as many bytes of deltas have come together as the last
    snapshot has, so that its cost per changed byte does not grow with the state.  Between snapshots,
    when the deltas have become many, the youngest are merged, each with others of its size: a change
    is copied a few times at most, and a restart reads few files.

    >>> next_write((), version=0, size=100)
    WriteDelta(since=0, merged=())
    """
    deltas = [file for file in chain if file.kind is Kind.DELTA]
    if len(deltas) < most_deltas:
        return WriteDelta(since=version)
    base = sum(file.size for file in chain if file.kind is Kind.SNAPSHOT)
    if size + sum(file.size for file in deltas) >= base:
        return WriteSnapshot()
    merged = _youngest_of_like_size(deltas, size)
    return WriteDelta(since=merged[0].since if merged else version, merged=merged)


def _youngest_of_like_size(deltas: Sequence[StateFile], size: int) -> tuple[StateFile, ...]:
    """The longest tail in which no file is larger than twice all that is younger than it."""
    together, first = size, len(deltas)
    for index in range(len(deltas) - 1, -1, -1):
        if deltas[index].size > 2 * together:
            break
        together += deltas[index].size
        first = index
    return tuple(deltas[first:])


# ---- as JSON -------------------------------------------------------------------------------------

StoresJson = dict[str, dict[str, list[list[Any]]]]
"""Store -> partition -> [[file name, since, rows, size, crc32], ...], oldest first."""


def stores_to_json(files: Iterable[StateFile]) -> StoresJson:
    """The files of one operator as JSON."""
    found: StoresJson = {}
    for f in files:
        entry = [f.name, f.since, f.rows, f.size, f"{f.crc32:08x}"]
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
    name, since, rows, size, crc32 = entry
    version = version_in(name)
    if version is None:
        raise ValueError(f"{name!r} is not the name of a state file")
    stem, _, ending = name.rpartition(".")
    return StateFile(
        operator=operator,
        partition=partition,
        since=integer(since, "since"),
        version=version,
        attempt=stem.partition("-")[2],
        kind=Kind(ending),
        rows=integer(rows, "rows"),
        size=integer(size, "size"),
        crc32=int(crc32, 16),
        store=store,
    )
