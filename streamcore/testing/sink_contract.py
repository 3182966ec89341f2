"""The laws that every exactly-once sink must keep, ready to run over yours.

Give a `SinkHarness` for your sink and inherit `SinkContract` in a test module; pytest then finds one
test per law:

    class TestMySink(SinkContract):
        @pytest.fixture
        def harness(self, tmp_path):
            return MyHarness(tmp_path)

A law that your sink has no room for is reported as skipped, with the reason.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa

from streamcore.errors import (
    AnalysisException,
    CheckpointFenced,
    CheckpointMismatch,
    CommitFailed,
    IllegalArgumentException,
)
from streamcore.spi.exactly_once import CommitRecord, ExactlyOnceStreamWriter, QueryIdentity
from streamcore.testing.applicability import not_applicable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamcore.spi.datasource import WriterCommitMessage

Rows = list[tuple[Any, ...]]


class SinkHarness(Protocol):
    """One fresh place to write to, and the eyes to see what is visible there.

    `output_modes` are those that the sink takes.  `updates_by_key` is False for a sink whose update mode
    appends, as PySpark's memory sink does.  `refuses_other_queries` is False for a sink that a
    second query simply takes over.  `rewinds` says whether `rewind` is supported in the first of the modes.
    `columns_of_every_type` are the columns of `every_type()` that the sink can hold.
    """

    output_modes: Sequence[str]
    updates_by_key: bool
    refuses_other_queries: bool
    rewinds: bool
    columns_of_every_type: Sequence[str]

    def writer(self, schema: pa.Schema, options: dict[str, str] | None = None) -> ExactlyOnceStreamWriter:
        """A new writer for the same place, as after a restart; with key column `k` in update mode."""

    def visible(self, schema: pa.Schema) -> Rows:
        """The rows that a reader sees now, in any order, values as Arrow gives them to Python."""


SCHEMA = pa.schema([("k", pa.string()), ("n", pa.int64())])


@dataclass
class Attempt:
    """A query that writes to a harness: one start of it."""

    harness: SinkHarness
    query_id: str = "query-1"
    run_id: str = "run-1"
    mode: str = ""
    schema: pa.Schema = field(default=SCHEMA, repr=False)

    def __post_init__(self) -> None:
        self.mode = self.mode or self.harness.output_modes[0]
        self.writer = self.harness.writer(self.schema)
        self.writer.open(QueryIdentity(self.query_id, self.run_id, self.mode))
        self.found = self.writer.last_committed()

    def stage(self, *partitions: Rows) -> list[WriterCommitMessage]:
        """Writes each list of rows as a partition."""
        return [self.writer.write(iter(self._table(rows).to_batches())) for rows in partitions]

    def record(self, batch_id: int) -> CommitRecord:
        """The record of a batch, with a body that must come back unchanged."""
        return CommitRecord(self.query_id, batch_id, json.dumps({"batch": batch_id, "text": "ü\n'\"\\ 你好"}))

    def commit(self, batch_id: int, *partitions: Rows) -> CommitRecord:
        """Writes and commits one batch."""
        record = self.record(batch_id)
        self.writer.commit_batch(self.stage(*partitions), record)
        return record

    def restarted(self) -> Attempt:
        """The same query started again, in a new process as it were; the old writer is left as it is."""
        return Attempt(self.harness, self.query_id, f"{self.run_id}-next", self.mode, self.schema)

    def _table(self, rows: Rows) -> pa.Table:
        columns = [[row[i] for row in rows] for i in range(len(self.schema))]
        arrays = [pa.array(values, field.type) for values, field in zip(columns, self.schema, strict=True)]
        return pa.Table.from_arrays(arrays, schema=self.schema)

    def sees(self, *rows: tuple[Any, ...]) -> None:
        """Asserts that exactly these rows are visible."""
        found = sorted(self.harness.visible(self.schema), key=repr)
        assert found == sorted(rows, key=repr), f"visible are {found}, expected are {sorted(rows, key=repr)}"


class SinkContract:
    """One test per law; inherit it and give the fixture `harness`: a fresh one for each."""

    def test_a_new_place_has_no_record(self, harness: SinkHarness) -> None:
        """Nothing is committed before the first batch."""
        start = Attempt(harness)
        assert start.found is None
        start.sees()

    def test_staged_rows_are_invisible(self, harness: SinkHarness) -> None:
        """What is written but not committed is seen by nobody."""
        start = Attempt(harness)
        start.stage([("a", 1)], [("b", 2)])
        start.sees()
        assert start.restarted().found is None

    def test_a_commit_shows_all_partitions_and_stores_the_record(self, harness: SinkHarness) -> None:
        """Rows and record appear together; the writer knows the record at once."""
        start = Attempt(harness)
        record = start.commit(0, [("a", 1), ("b", 2)], [], [("c", 3)])
        start.sees(("a", 1), ("b", 2), ("c", 3))
        assert start.writer.last_committed() == record

    def test_a_restart_finds_exactly_the_record(self, harness: SinkHarness) -> None:
        """The newest record comes back, byte for byte."""
        start = Attempt(harness)
        start.commit(0, [("a", 1)])
        record = start.commit(1, [("b", 2)])
        again = start.restarted()
        assert again.found == record
        again.commit(2, [("c", 3)])
        again.sees(*[("c", 3)] if start.mode == "complete" else [("a", 1), ("b", 2), ("c", 3)])

    def test_an_aborted_batch_leaves_nothing_and_can_be_tried_again(self, harness: SinkHarness) -> None:
        """Abort discards, for failed tasks (None) too."""
        start = Attempt(harness)
        start.writer.abort([*start.stage([("a", 1)]), None], 0)
        start.sees()
        record = start.commit(0, [("b", 2)])
        start.sees(("b", 2))
        assert start.restarted().found == record

    def test_an_empty_batch_stores_its_record(self, harness: SinkHarness) -> None:
        """A micro-batch without rows, or without partitions, is a batch."""
        start = Attempt(harness)
        start.commit(0)
        record = start.commit(1, [])
        start.sees()
        assert start.restarted().found == record

    def test_a_batch_is_never_committed_twice(self, harness: SinkHarness) -> None:
        """The same batch again is fenced, or ignored; its rows are there once."""
        start = Attempt(harness)
        record = start.commit(0, [("a", 1)])
        _refused_or_ignored(lambda: start.writer.commit_batch(start.stage([("a", 1)]), record))
        start.sees(("a", 1))
        assert start.restarted().found == record

    def test_a_writer_with_an_old_view_is_fenced_out(self, harness: SinkHarness) -> None:
        """Two runs of one query: the batch is the one run's or the other's, never both's."""
        old = Attempt(harness)
        old.commit(0, [("a", 1)])
        new = old.restarted()
        record = new.commit(1, [("new", 2)])
        with raises(CheckpointFenced):
            old.commit(1, [("old", 2)])
        new.sees(*[("new", 2)] if new.mode == "complete" else [("a", 1), ("new", 2)])
        assert new.restarted().found == record

    def test_a_fenced_writer_stays_out_after_many_batches(self, harness: SinkHarness) -> None:
        """A run that wakes up long after it was superseded changes nothing, whatever was tidied up."""
        old = Attempt(harness)
        late = old.stage([("late", 0)])
        new = old.restarted()
        expected: Rows = []
        for batch_id in range(25):
            new.commit(batch_id, [(f"k{batch_id}", batch_id)])
            new.writer.collect_garbage()
            expected = [] if new.mode == "complete" else expected
            expected.append((f"k{batch_id}", batch_id))
        with raises(CheckpointFenced):
            old.writer.commit_batch(late, old.record(0))
        new.sees(*expected)
        assert new.restarted().found == new.record(24)

    def test_another_query_is_refused(self, harness: SinkHarness) -> None:
        """A new checkpoint over an old output is an error that says so, and the output stays as it was."""
        if not harness.refuses_other_queries:
            not_applicable("a second query simply takes this sink over")
        first = Attempt(harness)
        record = first.commit(0, [("a", 1)])
        with raises(CheckpointMismatch):
            Attempt(harness, query_id="query-2")
        first.sees(("a", 1))
        assert first.restarted().found == record

    def test_an_output_mode_that_is_not_supported_is_refused(self, harness: SinkHarness) -> None:
        """Rather than written in another mode."""
        refused = {"append", "update", "complete"} - set(harness.output_modes)
        if not refused:
            not_applicable("the sink takes every output mode")
        for mode in sorted(refused):
            with raises(AnalysisException):
                Attempt(harness, mode=mode)

    def test_an_unknown_option_is_refused(self, harness: SinkHarness) -> None:
        """A misspelt option would silently do nothing."""
        with raises(IllegalArgumentException):
            harness.writer(SCHEMA, {"noSuchOption": "1"})

    def test_update_mode_replaces_rows_by_key(self, harness: SinkHarness) -> None:
        """Of several rows with one key in a batch, the last stays."""
        if "update" not in harness.output_modes or not harness.updates_by_key:
            not_applicable("the sink does not update rows by key")
        start = Attempt(harness, mode="update")
        start.commit(0, [("a", 1), ("b", 1)])
        start.commit(1, [("b", 2), ("c", 2)], [("c", 3)])
        start.sees(("a", 1), ("b", 2), ("c", 3))

    def test_complete_mode_replaces_everything(self, harness: SinkHarness) -> None:
        """The newest batch is the whole result."""
        if "complete" not in harness.output_modes:
            not_applicable("the sink has no complete mode")
        start = Attempt(harness, mode="complete")
        start.commit(0, [("a", 1), ("b", 1)])
        start.commit(1, [("c", 2)])
        start.sees(("c", 2))
        start.commit(2, [])
        start.sees()

    def test_nulls_and_every_type_survive(self, harness: SinkHarness) -> None:
        """Values come back as they were written."""
        table = every_type().select(list(harness.columns_of_every_type))
        start = Attempt(harness, schema=table.schema)
        start.writer.commit_batch([start.writer.write(iter(table.to_batches()))], start.record(0))
        expected = [tuple(row.values()) for row in table.to_pylist()]
        start.sees(*expected)

    def test_many_rows_in_many_pieces_survive(self, harness: SinkHarness) -> None:
        """Several record batches per partition, more rows than one statement takes."""
        start = Attempt(harness)
        rows = [(f"k{i}", i) for i in range(25_000)]
        batches = start._table(rows).to_batches(max_chunksize=7_000)  # noqa: SLF001
        start.writer.commit_batch([start.writer.write(iter(batches))], start.record(0))
        start.sees(*rows)

    def test_garbage_collection_touches_nothing_visible(self, harness: SinkHarness) -> None:
        """What a crashed run staged may go; what is committed, and what is being staged, stays."""
        crashed = Attempt(harness)
        crashed.stage([("lost", 0)])
        start = crashed.restarted()
        start.commit(0, [("a", 1)])
        staged = start.stage([("b", 2)])
        start.writer.collect_garbage()
        start.sees(("a", 1))
        start.writer.commit_batch(staged, start.record(1))
        start.writer.collect_garbage()
        start.sees(*[("b", 2)] if start.mode == "complete" else [("a", 1), ("b", 2)])

    def test_a_rewind_takes_later_batches_back(self, harness: SinkHarness) -> None:
        """The older record is the newest then, and the replay of the same batches gives the same rows."""
        start = Attempt(harness)
        records = [start.commit(batch_id, [(f"k{batch_id}", batch_id)]) for batch_id in range(13)]
        start.writer.collect_garbage()
        again = start.restarted()
        if not harness.rewinds:
            with raises(AnalysisException):
                again.writer.rewind(records[4])
            return
        again.writer.rewind(records[4])
        assert again.restarted().found == records[4]
        replay = again.restarted()
        for batch_id in range(5, 13):
            replay.commit(batch_id, [(f"k{batch_id}", batch_id)])
            replay.writer.collect_garbage()
        replay.sees(*[(f"k{batch_id}", batch_id) for batch_id in range(13)])
        replay.writer.rewind(None)
        assert replay.restarted().found is None

    def test_a_batch_out_of_turn_is_refused(self, harness: SinkHarness) -> None:
        """A checkpoint that is ahead of the sink must not leave a hole."""
        start = Attempt(harness)
        record = start.commit(0, [("a", 1)])
        with raises(CheckpointMismatch):
            start.commit(5, [("b", 2)])
        start.sees(("a", 1))
        assert start.restarted().found == record


def every_type() -> pa.Table:
    """Three rows with a column `k` and one column of every type: usual values, awkward values, nulls."""
    instant = dt.datetime(2024, 2, 29, 23, 59, 59, 123456, tzinfo=dt.UTC)
    old = dt.datetime(1969, 12, 31, 23, 59, 59, tzinfo=dt.UTC)
    columns: dict[str, tuple[pa.DataType, list[Any]]] = {
        "k": (pa.string(), ["usual", "awkward", "null"]),
        "text": (pa.string(), ["héllo 你好 😀", "a\"b'c\\d,e\nf\tg\r;|{}", None]),
        "empty": (pa.string(), ["", " spaces ", None]),
        "flag": (pa.bool_(), [True, False, None]),
        "tiny": (pa.int8(), [1, -128, None]),
        "small": (pa.int16(), [1, -(2**15), None]),
        "whole": (pa.int32(), [1, -(2**31), None]),
        "long": (pa.int64(), [2**63 - 1, -(2**63), None]),
        "single": (pa.float32(), [1.5, -0.25, None]),
        "double": (pa.float64(), [0.1, 1.7976931348623157e308, None]),
        "money": (pa.decimal128(10, 2), [Decimal("1.10"), Decimal("-99999999.99"), None]),
        "exact": (
            pa.decimal128(38, 18),
            [Decimal("0.000000000000000001"), Decimal("-" + "9" * 20 + "." + "9" * 18), None],
        ),
        "bytes": (pa.binary(), [b"\x00\xff'\"\\", b"", None]),
        "day": (pa.date32(), [dt.date(2024, 2, 29), dt.date(1, 1, 1), None]),
        "moment": (pa.timestamp("us", tz="UTC"), [instant, old, None]),
        "clock": (pa.timestamp("us"), [instant.replace(tzinfo=None), old.replace(tzinfo=None), None]),
        "list": (pa.list_(pa.int64()), [[1, None, 3], [], None]),
        "struct": (
            pa.struct([("x", pa.int64()), ("y", pa.string())]),
            [{"x": 1, "y": "a\"b"}, {"x": None, "y": None}, None],
        ),
        "deep": (
            pa.list_(pa.struct([("m", pa.list_(pa.string()))])),
            [[{"m": ["p", "q"]}], [{"m": [None]}, {"m": None}], None],
        ),
    }  # fmt: skip
    return pa.table({name: pa.array(values, kind) for name, (kind, values) in columns.items()})


class raises:  # noqa: N801 - reads as a word in a with statement
    """Asserts that the block raises one of these errors."""

    def __init__(self, *errors: type[BaseException]) -> None:
        self._errors = errors

    def __enter__(self) -> None:
        """Nothing is prepared."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        names = " or ".join(expected.__name__ for expected in self._errors)
        assert kind is not None, f"nothing was raised, {names} was expected"
        return issubclass(kind, self._errors)


def _refused_or_ignored(act: Callable[[], None]) -> None:
    try:
        act()
    except (CheckpointFenced, CommitFailed):
        return
