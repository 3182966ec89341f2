"""rollup, cube and GROUPING SETS: one aggregation per set of keys, put one after another."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, combinations, product

from sqlglot import exp

from streamcore.plan import refusals
from streamcore.plan.analysis import AnalysisSettings, aggregate, named
from streamcore.plan.attributes import NamedExpression, passed_through, reference, scope_of
from streamcore.plan.canonical import same_value
from streamcore.plan.expressions import call, type_node
from streamcore.plan.grouping import is_aggregate_call
from streamcore.plan.logical import Filter, LogicalPlan, Project
from streamcore.plan.naming import output_name
from streamcore.plan.resolution import Names
from streamcore.plan.set_operations import union

Sets = Sequence[tuple[int, ...]]


def rollup_sets(count: int) -> list[tuple[int, ...]]:
    """Positions of the keys: all, all but the last, ..., none."""
    return [tuple(range(size)) for size in range(count, -1, -1)]


def cube_sets(count: int) -> list[tuple[int, ...]]:
    """Positions of the keys: every subset, the largest first."""
    return [chosen for size in range(count, -1, -1) for chosen in combinations(range(count), size)]


def with_sets(
    keys: Sequence[exp.Expression], sets: Sequence[Sequence[exp.Expression]], names: Names
) -> tuple[list[exp.Expression], list[tuple[int, ...]]]:
    """The keys, then what else the sets name; and each set as positions of these."""
    every, known = list(keys), [names.resolve(key) for key in keys]
    positions = []
    for chosen in sets:
        for column in chosen:
            if (resolved := names.resolve(column)) not in known:
                every.append(column)
                known.append(resolved)
        positions.append(tuple(known.index(names.resolve(column)) for column in chosen))
    return every, positions


def crossed(parts: Sequence[Sets]) -> list[tuple[int, ...]]:
    """The sets of a clause of several elements: every choice of one set of each, put together.

    >>> crossed([[(0,)], [(0, 1), (1,), ()]])
    [(0, 1), (0, 1), (0,)]
    """
    return [tuple(dict.fromkeys(chain.from_iterable(choice))) for choice in product(*parts)]


def aggregate_by_sets(
    child: LogicalPlan,
    keys: Sequence[exp.Expression],
    sets: Sets,
    outputs: Sequence[exp.Expression],
    settings: AnalysisSettings,
) -> LogicalPlan:
    """The rows of every grouping; in an output, keys outside the grouping are null."""
    names = settings.names(child)
    resolved = [named(key, names) for key in keys]
    result: LogicalPlan | None = None
    for chosen in sets:
        absent = [key for at, key in enumerate(resolved) if at not in chosen]
        written = [_with_nulls(output, resolved, absent, names) for output in outputs]
        if chosen or len(sets) == 1:
            part = aggregate(child, [keys[at] for at in chosen], written, settings)
        else:
            part = _of_all_rows(child, written, settings)
        result = part if result is None else union(result, part, settings.modes)
    assert result is not None
    return result


def _of_all_rows(
    child: LogicalPlan, written: Sequence[exp.Expression], settings: AnalysisSettings
) -> LogicalPlan:
    """One row for all, and none where there are none: among several sets this one is a group like others."""
    some = exp.Alias(this=call("count", exp.Literal.number(1)), alias=exp.to_identifier("rows", quoted=True))
    counted = aggregate(child, (), [*written, some], settings)
    *outputs, count = counted.output
    kept = Filter(counted, exp.GT(this=reference(count), expression=exp.Literal.number(0)))
    return Project(kept, tuple(map(passed_through, outputs)))


def _with_nulls(
    output: exp.Expression, keys: list[NamedExpression], absent: list[NamedExpression], names: Names
) -> exp.Expression:
    inner = output.this if isinstance(output, exp.Alias) else output
    resolved = names.resolve(inner.transform(_with_grouping_id, names))

    def rule(node: exp.Expression) -> exp.Expression:
        if isinstance(node, exp.Grouping):
            return exp.Literal.number(int(any(key.expression == node.expressions[0] for key in absent)))
        if isinstance(node, exp.Anonymous) and node.name.lower() in ("grouping", "grouping_id"):
            return _grouping_number(node, keys, absent)
        if is_aggregate_call(node):
            # Another object here too: what an aggregate reads are the rows, whose keys are not null.
            return node.copy()
        for key in keys:
            if same_value(node, key.expression):
                # Another object, so that the parts of a key are left alone.
                return _typed_null(key) if key in absent else node.copy()
        return node

    replaced = (
        resolved if is_aggregate_call(resolved) and not _is_grouping(resolved) else resolved.transform(rule)
    )
    name = output_name(output, resolved, scope_of(names.columns), names.fact)
    return exp.Alias(this=replaced, alias=exp.to_identifier(name, quoted=True))


def _with_grouping_id(node: exp.Expression, names: Names) -> exp.Expression:
    """Hive's name of the number of a grouping, where no column has it, as the call that it means."""
    is_meant = isinstance(node, exp.Column) and len(node.parts) == 1 and node.name.lower() == "grouping__id"
    if not is_meant or names.find([node.name]) is not None:
        return node
    return exp.Anonymous(this="grouping_id", expressions=[])


def _is_grouping(node: exp.Expression) -> bool:
    return isinstance(node, exp.Grouping) or (
        isinstance(node, exp.Anonymous) and node.name.lower() in ("grouping", "grouping_id")
    )


def _grouping_number(
    node: exp.Anonymous, keys: list[NamedExpression], absent: list[NamedExpression]
) -> exp.Expression:
    """One bit per key, the first key the highest; set where the key is not part of the grouping."""
    if node.name.lower() == "grouping" and len(node.expressions) != 1:
        raise refusals.wrong_number_of_arguments("grouping", 1, 1, len(node.expressions))
    wanted = list(node.expressions) or [key.expression for key in keys]
    number = 0
    for expression in wanted:
        number = number * 2 + int(any(key.expression == expression for key in absent))
    is_id = node.name.lower() == "grouping_id"
    return exp.Cast(this=exp.Literal.number(number), to=exp.DataType.build("bigint" if is_id else "tinyint"))


def _typed_null(key: NamedExpression) -> exp.Expression:
    return exp.Cast(this=exp.Null(), to=type_node(key.attribute.data_type))
