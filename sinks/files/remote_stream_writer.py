"""The file sink's streaming writer on an object store: files are uploaded, then named by one segment.

The segment, put under the condition that it is not there, is the commit.  An object cannot be renamed, so
data files go straight to their places under names that nobody else uses: who lists the bucket without
knowing of manifests may see files of a batch that is not committed; readers that follow the manifest, as
ours do, see none.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamcore.errors import CheckpointFenced, CheckpointMismatch
from streamcore.sinks.files.manifest_log import RUN, ManifestLog
from streamcore.sinks.files.refusals import foreign_files, refuse_other_modes
from streamcore.sinks.files.remote import is_hidden, stage_remotely
from streamcore.sinks.files.staging import Layout, StagedFiles
from streamcore.sinks.files.stream_writer import STAGE, file_prefix, staged_files
from streamcore.spi.clock import SystemClock
from streamcore.spi.exactly_once import CommitRecord, ExactlyOnceStreamWriter
from streamcore.spi.file_manifest import HIDDEN_FOLDER, DataFile
from streamcore.spi.steps import reached
from streamcore.storage import open_storage
from streamcore.storage.errors import StorageError
from streamcore.storage.objects.folder import ObjectFolder, object_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from streamcore.sinks.files.formats import FileFormat
    from streamcore.sinks.files.settings import FolderSettings
    from streamcore.spi.clock import Clock
    from streamcore.spi.datasource import WriterCommitMessage
    from streamcore.spi.exactly_once import QueryIdentity


class RemoteStreamWriter(ExactlyOnceStreamWriter):
    """Writes one query's micro-batches below a URI; append mode only.

    A copy that was pickled can only `write`.
    """

    def __init__(
        self,
        settings: FolderSettings,
        schema: pa.Schema,
        file_format: FileFormat,
        format_name: str,
        clock: Clock | None = None,
    ) -> None:
        self._settings = settings
        self._schema = schema
        self._file_format = file_format
        self._format_name = format_name
        self._clock = clock or SystemClock()
        self._folder: ObjectFolder | None = None
        self._log: ManifestLog | None = None
        self._layout: Layout | None = None
        self._staged: set[str] = set()
        self._orphans_removed = False
        self._may_hold_rewound = True
        self._opened_ms = 0

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_log": None, "_clock": None, "_staged": set()}

    def open(self, query: QueryIdentity) -> None:
        """See `ExactlyOnceStreamWriter.open`."""
        refuse_other_modes(query, self._format_name)
        settings = self._settings
        self._layout = Layout(
            where=settings.location,
            staging=Path(),
            prefix=file_prefix(query),
            schema=self._schema,
            file_format=self._file_format,
            partition_by=settings.partition_by,
            max_records=settings.max_records,
            zone=settings.zone,
            cluster_by=settings.cluster_by,
        )
        folder = self._folder = object_folder(settings.location)
        storage = open_storage(f"{settings.location}/{HIDDEN_FOLDER}", "the manifest of a file sink")
        log = ManifestLog(storage, settings.location)
        if log.owner() is None:
            _refuse_foreign_objects(folder)
        log.claim(query.query_id, {"format": self._format_name, "partition_by": list(settings.partition_by)})
        log.take(query.run_id)
        # By the clock that dates the data files, which is the store's.
        run = folder.look(f"{HIDDEN_FOLDER}/{RUN}")
        self._opened_ms = run.modified_ms if run is not None else 0
        self._log = log
        self._orphans_removed = False

    def last_committed(self) -> CommitRecord | None:
        """See `ExactlyOnceStreamWriter.last_committed`."""
        segment = self._opened().last()
        return CommitRecord(segment.query_id, segment.last, segment.body) if segment else None

    def write(self, iterator: Iterator[pa.RecordBatch]) -> StagedFiles:
        """See `ExactlyOnceStreamWriter.write`."""
        if self._layout is None or self._folder is None:
            raise RuntimeError("open() comes before write()")
        reached(f"{STAGE}:before")
        staged = stage_remotely(iterator, self._layout, self._folder, lambda path: path)
        self._staged.update(file.path for file in staged.files)
        reached(f"{STAGE}:after")
        return staged

    def commit_batch(self, messages: list[WriterCommitMessage], record: CommitRecord) -> None:
        """See `ExactlyOnceStreamWriter.commit_batch`."""
        files = tuple(
            DataFile(file.path, file.bytes, file.rows, record.batch_id) for file in staged_files(messages)
        )
        try:
            self._opened().add(record.batch_id, record.body, files)
        except (CheckpointFenced, CheckpointMismatch):
            self.abort(list(messages), record.batch_id)
            raise
        self._staged.clear()

    def abort(self, messages: list[WriterCommitMessage | None], batchId: int) -> None:
        """Removes what this run has uploaded for the batch; what escapes it, the next run removes."""
        uploaded = self._staged | {file.path for file in staged_files(messages)}
        self._staged = set()
        if self._folder is not None:
            with contextlib.suppress(StorageError):
                self._folder.remove(sorted(uploaded))

    def rewind(self, record: CommitRecord | None) -> None:
        """Takes later batches back; their files are kept, in no manifest, for `cleanupDelayMs`."""
        self._may_hold_rewound = True
        target, body = (None, "") if record is None else (record.batch_id, record.body)
        self._opened().rewind(target, body, self._clock.now_ms())

    def collect_garbage(self) -> None:
        """Merges the manifest, removes files of crashed runs (once per run) and of rewound batches."""
        log, folder = self._opened(), self._folder
        log.merge(self._settings.compact_interval)
        if folder is None or self._layout is None:
            return
        if self._may_hold_rewound:
            before_ms = self._clock.now_ms() - self._settings.cleanup_delay_ms
            self._may_hold_rewound = _remove_rewound(log, folder, before_ms)
        if not self._orphans_removed:
            _remove_orphans(log, folder, self._layout.prefix, self._opened_ms)
            self._orphans_removed = True

    def _opened(self) -> ManifestLog:
        if self._log is None:
            raise RuntimeError("open() comes before any other call")
        return self._log


def _refuse_foreign_objects(folder: ObjectFolder) -> None:
    """Raises AnalysisException when objects are there that readers would no longer see."""
    for found in folder.files():
        if not is_hidden(found.path):
            raise foreign_files(folder.location, found.path)


def _remove_rewound(log: ManifestLog, folder: ObjectFolder, before_ms: int) -> bool:
    """Removes the files that rewinds before then took out of the manifest; whether some are left."""
    notes = log.garbage()
    for name, time_ms, files in notes:
        if time_ms <= before_ms:
            visible = {file.path for file in log.read().files}
            folder.remove(path for path in files if path not in visible)
            log.drop_garbage_note(name)
    return any(time_ms > before_ms for _, time_ms, _ in notes)


def _remove_orphans(log: ManifestLog, folder: ObjectFolder, prefix: str, opened_ms: int) -> None:
    """Removes what crashed runs of this query uploaded and never committed; see `garbage.remove_orphans`."""
    of_the_query = prefix[: prefix.rindex("-") + 1]
    candidates = [
        found.path
        for found in folder.files()
        if found.modified_ms < opened_ms
        and (name := found.path.rpartition("/")[2]).startswith(of_the_query)
        and not name.startswith(f"{prefix}-")
    ]
    if candidates:
        needed = {file.path for file in log.read().files}
        needed.update(path for _, _, files in log.garbage() for path in files)
        folder.remove(path for path in candidates if path not in needed)
