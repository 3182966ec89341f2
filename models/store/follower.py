"""Readers that stay with a name while it moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamcore.models.store.manifest import Manifest


class Follower:
    """Says when the version that a name stands for is another one; made by `ModelStore.follow`.

    A poll looks at the names of a folder and, when something has changed, reads one manifest.
    """

    def __init__(self, describe: Callable[[], Manifest], mark: Callable[[], object]) -> None:
        self._describe = describe
        self._mark = mark
        self._seen: object = None
        self._current: Manifest | None = None

    @property
    def current(self) -> Manifest | None:
        """The version of the last poll; None before the first."""
        return self._current

    def poll(self) -> Manifest | None:
        """The version, when it is another one than at the last poll; None when it is the same.

        Raises ModelNotFound while the name stands for nothing, and then again follows from the next poll on.
        """
        mark = self._mark()
        if self._current is not None and mark == self._seen:
            return None
        found = self._describe()
        self._seen = mark
        if self._current is not None and found.version == self._current.version:
            return None
        self._current = found
        return found
