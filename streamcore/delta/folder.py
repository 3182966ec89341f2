"""Where a Delta table is."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from streamcore.delta.library import delta_rs
from streamcore.errors import AnalysisException, IllegalArgumentException, UnsupportedOperationException
from streamcore.storage import existing_storage

if TYPE_CHECKING:
    from deltalake import DeltaTable

    from streamcore.storage import Storage

LOG = "_delta_log"
RECORDS = "_streamcore_commits"
"""Holds commit records of streaming queries; vacuum leaves folders alone whose names begin so."""


@dataclass(frozen=True)
class TableFolder:
    """The folder of a table; there need be no table in it yet."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)

    @property
    def log(self) -> Storage:
        """The table's log."""
        return existing_storage(self.path / LOG, "the log of a Delta table")

    @property
    def records(self) -> Storage:
        """The commit records of the streaming queries that write to the table."""
        return existing_storage(self.path / RECORDS, "commit records")

    def exists(self) -> bool:
        """Whether there is a table."""
        delta_rs()
        return self.path.is_dir() and bool(self.log.list(""))

    def handle(self, version: int | None = None) -> DeltaTable:
        """The table as it is now, or as of a version; AnalysisException where there is none."""
        from deltalake.exceptions import TableNotFoundError

        library = delta_rs()
        try:
            table: DeltaTable = library.DeltaTable(str(self.path), version=version)
        except TableNotFoundError:
            raise missing_table(self) from None
        return table


def missing_table(folder: TableFolder) -> AnalysisException:
    """The error for a path without a table, in Delta's words."""
    return AnalysisException(
        f"[DELTA_PATH_DOES_NOT_EXIST] {folder} doesn't exist, or is not a Delta table. SQLSTATE: 42K03"
    )


def table_folder(text: str | None) -> TableFolder:
    """The folder that an option names: a plain path or a file:// URI.

    >>> table_folder("file:///data/my%20table").path.as_posix()
    '/data/my table'
    """
    if not text:
        raise IllegalArgumentException("the format delta needs a path: load(path), save(path) or start(path)")
    scheme = urlsplit(text).scheme
    if scheme == "file":
        return TableFolder(Path(os.fspath(unquote(urlsplit(text).path))))
    if scheme and "://" in text:
        raise UnsupportedOperationException(
            f"{text}: Delta tables are read and written on file systems only, a mounted one for instance; "
            "give a plain path or a file:// URI"
        )
    return TableFolder(Path(text).expanduser().absolute())
