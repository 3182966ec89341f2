"""What happens to files that have been read: cleanSource."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

_LOG = logging.getLogger("streamcore.sources.files")


class Cleaner(Protocol):
    """Disposes of a file whose micro-batch is committed."""

    def clean(self, path: str) -> None:
        """Disposes of one file."""


class Keep:
    """cleanSource=off."""

    def clean(self, path: str) -> None:
        """Leaves the file where it is."""


class Delete:
    """cleanSource=delete."""

    def clean(self, path: str) -> None:
        """Removes the file."""
        Path(path).unlink(missing_ok=True)


class Archive:
    """cleanSource=archive: the file keeps its whole path below the archive folder."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)

    def clean(self, path: str) -> None:
        """Moves the file."""
        target = self._folder / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(path, target)


def clean_all(cleaner: Cleaner, paths: Iterable[str]) -> None:
    """Cleans what can be cleaned: a file that stays behind must not stop a query."""
    for path in paths:
        try:
            cleaner.clean(path)
        except OSError as error:
            _LOG.warning("%s was read and stays where it is: %s", path, error)
