"""Calls of functions that are SQL text, as what they stand for."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from streamcore.errors import AnalysisException
from streamcore.plan import refusals
from streamcore.plan.attributes import (
    Attribute,
    NamedExpression,
    attribute,
    next_id,
    reference,
    scope_of,
    substituted,
)
from streamcore.plan.expressions import parse_expression, parse_statement, type_node
from streamcore.plan.grouping import aggregate_calls
from streamcore.plan.lateral import joined_laterally
from streamcore.plan.logical import LogicalPlan, Project
from streamcore.plan.modes import bearing
from streamcore.plan.naming import expression_text
from streamcore.plan.outer import Outer
from streamcore.plan.places import no_places
from streamcore.plan.session_names import shown_as
from streamcore.plan.typing import infer
from streamcore.spi.types import parse_data_type
from streamcore.sql.tables.function_metadata import Parameter, SqlFunction
from streamcore.sql.tables.view_plans import Reach

if TYPE_CHECKING:
    from streamcore.plan.resolution import Names
    from streamcore.plan.sql_tables import QueryScope
    from streamcore.sql.session import Session


class Inlining:
    """Puts the bodies of functions in the place of their calls; none may come to call itself."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._threads = threading.local()

    def value(self, function: SqlFunction, call: exp.Anonymous, names: Names) -> exp.Expression:
        """The resolved expression that a call stands for: the body, with the arguments for its parameters."""
        if function.returns is None:
            raise _not_a("SCALAR", function)
        given = self._arguments(function, call, names)
        text = f"{function.shown}({', '.join(expression_text(value) for value in given.values())})"
        parameters = self._parameters(function)
        with self._making(function):
            body = self._body(function, parameters)
        values = [self._stored(given.get(p.name), p, function, names) for p in parameters]
        by_id = {p.id: value for p, value in zip(parameters, values, strict=True)}
        return shown_as(self._cast(substituted(body, by_id), function.returns, function), text)

    def table(self, function: SqlFunction, call: exp.Anonymous, scope: QueryScope) -> LogicalPlan:
        """The plan that a call in FROM stands for: the query of the body over one row of the arguments."""
        if not function.is_table:
            raise _not_a("TABLE", function)
        names = scope.settings.names_among(())
        given = self._arguments(function, call, names)
        parameters = self._parameters(function)
        entries = [
            NamedExpression(self._stored(given.get(p.name), p, function, names), p) for p in parameters
        ]
        left = Project(scope.one_row(), tuple(entries))
        with self._making(function):
            right, outer = self._query(function, parameters)
        columns = self._columns(function, right)
        joined = joined_laterally(left, right, "inner", None, outer, scope.settings)
        renamed = dict(zip((a.id for a in right.output), joined.output[len(left.output) :], strict=True))
        return Project(joined, tuple(self._renamed(entry, renamed) for entry in columns))

    def checked(self, function: SqlFunction) -> SqlFunction:
        """The function, its body planned once; with the types that the body gives where none are said."""
        parameters = self._parameters(function)
        with self._making(function):
            for parameter in function.parameters:
                self._check_default(function, parameter.name)
            if function.is_table:
                right, _ = self._query(function, parameters)
                return self._with_columns(function, right)
            body = self._body(function, parameters)
        complex_calls = [*aggregate_calls(body), *body.find_all(exp.Window)]
        if complex_calls:
            raise AnalysisException(
                "[USER_DEFINED_FUNCTIONS.CANNOT_CONTAIN_COMPLEX_FUNCTIONS] User defined function is invalid: "
                "SQL scalar function cannot contain aggregate/window/generate functions: "
                f"{expression_text(complex_calls[0])} SQLSTATE: 42601"
            )
        found, _ = infer(body, scope_of(parameters))
        return function if function.returns else replace(function, returns=found.simpleString())

    # ---- bodies ----------------------------------------------------------------------------------

    def _parameters(self, function: SqlFunction) -> list[Attribute]:
        return [
            replace(attribute(p.name, parse_data_type(p.type_text)), qualifier=function.name.table)
            for p in function.parameters
        ]

    def _body(self, function: SqlFunction, parameters: Sequence[Attribute]) -> exp.Expression:
        scope = scope_of_function(self._session, function)
        names = scope.settings.names_among(parameters)
        node = parse_expression(f"({function.body})" if function.is_query else function.body)
        while isinstance(node, exp.Paren):
            node = node.this
        return bearing(names.resolve(node), names.modes)

    def _query(self, function: SqlFunction, parameters: Sequence[Attribute]) -> tuple[LogicalPlan, Outer]:
        scope = scope_of_function(self._session, function)
        outer = Outer(scope.settings.names_among(parameters))
        return scope.reading(parse_statement(function.body), outer), outer

    @property
    def _under_way(self) -> list[SqlFunction]:
        """The functions whose bodies this thread is reading, the outermost first."""
        under_way: list[SqlFunction] = self._threads.__dict__.setdefault("under_way", [])
        return under_way

    @contextmanager
    def _making(self, function: SqlFunction) -> Iterator[None]:
        names = [one.name for one in self._under_way]
        if function.name in names:
            path = [*self._under_way[names.index(function.name) :], function]
            raise AnalysisException(
                "[CYCLIC_FUNCTION_REFERENCE] Cyclic function reference detected: "
                f"{' -> '.join(one.shown for one in path)}. SQLSTATE: 42887"
            )
        self._under_way.append(function)
        try:
            with no_places():
                yield
        finally:
            self._under_way.pop()

    # ---- arguments -------------------------------------------------------------------------------

    def _arguments(
        self, function: SqlFunction, call: exp.Anonymous, names: Names
    ) -> dict[str, exp.Expression]:
        """The resolved arguments by the names of their parameters, in the parameters' order."""
        shown = _shown(function)
        if not len(call.expressions) <= len(function.parameters) or (
            len(call.expressions) < function.least and not call.find(exp.Kwarg)
        ):
            wanted = len(function.parameters)
            raise refusals.wrong_number_of_arguments(shown.strip("`"), wanted, wanted, len(call.expressions))
        by_name = {p.name.lower(): p.name for p in function.parameters}
        found: dict[str, exp.Expression] = {}
        for parameter, argument in zip(function.parameters, call.expressions, strict=False):
            name, value = parameter.name, argument
            if isinstance(argument, exp.Kwarg):
                if argument.this.name.lower() not in by_name:
                    raise refusals.unknown_parameter(shown, argument.this.name, by_name.values())
                name, value = by_name[argument.this.name.lower()], argument.expression
            if name in found:
                raise refusals.parameter_given_twice(shown, name, is_positional=False)
            found[name] = names.resolve(value)
        for at, parameter in enumerate(function.parameters):
            if parameter.name not in found and parameter.default is None:
                raise AnalysisException(
                    f"[REQUIRED_PARAMETER_NOT_FOUND] Cannot invoke routine {shown} because the parameter "
                    f"named `{parameter.name}` is required, but the routine call did not supply a value. "
                    "Please update the routine call to supply an argument value (either positionally at "
                    f"index {at} or by name) and retry the query again. SQLSTATE: 4274K"
                )
        return {p.name: found[p.name] for p in function.parameters if p.name in found}

    def _stored(
        self, given: exp.Expression | None, parameter: Attribute, function: SqlFunction, names: Names
    ) -> exp.Expression:
        value = given
        if value is None:
            text = next(p.default for p in function.parameters if p.name == parameter.name) or "NULL"
            scope = scope_of_function(self._session, function)
            value = scope.settings.names_among(()).resolve(parse_expression(text))
        return bearing(exp.Cast(this=value, to=type_node(parameter.data_type)), names.modes)

    def _check_default(self, function: SqlFunction, name: str) -> None:
        parameter = next(p for p in function.parameters if p.name == name)
        if parameter.default is None:
            return
        node = parse_expression(parameter.default)
        if node.find(exp.Query) is not None:
            raise AnalysisException(
                "[USER_DEFINED_FUNCTIONS.NOT_A_VALID_DEFAULT_EXPRESSION] User defined function is invalid: "
                f"The DEFAULT expression of `{function.name.table}`.`{name}` is not supported because it "
                "contains a subquery. SQLSTATE: 42601"
            )
        text = f"CAST({parameter.default} AS {parameter.type_text})"
        scope_of_function(self._session, function).settings.names_among(()).resolve(parse_expression(text))

    # ---- what comes out --------------------------------------------------------------------------

    def _cast(self, value: exp.Expression, type_text: str, function: SqlFunction) -> exp.Expression:
        modes = scope_of_function(self._session, function).settings.modes
        return bearing(exp.Cast(this=value, to=type_node(parse_data_type(type_text))), modes)

    def _columns(self, function: SqlFunction, plan: LogicalPlan) -> list[NamedExpression]:
        """The columns that the function says, each from that of the query in its place."""
        _require_columns(function, plan)
        made = []
        for column, found in zip(function.columns, plan.output, strict=True):
            data_type = parse_data_type(column.type_text)
            about = {} if column.comment is None else {"comment": column.comment}
            own = Attribute(column.name, data_type, found.nullable, next_id(), metadata=about)
            value = self._cast(reference(found), column.type_text, function)
            made.append(NamedExpression(value, replace(own, qualifier=function.name.table)))
        return made

    def _with_columns(self, function: SqlFunction, plan: LogicalPlan) -> SqlFunction:
        if function.columns:
            _require_columns(function, plan)
            return function
        columns = tuple(_of_attribute(a) for a in plan.output)
        return replace(function, columns=columns)

    def _renamed(self, entry: NamedExpression, by: Mapping[int, Attribute]) -> NamedExpression:
        places = {id_: reference(column) for id_, column in by.items()}
        return NamedExpression(substituted(entry.expression, places), entry.attribute)


def scope_of_function(session: Session, function: SqlFunction) -> QueryScope:
    """What the body of a function may name, besides its parameters."""
    from streamcore.sql.statements import Statement

    kept = function.name if function.name.database else None
    reach = Reach(function.database, frozenset(function.temporary), kept, is_new=False)
    return Statement(session, settings=function.settings).scope(reach)


def _of_attribute(column: Attribute) -> Parameter:
    return Parameter(column.name, column.data_type.simpleString())


def _require_columns(function: SqlFunction, plan: LogicalPlan) -> None:
    if len(function.columns) != len(plan.output):
        raise AnalysisException(
            "[USER_DEFINED_FUNCTIONS.RETURN_COLUMN_COUNT_MISMATCH] User defined function is invalid: The "
            f"number of columns produced by the RETURN clause (num: `{len(plan.output)}`) does not match the "
            f"number of column names specified by the RETURNS clause (num: `{len(function.columns)}`) of "
            f"{_shown(function)}. SQLSTATE: 42601"
        )


def _not_a(kind: str, function: SqlFunction) -> AnalysisException:
    is_scalar = kind == "SCALAR"
    here, made = ("scalar expression", "table") if is_scalar else ("table function", "scalar")
    move = "into" if is_scalar else "outside"
    return AnalysisException(
        f"[NOT_A_{kind}_FUNCTION] {_shown(function)} appears as a {here} here, but the function was defined "
        f"as a {made} function. Please update the query to move the function call {move} the FROM clause, or "
        f"redefine {_shown(function)} as a {'scalar' if is_scalar else 'table'} function instead. SQLSTATE: "
        "42887"
    )


def _shown(function: SqlFunction) -> str:
    name = function.name
    return name.quoted if name.database else refusals.backticked(name.table)
