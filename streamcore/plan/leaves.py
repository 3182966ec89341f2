"""The leaves of a plan: which of them may share one input, and which are read by themselves.

One source may stand at several places of a plan (a self-join, a union with itself, a WITH query used
twice), and every place may need other columns of it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace
from itertools import count

from streamcore.plan.logical import LogicalPlan, Relation


def with_inputs_told_apart(plan: LogicalPlan) -> LogicalPlan:
    """The plan in which leaves of one key read the same columns, so that one input serves them all."""
    return _renamed(plan, lambda leaf: tuple(column.id for column in leaf.columns))


def with_streams_of_their_own(plan: LogicalPlan) -> LogicalPlan:
    """The plan in which no streaming leaf stands twice: each is read, and its offsets kept, by itself."""
    places = count()
    return _renamed(plan, lambda leaf: next(places) if leaf.is_stream else None)


def _renamed(plan: LogicalPlan, identity: Callable[[Relation], Hashable]) -> LogicalPlan:
    """Leaves of one key whose identities differ, under keys of their own; the first keeps the key."""
    taken = {node.key for node in plan.walk() if isinstance(node, Relation)}
    given: dict[str, dict[Hashable, str]] = {}

    def rule(node: LogicalPlan) -> LogicalPlan:
        if not isinstance(node, Relation):
            return node
        keys, found = given.setdefault(node.key, {}), identity(node)
        if found not in keys:
            keys[found] = _free(node.key, taken) if keys else node.key
            taken.add(keys[found])
        return node if keys[found] == node.key else replace(node, key=keys[found])

    return plan.transform_up(rule)


def _free(key: str, taken: set[str]) -> str:
    return next(name for name in (f"{key}/{number}" for number in count(2)) if name not in taken)
