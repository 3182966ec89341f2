"""A saved model that is a folder of files: its files for publishing, and a folder from what was published."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from streamcore.errors import IllegalArgumentException, ModelStoreError
from streamcore.models.store.names import checked_file
from streamcore.storage.publish import hidden_beside


def files_of(folder: Path) -> dict[str, Path]:
    """The files below a folder by their relative paths, sorted; hidden ones are nobody's model.

    Raises IllegalArgumentException when there is no such folder, when it holds no file, and for links and
    names that another machine could not be given.
    """
    if not folder.is_dir():
        raise IllegalArgumentException(f"{folder} is no folder: save the model there first")
    found = dict(sorted(_walk(folder, "")))
    if not found:
        raise IllegalArgumentException(f"{folder} holds no files: save the model there first")
    return found


def _walk(folder: Path, prefix: str) -> Iterator[tuple[str, Path]]:
    for entry in os.scandir(folder):
        path = f"{prefix}{entry.name}"
        if entry.name.startswith("."):
            continue
        if entry.is_symlink():
            raise IllegalArgumentException(f"{entry.path} is a link: a model is published from real files")
        if entry.is_dir():
            yield from _walk(Path(entry.path), f"{path}/")
        else:
            yield _checked(path), Path(entry.path)


def _checked(path: str) -> str:
    try:
        return checked_file(path)
    except ValueError as error:
        raise IllegalArgumentException(str(error)) from None


def make_folder(target: Path, files: Iterator[tuple[str, bytes]]) -> None:
    """Makes a folder of files, all of it or nothing; ModelStoreError when `target` is there already."""
    target.parent.mkdir(parents=True, exist_ok=True)
    hidden = hidden_beside(target)
    hidden.mkdir()
    try:
        for path, data in files:
            file = hidden / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        if target.exists():
            raise ModelStoreError(f"{target} is there already: name a folder that is not")
        hidden.rename(target)
    finally:
        shutil.rmtree(hidden, ignore_errors=True)
