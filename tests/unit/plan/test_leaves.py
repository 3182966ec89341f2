"""Leaves that stand in a plan several times."""

from __future__ import annotations

from dataclasses import replace

from streamcore.plan.attributes import passed_through, reference
from streamcore.plan.distinct_ids import with_distinct_ids
from streamcore.plan.leaves import with_inputs_told_apart
from streamcore.plan.logical import Filter, Join, LogicalPlan, Project, Relation
from streamcore.plan.rules import optimize
from streamcore.plan.set_operations import union
from streamcore.plan.stages import cut
from tests.unit.plan.plans import relation


def leaves(plan: LogicalPlan) -> list[Relation]:
    return [node for node in plan.walk() if isinstance(node, Relation)]


def self_join(leaf: Relation, left: int, right: int) -> LogicalPlan:
    """The leaf joined with itself, of which each side yields one column."""
    sides = [Project(leaf, (passed_through(leaf.columns[at]),)) for at in (left, right)]
    other, _ = with_distinct_ids(sides[0], sides[1])
    return Join(sides[0], other, "cross", None)


def test_a_source_read_for_other_columns_at_each_place_is_two_inputs() -> None:
    first, second = leaves(optimize(self_join(relation("a int, b int", 1), 0, 1)))
    assert first.key != second.key
    assert [[c.name for c in leaf.columns] for leaf in (first, second)] == [["a"], ["b"]]


def test_a_source_read_for_the_same_columns_is_one_input() -> None:
    first, second = leaves(optimize(self_join(relation("a int, b int", 1), 0, 0)))
    assert first.key == second.key


def test_telling_inputs_apart_twice_changes_nothing() -> None:
    once = optimize(self_join(relation("a int, b int", 1), 0, 1))
    assert [leaf.key for leaf in leaves(with_inputs_told_apart(once))] == [leaf.key for leaf in leaves(once)]


def test_a_key_that_is_given_out_is_not_taken_already() -> None:
    leaf = relation("a int, b int", 1)
    taken = replace(relation("a int, b int", 11), key="t/2")
    plan = Join(taken, self_join(leaf, 0, 1), "cross", None)
    assert len({found.key for found in leaves(optimize(plan))}) == 3


def test_a_stream_on_both_sides_of_a_union_is_read_by_each() -> None:
    stream = replace(relation("a int, b boolean", 1), is_stream=True)
    kept = Filter(stream, reference(stream.columns[1]))
    found = cut(union(stream, kept), []).leaves
    assert len({leaf.origin.key for leaf in found}) == 2
    filtered = [any(isinstance(node, Filter) for node in leaf.plan.walk()) for leaf in found]
    assert filtered == [False, True]
