"""The file sink's batch writer: staged in a hidden folder, moved into place when all tasks are done."""

from __future__ import annotations

import contextlib
import shutil
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from streamcore.errors import CommitFailed
from streamcore.sinks.files.replacing import TEMPORARY, Moves, OnePartition, Replacement
from streamcore.sinks.files.staging import Layout, StagedFiles, stage, stage_no_rows, staged_place
from streamcore.spi.datasource import DataSourceArrowWriter
from streamcore.storage.publish import make_folder, sync_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from streamcore.sinks.files.formats import FileFormat
    from streamcore.sinks.files.settings import FolderSettings
    from streamcore.spi.datasource import WriterCommitMessage

SUCCESS = "_SUCCESS"


def numbered(path: str, task: int) -> str:
    """The final path of a file, whose name sorts as the tasks that wrote them.

    >>> numbered("day=mon/part-1f-c000.parquet", 7)
    'day=mon/part-00007-1f-c000.parquet'
    """
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}part-{task:05d}-{name.removeprefix('part-')}"


class FileBatchWriter(DataSourceArrowWriter):
    """Writes one data set into a folder; `replacement` says what of the old data goes.

    A write that fails leaves what was there before, and nothing else.
    """

    def __init__(
        self,
        settings: FolderSettings,
        schema: pa.Schema,
        file_format: FileFormat,
        replacement: Replacement | OnePartition,
    ) -> None:
        job = uuid.uuid4()
        self._target = settings.folder
        self._replacement = replacement
        self._layout = Layout(
            where=settings.location,
            staging=settings.folder / f"{TEMPORARY}{job}",
            prefix=f"part-{job}",
            schema=schema,
            file_format=file_format,
            partition_by=settings.partition_by,
            max_records=settings.max_records,
            zone=settings.zone,
            cluster_by=settings.cluster_by,
        )
        self._new_folders = [f for f in (settings.folder, *settings.folder.parents) if not f.exists()]

    def write(self, iterator: Iterator[pa.RecordBatch]) -> StagedFiles:
        """Stages one partition."""
        return stage(iterator, self._layout)

    def commit(self, messages: list[WriterCommitMessage | None]) -> None:
        """Moves the staged files into the place of what they replace.

        Raises CommitFailed when the disk refuses; then everything is as it was before.
        """
        moves = Moves()
        try:
            self._exchange(self._placed(messages), moves)
        except BaseException as error:
            left = moves.undo()
            if not left:
                self.abort(messages)
            if isinstance(error, OSError):
                where = "as it was" if not left else f"in {self._layout.staging}: move it back"
                raise CommitFailed(
                    f"the files could not be moved into {self._target}: {error}. What was there before is "
                    f"{where}"
                ) from error
            raise
        self._remove_staging()

    def abort(self, messages: list[WriterCommitMessage | None]) -> None:
        """Removes what was staged, and the folders that were made for it."""
        self._remove_staging()
        for folder in self._new_folders:
            with contextlib.suppress(OSError):  # somebody else has written there
                folder.rmdir()

    def _placed(self, messages: list[WriterCommitMessage | None]) -> dict[str, Path]:
        """Where each file belongs, and where it waits; names sort as the tasks that wrote them."""
        done = [message for message in messages if isinstance(message, StagedFiles)]
        if not any(message.files for message in done) and not self._layout.partition_by:
            # A data set without rows has columns nevertheless.
            done = [stage_no_rows(self._layout)]
        return {
            numbered(file.path, task): staged_place(self._layout.staging, file.path)
            for task, message in enumerate(done)
            for file in message.files
        }

    def _exchange(self, placed: dict[str, Path], moves: Moves) -> None:
        make_folder(self._target)
        parents = {str(Path(path).parent) for path in placed}
        for old in self._replacement.replaced(self._target, parents):
            moves.move(old, self._layout.staging / "replaced" / old.relative_to(self._target))
        for path, staged in placed.items():
            moves.move(staged, self._target / path)
        for parent in parents:
            sync_folder(self._target / parent)
        if self._replacement.is_whole:
            (self._target / SUCCESS).touch()
        sync_folder(self._target)

    def _remove_staging(self) -> None:
        shutil.rmtree(self._layout.staging, ignore_errors=True)
