"""Files that a context hands to its tasks: copied into one folder that every worker sees."""

from __future__ import annotations

import importlib
import shutil
import sys
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

from streamcore.errors import StreamcoreError
from streamcore.rdd.files import local_path
from streamcore.scheduler.env import current_task


class SparkFiles:
    """Finds what `Context.addFile` has added, on the driver and in tasks."""

    _on_driver: ClassVar[Path | None] = None

    def __init__(self) -> None:
        raise NotImplementedError("SparkFiles has no instances: call SparkFiles.get")

    @classmethod
    def get(cls, filename: str) -> str:
        """Return the path of an added file."""
        return str(Path(cls.getRootDirectory()) / filename)

    @classmethod
    def set_root(cls, folder: Path) -> None:
        """Say where added files lie on the driver."""
        cls._on_driver = folder

    @classmethod
    def getRootDirectory(cls) -> str:
        """Return the folder of all added files."""
        task = current_task()
        if task is not None:
            return str(task.folder / "files")
        if cls._on_driver is None:
            raise StreamcoreError("no file was added yet: see Context.addFile")
        return str(cls._on_driver)


def address(name: str) -> str:
    """Return the address of a local file or folder.

    >>> address("/tmp/a b"), address("file:/tmp/x.zip#alias")
    ('file:/tmp/a%20b', 'file:/tmp/x.zip#alias')
    """
    path, hash_mark, alias = name.partition("#")
    return "file:" + quote(str(Path(local_path(path)).absolute())) + hash_mark + alias


def copy_in(name: str, folder: Path, *, recursive: bool) -> Path:
    """Copy a file or folder; return where it is now."""
    SparkFiles.set_root(folder)
    source = Path(local_path(name))
    target = folder / source.name
    if source.is_dir():
        if not recursive:
            raise StreamcoreError(f"{source} is a folder: add it with recursive=True")
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        shutil.copy2(source, target)
    return target


def unpack_in(name: str, folder: Path) -> None:
    """Unpack an archive into a folder of its own; `archive.zip#name` chooses that folder's name."""
    SparkFiles.set_root(folder)
    path, _, alias = name.partition("#")
    source = Path(local_path(path))
    shutil.unpack_archive(source, folder / (alias or source.name))


def importable_path(copied: Path, package_extensions: tuple[str, ...]) -> str:
    """Return what `sys.path` needs so that a module, an archive or a package can be imported."""
    return str(copied if copied.suffix.lower() in package_extensions else copied.parent)


def import_from(path: str) -> None:
    """Let this process import from a path."""
    if path not in sys.path:
        sys.path.insert(1, path)
    importlib.invalidate_caches()
