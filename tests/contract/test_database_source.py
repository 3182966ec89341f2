"""The laws of `streamcore.testing.source_contract`, over tables that are followed by a column."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from streamcore.sources.database.source import DatabaseDataSource
from streamcore.spi.types import StructType
from streamcore.testing.source_contract import SourceContract, SourceHarness
from tests.services.postgres_databases import Database


class FollowingHarness(SourceHarness):
    """Every addition is made of transactions of two rows at most."""

    def __init__(self, options: dict[str, str]) -> None:
        self._options = options
        self._readers: list[Any] = []
        self._next = 0

    def _source(self, **extra: str) -> DatabaseDataSource:
        return DatabaseDataSource(self._options | {"dbtable": "things"} | extra)

    def _reader(self, **extra: str) -> Any:
        reader = self._source(**extra).streamReader(self.schema())
        self._readers.append(reader)
        return reader

    def reader(self) -> Any:
        return self._reader(numPartitions="3")

    def limited_reader(self, rows: int) -> Any:
        return self._reader(maxRowsPerTrigger=str(rows))

    def schema(self) -> StructType:
        return self._source().schema()

    def add(self, rows: int) -> None:
        end = self._next + rows
        while self._next < end:
            until = min(self._next + 2, end)
            self.insert(range(self._next, until))
            self._next = until

    def insert(self, numbers: range) -> None:
        raise NotImplementedError

    def close(self) -> None:
        for reader in self._readers:
            reader.stop()


class InSqlite(FollowingHarness):
    def __init__(self, path: Path) -> None:
        self._path = path
        url = f"sqlite:///{path}"
        super().__init__({"url": url, "incrementColumn": "id", "commitOrdered": "true"})
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE things (id INTEGER PRIMARY KEY, word TEXT)")

    def insert(self, numbers: range) -> None:
        with sqlite3.connect(self._path) as connection:
            connection.executemany("INSERT INTO things (word) VALUES (?)", [(str(n),) for n in numbers])


class InPostgres(FollowingHarness):
    def __init__(self, database: Database) -> None:
        super().__init__({"url": database.url, "incrementColumn": "tx"})
        self._database = database
        database.query(
            "CREATE TABLE things (word text, tx xid8 NOT NULL DEFAULT pg_current_xact_id(), at timestamptz "
            "NOT NULL DEFAULT now())"
        )

    def insert(self, numbers: range) -> None:
        self._database.query(
            "INSERT INTO things SELECT generate_series(%s::int, %s::int)", [numbers.start, numbers.stop - 1]
        )


class TestARowNumberInSqlite(SourceContract):
    @pytest.fixture
    def harness(self, tmp_path: Path) -> Iterator[SourceHarness]:
        harness = InSqlite(tmp_path / "db")
        yield harness
        harness.close()


class TestATransactionNumberInPostgres(SourceContract):
    @pytest.fixture
    def harness(self, logical_postgres: Database) -> Iterator[SourceHarness]:
        harness = InPostgres(logical_postgres)
        yield harness
        harness.close()
