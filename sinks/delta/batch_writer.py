"""The Delta sink's batch writer: one commit for the whole data set."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from streamcore.delta.committing import Overtaken, add_version
from streamcore.delta.partition_values import check_partition_columns, partition_text
from streamcore.delta.schemas import held_schema
from streamcore.delta.snapshot import add_actions, files_of, require_readable
from streamcore.errors import CommitFailed, IllegalArgumentException, QueryExecutionException
from streamcore.sinks.delta.actions import commit_info, require_present, transaction
from streamcore.sinks.delta.staging import StagedFiles, discard, stage, staged_files, staged_reader
from streamcore.sinks.delta.target import Target, layout_of, make, prepare
from streamcore.sinks.delta.through_library import commit_properties, library_actions
from streamcore.spi.datasource import DataSourceArrowWriter

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa
    from deltalake import DeltaTable

    from streamcore.delta.log import Action, Commit
    from streamcore.sinks.delta.settings import SinkSettings
    from streamcore.sinks.delta.staging import StagedFile
    from streamcore.spi.datasource import WriterCommitMessage
    from streamcore.spi.types import StructType


_DYNAMIC: Final = {"mode": "Overwrite", "partitionOverwriteMode": "dynamic"}


class DeltaBatchWriter(DataSourceArrowWriter):
    """Appends, or with `overwrite` replaces the rows that the settings say: all of them by default."""

    def __init__(self, settings: SinkSettings, schema: StructType, *, overwrite: bool) -> None:
        if not overwrite:
            _require_overwrite(settings)
        self._settings = settings
        self._overwrite = overwrite
        self._schema = held_schema(schema)
        # These are written by delta-rs, which wants the rows.
        self._is_rewritten = overwrite and (settings.replace_where is not None or settings.overwrites_schema)
        self._target: Target | None = None
        if settings.folder.exists() and not settings.overwrites_schema:
            self._target = prepare(settings, self._schema)
            self._layout = self._target.layout(settings, self._schema, whole=self._is_rewritten)
        else:
            partition_by = settings.partition_by or ()
            check_partition_columns(partition_by, self._schema)
            divided = () if self._is_rewritten else partition_by
            self._layout = layout_of(settings, self._schema, self._schema, divided)

    def __getstate__(self) -> dict[str, Any]:
        # What is sent to a worker writes files only.
        return self.__dict__ | {"_target": None}

    def write(self, iterator: Iterator[pa.RecordBatch]) -> StagedFiles:
        """Stages one partition."""
        return stage(iterator, self._layout)

    def commit(self, messages: list[WriterCommitMessage | None]) -> None:
        """Makes all rows visible in one commit; nothing happens when the transaction is there already."""
        from deltalake.exceptions import DeltaError

        settings, files = self._settings, staged_files(messages)
        handle = self._table(messages)
        if _is_there(handle, settings.transaction):
            self.abort(messages)
            return
        if self._target is not None:
            require_present(files, self._target.required)
        try:
            self._commit(handle, files)
        except Overtaken as other:
            self.abort(messages)
            raise _refusal(settings, other) from None
        except (DeltaError, OSError) as error:
            self.abort(messages)
            raise QueryExecutionException(
                f"the rows were not written to {settings.folder}: {' '.join(str(error).split())}"
            ) from error
        if self._is_rewritten:
            self.abort(messages)

    def abort(self, messages: list[WriterCommitMessage | None]) -> None:
        """Removes what was staged."""
        discard(self._settings.folder, messages)

    def _table(self, messages: list[WriterCommitMessage | None]) -> DeltaTable:
        """The table as it is now, made when there is none; CommitFailed when the rows no longer fit."""
        settings = self._settings
        try:
            if not settings.folder.exists():
                make(settings, self._schema)
            if settings.overwrites_schema:
                return settings.folder.handle()
            self._target = prepare(settings, self._schema)
            if self._target.layout(settings, self._schema, whole=self._is_rewritten) != self._layout:
                raise _changed_meanwhile(settings)
        except BaseException:
            self.abort(messages)
            raise
        return self._target.handle

    def _commit(self, handle: DeltaTable, files: list[StagedFile]) -> None:
        if not self._overwrite:
            self._append(handle, files)
        elif self._is_rewritten:
            self._rewrite(handle, files)
        elif self._settings.is_dynamic and handle.metadata().partition_columns:
            self._replace_partitions(handle, files)
        else:
            self._replace_all(handle, files)

    def _append(self, handle: DeltaTable, files: list[StagedFile]) -> None:
        add_version(
            self._settings.folder,
            handle.version(),
            lambda base: self._appended(files, base),
            self._may_follow,
        )

    def _appended(self, files: list[StagedFile], base: int) -> list[Action]:
        settings = self._settings
        info = commit_info("WRITE", {"mode": "Append"}, files, base, settings.user_metadata)
        return [{"commitInfo": info}, *self._identifier(), *(file.action() for file in files)]

    def _may_follow(self, commit: Commit) -> bool:
        same = self._settings.transaction
        is_same = same is not None and same[0] in commit.transactions
        return not is_same and commit.metadata is None and commit.protocol is None

    def _replace_all(self, handle: DeltaTable, files: list[StagedFile]) -> None:
        handle.create_write_transaction(
            [*library_actions(files)],
            "overwrite",
            handle.schema(),
            list(handle.metadata().partition_columns),
            commit_properties=self._properties(),
        )

    def _rewrite(self, handle: DeltaTable, files: list[StagedFile]) -> None:
        from deltalake import write_deltalake

        settings = self._settings
        partition_by = settings.partition_by
        if partition_by is None:
            partition_by = tuple(handle.metadata().partition_columns)
        write_deltalake(
            handle,
            staged_reader(settings.folder, files, self._layout.schema),
            mode="overwrite",
            partition_by=list(partition_by) or None,
            schema_mode="overwrite" if settings.overwrites_schema else None,
            predicate=settings.replace_where,
            commit_properties=self._properties(),
        )

    def _replace_partitions(self, handle: DeltaTable, files: list[StagedFile]) -> None:
        """Takes away what was in the partitions of the files, unless others have changed rows meanwhile."""
        require_readable(handle, self._settings.folder)
        removed = _removals(handle, {tuple(file.partition.items()) for file in files})

        def actions(base: int) -> list[Action]:
            info = commit_info("WRITE", _DYNAMIC, files, base, self._settings.user_metadata)
            info["isBlindAppend"] = False
            info["operationMetrics"]["numRemovedFiles"] = str(len(removed))
            return [
                {"commitInfo": info},
                *self._identifier(),
                *removed,
                *(file.action() for file in files),
            ]

        add_version(
            self._settings.folder,
            handle.version(),
            actions,
            lambda commit: not commit.changes_data and self._may_follow(commit),
        )

    def _identifier(self) -> list[Action]:
        wanted = self._settings.transaction
        return [] if wanted is None else [transaction(*wanted)]

    def _properties(self) -> Any:
        return commit_properties(self._settings.transaction, None, self._settings.user_metadata)


def _removals(handle: DeltaTable, touched: set[tuple[tuple[str, str | None], ...]]) -> list[Action]:
    """The actions that take away the files of partitions; a path must stand as it was added."""
    now = time.time_ns() // 1_000_000
    partition_by = handle.metadata().partition_columns
    found: list[Action] = []
    for file in files_of(add_actions(handle), partition_by):
        texts = {name: partition_text(file.partition[name]) for name in partition_by}
        if tuple(texts.items()) in touched:
            told = {"path": file.logged_path, "deletionTimestamp": now, "dataChange": True, "size": file.size}
            found.append({"remove": {**told, "extendedFileMetadata": True, "partitionValues": texts}})
    return found


def _is_there(handle: DeltaTable, wanted: tuple[str, int] | None) -> bool:
    if wanted is None:
        return False
    held = handle.transaction_version(wanted[0])
    return held is not None and held >= wanted[1]


def _require_overwrite(settings: SinkSettings) -> None:
    if settings.replace_where is not None:
        raise IllegalArgumentException(
            "[DELTA_REPLACE_WHERE_IN_APPEND] option replaceWhere has a meaning in the mode 'overwrite' only"
        )
    if settings.overwrites_schema:
        raise IllegalArgumentException(
            "[DELTA_ILLEGAL_USAGE] option overwriteSchema has a meaning in the mode 'overwrite' only"
        )


def _refusal(settings: SinkSettings, other: Overtaken) -> CommitFailed:
    if other.commit is not None and settings.transaction is not None:
        application = settings.transaction[0]
        if application in other.commit.transactions:
            return CommitFailed(
                f"the rows were not written to {settings.folder}: another writer has committed a "
                f"transaction of {application!r} meanwhile. Write again, and what is there already is left "
                "out"
            )
    return _changed_meanwhile(settings)


def _changed_meanwhile(settings: SinkSettings) -> CommitFailed:
    return CommitFailed(
        f"the rows were not written to {settings.folder}: another writer has changed the table's schema or "
        "properties, or cleaned up its log, meanwhile. Nothing is visible; write again"
    )
