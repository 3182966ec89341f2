"""Files of an object store as files of this machine, which is where the formats' readers look.

A copy is made when a task or a look at the schema first needs it, and is gone when nobody does any more.
"""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from streamcore.storage.objects.folder import object_folder
from streamcore.storage.objects.place import is_object_uri

_AT_ONCE: Final = 8


class LocalCopies:
    """Copies of some files in a temporary folder, which lives as long as this object.

    `paths` are those of the copies, in the order of the files, and None for a file that is gone; a path that
    is on this machine stands for itself.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        folder = Path(tempfile.mkdtemp(prefix="streamcore-files-"))
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        with ThreadPoolExecutor(min(_AT_ONCE, max(1, len(paths)))) as pool:
            copied = pool.map(_copied, paths, [folder / f"{at:06d}" for at in range(len(paths))])
            self.paths: list[str | None] = list(copied)


def are_remote(paths: Sequence[str]) -> bool:
    """Whether one of the paths is on an object store."""
    return any(map(is_object_uri, paths))


def _copied(path: str, place: Path) -> str | None:
    if not is_object_uri(path):
        return path if Path(path).exists() else None
    parent, _, name = path.rpartition("/")
    # The name tells the formats of a codec.
    target = place.with_name(f"{place.name}-{name}"[-200:])
    try:
        object_folder(parent).download(name, target)
    except FileNotFoundError:
        return None
    return str(target)
