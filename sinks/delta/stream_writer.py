"""The Delta sink's streaming writer: one commit per micro-batch, with its transaction identifier and record.

Rows that are only added go into the log in one file, which exactly one writer can create: that costs the same
however large the table is.  What replaces or merges rows is committed by delta-rs through a table that was
loaded when the batch before was the newest: a commit of the same query in between makes it fail.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, Final

from streamcore.delta.committing import Overtaken, add_version
from streamcore.delta.features import require_writable
from streamcore.errors import (
    AnalysisException,
    CheckpointFenced,
    CheckpointMismatch,
    CommitFailed,
    CommitStateUnknown,
    StreamcoreError,
)
from streamcore.sinks.delta import records
from streamcore.sinks.delta.actions import append_actions, require_present
from streamcore.sinks.delta.checkpoints import keep_up
from streamcore.sinks.delta.merging import check_keys, merge
from streamcore.sinks.delta.replacing import replace_all
from streamcore.sinks.delta.rewinding import set_back
from streamcore.sinks.delta.staging import StagedFiles, discard, stage, staged_files, staged_reader
from streamcore.sinks.delta.target import Target, prepare, target_of
from streamcore.spi.exactly_once import CommitRecord, ExactlyOnceStreamWriter
from streamcore.spi.steps import declare, reached

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from streamcore.delta.log import Commit
    from streamcore.sinks.delta.settings import SinkSettings
    from streamcore.sinks.delta.staging import Layout, StagedFile
    from streamcore.spi.datasource import WriterCommitMessage
    from streamcore.spi.exactly_once import QueryIdentity
    from streamcore.spi.types import StructType

_TRIES: Final = 10
_OWNER = "sink.delta"
STAGE = declare("sink.delta.stage", _OWNER)
RECORD = declare("sink.delta.record", _OWNER)
COMMIT = declare("sink.delta.commit", _OWNER)


class DeltaStreamWriter(ExactlyOnceStreamWriter):
    """Appends, merges by key (`keyColumns`) or, in complete mode, replaces the rows of a table.

    A copy that was pickled can only `write`.
    """

    def __init__(self, settings: SinkSettings, schema: StructType) -> None:
        self._settings = settings
        self._schema = schema
        self._layout: Layout | None = None
        self._target: Target | None = None
        self._query: QueryIdentity | None = None
        self._before: int | None = None
        self._version = -1
        self._kept: records.RecordName | None = None

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_target": None, "_kept": None}

    def open(self, query: QueryIdentity) -> None:
        """See `ExactlyOnceStreamWriter.open`; makes the table when it is missing."""
        settings = self._settings
        check_keys(settings.key_columns, self._schema)
        if query.output_mode == "update" and not settings.key_columns:
            raise AnalysisException(
                "the delta sink needs the option keyColumns in update mode: without keys it cannot tell "
                "which row an update replaces. Name the columns that identify a row (the grouping columns "
                "of an aggregation), or use append or complete mode"
            )
        self._query = query
        if not settings.shares_table:
            records.require_no_other(settings.folder, query.query_id)
        target = prepare(settings, self._schema)
        if not settings.shares_table:
            records.claim(settings.folder, query.query_id)
        self._take(target)
        self._before = None

    def last_committed(self) -> CommitRecord | None:
        """See `ExactlyOnceStreamWriter.last_committed`."""
        self._refresh()
        held = self._before = self._held()
        if held == records.NOTHING:
            return None
        return records.kept_record(self._settings.folder, self._identity.query_id, held, self._version)

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
        if self._before is None:
            self.last_committed()
        self._check_turn(record)
        files = staged_files(messages)
        attempt = secrets.token_hex(8)
        reached(f"{RECORD}:before")
        kept = records.keep(self._settings.folder, record, attempt)
        reached(f"{RECORD}:after")
        reached(f"{COMMIT}:before")
        try:
            self._commit(files, record, attempt)
        except Overtaken:
            self._settings.folder.records.delete(str(kept))
            raise self._refusal(record) from None
        reached(f"{COMMIT}:after")
        self._before = record.batch_id
        self._kept = kept
        if self._merges:
            discard(self._settings.folder, messages)

    def abort(self, messages: list[WriterCommitMessage | None], batchId: int) -> None:
        """Removes what was staged."""
        discard(self._settings.folder, messages)

    def rewind(self, record: CommitRecord | None) -> None:
        """Restores the table to the version of the batch; refused when somebody else has written since."""
        self._refresh()
        query_id, folder = self._identity.query_id, self._settings.folder
        attempt = secrets.token_hex(8)
        if record is not None:
            self._kept = records.keep(folder, record, attempt)
        set_back(folder, self._opened.handle, query_id, record, attempt)
        self._before = record.batch_id if record else records.NOTHING
        records.forget_after(folder, query_id, self._before)
        self._refresh()

    def collect_garbage(self) -> None:
        """Removes older commit records, makes checkpoints of the log and cleans it up as the table asks."""
        if self._kept is not None:
            records.forget_before(self._settings.folder, self._kept)
            self._kept = None
        keep_up(self._settings.folder, self._opened.handle.metadata().configuration, self._version)

    # ---- what is done in a commit ------------------------------------------------------------------

    @property
    def _merges(self) -> bool:
        return bool(self._settings.key_columns) and self._identity.output_mode != "complete"

    def _commit(self, files: list[StagedFile], record: CommitRecord, attempt: str) -> None:
        require_present(files, self._opened.required)
        # A merge of no rows would be no commit.
        if self._identity.output_mode == "complete" or (self._merges and files):
            self._commit_through_handle(files, record, attempt)
            return
        for _ in range(_TRIES):
            try:
                self._append(files, record, attempt)
            except Overtaken:
                if not self._still_fits(files):
                    raise
            else:
                return
        raise Overtaken(None)

    def _append(self, files: list[StagedFile], record: CommitRecord, attempt: str) -> None:
        self._version = add_version(
            self._settings.folder,
            self._version,
            lambda base: append_actions(files, record, attempt, base, self._settings.user_metadata),
            self._is_harmless,
        )
        if self._merges:
            self._refresh()

    def _still_fits(self, files: list[StagedFile]) -> bool:
        """Whether what was staged can be added to the table as it has become."""
        staged_for = self._layout
        self._refresh()
        require_present(files, self._opened.required)
        return self._held() == self._before and self._layout == staged_for

    def _is_harmless(self, commit: Commit) -> bool:
        """Whether rows can be added after another writer's commit."""
        mine = record_of_query(commit, self._identity.query_id)
        return not mine and commit.metadata is None and commit.protocol is None

    def _commit_through_handle(self, files: list[StagedFile], record: CommitRecord, attempt: str) -> None:
        from deltalake.exceptions import CommitFailedError, DeltaError

        target, settings = self._opened, self._settings
        info = records.record_info(record, record.query_id, attempt)
        try:
            if self._merges:
                rows = staged_reader(settings.folder, files, self._laid_out.schema).read_all()
                merge(target.handle, rows, settings, record, info)
            else:
                replace_all(target, files, settings, record, info)
        except (DeltaError, OSError) as error:
            self._refresh()
            if self._is_newest(record, attempt):
                return
            if self._held() != self._before:
                raise Overtaken(None) from error
            if settings.folder.local is None and not isinstance(error, CommitFailedError):
                raise CommitStateUnknown(
                    f"it is not known whether the batch was committed to {settings.folder}: "
                    f"{' '.join(str(error).split())}. Start the query again: it asks the table and goes on"
                ) from error
            raise CommitFailed(
                f"the batch was not committed to {settings.folder}: {' '.join(str(error).split())}. Nothing "
                "of it is visible; it may be tried again"
            ) from error
        self._refresh()

    def _is_newest(self, record: CommitRecord, attempt: str) -> bool:
        """Whether a commit that was said to have failed is there after all."""
        commit = records.newest_commit(self._settings.folder, record.query_id, self._version)
        info = records.info_of(commit, record.query_id) if commit else None
        return info is not None and info["attempt"] == attempt

    def _refusal(self, record: CommitRecord) -> StreamcoreError:
        """The error for a commit that others came before."""
        folder = self._settings.folder
        self._refresh()
        if self._held() != self._before:
            return CheckpointFenced(
                f"batch {record.batch_id} was not committed to {folder}: another run of this query has "
                "taken over, and goes on; this one has stopped"
            )
        return CommitFailed(
            f"the batch was not committed to {folder}: other writers have changed the table's schema or "
            "were faster again and again. Nothing of the batch is visible; it may be tried again"
        )

    def _check_turn(self, record: CommitRecord) -> None:
        before = records.NOTHING if self._before is None else self._before
        if record.batch_id <= before:
            raise CheckpointFenced(
                f"batch {record.batch_id} is already in {self._settings.folder}, which holds batch {before} "
                "of this query: another run of it has taken over; this one has stopped"
            )
        if record.batch_id > before + 1:
            newest = "no batch" if before == records.NOTHING else f"batch {before}"
            raise CheckpointMismatch(
                f"batch {record.batch_id} cannot follow {newest} in {self._settings.folder}: checkpoint and "
                "table do not belong together; restore the one that is behind"
            )

    # ---- what is known of the table ----------------------------------------------------------------

    def _refresh(self) -> None:
        handle = self._opened.handle
        handle.update_incremental()
        require_writable(handle, self._settings.folder)
        self._take(target_of(handle, self._schema))

    def _take(self, target: Target) -> None:
        self._target = target
        self._version = target.handle.version()
        self._layout = target.layout(self._settings, self._schema, whole=self._merges)

    def _held(self) -> int:
        """The newest batch of this query in the table as it was last looked at."""
        found = self._opened.handle.transaction_version(self._identity.query_id)
        return records.NOTHING if found is None else found

    @property
    def _identity(self) -> QueryIdentity:
        if self._query is None:
            raise RuntimeError("open() comes before any other call")
        return self._query

    @property
    def _opened(self) -> Target:
        if self._target is None:
            raise RuntimeError("open() comes before any other call")
        return self._target

    @property
    def _laid_out(self) -> Layout:
        if self._layout is None:
            raise RuntimeError("open() comes before any other call")
        return self._layout


def record_of_query(commit: Commit, query_id: str) -> bool:
    """Whether a commit is one of this query's."""
    return query_id in commit.transactions or records.info_of(commit, query_id) is not None
