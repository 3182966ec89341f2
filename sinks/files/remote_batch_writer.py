"""The file sink's batch writer on an object store: uploaded under hidden names, copied into place at the end.

An object store has no renames.  The copies are made within the store; until the last one readers see a
part of the new data, as they do on a disk between two renames.
"""

from __future__ import annotations

import contextlib
import dataclasses
import tempfile
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Final

from streamcore.errors import AnalysisException, CommitFailed
from streamcore.sinks.files.batch_writer import SUCCESS, numbered
from streamcore.sinks.files.refusals import streaming_output
from streamcore.sinks.files.remote import is_written_by_a_stream, stage_remotely, upload
from streamcore.sinks.files.replacing import TEMPORARY, OnePartition, Replacement
from streamcore.sinks.files.staging import Layout, StagedFiles, stage_no_rows, staged_place
from streamcore.spi.datasource import DataSourceArrowWriter
from streamcore.storage.errors import StorageError
from streamcore.storage.objects.folder import object_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from streamcore.sinks.files.formats import FileFormat
    from streamcore.sinks.files.settings import FolderSettings
    from streamcore.spi.datasource import WriterCommitMessage

_AT_ONCE: Final = 8


class RemoteBatchWriter(DataSourceArrowWriter):
    """Writes one data set below a URI; `replacement` says what of the old data goes.

    A write that fails leaves what was there before, and nothing else.
    """

    def __init__(
        self,
        settings: FolderSettings,
        schema: pa.Schema,
        file_format: FileFormat,
        replacement: Replacement | OnePartition,
    ) -> None:
        if is_written_by_a_stream(settings.location):
            raise streaming_output(settings.location)
        job = uuid.uuid4()
        self._folder = object_folder(settings.location)
        self._hidden = f"{TEMPORARY}{job}"
        self._replacement = replacement
        self._layout = Layout(
            where=settings.location,
            staging=Path(),
            prefix=f"part-{job}",
            schema=schema,
            file_format=file_format,
            partition_by=settings.partition_by,
            max_records=settings.max_records,
            zone=settings.zone,
            cluster_by=settings.cluster_by,
        )

    def write(self, iterator: Iterator[pa.RecordBatch]) -> StagedFiles:
        """Uploads one partition, out of sight."""
        return stage_remotely(iterator, self._layout, self._folder, self._waiting)

    def commit(self, messages: list[WriterCommitMessage | None]) -> None:
        """Copies the files into their places, then removes what they replace.

        Raises CommitFailed when the store refuses; then everything is as it was before.
        """
        placed: dict[str, str] = {}
        try:
            placed = self._placed(messages)
            replaced = self._replaced(placed)
            with ThreadPoolExecutor(_AT_ONCE) as pool:
                list(pool.map(self._folder.copy, placed.values(), placed))
        except (StorageError, AnalysisException) as error:
            with contextlib.suppress(StorageError):
                self._folder.remove(placed)
            self.abort(messages)
            if isinstance(error, AnalysisException):
                raise
            raise CommitFailed(
                f"the files could not be copied into {self._layout.where}: {error}. What was there before is "
                "as it was"
            ) from error
        self._finish(replaced)

    def abort(self, messages: list[WriterCommitMessage | None]) -> None:
        """Removes what was uploaded."""
        with contextlib.suppress(StorageError):
            self._folder.remove([found.path for found in self._folder.files(self._hidden)])

    def _waiting(self, path: str) -> str:
        return f"{self._hidden}/{staged_place(Path(), path).name}"

    def _placed(self, messages: list[WriterCommitMessage | None]) -> dict[str, str]:
        """Where each file belongs, and where it waits."""
        done = [message for message in messages if isinstance(message, StagedFiles)]
        if not any(message.files for message in done) and not self._layout.partition_by:
            done = [self._no_rows()]
        return {
            numbered(file.path, task): self._waiting(file.path)
            for task, message in enumerate(done)
            for file in message.files
        }

    def _no_rows(self) -> StagedFiles:
        """A data set without rows has columns nevertheless."""
        with tempfile.TemporaryDirectory(prefix="streamcore-staging-") as scratch:
            here = dataclasses.replace(self._layout, staging=Path(scratch))
            staged = stage_no_rows(here)
            upload(staged, here, self._folder, self._waiting)
            return staged

    def _replaced(self, placed: dict[str, str]) -> list[str]:
        """The objects that go when the new ones are in their places."""
        folders = {path.rpartition("/")[0] for path in placed}
        match self._replacement:
            case Replacement.NOTHING:
                return []
            case Replacement.EVERYTHING:
                return [f.path for f in self._folder.files() if not f.path.startswith(TEMPORARY)]
            case Replacement.TOUCHED_PARTITIONS:
                return [f.path for folder in sorted(folders) for f in self._folder.files(folder)]
            case OnePartition() as one:
                one.check(folders)
                return [found.path for found in self._folder.files(one.folder)]

    def _finish(self, replaced: list[str]) -> None:
        try:
            self._folder.remove(replaced)
            if self._replacement.is_whole:
                self._folder.put(SUCCESS, b"")
        except StorageError as error:
            raise CommitFailed(
                f"the new files are in {self._layout.where}, but those that they replace could not be "
                f"removed: {error}. Write again with the mode overwrite"
            ) from error
        self.abort([])
