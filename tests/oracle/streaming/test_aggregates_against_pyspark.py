"""Every aggregate function over a stream: PySpark's answers batch by batch, or a refusal."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from streamcore import Session
from streamcore.errors import AnalysisException, UnsupportedOperationException
from streamcore.models.ml.functions import array_to_vector
from streamcore.models.ml.stat import Summarizer
from streamcore.plan.translation.aggregates import aggregate_names
from streamcore.sql import functions as F
from streamcore.testing.memory_source import MemoryStream
from streamcore.testing.stepped_query import SteppedQuery
from tests.oracle.streaming.aggregate_cases import API_CASES, BATCHES, CASES, COLUMNS
from tests.oracle.streaming.arrivals import Arrivals
from tests.oracle.streaming.ask_aggregates import written

FROZEN = json.loads((Path(__file__).parent.parent / "data" / "streaming_aggregates.json").read_text())
ANSWERS: dict[str, Any] = FROZEN["answers"]

REFUSED = {
    "approx_top_k_combine": "NESTED_AGGREGATE_FUNCTION",
    r"approx_top_k(_acc|\()|measure": "is not offered",
    "grouping": "belongs to rollup, cube and grouping sets",
}
"""Calls that are refused, by what stands in them -> a part of the reason."""

_UNMERGED = re.compile(r"histogram_numeric|collect_union|count_min_sketch|kll_|tuple_")
ONLY_IN_BATCHES = [
    name
    for name in CASES
    if (name.startswith("listagg") and "WITHIN GROUP" in name) or _UNMERGED.search(name)
]

DIFFERENT = {
    "max_by(v, x)": "the first of equals wins, in PySpark the last",
    "max_by(s, x)": "the first of equals wins, in PySpark the last",
    "max_by(st, x)": "the first of equals wins, in PySpark the last",
    "max_by(s, ts)": "the first of equals wins, in PySpark the last",
    "min_by(s, ts)": "the first of equals wins, in PySpark the last",
    "mode(v)": "the smallest of equally frequent values; in PySpark any of them",
    "percentile_approx(x, 0.5D)": "NaN is larger than all numbers; PySpark's sketch puts it anywhere",
    "percentile_approx(v, 0.3D, 100)": "exact; PySpark's sketch is not, beyond its accuracy",
    "approx_count_distinct(v, 0.2D)": "its correction of means is computed; PySpark looks it up in a table",
}
DISTINCT = "Distinct aggregations are not supported"
CALLS_PER_QUERY = 16

Rows = list[list[Any]]


def refusal(name: str) -> str | None:
    return next((reason for part, reason in REFUSED.items() if re.search(part, name)), None)


ANSWERED = [name for name in (*CASES, *API_CASES) if refusal(name) is None and name not in ONLY_IN_BATCHES]
SAME = [name for name in ANSWERED if name not in DIFFERENT and "batches" in ANSWERS[name]]
EXTRA = [name for name in ANSWERED if DISTINCT in ANSWERS[name].get("refused", "")]


def in_groups(names: Sequence[str]) -> list[Sequence[str]]:
    return [names[at : at + CALLS_PER_QUERY] for at in range(0, len(names), CALLS_PER_QUERY)]


@pytest.fixture(scope="module")
def session() -> Session:
    session = Session.builder.master("local[2]").getOrCreate().newSession()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    session.conf.set("spark.sql.shuffle.partitions", "1")
    return session


def calls(names: Sequence[str]) -> list[Any]:
    made = [API_CASES[name](F) if name in API_CASES else F.expr(name) for name in names]
    return [call.alias(f"c{at}") for at, call in enumerate(made)]


def grouped(session: Session, arrivals: Arrivals, names: Sequence[str], *keys: Any) -> Any:
    rows = arrivals.to_df(session).withWatermark("ts", "0 seconds").selectExpr(*COLUMNS)
    return rows.groupBy(*keys, "k").agg(*calls(names))


def run(frame: Any, arrivals: Arrivals, folder: Path, mode: str, *, restarts: bool = False) -> list[Rows]:
    """The rows that every batch puts out, by key."""
    found: list[Rows] = []

    def keep(df: Any, _: int) -> None:
        found.append(sorted(([written(value) for value in row] for row in df.collect()), key=repr))

    def started() -> SteppedQuery:
        writer = frame.writeStream.outputMode(mode).foreachBatch(keep)
        return SteppedQuery(writer.option("checkpointLocation", str(folder)))

    query = started()
    for rows in BATCHES:
        arrivals.arrive(rows)
        query.step()
        if restarts:
            query.close()
            query = started()
    query.run_dry()
    query.close()
    return found


def same(one: Any, other: Any) -> bool:
    """Whether two answers are equal, but for the rounding of floating point numbers."""
    if isinstance(one, float) and isinstance(other, float | int):
        return math.isclose(one, other, rel_tol=1e-7, abs_tol=1e-12)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return bool(one == other)


def comparable(name: str, value: Any) -> Any:
    """A set in an order of its own."""
    return sorted(value, key=repr) if name.startswith("collect_set") else value


def differing(names: Sequence[str], found: Rows, expected: Sequence[Rows]) -> list[Any]:
    """(call, key, ours, PySpark's) for all that is not the same; `expected` holds the answers by call."""
    keys = [row[0] for row in found]
    wrong = []
    for at, name in enumerate(names):
        theirs = {row[0]: comparable(name, row[1]) for row in expected[at]}
        assert theirs.keys() == set(keys), name
        ours = {row[0]: comparable(name, row[at + 1]) for row in found}
        wrong += [(name, key, ours[key], theirs[key]) for key in keys if not same(ours[key], theirs[key])]
    return wrong


@pytest.mark.parametrize("names", in_groups(SAME), ids=lambda names: names[0])
def test_every_batch_updates_to_what_pyspark_gives(
    session: Session, tmp_path: Path, names: Sequence[str]
) -> None:
    arrivals = Arrivals()
    frame = grouped(session, arrivals, names)
    types = [field.dataType.simpleString() for field in frame.schema.fields[1:]]
    assert types == [ANSWERS[name]["type"] for name in names]
    for batch, found in enumerate(run(frame, arrivals, tmp_path, "update")):
        assert differing(names, found, [ANSWERS[name]["batches"][batch] for name in names]) == []


def test_a_complete_result_survives_restarts_and_partitions(session: Session, tmp_path: Path) -> None:
    names = [name for name in SAME if "(v" in name or "(s" in name][::3]
    arrivals = Arrivals(partitions=3)
    *_, found = run(grouped(session, arrivals, names), arrivals, tmp_path, "complete", restarts=True)
    last = [{row[0]: row for batch in ANSWERS[name]["batches"] for row in batch} for name in names]
    assert differing(names, found, [list(rows.values()) for rows in last]) == []


@pytest.mark.parametrize(
    "window", [F.window("ts", "4 seconds"), F.session_window("ts", "2 seconds")], ids=["window", "session"]
)
def test_windows_that_close_give_what_a_batch_gives(session: Session, tmp_path: Path, window: Any) -> None:
    names = [name for name in ANSWERED if "(v" in name or "(s" in name][::4]
    arrivals = Arrivals()
    frame = grouped(session, arrivals, names, window)
    closed = [row for batch in run(frame, arrivals, tmp_path, "append") for row in batch]
    whole = Arrivals()
    whole.arrive([row for batch in BATCHES for row in batch])
    rows = session.createDataFrame(whole.batches[0]).selectExpr(*COLUMNS)
    direct = rows.groupBy(window, "k").agg(*calls(names)).collect()
    expected = {repr(row[:2]): row for row in ([written(v) for v in row] for row in direct)}
    assert len(closed) > 3
    for row in closed:
        answer = expected[repr(row[:2])]
        pairs = zip(names, row[2:], answer[2:], strict=True)
        assert [p for p in pairs if not same(comparable(p[0], p[1]), comparable(p[0], p[2]))] == []


def test_a_known_difference_is_one(session: Session, tmp_path: Path) -> None:
    names = list(DIFFERENT)
    arrivals = Arrivals()
    different = set()
    for batch, found in enumerate(run(grouped(session, arrivals, names), arrivals, tmp_path, "update")):
        wrong = differing(names, found, [ANSWERS[name]["batches"][batch] for name in names])
        different |= {name for name, *_ in wrong}
    assert different == DIFFERENT.keys()


def test_distinct_values_are_folded_where_pyspark_refuses_them(session: Session, tmp_path: Path) -> None:
    arrivals = Arrivals()
    *_, found = run(grouped(session, arrivals, EXTRA), arrivals, tmp_path, "complete", restarts=True)
    rows = session.createDataFrame(arrivals.batches[0].slice(0, 0)).selectExpr(*COLUMNS)
    for batch in arrivals.batches:
        rows = rows.union(session.createDataFrame(batch).selectExpr(*COLUMNS))
    whole_rows = rows.groupBy("k").agg(*calls(EXTRA)).collect()
    direct = {row[0]: [written(value) for value in row] for row in whole_rows}
    for row in found:
        for name, ours, whole in zip(EXTRA, row[1:], direct[row[0]][1:], strict=True):
            in_any_order = name.startswith(("collect_list", "listagg", "string_agg"))
            assert (sorted(ours) == sorted(whole)) if in_any_order and ours else same(ours, whole), (
                name,
                row[0],
                ours,
                whole,
            )


@pytest.mark.parametrize("group", ["rollup", "cube"])
def test_subtotals_are_those_of_a_batch(session: Session, tmp_path: Path, group: str) -> None:
    def counted(rows: Any) -> Any:
        grouped = getattr(rows.selectExpr(*COLUMNS), group)("k", "b")
        return grouped.agg(F.grouping_id().alias("g"), F.sum("v").alias("s"), F.collect_list("v").alias("l"))

    arrivals = Arrivals()
    *_, found = run(counted(arrivals.to_df(session)), arrivals, tmp_path, "complete", restarts=True)
    whole = Arrivals()
    whole.arrive([row for batch in BATCHES for row in batch])
    direct = counted(session.createDataFrame(whole.batches[0])).collect()
    assert found == sorted(([written(value) for value in row] for row in direct), key=repr)


@pytest.mark.parametrize("name", [name for name in (*CASES, *API_CASES) if refusal(name) is not None])
def test_what_is_not_offered_is_refused_with_a_reason(session: Session, name: str) -> None:
    with pytest.raises((AnalysisException, UnsupportedOperationException), match=refusal(name)):
        grouped(session, Arrivals(), [name]).schema  # noqa: B018 - the type is what fails


@pytest.mark.parametrize("name", ONLY_IN_BATCHES)
def test_what_cannot_be_merged_is_for_batches_alone(session: Session, tmp_path: Path, name: str) -> None:
    arrivals = Arrivals()
    with pytest.raises(
        UnsupportedOperationException, match=r"is not offered in streams|cannot be kept up incrementally"
    ):
        run(grouped(session, arrivals, [name]), arrivals, tmp_path, "complete")


def test_no_aggregate_function_was_forgotten() -> None:
    text = " ".join((*CASES, *API_CASES))
    of_the_summarizer = "aggregate_metrics"  # no function of PySpark's; streams refuse it, see below
    of_vectors = {"vector_avg", "vector_sum"}  # no column here has arrays of floats
    known = {*FROZEN["functions"], *aggregate_names()} - {of_the_summarizer, *of_vectors}
    assert [name for name in sorted(known) if not re.search(rf"\b{name}\b", text)] == []
    assert set(ANSWERS) == {*CASES, *API_CASES}


def test_the_summary_of_vectors_is_refused_in_a_stream(session: Session) -> None:
    source = MemoryStream("a array<double>")
    vectors = source.toDF(session).select(array_to_vector("a").alias("v"))
    with pytest.raises(UnsupportedOperationException, match="cannot be kept up incrementally"):
        vectors.agg(Summarizer.mean(vectors.v)).writeStream.format("memory").queryName("v").outputMode(
            "complete"
        ).start()
