"""Which versions, files and alias entries nobody needs any more: a decision from facts, and carrying it out.

A version goes first, then the files that only it named: a crash between leaves files that nothing names,
which the next collection finds, never a version without its files.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from streamcore.models.store.names import OBJECTS
from streamcore.spi.steps import declare, reached

if TYPE_CHECKING:
    from streamcore.models.store.aliases import Aliases, Entry
    from streamcore.models.store.manifest import Manifest
    from streamcore.models.store.versions import Versions
    from streamcore.storage import Storage

COLLECT_VERSION: Final = declare("model-store.collect-version", owner="streamcore.models.store")
COLLECT_FILES: Final = declare("model-store.collect-files", owner="streamcore.models.store")


@dataclass(frozen=True)
class Facts:
    """What a store holds.

    `entries` are, of every alias, the newest one and the one that a rollback goes back to.
    """

    manifests: Mapping[int, Manifest]
    entries: Sequence[Entry]
    entry_numbers: Mapping[str, Sequence[int]]
    tagged: Iterable[int]
    held: Iterable[int]
    objects: Sequence[str]


@dataclass(frozen=True)
class Garbage:
    """What can go."""

    versions: tuple[int, ...] = ()
    objects: tuple[str, ...] = ()
    entries: tuple[tuple[str, int], ...] = ()


def decide(facts: Facts, keep: int) -> Garbage:
    """Keeps the newest `keep` versions, and what has a name, a holder, or a query that goes on from it."""
    living = {
        *sorted(facts.manifests)[-keep:],
        *(entry.version for entry in facts.entries if entry.version is not None),
        *facts.tagged,
        *facts.held,
        *_newest_of_each_query(facts.manifests),
    }
    named = {
        file.digest
        for version, manifest in facts.manifests.items()
        if version in living
        for file in manifest.files.values()
    }
    standing = {(entry.alias, entry.number) for entry in facts.entries}
    return Garbage(
        versions=tuple(version for version in sorted(facts.manifests) if version not in living),
        objects=tuple(digest for digest in facts.objects if digest not in named),
        entries=tuple(
            (name, number)
            for name, numbers in sorted(facts.entry_numbers.items())
            for number in numbers
            if (name, number) not in standing
        ),
    )


def _newest_of_each_query(manifests: Mapping[int, Manifest]) -> set[int]:
    """A query that publishes asks for its last commit record at its next start."""
    newest = {
        manifest.commit.query_id: version
        for version, manifest in sorted(manifests.items())
        if manifest.commit is not None
    }
    return set(newest.values())


def remove(garbage: Garbage, storage: Storage, versions: Versions, aliases: Aliases) -> None:
    """Carries a decision out; safe to interrupt."""
    if garbage.versions:
        versions.before_collection(versions.newest())
    for version in garbage.versions:
        reached(f"{COLLECT_VERSION}:before")
        versions.remove(version)
        reached(f"{COLLECT_VERSION}:after")
    reached(f"{COLLECT_FILES}:before")
    for digest in garbage.objects:
        storage.delete(f"{OBJECTS}/{digest}")
    for name, number in garbage.entries:
        aliases.remove(name, number)
    reached(f"{COLLECT_FILES}:after")
