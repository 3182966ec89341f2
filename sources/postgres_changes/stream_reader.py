"""The streaming reader of the changes of a table."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from streamcore.errors import AnalysisException, SourceUnavailable
from streamcore.sources.postgres_changes import slot as slots
from streamcore.sources.postgres_changes.catalog import Table, have_publication, require_readable
from streamcore.sources.postgres_changes.decoder import Decoder
from streamcore.sources.postgres_changes.positions import (
    Position,
    SlotStatus,
    end_within,
    position_of,
    require_kept,
)
from streamcore.sources.postgres_changes.rows_at_start import ExportedSnapshot, read_rows
from streamcore.sources.postgres_changes.server import CONNECTIONS
from streamcore.spi.datasource import DataSourceStreamReader, InputPartition, Offset
from streamcore.spi.exactly_once import Replayable
from streamcore.spi.limits import ReadAllAvailable, ReadLimit, ReadMaxRows, SupportsTriggerAvailableNow
from streamcore.spi.metrics import ReportsSourceMetrics
from streamcore.spi.steps import declare, reached

if TYPE_CHECKING:
    import psycopg
    import pyarrow as pa

    from streamcore.sources.postgres_changes.settings import ChangesSettings

_LOG = logging.getLogger("streamcore.sources.postgres_changes")
_OWNER = "source.postgres-changes"
SLOT = declare("source.postgres-changes.slot", _OWNER)
ADVANCE = declare("source.postgres-changes.advance", _OWNER)


@dataclass(frozen=True)
class ChangesPartition(InputPartition):
    """The whole of a batch, since a slot is read by one reader; `snapshot` names that of the first rows."""

    start: int
    end: int
    checks_start: bool
    snapshot: str | None = None


class ChangesStreamReader(
    DataSourceStreamReader, SupportsTriggerAvailableNow, ReportsSourceMetrics, Replayable
):
    """Reads whole transactions in the order of their commits, until `commit` lets the slot forget them."""

    def __init__(self, settings: ChangesSettings, table: Table) -> None:
        self._settings = settings
        self._table = table
        self._export: ExportedSnapshot | None = None
        self._kept: ExportedSnapshot | None = None  # the slot that stays was made from it
        self._ceiling: int | None = None
        self._newest: Position | None = None
        self._quiet_until = 0

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_export": None, "_kept": None}

    def initialOffset(self) -> Offset:
        settings = self._settings
        with CONNECTIONS.to(settings.server) as connection:
            require_readable(connection, self._table, settings)
            have_publication(connection, self._table, settings)
            status = slots.status_of(connection, settings.slot)
            if settings.starts_with_rows:
                _require_no_slot(status, settings.slot)
                return Position(status.system, None).to_offset()
            if status.confirmed is None:
                slots.create_slot(connection, settings.slot)
                status = slots.status_of(connection, settings.slot)
            return Position(status.system, status.confirmed).to_offset()

    def getDefaultReadLimit(self) -> ReadLimit:
        most = self._settings.max_changes
        return ReadAllAvailable() if most is None else ReadMaxRows(most)

    def prepareForTriggerAvailableNow(self) -> None:
        with CONNECTIONS.to(self._settings.server) as connection:
            self._ceiling = slots.status_of(connection, self._settings.slot).flushed

    def latestOffset(self, start: Offset, limit: ReadLimit) -> Offset:
        begin = position_of(start)
        if begin.lsn is None:
            return Position(begin.system, self._exported().lsn, of_rows=True).to_offset()
        with CONNECTIONS.to(self._settings.server) as connection:
            status = self._checked(connection, begin)
            newest = status.flushed if self._ceiling is None else min(status.flushed, self._ceiling)
            self._newest = Position(status.system, newest)
            if newest <= max(begin.lsn, self._quiet_until):
                return start
            end = self._end(connection, begin.lsn, status, newest, limit)
        return start if end == begin.lsn else Position(status.system, end).to_offset()

    def _end(
        self,
        connection: psycopg.Connection[Any],
        start: int,
        status: SlotStatus,
        newest: int,
        limit: ReadLimit,
    ) -> int:
        most = limit.max_rows if isinstance(limit, ReadMaxRows) else None
        settings = replace(self._settings, max_changes=most)
        offered, looked = slots.look(connection, settings, start, status, newest)
        end = end_within(offered, start, newest, looked, most)
        if end == start:
            self._quiet_until = newest
        return end

    def _checked(self, connection: psycopg.Connection[Any], start: Position) -> SlotStatus:
        status = slots.status_of(connection, self._settings.slot)
        require_kept(start, status, self._settings.slot)
        return status

    def reportLatestOffset(self) -> Offset | None:
        return None if self._newest is None else self._newest.to_offset()

    def metrics(self, latestConsumedOffset: Offset | None) -> Mapping[str, str]:
        if latestConsumedOffset is None or self._newest is None or self._newest.lsn is None:
            return {}
        consumed = position_of(latestConsumedOffset).lsn
        return {} if consumed is None else {"logBytesBehind": str(max(0, self._newest.lsn - consumed))}

    def partitions(self, start: Offset, end: Offset) -> Sequence[InputPartition]:
        begin, until = position_of(start), position_of(end)
        if begin == until or until.lsn is None:
            return []
        if begin.lsn is None:
            snapshot = self._rows_from_their_slot(until.lsn)
            return [ChangesPartition(until.lsn, until.lsn, checks_start=False, snapshot=snapshot)]
        with CONNECTIONS.to(self._settings.server) as connection:
            self._checked(connection, begin)
        return [ChangesPartition(begin.lsn, until.lsn, checks_start=not begin.of_rows)]

    def _exported(self) -> ExportedSnapshot:
        """The snapshot of the start; another one when the connection of the first is gone."""
        if self._export is not None and not self._export.holds(self._settings.server):
            self._export.close()
            self._export = None
        if self._export is None:
            self._export = ExportedSnapshot(self._settings)
        return self._export

    def _rows_from_their_slot(self, planned: int) -> str:
        """The snapshot of the rows, when the slot that stays has been made at its place.

        Before the end of the first batch was logged as `planned` there was no slot. Where this is not the
        snapshot that was planned, one that is there was made by a read of the rows that nobody has seen;
        where it is, it belongs to a driver that has taken over, and the server refuses a second one.
        """
        export = self._exported()
        if export is self._kept:
            return export.name
        settings = self._settings
        reached(f"{SLOT}:before")
        with CONNECTIONS.to(settings.server) as connection:
            if export.lsn != planned:
                slots.drop_slot(connection, settings.slot)
            export.keep_as(connection, settings.slot)
        self._kept = export
        reached(f"{SLOT}:after")
        return export.name

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        assert isinstance(partition, ChangesPartition)
        settings, shape = self._settings, self._table.shape
        if partition.snapshot is not None:
            yield from read_rows(
                settings,
                shape,
                partitioned=self._table.partitioned,
                snapshot=partition.snapshot,
                lsn=partition.start,
            )
            return
        decoder = Decoder(
            shape, partition.start, partition.end, ignores_new_columns=settings.ignores_new_columns
        )
        with CONNECTIONS.to(settings.server) as connection:
            for messages in slots.peek(connection, settings, partition.end):
                yield from decoder.feed(messages)
            # A slot only moves on: if it stands before the start now, it did all the time.
            status = slots.status_of(connection, settings.slot)
            require_kept(
                Position(status.system, partition.start, of_rows=not partition.checks_start),
                status,
                settings.slot,
            )

    def commit(self, end: Offset) -> None:
        until = position_of(end)
        if until.of_rows:
            self._let_export_go()
            return
        if until.lsn is None:
            return
        reached(f"{ADVANCE}:before")
        try:
            with CONNECTIONS.to(self._settings.server) as connection:
                status = slots.status_of(connection, self._settings.slot)
                if status.confirmed is not None and status.confirmed < until.lsn:
                    slots.advance(connection, self._settings.slot, until.lsn)
        except SourceUnavailable as error:
            # The batch is committed; the next one moves the slot on.
            _LOG.warning("the replication slot %r was not moved on: %s", self._settings.slot, error)
        reached(f"{ADVANCE}:after")

    def stop(self) -> None:
        self._let_export_go()
        CONNECTIONS.close(self._settings.server)

    def _let_export_go(self) -> None:
        if self._export is not None:
            self._export.close()
            self._export = self._kept = None


def _require_no_slot(status: SlotStatus, slot: str) -> None:
    if status.confirmed is None:
        return
    raise AnalysisException(
        f"there is a replication slot {slot!r} already, and this query has read nothing through it: it may "
        "be another reader's, or left behind. If nobody needs it: "
        f"SELECT pg_drop_replication_slot('{slot}'); to start with the changes that it keeps, without the "
        "rows of the table: startingPosition=latest"
    )
