from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from streamcore.errors import (
    AnalysisException,
    CheckpointMismatch,
    CommitFailed,
    CommitStateUnknown,
    IllegalArgumentException,
)
from streamcore.sinks.database.data_source import DatabaseSink
from streamcore.sinks.database.keys import last_of_each_key
from streamcore.sinks.database.loaders import upsert
from streamcore.sinks.database.outcome import failed, failed_in_commit, failed_to_connect
from streamcore.sinks.database.settings import TableName, read_settings
from streamcore.sinks.database.stream_writer import DatabaseStreamWriter
from streamcore.sinks.staging import stage_rows
from streamcore.spi.exactly_once import CommitRecord, QueryIdentity
from streamcore.spi.options import Options
from streamcore.spi.types import from_arrow_schema

_ROWS = pa.table({"k": ["a", "b"], "n": [1, 2]})


def _sink(folder: Path, **options: str) -> DatabaseSink:
    return DatabaseSink({"url": f"sqlite:///{folder}/x.db", "dbtable": "t", **options})


def _open(
    sink: DatabaseSink, mode: str = "append", table: pa.Table = _ROWS, query: str = "q"
) -> DatabaseStreamWriter:
    writer = sink.streamWriter(from_arrow_schema(table.schema), overwrite=False)
    writer.open(QueryIdentity(query, "r", mode))
    writer.last_committed()
    return writer


def _execute(folder: Path, sql: str) -> Any:
    engine = sa.create_engine(f"sqlite:///{folder}/x.db")
    with engine.begin() as connection:
        result = connection.exec_driver_sql(sql)
        rows = result.all() if result.returns_rows else []
    engine.dispose()
    return [tuple(row) for row in rows]


def _commit(writer: DatabaseStreamWriter, batch_id: int, table: pa.Table) -> None:
    writer.commit_batch([writer.write(iter(table.to_batches()))], CommitRecord("q", batch_id, "{}"))


# ---- what is shown and what is not ---------------------------------------------------------------


def _settings(**options: str) -> Any:
    return read_settings(Options({"dbtable": "t", **options}))


def test_secrets_are_in_no_repr_and_in_no_message() -> None:
    options = {"url": "postgresql://me:hunter2@127.0.0.1:1/db?sslpassword=s3cr3t", "dbtable": "t"}
    settings = read_settings(Options(options))
    for text in (
        repr(settings),
        repr(Options(options)),
        settings.place,
        repr(DatabaseSink(options)),
        settings.redact("hunter2 s3cr3t"),
    ):
        assert "hunter2" not in text
        assert "s3cr3t" not in text
    writer = DatabaseSink(options).streamWriter(from_arrow_schema(_ROWS.schema), overwrite=False)
    with pytest.raises(CommitFailed, match="cannot connect to postgresql") as raised:
        writer.open(QueryIdentity("q", "r", "append"))
    assert "hunter2" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_user_and_password_override_the_url() -> None:
    url = _settings(url="postgresql://a:b@h/d", user="me", password="secret").url
    assert (url.username, url.password, url.drivername) == ("me", "secret", "postgresql+psycopg")


def test_a_url_that_is_none_is_refused_without_showing_it() -> None:
    with pytest.raises(IllegalArgumentException, match="no SQLAlchemy URL") as raised:
        _settings(url="hunter2")
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("t", TableName(None, "t")),
        ("s.t", TableName("s", "t")),
        ('"my.schema"."Ta""ble"', TableName("my.schema", 'Ta"ble')),
    ],
)
def test_a_table_may_have_a_schema_and_quotes(text: str, name: TableName) -> None:
    assert read_settings(Options({"url": "sqlite://", "dbtable": text})).table == name


@pytest.mark.parametrize("text", ["", "a.b.c", "a..b", ".t"])
def test_other_table_names_are_refused(text: str) -> None:
    with pytest.raises(IllegalArgumentException, match="dbtable"):
        read_settings(Options({"url": "sqlite://", "dbtable": text}))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ()),
        ("a", ("a",)),
        (" a , b c,d", ("a", "b c", "d")),
        ('"a,b", `c,d` ,e', ("a,b", "c,d", "e")),
        ('" a ","say ""hi""",`tick``s`', (" a ", 'say "hi"', "tick`s")),
    ],
)
def test_key_columns_stand_between_commas_and_may_be_quoted(text: str, names: tuple[str, ...]) -> None:
    assert _settings(url="sqlite://", keyColumns=text).key_columns == names


@pytest.mark.parametrize("text", ["a,,b", ",", "a,", '"a', '"a"b', "a`b", '""', "a,a", '"a",a'])
def test_other_key_columns_are_refused(text: str) -> None:
    with pytest.raises(IllegalArgumentException, match="keyColumns"):
        _settings(url="sqlite://", keyColumns=text)


# ---- connections ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        "FATAL:  the database system is starting up",
        "FATAL:  the database system is not yet accepting connections DETAIL:  Consistent recovery state",
        "FATAL:  the database system is shutting down",
        "FATAL:  sorry, too many clients already",
    ],
)
def test_a_database_that_takes_no_connection_now_is_no_matter_of_options(said: str) -> None:
    error = failed_to_connect(OSError(said), _settings(url="postgresql://h/d"))
    assert isinstance(error, CommitFailed)
    assert "tried again" in str(error)
    assert "options" not in str(error)


@pytest.mark.parametrize(
    "said", ['FATAL:  password authentication failed for user "u"', 'FATAL:  database "d" does not exist']
)
def test_options_that_a_database_refuses_are_not_tried_again(said: str) -> None:
    error = failed_to_connect(OSError(said), _settings(url="postgresql://h/d"))
    assert isinstance(error, IllegalArgumentException)
    assert "Check the options url, user and password" in str(error)


def test_a_database_that_is_not_there_may_come(tmp_path: Path) -> None:
    error = failed_to_connect(OSError("Connection refused"), _settings(url="postgresql://h/d"))
    assert isinstance(error, CommitFailed)
    assert "See whether the database runs" in str(error)
    with pytest.raises(IllegalArgumentException, match="unable to open database file"):
        _open(_sink(tmp_path / "nowhere"))


# ---- tables --------------------------------------------------------------------------------------


def test_a_missing_table_is_made_with_its_keys_and_the_types_that_are_asked_for(tmp_path: Path) -> None:
    _open(_sink(tmp_path, keyColumns="k", createTableColumnTypes="n DECIMAL(5,1)"))
    ((sql,),) = _execute(tmp_path, "SELECT sql FROM sqlite_master WHERE name = 't'")
    assert "n NUMERIC(5, 1)" in sql
    assert "PRIMARY KEY (k)" in sql


def test_an_existing_table_that_does_not_fit_is_refused_by_column(tmp_path: Path) -> None:
    _execute(
        tmp_path,
        "CREATE TABLE t (k INTEGER, extra TEXT NOT NULL, fine TEXT, given TEXT NOT NULL DEFAULT 'x')",
    )
    with pytest.raises(AnalysisException) as raised:
        _open(_sink(tmp_path, keyColumns="k"))
    message = str(raised.value)
    assert "the column 'k' is INTEGER and cannot hold string" in message
    assert "it has no column 'n' (bigint)" in message
    assert "its column 'extra' is NOT NULL without a default" in message
    assert "no primary key or unique index over exactly (k)" in message
    assert "'fine'" not in message
    assert "'given'" not in message


def test_an_existing_table_with_a_unique_index_takes_upserts(tmp_path: Path) -> None:
    _execute(tmp_path, "CREATE TABLE t (n BIGINT, k TEXT, more TEXT)")
    _execute(tmp_path, "CREATE UNIQUE INDEX i ON t (k)")
    writer = _open(_sink(tmp_path, keyColumns="k"), "update")
    _commit(writer, 0, _ROWS)
    _commit(writer, 1, pa.table({"k": ["b"], "n": [3]}))
    assert sorted(_execute(tmp_path, "SELECT k, n, more FROM t")) == [("a", 1, None), ("b", 3, None)]


def test_two_queries_share_a_table_under_sink_names_of_their_own(tmp_path: Path) -> None:
    _commit(_open(_sink(tmp_path, sinkName="one")), 0, _ROWS)
    with pytest.raises(CheckpointMismatch, match="sinkName"):
        _open(_sink(tmp_path, sinkName="one"), query="q2")
    other = _open(_sink(tmp_path, sinkName="two"), query="q2")
    other.commit_batch([other.write(iter(_ROWS.to_batches()))], CommitRecord("q2", 0, "{}"))
    assert _execute(tmp_path, "SELECT count(*) FROM t") == [(4,)]


# ---- modes and keys ------------------------------------------------------------------------------


def test_update_mode_without_keys_is_refused_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(AnalysisException, match="needs the option keyColumns in update mode"):
        _open(_sink(tmp_path), "update")


def test_a_key_that_is_no_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AnalysisException, match="keyColumns names 'nope'"):
        _open(_sink(tmp_path, keyColumns="k,nope"))


def test_a_null_key_fails_the_batch_and_names_the_column(tmp_path: Path) -> None:
    writer = _open(_sink(tmp_path, keyColumns="k"), "update")
    with pytest.raises(CommitFailed, match="key column 'k' is null in 1 rows"):
        _commit(writer, 0, pa.table({"k": ["a", None], "n": [1, 2]}))
    assert writer.last_committed() is None
    _commit(writer, 0, _ROWS)
    assert sorted(_execute(tmp_path, "SELECT * FROM t")) == [("a", 1), ("b", 2)]


def test_keys_alone_are_enough_of_a_table(tmp_path: Path) -> None:
    table = pa.table({"k": ["a", "a", "b"]})
    writer = _open(_sink(tmp_path, keyColumns="k"), "update", table)
    _commit(writer, 0, table)
    _commit(writer, 1, table)
    assert sorted(_execute(tmp_path, "SELECT * FROM t")) == [("a",), ("b",)]


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 2), st.integers())))
def test_the_last_row_of_each_key_stays(rows: list[tuple[str, int, int]]) -> None:
    columns = [[row[i] for row in rows] for i in range(3)]
    types = (pa.string(), pa.int64(), pa.string())
    values = [columns[0], columns[1], [str(v) for v in columns[2]]]
    table = pa.table([pa.array(v, t) for v, t in zip(values, types, strict=True)], names=["p", "q", "v"])
    expected = {(p, q): str(v) for p, q, v in rows}
    found = last_of_each_key(table, ("p", "q")).to_pylist()
    assert len(found) == len(expected)
    assert {(row["p"], row["q"]): row["v"] for row in found} == expected


def test_mysql_upserts_by_its_own_statement_and_unknown_databases_are_refused() -> None:
    from sqlalchemy.dialects import mysql

    table = sa.Table("t", sa.MetaData(), sa.Column("k", sa.Text), sa.Column("n", sa.Integer))
    text = str(upsert("mysql", table, ("k",)).compile(dialect=mysql.dialect()))
    assert "ON DUPLICATE KEY UPDATE n = VALUES(n)" in text
    with pytest.raises(AnalysisException, match="keyColumns is not supported on oracle"):
        upsert("oracle", table, ("k",))


# ---- failures ------------------------------------------------------------------------------------


def test_a_batch_that_the_database_refuses_leaves_nothing_and_can_be_tried_again(tmp_path: Path) -> None:
    _execute(tmp_path, "CREATE TABLE t (k TEXT, n BIGINT CHECK (n < 10))")
    writer = _open(_sink(tmp_path))
    with pytest.raises(CommitFailed, match="CHECK constraint failed"):
        _commit(writer, 0, pa.table({"k": ["a", "b"], "n": [1, 99]}))
    assert _execute(tmp_path, "SELECT * FROM t") == []
    assert writer.last_committed() is None
    _commit(writer, 0, _ROWS)
    assert _execute(tmp_path, "SELECT * FROM t") == [("a", 1), ("b", 2)]


def test_a_database_that_stays_locked_fails_the_batch(tmp_path: Path) -> None:
    writer = _open(_sink(tmp_path, url=f"sqlite:///{tmp_path}/x.db?timeout=0.05"))
    engine = sa.create_engine(f"sqlite:///{tmp_path}/x.db")
    with engine.connect() as other:
        other.exec_driver_sql("BEGIN IMMEDIATE")
        with pytest.raises(CommitFailed, match="database is locked"):
            _commit(writer, 0, _ROWS)
    engine.dispose()
    _commit(writer, 0, _ROWS)
    assert _execute(tmp_path, "SELECT * FROM t") == [("a", 1), ("b", 2)]


class _ServerError(Exception):
    def __init__(self, sqlstate: str | None) -> None:
        super().__init__("gone")
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("sqlstate", "expected"),
    [
        ("40001", CommitFailed),  # serialization failure
        ("23505", CommitFailed),  # a deferred constraint
        ("57P01", CommitStateUnknown),  # the server is shutting down
        ("08006", CommitStateUnknown),  # the connection broke
        (None, CommitStateUnknown),  # no answer at all
    ],
)
def test_a_commit_has_failed_only_when_the_server_said_so(
    sqlstate: str | None, expected: type[Exception]
) -> None:
    error = failed_in_commit(_ServerError(sqlstate), _settings(url="postgresql://h/d"))
    assert type(error) is expected


# ---- values and names ----------------------------------------------------------------------------


@pytest.mark.parametrize("keys", ["", "k"])
def test_NaN_is_refused_by_sqlite_with_the_column_and_the_way_out(tmp_path: Path, keys: str) -> None:
    """SQLite would keep it as null."""
    table = pa.table({"k": ["a", "b"], "x": [1.0, float("nan")]})
    writer = _open(_sink(tmp_path, keyColumns=keys), "update" if keys else "append", table)
    with pytest.raises(CommitFailed, match=r"'x' holds NaN.*nanvl"):
        _commit(writer, 0, table)
    assert _execute(tmp_path, "SELECT count(*) FROM t") == [(0,)]
    fine = pa.table({"k": ["a", "b"], "x": [float("inf"), None]})
    _commit(writer, 0, fine)
    assert _execute(tmp_path, "SELECT x FROM t ORDER BY k") == [(float("inf"),), (None,)]


def test_names_with_signs_reach_sqlite_as_they_are(tmp_path: Path) -> None:
    table = pa.table({"a,b": ["x"], "50%": [1], "n%(x)s": [2]})
    sink = _sink(tmp_path, dbtable='"50% off"', keyColumns="`a,b`")
    for batch_id in (0, 1):
        _commit(writer := _open(sink, "update", table), batch_id, table)
        writer.close()
    assert _execute(tmp_path, 'SELECT * FROM "50% off"') == [("x", 1, 2)]


def test_NUL_in_text_has_its_own_way_out() -> None:
    error = _ServerError("22021")
    error.args = ('invalid byte sequence for encoding "UTF8": 0x00',)
    assert "F.translate" in str(failed(error, _settings(url="postgresql://h/d")))
    error.args = ('invalid byte sequence for encoding "UTF8": 0xff',)
    assert "may be tried again" in str(failed(error, _settings(url="postgresql://h/d")))


# ---- staging -------------------------------------------------------------------------------------


def test_rows_past_the_budget_spill_and_come_back_in_order(tmp_path: Path) -> None:
    table = pa.table({"k": [f"k{i}" for i in range(1000)], "n": range(1000)})
    staged = stage_rows(iter(table.to_batches(max_chunksize=100)), table.schema, budget_bytes=3000)
    assert staged.spilled is not None
    for _ in range(2):
        assert pa.concat_tables(staged.tables()).equals(table)
    staged.drop()
    writer = _open(_sink(tmp_path, stagingMemory="1000"), table=table)
    _commit(writer, 0, table)
    assert _execute(tmp_path, "SELECT count(*), sum(n) FROM t") == [(1000, 499500)]


def test_a_pickled_writer_can_stage_for_the_original(tmp_path: Path) -> None:
    writer = _open(_sink(tmp_path))
    copy = pickle.loads(pickle.dumps(writer))
    writer.commit_batch([copy.write(iter(_ROWS.to_batches()))], CommitRecord("q", 0, "{}"))
    assert _execute(tmp_path, "SELECT * FROM t") == [("a", 1), ("b", 2)]


# ---- batch ---------------------------------------------------------------------------------------


def test_a_batch_write_appends_and_replaces(tmp_path: Path) -> None:
    sink = _sink(tmp_path)
    assert not sink.exists()

    def save(table: pa.Table, *, overwrite: bool, **options: str) -> None:
        writer = _sink(tmp_path, **options).writer(from_arrow_schema(table.schema), overwrite=overwrite)
        writer.commit([writer.write(iter(table.to_batches()))])

    save(_ROWS, overwrite=False)
    save(_ROWS, overwrite=False)
    assert sink.exists()
    assert _execute(tmp_path, "SELECT count(*) FROM t") == [(4,)]
    save(_ROWS, overwrite=True, truncate="true")
    assert _execute(tmp_path, "SELECT * FROM t") == [("a", 1), ("b", 2)]
    save(pa.table({"other": [1.5]}), overwrite=True)
    assert _execute(tmp_path, "SELECT * FROM t") == [(1.5,)]
