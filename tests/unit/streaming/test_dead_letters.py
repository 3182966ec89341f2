"""badRecordsPath in streams: letters are written once for each batch, before the sink commits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from streamcore import Session
from streamcore.sql import functions as F
from streamcore.testing.memory_source import MemoryStream
from streamcore.testing.stepped_query import SteppedQuery


@pytest.fixture(scope="module")
def session() -> Session:
    return Session.builder.getOrCreate()


def letters(folder: Path) -> dict[int, list[str]]:
    found = {}
    for file in folder.glob("query=*/batch=*/letters.json"):
        number = int(file.parent.name.removeprefix("batch="))
        found[number] = [json.loads(line)["record"] for line in file.read_text().splitlines()]
    return found


def numbers(rows: Any, folder: Path) -> Any:
    parsed = F.from_json("value", "a int", {"badRecordsPath": str(folder)})
    return rows.select(parsed.alias("r")).select("r.a")


def test_each_batch_has_its_letters_and_tells_how_many(session: Session, tmp_path: Path) -> None:
    stream = MemoryStream("value string")
    bad, out = tmp_path / "bad", tmp_path / "out"
    writer = numbers(stream.toDF(session), bad).writeStream.format("parquet").option("path", str(out))
    with SteppedQuery(writer.option("checkpointLocation", str(tmp_path / "cp"))) as query:
        stream.addData([('{"a": 1}',), ("x",)])
        first = query.step()
        stream.addData([('{"a": 2}',)])
        second = query.step()
        stream.addData([("y",), ("z",)])
        third = query.step()
    assert letters(bad) == {0: ["x"], 2: ["y", "z"]}
    assert [p.observedMetrics["deadLetters"].rows for p in (first, second, third) if p] == [1, 0, 2]
    assert sorted(row.a for row in session.read.parquet(str(out)).collect()) == [1, 2]


def test_a_stateful_query_has_letters_of_all_its_tasks(session: Session, tmp_path: Path) -> None:
    stream = MemoryStream("value string", partitions=3)
    counts = numbers(stream.toDF(session), tmp_path).groupBy("a").count()
    writer = counts.writeStream.format("memory").queryName("letters_of_tasks").outputMode("complete")
    with SteppedQuery(writer) as query:
        stream.addData([(text,) for text in ("x", '{"a": 1}', "y", '{"a": 1}', "z")])
        query.step()
    assert sorted(letters(tmp_path)[0]) == ["x", "y", "z"]
    assert [tuple(row) for row in session.table("letters_of_tasks").collect()] == [(1, 2)]


def test_a_batch_that_is_run_again_without_bad_records_has_no_letters(
    session: Session, tmp_path: Path
) -> None:
    stream = MemoryStream("value string")
    with SteppedQuery(numbers(stream.toDF(session), tmp_path).writeStream.format("noop")) as query:
        stale = tmp_path / f"query={query.id}" / "batch=0" / "letters.json"
        stale.parent.mkdir(parents=True)
        stale.write_text("{}\n")
        stream.addData([('{"a": 1}',)])
        query.step()
    assert not stale.exists()


def test_lines_of_streamed_files_that_do_not_fit_are_kept(session: Session, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "rows.csv").write_text("1,a\nnonsense\n2,b\n")
    reader = session.readStream.schema("n int, k string").option("badRecordsPath", str(tmp_path / "bad"))
    writer = reader.csv(str(tmp_path / "in")).writeStream.format("memory").queryName("streamed_letters")
    with SteppedQuery(writer) as query:
        query.step()
    assert letters(tmp_path / "bad") == {0: ["nonsense"]}
    assert [tuple(row) for row in session.table("streamed_letters").collect()] == [(1, "a"), (2, "b")]
