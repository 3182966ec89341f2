"""Where a Delta table is: a folder of a file system or of an object store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from streamcore.delta.library import delta_rs
from streamcore.errors import AnalysisException, IllegalArgumentException, UnsupportedOperationException
from streamcore.storage import existing_storage
from streamcore.storage.locations import local_folder
from streamcore.storage.objects.options import object_store_options
from streamcore.storage.objects.place import Store, is_object_uri, place_of

if TYPE_CHECKING:
    from deltalake import DeltaTable
    from pyarrow import fs

    from streamcore.storage import Storage

LOG: Final = "_delta_log"
RECORDS: Final = "_streamcore_commits"
"""Holds commit records of streaming queries; vacuum leaves folders alone whose names begin so."""


@dataclass(frozen=True)
class TableFolder:
    """The folder of a table; there need be no table in it yet.

    `uri` is a plain path where the folder is `local`; `options` are those of an object store, and secret.
    """

    uri: str
    options: Mapping[str, str] | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return self.uri

    @property
    def local(self) -> Path | None:
        """The folder on a file system; None for one of an object store."""
        return Path(self.uri) if self.options is None else None

    @property
    def library_options(self) -> dict[str, str] | None:
        """What delta-rs is told of the object store."""
        return None if self.options is None else dict(self.options)

    @property
    def log(self) -> Storage:
        """The table's log."""
        return self._storage(LOG)

    @property
    def records(self) -> Storage:
        """The commit records of the streaming queries that write to the table."""
        return self._storage(RECORDS)

    def _storage(self, name: str) -> Storage:
        if self.options is None:
            return existing_storage(Path(self.uri) / name)
        from streamcore.storage.objects.storage import ObjectStorage

        return ObjectStorage(f"{self.uri}/{name}", self.options)

    def filesystem(self) -> fs.FileSystem:
        """Reads and writes data files, by the paths that `place` gives."""
        from pyarrow import fs

        if self.options is None:
            return fs.LocalFileSystem()
        from deltalake.fs import DeltaStorageHandler

        return fs.PyFileSystem(DeltaStorageHandler(self.uri, self.library_options))

    def place(self, path: str) -> str:
        """A path below the folder as the file system takes it."""
        return path if self.options is not None else str(Path(self.uri) / path)

    def exists(self) -> bool:
        """Whether there is a table."""
        delta_rs()
        return bool(self.log.list(""))

    def handle(self, version: int | None = None) -> DeltaTable:
        """The table as it is now, or as of a version; AnalysisException where there is none."""
        from deltalake.exceptions import TableNotFoundError

        library = delta_rs()
        try:
            table: DeltaTable = library.DeltaTable(
                self.uri, version=version, storage_options=self.library_options
            )
        except TableNotFoundError:
            raise missing_table(self) from None
        return table


def missing_table(folder: TableFolder) -> AnalysisException:
    """The error for a path without a table, in Delta's words."""
    return AnalysisException(
        f"[DELTA_PATH_DOES_NOT_EXIST] {folder} doesn't exist, or is not a Delta table. SQLSTATE: 42K03"
    )


def table_folder(text: str | None) -> TableFolder:
    """The folder that an option names: a plain path, a file:// URI, or one of an object store.

    >>> table_folder("file:///data/my%20table").uri
    '/data/my table'
    """
    if not text:
        raise IllegalArgumentException("the format delta needs a path: load(path), save(path) or start(path)")
    if is_object_uri(text):
        return TableFolder(_library_uri(text), object_store_options(text))
    if urlsplit(text).scheme == "file":
        return TableFolder(str(Path(unquote(urlsplit(text).path))))
    if "://" in text:
        raise UnsupportedOperationException(
            f"{text}: Delta tables are on file systems and on object stores (s3://, abfss://, gs://)"
        )
    return TableFolder(str(local_folder(text)))


def _library_uri(text: str) -> str:
    """The URI in the spelling that delta-rs knows, without a slash at its end."""
    place = place_of(text)
    scheme = {Store.S3: "s3", Store.GCS: "gs"}.get(place.store)
    return text.rstrip("/") if scheme is None else f"{scheme}://{place.bucket}/{place.prefix}".rstrip("/")
