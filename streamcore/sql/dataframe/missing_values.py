"""Nulls filled, dropped and replaced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from streamcore.errors import AnalysisException, ArgumentTypeError, IllegalArgumentException
from streamcore.plan import refusals
from streamcore.plan.attributes import Attribute, reference
from streamcore.plan.expressions import call, type_node
from streamcore.spi.types import BooleanType, DoubleType, FloatType, NumericType, StringType
from streamcore.sql.arguments import names_in, require_kind
from streamcore.sql.dataframe.core import FrameCore, selected
from streamcore.sql.literals import literal_expression

if TYPE_CHECKING:
    from streamcore.sql.dataframe import DataFrame


_NO_VALUE: Any = object()


class MissingValues(FrameCore):
    """fillna, dropna, replace."""

    @property
    def na(self) -> DataFrameNaFunctions:
        """The same operations as `df.na.fill`, `df.na.drop`, `df.na.replace`."""
        return DataFrameNaFunctions(self._frame())

    def fillna(self, value: Any, subset: Any = None) -> DataFrame:
        """Nulls (and NaNs) replaced by a value, in columns of its type; a dict gives one per column."""
        require_kind(value, "value", (bool, float, int, str, Mapping), "bool, float, int, str or dict")
        if isinstance(value, Mapping):
            return self._filled({name: v for name, v in value.items() if self._has_column(name)})
        names = names_in(subset, self.columns)
        targets = [a for a in self._plan.output if self._among(a, names) and _takes(a, value)]
        return self._filled({a.name: value for a in targets})

    def dropna(self, how: str = "any", thresh: int | None = None, subset: Any = None) -> DataFrame:
        """Rows without enough values dropped: `any` null, `all` null, or fewer than `thresh` values."""
        if how not in ("any", "all"):
            raise IllegalArgumentException(
                f"[VALUE_NOT_ALLOWED] Value for `how` has to be amongst 'any', 'all', not {how!r}"
            )
        names = names_in(subset, self.columns)
        columns = [self._required(name) for name in names]
        needed = thresh if thresh is not None else len(columns) if how == "any" else 1
        if not columns or needed <= 0:
            return self._frame()
        from streamcore.plan.analysis import filter_rows

        return self._derive(filter_rows(self._plan, _at_least(needed, columns), self._settings))

    def replace(self, to_replace: Any, value: Any = _NO_VALUE, subset: Any = None) -> DataFrame:
        """Values replaced by others: one by one, lists in step, or a dict."""
        if value is _NO_VALUE and not isinstance(to_replace, Mapping):
            raise ArgumentTypeError(
                "[ARGUMENT_REQUIRED] Argument `value` is required unless to_replace is a dict."
            )
        pairs = _pairs(to_replace, value)
        names = names_in(subset, self.columns)
        for name in names:
            self._required(name)
        entries: list[exp.Expression] = []
        for column in self._plan.output:
            fitting = [(old, new) for old, new in pairs if self._among(column, names) and _takes(column, old)]
            entries.append(_replaced(column, fitting) if fitting else reference(column))
        return selected(self, entries)

    def _filled(self, values: Mapping[str, Any]) -> DataFrame:
        entries: list[exp.Expression] = []
        for column in self._plan.output:
            name = next((n for n in values if self._settings.names(self._plan).same(n, column.name)), None)
            entries.append(reference(column) if name is None else _filled(column, values[name]))
        return selected(self, entries)

    def _among(self, column: Attribute, names: Sequence[str]) -> bool:
        same = self._settings.names(self._plan).same
        return any(same(column.name, name) for name in names)

    def _required(self, name: str) -> Attribute:
        same = self._settings.names(self._plan).same
        for column in self._plan.output:
            if same(column.name, name):
                return column
        raise refusals.unresolved_column([name], [refusals.backticked(a.name) for a in self._plan.output])


class DataFrameNaFunctions:
    """`df.na`."""

    # Where PySpark has it, and users look for it.
    __module__ = "streamcore.sql.dataframe"

    def __init__(self, df: DataFrame) -> None:
        self.df = df

    def fill(self, value: Any, subset: Any = None) -> DataFrame:
        """See `DataFrame.fillna`."""
        return self.df.fillna(value, subset)

    def drop(self, how: str = "any", thresh: int | None = None, subset: Any = None) -> DataFrame:
        """See `DataFrame.dropna`."""
        return self.df.dropna(how, thresh, subset)

    def replace(self, to_replace: Any, value: Any = _NO_VALUE, subset: Any = None) -> DataFrame:
        """See `DataFrame.replace`."""
        return self.df.replace(to_replace, value, subset)


def _takes(column: Attribute, value: Any) -> bool:
    """Whether a value of this Python type belongs into a column: numbers, texts and booleans apart."""
    if value is None:
        return True
    if isinstance(value, bool):
        return isinstance(column.data_type, BooleanType)
    if isinstance(value, (int, float)):
        return isinstance(column.data_type, NumericType)
    return isinstance(column.data_type, StringType) and isinstance(value, str)


def _filled(column: Attribute, value: Any) -> exp.Expression:
    filler = _cast(literal_expression(value), column)
    current: exp.Expression = reference(column)
    if isinstance(column.data_type, (FloatType, DoubleType)):
        current = call("nanvl", current, _cast(exp.Null(), column))
    return _named(call("coalesce", current, filler), column)


def _replaced(column: Attribute, pairs: Sequence[tuple[Any, Any]]) -> exp.Expression:
    branches = [
        exp.If(
            this=exp.EQ(this=reference(column), expression=_cast(literal_expression(old), column)),
            true=_cast(literal_expression(new), column),
        )
        for old, new in pairs
    ]
    return _named(exp.Case(ifs=branches, default=reference(column)), column)


def _cast(expression: exp.Expression, column: Attribute) -> exp.Expression:
    return exp.Cast(this=expression, to=type_node(column.data_type))


def _named(expression: exp.Expression, column: Attribute) -> exp.Expression:
    return exp.Alias(this=expression, alias=exp.to_identifier(column.name, quoted=True))


def _at_least(needed: int, columns: Sequence[Attribute]) -> exp.Expression:
    """At least `needed` of the columns hold a value (neither null nor NaN)."""
    if needed > len(columns):
        return exp.false()
    held = [_has_value(column) for column in columns]
    if needed == len(columns):
        return _all(held)
    total: exp.Expression | None = None
    for condition in held:
        one = exp.Case(
            ifs=[exp.If(this=condition, true=exp.Literal.number(1))], default=exp.Literal.number(0)
        )
        total = one if total is None else exp.Add(this=total, expression=one)
    return exp.GTE(this=total, expression=exp.Literal.number(needed))


def _has_value(column: Attribute) -> exp.Expression:
    held: exp.Expression = exp.Not(this=exp.Is(this=reference(column), expression=exp.Null()))
    if isinstance(column.data_type, (FloatType, DoubleType)):
        held = exp.And(this=held, expression=exp.Not(this=call("isnan", reference(column))))
    return held


def _all(conditions: Sequence[exp.Expression]) -> exp.Expression:
    joined = conditions[0]
    for condition in conditions[1:]:
        joined = exp.And(this=joined, expression=condition)
    return joined


def _pairs(to_replace: Any, value: Any) -> list[tuple[Any, Any]]:
    if isinstance(to_replace, Mapping):
        return list(to_replace.items())
    olds = list(to_replace) if isinstance(to_replace, (list, tuple)) else [to_replace]
    news = list(value) if isinstance(value, (list, tuple)) else [value] * len(olds)
    if len(olds) != len(news):
        raise AnalysisException(
            f"[LENGTH_SHOULD_BE_THE_SAME] to_replace and value should be of the same length, got "
            f"{len(olds)} and "
            f"{len(news)}."
        )
    return list(zip(olds, news, strict=True))
