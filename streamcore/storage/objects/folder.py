"""A folder of data files on an object store: large, under names that nobody else uses, so no conditions."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from streamcore.storage.objects.client import client_of
from streamcore.storage.objects.failures import named_failures
from streamcore.storage.objects.options import object_store_options
from streamcore.storage.objects.place import place_of

if TYPE_CHECKING:
    from pathlib import Path

_PART: Final = 8 << 20
_PARTS_AT_ONCE: Final = 4
_AT_ONCE: Final = 8
_PIECE: Final = 4 << 20


@dataclass(frozen=True)
class FoundObject:
    """An object: its path below the folder, its size in bytes, and when it was written."""

    path: str
    size: int
    modified_ms: int


class ObjectFolder:
    """What is below a URI.  Raises StorageError for what the store refuses; a pickled copy is the same."""

    def __init__(self, uri: str, options: Mapping[str, str] | None = None) -> None:
        self._place = place_of(uri)
        self._options = dict(object_store_options(uri) if options is None else options)
        self._client = client_of(self._place, self._options, retries=True)

    def __reduce__(self) -> tuple[type[ObjectFolder], tuple[str, dict[str, str]]]:
        return ObjectFolder, (self._place.uri, self._options)

    def __repr__(self) -> str:
        return f"ObjectFolder({self.location!r})"

    @property
    def location(self) -> str:
        """The URI of the folder."""
        return self._place.uri

    def files(self, below: str = "") -> Iterator[FoundObject]:
        """All objects below the folder, or below one of its folders, in the order of their names.

        Empty objects that other programs put in the place of a folder (`in/`) are none of them.
        """
        for found in self._listed(below):
            if found.path and (found.size or self.look(found.path) is not None):
                yield found

    def exists(self) -> bool:
        """Whether there is anything below the folder, or a mark that it is one."""
        return next(self._listed(""), None) is not None

    def _listed(self, below: str) -> Iterator[FoundObject]:
        import obstore

        with named_failures("list", below, self.location):
            for page in obstore.list(self._client, below or None):
                yield from map(_found, page)

    def look(self, path: str) -> FoundObject | None:
        """The object at `path`; None when there is none."""
        import obstore

        try:
            with named_failures("read", path, self.location):
                return _found(obstore.head(self._client, path))
        except FileNotFoundError:
            return None

    def download(self, path: str, target: Path) -> None:
        """Copies an object to this machine; FileNotFoundError when there is none."""
        import obstore

        with named_failures("read", path, self.location):
            answer = obstore.get(self._client, path)
            size = int(answer.meta["size"])
            with target.open("wb") as file:
                for piece in answer.stream(min_chunk_size=_PIECE):
                    file.write(piece)
                if file.tell() != size:
                    raise OSError(f"only {file.tell()} of {size} bytes came")

    def upload(self, path: str, source: Path) -> None:
        """Copies a file of this machine to the store, a large one in parts."""
        import obstore

        with named_failures("write", path, self.location):
            obstore.put(self._client, path, source, chunk_size=_PART, max_concurrency=_PARTS_AT_ONCE)

    def upload_all(self, files: Mapping[str, Path]) -> None:
        """Uploads files, several at a time; each is tried, and the first failure is raised."""
        if not files:
            return
        with ThreadPoolExecutor(min(_AT_ONCE, len(files))) as pool:
            waiting = [pool.submit(self.upload, path, source) for path, source in files.items()]
        for one in waiting:
            one.result()

    def put(self, path: str, data: bytes) -> None:
        """Writes a small object."""
        import obstore

        with named_failures("write", path, self.location):
            obstore.put(self._client, path, data)

    def copy(self, source: str, target: str) -> None:
        """Copies an object within the store."""
        import obstore

        with named_failures("write", target, self.location):
            obstore.copy(self._client, source, target)

    def remove(self, paths: Iterable[str]) -> None:
        """Removes objects; nothing happens for those that are not there."""
        import obstore

        gone = list(paths)
        if not gone:
            return
        with named_failures("remove", gone[0], self.location), contextlib.suppress(FileNotFoundError):
            obstore.delete(self._client, gone)


def object_folder(uri: str) -> ObjectFolder:
    """The folder at a URI with the settings of this process; its connections are kept for the next caller."""
    return _kept(uri, tuple(sorted(object_store_options(uri).items())))


@lru_cache(maxsize=64)
def _kept(uri: str, options: tuple[tuple[str, str], ...]) -> ObjectFolder:
    return ObjectFolder(uri, dict(options))


def _found(meta: Any) -> FoundObject:
    return FoundObject(meta["path"], meta["size"], int(meta["last_modified"].timestamp() * 1000))
