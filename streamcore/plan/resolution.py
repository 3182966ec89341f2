"""Names to columns: what a reference written by the user means among the columns in reach."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol, TypeVar

from sqlglot import exp

from streamcore.errors import AnalysisException, UnsupportedOperationException
from streamcore.plan import modes, refusals
from streamcore.plan.attributes import Attribute, outer_column, reference, referenced_id, scope_of
from streamcore.plan.grammar import BARE
from streamcore.plan.modes import Modes
from streamcore.plan.places import mark
from streamcore.plan.python_functions import PythonFunction, called, make_python, over_window
from streamcore.plan.session_facts import noted
from streamcore.plan.session_names import SessionNames, call_parts
from streamcore.plan.subqueries import (
    OF_OUTER,
    UnboundOuterColumn,
    is_subquery,
    with_nots_at_subqueries,
)
from streamcore.plan.typing import infer
from streamcore.spi.types import ArrayType, DataType, MapType, StructType

_Named = TypeVar("_Named", bound=exp.Expression)


_MOST_QUALIFIERS = 3
LATERAL = "lateral_alias"
"""Where an expression has, among what a node may carry, the alias that it stands for."""


class OuterColumns(Protocol):
    """The columns around a subquery, which a name means that means nothing within it."""

    def find(self, parts: Sequence[str]) -> exp.Expression | None:
        """The expression that `parts` mean there; None when there is no such column."""

    def by_id(self, id_: int) -> exp.Expression | None:
        """The column there that has this id; None when there is none."""

    def starred(self, qualifiers: Sequence[str]) -> list[tuple[Attribute, exp.Expression]]:
        """The columns there that `t.*` stands for, and what reads them."""


@dataclass(frozen=True)
class Names:
    """The columns that an expression may name, how names compare, and the modes that expressions get.

    `subqueries` resolves a subquery within the expression; `outer` are the columns around the query whose
    expression it is, if that is a subquery itself; `aliases` are further names, of expressions, for the
    subqueries within it. `of_session` has what other names mean, `entries` what
    the aliases of earlier entries of the select list do.
    """

    columns: tuple[Attribute, ...]
    case_sensitive: bool = False
    functions: Mapping[str, PythonFunction] = field(default_factory=dict)
    modes: Modes = modes.DEFAULT
    fact: Callable[[str], str] | None = None
    subqueries: Callable[[exp.Expression, Names], exp.Expression] | None = None
    outer: OuterColumns | None = None
    aliases: Mapping[str, exp.Expression] = field(default_factory=dict)
    of_session: SessionNames | None = None
    entries: tuple[tuple[str, exp.Expression], ...] = ()

    def with_entry(self, written: exp.Expression, resolved: exp.Expression) -> Names:
        """These names and that of an entry of a select list, for the entries behind it."""
        if not isinstance(written, exp.Alias):
            return self
        return replace(self, entries=(*self.entries, (written.alias, resolved)))

    def resolve(self, expression: exp.Expression) -> exp.Expression:
        """A copy of `expression` in which every column reference names an attribute.

        Calls of Python functions by their names carry the function.

        Raises AnalysisException for an unknown or ambiguous name.
        """
        found: exp.Expression = with_nots_at_subqueries(expression).transform(self._resolved)
        found = modes.bearing(found, self.modes)
        brackets = list(found.find_all(exp.Bracket))
        for bracket in reversed(brackets):
            field = self._as_field(bracket)
            if bracket is found:
                found = field
            elif field is not bracket:
                bracket.replace(field)
        return found

    def find(self, parts: Sequence[str]) -> exp.Expression | None:
        """The expression that `parts` (qualifier, column, fields) mean; None when there is no such column."""
        for column_at in reversed(range(min(len(parts), _MOST_QUALIFIERS + 1))):
            found = [a for a in self.columns if self._matches(a, parts, column_at)]
            if len(found) > 1:
                raise refusals.ambiguous_reference(parts, [qualified(a) for a in found])
            if found:
                column = _as_written(reference(found[0]), parts[column_at])
                return self.fields(column, found[0].data_type, parts[column_at + 1 :])
        return None

    def fields(self, base: exp.Expression, data_type: DataType, path: Sequence[str]) -> exp.Expression:
        """The field of a struct (or of a map, or of every struct of an array) that `path` leads to."""
        for at, name in enumerate(path):
            if isinstance(data_type, MapType):
                base, data_type = _entry(base, name), data_type.valueType
                continue
            struct = data_type.elementType if isinstance(data_type, ArrayType) else data_type
            if not isinstance(struct, StructType):
                raise refusals.field_of_plain_value(_shown(base, path[:at]), data_type.simpleString())
            field = _as_written(exp.to_identifier(self._field(struct, name), quoted=True), name)
            base = exp.Dot(this=base, expression=field)
            field_type = struct[base.expression.name].dataType
            data_type = ArrayType(field_type) if isinstance(data_type, ArrayType) else field_type
        return base

    def by_id(self, id_: int) -> Attribute | None:
        """The column in reach that has this id."""
        return next((a for a in self.columns if a.id == id_), None)

    def same(self, a: str, b: str) -> bool:
        """Whether two names are the same name."""
        return a == b if self.case_sensitive else a.lower() == b.lower()

    def python_call(self, call: exp.Anonymous) -> exp.Expression:
        """The call, carrying the Python function that is registered under its name, if there is one."""
        function = None if called(call) is not None else self.functions.get(call.name.lower())
        return call if function is None else make_python(call, function)

    def _resolved(self, node: exp.Expression) -> exp.Expression:
        own = self._of_session(node)
        if own is not None:
            return own
        column = self.find([node.meta[BARE]]) if BARE in node.meta else None
        if column is not None:
            return column
        if isinstance(node, exp.Anonymous):
            return noted(self.python_call(node), node.name.lower(), self.fact)
        if isinstance(node, exp.CurrentUser):
            return noted(node, "current_user", self.fact)
        if is_subquery(node):
            return self._subquery(node)
        if isinstance(node, exp.Window):
            return self._window(node)
        if not isinstance(node, exp.Column) or isinstance(node.this, exp.Star):
            return node
        if OF_OUTER in node.meta:
            return self._outside(node)
        try:
            return self._known(node) if referenced_id(node) is not None else self._named(node)
        except AnalysisException as error:
            mark(error, node)
            raise

    def _outside(self, node: exp.Column) -> exp.Expression:
        """What a column that was marked by `outer()` means around the query."""
        if self.outer is None:
            raise UnboundOuterColumn(
                f"The column {refusals.backticked(written_name(node))} is marked by outer(), and there is no "
                "query around: use the DataFrame in exists(), scalar(), isin() or lateralJoin()"
            )
        id_ = referenced_id(node)
        found = self.outer.find(name_parts(node)) if id_ is None else self.outer.by_id(id_)
        if found is None:
            raise refusals.unresolved_column([written_name(node)], [])
        return found

    def _of_session(self, node: exp.Expression) -> exp.Expression | None:
        """What a call of a function of the session stands for."""
        parts = None if self.of_session is None else call_parts(node)
        if parts is None or self.of_session is None:
            return None
        call = node if isinstance(node, exp.Anonymous) else node.expression
        return self.of_session.function(parts, call, self)

    def _known(self, node: exp.Column) -> exp.Expression:
        """A column that was resolved before: one in reach, or a parameter."""
        if outer_column(node) is not None:
            return node
        column = self.by_id(referenced_id(node) or 0)
        if column is None:
            raise refusals.missing_attribute(written_name(node), [a.name for a in self.columns])
        return _as_written(reference(column), written_name(node))

    def _named(self, node: exp.Column) -> exp.Expression:
        """What the user's name means: here, else around the query."""
        parts = name_parts(node)
        if is_lambda_variable(node, parts[0]):
            return node
        found = self.find(parts) or self._of_entry(parts)
        if found is None and self.outer is not None:
            found = self.outer.find(parts)
        if found is None and self.of_session is not None:
            found = self.of_session.variable(parts, self)
        if found is None:
            raise refusals.unresolved_column(parts, near_names(parts, self.columns))
        return found

    def _of_entry(self, parts: Sequence[str]) -> exp.Expression | None:
        """What the alias of an earlier entry of the select list stands for."""
        found = [value for name, value in self.entries if self.same(name, parts[0])]
        if len(found) > 1:
            raise refusals.ambiguous_lateral_alias(parts[0], len(found))
        if not found:
            return None
        value: exp.Expression = exp.Paren(this=found[0].copy())
        value.meta[LATERAL] = parts[0]
        if len(parts) == 1:
            return value
        return self.fields(value, infer(found[0], scope_of(self.columns))[0], parts[1:])

    def _subquery(self, node: exp.Expression) -> exp.Expression:
        if self.subqueries is None:
            raise UnsupportedOperationException(
                "A subquery in the text of an expression is offered where a session knows its tables: in "
                "session.sql(...) and in the expressions of DataFrames."
            )
        return self.subqueries(node, self)

    def _window(self, window: exp.Window) -> exp.Expression:
        """A window; a Python function that aggregates over it is called with the list of its rows instead."""
        call = self.python_call(window.this) if isinstance(window.this, exp.Anonymous) else None
        function = None if call is None else called(call)
        if function is None or not function.aggregates:
            return window
        found: exp.Expression = over_window(window).transform(self._resolved)
        return found

    def _as_field(self, bracket: exp.Expression) -> exp.Expression:
        """`of['field']` as the field that it means, of a struct or of an array's; other items as they are."""
        key = bracket.expressions[0]
        if not (isinstance(key, exp.Literal) and key.args.get("is_string")) or is_inside_lambda(bracket):
            return bracket
        data_type, _ = infer(bracket.this, scope_of(self.columns))
        holder = data_type.elementType if isinstance(data_type, ArrayType) else data_type
        if not isinstance(holder, StructType):
            return bracket
        return self.fields(bracket.this.copy(), data_type, [key.name])

    def _matches(self, column: Attribute, parts: Sequence[str], column_at: int) -> bool:
        if column_at == 0:
            return not column.qualified_only and self.same(column.name, parts[0])
        return self.same(column.name, parts[column_at]) and self.is_of(column, parts[:column_at])

    def is_of(self, column: Attribute, qualifiers: Sequence[str]) -> bool:
        """Whether a column may stand behind these: a table, or its database (and catalog) and the table."""
        own = column.qualifiers[-len(qualifiers) :]
        return len(own) == len(qualifiers) and all(map(self.same, own, qualifiers))

    def _field(self, struct: StructType, name: str) -> str:
        for one in struct.fields:
            if self.same(one.name, name):
                return one.name
        raise refusals.unresolved_field(name, struct.names)


def name_parts(column: exp.Column) -> list[str]:
    """The parts of a dotted reference, from the left."""
    return [part.name for part in column.parts]


def written_name(column: exp.Column) -> str:
    """The name of the column as the user wrote it."""
    if _WRITTEN in column.meta:
        return str(column.meta[_WRITTEN])
    id_ = referenced_id(column)
    return column.name if id_ is None else column.name.removesuffix(f"#{id_}")


def shown_field(field: exp.Identifier) -> str:
    """The name of a struct's field as the user wrote it."""
    return str(field.meta.get(_WRITTEN, field.name))


_WRITTEN: Final = "written"


def _as_written(node: _Named, name: str) -> _Named:
    """The node, which bears the name by which the user called it."""
    node.meta[_WRITTEN] = name
    return node


def qualified(column: Attribute) -> str:
    """A column as messages show it."""
    name = refusals.backticked(column.name)
    return name if column.qualifier is None else f"{refusals.backticked(column.qualifier)}.{name}"


def near_names(parts: Sequence[str], columns: Sequence[Attribute]) -> list[str]:
    """The columns as suggestions for a name of these parts: without qualifiers that tell nothing apart."""
    in_order = sorted(columns, key=lambda column: column.name)  # of equally near names, as Spark lists them
    names = [(*column.qualifiers, column.name) for column in in_order]
    if len(parts) == 1 and len({name[:-1] for name in names}) == 1:
        names = [name[-1:] for name in names]
    elif len(parts) <= _TABLE_AND_COLUMN and len({name[:-_TABLE_AND_COLUMN] for name in names}) == 1:
        names = [name[-_TABLE_AND_COLUMN:] for name in names]
    return [".".join(map(refusals.backticked, name)) for name in names]


_TABLE_AND_COLUMN = 2


def is_inside_lambda(node: exp.Expression) -> bool:
    """Whether the body of a lambda, whose variables have no column, holds the node."""
    return node.find_ancestor(exp.Lambda) is not None


def is_lambda_variable(node: exp.Expression, name: str) -> bool:
    """Whether `name`, at `node`, is a parameter of a lambda around it."""
    around = node.find_ancestor(exp.Lambda)
    while around is not None:
        if any(parameter.name == name for parameter in around.expressions):
            return True
        around = around.find_ancestor(exp.Lambda)
    return False


def _shown(base: exp.Expression, path: Sequence[str]) -> str:
    """A column and fields behind it, for messages."""
    while isinstance(base, exp.Dot):
        base = base.this
    name = written_name(base) if isinstance(base, exp.Column) else base.sql(dialect="spark")
    return ".".join([str(base.meta.get(LATERAL, name)), *path])


def _entry(base: exp.Expression, key: str) -> exp.Expression:
    return exp.Bracket(this=base, expressions=[exp.Literal.string(key)])


def lateral_alias(expression: exp.Expression) -> str | None:
    """An alias of the same select list that the expression refers to; None when there is none."""
    aliases = (node.meta.get(LATERAL) for node in expression.find_all(exp.Paren))
    return next((alias for alias in aliases if alias is not None), None)
