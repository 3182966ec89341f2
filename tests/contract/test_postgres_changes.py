"""The laws of `streamcore.testing.source_contract`, over the changes of a PostgreSQL table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from streamcore.sources.postgres_changes.source import PostgresChangesDataSource
from streamcore.spi.types import StructType
from streamcore.testing.source_contract import SourceContract, SourceHarness
from tests.services.postgres_databases import Database


class ChangesHarness(SourceHarness):
    """Every addition is made of transactions of two rows at most."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._readers: list[Any] = []
        self._next = 0
        database.query("CREATE TABLE things (id bigint PRIMARY KEY, word text)")

    def _source(self, **extra: str) -> PostgresChangesDataSource:
        options = {
            "url": self._database.url,
            "dbtable": "things",
            "slotName": f"slot_{self._database.url.rpartition('_')[2]}",
            "startingPosition": "latest",
        }
        return PostgresChangesDataSource(options | extra)

    def _reader(self, **extra: str) -> Any:
        reader = self._source(**extra).streamReader(self.schema())
        self._readers.append(reader)
        return reader

    def reader(self) -> Any:
        return self._reader()

    def limited_reader(self, rows: int) -> Any:
        return self._reader(maxChangesPerTrigger=str(rows))

    def schema(self) -> StructType:
        return self._source().schema()

    def add(self, rows: int) -> None:
        end = self._next + rows
        while self._next < end:
            until = min(self._next + 2, end)
            self._database.query(
                "INSERT INTO things SELECT n, 'word ' || n FROM generate_series(%s::int, %s::int) AS n",
                [self._next, until - 1],
            )
            self._next = until

    def forgets_what_was_committed(self) -> bool:
        return True

    def close(self) -> None:
        for reader in self._readers:
            reader.stop()


class TestPostgresChanges(SourceContract):
    @pytest.fixture
    def harness(self, logical_postgres: Database) -> Iterator[SourceHarness]:
        harness = ChangesHarness(logical_postgres)
        yield harness
        harness.close()
