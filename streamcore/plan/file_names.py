"""input_file_name(): the file that a row was read from, carried from the leaf to where it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlglot import exp

from streamcore.errors import AnalysisException
from streamcore.plan.attributes import passed_through, reference
from streamcore.plan.dead_letters import located
from streamcore.plan.logical import Aggregate, Distinct, LogicalPlan, Project, Repartition, Sort
from streamcore.plan.node_expressions import expressions_of, with_expressions
from streamcore.spi.dead_letters import FILE_PATH

if TYPE_CHECKING:
    from streamcore.plan.attributes import Attribute

_NAME: Final = "input_file_name"
_BLANK: Final = (Aggregate, Distinct, Repartition, Sort)


def with_file_names(plan: LogicalPlan) -> LogicalPlan:
    """The plan in which every input_file_name() over a row of a file reads that file's name.

    As in Spark the name is blank where rows come from no file, and behind what moves them: an aggregation, a
    sort.  Raises AnalysisException behind other operators, for which it is not known which file a row is of.
    """
    if not any(_calls(expression) for node in plan.walk() for expression in expressions_of(node)):
        return plan
    return plan.transform_up(_named)


def _calls(expression: exp.Expression) -> bool:
    return any(node.name.lower() == _NAME for node in expression.find_all(exp.Anonymous))


def _named(node: LogicalPlan) -> LogicalPlan:
    if len(node.children) != 1 or not any(map(_calls, expressions_of(node))):
        return node
    child, place = located(node.children[0])
    column = next((found for found in place if found.name == FILE_PATH), None)
    if column is None:
        _require_no_file(node.children[0])
        return node
    wider = with_expressions(node.with_children((child,)), lambda expression: _read(expression, column))
    if [a.id for a in wider.output] == [a.id for a in node.output]:
        return wider
    return Project(wider, tuple(passed_through(attribute) for attribute in node.output))


def _require_no_file(plan: LogicalPlan) -> None:
    if isinstance(plan, _BLANK):
        return
    if any(column.name == FILE_PATH for column in located(plan)[1]):
        raise AnalysisException(
            f"{_NAME}() must be asked for directly over what is read: add it with withColumn() before "
            "rows are joined, united or taken apart"
        )
    for child in plan.children:
        _require_no_file(child)


def _read(expression: exp.Expression, column: Attribute) -> exp.Expression:
    def rule(node: exp.Expression) -> exp.Expression:
        is_call = isinstance(node, exp.Anonymous) and node.name.lower() == _NAME
        return reference(column) if is_call else node

    changed: exp.Expression = expression.copy().transform(rule)
    return changed
