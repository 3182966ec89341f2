"""FROM: tables, subqueries, VALUES, table functions, joins and lateral views."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from sqlglot import exp

from streamcore.errors import AnalysisException, ParseException, UnsupportedOperationException
from streamcore.plan.analysis import AnalysisSettings, aliased, generate, limit_rows, project
from streamcore.plan.attributes import Attribute, NamedExpression, next_id, passed_through, reference
from streamcore.plan.generators import generator_call
from streamcore.plan.joins import join_kind, join_on, join_using_in_from
from streamcore.plan.lateral import joined_laterally
from streamcore.plan.logical import Generate, LogicalPlan, Project, Sample
from streamcore.plan.outer import Outer
from streamcore.plan.places import mark
from streamcore.plan.refusals import backticked, table_or_view_not_found
from streamcore.plan.resolution import Names
from streamcore.plan.set_operations import union
from streamcore.plan.sql_pivots import with_pivots
from streamcore.plan.subquery_resolution import resolved_subquery
from streamcore.plan.table_argument import TableArgument
from streamcore.plan.table_functions import Placing, TableFunction, WrittenCall, call_plan, row_of
from streamcore.plan.translation.core import as_call
from streamcore.plan.whole_numbers import whole_number

QueryPlanner = Callable[[exp.Expression, "QueryScope"], LogicalPlan]


@dataclass(frozen=True)
class QueryScope:
    """What a query may refer to, besides the columns of its own tables.

    Parameters
    ----------
    session
        The session's settings; `settings` has besides how subqueries and outer columns are looked up.
    table
        The plan of a view or `format.path` by its name parts; None when there is none.
    numbers
        The plan of the table function `range(start, end, step)`.
    planner
        How a nested query becomes a plan.
    named
        Plans of the WITH clauses around, by lower-case name.
    outer
        The columns around, where the query is a subquery that may read them.
    """

    session: AnalysisSettings
    table: Callable[[Sequence[str]], LogicalPlan | None]
    numbers: Callable[[int, int, int], LogicalPlan]
    planner: QueryPlanner
    named: Mapping[str, LogicalPlan] = field(default_factory=dict)
    outer: Outer | None = None

    @cached_property
    def settings(self) -> AnalysisSettings:
        """What the analysis of this query depends on."""
        return replace(self.session, subqueries=self.subquery, outer=self.outer)

    def subquery(self, node: exp.Expression, names: Names) -> exp.Expression:
        """A subquery, as written, as a value over the columns that `names` has."""
        return resolved_subquery(node, names, self.reading)

    def reading(self, node: exp.Expression, outer: Outer) -> LogicalPlan:
        """The plan of a nested query that may read the columns of `outer`."""
        return replace(self, outer=outer).query(node)

    def query(self, node: exp.Expression) -> LogicalPlan:
        """The plan of a nested query."""
        return self.planner(node, self)

    def one_row(self) -> LogicalPlan:
        """A table of one row and no column that can be named."""
        return Project(self.numbers(0, 1, 1), ())


def from_plan(select: exp.Expression, scope: QueryScope) -> LogicalPlan:
    """The plan of a SELECT's FROM clause with its joins and lateral views."""
    clause = select.args.get("from_")
    plan = scope.one_row() if clause is None else table_plan(clause.this, scope)
    for join in [*(select.args.get("joins") or [])]:
        plan = with_pivots(_joined(plan, join, scope), join, scope.settings)
    for lateral in select.args.get("laterals") or []:
        plan = _lateral(plan, lateral, scope)
    return plan


def table_plan(node: exp.Expression, scope: QueryScope) -> LogicalPlan:
    """One entry of a FROM clause, with its alias, sample and own joins."""
    plan = _table_plan(node, scope)
    sample = node.args.get("sample")
    if sample is not None:
        plan = _sampled(plan, sample)
    plan = with_pivots(_under_alias(plan, node.args.get("alias")), node, scope.settings)
    for join in node.args.get("joins") or []:
        plan = with_pivots(_joined(plan, join, scope), join, scope.settings)
    for lateral in node.args.get("laterals") or []:
        plan = _lateral(plan, lateral, scope)
    return plan


def _under_alias(plan: LogicalPlan, alias: exp.Expression | None) -> LogicalPlan:
    """The plan under a table alias, whose names its columns take."""
    if alias is None:
        return plan
    if len(_shown(plan)) != len(plan.output):
        plan = Project(plan, tuple(map(passed_through, _shown(plan))))
    plan = with_column_names(plan, alias)
    return aliased(plan, alias.name) if alias.name else plan


def _table_plan(node: exp.Expression, scope: QueryScope) -> LogicalPlan:
    if isinstance(node, exp.Table) and issubclass(type(node.this), exp.Func):
        own = _of_session(node, scope) if isinstance(node.this, exp.Anonymous) else None
        return _builtin_table_function(node, scope) if own is None else own
    if isinstance(node, exp.Table):
        return _named_table(node, scope)
    if isinstance(node, exp.Subquery):
        inner = node.this
        is_table = isinstance(inner, exp.Table) or (isinstance(inner, exp.Subquery) and _is_entry(inner))
        return table_plan(inner, scope) if is_table else scope.query(inner)
    if isinstance(node, exp.Values):
        return values_plan(node, scope)
    raise UnsupportedOperationException(f"FROM {node.sql(dialect='spark')} is not offered.")


def _is_entry(node: exp.Subquery) -> bool:
    """Whether a query in parentheses has what only an entry of FROM has."""
    return any(node.args.get(part) for part in ("alias", "joins", "laterals", "sample", "pivots"))


def _named_table(node: exp.Table, scope: QueryScope) -> LogicalPlan:
    parts = [part.name for part in node.parts]
    if len(parts) == 1 and parts[0].lower() in scope.named:
        return aliased(scope.named[parts[0].lower()], parts[0])
    if node.args.get("partition") is not None:
        raise ParseException(
            "[PARSE_SYNTAX_ERROR] A query takes no PARTITION clause; filter its columns with WHERE. "
            "SQLSTATE: 42601"
        )
    plan = scope.table(parts)
    if plan is None:
        raise mark(table_or_view_not_found(".".join(backticked(part) for part in parts)), node)
    return plan


def _of_session(node: exp.Table, scope: QueryScope) -> LogicalPlan | None:
    """The plan of a function that the session has as text."""
    of_session = scope.session.of_session
    if of_session is None:
        return None
    return of_session.table_function([part.name for part in node.parts], node.this, scope)


def _builtin_table_function(node: exp.Expression, scope: QueryScope) -> LogicalPlan:
    if any(node.args.get(part) for part in ("db", "catalog", "partition")):
        raise AnalysisException(
            f"[UNRESOLVED_TABLE_VALUED_FUNCTION] Could not resolve {node.sql(dialect='spark')} to a "
            "table-valued function. SQLSTATE: 42883"
        )
    return _table_function(node.this, scope)


def _table_function(call: exp.Expression, scope: QueryScope) -> LogicalPlan:
    name, arguments = as_call(call)
    if name == "range":
        numbers = [whole_number(argument, "range()") for argument in arguments[:3]]
        if len(numbers) == 1:
            numbers = [0, *numbers]
        return scope.numbers(numbers[0], numbers[1], numbers[2] if len(numbers) > 2 else 1)
    function = scope.settings.table_functions.get(name)
    if function is not None and isinstance(call, exp.Anonymous):
        return _python_table(function, call, scope)
    generator = generator_call(call)
    if generator is None:
        raise AnalysisException(
            f"[UNRESOLVED_TABLE_VALUED_FUNCTION] Could not resolve `{name}` to a table-valued function. "
            "SQLSTATE: 42883"
        )
    return project(scope.one_row(), [call], scope.settings)


def values_plan(node: exp.Expression, scope: QueryScope) -> LogicalPlan:
    """VALUES (...), (...): columns col1, col2, ... unless its alias names them."""
    rows = [row.expressions if isinstance(row, exp.Tuple) else [row] for row in node.expressions]
    if any(len(row) != len(rows[0]) for row in rows):
        raise AnalysisException(
            "[INVALID_INLINE_TABLE.NUM_COLUMNS_MISMATCH] Invalid inline table. Inline table expected "
            f"{len(rows[0])} columns but found another number in one row. SQLSTATE: 42000"
        )
    base = scope.one_row()
    parts = [
        project(base, [_alias(value, f"col{at + 1}") for at, value in enumerate(row)], scope.settings)
        for row in rows
    ]
    result = parts[0]
    for part in parts[1:]:
        result = union(result, part, scope.settings.modes)
    return result


def with_column_names(plan: LogicalPlan, alias: exp.Expression | None) -> LogicalPlan:
    """The plan with the columns renamed by an alias such as `t(x, y)`."""
    names = [column.name for column in (alias.args.get("columns") or [])] if alias is not None else []
    if not names:
        return plan
    if len(names) != len(plan.output):
        raise AnalysisException(
            f"[ASSIGNMENT_ARITY_MISMATCH] {len(names)} column aliases are given for {len(plan.output)} "
            "columns. "
            "SQLSTATE: 42802"
        )
    renamed = [
        NamedExpression(reference(a), replace(a, name=name, id=next_id(), qualifier=None))
        for a, name in zip(plan.output, names, strict=True)
    ]
    return Project(plan, tuple(renamed))


def _joined(left: LogicalPlan, join: exp.Expression, scope: QueryScope) -> LogicalPlan:
    if isinstance(join.this, exp.Lateral):
        return _lateral_joined(left, join, scope)
    right = table_plan(join.this, scope)
    how = _join_type(join)
    method = (join.args.get("method") or "").upper()
    if method not in ("", "NATURAL"):
        raise UnsupportedOperationException(f"{method} JOIN is not offered.")
    if method:
        names = scope.settings.names(right)
        shared = [a.name for a in _shown(left) if any(names.same(a.name, b.name) for b in _shown(right))]
        return join_using_in_from(left, right, shared, how, scope.settings)
    using = [column.name for column in join.args.get("using") or []]
    if using:
        return join_using_in_from(left, right, using, how, scope.settings)
    return join_on(left, right, join.args.get("on"), how, scope.settings)


def _lateral_joined(left: LogicalPlan, join: exp.Expression, scope: QueryScope) -> LogicalPlan:
    lateral, how = join.this, join_kind(_join_type(join))
    if join.args.get("using"):
        raise ParseException(
            "[UNSUPPORTED_FEATURE.LATERAL_JOIN_USING] The feature is not supported: JOIN USING with LATERAL "
            "correlation. SQLSTATE: 0A000"
        )
    if join.args.get("method"):
        raise ParseException(
            f"[INCOMPATIBLE_JOIN_TYPES] The join types LATERAL and {join.args['method']} are incompatible. "
            "SQLSTATE: 42613"
        )
    if _python_function(lateral.this, scope) is not None:
        if how not in ("inner", "cross") or join.args.get("on") is not None:
            raise UnsupportedOperationException(
                "LATERAL over a Python function is offered without ON, and for no outer join."
            )
        return _lateral(left, lateral, scope)
    if generator_call(lateral.this) is not None and how in ("inner", "cross") and not join.args.get("on"):
        return _lateral(left, lateral, scope)
    return lateral_join(left, lateral, how, join.args.get("on"), scope)


def _shown(plan: LogicalPlan) -> list[Attribute]:
    """The columns that `*` stands for."""
    return [a for a in plan.output if not a.qualified_only]


def _join_type(join: exp.Expression) -> str:
    side, kind = (join.args.get(key) or "" for key in ("side", "kind"))
    word = f"{side} {kind}".strip().lower().replace("outer", "").strip()
    return word or "inner"


def _python_table(function: TableFunction, call: exp.Anonymous, scope: QueryScope) -> LogicalPlan:
    """A Python function that gives tables, called with constants or with the rows of a table."""
    child, placing = scope.one_row(), None
    arguments, keywords = [], []
    for written in call.expressions:
        keywords.append(written.this.name if isinstance(written, exp.Kwarg) else None)
        argument = written.expression if isinstance(written, exp.Kwarg) else written
        if isinstance(argument, TableArgument):
            if placing is not None:
                raise UnsupportedOperationException(f"{call.name}() is called with one table at most.")
            child, placing = _argument_table(argument, scope)
            argument = row_of(child)
        arguments.append(argument)
    return call_plan(
        function, WrittenCall(child, tuple(arguments), tuple(keywords), placing=placing), scope.settings
    )


def _argument_table(argument: TableArgument, scope: QueryScope) -> tuple[LogicalPlan, Placing]:
    """The table in `TABLE(name)` or `TABLE(query)`, and how its rows come together."""
    inner = argument.this
    if isinstance(inner, exp.Column):
        inner = exp.Table(this=inner.this, db=inner.args.get("table"), catalog=inner.args.get("db"))
    plan = table_plan(inner, scope) if isinstance(inner, exp.Table) else scope.query(inner)
    order = argument.args.get("order")
    return plan, Placing(
        tuple(argument.args.get("partition_by") or ()), tuple(order.expressions if order is not None else ())
    )


def _python_function(call: exp.Expression, scope: QueryScope) -> TableFunction | None:
    """The registered function that gives tables and that a node calls."""
    if not isinstance(call, exp.Anonymous):
        return None
    return scope.settings.table_functions.get(call.name.lower())


def _lateral_python(plan: LogicalPlan, lateral: exp.Expression, scope: QueryScope) -> LogicalPlan | None:
    """LATERAL over a registered Python function that gives tables; None for any other."""
    call = lateral.this
    function = _python_function(call, scope)
    if function is None:
        return None
    if lateral.args.get("outer"):
        raise UnsupportedOperationException("LATERAL VIEW OUTER of a Python function is not offered.")
    keywords = tuple(a.this.name if isinstance(a, exp.Kwarg) else None for a in call.expressions)
    arguments = tuple(a.expression if isinstance(a, exp.Kwarg) else a for a in call.expressions)
    made = call_plan(function, WrittenCall(plan, arguments, keywords, passed=plan.output), scope.settings)
    width, alias = len(plan.output), lateral.args.get("alias")
    own = made.columns[width:]
    names = [c.name for c in alias.args.get("columns") or []] if alias is not None else []
    qualifier = alias.name if alias is not None and alias.name else None
    named = tuple(
        replace(column, name=names[at] if at < len(names) else column.name, qualifier=qualifier)
        for at, column in enumerate(own)
    )
    return replace(made, columns=(*made.columns[:width], *named))


def _lateral(plan: LogicalPlan, lateral: exp.Expression, scope: QueryScope) -> LogicalPlan:
    of_python = _lateral_python(plan, lateral, scope)
    if of_python is not None:
        return of_python
    call = generator_call(lateral.this)
    if call is None:
        return lateral_join(plan, lateral, "inner", None, scope)
    alias = lateral.args.get("alias")
    names = tuple(c.name for c in alias.args.get("columns") or []) if alias is not None else ()
    is_outer = call.is_outer or bool(lateral.args.get("outer"))
    made = generate(plan, replace(call, is_outer=is_outer, aliases=names), scope.settings)
    qualifier = alias.name if alias is not None and alias.name else None
    columns = tuple(replace(column, qualifier=qualifier) for column in made.columns)
    return Generate(plan, made.generator, columns, is_outer)


def lateral_join(
    left: LogicalPlan, lateral: exp.Expression, how: str, condition: exp.Expression | None, scope: QueryScope
) -> LogicalPlan:
    """The left's rows, each with those of a subquery that may read them."""
    outer = Outer(scope.settings.names(left))
    inner = replace(scope, outer=outer)
    alias = lateral.args.get("alias")
    node: exp.Expression = lateral.this
    is_query = isinstance(node, (exp.Subquery, exp.Select, exp.SetOperation, exp.Values))
    right = inner.query(node) if is_query else table_plan(exp.Table(this=node), inner)
    right = with_column_names(right, alias)
    if alias is not None and alias.name:
        right = aliased(right, alias.name)
    return joined_laterally(left, right, how, condition, outer, scope.settings)


def _sampled(plan: LogicalPlan, sample: exp.Expression) -> LogicalPlan:
    size, percent = sample.args.get("size"), sample.args.get("percent")
    if size is not None:
        return limit_rows(plan, whole_number(size, "TABLESAMPLE"))
    if percent is None:
        raise UnsupportedOperationException("TABLESAMPLE is offered with PERCENT and ROWS.")
    fraction = float(percent.name) / 100
    if not 0 <= fraction <= 1:
        raise ParseException(f"Sampling fraction ({fraction}) must be on interval [0, 1].")
    seed = sample.args.get("seed")
    return Sample(plan, fraction, int(seed.name) if seed is not None else 0)


def _alias(expression: exp.Expression, name: str) -> exp.Expression:
    return exp.Alias(this=expression, alias=exp.to_identifier(name, quoted=True))
