"""Changes written to a table: it becomes what they leave of it, batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streamcore.errors import AnalysisException, CommitFailed, IllegalArgumentException
from streamcore.sinks.database.data_source import DatabaseSink
from streamcore.spi.datasource import WriterCommitMessage
from streamcore.spi.exactly_once import CommitRecord, QueryIdentity
from streamcore.spi.types import parse_ddl, to_arrow_schema
from tests.services.postgres_databases import Database

DDL = (
    "id int, part string, n bigint, body string, _op string, _lsn bigint, _seq bigint, "
    "_unchanged array<string>"
)
Change = tuple[Any, ...]


class Mirror:
    """A table that takes batches of changes."""

    def __init__(self, url: str, query: Callable[[str], list[Any]], ddl: str = DDL, **options: str) -> None:
        told = {"url": url, "dbtable": "copy", "keyColumns": "id,part", "opColumn": "_op"}
        self._schema = parse_ddl(ddl)
        self._sink = DatabaseSink(told | options)
        self._writer = self._sink.streamWriter(self._schema, overwrite=False)
        self._writer.open(QueryIdentity("query", "run", "append"))
        self._writer.last_committed()
        self._query = query
        self._batch = 0

    def take(self, *tasks: Sequence[Change]) -> None:
        """Commits a batch; each list of changes is what one task writes."""
        staged: list[WriterCommitMessage] = [self._writer.write(self._batches(one)) for one in tasks]
        self._writer.commit_batch(staged, CommitRecord("query", self._batch, "{}"))
        self._batch += 1

    def write(self, changes: Sequence[Change]) -> None:
        """Writes them as a batch query does."""
        writer = self._sink.writer(self._schema, overwrite=False)
        writer.commit([writer.write(self._batches(changes))])

    def _batches(self, changes: Sequence[Change]) -> Iterator[pa.RecordBatch]:
        arrow = to_arrow_schema(self._schema)
        arrays = [
            pa.array([change[place] for change in changes], field.type) for place, field in enumerate(arrow)
        ]
        yield pa.RecordBatch.from_arrays(arrays, schema=arrow)

    def rows(self) -> list[tuple[Any, ...]]:
        """The rows of the table."""
        return sorted(tuple(row) for row in self._query("SELECT * FROM copy"))

    def close(self) -> None:
        self._writer.close()


def _in_sqlite(path: Path, ddl: str = DDL, **options: str) -> Mirror:
    import sqlite3

    def query(text: str) -> list[Any]:
        with sqlite3.connect(path) as connection:
            return connection.execute(text).fetchall()

    return Mirror(f"sqlite:///{path}", query, ddl, **options)


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[list[Change]], list[list[tuple[Any, ...]]]]:
    """Batches of changes that a table may have, and its rows after each."""
    table: dict[tuple[int, str], tuple[int, str]] = {}
    batches, states = [], []
    place = 0
    for _ in range(draw(st.integers(1, 4))):
        batch: list[Change] = []
        for _ in range(draw(st.integers(0, 12))):
            place += 1
            key = draw(st.sampled_from([(1, "a"), (1, "b"), (2, "a"), (3, "c")]))
            n, body = draw(st.integers(0, 99)), draw(st.sampled_from(["x", "y", "", "a,'\"\\"]))
            what = draw(st.sampled_from("kcccuuuudt" if place % 7 else "t"))
            if what == "t":
                table.clear()
                batch.append((None, None, None, None, "t", place // 3, place, None))
            elif key not in table:
                table[key] = (n, body)
                batch.append((*key, n, body, "c", place // 3, place, None))
            elif what == "d":
                del table[key]
                batch.append((*key, None, None, "d", place // 3, place, None))
            elif what == "k":
                table[key] = (n, table[key][1])
                batch.append((*key, n, None, "u", place // 3, place, ["body"]))
            else:
                table[key] = (n, body)
                batch.append((*key, n, body, "u", place // 3, place, None))
        batches.append(draw(st.permutations(batch)))
        states.append(sorted((*key, *values) for key, values in table.items()))
    return batches, states


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories(), cut=st.integers(0, 12))
def test_after_each_batch_the_table_is_what_its_changes_leave(
    history: tuple[list[list[Change]], list[list[tuple[Any, ...]]]],
    cut: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    mirror = _in_sqlite(tmp_path_factory.mktemp("mirror") / "db")
    for batch, state in zip(*history, strict=True):
        mirror.take(batch[:cut], batch[cut:])
        assert mirror.rows() == state
    mirror.close()


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories())
def test_after_each_batch_the_table_in_postgres_is_what_its_changes_leave(
    history: tuple[list[list[Change]], list[list[tuple[Any, ...]]]], postgres: Database
) -> None:
    postgres.query("DROP TABLE IF EXISTS copy, streamcore_commits")
    mirror = Mirror(postgres.url, postgres.query)
    for batch, state in zip(*history, strict=True):
        mirror.take(batch)
        assert mirror.rows() == state
    mirror.close()


@pytest.mark.parametrize(
    ("inserted", "updated", "deleted"),
    [("I", "U", "D"), ("insert", "update_postimage", "delete"), ("c", "u", "d")],
)
def test_the_words_of_other_systems_are_known(
    tmp_path: Path, inserted: str, updated: str, deleted: str
) -> None:
    mirror = _in_sqlite(
        tmp_path / "db", "id int, n int, what string, version bigint",
        keyColumns="id", opColumn="what", orderColumns="version",
    )  # fmt: skip
    mirror.take([(1, 10, inserted, 1), (2, 20, inserted, 1), (3, 30, inserted, 1)])
    mirror.take([(1, 10, "update_preimage", 2), (1, 11, updated, 2), (2, 20, deleted, 2)])
    assert mirror.rows() == [(1, 11), (3, 30)]
    mirror.close()


def _start_then_changes(mirror: Mirror) -> None:
    start: list[Change] = [(n, "a", n, "old", "r", 1, n, None) for n in range(4)]
    changes: list[Change] = [
        (1, "a", 10, "new", "u", 2, 0, None),
        (2, "a", None, None, "d", 2, 1, None),
        (3, "a", 30, None, "u", 2, 2, ["body"]),
    ]
    mirror.take(start[:2], changes, start[2:])
    assert mirror.rows() == [(0, "a", 0, "old"), (1, "a", 10, "new"), (3, "a", 30, "old")]
    mirror.close()


def test_the_rows_of_the_start_come_before_all_changes(tmp_path: Path) -> None:
    _start_then_changes(_in_sqlite(tmp_path / "db"))


def test_the_rows_of_the_start_come_before_all_changes_in_postgres(postgres: Database) -> None:
    _start_then_changes(Mirror(postgres.url, postgres.query))


def test_a_batch_of_changes_is_applied_too(tmp_path: Path) -> None:
    mirror = _in_sqlite(tmp_path / "db")
    mirror.take([(1, "a", 1, "x", "c", 1, 0, None), (2, "a", 2, "y", "c", 1, 1, None)])
    mirror.write([(1, "a", None, None, "d", 2, 0, None), (2, "a", 3, "z", "u", 2, 1, None)])
    assert mirror.rows() == [(2, "a", 3, "z")]
    mirror.close()


def test_a_row_whose_key_changed_and_whose_value_was_not_sent_is_refused(tmp_path: Path) -> None:
    mirror = _in_sqlite(tmp_path / "db")
    mirror.take([(1, "a", 1, "long", "c", 1, 0, None)])
    moved = [(1, "a", None, None, "d", 2, 0, None), (2, "a", 1, None, "c", 2, 1, ["body"])]
    with pytest.raises(CommitFailed, match="REPLICA IDENTITY FULL"):
        mirror.take(moved)
    assert mirror.rows() == [(1, "a", 1, "long")]
    mirror.close()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ((1, "a", 1, "x", "merge", 1, 0, None), "holds 'merge'"),
        ((1, "a", 1, "x", None, 1, 0, None), "holds None"),
        ((1, None, 1, "x", "c", 1, 0, None), "without a key"),
        ((1, "a", 1, "x", "c", None, 0, None), "'_lsn' is null"),
    ],
)
def test_a_row_that_is_no_change_is_refused(tmp_path: Path, change: Change, said: str) -> None:
    mirror = _in_sqlite(tmp_path / "db")
    with pytest.raises(CommitFailed, match=said):
        mirror.take([change])
    assert mirror.rows() == []
    mirror.close()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"opColumn": "_op"}, "needs keyColumns"),
        ({"orderColumns": "_lsn"}, "needs opColumn"),
        ({"unchangedColumn": "_unchanged"}, "needs opColumn"),
        ({"opColumn": "_op", "keyColumns": "id", "orderColumns": " "}, "orderColumns must name"),
    ],
)
def test_options_that_do_not_go_together_are_refused(options: dict[str, str], said: str) -> None:
    with pytest.raises(IllegalArgumentException, match=said):
        DatabaseSink({"url": "sqlite://", "dbtable": "copy"} | options)


@pytest.mark.parametrize("missing", ["_op", "_lsn"])
def test_columns_that_the_options_name_must_be_there(missing: str) -> None:
    fields = [field for field in parse_ddl(DDL).fields if field.name != missing]
    sink = DatabaseSink({"url": "sqlite://", "dbtable": "copy", "keyColumns": "id", "opColumn": "_op"})
    with pytest.raises(AnalysisException, match=missing):
        sink.streamWriter(type(parse_ddl(DDL))(fields), overwrite=False)


def test_changes_cannot_replace_the_whole_table(tmp_path: Path) -> None:
    told = {"url": f"sqlite:///{tmp_path}/db", "dbtable": "copy", "keyColumns": "id", "opColumn": "_op"}
    sink = DatabaseSink(told)
    with pytest.raises(AnalysisException, match="append"):
        sink.streamWriter(parse_ddl(DDL), overwrite=True).open(QueryIdentity("q", "r", "complete"))
    with pytest.raises(AnalysisException, match="append"):
        sink.writer(parse_ddl(DDL), overwrite=True)
