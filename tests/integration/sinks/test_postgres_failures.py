"""The database sink against a PostgreSQL server that dies in the middle of a batch."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
import sqlalchemy as sa

from streamcore.errors import (
    AnalysisException,
    CheckpointFenced,
    CommitFailed,
    CommitStateUnknown,
    IllegalArgumentException,
)
from streamcore.sinks.database.data_source import DatabaseSink
from streamcore.sinks.database.stream_writer import COMMIT, ROWS, DatabaseStreamWriter
from streamcore.spi import steps
from streamcore.spi.exactly_once import CommitRecord, QueryIdentity
from streamcore.spi.types import from_arrow_schema
from tests.services.fixtures import PrivateDatabase
from tests.services.postgres_databases import Database

pytestmark = pytest.mark.integration

_FIRST = pa.table({"k": ["a", "b"], "n": [1, 2]})
_SECOND = pa.table({"k": ["b", "c"], "n": [3, 4]})


@pytest.fixture(params=["append", "update"])
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(autouse=True)
def _nothing_listens() -> Any:
    yield
    steps.listen(None)


def _open(url: str, mode: str, run: str = "r") -> DatabaseStreamWriter:
    keys = {"keyColumns": "k"} if mode == "update" else {}
    sink = DatabaseSink({"url": url, "dbtable": "out", **keys})
    writer = sink.streamWriter(from_arrow_schema(_FIRST.schema), overwrite=False)
    writer.open(QueryIdentity("q", run, mode))
    return writer


def _commit(writer: DatabaseStreamWriter, batch_id: int, table: pa.Table) -> None:
    messages: list[Any] = [writer.write(iter(table.to_batches()))]
    writer.commit_batch(messages, CommitRecord("q", batch_id, f'{{"batch":{batch_id}}}'))


def _rows(url: str) -> list[tuple[Any, ...]]:
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        return sorted(tuple(row) for row in connection.exec_driver_sql("SELECT k, n FROM out"))


def _expected(mode: str, *, second: bool) -> list[tuple[Any, ...]]:
    rows = [("a", 1), ("b", 2), ("b", 3), ("c", 4)] if second else [("a", 1), ("b", 2)]
    return [row for row in rows if row != ("b", 2)] if second and mode == "update" else rows


def _kill_at(database: PrivateDatabase, point: str) -> None:
    def listener(reached: str) -> None:
        if reached == point:
            steps.listen(None)
            database.server.kill()

    steps.listen(listener)


@pytest.mark.parametrize("point", [f"{ROWS}:before", f"{ROWS}:after"])
def test_a_server_that_dies_before_the_commit_has_failed_the_batch_which_is_then_tried_again(
    private_postgres: PrivateDatabase, mode: str, point: str
) -> None:
    writer = _open(private_postgres.url, mode)
    writer.last_committed()
    _commit(writer, 0, _FIRST)
    # After the rows, the next thing that the writer says to the server is COMMIT.
    _kill_at(private_postgres, point)
    expected = CommitFailed if point.endswith("before") else (CommitFailed, CommitStateUnknown)
    with pytest.raises(expected) as raised:
        _commit(writer, 1, _SECOND)
    assert "out in postgresql" in str(raised.value)
    with pytest.raises(CommitFailed, match=r"cannot connect|not written"):
        _commit(writer, 1, _SECOND)
    private_postgres.server.start()
    assert _rows(private_postgres.url) == _expected(mode, second=False)
    restarted = _open(private_postgres.url, mode, "next")
    assert restarted.last_committed() == CommitRecord("q", 0, '{"batch":0}')
    _commit(restarted, 1, _SECOND)
    assert _rows(private_postgres.url) == _expected(mode, second=True)


def test_the_same_writer_goes_on_when_the_server_is_back(
    private_postgres: PrivateDatabase, mode: str
) -> None:
    writer = _open(private_postgres.url, mode)
    writer.last_committed()
    _commit(writer, 0, _FIRST)
    private_postgres.server.kill()
    private_postgres.server.start()
    with pytest.raises(CommitFailed):
        _commit(writer, 1, _SECOND)
    _commit(writer, 1, _SECOND)
    assert _rows(private_postgres.url) == _expected(mode, second=True)


def test_a_connection_that_breaks_during_commit_leaves_the_outcome_to_the_ledger(
    postgres: Database, mode: str
) -> None:
    writer = _open(postgres.url, mode)
    writer.last_committed()
    _commit(writer, 0, _FIRST)
    # The answer to COMMIT never arrives: the server takes it, the socket is gone.
    _break_connection_at(writer, f"{COMMIT}:before")
    with pytest.raises(CommitStateUnknown, match="asks the ledger"):
        _commit(writer, 1, _SECOND)
    restarted = _open(postgres.url, mode, "next")
    found = restarted.last_committed()
    assert found is not None
    if found.batch_id == 0:
        _commit(restarted, 1, _SECOND)
    with pytest.raises(CheckpointFenced):
        _commit(restarted, 1, _SECOND)
    assert _rows(postgres.url) == _expected(mode, second=True)


def _break_connection_at(writer: DatabaseStreamWriter, point: str) -> None:
    def listener(reached: str) -> None:
        if reached == point:
            steps.listen(None)
            session = writer._opened()
            driver: Any = session.connection().connection.driver_connection
            _shut(driver.fileno())

    steps.listen(listener)


def _shut(descriptor: int) -> None:
    import os
    import socket

    broken = socket.socket(fileno=os.dup(descriptor))
    broken.shutdown(socket.SHUT_RDWR)
    broken.close()


def test_two_runs_at_once_leave_each_batch_once(postgres: Database, mode: str) -> None:
    old = _open(postgres.url, mode, "old")
    old.last_committed()
    _commit(old, 0, _FIRST)
    new = _open(postgres.url, mode, "new")
    new.last_committed()
    with pytest.raises(CheckpointFenced, match="another run"):
        _commit(old, 1, _SECOND)
    _commit(new, 1, _SECOND)
    assert _rows(postgres.url) == _expected(mode, second=True)


def test_copy_takes_text_that_looks_like_its_own_marks(postgres: Database) -> None:
    texts = ["\\.", "\\N", "", '"', ",", "a\nb", "a\r\nb", "\t", "\\", "'", "NULL", None]
    table = pa.table({"k": pa.array(texts), "n": pa.array(range(len(texts)), pa.int64())})
    writer = _open(postgres.url, "append")
    writer.last_committed()
    _commit(writer, 0, table)
    engine = sa.create_engine(postgres.url, poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT k FROM out ORDER BY n").scalars().all()
    assert list(found) == texts


_ODD = pa.table({"a,b": ["x", "y"], "50%": [1, 2], "n%(x)s": [3, 4]})


def _write_odd(url: str, mode: str, table: pa.Table = _ODD, **options: str) -> None:
    sink = DatabaseSink({"url": url, "dbtable": '"50%s off"', **options})
    writer = sink.streamWriter(from_arrow_schema(table.schema), overwrite=False)
    writer.open(QueryIdentity("q", "r", mode))
    last = writer.last_committed()
    messages: list[Any] = [writer.write(iter(table.to_batches()))]
    writer.commit_batch(messages, CommitRecord("q", last.batch_id + 1 if last else 0, "{}"))
    writer.close()


def test_names_with_signs_reach_the_server_as_they_are(postgres: Database, mode: str) -> None:
    keys = {"keyColumns": "`a,b`"} if mode == "update" else {}
    for _ in range(2):
        _write_odd(postgres.url, mode, **keys)
    rows = [("x", 1, 3), ("y", 2, 4)]
    assert sorted(postgres.query('SELECT * FROM "50%s off"')) == sorted(rows if keys else rows * 2)


def test_names_that_the_server_would_cut_off_are_refused(postgres: Database) -> None:
    for options, table in (({"dbtable": "t" * 64}, _ODD), ({}, pa.table({"n" * 62 + "\u00fc": [1]}))):
        with pytest.raises(
            AnalysisException, match=r"has 64 bytes, and postgresql takes 63: give it a shorter"
        ):
            _write_odd(postgres.url, "append", table, **options)
    with pytest.raises(AnalysisException, match="ledgerTable"):
        _write_odd(postgres.url, "append", ledgerTable="l" * 64)


@pytest.mark.parametrize("value", ["a\0b", ["a\0b"]])
def test_NUL_in_text_is_refused_with_the_way_out(postgres: Database, value: Any) -> None:
    with pytest.raises(CommitFailed, match=r"keeps no NUL in text: take it out, F\.translate"):
        _write_odd(postgres.url, "append", pa.table({"k": [value]}))


def test_options_that_the_server_refuses_are_told_at_once(postgres: Database) -> None:
    with pytest.raises(IllegalArgumentException, match="Check the options url, user and password"):
        _write_odd(postgres.url, "append", password="wrong", user="nobody")
