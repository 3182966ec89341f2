"""The file sink's batch writer: staged in a hidden folder, moved into place when all tasks are done."""

from __future__ import annotations

import shutil
import uuid
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from streamcore.errors import CommitFailed
from streamcore.sinks.files.staging import Layout, StagedFiles, stage, staged_place
from streamcore.spi.datasource import DataSourceArrowWriter
from streamcore.storage.publish import make_folder, sync_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from streamcore.spi.datasource import WriterCommitMessage

_SUCCESS = "_SUCCESS"


class FileBatchWriter(DataSourceArrowWriter):
    """Writes one data set into a folder; with `overwrite`, in the place of what is there."""

    def __init__(self, layout: Layout, *, overwrite: bool) -> None:
        self._target = layout.folder
        self._overwrite = overwrite
        self._job = str(uuid.uuid4())
        staging = layout.folder / f"_temporary-{self._job}"
        self._layout = replace(layout, staging=staging, prefix=f"part-{self._job}")

    def write(self, iterator: Iterator[pa.RecordBatch]) -> StagedFiles:
        """Stages one partition."""
        return stage(iterator, self._layout)

    def commit(self, messages: list[WriterCommitMessage | None]) -> None:
        """Moves the staged files into place and leaves `_SUCCESS` beside them."""
        files = [file for message in messages if isinstance(message, StagedFiles) for file in message.files]
        try:
            make_folder(self._target)
            if self._overwrite:
                self._remove_old()
            self._move([file.path for file in files])
            self._remove_staging()
            (self._target / _SUCCESS).touch()
            sync_folder(self._target)
        except OSError as error:
            raise CommitFailed(f"the files could not be moved into {self._target}: {error}") from error

    def abort(self, messages: list[WriterCommitMessage | None]) -> None:
        """Removes what was staged."""
        self._remove_staging()

    def _remove_old(self) -> None:
        for path in self._target.iterdir():
            if path.name.startswith("_temporary-"):
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()

    def _move(self, paths: list[str]) -> None:
        folders = {self._target / Path(path).parent for path in paths}
        for folder in folders:
            make_folder(folder)
        for path in paths:
            staged_place(self._layout.staging, path).rename(self._target / path)
        for folder in folders:
            sync_folder(folder)

    def _remove_staging(self) -> None:
        shutil.rmtree(self._layout.staging, ignore_errors=True)
