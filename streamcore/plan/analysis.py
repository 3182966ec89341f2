"""From what the user wrote to the plan: each function adds one operator, its expressions resolved.

Expressions arrive as sqlglot nodes in Spark's dialect, from a Column or from SQL text; what they name is
looked up among the columns of the input, and a plan node with resolved expressions comes back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from sqlglot import exp

from streamcore.errors import AnalysisException
from streamcore.plan import modes, refusals
from streamcore.plan.attributes import (
    Attribute,
    NamedExpression,
    next_id,
    passed_through,
    reference,
    referenced_id,
    scope_of,
)
from streamcore.plan.conditions import draws_by_row
from streamcore.plan.generators import GeneratorCall, generator_call, generator_columns
from streamcore.plan.grouping import aggregate_outputs, contains_aggregate, refuse_lateral_aliases
from streamcore.plan.logical import (
    Alias,
    Distinct,
    Filter,
    Generate,
    Limit,
    LogicalPlan,
    Project,
    Sort,
    SortOrder,
)
from streamcore.plan.modes import Modes
from streamcore.plan.naming import expression_text, output_name
from streamcore.plan.outer import with_outer_aggregates
from streamcore.plan.positions import position
from streamcore.plan.python_functions import PythonFunction
from streamcore.plan.resolution import Names, OuterColumns
from streamcore.plan.session_names import SessionNames
from streamcore.plan.stars import expand_star
from streamcore.plan.subquery_placement import placed
from streamcore.plan.time_windows import (
    expand_session_windows,
    expand_time_windows,
    window_delay,
    without_empty_sessions,
)
from streamcore.plan.translation.sort_keys import require_order
from streamcore.plan.typing import infer
from streamcore.plan.variant_refusals import refuse_in_sets
from streamcore.spi.types import BooleanType, DataType, NullType

_METADATA = "column_metadata"
"""Where an alias has it among what sqlglot lets a node carry; it is no part of any text."""


@dataclass(frozen=True)
class AnalysisSettings:
    """The session's settings that analysis depends on, and the Python functions registered there."""

    case_sensitive: bool = False
    functions: Mapping[str, PythonFunction] = field(default_factory=dict)
    modes: Modes = modes.DEFAULT
    fact: Callable[[str], str] | None = None
    recursion_limits: tuple[int, int] = (100, 1_000_000)
    subqueries: Callable[[exp.Expression, Names], exp.Expression] | None = None
    outer: OuterColumns | None = None
    aliases: Mapping[str, exp.Expression] = field(default_factory=dict)
    of_session: SessionNames | None = None
    table_functions: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ansi(self) -> bool:
        """Whether expressions follow ANSI rules (`spark.sql.ansi.enabled`)."""
        return self.modes.ansi

    def names(self, plan: LogicalPlan) -> Names:
        """What an expression over `plan` may name."""
        return self.names_among(plan.output)

    def names_among(self, columns: Sequence[Attribute]) -> Names:
        """What an expression over these columns may name."""
        return Names(
            tuple(columns),
            self.case_sensitive,
            self.functions,
            self.modes,
            self.fact,
            self.subqueries,
            self.outer,
            self.aliases,
            self.of_session,
        )

    def require_distinct(self, names: Iterable[str]) -> None:
        """Raises AnalysisException when a data source has two columns of one name."""
        seen: set[str] = set()
        for name in names:
            key = name if self.case_sensitive else name.lower()
            if key in seen:
                raise refusals.column_already_exists(key)
            seen.add(key)


def project(child: LogicalPlan, written: Sequence[exp.Expression], settings: AnalysisSettings) -> LogicalPlan:
    """select: stars expanded, generators below, aggregates without a grouping as one group."""
    names = settings.names(child)
    entries = [entry for expression in written for entry in expand_star(expression, names)]
    if any(contains_aggregate(entry) for entry in entries):
        return aggregate(child, (), entries, settings)
    child, entries = _generated(child, entries, settings)
    child, entries = expand_time_windows(child, entries, settings.names(child))
    child = without_empty_sessions(child, entries, settings.names(child))
    return placed(Project(child, _in_turn(entries, settings.names(child))))


def _in_turn(entries: Sequence[exp.Expression], names: Names) -> tuple[NamedExpression, ...]:
    """The columns of a select list, in which an entry may name the aliases of those before it."""
    columns = []
    for entry in entries:
        columns.append(named(entry, names))
        names = names.with_entry(entry, columns[-1].expression)
    return tuple(columns)


def aggregate(
    child: LogicalPlan,
    keys: Sequence[exp.Expression],
    outputs: Sequence[exp.Expression],
    settings: AnalysisSettings,
) -> LogicalPlan:
    """Rows grouped by `keys`; `outputs` are the columns of the result, each made of keys and aggregates."""
    for key in filter(contains_aggregate, keys):
        raise refusals.aggregate_in_group_by(expression_text(key))
    child, expanded = expand_time_windows(child, (*keys, *outputs), settings.names(child))
    child, expanded = expand_session_windows(child, expanded, len(keys), settings.names(child))
    names = settings.names(child)
    resolved_keys = tuple(named(key, names) for key in expanded[: len(keys)])
    for resolved in (key.expression for key in resolved_keys):
        if resolved.find(exp.Window) is not None:
            raise refusals.window_in_group_by(expression_text(resolved))
        if draws_by_row(resolved):
            raise refusals.draw_in_group_by(expression_text(resolved))
    return aggregate_outputs(child, resolved_keys, expanded[len(keys) :], names)


def filter_rows(child: LogicalPlan, condition: exp.Expression, settings: AnalysisSettings) -> LogicalPlan:
    """Filter / where; columns that the last select dropped may still be named, as in Spark."""
    condition = with_outer_aggregates(condition, settings.names(child))
    _refuse_aggregates(condition)
    widened, resolved = _reaching_below(child, [condition], settings)
    _refuse_aggregates(resolved[0])
    if resolved[0].find(exp.Window) is not None:
        raise refusals.window_in_where()
    require_boolean(resolved[0], widened)
    return _narrowed(placed(Filter(widened, resolved[0])), child)


def _refuse_aggregates(condition: exp.Expression) -> None:
    if contains_aggregate(condition):
        raise AnalysisException(
            "[INVALID_WHERE_CONDITION] The WHERE condition "
            f'"{expression_text(condition)}" contains invalid expressions: aggregate functions. Aggregate '
            "first, then filter the result. SQLSTATE: 42903"
        )


def sort_rows(
    child: LogicalPlan, written: Sequence[exp.Expression], settings: AnalysisSettings
) -> LogicalPlan:
    """orderBy; as in Spark, columns that the last select dropped may be named, and integers count columns."""
    terms = [_in_place(_term(expression), child) for expression in written]
    widened, resolved = _reaching_below(child, [term.expression for term in terms], settings)
    for expression in resolved:
        require_order(infer(expression, scope_of(widened.output))[0])
    orders = tuple(replace(term, expression=e) for term, e in zip(terms, resolved, strict=True))
    return _narrowed(placed(Sort(widened, orders)), child)


def limit_rows(child: LogicalPlan, count: int | None, offset: int = 0) -> LogicalPlan:
    """Limit / offset."""
    for name, value in (("limit", count), ("offset", offset)):
        if value is not None and value < 0:
            raise AnalysisException(
                f'[INVALID_LIMIT_LIKE_EXPRESSION.IS_NEGATIVE] The {name} expression "{value}" must be equal '
                "to or "
                "greater than 0. SQLSTATE: 42K0E"
            )
    return Limit(child, count, offset)


def distinct_rows(
    child: LogicalPlan,
    subset: Sequence[str] | None,
    settings: AnalysisSettings,
    *,
    within_watermark: bool = False,
) -> LogicalPlan:
    """Distinct / dropDuplicates; `subset` names the columns that must differ."""
    if subset is None:
        refuse_in_sets(child.output)
        return Distinct(child, child.output, within_watermark)
    keys: list[Attribute] = []
    for name in subset:
        found = [a for a in child.output if settings.names(child).same(a.name, name)]
        if not found:
            raise refusals.no_such_column(name, [a.name for a in child.output])
        keys.extend(found)
    refuse_in_sets(keys)
    return Distinct(child, tuple(keys), within_watermark)


def aliased(child: LogicalPlan, name: str) -> LogicalPlan:
    """The same rows, whose columns may be qualified by `name`."""
    return Alias(child, name)


def named(written: exp.Expression, names: Names) -> NamedExpression:
    """The column that a written expression defines; a plain reference keeps its id."""
    inner = written.this if isinstance(written, exp.Alias) else written
    resolved = names.resolve(inner)
    refuse_lateral_aliases(resolved)
    name = output_name(written, resolved, scope_of(names.columns), names.fact)
    id_ = referenced_id(resolved)
    column = names.by_id(id_) if id_ is not None else None
    if column is None:
        data_type, nullable = infer(resolved, scope_of(names.columns))
        delay, told = window_delay(resolved, names), _told(written)
        made = Attribute(name, data_type, nullable, next_id(), watermark_delay_ms=delay, metadata=told)
        return NamedExpression(resolved, made)
    column = replace(column, qualified_only=False, metadata=_told(written, column.metadata))
    if isinstance(written, exp.Alias):
        return NamedExpression(resolved, replace(column, name=name, id=next_id(), qualifier=None))
    return NamedExpression(resolved, column if column.name == name else replace(column, name=name))


def with_metadata(written: exp.Alias, metadata: Mapping[str, Any]) -> exp.Alias:
    """The alias that gives its column this metadata."""
    written.meta[_METADATA] = dict(metadata)
    return written


def renamed(written: exp.Alias, name: str) -> exp.Alias:
    """The alias with another name, and the metadata that it gives."""
    other = exp.Alias(this=written.this, alias=exp.to_identifier(name, quoted=True))
    other.meta.update(written.meta)
    return other


def _told(written: exp.Expression, passed: Mapping[str, Any] = MappingProxyType({})) -> Mapping[str, Any]:
    """The metadata that an alias gives its column; else that of the column which is passed on."""
    told: Mapping[str, Any] = written.meta.get(_METADATA, passed)
    return told


def require_boolean(condition: exp.Expression, *inputs: LogicalPlan) -> None:
    """Raises unless the resolved condition is a boolean."""
    data_type, _ = infer(condition, scope_of(a for plan in inputs for a in plan.output))
    if not isinstance(data_type, (BooleanType, NullType)):
        raise AnalysisException(
            f'[DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN] Cannot resolve "{expression_text(condition)}" due to '
            "data type "
            f'mismatch: Filter expression "{expression_text(condition)}" of type '
            f'"{data_type.simpleString().upper()}" is not a boolean. SQLSTATE: 42K09'
        )


# ---- generators ----------------------------------------------------------------------------------


def _generated(
    child: LogicalPlan, entries: list[exp.Expression], settings: AnalysisSettings
) -> tuple[LogicalPlan, list[exp.Expression]]:
    """Each generator as an operator below, one over the other; what it yields as plain columns."""
    found: list[exp.Expression] = []
    for entry in entries:
        call = generator_call(entry)
        if call is None:
            found.append(entry)
            continue
        child = made = generate(child, call, settings)
        found.extend(reference(column) for column in made.columns)
    return child, found


def generate(child: LogicalPlan, call: GeneratorCall, settings: AnalysisSettings) -> Generate:
    """The child's rows, each repeated for every element of the generator's value."""
    names = settings.names(child)
    resolved = names.resolve(call.call)
    scope = scope_of(names.columns)
    if isinstance(resolved, exp.Stack):
        columns = _stack_columns(resolved, names)
    else:
        columns = generator_columns(resolved, infer(resolved.this, scope)[0], call.is_outer)
    if call.aliases and len(call.aliases) != len(columns):
        raise AnalysisException(
            "[NUM_TABLE_VALUE_ALIASES_MISMATCH] Number of given aliases does not match number of output "
            "columns. "
            f"Function name: {expression_text(call.call)}; number of aliases: {len(call.aliases)}; number of "
            f"output columns: {len(columns)}. SQLSTATE: 42K0E"
        )
    if call.aliases:
        columns = tuple(replace(c, name=alias) for c, alias in zip(columns, call.aliases, strict=True))
    return Generate(child, resolved, columns, call.is_outer)


def _stack_columns(stack: exp.Stack, names: Names) -> tuple[Attribute, ...]:
    rows, values = int(stack.this.name), stack.expressions
    width = -(-len(values) // rows)
    scope = scope_of(names.columns)
    types = [infer(value, scope)[0] for value in values]
    columns = [_one_type(types[at::width]) for at in range(width)]
    return tuple(Attribute(f"col{at}", kind, nullable=True, id=next_id()) for at, kind in enumerate(columns))


def _one_type(types: Sequence[DataType]) -> DataType:
    known = {kind for kind in types if not isinstance(kind, NullType)}
    if len(known) > 1:
        listed = ", ".join(f'"{kind.simpleString().upper()}"' for kind in types)
        raise AnalysisException(
            "[DATATYPE_MISMATCH.STACK_COLUMN_DIFF_TYPES] Cannot resolve stack(...): the values of one column "
            f"must have one type, but are {listed}. SQLSTATE: 42K09"
        )
    return known.pop() if known else NullType()


# ---- sorting and filtering by columns that a select left out -------------------------------------


def _term(expression: exp.Expression) -> SortOrder:
    if isinstance(expression, exp.Ordered):
        is_descending = bool(expression.args.get("desc"))
        nulls_first = expression.args.get("nulls_first")
        return SortOrder(
            expression.this,
            not is_descending,
            not is_descending if nulls_first is None else bool(nulls_first),
        )
    return SortOrder(expression)


def _in_place(term: SortOrder, child: LogicalPlan) -> SortOrder:
    place = position(term.expression, len(child.output), "ORDER BY")
    return term if place is None else replace(term, expression=reference(child.output[place]))


def _reaching_below(
    child: LogicalPlan, written: Sequence[exp.Expression], settings: AnalysisSettings
) -> tuple[LogicalPlan, list[exp.Expression]]:
    """The expressions resolved over `child`, which is widened when they name columns below its Project."""
    names = settings.names(child)
    try:
        return child, [names.resolve(expression) for expression in written]
    except AnalysisException:
        if not isinstance(child, Project):
            raise
        kept = {a.id for a in child.output}
        hidden = [a for a in child.child.output if a.id not in kept]
        wide = Project(child.child, (*child.expressions, *(passed_through(a) for a in hidden)))
        reachable = replace(names, columns=wide.output)
        try:
            resolved = [_preferring(names, reachable, expression) for expression in written]
        except AnalysisException:
            resolved = None
        if resolved is None:
            raise
        return wide, resolved


def _preferring(names: Names, wider: Names, expression: exp.Expression) -> exp.Expression:
    try:
        return names.resolve(expression)
    except AnalysisException:
        return wider.resolve(expression)


def _narrowed(plan: LogicalPlan, shape: LogicalPlan) -> LogicalPlan:
    """`plan` with the columns of `shape` only."""
    if len(plan.output) == len(shape.output):
        return plan
    return Project(plan, tuple(passed_through(a) for a in shape.output))
