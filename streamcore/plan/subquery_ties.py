"""A subquery's rows and what ties them to the outer row, where conditions alone do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce

from sqlglot import exp

from streamcore.plan.attributes import Attribute, passed_through, referenced_ids
from streamcore.plan.conditions import conjuncts, is_volatile
from streamcore.plan.dependent import parameters_of, parameters_read
from streamcore.plan.logical import Alias, Filter, LogicalPlan, Project


@dataclass(frozen=True)
class TiedRows:
    """Rows that read no parameter, and conditions over them and the parameters that the rows must meet.

    The plan's output begins with that of the subquery; the columns behind are those that the ties read.
    """

    plan: LogicalPlan
    ties: tuple[exp.Expression, ...]


def tied_rows(plan: LogicalPlan, parameters: Sequence[Attribute], *, keeps_columns: bool) -> TiedRows | None:
    """The subquery's rows freed of its parameters; None where not conditions alone read them.

    Without `keeps_columns` only the number of rows counts, and an output that reads parameters is dropped.
    """
    if not parameters:
        return TiedRows(plan, ())
    match plan:
        case Project():
            return _under_project(plan, parameters, keeps_columns=keeps_columns)
        case Filter():
            return _under_filter(plan, parameters, keeps_columns=keeps_columns)
        case Alias():
            return tied_rows(plan.child, parameters, keeps_columns=keeps_columns)
        case _:
            return None if parameters_of(plan) else TiedRows(plan, ())


def _under_filter(plan: Filter, parameters: Sequence[Attribute], *, keeps_columns: bool) -> TiedRows | None:
    below = tied_rows(plan.child, parameters, keeps_columns=keeps_columns)
    if below is None:
        return None
    terms = conjuncts(plan.condition)
    ties = [term for term in terms if parameters_read([term])]
    own = [term for term in terms if not parameters_read([term])]
    rows = Filter(below.plan, reduce(_and, [term.copy() for term in own])) if own else below.plan
    return TiedRows(rows, (*below.ties, *ties))


def _under_project(plan: Project, parameters: Sequence[Attribute], *, keeps_columns: bool) -> TiedRows | None:
    if any(is_volatile(entry.expression) or entry.expression.find(exp.Window) for entry in plan.expressions):
        # What depends on the rows around must be computed from those that the ties leave.
        return None if parameters_of(plan) else TiedRows(plan, ())
    reading = [entry for entry in plan.expressions if parameters_read([entry.expression])]
    if reading and keeps_columns:
        return None
    below = tied_rows(plan.child, parameters, keeps_columns=True)
    if below is None:
        return None
    kept = [entry for entry in plan.expressions if not parameters_read([entry.expression])]
    shown = {entry.attribute.id for entry in kept if entry.is_reference}
    needed = {id_ for tie in below.ties for id_ in referenced_ids(tie)} - shown
    hidden = [passed_through(a) for a in below.plan.output if a.id in needed]
    return TiedRows(replace(plan, child=below.plan, expressions=(*kept, *hidden)), below.ties)


def _and(left: exp.Expression, right: exp.Expression) -> exp.Expression:
    return exp.And(this=left, expression=right)
