"""Whether a folder can hold new files: one look at the folder instead of one at each of 100,000 files.

A folder's modification time can be put back (`touch -d`, `tar`, `cp -p`), so its change time counts as
well, which the system alone sets.  Some file systems keep neither well: a listing is never believed for
long.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

# Times move in ticks: one that is nearly as new as the look may yet stand for two changes.
_SETTLED_NS = 2_000_000_000
_BELIEVED_NS = 30_000_000_000

_Stamp = tuple[int, int, int]


class FolderWatch:
    """The times and identities of the folders that were last listed."""

    def __init__(self, now_ns: Callable[[], int] = time.time_ns) -> None:
        self._now_ns = now_ns
        self._folders: dict[str, _Stamp | None] = {}
        self._settled = False
        self._listed_ns = 0

    def start(self) -> None:
        """Forgets what was seen: a new listing begins."""
        self._folders = {}
        self._settled = True
        self._listed_ns = self._now_ns()

    def visit(self, folder: str) -> None:
        """Notes a folder; to be called before it is listed."""
        stamp = self._folders[folder] = _stamp(folder)
        settled = stamp is not None and 0 <= max(stamp[1:]) < self._now_ns() - _SETTLED_NS
        self._settled = self._settled and settled

    def unchanged(self) -> bool:
        """Whether a new listing would surely find the same names as the last one."""
        if not self._settled or not self._folders:
            return False
        if not 0 <= self._now_ns() - self._listed_ns < _BELIEVED_NS:
            return False
        return all(_stamp(folder) == stamp for folder, stamp in self._folders.items())


def _stamp(folder: str) -> _Stamp | None:
    try:
        facts = os.stat(folder)  # noqa: PTH116 - a path object costs more than the look
    except OSError:
        return None
    return facts.st_ino, facts.st_mtime_ns, facts.st_ctime_ns
