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
from streamcore.plan.logical import LogicalPlan
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
