"""Which files there are under a path."""

from __future__ import annotations

import fnmatch
import glob
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from streamcore.errors import AnalysisException, UnsupportedOperationException
from streamcore.spi.file_manifest import HIDDEN_FOLDER, SEGMENTS, read_manifest

_IN_FLIGHT: Final = "._COPYING_"


@dataclass(frozen=True)
class FoundFile:
    """A data file: absolute path, the folder that was asked for, size in bytes, change time in ms."""

    path: str
    base: str
    size: int
    modified_ms: int


@dataclass(frozen=True)
class Place:
    """Where to look: folders, files or globs, and which of the files there count.

    `name_filter` is the glob of pathGlobFilter; `recursive` descends into every folder, otherwise only
    into those named like `column=value`.
    """

    paths: tuple[str, ...]
    name_filter: str | None = None
    recursive: bool = False
    base_path: str | None = None


def local_path(path: str) -> str:
    """A path as the operating system takes it; other file systems are refused."""
    scheme, separator, rest = path.partition("://")
    if not separator:
        return str(Path(path.removeprefix("file:")).absolute())
    if scheme != "file":
        raise UnsupportedOperationException(
            f"the file sources read local paths; {path!r} is on {scheme}://. Mount it, or copy it first"
        )
    return str(Path(rest).absolute())


def list_files(
    place: Place,
    skip: Callable[[str], bool] = lambda _: False,
    visit: Callable[[str], None] = lambda _: None,
) -> list[FoundFile]:
    """The files that count and that `skip` (asked by path, before the file is looked at) lets through.

    `visit` is told every folder before it is listed.
    """
    found = [file for root in _roots(place) for file in _under(root, place, skip, visit)]
    return sorted(found, key=lambda file: file.path)


def require_existing(place: Place) -> None:
    """Raises AnalysisException for a path that does not exist."""
    for path in place.paths:
        local = local_path(path)
        if not glob.has_magic(local) and not Path(local).exists():
            raise AnalysisException(f"[PATH_NOT_FOUND] the path does not exist: {path}")


def _roots(place: Place) -> Iterator[Path]:
    for path in place.paths:
        local = local_path(path)
        if glob.has_magic(local):
            matches = sorted(glob.glob(local))  # noqa: PTH207 - Path.glob takes no absolute pattern
            yield from (Path(match) for match in matches if _counts(Path(match).name))
        else:
            yield Path(local)


def has_glob(place: Place) -> bool:
    """Whether a path is a pattern, which folders not yet seen may come to match."""
    return any(glob.has_magic(local_path(path)) for path in place.paths)


def _under(
    root: Path, place: Place, skip: Callable[[str], bool], visit: Callable[[str], None]
) -> Iterator[FoundFile]:
    base = local_path(place.base_path) if place.base_path else str(root)
    if root.is_file():
        if not skip(str(root)):
            yield from _found([str(root)], base if place.base_path else str(root.parent))
        return
    written = _written_by_a_query(root, visit)
    names = _walk(str(root), visit, recursive=place.recursive) if written is None else written
    wanted = (p for p in names if place.name_filter is None or _matches(p, place.name_filter))
    yield from _found((path for path in wanted if not skip(path)), base)


def _matches(path: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(os.path.basename(path), pattern)  # noqa: PTH119 - 100,000 times


def _walk(folder: str, visit: Callable[[str], None], *, recursive: bool) -> Iterator[str]:
    visit(folder)
    try:
        entries = os.scandir(folder)
    except FileNotFoundError:
        return
    with entries:
        for entry in entries:
            if not _counts(entry.name):
                continue
            if not entry.is_dir():
                yield entry.path
            elif recursive or "=" in entry.name:
                yield from _walk(entry.path, visit, recursive=recursive)


def _counts(name: str) -> bool:
    hidden = name.startswith(".") or (name.startswith("_") and "=" not in name)
    return not hidden and not name.endswith(_IN_FLIGHT)


def _found(paths: Iterator[str] | Sequence[str], base: str) -> Iterator[FoundFile]:
    for path in paths:
        try:
            facts = os.stat(path)  # noqa: PTH116 - 100,000 times
        except FileNotFoundError:
            continue  # gone between the listing and the look
        yield FoundFile(path, base, facts.st_size, facts.st_mtime_ns // 1_000_000)


class _HiddenFolder:
    """The `_streamcore` folder of a file sink's output, as the manifest's reader asks for it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def location(self) -> str:
        return str(self._folder)

    def get(self, path: str) -> bytes:
        return (self._folder / path).read_bytes()

    def list(self, folder: str) -> list[str]:
        try:
            return sorted(entry.name for entry in (self._folder / folder).iterdir())
        except FileNotFoundError:
            return []


def _written_by_a_query(root: Path, visit: Callable[[str], None]) -> Iterator[str] | None:
    """The files that a streaming query has committed into `root`; None when none writes there."""
    hidden = root / HIDDEN_FOLDER
    if not hidden.is_dir():
        return None
    visit(str(hidden / SEGMENTS))
    manifest = read_manifest(_HiddenFolder(hidden))
    return None if manifest is None else (str(root / file.path) for file in manifest.files)
