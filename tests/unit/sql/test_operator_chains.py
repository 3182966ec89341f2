"""Any chain of operators over any small table gives what plain Python gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from streamcore.sql import functions as F
from streamcore.sql.dataframe import DataFrame
from streamcore.sql.session import Session

Rows = list[tuple[Any, ...]]
SCHEMA = "a int, b string, c int"


@dataclass(frozen=True)
class Step:
    """One operator, and the same on lists of tuples."""

    name: str
    on_frame: Callable[[DataFrame], DataFrame]
    on_rows: Callable[[Rows], Rows]

    def __repr__(self) -> str:
        return self.name


def _sum(values: list[int | None]) -> int | None:
    present = [value for value in values if value is not None]
    return sum(present) if present else None


def _grouped(rows: Rows) -> Rows:
    keys = dict.fromkeys(row[1] for row in rows)
    groups = {key: [row for row in rows if row[1] == key] for key in keys}
    return [(_sum([r[0] for r in group]), key, len(group)) for key, group in groups.items()]


def _joined(rows: Rows) -> Rows:
    return [(x[0], x[1], y[2]) for x in rows for y in rows if x[1] is not None and x[1] == y[1]]


def _first_two(rows: Rows) -> Rows:
    def key(row: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple((value is not None, value) for value in (row[0], row[2], row[1]))

    return sorted(rows, key=key)[:2]


def _join(frame: DataFrame) -> DataFrame:
    joined = frame.alias("x").join(frame.alias("y"), F.col("x.b") == F.col("y.b"))
    return joined.select(F.col("x.a").cast("int"), "x.b", F.col("y.c").cast("int"))


def _shaped(frame: DataFrame) -> DataFrame:
    """The table's own types again, whatever an aggregate made of them."""
    return frame.select(F.col("a").cast("int").alias("a"), "b", F.col("c").cast("int").alias("c"))


STEPS = [
    Step("filter", lambda f: f.filter("a > 0"), lambda r: [x for x in r if x[0] is not None and x[0] > 0]),
    Step("is_null", lambda f: f.filter(F.col("b").isNull()), lambda r: [x for x in r if x[1] is None]),
    Step(
        "coalesce",
        lambda f: f.withColumn("c", F.coalesce("c", "a")),
        lambda r: [(x[0], x[1], x[0] if x[2] is None else x[2]) for x in r],
    ),
    Step(
        "swap",
        lambda f: f.select("c", "b", "a").toDF("a", "b", "c"),
        lambda r: [(x[2], x[1], x[0]) for x in r],
    ),
    Step("distinct", lambda f: f.distinct(), lambda r: list(dict.fromkeys(r))),
    Step(
        "union",
        lambda f: f.union(f.filter("c IS NOT NULL")),
        lambda r: r + [x for x in r if x[2] is not None],
    ),
    Step(
        "group",
        lambda f: _shaped(f.groupBy("b").agg(F.sum("a").alias("a"), F.count("*").alias("c"))),
        _grouped,
    ),
    Step("self_join", _join, _joined),
    Step("top", lambda f: f.orderBy("a", "c", "b").limit(2), _first_two),
    Step(
        "subtract",
        lambda f: f.subtract(f.filter("a < 0")),
        lambda r: [x for x in dict.fromkeys(r) if not (x[0] is not None and x[0] < 0)],
    ),
    Step("fill", lambda f: f.fillna({"a": 9}), lambda r: [(9 if x[0] is None else x[0], *x[1:]) for x in r]),
    Step("drop_nulls", lambda f: f.dropna(subset=["c"]), lambda r: [x for x in r if x[2] is not None]),
]

values = st.none() | st.integers(-3, 3)
tables = st.lists(st.tuples(values, st.none() | st.sampled_from(["x", "y", ""]), values), max_size=5)


@settings(max_examples=60)
@given(rows=tables, steps=st.lists(st.sampled_from(STEPS), max_size=4))
def test_a_chain_of_operators_gives_what_python_gives(
    session: Session, rows: Rows, steps: list[Step]
) -> None:
    frame, expected = session.createDataFrame(rows, SCHEMA), rows
    for step in steps:
        frame, expected = step.on_frame(frame), step.on_rows(expected)
    assert Counter(tuple(row) for row in frame.collect()) == Counter(expected)


def test_unions_joined_with_themselves_by_a_text_are_answered(session: Session) -> None:
    rows: Rows = [(None, "x", None), (None, "y", None)]
    frame = session.createDataFrame(rows, SCHEMA)
    for _ in range(2):
        frame = frame.union(frame.filter("c IS NOT NULL"))
    assert Counter(tuple(row) for row in _join(frame).collect()) == Counter(rows)
