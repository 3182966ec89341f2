"""The file sink's streaming writer: files are staged, named by one manifest segment, and moved into place.

The segment is the commit.  Between it and the last rename a reader that lists the folder sees less than
is committed, never more; whoever opens the folder next moves what was left.
"""

from __future__ import annotations

import contextlib
import hashlib
from typing import TYPE_CHECKING, Any

from streamcore.errors import CheckpointFenced, CheckpointMismatch
from streamcore.sinks.files.garbage import discard_staged, remove_orphans, remove_rewound
from streamcore.sinks.files.manifest_log import RUN
from streamcore.sinks.files.placing import hide_rewound, place_committed, settle, staging_folder
from streamcore.sinks.files.refusals import foreign_files, refuse_other_modes
from streamcore.sinks.files.staging import Layout, StagedFile, StagedFiles, stage
from streamcore.spi.clock import SystemClock
from streamcore.spi.exactly_once import CommitRecord, ExactlyOnceStreamWriter
from streamcore.spi.file_manifest import HIDDEN_FOLDER, DataFile
from streamcore.spi.steps import declare, reached
from streamcore.storage.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    import pyarrow as pa

    from streamcore.sinks.files.formats import FileFormat
    from streamcore.sinks.files.manifest_log import ManifestLog
    from streamcore.sinks.files.settings import FolderSettings
    from streamcore.spi.clock import Clock
    from streamcore.spi.datasource import WriterCommitMessage
    from streamcore.spi.exactly_once import QueryIdentity

STAGE = declare("sink.files.stage", "sink.files")


class FileStreamWriter(ExactlyOnceStreamWriter):
    """Writes one query's micro-batches into a folder; append mode only.

    `open_log` opens the folder's manifest; it is called when the query starts.  A copy that was pickled
    can only `write`.
    """

    def __init__(
        self,
        settings: FolderSettings,
        schema: pa.Schema,
        file_format: FileFormat,
        format_name: str,
        open_log: Callable[[], ManifestLog],
        clock: Clock | None = None,
    ) -> None:
        self._settings = settings
        self._schema = schema
        self._file_format = file_format
        self._format_name = format_name
        self._open_log = open_log
        self._clock = clock or SystemClock()
        self._log: ManifestLog | None = None
        self._layout: Layout | None = None
        self._orphans_removed = False
        self._opened_ns = 0

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_log": None, "_open_log": None, "_clock": None}

    def open(self, query: QueryIdentity) -> None:
        """See `ExactlyOnceStreamWriter.open`."""
        refuse_other_modes(query, self._format_name)
        settings = self._settings
        self._layout = Layout(
            where=settings.location,
            staging=staging_folder(settings.folder),
            prefix=file_prefix(query),
            schema=self._schema,
            file_format=self._file_format,
            partition_by=settings.partition_by,
            max_records=settings.max_records,
            zone=settings.zone,
            cluster_by=settings.cluster_by,
        )
        log = self._open_log()
        if log.owner() is None:
            refuse_foreign_files(settings.folder)
        log.claim(query.query_id, {"format": self._format_name, "partition_by": list(settings.partition_by)})
        log.take(query.run_id)
        # By the clock that dates the data files, which may be a file server's.
        self._opened_ns = (settings.folder / HIDDEN_FOLDER / RUN).stat().st_mtime_ns
        with self._naming("moved into their places"):
            settle(log, settings.folder)
        self._log = log
        self._orphans_removed = False

    def last_committed(self) -> CommitRecord | None:
        """See `ExactlyOnceStreamWriter.last_committed`."""
        segment = self._opened().last()
        return CommitRecord(segment.query_id, segment.last, segment.body) if segment else None

    def write(self, iterator: Iterator[pa.RecordBatch]) -> StagedFiles:
        """See `ExactlyOnceStreamWriter.write`."""
        if self._layout is None:
            raise RuntimeError("open() comes before write()")
        reached(f"{STAGE}:before")
        staged = stage(iterator, self._layout)
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
            self.abort([], record.batch_id)
            raise
        place_committed(self._settings.folder, [file.path for file in files])

    def abort(self, messages: list[WriterCommitMessage | None], batchId: int) -> None:
        """Removes what this run has staged, whether a message tells of it or not."""
        if self._layout is not None:
            # What cannot be removed now is hidden, and collected by the next run.
            with contextlib.suppress(OSError):
                discard_staged(self._settings.folder, self._layout.prefix)

    def rewind(self, record: CommitRecord | None) -> None:
        """Takes later batches back; their files are kept, out of sight, for `cleanupDelayMs`."""
        now = self._clock.now_ms()
        log = self._opened()
        if record is None:
            log.rewind(None, "", now)
        else:
            log.rewind(record.batch_id, record.body, now)
        with self._naming("hidden"):
            hide_rewound(log, self._settings.folder)

    def collect_garbage(self) -> None:
        """Merges the manifest, removes files of crashed runs (once per run) and of rewound batches."""
        log = self._opened()
        with self._naming("removed"):
            log.merge(self._settings.compact_interval)
            before_ms = self._clock.now_ms() - self._settings.cleanup_delay_ms
            remove_rewound(log, self._settings.folder, before_ms)
            if not self._orphans_removed and self._layout is not None:
                remove_orphans(log, self._settings.folder, self._layout.prefix, self._opened_ns)
                self._orphans_removed = True

    @contextlib.contextmanager
    def _naming(self, act: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StorageError(f"files under {self._settings.folder} cannot be {act}: {error}") from error

    def _opened(self) -> ManifestLog:
        if self._log is None:
            raise RuntimeError("open() comes before any other call")
        return self._log


def refuse_foreign_files(folder: Path) -> None:
    """Raises AnalysisException when files are in the folder that readers would no longer see."""
    for path in folder.rglob("*") if folder.is_dir() else ():
        if path.is_file() and not any(part[0] in "._" for part in path.relative_to(folder).parts):
            raise foreign_files(str(folder), str(path.relative_to(folder)))


def file_prefix(query: QueryIdentity) -> str:
    """The start of the names of a run's files: whose they are can be told from the name."""
    return f"part-{_short(query.query_id)}-{_short(query.run_id)}"


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def staged_files(messages: Iterable[WriterCommitMessage | None]) -> list[StagedFile]:
    """The files that the tasks of a batch tell of."""
    return [file for message in messages if isinstance(message, StagedFiles) for file in message.files]
