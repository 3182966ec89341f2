"""Whether a folder can hold new files: one look at the folder instead of one at each of 100,000 files."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

# A folder's change time moves in ticks: one that is nearly as new as the look may yet stand for two changes.
_SETTLED_NS = 2_000_000_000


class FolderWatch:
    """The change times of the folders that were last listed."""

    def __init__(self, now_ns: Callable[[], int] = time.time_ns) -> None:
        self._now_ns = now_ns
        self._folders: dict[str, int] = {}
        self._settled = False

    def start(self) -> None:
        """Forgets what was seen: a new listing begins."""
        self._folders = {}
        self._settled = True

    def visit(self, folder: str) -> None:
        """Notes a folder; to be called before it is listed."""
        changed = _changed_ns(folder)
        self._folders[folder] = changed
        self._settled = self._settled and 0 <= changed < self._now_ns() - _SETTLED_NS

    def unchanged(self) -> bool:
        """Whether a new listing would surely find the same names as the last one."""
        if not self._settled or not self._folders:
            return False
        return all(_changed_ns(folder) == changed for folder, changed in self._folders.items())


def _changed_ns(folder: str) -> int:
    try:
        return os.stat(folder).st_mtime_ns  # noqa: PTH116 - a path object costs more than the look
    except OSError:
        return -1
