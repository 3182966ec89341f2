from __future__ import annotations

import io
import sys
from typing import Any

import pyarrow as pa
import pytest

from streamcore.errors import AnalysisException, IllegalArgumentException
from streamcore.execution.connectors import sink_class
from streamcore.sinks.console import ConsoleSink, ConsoleStreamWriter
from streamcore.sinks.foreach import ForeachBatchWriter, ForeachStreamWriter
from streamcore.sinks.memory import MemorySink, MemoryTables
from streamcore.sinks.registry import SINKS
from streamcore.spi.exactly_once import CommitRecord, Guarantee, QueryIdentity, guarantee_of
from streamcore.spi.types import from_arrow_schema

_ROWS = pa.table({"value": [1, 2, 3]})


_ALIASES = {"kinesis": "aws-kinesis"}


def test_every_registered_sink_is_found_under_its_own_name() -> None:
    for name in SINKS:
        found: Any = sink_class(name.upper())
        assert found.name() == _ALIASES.get(name, name)
    with pytest.raises(AnalysisException, match="DATA_SOURCE_NOT_FOUND"):
        sink_class("nope")


def test_the_console_prints_each_batch_as_pyspark_does() -> None:
    out = io.StringIO()
    writer = ConsoleStreamWriter(_ROWS.schema, rows=2, width=20, out=out)
    writer.commit(
        [writer.write(iter(_ROWS.slice(0, 1).to_batches())), writer.write(iter(_ROWS.to_batches()))], 7
    )
    rule = "-------------------------------------------\n"
    table = "+-----+\n|value|\n+-----+\n|    1|\n|    1|\n+-----+\n"
    assert out.getvalue() == f"{rule}Batch: 7\n{rule}{table}only showing top 2 rows\n"


def test_the_console_is_the_process_output_whatever_stands_for_it(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = io.StringIO()
    monkeypatch.setattr(sys, "stdout", elsewhere)
    ConsoleStreamWriter(_ROWS.schema, rows=2, width=20).commit([], 7)
    assert elsewhere.getvalue() == ""
    assert "Batch: 7" in capfd.readouterr().out


def test_the_console_is_at_least_once_and_knows_its_options() -> None:
    writer = ConsoleSink({"numRows": "1", "truncate": "false"}).streamWriter(
        from_arrow_schema(_ROWS.schema), overwrite=False
    )
    assert guarantee_of(writer) is Guarantee.AT_LEAST_ONCE
    with pytest.raises(IllegalArgumentException, match="numRow"):
        ConsoleSink({"numRow": "1"})


class _Recorder:
    def __init__(self, *, opens: bool = True, fails: bool = False) -> None:
        self.calls: list[Any] = []
        self._opens = opens
        self._fails = fails

    def open(self, partition_id: int, epoch_id: int) -> bool:
        self.calls.append(("open", partition_id, epoch_id))
        return self._opens

    def process(self, row: Any) -> None:
        if self._fails:
            raise ValueError(row)
        self.calls.append(row)

    def close(self, error: Exception | None) -> None:
        self.calls.append(("close", repr(error)))


def test_foreach_opens_processes_and_closes_each_partition() -> None:
    target = _Recorder()
    ForeachStreamWriter(target).write_partition(iter("ab"), 3, 9)
    assert target.calls == [("open", 3, 9), "a", "b", ("close", "None")]


def test_foreach_gives_each_partition_an_object_of_its_own() -> None:
    class Counting:
        def __init__(self) -> None:
            self.seen = 0

        def process(self, row: object) -> None:
            self.seen += 1
            totals.append(self.seen)

    totals: list[int] = []
    writer = ForeachStreamWriter(Counting())
    writer.write_partition(iter(["a", "b"]), 0, 0)
    writer.write_partition(iter(["c"]), 1, 0)
    assert totals == [1, 2, 1]


def test_foreach_skips_a_partition_that_does_not_open() -> None:
    target = _Recorder(opens=False)
    ForeachStreamWriter(target).write_partition(iter("ab"), 0, 0)
    assert target.calls == [("open", 0, 0), ("close", "None")]


def test_foreach_closes_with_the_error_and_passes_it_on() -> None:
    target = _Recorder(fails=True)
    with pytest.raises(ValueError, match="a"):
        ForeachStreamWriter(target).write_partition(iter("ab"), 0, 0)
    assert target.calls == [("open", 0, 0), ("close", "ValueError('a')")]


def test_foreach_takes_a_function_and_refuses_what_is_neither() -> None:
    seen: list[str] = []
    ForeachStreamWriter(seen.append).write_partition(iter("ab"), 0, 0)
    assert seen == ["a", "b"]
    with pytest.raises(IllegalArgumentException, match="str is neither"):
        ForeachStreamWriter("x")


def test_foreach_batch_calls_the_function() -> None:
    seen: list[Any] = []
    ForeachBatchWriter(lambda df, batch_id: seen.append((df, batch_id))).call("df", 4)
    assert seen == [("df", 4)]
    assert guarantee_of(ForeachBatchWriter(print)) is Guarantee.AT_LEAST_ONCE


def test_a_second_query_takes_the_name_of_a_memory_table_over() -> None:
    tables = MemoryTables()

    def commit(query: str) -> None:
        sink = MemorySink({"queryName": "Clicks"}, tables)
        writer = sink.streamWriter(from_arrow_schema(_ROWS.schema), overwrite=False)
        writer.open(QueryIdentity(query, "r", "append"))
        writer.commit_batch([writer.write(iter(_ROWS.to_batches()))], CommitRecord(query, 0, "{}"))

    commit("q1")
    commit("q2")
    found = tables.get("clicks")
    assert found is not None
    assert (found.query_id, found.rows.num_rows, tables.names()) == ("q2", 3, ["Clicks"])
    assert tables.drop("CLICKS")
    assert not tables.drop("CLICKS")
    assert tables.get("Clicks") is None


def test_a_memory_sink_needs_a_name() -> None:
    with pytest.raises(IllegalArgumentException, match="queryName"):
        MemorySink({})
