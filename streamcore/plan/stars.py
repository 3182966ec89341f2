"""Stars: the columns that `*`, `t.*` and `struct.*` stand for, alone and as arguments of calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from streamcore.errors import AnalysisException, UnsupportedOperationException
from streamcore.plan import refusals
from streamcore.plan.attributes import outer_column, reference, scope_of
from streamcore.plan.expressions import call
from streamcore.plan.places import mark
from streamcore.plan.resolution import Names, name_parts
from streamcore.plan.translation.core import as_call
from streamcore.plan.typing import infer
from streamcore.spi.types import DataType, StructType


@dataclass(frozen=True)
class _Column:
    """One column that a star stands for; `qualifier` may stand before its name in EXCEPT."""

    expression: exp.Expression
    name: str
    qualifier: str | None
    type: DataType

    @property
    def entry(self) -> exp.Expression:
        """The entry of the select list."""
        if isinstance(self.expression, exp.Column) and outer_column(self.expression) is None:
            return self.expression
        return exp.Alias(this=self.expression, alias=exp.to_identifier(self.name, quoted=True))


def expand_star(expression: exp.Expression, names: Names) -> list[exp.Expression]:
    """The columns that a star as an entry of a select list stands for; any other expression as it is.

    In another expression, stars among the arguments of calls and in IN lists are expanded in their places.
    """
    star = _star(expression)
    while star is None and isinstance(expression, exp.Paren) and _star(expression.this) is not None:
        expression = expression.this
        star = _star(expression)
    if star is None:
        return [with_stars_as_arguments(expression, names)]
    return [column.entry for column in _kept(_columns(expression, names), star, names)]


def with_stars_as_arguments(expression: exp.Expression, names: Names) -> exp.Expression:
    """The expression with the stars among the arguments of its calls expanded; count(*) stays."""
    if not any(map(_is_expanded, _own_stars(expression))):
        return expression
    changed = expression.copy()
    for node in reversed(_own_nodes(changed)):
        if isinstance(node, (exp.In, exp.Tuple, exp.Array, exp.Struct, exp.Distinct)):
            node.set("expressions", _arguments(node.expressions, names))
        elif type(node) not in _NO_CALLS and isinstance(node, exp.Func) and _has_star(node):
            _refuse_count_of_table(node)
            name, arguments = as_call(node)
            made = call(name, *_arguments(arguments, names))
            changed = made if node is changed else changed
            node.replace(made)
    for star in filter(_is_expanded, _own_stars(changed)):
        raise _misplaced(star)
    return changed


_NO_CALLS = (exp.Case, exp.If, exp.Cast)


def _refuse_count_of_table(node: exp.Expression) -> None:
    counted = node.this if isinstance(node, exp.Count) and not node.expressions else None
    if isinstance(counted, exp.Column) and isinstance(counted.this, exp.Star):
        raise AnalysisException(
            "[INVALID_USAGE_OF_STAR_WITH_TABLE_IDENTIFIER_IN_COUNT] "
            f"count({refusals.backticked(counted.table)}.*) is not allowed. Use count(*) or "
            "expand the columns manually, e.g. count(col1, col2). SQLSTATE: 42000"
        )


def _own_nodes(expression: exp.Expression) -> list[exp.Expression]:
    """The nodes of an expression, from the outside in; those of its subqueries are theirs."""
    walk = expression.walk(prune=lambda node: isinstance(node, exp.Query))
    return [node for node in walk if isinstance(node, exp.Expression)]


def _own_stars(expression: exp.Expression) -> list[exp.Star]:
    return [node for node in _own_nodes(expression) if isinstance(node, exp.Star)]


def _misplaced(star: exp.Star) -> AnalysisException:
    around = star.parent if not isinstance(star.parent, exp.Column) else star.parent.parent
    kind = "expression" if around is None else around.key
    return AnalysisException(
        f"[INVALID_USAGE_OF_STAR_OR_REGEX] Invalid usage of '*' in expression `{kind}`. SQLSTATE: 42000"
    )


def _is_expanded(star: exp.Star) -> bool:
    """Whether this is no star of count(*)."""
    count = star.parent
    is_counted = isinstance(count, exp.Count) and not count.expressions and not any(star.args.values())
    return not is_counted


def _has_star(node: exp.Expression) -> bool:
    stars = [star for child in node.iter_expressions() if (star := _star(child)) is not None]
    return any(map(_is_expanded, stars))


def _star(node: exp.Expression) -> exp.Star | None:
    """The star that this is, perhaps behind a qualifier."""
    found = node.this if isinstance(node, exp.Column) else node
    return found if isinstance(found, exp.Star) else None


def _arguments(arguments: Sequence[exp.Expression], names: Names) -> list[exp.Expression]:
    found: list[exp.Expression] = []
    for argument in arguments:
        star = _star(argument)
        if star is None:
            found.append(argument)
        else:
            found.extend(column.expression for column in _kept(_columns(argument, names), star, names))
    return found


# ---- what a star stands for ----------------------------------------------------------------------


def _columns(written: exp.Expression, names: Names) -> list[_Column]:
    qualifier = name_parts(written)[:-1] if isinstance(written, exp.Column) else []
    if not qualifier:
        shown = [a for a in names.columns if not a.qualified_only]
        return [_Column(reference(a), a.name, a.qualifier, a.data_type) for a in shown]
    of_table = [a for a in names.columns if names.is_of(a, qualifier)]
    if of_table:
        keys_first = sorted(of_table, key=lambda a: not a.qualified_only)
        return [_Column(reference(a), a.name, a.qualifier, a.data_type) for a in keys_first]
    base = names.find(qualifier)
    if base is None and names.outer is not None and names.outer.starred(qualifier):
        return [_Column(e, a.name, a.qualifier, a.data_type) for a, e in names.outer.starred(qualifier)]
    if base is None:
        raise mark(refusals.cannot_expand_star(qualifier, [a.name for a in names.columns]), written)
    struct, _ = infer(base, scope_of(names.columns))
    if not isinstance(struct, StructType):
        raise AnalysisException(
            f"Can only star expand struct data types. Attribute: `{'.'.join(qualifier)}` is "
            f"{struct.simpleString()}."
        )
    return _fields(base, struct)


def _fields(struct: exp.Expression, kind: StructType) -> list[_Column]:
    return [
        _Column(
            exp.Dot(this=struct.copy(), expression=exp.to_identifier(field.name, quoted=True)),
            field.name,
            None,
            field.dataType,
        )
        for field in kind.fields
    ]


# ---- EXCEPT --------------------------------------------------------------------------------------


def _kept(columns: list[_Column], star: exp.Star, names: Names) -> list[_Column]:
    written = [_parts(column) for column in star.args.get("except_") or []]
    paths = [_path(parts, columns, names) for parts in written]
    if any(a[: len(b)] == b for at, a in enumerate(paths) for other, b in enumerate(paths) if at != other):
        listed = ", ".join(".".join(parts) for parts in written)
        raise AnalysisException(
            "[EXCEPT_OVERLAPPING_COLUMNS] Columns in an EXCEPT list must be distinct and non-overlapping, "
            f"but got ({listed}). SQLSTATE: 42702"
        )
    return _without(columns, paths)


def _parts(column: exp.Expression) -> list[str]:
    return name_parts(column) if isinstance(column, exp.Column) else [column.name]


def _path(parts: Sequence[str], columns: Sequence[_Column], names: Names) -> tuple[int, ...]:
    """The places, from the outside in, of the column or nested field that a name in EXCEPT means."""
    for begins in (1, 0):
        if begins >= len(parts):
            continue
        for at, column in enumerate(columns):
            is_named = names.same(column.name, parts[begins])
            is_of_table = column.qualifier is not None and names.same(column.qualifier, parts[0])
            if is_named and (begins == 0 or is_of_table):
                return (at, *_inner_path(parts[begins + 1 :], column, parts, columns, names))
    raise refusals.unresolved_column(parts, [refusals.backticked(column.name) for column in columns])


def _inner_path(
    rest: Sequence[str], column: _Column, parts: Sequence[str], columns: Sequence[_Column], names: Names
) -> tuple[int, ...]:
    if not rest:
        return ()
    if not isinstance(column.type, StructType):
        raise refusals.unresolved_column(parts, [refusals.backticked(column.name) for column in columns])
    return _path(rest, _fields(column.expression, column.type), names)


def _without(columns: Sequence[_Column], paths: Sequence[tuple[int, ...]]) -> list[_Column]:
    """The columns without those at the paths; a struct that loses fields is made anew."""
    found = []
    for at, column in enumerate(columns):
        inner = [path[1:] for path in paths if path[0] == at]
        if not inner:
            found.append(column)
        elif all(inner):
            found.append(_narrowed(column, inner))
    return found


def _narrowed(column: _Column, paths: Sequence[tuple[int, ...]]) -> _Column:
    assert isinstance(column.type, StructType)
    kept = _without(_fields(column.expression, column.type), paths)
    if not kept:
        raise UnsupportedOperationException(
            f"EXCEPT of every field of {refusals.backticked(column.name)} is not offered: name the column."
        )
    pairs = [part for field in kept for part in (exp.Literal.string(field.name), field.expression)]
    return _Column(call("named_struct", *pairs), column.name, column.qualifier, column.type)
