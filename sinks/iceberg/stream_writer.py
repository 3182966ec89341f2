"""The Iceberg sink's streaming writer: data files by the tasks, one commit of the catalog per micro-batch."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from streamcore.errors import AnalysisException, CheckpointMismatch, CommitFailed, SourceUnavailable
from streamcore.iceberg.catalogs import open_catalog
from streamcore.iceberg.failures import not_written
from streamcore.sinks.conform import nullable_schema
from streamcore.sinks.iceberg.changes import Append, Change, Replace, Upsert
from streamcore.sinks.iceberg.commit_record import (
    NOTHING,
    TableRecord,
    fenced,
    has_landed,
    property_name,
    record_in,
    require_own,
    to_property,
)
from streamcore.sinks.iceberg.committing import commit
from streamcore.sinks.iceberg.expiring import expire
from streamcore.sinks.iceberg.garbage import remove_attempt, remove_orphans, remove_unnamed
from streamcore.sinks.iceberg.history import BATCH, QUERY, RUN, lineage, rewind_target, snapshots_of
from streamcore.sinks.iceberg.merging import Merge, require_keys
from streamcore.sinks.iceberg.staging import Layout, StagedRows, file_stem, keep, stage
from streamcore.sinks.iceberg.target import layout_of, prepared
from streamcore.spi.exactly_once import ExactlyOnceStreamWriter
from streamcore.spi.steps import declare, reached
from streamcore.spi.types import to_arrow_schema

if TYPE_CHECKING:
    from pyiceberg.catalog import Catalog
    from pyiceberg.manifest import DataFile
    from pyiceberg.table import Table, Transaction

    from streamcore.sinks.iceberg.settings import WriteSettings
    from streamcore.spi.datasource import WriterCommitMessage
    from streamcore.spi.exactly_once import CommitRecord, QueryIdentity
    from streamcore.spi.types import StructType

STAGE = declare("sink.iceberg.stage", "sink.iceberg")


class IcebergStreamWriter(ExactlyOnceStreamWriter):
    """Appends, merges by key in update mode, or in complete mode replaces all rows of a table.

    Of several rows with one key in a micro-batch the last stays.  A copy that was pickled can only write.
    """

    def __init__(self, settings: WriteSettings, schema: StructType) -> None:
        self._settings = settings
        self._schema = schema
        self._catalog: Catalog | None = None
        self._table: Table | None = None
        self._query: QueryIdentity | None = None
        self._layout: Layout | None = None
        self._keys: tuple[str, ...] = ()
        self._before = NOTHING
        self._at_start = NOTHING
        self._collected = NOTHING
        self._has_collected = False

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_catalog": None, "_table": None}

    @property
    def _place(self) -> str:
        return f"the Iceberg table {self._settings.address}"

    def open(self, query: QueryIdentity) -> None:
        """See `ExactlyOnceStreamWriter.open`.

        An empty snapshot tells that this run writes now: the commit of an older one, whenever it comes, is
        refused by the catalog.
        """
        self.close()
        settings = self._settings
        try:
            self._catalog = open_catalog(settings.address)
            table = prepared(
                self._catalog, settings, self._schema, is_ordered=settings.check_ordering is not False
            )
        except SourceUnavailable as error:
            raise CommitFailed(f"{error}. Nothing was written") from None
        found = record_in(table.properties, settings.sink_name)
        require_own(found, query.query_id, self._place)
        self._keys = self._keys_of(table, query.output_mode)
        arrow_schema = nullable_schema(to_arrow_schema(self._schema))
        self._layout = layout_of(table, arrow_schema, settings)
        self._table, self._query, self._has_collected = table, query, False
        newest = found if found is not None and found.query_id == query.query_id else None
        taken = TableRecord(query.query_id, query.run_id, NOTHING, "")
        if newest is not None:
            taken = replace(newest, run_id=query.run_id)
        self._take(taken, newest)
        self._before = self._at_start = taken.batch_id
        self._collected = taken.collected

    def last_committed(self) -> CommitRecord | None:
        """See `ExactlyOnceStreamWriter.last_committed`."""
        table = self._opened()
        try:
            table.refresh()
        except Exception as error:  # noqa: BLE001 - the cause is not chained: it may show secrets
            raise not_written(error, self._settings.address) from None
        found = self._own_record(table)
        self._before = found.batch_id
        return found.committed

    def write(self, iterator: Iterator[pa.RecordBatch]) -> StagedRows:
        """See `ExactlyOnceStreamWriter.write`; the rows are those of the batch after the last."""
        return self.write_partition(iterator, 0, self._before + 1)

    def write_partition(self, rows: Iterable[pa.RecordBatch], partition_id: int, epoch_id: int) -> StagedRows:
        """Writes one partition of the batch `epoch_id`; see `WritesPartitions`."""
        if self._layout is None:
            raise RuntimeError("open() comes before write()")
        if self._keys:
            return keep(rows, self._layout)
        reached(f"{STAGE}:before")
        staged = stage(rows, self._layout, self._stem(epoch_id))
        reached(f"{STAGE}:after")
        return staged

    def commit_batch(self, messages: list[WriterCommitMessage], record: CommitRecord) -> None:
        """See `ExactlyOnceStreamWriter.commit_batch`."""
        query, before = self._identity(), self._before
        # Once this run has tidied up, what fails later is removed when it fails, and nothing is left behind.
        collected = record.batch_id if self._has_collected else self._collected
        mine = TableRecord(query.query_id, query.run_id, record.batch_id, record.body, collected)
        self._check_turn(mine)
        change = self._change([m for m in messages if isinstance(m, StagedRows)], record.batch_id)
        commit(
            self._opened(),
            self._settings.address,
            lambda table: self._staged(table, mine, change),
            lambda table: has_landed(self._record_of(table), mine, before, self._place),
        )
        self._before, self._collected = record.batch_id, collected
        if isinstance(change, Upsert) and len(change.written) > 1:
            remove_unnamed(self._opened(), [file.file_path for files in change.written for file in files])

    def abort(self, messages: list[WriterCommitMessage | None], batchId: int) -> None:
        """Removes what this run has staged for the batch, whether a message tells of it or not."""
        query = self._identity()
        if self._table is not None and batchId > self._before:
            # What cannot be removed now is collected by the next run.
            with contextlib.suppress(OSError):
                remove_attempt(self._table, query.query_id, query.run_id, batchId)

    def rewind(self, record: CommitRecord | None) -> None:
        """Rolls the table back to the snapshot of the batch, when nobody else has written since."""
        from pyiceberg.table.update.snapshot import ManageSnapshots

        query, table = self._identity(), self._opened()
        batch_id, body = (NOTHING, "") if record is None else (record.batch_id, record.body)
        mine = TableRecord(query.query_id, query.run_id, batch_id, body, min(self._collected, batch_id))

        def staged(table: Table) -> Transaction:
            line = lineage(snapshots_of(table, query.query_id), table.metadata.current_snapshot_id)
            target = rewind_target(line, batch_id, self._place)
            transaction = table.transaction()
            transaction.set_properties({property_name(self._settings.sink_name): to_property(mine)})
            ManageSnapshots(transaction).rollback_to_snapshot(target).commit()
            return transaction

        before = self._before
        commit(
            table,
            self._settings.address,
            staged,
            lambda now: has_landed(self._record_of(now), mine, before, self._place),
            needs_history=True,
        )
        self._before = self._at_start = batch_id
        self._collected = mine.collected

    def collect_garbage(self) -> None:
        """Removes files of crashed runs (once per run), and lets old snapshots of this query expire."""
        query, table = self._identity(), self._opened()
        if not self._has_collected:
            remove_orphans(table, query.query_id, query.run_id, self._collected)
            self._collected, self._has_collected = max(self._collected, self._at_start), True
        if self._settings.retain_snapshots is not None:
            expire(table, query.query_id, self._settings.retain_snapshots)

    def close(self) -> None:
        """Closes the catalog."""
        if self._catalog is not None:
            self._catalog.close()
            self._catalog = None

    def _take(self, taken: TableRecord, before: TableRecord | None) -> None:
        def is_mine(table: Table) -> bool:
            now = self._record_of(table)
            if now == taken:
                return True
            if now == before or (before is None and now is not None and now.batch_id == NOTHING):
                return False
            raise fenced(now, taken, self._place)

        commit(
            self._opened(),
            self._settings.address,
            lambda table: self._staged(table, taken, Append()),
            is_mine,
        )

    def _staged(self, table: Table, record: TableRecord, change: Change) -> Transaction:
        layout = self._layout
        if layout is None or table.metadata.default_spec_id != layout.metadata.default_spec_id:
            raise AnalysisException(
                f"{self._place} has been partitioned anew since this query started: start the query again"
            )
        summary = {
            **dict(self._settings.snapshot_properties),
            QUERY: record.query_id,
            BATCH: str(record.batch_id),
            RUN: record.run_id,
        }
        transaction = table.transaction()
        transaction.set_properties({property_name(self._settings.sink_name): to_property(record)})
        change.stage(table, transaction, summary)
        return transaction

    def _change(self, staged: list[StagedRows], batch_id: int) -> Change:
        files: list[DataFile] = [file for message in staged for file in message.files]
        if self._keys and self._layout is not None:
            rows = [message.rows for message in staged if message.rows is not None]
            together = pa.concat_tables([self._layout.schema.empty_table(), *rows])
            return Upsert(together, Merge(self._keys, self._layout, self._stem(batch_id)))
        return Replace(files) if self._identity().output_mode == "complete" else Append(files)

    def _keys_of(self, table: Table, mode: str) -> tuple[str, ...]:
        keys = self._settings.key_columns
        if mode != "update":
            # Without keys rows are appended; a table that is replaced as a whole needs none.
            require_keys(keys, self._schema)
            return keys if mode == "append" else ()
        keys = keys or tuple(sorted(table.schema().identifier_field_names()))
        if not keys:
            raise AnalysisException(
                "the Iceberg sink needs the option keyColumns in update mode, or a table with identifier "
                "fields: without keys it cannot tell which row an update replaces. Name the columns that "
                "identify a row (the grouping columns of an aggregation), or use append mode"
            )
        require_keys(keys, self._schema)
        return keys

    def _check_turn(self, mine: TableRecord) -> None:
        if mine.batch_id <= self._before:
            raise fenced(self._record_of(self._opened()), mine, self._place)
        if mine.batch_id > self._before + 1:
            newest = "no batch" if self._before == NOTHING else f"batch {self._before}"
            raise CheckpointMismatch(
                f"batch {mine.batch_id} cannot follow {newest} in {self._place}: checkpoint and table do not "
                "belong together; restore the one that is behind"
            )

    def _own_record(self, table: Table) -> TableRecord:
        query = self._identity()
        found = self._record_of(table)
        mine = TableRecord(query.query_id, query.run_id, self._before, "")
        if found is None or (found.query_id, found.run_id) != (query.query_id, query.run_id):
            raise fenced(found, mine, self._place)
        return found

    def _record_of(self, table: Table) -> TableRecord | None:
        return record_in(table.properties, self._settings.sink_name)

    def _stem(self, batch_id: int) -> str:
        query = self._identity()
        return file_stem(query.query_id, batch_id, query.run_id)

    def _identity(self) -> QueryIdentity:
        if self._query is None:
            raise RuntimeError("open() comes before any other call")
        return self._query

    def _opened(self) -> Table:
        if self._table is None:
            raise RuntimeError("open() comes before any other call")
        return self._table
