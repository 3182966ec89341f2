"""from_json reads only the fields that are used, and parses each text once."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from sqlglot import exp

from streamcore.duck.engine import SlotEngine
from streamcore.plan.analysis import (
    AnalysisSettings,
    aggregate,
    aliased,
    distinct_rows,
    filter_rows,
    project,
    sort_rows,
)
from streamcore.plan.codegen import fragment_sql
from streamcore.plan.explain import plan_text
from streamcore.plan.expressions import parse_expression as e
from streamcore.plan.joins import join_on
from streamcore.plan.json_calls import from_json_calls, struct_of
from streamcore.plan.logical import LogicalPlan
from streamcore.plan.node_expressions import expressions_of
from streamcore.plan.rules import optimize
from streamcore.plan.set_operations import union
from streamcore.plan.stars import expand_star
from streamcore.plan.translate import TranslationContext
from streamcore.plan.translation.json import schema_of_text
from streamcore.plan.watermarks import watermarked
from streamcore.spi.types import StructType
from tests.unit.plan.plans import relation

SETTINGS = AnalysisSettings()
T = relation("value binary, topic string", 930_001)
SCHEMA = "a int, b string, c timestamp, n struct<x: int, y: string>"
TEXTS: list[bytes | None] = [
    b'{"a":1,"b":"x","c":"2024-01-01 00:00:00","n":{"x":1,"y":"q"}}',
    b'{"a":"bad","b":"x","c":1,"n":{"x":"bad","y":"r"}}',
    b'{"a":2,"b":{"z":1},"c":"bad","n":5}',
    b'{"b":"x"}',
    b'{"a":3,"b":null}',
    b" ",
    b"null",
    b"[1]",
    b'{"a":1,',
    b"\xff",
    None,
]


def parsed(schema: str = SCHEMA, options: str = "") -> LogicalPlan:
    text = f"from_json(cast(value as string), '{schema}'{options}) AS d"
    return project(T, [e(text), e("topic")], SETTINGS)


def select(plan: LogicalPlan, *texts: str) -> LogicalPlan:
    names = SETTINGS.names(plan)
    return project(plan, [found for text in texts for found in expand_star(e(text), names)], SETTINGS)


def where(plan: LogicalPlan, condition: str) -> LogicalPlan:
    return filter_rows(plan, e(condition), SETTINGS)


def schemas(plan: LogicalPlan) -> set[tuple[str, ...]]:
    """The fields that each call of from_json reads in the optimized plan."""
    found = set()
    for node in optimize(plan).walk():
        for call in (c for expression in expressions_of(node) for c in from_json_calls(expression)):
            schema = schema_of_text(call.expressions[1].name)
            assert isinstance(schema, StructType)
            found.add(tuple(schema.names))
    return found


def corrupt(plan: LogicalPlan) -> LogicalPlan:
    return select(plan, "d.b", "d._corrupt_record AS bad")


NARROWED: dict[str, tuple[Callable[[], LogicalPlan], tuple[str, ...]]] = {
    "a selection": (lambda: select(parsed(), "d.b"), ("b",)),
    "a field of a field": (lambda: select(parsed(), "d.n.y"), ("n",)),
    "a filter above": (lambda: select(where(parsed(), "d.b = 'x'"), "d.a"), ("a", "b")),
    "a star": (lambda: select(where(select(parsed(), "d.*"), "b = 'x'"), "a"), ("a", "b")),
    "another name": (lambda: select(select(parsed(), "d AS e", "topic"), "e.a"), ("a",)),
    "a watermark": (
        lambda: select(watermarked(select(parsed(), "d.c AS c", "d.b AS b"), "c", "1 hour", SETTINGS), "b"),
        ("b", "c"),
    ),
    "groups": (lambda: aggregate(parsed(), [e("d.b")], [e("d.b"), e("sum(d.a) AS s")], SETTINGS), ("a", "b")),
    "an order": (lambda: select(sort_rows(parsed(), [e("d.a")], SETTINGS), "d.b"), ("a", "b")),
    "the call itself": (
        lambda: select(T, *(f"from_json(cast(value as string), '{SCHEMA}').{f}" for f in "ab")),
        ("a", "b"),
    ),
    "options": (lambda: select(parsed(SCHEMA, ", map('dateFormat', 'yyyy')"), "d.a"), ("a",)),
    "an unread corrupt record": (
        lambda: select(parsed(SCHEMA + ", _corrupt_record string"), "d.a"),
        ("a",),
    ),
}  # fmt: skip

WHOLE: dict[str, Callable[[], LogicalPlan]] = {
    "the struct in the result": parsed,
    "the struct in an expression": lambda: select(parsed(), "d.a", "d IS NULL AS n"),
    "a union": lambda: select(union(parsed(), parsed()), "d.a"),
    "distinct rows": lambda: select(distinct_rows(parsed(), None, SETTINGS), "d.a"),
    "mode FAILFAST": lambda: select(parsed(SCHEMA, ", map('mode', 'FAILFAST')"), "d.a"),
}  # fmt: skip


@pytest.mark.parametrize("name", NARROWED)
def test_only_the_fields_that_are_used_are_read(name: str) -> None:
    plan, fields = NARROWED[name]
    assert schemas(plan()) == {fields}


@pytest.mark.parametrize("name", WHOLE)
def test_all_fields_are_read_where_they_have_a_say(name: str) -> None:
    assert schemas(WHOLE[name]()) == {("a", "b", "c", "n")}


def test_the_corrupt_record_needs_every_field() -> None:
    plan = corrupt(parsed(SCHEMA + ", _corrupt_record string"))
    assert schemas(plan) == {("a", "b", "c", "n", "_corrupt_record")}


def test_each_side_of_a_join_reads_its_own_fields() -> None:
    left = aliased(parsed(), "l")
    other = relation("value binary, topic string", 930_101, "u")
    right = aliased(project(other, [e(f"from_json(cast(value as string), '{SCHEMA}') AS d")], SETTINGS), "r")
    joined = join_on(left, right, e("l.d.a = r.d.a"), "inner", SETTINGS)
    assert schemas(select(joined, "l.d.b")) == {("a", "b"), ("a",)}


@pytest.mark.parametrize("name", [*NARROWED, *WHOLE])
def test_narrowing_keeps_the_output_and_is_stable(name: str) -> None:
    plan = NARROWED[name][0]() if name in NARROWED else WHOLE[name]()
    once = optimize(plan)
    assert once.output == plan.output
    assert plan_text(optimize(once)) == plan_text(once)
    assert plan_text(optimize(plan)) == plan_text(once)


def rows(plan: LogicalPlan, *, careful: bool = True) -> list[dict[str, Any]]:
    context = TranslationContext(careful=careful)
    table = pa.table({"value": pa.array(TEXTS, pa.binary()), "topic": ["t"] * len(TEXTS)})
    with SlotEngine() as engine:
        found = engine.run(fragment_sql(plan, {"t": '"t"'}, context), {"t": table})
    return [dict(zip([a.name for a in plan.output], row.values(), strict=True)) for row in found.to_pylist()]


def shown(plan: LogicalPlan) -> list[str]:
    return sorted(map(repr, rows(plan)))


@pytest.mark.parametrize("name", [name for name in NARROWED if name != "options"])
def test_narrowing_changes_no_row(name: str) -> None:
    plan = NARROWED[name][0]()
    assert shown(optimize(plan)) == shown(plan)


def test_a_value_that_does_not_fit_leaves_the_other_fields_alone() -> None:
    assert [row["b"] for row in rows(optimize(select(parsed(), "d.b")))] == [
        "x", "x", '{"z":1}', "x", None, None, None, None, None, None, None
    ]  # fmt: skip


def test_the_corrupt_record_is_what_any_field_spoils() -> None:
    plan = corrupt(parsed(SCHEMA + ", _corrupt_record string"))
    spoilt = [row["bad"] for row in rows(optimize(plan))]
    assert [at for at, text in enumerate(spoilt) if text is not None] == [1, 2, 6, 7, 8, 9]


def parsings(text: str) -> int:
    """How many times JSON is parsed, names of columns left out."""
    return len(re.findall(r"from_json\((?!CAST\(value AS STRING)", text))


@pytest.mark.parametrize("name", [*NARROWED, "the struct in the result", "mode FAILFAST"])
def test_each_text_is_parsed_once(name: str) -> None:
    plan = NARROWED[name][0]() if name in NARROWED else WHOLE[name]()
    filtered = optimize(where(plan, f"`{plan.output[0].name}` IS NOT NULL"))
    sql = fragment_sql(filtered, {"t": '"t"'}, TranslationContext())
    table = pa.table({"value": pa.array([b"{}"], pa.binary()), "topic": ["t"]})
    with SlotEngine() as engine:
        physical = str(engine.run(f"EXPLAIN (FORMAT json) {sql}", {"t": table}).to_pylist())
    assert parsings(sql) == 1
    assert "FILTER" in physical
    # A projection is shown by its name: any parsing that shows was copied into a filter.
    assert parsings(physical) == 0


def test_a_filter_on_another_column_is_not_held_back_by_the_parsing() -> None:
    sql = fragment_sql(optimize(where(select(parsed(), "d.a", "topic"), "topic = 'u'")), {"t": '"t"'},
                       TranslationContext())  # fmt: skip
    table = pa.table({"value": pa.array([b"no JSON"], pa.binary()), "topic": ["t"]})
    with SlotEngine() as engine:
        assert engine.run(sql, {"t": table}).num_rows == 0


def test_a_conditional_call_is_not_computed_for_every_row() -> None:
    plan = select(T, "CASE WHEN topic = 'u' THEN from_json(cast(value as string), 'a int').a END AS a")
    table = pa.table({"value": pa.array([b"no JSON"], pa.binary()), "topic": ["t"]})
    with SlotEngine() as engine:
        sql = fragment_sql(optimize(plan), {"t": '"t"'}, TranslationContext())
        assert list(engine.run(sql, {"t": table}).to_pylist()[0].values()) == [None]


def test_calls_with_unreadable_options_are_left_alone() -> None:
    call = e("from_json(v, 'a int, b int', map('mode', upper('failfast'))).a")
    assert isinstance(call, exp.Dot)
    assert struct_of(call.this) is None
