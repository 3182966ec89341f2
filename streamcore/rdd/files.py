"""Which files a path names, and how they are cut into partitions, by the rules of Hadoop's input formats."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlparse

from streamcore.errors import StreamcoreError
from streamcore.storage.globs import expand, has_magic, separated

if TYPE_CHECKING:
    from collections.abc import Sequence

_BLOCK = 32 << 20
_SLACK = 1.1
COMPRESSED = (".gz", ".bz2", ".deflate", ".xz")


class FileSplit(NamedTuple):
    """`length` bytes of a file from `start` on."""

    path: str
    start: int
    length: int


def local_path(name: str) -> str:
    """Return the path that a name or a `file:` address stands for.

    >>> local_path("file:///tmp/a%20b"), local_path("data/x")
    ('/tmp/a b', 'data/x')
    """
    parts = urlparse(name)
    if parts.scheme == "file":
        return unquote(parts.path)
    if "://" in name:
        raise StreamcoreError(f"{name}: RDDs read and write local files only; mount it, or use a DataFrame")
    return name


def list_files(names: str) -> list[str]:
    """Return the files that a comma-separated list of files, folders and patterns names, sorted by each.

    Patterns are Hadoop's (`streamcore.storage.globs`). What begins with `_` or `.` is hidden, as everywhere
    in Hadoop.

    Raises
    ------
    FileNotFoundError
        When a name matches nothing.
    """
    return [file for name in separated(names) for file in _files_of(local_path(name))]


def _files_of(name: str) -> list[str]:
    if Path(name).exists():
        matches = [name]
    elif has_magic(name):
        matches = [path for path in expand(os.path.abspath(name)) if not _hidden(Path(path).name)]  # noqa: PTH100 - resolve() would follow links
    else:
        matches = []
    if not matches:
        raise FileNotFoundError(f"input path does not exist: {name}")
    found: list[str] = []
    for match in matches:
        if Path(match).is_dir():
            found += sorted(e.path for e in os.scandir(match) if e.is_file() and not _hidden(e.name))
        else:
            found.append(match)
    return found


def _hidden(name: str) -> bool:
    return name.startswith(("_", "."))


def split_files(files: Sequence[str], at_least: int) -> list[FileSplit]:
    """Cut files into about `at_least` pieces, none longer than a block; compressed files stay whole."""
    sizes = [Path(file).stat().st_size for file in files]
    goal = sum(sizes) // max(at_least, 1)
    size = max(1, min(goal, _BLOCK))
    splits: list[FileSplit] = []
    for file, length in zip(files, sizes, strict=True):
        at = 0
        if not file.endswith(COMPRESSED):
            while (length - at) / size > _SLACK:
                splits.append(FileSplit(file, at, size))
                at += size
        if at < length or length == 0:
            splits.append(FileSplit(file, at, length - at))
    return splits


def group_files(files: Sequence[str], at_least: int) -> list[list[FileSplit]]:
    """Pack whole files into about `at_least` groups of similar size, in order."""
    splits = [FileSplit(file, 0, Path(file).stat().st_size) for file in files]
    largest = math.ceil(sum(split.length for split in splits) / max(at_least, 1))
    groups: list[list[FileSplit]] = []
    filled = 0
    for split in splits:
        if not groups or filled + split.length > largest:
            groups.append([])
            filled = 0
        groups[-1].append(split)
        filled += split.length
    return groups


def split_records(files: Sequence[str], length: int) -> list[FileSplit]:
    """Cut files of fixed-length records into pieces of whole records, none longer than a block.

    Raises
    ------
    ValueError
        When a file does not consist of whole records.
    """
    size = max(1, _BLOCK // length) * length
    splits: list[FileSplit] = []
    for file in files:
        total = Path(file).stat().st_size
        if total % length:
            raise ValueError(f"{file} has {total} bytes, which is no multiple of the record length {length}")
        splits += [FileSplit(file, at, min(size, total - at)) for at in range(0, total, size)]
    return splits
