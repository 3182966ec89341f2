"""Two starts of a query compared: what may change by Spark's rules, and what is refused by its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from streamcore import Session
from streamcore.errors import IllegalArgumentException
from streamcore.sources.kafka.source import KafkaDataSource
from streamcore.sql import functions as F
from streamcore.sql.streaming.starting import open_run
from streamcore.streaming.description import Description, compare
from streamcore.testing.clock import ManualClock
from streamcore.testing.memory_source import MemoryStream

SCHEMA = "ts timestamp, k string, j string, n bigint, m bigint"

Query = Callable[[Any], Any]


@pytest.fixture(scope="module")
def session() -> Session:
    return Session.builder.getOrCreate()


@pytest.fixture
def rows(session: Session) -> Any:
    return MemoryStream(SCHEMA).toDF(session)


def described(frame: Any, mode: str = "update", **options: str) -> Description:
    write = frame.writeStream.format("noop").outputMode(mode).options(**options).described()
    run = open_run(frame, write, ManualClock())
    try:
        return run.definition.description
    finally:
        run.close()


def in_windows(length: str = "10 seconds", slide: str | None = None) -> Query:
    return lambda rows: (
        rows.withWatermark("ts", "5 seconds").groupBy(F.window("ts", length, slide), "k").agg(F.sum("n"))
    )


def counted(*keys: str) -> Query:
    return lambda rows: rows.groupBy(*keys).count()


def summed(*columns: str) -> Query:
    return lambda rows: rows.groupBy("k").agg(*(F.sum(column) for column in columns))


def unique(*keys: str) -> Query:
    return lambda rows: rows.dropDuplicates(list(keys))


REFUSED: list[tuple[Query, Query, str]] = [
    (in_windows("10 seconds"), in_windows("20 seconds"), "keys of aggregate-0: WINDOW(`ts`, '10 seconds'"),
    (in_windows("10 seconds", "5 seconds"), in_windows("10 seconds", "2 seconds"), "keys of aggregate-0"),
    (
        lambda rows: rows.withColumn("w", F.window("ts", "10 seconds")).groupBy("w").count(),
        lambda rows: rows.withColumn("w", F.window("ts", "5 seconds")).groupBy("w").count(),
        "keys of aggregate-0",
    ),
    (counted("k"), counted("j"), "keys of aggregate-0: `k` string -> `j` string"),
    (counted("k"), counted("k", "j"), "keys of aggregate-0: `k` string -> `k` string, `j` string"),
    (summed("n"), summed("m"), "aggregates of aggregate-0: SUM(`n`) -> SUM(`m`)"),
    (summed("n"), summed("n", "m"), "aggregates of aggregate-0: SUM(`n`) -> SUM(`n`), SUM(`m`)"),
    (unique("k"), unique("j"), "keys of deduplicate-0: `k` string -> `j` string"),
    (unique("k"), counted("k"), "stateful operators: deduplicate-0 -> aggregate-0"),
    (
        lambda rows: rows.withWatermark("ts", "5 seconds").dropDuplicates(["k"]),
        lambda rows: rows.withWatermark("ts", "5 seconds").dropDuplicatesWithinWatermark(["k"]),
        "kind of deduplicate-0: deduplication -> deduplication within watermark",
    ),
    (counted("k"), lambda rows: rows.select("k"), "stateful operators: aggregate-0 -> none"),
    (
        lambda rows: rows.groupBy(F.window("ts", "10 seconds")).count(),
        lambda rows: rows.withWatermark("ts", "5 seconds").groupBy(F.window("ts", "10 seconds")).count(),
        "event time of aggregate-0: none ->",
    ),
]

ACCEPTED: list[tuple[Query, Query]] = [
    (in_windows(), in_windows()),
    (summed("n"), lambda rows: rows.where("m > 3").groupBy("k").agg(F.sum("n"))),
    (summed("n"), lambda rows: rows.withColumn("n", F.col("n") * 2).groupBy("k").agg(F.sum("n"))),
    (summed("n"), lambda rows: rows.groupBy("k").agg((F.sum("n") + 1).alias("more"))),
    (summed("n"), lambda rows: summed("n")(rows).where("k <> 'x'").withColumnRenamed("k", "key")),
    (counted("k"), lambda rows: rows.groupBy("k").agg(F.count("*").alias("c"))),
    (counted("k"), lambda rows: rows.groupBy("k").agg(F.expr("count(1)"))),
    (lambda rows: rows.select("k"), lambda rows: rows.where("n > 1").select("k", "j")),
    (
        lambda rows: rows.withWatermark("ts", "5 seconds").dropDuplicatesWithinWatermark(["k"]),
        lambda rows: rows.withWatermark("ts", "9 seconds").dropDuplicatesWithinWatermark(["k"]),
    ),
]


@pytest.mark.parametrize(("before", "after", "difference"), REFUSED)
def test_what_a_stateful_operator_keeps_may_not_change(
    rows: Any, before: Query, after: Query, difference: str
) -> None:
    verdict = compare(described(before(rows)), described(after(rows)))
    assert any(str(found).startswith(difference) for found in verdict.refused), verdict


@pytest.mark.parametrize(("before", "after"), ACCEPTED)
def test_what_runs_without_state_may_change(rows: Any, before: Query, after: Query) -> None:
    assert compare(described(before(rows)), described(after(rows))).refused == ()


def test_the_description_of_a_plan_that_is_built_again_is_the_same(session: Session) -> None:
    first, second = (described(in_windows()(MemoryStream(SCHEMA).toDF(session))) for _ in range(2))
    assert first == second


def test_another_output_mode_is_accepted_and_told(rows: Any) -> None:
    verdict = compare(described(in_windows()(rows), "update"), described(in_windows()(rows), "append"))
    assert [str(found) for found in verdict.accepted] == ["output mode: update -> append"]


def test_complete_mode_keeps_what_a_watermark_would_close(rows: Any) -> None:
    verdict = compare(described(in_windows()(rows), "update"), described(in_windows()(rows), "complete"))
    assert [found.what for found in verdict.refused] == ["event time of aggregate-0"]


# ---- sources -------------------------------------------------------------------------------------


def read(session: Session, path: object, name: str | None = None, kind: str = "json") -> Any:
    reader = session.readStream.format(kind).schema("k string")
    return (reader.name(name) if name else reader).load(str(path))


@pytest.fixture
def folders(tmp_path: Any) -> tuple[Any, Any]:
    made = tmp_path / "a", tmp_path / "b"
    for folder in made:
        folder.mkdir()
    return made


def test_another_folder_is_refused_and_the_way_out_is_a_name(session: Session, folders: Any) -> None:
    old, new = (described(read(session, folder)) for folder in folders)
    (found,) = compare(old, new).refused
    assert found.what == "source source_0"
    assert str(folders[0]) in found.old
    assert str(folders[1]) in found.new
    assert 'readStream.name("source_0")' in found.way_out
    named = described(read(session, folders[1], "source_0"))
    assert compare(old, named).refused == ()
    assert [difference.what for difference in compare(old, named).accepted] == ["source source_0"]


def test_one_place_may_be_written_in_several_ways(
    session: Session, folders: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = folders[0]
    monkeypatch.chdir(folder.parent)
    first = described(read(session, folder))
    for written in (f"{folder}/", f"file://{folder}", folder.name, f"{folder.parent}/b/../a"):
        assert described(read(session, written, kind="JSON")) == first
    monkeypatch.chdir(folders[1])
    assert described(read(session, "../a")) == first


def test_topics_may_be_subscribed_to_in_any_order() -> None:
    places = {KafkaDataSource({"subscribe": topics}).describe() for topics in ("a,b", "b, a", " a ,b,")}
    assert places == {"KafkaV2[Subscribe[a, b]]"}


def test_another_kind_of_source_is_refused_under_any_name(session: Session, folders: Any) -> None:
    old, new = (described(read(session, folders[0], "clicks", kind)) for kind in ("json", "csv"))
    assert [str(found) for found in compare(old, new).refused] == ["format of the source clicks: json -> csv"]


def test_the_sides_of_a_union_may_change_places_only_when_they_have_names(
    session: Session, folders: Any
) -> None:
    a, b = (read(session, folder) for folder in folders)
    assert len(compare(described(a.union(b)), described(b.union(a))).refused) == 2
    a, b = (read(session, folder, folder.name) for folder in folders)
    assert compare(described(a.union(b)), described(b.union(a))).refused == ()


def test_operators_over_named_sources_may_not_change_places(session: Session, folders: Any) -> None:
    a, b = (read(session, folder, folder.name).dropDuplicates(["k"]) for folder in folders)
    found = compare(described(a.union(b), "append"), described(b.union(a), "append")).refused
    assert [str(difference) for difference in found] == [
        "inputs of deduplicate-0: a -> b",
        "inputs of deduplicate-1: b -> a",
    ]


def test_the_sides_of_a_join_may_not_change_places_though_one_is_a_new_source(
    session: Session, folders: Any
) -> None:
    def joined(left: str, right: str) -> Description:
        sides = [
            read(session, folders[name != "a"], name).select("k", F.current_timestamp().alias("t"))
            for name in (left, right)
        ]
        one, other = (side.withWatermark("t", "1 second") for side in sides)
        near = F.expr("l.k = r.k AND r.t BETWEEN l.t AND l.t + INTERVAL 1 SECOND")
        return described(one.alias("l").join(other.alias("r"), near).select("l.k"), "append")

    found = compare(joined("a", "b"), joined("c", "a")).refused
    assert "inputs of join-0: a with another -> another with a" in map(str, found)
    assert not compare(joined("a", "b"), joined("a", "b")).refused


def test_a_chain_is_described_operator_by_operator(rows: Any) -> None:
    def chain(length: str) -> Any:
        windows = rows.withWatermark("ts", "5 seconds").groupBy(F.window("ts", length), "k").count()
        return windows.groupBy(F.window(F.window_time("window"), "1 minute")).agg(F.sum("count"))

    found = compare(described(chain("10 seconds"), "append"), described(chain("20 seconds"), "append"))
    assert {difference.what.split()[-1] for difference in found.refused} == {"aggregate-0"}


def test_a_source_more_is_refused(session: Session, folders: Any) -> None:
    a, b = (read(session, folder) for folder in folders)
    (found,) = compare(described(a), described(a.union(b))).refused
    assert str(found) == "sources: source_0 -> source_0, source_1"


# ---- names of operators --------------------------------------------------------------------------


def test_an_operator_bears_the_name_that_the_user_gave(rows: Any) -> None:
    assert list(described(counted("k")(rows), operatorNames="by_key")["operators"]) == ["by_key"]


@pytest.mark.parametrize("names", ["a,b", "a/b", "1"])
def test_names_of_operators_that_do_not_fit_are_refused(rows: Any, names: str) -> None:
    with pytest.raises(IllegalArgumentException, match="operatorNames"):
        described(counted("k")(rows), operatorNames=names)
