"""One DuckDB statement for a whole plan: the text of a fragment.

Columns are called by their physical names all the way, so that neither equal nor odd names of the user
can collide; the caller restores the user's names by position.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import singledispatch
from typing import TYPE_CHECKING

from sqlglot import exp

from streamcore.duck.nan_order import kept_from_scans
from streamcore.duck.quoting import identifier
from streamcore.plan.attributes import Attribute, NamedExpression, scope_of
from streamcore.plan.dependent import LateralJoin, SubqueryColumn, parameters_of
from streamcore.plan.generators import generator_items
from streamcore.plan.grouping import calls_apart
from streamcore.plan.json_lowering import parsed_once
from streamcore.plan.logical import (
    Aggregate,
    Alias,
    Coalesce,
    Distinct,
    Filter,
    Generate,
    Join,
    Limit,
    LogicalPlan,
    Observe,
    Project,
    Relation,
    Repartition,
    Sample,
    Sessions,
    SetOperation,
    Sort,
    SortOrder,
    Union,
    Watermark,
)
from streamcore.plan.observed_rows import of_calls
from streamcore.plan.recursion_text import recursive_source, rows_before
from streamcore.plan.recursive_rows import Recursion, RecursiveRows
from streamcore.plan.rules import names_are_distinct, names_in_relation
from streamcore.plan.select_text import Item, Select, passed
from streamcore.plan.session_text import with_sessions
from streamcore.plan.translate import to_duckdb, to_sort_key
from streamcore.plan.translation.frames import ARRIVAL
from streamcore.plan.typing import infer
from streamcore.plan.window_ties import telling_ties_apart
from streamcore.spi.types import DoubleType, FloatType

if TYPE_CHECKING:
    from streamcore.plan.attributes import Scope
    from streamcore.plan.translate import TranslationContext

_JOIN_WORDS = {
    "inner": "INNER JOIN",
    "cross": "CROSS JOIN",
    "left": "LEFT JOIN",
    "right": "RIGHT JOIN",
    "full": "FULL JOIN",
    "leftsemi": "SEMI JOIN",
    "leftanti": "ANTI JOIN",
}


_DEPENDENT = ("left", "right", "leftsemi", "leftanti")


def fragment_sql(plan: LogicalPlan, relations: Mapping[str, str], context: TranslationContext) -> str:
    """The statement that computes `plan`; its columns bear physical names, in the order of `plan.output`.

    Parameters
    ----------
    relations
        What stands in the FROM clause for each `Relation.key`: a quoted table name, or a SELECT in
        parentheses.  Its columns bear the user's names; where two of these differ at most in case, its
        columns must be those of `Relation.columns`, in order.
    context
        How expressions are translated (careful or fast, time zone, batch time).

    Where the plan holds an Observe, the rows have more columns, and one row more: see
    `streamcore.plan.observed_rows`.  The text depends on nothing but the arguments, attribute ids included.
    """
    fragment = _Fragment(relations, context)
    text = fragment.select(plan).listing([passed(a.physical) for a in plan.output]).text
    return fragment.with_observed(text, max(len(plan.output), 1))


@dataclass(frozen=True)
class _Observed:
    """Rows that are read twice: by what is above an Observe, and by its measures."""

    definition: str
    measures: str
    count: int


class _Fragment:
    """The translation of one plan: what its nodes need besides themselves."""

    def __init__(self, relations: Mapping[str, str], context: TranslationContext) -> None:
        self.relations = dict(relations)
        self.context = context
        self.is_dependent = False
        self._observed: list[_Observed] = []
        self._aliases = itertools.count()

    def alias(self) -> str:
        """A name for an entry of a FROM clause that no other has."""
        return f"t{next(self._aliases)}"

    def observed(self, plan: Observe) -> Relation:
        """What reads the rows of an Observe, which are computed once."""
        below = self.select(plan.child).listing([passed(a.physical) for a in plan.child.output]).text
        rows = Relation(f"~observed {len(self._observed)}", plan.child.output, source=None)
        name = identifier(rows.key)
        columns = ", ".join(map(identifier, names_in_relation(rows.columns))) or "nothing"
        self.relations[rows.key] = name
        measures = self.select(of_calls(plan.measures, rows)).text
        definition = f"{name}({columns}) AS MATERIALIZED ({below})"
        self._observed.append(_Observed(definition, measures, len(plan.measures)))
        return rows

    def with_observed(self, text: str, columns: int) -> str:
        """The statement that gives the rows of `text` and, last, the row of what was observed.

        Behind the `columns` of `text` stand the measures of every Observe, those below first, and whether
        it is that row.
        """
        if not self._observed:
            return text
        places = range(sum(observed.count for observed in self._observed))
        nothing = "".join(f", NULL AS {identifier(f'~measure {place}')}" for place in places)
        found = ", ".join(f"({one.measures}) AS o{number}" for number, one in enumerate(self._observed))
        values = ", ".join(f"o{number}.*" for number in range(len(self._observed)))
        return (
            f"WITH {', '.join(observed.definition for observed in self._observed)} "
            f"SELECT *{nothing}, false AS {identifier('~is observed')} FROM ({text}) "
            f"UNION ALL SELECT {', '.join(['NULL'] * columns)}, {values}, true FROM {found}"
        )

    def select(self, plan: LogicalPlan) -> Select:
        return _select(plan, self)

    def dependent(self, plan: LogicalPlan) -> Select:
        """The rows of a plan that another's rows give parameters to."""
        before, self.is_dependent = self.is_dependent, self.is_dependent or bool(parameters_of(plan))
        select = self.select(plan)
        self.is_dependent = before
        return select

    def with_parameters(self, plan: LogicalPlan, parameters: Sequence[NamedExpression]) -> Select:
        """The rows with a column for each parameter of what reads them."""
        if not parameters:
            return self.select(plan)
        kept = [passed(a.physical) for a in plan.output]
        return self.select(plan).listing([*kept, *self.items(parameters, scope_of(plan.output))])

    def expression(self, expression: exp.Expression, scope: Scope) -> str:
        return to_duckdb(expression, scope, self.context)

    def items(self, named: Sequence[NamedExpression], scope: Scope) -> list[Item]:
        """Entries of a select list that define these columns."""
        return [Item(self.expression(entry.expression, scope), entry.attribute.physical) for entry in named]

    def orders(self, orders: Sequence[SortOrder], scope: Scope) -> str:
        return ", ".join(self._order(order, scope) for order in orders)

    def _order(self, order: SortOrder, scope: Scope) -> str:
        direction = "ASC" if order.ascending else "DESC"
        nulls = "FIRST" if order.nulls_first else "LAST"
        return f"{to_sort_key(order.expression, scope, self.context)} {direction} NULLS {nulls}"


@singledispatch
def _select(plan: LogicalPlan, _: _Fragment) -> Select:
    raise TypeError(f"{type(plan).__name__} cannot stand inside a fragment")


_Family = Callable[[LogicalPlan, _Fragment], Select]


@_select.register
def _relation(plan: Relation, fragment: _Fragment) -> Select:
    source = fragment.relations[plan.key]
    if names_are_distinct(plan.columns):
        return Select(source, items=tuple(_item(a.name, a) for a in plan.columns))
    positions = ", ".join(identifier(a.physical) for a in plan.columns)
    renamed = Select(f"{source} AS t({positions})")
    if not any(isinstance(a.data_type, (DoubleType, FloatType)) for a in plan.columns):
        return renamed
    return renamed.listing([_item(a.physical, a) for a in plan.columns])


def _item(name: str, column: Attribute) -> Item:
    return Item(kept_from_scans(identifier(name), column.data_type), column.physical)


@_select.register
def _project(plan: Project, fragment: _Fragment) -> Select:
    lowered = parsed_once(plan)
    if lowered is not plan:
        return fragment.select(lowered)
    child = fragment.select(plan.child)
    if not plan.expressions:
        return child.listing([Item("1", "nothing")])
    entries = telling_ties_apart(plan.expressions)
    if entries is not plan.expressions:
        kept = [passed(a.physical) for a in plan.child.output]
        child = child.listing([*kept, Item("row_number() OVER ()", ARRIVAL.strip('"'))])
    return child.listing(fragment.items(entries, scope_of(plan.child.output)))


@_select.register
def _filter(plan: Filter, fragment: _Fragment) -> Select:
    condition = fragment.expression(plan.condition, scope_of(plan.child.output))
    child = fragment.select(plan.child)
    if " over (" not in condition.lower():
        return child.where_also(condition)
    # rand() and its kin number the rows, which WHERE cannot do by itself.
    kept = [passed(a.physical) for a in plan.child.output]
    return child.listing([*kept, Item(condition, "~kept")]).where_also('"~kept"').listing(kept)


@_select.register
def _aggregate(plan: Aggregate, fragment: _Fragment) -> Select:
    apart = calls_apart(plan)
    if apart is not plan:
        return fragment.select(apart)
    scope = scope_of(plan.child.output)
    items = fragment.items((*plan.keys, *plan.measures), scope) or [Item("count(*)", "nothing")]
    grouping = ", ".join(str(position + 1) for position in range(len(plan.keys)))
    return fragment.select(plan.child).grouped(items, grouping)


@_select.register
def _generate(plan: Generate, fragment: _Fragment) -> Select:
    scope = scope_of(plan.child.output)
    kept = [passed(a.physical) for a in plan.child.output]
    taken_apart = plan.generator.args.get("this")
    value_type = infer(taken_apart, scope)[0] if isinstance(taken_apart, exp.Expression) else None
    levels = generator_items(plan, lambda expression: fragment.expression(expression, scope), value_type)
    select = fragment.select(plan.child)
    for level in levels:
        select = select.listing([*kept, *level])
    return select


@_select.register
def _sessions(plan: Sessions, fragment: _Fragment) -> Select:
    scope = scope_of(plan.child.output)
    kept = [a.physical for a in plan.child.output]
    keys = [fragment.expression(key.expression, scope) for key in plan.keys]
    own = fragment.expression(plan.window.expression, scope)
    return with_sessions(fragment.select(plan.child), kept, keys, own, plan.window.attribute.physical)


@_select.register
def _join(plan: Join, fragment: _Fragment) -> Select:
    if fragment.is_dependent and plan.how in _DEPENDENT:
        return _dependent_join(plan, fragment)
    left, right = fragment.select(plan.left), fragment.select(plan.right)
    how = "inner" if plan.how == "cross" and plan.condition is not None else plan.how
    if plan.condition is None:
        condition = "" if how in ("cross", "inner") else " ON true"
        how = "cross" if how == "inner" else how
    else:
        scope = scope_of((*plan.left.output, *plan.right.output))
        condition = f" ON {fragment.expression(plan.condition, scope)}"
    return left.joined(_JOIN_WORDS[how], right, condition, fragment.alias)


def _dependent_join(plan: Join, fragment: _Fragment) -> Select:
    """An outer, semi or anti join within a dependent right side: the engine takes no plain join there."""
    kept, other = (plan.right, plan.left) if plan.how == "right" else (plan.left, plan.right)
    matches = Select(fragment.select(other).as_table(fragment.alias()))
    if plan.condition is not None:
        scope = scope_of((*plan.left.output, *plan.right.output))
        matches = matches.where_also(fragment.expression(plan.condition, scope))
    rows = fragment.select(kept).as_table(fragment.alias())
    if plan.how in ("left", "right"):
        return Select(f"{rows} LEFT JOIN LATERAL {matches.as_table(fragment.alias())} ON true")
    word = "NOT EXISTS" if plan.how == "leftanti" else "EXISTS"
    return Select(rows).where_also(f"{word} ({matches.text})")


@_select.register
def _lateral_join(plan: LateralJoin, fragment: _Fragment) -> Select:
    left = fragment.with_parameters(plan.left, plan.parameters).as_table(fragment.alias())
    right = fragment.dependent(plan.right)
    word = "LEFT JOIN" if plan.how == "left" else "CROSS JOIN"
    scope = scope_of((*plan.left.output, *plan.right.output))
    condition = None if plan.condition is None else fragment.expression(plan.condition, scope)
    if plan.how == "left":
        # The engine takes no condition but true where the right side reads the left.
        right = right if condition is None else Select(right.as_table(fragment.alias())).where_also(condition)
        return Select(f"{left} {word} LATERAL {right.as_table(fragment.alias())} ON true")
    pairs = Select(f"{left} {word} LATERAL {right.as_table(fragment.alias())}")
    return pairs if condition is None else pairs.where_also(condition)


@_select.register
def _subquery_column(plan: SubqueryColumn, fragment: _Fragment) -> Select:
    rows = fragment.dependent(plan.right).listing([passed(a.physical) for a in plan.right.output])
    value = f"({rows.text})"
    if plan.kind == "exists":
        value = f"EXISTS {value}"
    if plan.value is not None:
        value = f"({fragment.expression(plan.value, scope_of(plan.left.output))} IN {value})"
    kept = [passed(a.physical) for a in plan.left.output]
    left = fragment.with_parameters(plan.left, plan.parameters)
    return left.listing([*kept, Item(value, plan.column.physical)])


@_select.register
def _recursion(plan: Recursion, fragment: _Fragment) -> Select:
    return Select(recursive_source(plan, fragment.select(plan.anchor), fragment.select(plan.step)))


@_select.register
def _recursive_rows(plan: RecursiveRows, _: _Fragment) -> Select:
    return rows_before(plan)


@_select.register
def _union(plan: Union, fragment: _Fragment) -> Select:
    parts = [_positional(child, plan.columns, fragment) for child in plan.inputs]
    return Select(f"({' UNION ALL '.join(parts)})")


@_select.register
def _set_operation(plan: SetOperation, fragment: _Fragment) -> Select:
    word = f"{plan.kind.upper()} ALL" if plan.is_all else plan.kind.upper()
    parts = [_positional(child, plan.output, fragment) for child in (plan.left, plan.right)]
    return Select(f"({f' {word} '.join(parts)})")


def _positional(child: LogicalPlan, names: Sequence[Attribute], fragment: _Fragment) -> str:
    """The child's rows under other names, in parentheses."""
    pairs = zip(child.output, names, strict=True)
    items = [Item(identifier(a.physical), name.physical) for a, name in pairs]
    return f"({fragment.select(child).listing(items).text})"


@_select.register
def _sort(plan: Sort, fragment: _Fragment) -> Select:
    return fragment.select(plan.child).ordered(fragment.orders(plan.orders, scope_of(plan.child.output)))


@_select.register
def _limit(plan: Limit, fragment: _Fragment) -> Select:
    return fragment.select(plan.child).limited(plan.count, plan.offset)


@_select.register
def _distinct(plan: Distinct, fragment: _Fragment) -> Select:
    columns = [passed(a.physical) for a in plan.child.output]
    select = fragment.select(plan.child)
    if {a.id for a in plan.keys} >= {a.id for a in plan.child.output}:
        return select.listing(columns, distinct="DISTINCT ")
    keys = ", ".join(identifier(a.physical) for a in plan.keys)
    return select.listing(columns, distinct=f"DISTINCT ON ({keys}) ")


@_select.register
def _sample(plan: Sample, fragment: _Fragment) -> Select:
    percent = f"{plan.fraction * 100:.10f}".rstrip("0").rstrip(".")
    sample = f"USING SAMPLE {percent} PERCENT (bernoulli, {plan.seed % 2**31})"
    return fragment.select(plan.child).sampled(sample)


@_select.register
def _observe(plan: Observe, fragment: _Fragment) -> Select:
    return fragment.select(fragment.observed(plan))


@_select.register(Alias)
@_select.register(Watermark)
@_select.register(Repartition)
@_select.register(Coalesce)
def _unchanged(plan: Alias | Watermark | Repartition | Coalesce, fragment: _Fragment) -> Select:
    return fragment.select(plan.child)
