"""Golden texts for a few plans, and the laws of names; what the text computes is tested through sessions."""

from __future__ import annotations

import pyarrow as pa
import pytest

from streamcore.duck.engine import SlotEngine
from streamcore.execution.partitions import addressable
from streamcore.plan.analysis import AnalysisSettings, aggregate, filter_rows, limit_rows, project, sort_rows
from streamcore.plan.codegen import fragment_sql
from streamcore.plan.expressions import parse_expression
from streamcore.plan.joins import join_using
from streamcore.plan.logical import Join, LogicalPlan
from streamcore.plan.rules import optimize
from streamcore.plan.translate import TranslationContext
from tests.unit.plan.plans import relation

SETTINGS = AnalysisSettings()
CONTEXT = TranslationContext()


def text(plan: LogicalPlan, **relations: str) -> str:
    return fragment_sql(plan, relations or {"t": '"t"'}, CONTEXT)


def test_filter_and_projection_share_one_select() -> None:
    t = relation("a int, b string", 910_001)
    plan = project(
        filter_rows(t, parse_expression("a IS NOT NULL"), SETTINGS), [parse_expression("b")], SETTINGS
    )
    assert text(optimize(plan)) == (
        'SELECT "b#910002" FROM (SELECT "a" AS "a#910001", "b" AS "b#910002" FROM "t") '
        'WHERE ((NOT ("a#910001" IS NULL)))'
    )


def test_a_relation_may_stand_for_a_select() -> None:
    t = relation("a int", 910_101)
    assert text(t, t="(SELECT 1 AS a)") == 'SELECT "a" AS "a#910101" FROM (SELECT 1 AS a)'


def test_order_and_limit_stay_together() -> None:
    t = relation("a int", 910_201)
    plan = limit_rows(sort_rows(t, [parse_expression("a")], SETTINGS), 3, 1)
    assert text(plan) == (
        'SELECT "a#910201" FROM (SELECT "a" AS "a#910201" FROM "t") '
        'ORDER BY "a#910201" ASC NULLS FIRST LIMIT 3 OFFSET 1'
    )


def test_groups_are_named_by_position() -> None:
    t = relation("a int", 910_301)
    plan = aggregate(
        t, [parse_expression("a")], [parse_expression("a"), parse_expression("count(*) AS n")], SETTINGS
    )
    assert text(plan).endswith("GROUP BY 1")


def test_the_text_depends_on_nothing_but_the_plan() -> None:
    t, u = relation("k int, v int", 910_401), relation("k int, w int", 910_501, "u")
    plan = join_using(t, u, ["k"], "full", SETTINGS)
    relations = {"t": '"t"', "u": '"u"'}
    assert text(plan, **relations) == text(plan, **relations)


@pytest.mark.parametrize(
    "names",
    [
        ["a", "a"],
        ["a", "A"],
        ['say "hi"', "semi;colon"],
        ["", "dots.in.name"],
        ["größe", "名前"],
        ["a'b", "back`tick"],
        ["select", "a#1"],
    ],
)
def test_any_names_are_carried_through(names: list[str]) -> None:
    t = relation("x int, y int", 910_601)
    from dataclasses import replace

    columns = tuple(replace(column, name=name) for column, name in zip(t.columns, names, strict=True))
    plan = replace(t, columns=columns)
    table = pa.Table.from_arrays([pa.array([1, 2], pa.int32()), pa.array([3, 4], pa.int32())], names=names)
    with SlotEngine() as engine:
        result = engine.run(text(optimize(plan)), {"t": addressable(table)})
    assert [column.to_pylist() for column in result.columns] == [[1, 2], [3, 4]]
    assert result.column_names == [column.physical for column in columns]


def test_joins_stand_in_one_from_clause_and_their_filters_in_one_where() -> None:
    a, b, c = (relation(f"{name} int", 910_400 + at) for at, name in enumerate("abc"))
    both = Join(filter_rows(a, parse_expression("a > 1"), SETTINGS), b, "inner", None)
    kept = filter_rows(both, parse_expression("a = b"), SETTINGS)
    found = text(Join(kept, c, "left", parse_expression("true")), t='"t"')
    assert found.count("SELECT *") == 1
    assert " LEFT JOIN " in found
    assert found.endswith('WHERE (("a#910400" = "b#910401"))')


def test_a_filter_of_the_side_that_a_join_fills_up_stays_there() -> None:
    a, b, c = (relation(f"{name} int", 910_500 + at) for at, name in enumerate("abc"))
    both = filter_rows(Join(a, b, "inner", None), parse_expression("a = b"), SETTINGS)
    for how, plan in (
        ("RIGHT", Join(both, c, "right", parse_expression("true"))),
        ("LEFT", Join(c, both, "left", parse_expression("true"))),
    ):
        found = text(plan, t='"t"')
        assert f" {how} JOIN " in found
        assert not found.endswith('WHERE (("a#910500" = "b#910501"))')
