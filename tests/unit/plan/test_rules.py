from __future__ import annotations

import pytest

from streamcore.plan.analysis import (
    AnalysisSettings,
    aggregate,
    aliased,
    distinct_rows,
    filter_rows,
    project,
    sort_rows,
)
from streamcore.plan.expressions import parse_expression as e
from streamcore.plan.joins import join_on
from streamcore.plan.logical import LogicalPlan, Relation
from streamcore.plan.rules import optimize
from streamcore.plan.set_operations import set_operation, union
from tests.unit.plan.plans import relation

SETTINGS = AnalysisSettings()
T = relation("a int, b string, c double, s struct<x: int, y: int>", 920_001)


def read(plan: LogicalPlan) -> list[list[str]]:
    """The columns that the optimized plan reads from each of its relations."""
    return [[c.name for c in n.columns] for n in optimize(plan).walk() if isinstance(n, Relation)]


def test_a_selection_reads_only_its_columns() -> None:
    assert read(project(T, [e("a + 1"), e("s.x")], SETTINGS)) == [["a", "s"]]


def test_a_filter_adds_the_columns_of_its_condition() -> None:
    assert read(project(filter_rows(T, e("c > 0"), SETTINGS), [e("a")], SETTINGS)) == [["a", "c"]]


def test_counting_rows_reads_one_narrow_column() -> None:
    assert read(aggregate(relation("b string, n int", 920_101), [], [e("count(*)")], SETTINGS)) == [["n"]]


def test_an_unused_aggregate_is_not_computed() -> None:
    grouped = aggregate(T, [e("a")], [e("a"), e("sum(c) AS total"), e("max(b) AS last")], SETTINGS)
    assert read(project(grouped, [e("a"), e("total")], SETTINGS)) == [["a", "c"]]


def test_each_side_of_a_join_reads_its_own_columns() -> None:
    u = aliased(relation("k int, v string, w string", 920_201, "u"), "u")
    joined = join_on(aliased(T, "t"), u, e("t.a = u.k"), "inner", SETTINGS)
    assert read(project(joined, [e("b"), e("w")], SETTINGS)) == [["a", "b"], ["k", "w"]]


def test_a_union_keeps_its_sides_in_step() -> None:
    u = relation("x int, y string, z double, s struct<x: int, y: int>", 920_301, "u")
    assert read(project(union(T, u), [e("b")], SETTINGS)) == [["b"], ["y"]]


@pytest.mark.parametrize("kind", ["intersect", "except"])
def test_a_set_operation_needs_every_column(kind: str) -> None:
    u = relation("a int, b string, c double, s struct<x: int, y: int>", 920_401, "u")
    both = set_operation(T, u, kind, is_all=False)
    assert read(project(both, [e("a")], SETTINGS)) == [["a", "b", "c", "s"]] * 2


def test_distinct_rows_need_every_column_and_distinct_keys_only_the_keys() -> None:
    assert read(project(distinct_rows(T, None, SETTINGS), [e("a")], SETTINGS)) == [["a", "b", "c", "s"]]
    assert read(project(distinct_rows(T, ["b"], SETTINGS), [e("a")], SETTINGS)) == [["a", "b"]]


def test_sorting_by_a_column_that_is_not_selected_reads_it() -> None:
    assert read(sort_rows(project(T, [e("a")], SETTINGS), [e("c")], SETTINGS)) == [["a", "c"]]


def test_columns_that_differ_in_case_only_are_all_read() -> None:
    odd = relation("a int, A int, b int", 920_501)
    assert read(project(odd, [e("b")], SETTINGS)) == [["a", "A", "b"]]


def test_a_condition_that_is_true_is_dropped() -> None:
    assert optimize(filter_rows(T, e("true"), SETTINGS)) is T


def test_optimizing_keeps_the_output_and_is_stable() -> None:
    plan = sort_rows(
        project(filter_rows(T, e("c > 0"), SETTINGS), [e("b"), e("a")], SETTINGS), [e("c")], SETTINGS
    )
    once = optimize(plan)
    assert once.output == plan.output
    assert optimize(once) == once
