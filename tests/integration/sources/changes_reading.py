"""Reading the changes of a table without a query around it."""

from __future__ import annotations

from typing import Any

from streamcore.sources.postgres_changes.source import PostgresChangesDataSource
from streamcore.spi.datasource import Offset
from streamcore.spi.limits import ReadAllAvailable
from tests.services.postgres_databases import Database


class ChangesOf:
    """A reader of the table `things`, and where it has come to; `next` commits what it gives."""

    def __init__(self, database: Database, **options: str) -> None:
        self.slot = f"slot_{database.url.rpartition('_')[2]}"
        told = {"url": database.url, "dbtable": "things", "slotName": self.slot, "startingPosition": "latest"}
        self.source = PostgresChangesDataSource(told | options)
        self.reader: Any = self.source.streamReader(self.source.schema())
        self.at: Offset = self.reader.initialOffset()

    def ends(self) -> Offset:
        """The end of the next batch."""
        end: Offset = self.reader.latestOffset(self.at, ReadAllAvailable())
        return end

    def between(self, start: Offset, end: Offset) -> list[dict[str, Any]]:
        """The changes of a range."""
        return [
            row
            for part in self.reader.partitions(start, end)
            for batch in self.reader.read(part)
            for row in batch.to_pylist()
        ]

    def next(self) -> list[dict[str, Any]]:
        """The changes of the next batch."""
        end = self.ends()
        rows = self.between(self.at, end)
        self.reader.commit(end)
        self.at = end
        return rows
