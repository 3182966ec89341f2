"""What an overwrite takes the place of, and renames that can be taken back."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from streamcore.errors import AnalysisException
from streamcore.storage.publish import make_folder

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

TEMPORARY = "_temporary-"


class Replacement(Enum):
    """Which of the old data a batch write replaces."""

    NOTHING = "append"
    EVERYTHING = "static"
    TOUCHED_PARTITIONS = "dynamic"

    @property
    def is_whole(self) -> bool:
        """Whether the folder is one data set afterwards; Spark marks such with `_SUCCESS`."""
        return self is not Replacement.TOUCHED_PARTITIONS

    def replaced(self, target: Path, folders: Collection[str]) -> list[Path]:
        """What has to go from `target`, of which new files come into the relative `folders`.

        What other writers have staged stays.
        """
        if self is Replacement.NOTHING:
            return []
        if self is Replacement.EVERYTHING:
            return [path for path in target.iterdir() if not path.name.startswith(TEMPORARY)]
        return [target / folder for folder in folders if (target / folder).exists()]


@dataclass(frozen=True)
class OnePartition:
    """Replaces what is in one folder of the data set, new rows or not."""

    folder: str
    is_whole: bool = False

    def check(self, folders: Collection[str]) -> None:
        """Raises AnalysisException for rows of another folder."""
        outside = [folder for folder in folders if not f"{folder}/".startswith(f"{self.folder}/")]
        if outside:
            raise AnalysisException(f"the rows of {outside[0]} do not belong into {self.folder}")

    def replaced(self, target: Path, folders: Collection[str]) -> list[Path]:
        """See `Replacement.replaced`; raises as `check` does."""
        self.check(folders)
        return [target / self.folder] if (target / self.folder).exists() else []


class Moves:
    """Renames in their order.

    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     old = pathlib.Path(folder, "old")
    ...     old.touch()
    ...     moves = Moves()
    ...     moves.move(old, pathlib.Path(folder, "deep", "new"))
    ...     _ = moves.undo()
    ...     old.exists()
    True
    """

    def __init__(self) -> None:
        self._done: list[tuple[Path, Path]] = []
        self._folders: set[Path] = set()

    def move(self, source: Path, target: Path) -> None:
        """Renames a file or folder; the folders above `target` are made."""
        missing = [folder for folder in target.parents if not folder.exists()]
        if missing:
            self._folders.update(missing)
            make_folder(target.parent)
        self._done.append((source, target))
        source.rename(target)

    def undo(self) -> list[Path]:
        """Takes everything back, the newest first; returns what had to stay where it was moved to."""
        left = []
        for source, target in reversed(self._done):
            try:
                target.rename(source)
            except FileNotFoundError:
                continue  # it was not moved
            except OSError:
                left.append(target)
        for folder in sorted(self._folders, key=lambda folder: len(folder.parts), reverse=True):
            with contextlib.suppress(OSError):  # something is in it
                folder.rmdir()
        return left
