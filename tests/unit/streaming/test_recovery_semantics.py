"""Spark's table "Recovery Semantics after Changes in a Streaming Query", row by row, as restarts."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from streamcore import Session
from streamcore.errors import CheckpointMismatch
from streamcore.sql import functions as F

Frame = Any
SCHEMA = "ts timestamp, k string, n int"


@dataclass
class Place:
    """Folders with input, an output and a checkpoint."""

    session: Session
    folder: Path

    def add(self, name: str, *rows: tuple[int, str, int]) -> None:
        into = self.folder / name
        into.mkdir(exist_ok=True)
        lines = [
            json.dumps({"ts": f"2026-01-01T00:00:{second:02}Z", "k": k, "n": n}) for second, k, n in rows
        ]
        (into / f"{len(list(into.iterdir()))}.json").write_text("\n".join(lines))

    def read(self, name: str = "in", kind: str = "json", **options: object) -> Frame:
        reader = self.session.readStream.format(kind).schema(SCHEMA).options(**options)
        return reader.load(str(self.folder / name))

    def run(self, query: Start, mode: str) -> list[Any]:
        """Runs the query over what there is; what its `foreachBatch` saw."""
        found: list[Any] = []
        writer = query(self).writeStream.outputMode(mode)
        writer = writer.option("checkpointLocation", str(self.folder / "checkpoint"))
        writer.foreachBatch(lambda batch, _: found.extend(tuple(row) for row in batch.collect()))
        writer.trigger(availableNow=True).start().awaitTermination()
        return found


Start = Callable[[Place], Frame]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    found = Place(Session.builder.master("local[2]").getOrCreate(), tmp_path)
    found.add("in", (1, "a", 1), (2, "b", 2))
    found.add("other", (1, "z", 9))
    return found


def rows(place: Place) -> Frame:
    return place.read()


def counts(place: Place) -> Frame:
    return place.read().groupBy("k").count()


def times(place: Place) -> Frame:
    return place.read().withWatermark("ts", "10 seconds")


ALLOWED: dict[str, tuple[Start, Start, list[Any]]] = {
    "rate limit added": (
        lambda place: place.read().select("k"),
        lambda place: place.read(maxFilesPerTrigger=1).select("k"),
        [("a",)],
    ),
    "rate limit deleted": (
        lambda place: place.read(maxFilesPerTrigger=1).select("k"),
        lambda place: place.read().select("k"),
        [("a",)],
    ),
    "rate limit modified": (
        lambda place: place.read(maxFilesPerTrigger=1).select("k"),
        lambda place: place.read(maxFilesPerTrigger=5).select("k"),
        [("a",)],
    ),
    "filter added": (
        lambda place: place.read().select("k"),
        lambda place: place.read().where("n > 99").select("k"),
        [],
    ),
    "filter deleted": (
        lambda place: place.read().where("n > 99").select("k"),
        lambda place: place.read().select("k"),
        [("a",)],
    ),
    "projection of the same schema": (
        lambda place: place.read().select("k"),
        lambda place: place.read().select(F.upper("k").alias("k")),
        [("A",)],
    ),
    "projection of another schema": (
        lambda place: place.read().select("k"),
        lambda place: place.read().select("n", "k"),
        [(5, "a")],
    ),
    "filter below an aggregation": (
        counts,
        lambda place: place.read().where("k <> 'b'").groupBy("k").count(),
        [("a", 2)],
    ),
    "another value from the same state": (
        counts,
        lambda place: counts(place).select("k", (F.col("count") * 10).alias("tenfold")),
        [("a", 20)],
    ),
    "delay of a watermark": (
        lambda place: times(place).groupBy("ts", "k").count().select("k", "count"),
        lambda place: (
            place.read().withWatermark("ts", "1 hour").groupBy("ts", "k").count().select("k", "count")
        ),
        [("a", 1)],
    ),
}


@pytest.mark.parametrize("change", ALLOWED)
def test_a_change_that_spark_allows_is_accepted(place: Place, change: str) -> None:
    before, after, expected = ALLOWED[change]
    place.run(before, "update")
    place.add("in", (3, "a", 5))
    assert place.run(after, "update") == expected


REFUSED: dict[str, tuple[Start, Start, str]] = {
    "number of sources": (
        rows,
        lambda place: place.read().union(place.read("other")),
        "sources: source_0 -> source_0, source_1",
    ),
    "type of a source": (
        rows,
        lambda place: place.read(kind="csv"),
        "format of the source source_0: json -> csv",
    ),
    "files of another folder": (
        rows,
        lambda place: place.read("other"),
        r"source source_0: FileStreamSource\[.*in\] -> FileStreamSource\[.*other\]",
    ),
    "number of grouping keys": (
        counts,
        lambda place: place.read().groupBy("k", "n").count(),
        "keys of aggregate-0: `k` string -> `k` string, `n` int",
    ),
    "type of a grouping key": (
        lambda place: place.read().groupBy("n").count(),
        lambda place: place.read().withColumn("n", F.col("n").cast("long")).groupBy("n").count(),
        "keys of aggregate-0: `n` int -> `n` bigint",
    ),
    "number of aggregates": (
        counts,
        lambda place: place.read().groupBy("k").agg(F.count("*"), F.max("n")),
        r"aggregates of aggregate-0: COUNT\(1\) -> COUNT\(1\), MAX\(`n`\)",
    ),
    "type of an aggregate": (
        lambda place: place.read().groupBy("k").agg(F.min("n")),
        lambda place: place.read().groupBy("k").agg(F.max("n")),
        r"aggregates of aggregate-0: MIN\(`n`\) -> MAX\(`n`\)",
    ),
    "type of what is aggregated": (
        lambda place: place.read().groupBy("k").agg(F.max("n")),
        lambda place: place.read().withColumn("n", F.col("n").cast("double")).groupBy("k").agg(F.max("n")),
        "the state of aggregate-0 has the columns .*int32.* but the query now needs .*double",
    ),
    "number of deduplicating columns": (
        lambda place: place.read().dropDuplicates(["k"]),
        lambda place: place.read().dropDuplicates(["k", "n"]),
        "keys of deduplicate-0: `k` string -> `k` string, `n` int",
    ),
    "type of a deduplicating column": (
        lambda place: place.read().dropDuplicates(["n"]),
        lambda place: place.read().withColumn("n", F.col("n").cast("string")).dropDuplicates(["n"]),
        "keys of deduplicate-0: `n` int -> `n` string",
    ),
    "a stateful operator less": (counts, rows, "stateful operators: aggregate-0 -> none"),
    "a stateful operator more": (rows, counts, "stateful operators: none -> aggregate-0"),
    "another time window": (
        lambda place: times(place).groupBy(F.window("ts", "10 seconds")).count(),
        lambda place: times(place).groupBy(F.window("ts", "20 seconds")).count(),
        "keys of aggregate-0: WINDOW",
    ),
}


@pytest.mark.parametrize("change", REFUSED)
def test_a_change_that_spark_does_not_allow_is_refused_and_named(place: Place, change: str) -> None:
    before, after, difference = REFUSED[change]
    place.run(before, "update")
    with pytest.raises(CheckpointMismatch, match=difference):
        place.run(after, "update")
    place.run(before, "update")


def test_another_gap_of_sessions_is_refused_and_named(place: Place) -> None:
    def sessions(gap: str) -> Start:
        return lambda place: times(place).groupBy(F.session_window("ts", gap), "k").count()

    place.run(sessions("5 seconds"), "append")
    with pytest.raises(CheckpointMismatch, match=r"keys of aggregate-0: .*5 seconds.* -> .*9 seconds"):
        place.run(sessions("9 seconds"), "append")


# ---- sinks ---------------------------------------------------------------------------------------


def into_files(place: Place, output: str) -> None:
    writer = place.read().writeStream.format("parquet")
    writer = writer.option("checkpointLocation", str(place.folder / "checkpoint"))
    writer.trigger(availableNow=True).start(str(place.folder / output)).awaitTermination()


def test_files_to_a_sink_without_a_record_is_allowed_and_sees_only_new_rows(place: Place) -> None:
    into_files(place, "out")
    place.add("in", (3, "c", 3))
    assert [row[1] for row in place.run(rows, "append")] == ["c"]


def test_a_sink_without_a_record_to_files_is_refused(place: Place) -> None:
    place.run(rows, "append")
    with pytest.raises(CheckpointMismatch, match="the sink is behind its checkpoint"):
        into_files(place, "out")


def test_another_output_folder_is_refused(place: Place) -> None:
    into_files(place, "out")
    with pytest.raises(CheckpointMismatch, match="the sink is behind its checkpoint"):
        into_files(place, "elsewhere")


def test_a_query_that_is_made_under_another_mode_is_refused_by_its_checkpoint(place: Place) -> None:
    def doubled(place: Place) -> Frame:
        return place.read().select((F.col("n") * 2).alias("n"))

    assert place.run(doubled, "append") == [(2,), (4,)]
    place.add("in", (3, "c", 3))
    lenient = Place(place.session.newSession(), place.folder)
    lenient.session.conf.set("spark.sql.ansi.enabled", False)
    with pytest.raises(CheckpointMismatch, match=r"begun under spark.sql.ansi.enabled=its default.*false"):
        lenient.run(doubled, "append")
    assert place.run(doubled, "append") == [(6,)]
