"""What the changes of a PostgreSQL table look like, and what is refused; on a real server."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from sqlalchemy.engine import make_url

from streamcore.errors import (
    AnalysisException,
    MalformedRecordException,
    OffsetsLost,
    QueryExecutionException,
)
from tests.integration.sources.changes_reading import ChangesOf
from tests.services.postgres_databases import Database

Changes = Callable[..., ChangesOf]


@pytest.fixture
def changes(logical_postgres: Database) -> Iterator[Changes]:
    """Makes a reader of `things`, and closes it."""
    made: list[ChangesOf] = []

    def make(**options: str) -> ChangesOf:
        made.append(ChangesOf(logical_postgres, **options))
        return made[-1]

    yield make
    for one in made:
        one.reader.stop()


def _told(rows: list[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in ("_op", *names)) for row in rows]


def test_every_kind_of_change_has_its_letter(logical_postgres: Database, changes: Changes) -> None:
    run = logical_postgres.query
    run("CREATE TABLE things (id int PRIMARY KEY, word text)")
    read = changes()
    run("INSERT INTO things VALUES (1, 'one'), (2, 'two')")
    run("UPDATE things SET word = 'uno' WHERE id = 1")
    run("DELETE FROM things WHERE id = 2")
    run("TRUNCATE things")
    assert _told(read.next(), "id", "word") == [
        ("c", 1, "one"),
        ("c", 2, "two"),
        ("u", 1, "uno"),
        ("d", 2, None),
        ("t", None, None),
    ]


def test_changes_are_numbered_within_their_transaction(logical_postgres: Database, changes: Changes) -> None:
    run = logical_postgres.query
    run("CREATE TABLE things (id int PRIMARY KEY)")
    read = changes()
    before = dt.datetime.now(dt.UTC)
    run("INSERT INTO things SELECT generate_series(1, 3)")
    run("INSERT INTO things VALUES (4)")
    rows = read.next()
    assert [row["_seq"] for row in rows] == [0, 1, 2, 0]
    assert rows[0]["_lsn"] == rows[2]["_lsn"] < rows[3]["_lsn"]
    assert rows[0]["_xid"] == rows[2]["_xid"] != rows[3]["_xid"]
    assert all(abs(row["_commit_timestamp"] - before) < dt.timedelta(minutes=1) for row in rows)


def test_a_change_of_the_key_is_a_deletion_and_a_creation(
    logical_postgres: Database, changes: Changes
) -> None:
    run = logical_postgres.query
    run("CREATE TABLE things (id int PRIMARY KEY, word text)")
    run("INSERT INTO things VALUES (1, 'one'), (2, 'two')")
    read = changes()
    run("UPDATE things SET id = id + 10")
    run("ALTER TABLE things REPLICA IDENTITY FULL")
    run("UPDATE things SET id = 20 WHERE id = 11")
    run("UPDATE things SET word = 'zwei' WHERE id = 12")
    assert _told(read.next(), "id", "word") == [
        ("d", 1, None),
        ("c", 11, "one"),
        ("d", 2, None),
        ("c", 12, "two"),
        ("d", 11, "one"),
        ("c", 20, "one"),
        ("u", 12, "zwei"),
    ]


def test_a_value_that_is_stored_apart_and_was_not_changed_is_named(
    logical_postgres: Database, changes: Changes
) -> None:
    run = logical_postgres.query
    run("CREATE TABLE things (id int PRIMARY KEY, n int, body text)")
    run("ALTER TABLE things ALTER body SET STORAGE EXTERNAL")
    run("INSERT INTO things VALUES (1, 1, repeat('x', 10000))")
    read = changes()
    run("UPDATE things SET n = 2")
    run("ALTER TABLE things REPLICA IDENTITY FULL")
    run("UPDATE things SET n = 3")
    named, filled = read.next()
    assert (named["_op"], named["n"], named["body"], named["_unchanged"]) == ("u", 2, None, ["body"])
    assert (filled["_op"], filled["n"], filled["body"], filled["_unchanged"]) == ("u", 3, "x" * 10000, None)


def test_values_keep_their_types(logical_postgres: Database, changes: Changes) -> None:
    run = logical_postgres.query
    run("CREATE TYPE mood AS ENUM ('glad', 'so so')")
    run("CREATE DOMAIN price AS numeric(10, 2)")
    run(
        "CREATE TABLE things (id int PRIMARY KEY, b boolean, s smallint, l bigint, f real, d double "
        "precision, "
        "n numeric, p price, t text, v varchar(9), dt date, ts timestamp, tz timestamptz, tm time, "
        "bin bytea, j jsonb, u uuid, m mood, ints int[], texts text[], days date[], made int "
        "GENERATED ALWAYS AS (id + 1) STORED)"
    )
    read = changes()
    run(
        "INSERT INTO things VALUES (1, true, -7, 1234567890123, 1.5, 'NaN', 12.345, 9.99, E'a\\nb,\"ü', '', "
        "'2024-02-29', '2024-02-29 01:02:03.5', '2024-02-29 01:02:03.5+02', '01:02:03.25', '\\x00ff', "
        "'{\"a\": 1}', '7c9e6679-7425-40de-944b-e07fc1f90ae7', 'so so', '{1,NULL}', "
        "ARRAY['a,b', 'c\"d', '', 'NULL'], '{2024-02-29}')"
    )
    run("INSERT INTO things VALUES (2)")
    run(
        "INSERT INTO things VALUES (3, false, 1, 1, 'Infinity', '-Infinity', -0.5, 0, 'null', 'x', "
        "'infinity', "
        "'-infinity', 'infinity')"
    )
    full, empty, far = read.next()
    assert math.isnan(full.pop("d"))
    utc = dt.UTC
    assert {name: value for name, value in full.items() if not name.startswith("_")} == {
        "id": 1, "b": True, "s": -7, "l": 1234567890123, "f": 1.5,
        "n": Decimal("12.345").quantize(Decimal(10) ** -18),
        "p": Decimal("9.99"), "t": 'a\nb,"ü', "v": "", "dt": dt.date(2024, 2, 29),
        "ts": dt.datetime(2024, 2, 29, 1, 2, 3, 500000, utc),
        "tz": dt.datetime(2024, 2, 28, 23, 2, 3, 500000, utc),
        "tm": dt.time(1, 2, 3, 250000), "bin": b"\x00\xff", "j": '{"a": 1}',
        "u": "7c9e6679-7425-40de-944b-e07fc1f90ae7", "m": "so so", "ints": [1, None],
        "texts": ["a,b", 'c"d', "", "NULL"], "days": [dt.date(2024, 2, 29)],
    }  # fmt: skip
    assert {value for name, value in empty.items() if name != "id" and not name.startswith("_")} == {None}
    assert (far["f"], far["d"], far["t"]) == (math.inf, -math.inf, "null")
    assert (far["dt"], far["ts"].year, far["tz"].year) == (dt.date(9999, 12, 31), 1, 9999)


def test_the_rows_of_the_start_are_those_before_the_first_change(
    logical_postgres: Database, changes: Changes
) -> None:
    run = logical_postgres.query
    run("CREATE TABLE things (id int PRIMARY KEY, word text, tags text[])")
    run("INSERT INTO things VALUES (1, '', '{a}'), (2, NULL, NULL), (3, E'x\\ny\"z,', '{}')")
    read = changes(startingPosition="initial")
    end = read.ends()
    run("INSERT INTO things VALUES (4, 'later', NULL)")
    rows = read.between(read.at, end)
    assert sorted(_told(rows, "id", "word", "tags")) == [
        ("r", 1, "", ["a"]),
        ("r", 2, None, None),
        ("r", 3, 'x\ny"z,', []),
    ]
    read.reader.commit(end)
    read.at = end
    assert _told(read.next(), "id") == [("c", 4)]


def test_rows_of_one_column_that_is_null_are_rows(logical_postgres: Database, changes: Changes) -> None:
    run = logical_postgres.query
    run("CREATE TABLE things (word text)")
    run("ALTER TABLE things REPLICA IDENTITY FULL")
    run("INSERT INTO things VALUES (NULL), (''), (NULL)")
    assert [row["word"] for row in changes(startingPosition="initial").next()] == [None, "", None]


def test_a_first_read_that_was_broken_off_is_done_again_as_of_a_later_place(
    logical_postgres: Database, changes: Changes
) -> None:
    run = logical_postgres.query
    run("CREATE TABLE things (id int PRIMARY KEY)")
    run("INSERT INTO things VALUES (1)")
    read = changes(startingPosition="initial")
    end = read.ends()
    read.reader.partitions(read.at, end)
    read.reader.stop()
    run("INSERT INTO things VALUES (2)")
    again = changes(startingPosition="latest")
    rows = again.between(read.at, end)
    run("INSERT INTO things VALUES (3)")
    again.at = end
    assert sorted(_told([*rows, *again.next()], "id")) == [("c", 3), ("r", 1), ("r", 2)]


def test_a_driver_that_was_replaced_in_its_first_batch_leaves_the_slot_alone(
    logical_postgres: Database, changes: Changes
) -> None:
    run = logical_postgres.query
    run("CREATE TABLE things (id int PRIMARY KEY)")
    run("INSERT INTO things VALUES (1)")
    old = changes(startingPosition="initial")
    end = old.ends()
    new = changes(startingPosition="initial")
    assert _told(new.between(old.at, end), "id") == [("r", 1)]
    run("INSERT INTO things VALUES (2)")
    with pytest.raises(QueryExecutionException, match="already exists"):
        old.between(old.at, end)
    new.at = end
    assert _told(new.next(), "id") == [("c", 2)]


def test_a_slot_that_is_there_is_not_taken_for_a_first_read(
    logical_postgres: Database, changes: Changes
) -> None:
    logical_postgres.query("CREATE TABLE things (id int PRIMARY KEY)")
    read = changes()
    with pytest.raises(AnalysisException, match="pg_drop_replication_slot"):
        changes(startingPosition="initial")
    assert read.ends() == read.at


def test_a_transaction_that_is_open_comes_when_it_commits(
    logical_postgres: Database, changes: Changes
) -> None:
    logical_postgres.query("CREATE TABLE things (id int PRIMARY KEY)")
    read = changes()
    with psycopg.connect(_plain(logical_postgres)) as open_one:
        open_one.execute("INSERT INTO things VALUES (1)")
        logical_postgres.query("INSERT INTO things VALUES (2)")
        assert _told(read.next(), "id") == [("c", 2)]
        open_one.commit()
    assert _told(read.next(), "id") == [("c", 1)]


def test_the_log_of_what_was_committed_is_let_go(logical_postgres: Database, changes: Changes) -> None:
    run = logical_postgres.query
    run("CREATE TABLE things (id int PRIMARY KEY, body text)")
    read = changes()
    before = _restart_bytes(logical_postgres, read.slot)
    run("INSERT INTO things SELECT n, repeat('x', 100) FROM generate_series(1, 99) n")
    # What a server notes from time to time: from here on it may read the log. A new slot makes it do so.
    run("SELECT pg_create_logical_replication_slot('of_the_moment', 'pgoutput', true)")
    run("INSERT INTO things VALUES (100)")
    assert len(read.next()) == 100
    assert _restart_bytes(logical_postgres, read.slot) > before


def test_other_tables_make_no_batches_until_they_have_written_much(
    logical_postgres: Database, changes: Changes
) -> None:
    run = logical_postgres.query
    run("CREATE TABLE things (id int PRIMARY KEY)")
    run("CREATE TABLE others (body text)")
    read = changes()
    run("INSERT INTO others VALUES ('little')")
    assert read.ends() == read.at
    run("INSERT INTO others SELECT repeat('x', 1000) FROM generate_series(1, 18000)")
    end = read.ends()
    assert end != read.at
    assert read.between(read.at, end) == []


def test_a_column_that_was_added_is_refused_until_the_query_knows_it(
    logical_postgres: Database, changes: Changes
) -> None:
    run = logical_postgres.query
    run("CREATE TABLE things (id int PRIMARY KEY)")
    read, lenient = changes(), changes(newColumns="ignore")
    run("INSERT INTO things VALUES (1)")
    run("ALTER TABLE things ADD COLUMN word text")
    run("INSERT INTO things VALUES (2, 'two')")
    end = read.ends()
    with pytest.raises(AnalysisException, match="'word'"):
        read.between(read.at, end)
    assert _told(lenient.between(read.at, end), "id") == [("c", 1), ("c", 2)]
    again = changes()
    assert _told(again.between(read.at, end), "id", "word") == [("c", 1, None), ("c", 2, "two")]


def test_a_value_that_no_type_holds_is_refused_with_the_way_out(
    logical_postgres: Database, changes: Changes
) -> None:
    run = logical_postgres.query
    run("CREATE TABLE things (id int PRIMARY KEY, n numeric)")
    read = changes()
    run("INSERT INTO things VALUES (1, 'NaN')")
    end = read.ends()
    with pytest.raises(MalformedRecordException, match=r"customSchema = 'n STRING'"):
        read.between(read.at, end)
    as_text = changes(customSchema="n STRING")
    assert _told(as_text.between(read.at, end), "n") == [("c", "NaN")]


def test_a_slot_that_was_dropped_is_told(logical_postgres: Database, changes: Changes) -> None:
    run = logical_postgres.query
    run("CREATE TABLE things (id int PRIMARY KEY)")
    read = changes()
    run("SELECT pg_drop_replication_slot(%s)", [read.slot])
    with pytest.raises(OffsetsLost, match="not there any more"):
        read.ends()
    changes()  # makes it anew, later
    run("INSERT INTO things VALUES (1)")
    with pytest.raises(OffsetsLost, match="made it anew"):
        changes_after = read.ends()
        read.between(read.at, changes_after)


def test_a_table_whose_updates_could_not_be_told_is_refused(
    logical_postgres: Database, changes: Changes
) -> None:
    logical_postgres.query("CREATE TABLE things (id int)")
    with pytest.raises(AnalysisException, match="REPLICA IDENTITY FULL"):
        changes()
    # Nothing was published, so that the table can be updated.
    published = "SELECT FROM pg_publication_tables WHERE schemaname = current_schema()"
    assert logical_postgres.query(published) == []


def test_a_table_that_identifies_by_the_whole_row_is_read_without_a_key(
    logical_postgres: Database, changes: Changes
) -> None:
    run = logical_postgres.query
    run("CREATE TABLE things (id int, word text)")
    run("ALTER TABLE things REPLICA IDENTITY FULL")
    read = changes()
    run("INSERT INTO things VALUES (1, 'one')")
    run("UPDATE things SET word = 'uno'")
    run("DELETE FROM things")
    assert _told(read.next(), "id", "word") == [
        ("c", 1, "one"),
        ("d", 1, "one"),
        ("c", 1, "uno"),
        ("d", 1, "uno"),
    ]


@pytest.mark.parametrize(
    ("publication", "said"),
    [
        ("CREATE PUBLICATION {name} FOR TABLE others", "does not hold the table"),
        (
            "CREATE PUBLICATION {name} FOR TABLE things WITH (publish = 'insert')",
            "leaves kinds of changes out",
        ),
    ],
)
def test_a_publication_that_leaves_changes_out_is_refused(
    logical_postgres: Database, changes: Changes, publication: str, said: str
) -> None:
    logical_postgres.query("CREATE TABLE things (id int PRIMARY KEY)")
    logical_postgres.query("CREATE TABLE others (id int PRIMARY KEY)")
    name = f"partial_{logical_postgres.url.rpartition('_')[2]}"
    logical_postgres.query(publication.format(name=name))
    with pytest.raises(AnalysisException, match=said):
        changes(publicationName=name)


def test_the_changes_of_partitions_are_those_of_their_table(
    logical_postgres: Database, changes: Changes
) -> None:
    run = logical_postgres.query
    run("CREATE TABLE things (id int PRIMARY KEY) PARTITION BY RANGE (id)")
    run("CREATE TABLE low PARTITION OF things FOR VALUES FROM (0) TO (10)")
    run("CREATE TABLE high PARTITION OF things FOR VALUES FROM (10) TO (20)")
    run("INSERT INTO things VALUES (1)")
    read = changes(startingPosition="initial")
    assert _told(read.next(), "id") == [("r", 1)]
    run("INSERT INTO things VALUES (11)")
    run("UPDATE things SET id = 2 WHERE id = 11")
    assert _told(read.next(), "id") == [("c", 11), ("d", 11), ("c", 2)]


def test_what_two_tables_of_a_publication_do_is_told_apart(
    logical_postgres: Database, changes: Changes
) -> None:
    run = logical_postgres.query
    run("CREATE TABLE things (id int PRIMARY KEY)")
    run("CREATE TABLE others (id int PRIMARY KEY, word text)")
    run("CREATE PUBLICATION two_of_them FOR TABLE things, others")
    read = changes(publicationName="two_of_them")
    run("WITH o AS (INSERT INTO others VALUES (7, 'x')) INSERT INTO things VALUES (1)")
    run("TRUNCATE others")
    assert _told(read.next(), "id") == [("c", 1)]


def test_no_secret_is_shown(logical_postgres: Database, changes: Changes) -> None:
    logical_postgres.query("CREATE TABLE things (id int PRIMARY KEY)")
    read = changes()
    logical_postgres.query("INSERT INTO things VALUES (1)")
    password = str(make_url(logical_postgres.url).password)
    shown = [repr(part) for part in read.reader.partitions(read.at, read.ends())]
    shown += [read.source.describe(), repr(read.source._settings), repr(read.ends())]
    assert not any(password in text for text in shown)


def _plain(database: Database) -> str:
    return database.url.replace("postgresql+psycopg", "postgresql")


def _restart_bytes(database: Database, slot: str) -> int:
    asked = "SELECT (restart_lsn - '0/0'::pg_lsn)::bigint FROM pg_replication_slots WHERE slot_name = %s"
    return int(database.query(asked, [slot])[0][0])


@pytest.mark.soak
def test_a_slot_that_was_left_too_far_behind_is_told(private_postgres: Database) -> None:
    run = private_postgres.query
    run("CREATE TABLE things (id int PRIMARY KEY, body text)")
    read = ChangesOf(private_postgres)
    run("ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'")
    run("ALTER SYSTEM SET max_wal_size = '32MB'")
    run("SELECT pg_reload_conf()")
    try:
        run("INSERT INTO things VALUES (0, 'x')")
        end = read.ends()
        for first in range(1, 90_000, 30_000):
            run(
                "INSERT INTO things SELECT n, repeat('x', 1000) FROM generate_series(%s::int, %s::int) n",
                [first, first + 29_999],
            )
            run("CHECKPOINT")
        with pytest.raises(OffsetsLost, match="max_slot_wal_keep_size"):
            read.ends()
        with pytest.raises(OffsetsLost):
            read.between(read.at, end)
    finally:
        run("ALTER SYSTEM RESET ALL")
        run("SELECT pg_reload_conf()")
        read.reader.stop()
        run("SELECT pg_drop_replication_slot(%s)", [read.slot])
