"""A new version of a table in one atomic act: its file in the log, which exactly one writer creates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from streamcore.delta.log import Action, Commit, commit_name, commit_text, newest_checkpoint, read_commit
from streamcore.errors import CommitFailed, CommitStateUnknown
from streamcore.storage.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streamcore.delta.folder import TableFolder


class Overtaken(Exception):
    """Another commit came first, over which this one cannot simply be written again."""

    def __init__(self, commit: Commit | None) -> None:
        super().__init__()
        self.commit = commit


class _Judge(Protocol):
    def __call__(self, commit: Commit, /) -> bool: ...


def add_version(
    folder: TableFolder, base: int, actions: Callable[[int], Sequence[Action]], is_harmless: _Judge
) -> int:
    """Writes the first free version after `base`, and returns it.

    `actions` makes the actions for the version that they follow; `is_harmless` says of a commit of another
    writer, who came first, whether ours can follow it.  Raises Overtaken when it cannot, or when the log was
    cleaned up beyond `base`, so that a free name does not mean a free version; CommitFailed when the log
    cannot be written, CommitStateUnknown when the store does not say.
    """
    log = folder.log
    if newest_checkpoint(log) > base:
        raise Overtaken(None)
    while True:
        data = commit_text(actions(base))
        if _put(folder, commit_name(base + 1), data):
            return base + 1
        other = read_commit(log, base + 1)
        if other is None:
            raise Overtaken(None)
        if not is_harmless(other):
            raise Overtaken(other)
        base = other.version


def _put(folder: TableFolder, name: str, data: bytes) -> bool:
    try:
        return folder.log.put_if_absent(name, data)
    except StorageError as error:
        if _holds(folder, name, data):
            return True
        if folder.local is None:
            raise CommitStateUnknown(
                f"it is not known whether the commit {name} was written to {folder}: {error}. Start the "
                "query again when the store answers: it asks the table and goes on"
            ) from error
        # The file is linked to its name when it is whole: what is not there now will never be.
        raise CommitFailed(
            f"the commit could not be written to {folder}: {error}. Nothing of it is visible; it may be "
            "tried again"
        ) from error


def _holds(folder: TableFolder, name: str, data: bytes) -> bool:
    try:
        return folder.log.get(name) == data
    except (FileNotFoundError, StorageError):
        return False
