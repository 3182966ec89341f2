"""Which files there are under a path."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from streamcore.errors import AnalysisException, QueryExecutionException, UnsupportedOperationException
from streamcore.sources.files.names import counts
from streamcore.sources.files.object_listing import object_exists, object_files, object_root
from streamcore.sources.files.written import committed_files
from streamcore.spi.file_manifest import HIDDEN_FOLDER
from streamcore.storage.globs import expand, fixed_root, has_magic, matches
from streamcore.storage.objects.place import is_object_uri

Skip = Callable[[str], bool]
Visit = Callable[[str], None]


_NOT_IN_A_URI: Final = re.compile(r"[\x00-\x20\x7f\"#%<>?\[\\\]^`{|}]")


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
    into those named like `column=value`.  With `ignore_missing`, files that are gone are left out.  Of two
    times the files changed after the one, and before the other, count.
    """

    paths: tuple[str, ...]
    name_filter: str | None = None
    recursive: bool = False
    base_path: str | None = None
    ignore_missing: bool = False
    modified_after_ms: int | None = None
    modified_before_ms: int | None = None

    def counts(self, file: FoundFile) -> bool:
        """Whether a file was changed at a time that counts."""
        after, before = self.modified_after_ms, self.modified_before_ms
        return (after is None or file.modified_ms > after) and (before is None or file.modified_ms < before)


def local_path(path: str) -> str:
    """A path as the operating system takes it, or a URI of an object store; others are refused."""
    if is_object_uri(path):
        return path.rstrip("/")
    scheme, separator, rest = path.partition("://")
    if not separator:
        return os.path.abspath(path.removeprefix("file:"))  # noqa: PTH100 - resolve() would follow links
    if scheme != "file":
        raise UnsupportedOperationException(
            f"the file sources read local paths and object stores; {path!r} is on {scheme}://. Mount it, or "
            "copy it first"
        )
    return os.path.abspath(rest)  # noqa: PTH100 - as above


def file_uri(path: str) -> str:
    """The URI of a file as Spark writes it: what a URI cannot hold is coded, letters of any alphabet are not.

    >>> file_uri("/in/a b%.json"), file_uri("s3://bucket/a.json")
    ('file:///in/a%20b%25.json', 's3://bucket/a.json')
    """
    if "://" in path:
        return path
    coded = _NOT_IN_A_URI.sub(lambda found: f"%{ord(found[0]):02X}", path)
    return f"file://{coded}"


def list_files(place: Place, skip: Skip = lambda _: False, visit: Visit = lambda _: None) -> list[FoundFile]:
    """The files that count and that `skip` (asked by path, before the file is looked at) lets through.

    `visit` is told every folder before it is listed.  Raises QueryExecutionException, naming it, for a
    folder that cannot be listed and for what is no regular file.
    """
    walk = _Walk(place, skip, visit)
    found = [file for root in _roots(place) for file in walk.under(root) if place.counts(file)]
    for path in filter(is_object_uri, place.paths):
        remote = object_files(place, path, walk.is_wanted, skip)
        found += [
            file for f in remote if place.counts(file := FoundFile(f.path, f.base, f.size, f.modified_ms))
        ]
    return sorted(found, key=lambda file: file.path)


def require_existing(place: Place) -> None:
    """Raises AnalysisException for a path that does not exist, or that no file or folder fits."""
    for path in place.paths:
        local = local_path(path)
        if not _existing(local):
            literal = (
                " (a name with *?[]{} in it needs a backslash before them)" if os.path.lexists(local) else ""
            )
            raise AnalysisException(f"[PATH_NOT_FOUND] Path does not exist: {path}{literal}. SQLSTATE: 42K03")


def require_parents(place: Place) -> None:
    """As `require_existing`, for streams: what fits a pattern may come later."""
    require_existing(Place(tuple(path for path in place.paths if not has_magic(local_path(path)))))


def must_be_listed(place: Place) -> bool:
    """Whether no folder's time tells of new files: it may be new under a pattern, and a store has none."""
    return any(is_object_uri(path) or has_magic(local_path(path)) for path in place.paths)


def roots_of(place: Place) -> list[str]:
    """The folders below which all files are, whatever their names."""
    return [
        object_root(path) if is_object_uri(path) else fixed_root(local_path(path)) for path in place.paths
    ]


def _existing(path: str) -> list[str]:
    """The paths that a path stands for."""
    if is_object_uri(path):
        return [path] if object_exists(path) else []
    if has_magic(path):
        return expand(path)
    return [path] if os.path.lexists(path) else []


def _roots(place: Place) -> Iterator[str]:
    """The folders and files of this machine."""
    for path in place.paths:
        if is_object_uri(path):
            continue
        local = local_path(path)
        if not has_magic(local):
            yield local
            continue
        yield from (root for root in expand(local) if counts(_name(root)))


@dataclass(frozen=True)
class _Walk:
    """One look at all folders."""

    place: Place
    skip: Skip
    visit: Visit

    def under(self, root: str) -> Iterator[FoundFile]:
        place = self.place
        base = local_path(place.base_path) if place.base_path else root
        if not os.path.isdir(root):  # noqa: PTH112 - a path object costs more than the look
            above = base if place.base_path else os.path.dirname(root)  # noqa: PTH120 - as above
            yield from self._found([] if self.skip(root) else [root], above)
            return
        output = _output_above(root)
        written = None if output is None else self._committed(output, base, f"{root}/")
        yield from self._in_folder(root, base) if written is None else written

    def _in_folder(self, folder: str, base: str) -> Iterator[FoundFile]:
        self.visit(folder)
        entries = _entries(folder)
        if any(entry.name == HIDDEN_FOLDER for entry in entries):
            written = self._committed(folder, base, f"{folder}/")
            if written is not None:
                yield from written
                return
        counting = [entry for entry in entries if counts(entry.name)]
        files: list[str] = []
        folders: list[str] = []
        for entry in counting:
            (folders if _is_folder(entry) else files).append(entry.path)
        yield from self._found(filter(self.is_wanted, files), base)
        for inner in folders:
            if self.place.recursive or "=" in _name(inner):
                yield from self._in_folder(inner, base)

    def _committed(self, output: str, base: str, below: str) -> list[FoundFile] | None:
        """What a query has committed to `output`, only what is `below`; None when that is not its own."""
        is_its_own = below == f"{output}/"

        def is_wanted(path: str) -> bool:
            nonlocal is_its_own
            is_below = path.startswith(below)
            is_its_own = is_its_own or is_below
            return is_below and self.is_wanted(path)

        found = committed_files(output, is_wanted, self.visit, ignore_missing=self.place.ignore_missing)
        if found is None or not is_its_own:
            return None
        return [_file(file.path, base, file.facts) for file in found]

    def is_wanted(self, path: str) -> bool:
        """Whether a file of this path is asked for."""
        name_filter = self.place.name_filter
        return (name_filter is None or matches(_name(path), name_filter)) and not self.skip(path)

    def _found(self, paths: Iterable[str], base: str) -> Iterator[FoundFile]:
        for path in paths:
            try:
                facts = os.stat(path)  # noqa: PTH116 - 100,000 times
            except FileNotFoundError:
                continue  # gone between the listing and the look
            except OSError as error:
                raise QueryExecutionException(f"{path} cannot be looked at: {error.strerror}") from error
            yield _file(path, base, facts)


def _output_above(folder: str) -> str | None:
    """The nearest folder above that a streaming query writes to; None for what is its own book-keeping."""
    path = Path(folder)
    if HIDDEN_FOLDER in path.parts or (path / HIDDEN_FOLDER).is_dir():
        return None
    return next((str(above) for above in path.parents if (above / HIDDEN_FOLDER).is_dir()), None)


def _file(path: str, base: str, facts: os.stat_result) -> FoundFile:
    if not stat.S_ISREG(facts.st_mode):
        raise QueryExecutionException(
            f"{path} is no regular file (a pipe, a socket or a device): remove it, or leave it out with "
            "pathGlobFilter"
        )
    return FoundFile(path, base, facts.st_size, facts.st_mtime_ns // 1_000_000)


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise QueryExecutionException(f"the folder {folder} cannot be listed: {error.strerror}") from error


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError as error:
        raise QueryExecutionException(f"{entry.path} cannot be looked at: {error.strerror}") from error


def _name(path: str) -> str:
    return path.rpartition("/")[2]
