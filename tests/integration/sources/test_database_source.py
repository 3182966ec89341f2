"""Tables that are followed by a column: what commits late is not lost, and what could be is refused."""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from streamcore.errors import AnalysisException, CheckpointMismatch, IllegalArgumentException
from streamcore.sources.database.source import DatabaseDataSource
from streamcore.spi.datasource import Offset
from streamcore.spi.exactly_once import Guarantee, guarantee_of
from streamcore.spi.limits import ReadAllAvailable
from tests.services.postgres_databases import Database


class Following:
    """A reader of the table `things`, and where it has come to."""

    def __init__(self, url: str, **options: str) -> None:
        source = DatabaseDataSource({"url": url, "dbtable": "things"} | options)
        self.reader: Any = source.streamReader(source.schema())
        self.at: Offset = self.reader.initialOffset()

    def next(self) -> list[Any]:
        """The first values of the rows of the next batch, sorted."""
        end = self.reader.latestOffset(self.at, ReadAllAvailable())
        parts = self.reader.partitions(self.at, end)
        self.at = end
        return sorted(row[0] for part in parts for row in self.reader.read(part))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with sqlite3.connect(tmp_path / "db") as connection:
        connection.execute(
            "CREATE TABLE things (id INTEGER PRIMARY KEY, n INTEGER, price DECIMAL(9,2) NOT NULL, "
            "day DATE NOT NULL, word TEXT NOT NULL, at DATETIME NOT NULL)"
        )
        rows = [
            (i, i, Decimal(i).__str__(), f"2024-01-0{i}", "w", f"2024-01-0{i} 00:00:00.000000")
            for i in range(1, 6)
        ]
        connection.executemany("INSERT INTO things VALUES (?, ?, ?, ?, ?, ?)", rows)
    return tmp_path / "db"


def test_a_row_that_commits_late_with_a_low_number_is_read(logical_postgres: Database) -> None:
    logical_postgres.query(
        "CREATE TABLE things (word text, tx xid8 NOT NULL DEFAULT pg_current_xact_id(), id serial)"
    )
    following = Following(logical_postgres.url, incrementColumn="tx")
    plain = logical_postgres.url.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(plain) as slow:
        slow.execute("INSERT INTO things VALUES ('early, late')")
        logical_postgres.query("INSERT INTO things VALUES ('between')")
        # What has committed waits for what may still come below it.
        assert following.next() == []
        slow.commit()
    assert following.next() == ["between", "early, late"]
    assert following.next() == []
    following.reader.stop()


def test_rows_are_read_when_the_longest_transaction_must_be_over(logical_postgres: Database) -> None:
    logical_postgres.query("CREATE TABLE things (word text, at timestamptz NOT NULL DEFAULT now())")
    logical_postgres.query("INSERT INTO things VALUES ('old', now() - interval '2 hours'), ('new', now())")
    following = Following(logical_postgres.url, incrementColumn="at", commitDelay="1h")
    assert following.next() == ["old"]
    assert following.next() == []
    following.reader.stop()


@pytest.mark.parametrize("column", ["price", "day", "at", "id"])
def test_numbers_dates_and_times_are_followed(path: Path, column: str) -> None:
    following = Following(
        f"sqlite:///{path}",
        incrementColumn=column,
        commitOrdered="true",
        maxRowsPerTrigger="2",
        numPartitions="2",
    )
    end = following.reader.latestOffset(following.at, following.reader.getDefaultReadLimit())
    parts = following.reader.partitions(following.at, end)
    assert sorted(row[0] for part in parts for row in following.reader.read(part)) == [1, 2]
    following.at = end
    assert following.next() == [3, 4, 5]
    assert following.next() == []
    following.reader.stop()


def test_a_query_that_starts_at_the_end_reads_what_comes(path: Path) -> None:
    told = {"incrementColumn": "id", "commitOrdered": "true", "startingPosition": "latest"}
    following = Following(f"sqlite:///{path}", **told)
    assert following.next() == []
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO things VALUES (6, 6, '6', '2024-01-06', 'w', '2024-01-06 00:00:00')")
    assert following.next() == [6]
    following.reader.stop()


def test_rows_that_change_are_read_at_least_once_and_others_exactly_once(path: Path) -> None:
    told = {"incrementColumn": "id", "commitOrdered": "true"}
    added = Following(f"sqlite:///{path}", **told)
    changed = Following(f"sqlite:///{path}", updates="allowed", **told)
    assert guarantee_of(added.reader) is Guarantee.EXACTLY_ONCE
    assert guarantee_of(changed.reader) is Guarantee.AT_LEAST_ONCE


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"incrementColumn": "id"}, "rows could be lost"),
        ({"incrementColumn": "n", "commitOrdered": "true"}, "may be null"),
        ({"incrementColumn": "word", "commitOrdered": "true"}, "only numbers, dates, times"),
        ({"incrementColumn": "at", "commitDelay": "30s"}, "timestamptz"),
        ({"incrementColumn": "other", "commitOrdered": "true"}, "no column of"),
    ],
)
def test_what_could_lose_rows_is_refused(path: Path, options: dict[str, str], said: str) -> None:
    with pytest.raises(AnalysisException, match=said):
        Following(f"sqlite:///{path}", **options)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "incrementColumn"),
        ({"incrementColumn": "id", "commitDelay": "soon"}, "commitDelay='soon'"),
        ({"incrementColumn": "id", "comitOrdered": "true"}, "did you mean 'commitOrdered'"),
        ({"incrementColumn": "id", "dbtable": "a.b.c"}, "schema.table"),
    ],
)
def test_options_that_are_wrong_are_named(options: dict[str, str], said: str) -> None:
    with pytest.raises(IllegalArgumentException, match=said):
        DatabaseDataSource({"url": "sqlite://", "dbtable": "things"} | options)


def test_a_promise_about_a_transaction_number_is_refused(logical_postgres: Database) -> None:
    logical_postgres.query("CREATE TABLE things (tx xid8 NOT NULL DEFAULT pg_current_xact_id())")
    with pytest.raises(AnalysisException, match="leave out"):
        Following(logical_postgres.url, incrementColumn="tx", commitOrdered="true")


def test_an_offset_of_another_kind_is_refused(path: Path) -> None:
    following = Following(f"sqlite:///{path}", incrementColumn="day", commitOrdered="true")
    with pytest.raises(CheckpointMismatch, match="no date"):
        following.reader.partitions({"value": 7}, {"value": "2024-01-01"})
