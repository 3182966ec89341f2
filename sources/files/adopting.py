"""The log of a file source whose files another system has read."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote, urlsplit

from streamcore.errors import UnsupportedOperationException
from streamcore.sources.files.file_log import FileLog, LoggedFile
from streamcore.storage.objects.place import is_object_uri

if TYPE_CHECKING:
    from streamcore.spi.metadata_log import MetadataStorage


class FileReadElsewhere(Protocol):
    """A file that was read: its URI, when it was changed, and the entry of the log that has it."""

    @property
    def uri(self) -> str: ...

    @property
    def modified_ms(self) -> int: ...

    @property
    def entry(self) -> int: ...


def keep_files_read(storage: MetadataStorage, files: Sequence[FileReadElsewhere], last: int) -> None:
    """Writes a log in which `files` are read, in entries up to `last`.

    Raises UnsupportedOperationException for files on a file system that the file sources do not read.
    """
    FileLog.of_files_read(storage, [_logged(file) for file in files], last)


def check_files_read(files: Sequence[FileReadElsewhere]) -> None:
    """Raises as `keep_files_read` does, and writes nothing."""
    for file in files:
        path_of(file.uri)


def path_of(uri: str) -> str:
    """The path by which the file sources know a file.

    >>> path_of("file:///data/day%2001.json"), path_of("/data/a.json")
    ('/data/day 01.json', '/data/a.json')
    >>> path_of("s3a://bucket/day%2001.json")
    's3a://bucket/day 01.json'
    """
    parts = urlsplit(uri)
    if is_object_uri(uri):
        return f"{parts.scheme}://{parts.netloc}{unquote(parts.path)}"
    if parts.scheme not in ("", "file") or parts.netloc not in ("", "localhost"):
        raise UnsupportedOperationException(
            f"{uri} was read, and the file sources read local paths and object stores: mount "
            f"{parts.scheme}://{parts.netloc}, or copy its files, and start the query with a new checkpoint "
            "and the option modifiedAfter"
        )
    return unquote(parts.path)


def _logged(file: FileReadElsewhere) -> LoggedFile:
    path = path_of(file.uri)
    return LoggedFile(path, os.path.dirname(path), 0, file.modified_ms, file.entry)  # noqa: PTH120 - 100,000 times
