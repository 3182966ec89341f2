"""The format jdbc: tables and queries of a database, read whole and in parts, and written."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from streamcore.errors import AnalysisException, IllegalArgumentException, StreamcoreError
from streamcore.sources.jdbc.settings import read_settings
from streamcore.sources.jdbc.source import JdbcDataSource
from streamcore.spi.jdbc_url import database_url, sqlalchemy_url
from streamcore.spi.options import Options
from streamcore.spi.row import Row
from streamcore.sql.session import Session

NOON = dt.datetime(2020, 1, 1, 12)  # noqa: DTZ001 - naive, as PySpark's
ITEMS = [(n, f"it's {n}", n / 2) for n in range(10)]


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session.builder.master("local[2]").appName("jdbc").create() as made:
        yield made


@pytest.fixture
def url(tmp_path: Path) -> str:
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as connection:
        connection.execute(
            'CREATE TABLE items (id INTEGER, "the name" TEXT, price REAL, day DATE, cost DECIMAL(10, 2))'
        )
        connection.executemany("INSERT INTO items (id, 'the name', price) VALUES (?, ?, ?)", ITEMS)
        connection.execute("UPDATE items SET day = '2020-01-02', cost = 1.5 WHERE id = 3")
        connection.execute("INSERT INTO items (price) VALUES (7.0)")
    return f"jdbc:sqlite:{path}"


def test_a_table_is_read_with_the_types_of_its_columns(session: Session, url: str) -> None:
    df = session.read.jdbc(url, "items")
    assert df.schema.simpleString() == (
        "struct<id:int,the name:string,price:float,day:date,cost:decimal(10,2)>"
    )
    (found,) = df.filter("id = 3").collect()
    assert tuple(found) == (3, "it's 3", 1.5, dt.date(2020, 1, 2), Decimal("1.50"))


def test_ranges_divide_the_rows_and_drop_none(session: Session, url: str) -> None:
    df = session.read.jdbc(url, "items", "id", 2, 8, 3, properties={"fetchsize": "2"})
    assert df.rdd.getNumPartitions() == 3
    parts = [[row.id for row in part] for part in df.select("id").rdd.glom().collect()]
    assert parts == [[0, 1, 2, 3, None], [4, 5], [6, 7, 8, 9]]


def test_predicates_are_parts(session: Session, url: str) -> None:
    df = session.read.jdbc(url, "items", predicates=["id < 2", "id = 9"])
    assert [[row.id for row in part] for part in df.rdd.glom().collect()] == [[0, 1], [9]]


@pytest.mark.parametrize(
    "options",
    [
        {"query": "SELECT id, 1.5 AS x FROM items WHERE id < 2"},
        {"dbtable": "(SELECT id, 1.5 AS x FROM items WHERE id < 2) AS few"},
    ],
)
def test_a_query_is_read(session: Session, url: str, options: dict[str, str]) -> None:
    df = session.read.format("jdbc").option("url", url).options(**options).load()
    assert df.collect() == [Row(id=0, x=1.5), Row(id=1, x=1.5)]


def test_types_may_be_given(session: Session, url: str) -> None:
    df = session.read.jdbc(url, "items", properties={"customSchema": "id STRING, price DOUBLE"})
    assert df.first() == Row(id="0", **{"the name": "it's 0"}, price=0.0, day=None, cost=None)


def test_what_is_written_is_read_again(session: Session, url: str) -> None:
    rows = session.createDataFrame([(1, "o'clock", NOON)], "n int, s string, t timestamp")
    rows.write.jdbc(url, "made", properties={"driver": "org.sqlite.JDBC", "batchsize": "1"})
    assert session.read.jdbc(url, "made").collect() == rows.collect()
    rows.write.jdbc(url, "made", "append")
    assert session.read.jdbc(url, "made").count() == 2
    rows.write.mode("overwrite").option("truncate", True).jdbc(url, "made")
    assert session.read.jdbc(url, "made").count() == 1
    with pytest.raises(AnalysisException, match="already exists"):
        rows.write.jdbc(url, "made")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "`dbtable` or `query` is required"),
        ({"dbtable": "items", "query": "SELECT 1"}, "can not be specified at the same time"),
        ({"dbtable": "items", "partitionColumn": "id"}, "all or none"),
        ({"dbtable": "a.b.c"}, "must be table"),
        ({"dbtable": "items", "driver": "org.postgresql.Driver"}, "names no driver"),
        ({"dbtable": "items", "pushDownLimit": "true"}, "pushDownLimit"),
    ],
)
def test_options_that_make_no_sense_are_refused(url: str, options: dict[str, str], message: str) -> None:
    with pytest.raises(IllegalArgumentException, match=message):
        JdbcDataSource({"url": url, **options})


def test_a_column_without_bounds_or_order_is_refused(session: Session, url: str) -> None:
    with pytest.raises(AnalysisException, match="needs lowerBound"):
        session.read.jdbc(url, "items", "id")
    with pytest.raises(StreamcoreError, match="larger than the upper bound"):
        session.read.jdbc(url, "items", "id", 9, 1, 2).collect()
    with pytest.raises(StreamcoreError, match="numeric, date, or timestamp"):
        session.read.jdbc(url, "items", "the name", 1, 9, 2).collect()


def test_a_table_that_is_not_there_is_named(session: Session, tmp_path: Path) -> None:
    with pytest.raises(AnalysisException, match="cannot read nothing in sqlite"):
        session.read.jdbc(f"jdbc:sqlite:{tmp_path}/no.db", "nothing")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("jdbc:postgresql://h:5432/d", "postgresql://h:5432/d"),
        ("jdbc:sqlite::memory:", "sqlite:///:memory:"),
        ("sqlite:///a.db", "sqlite:///a.db"),
    ],
)
def test_jdbc_urls_are_translated(text: str, found: str) -> None:
    assert sqlalchemy_url(text) == found


def test_a_user_in_the_url_is_taken_for_the_connection() -> None:
    url = database_url(Options({"url": "jdbc:postgresql://h/d?user=me&password=pw&sslmode=require"}), "jdbc")
    assert (url.username, url.password, dict(url.query)) == ("me", "pw", {"sslmode": "require"})
    assert url.drivername == "postgresql+psycopg"


def test_settings_hide_the_password() -> None:
    settings: Any = read_settings(
        Options({"url": "jdbc:postgresql://h/d", "dbtable": "t", "user": "me", "password": "s3cret"})
    )
    assert "s3cret" not in repr(settings) + settings.place
