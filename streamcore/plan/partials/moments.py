"""Variances and their kin: numbers, means and sums of powers of deviations, which merge soundly."""

from __future__ import annotations

from sqlglot import exp

from streamcore.plan.attributes import NamedExpression
from streamcore.plan.expressions import call, parse_expression
from streamcore.plan.merging import MergedMoments
from streamcore.plan.partials.core import Parts, SplitAggregate, of_one, over, partial_rule, type_node

_OF_ONE = {
    "var_pop": "if(s.n > 0D, s.xx / s.n, null)",
    "var_samp": "if(s.n > 1D, s.xx / (s.n - 1D), null)",
    "stddev_pop": "if(s.n > 0D, sqrt(s.xx / s.n), null)",
    "stddev_samp": "if(s.n > 1D, sqrt(s.xx / (s.n - 1D)), null)",
}
_OF_HIGHER = {
    "skewness": "if(s.xx != 0D, sqrt(s.n) * s.xxx / sqrt(s.xx * s.xx * s.xx), null)",
    "kurtosis": "if(s.xx != 0D, s.n * s.xxxx / (s.xx * s.xx) - 3D, null)",
}
_SYNONYMS = {"stddev": "stddev_samp", "std": "stddev_samp", "variance": "var_samp"}
# Of two columns: x is the first argument, which is called y in what regressions are about.
_OF_PAIRS = {
    "covar_pop": "if(s.n > 0D, s.xy / s.n, null)",
    "covar_samp": "if(s.n > 1D, s.xy / (s.n - 1D), null)",
    "corr": "if(s.n > 1D and s.xx != 0D and s.yy != 0D, try_divide(s.xy, sqrt(s.xx * s.yy)), null)",
    "regr_sxx": "if(s.n > 0D, s.yy, null)",
    "regr_syy": "if(s.n > 0D, s.xx, null)",
    "regr_sxy": "if(s.n > 0D, s.xy, null)",
    "regr_slope": "if(s.n > 0D, try_divide(s.xy, s.yy), null)",
    "regr_intercept": "if(s.n > 0D, s.x - try_divide(s.xy, s.yy) * s.y, null)",
    "regr_r2": "if(s.yy = 0D, null, if(s.xx = 0D, 1D, s.xy * s.xy / (s.xx * s.yy)))",
}


@partial_rule(*_OF_ONE, *_SYNONYMS)
def _spread(parts: Parts) -> SplitAggregate:
    x = parts.arguments[0]
    number = _number(parts, x)
    columns = {
        "n": number,
        "x": _or_zero(parts.folded("avg", _double(x))),
        "xx": _or_zero(exp.Mul(this=parts.folded("var_pop", x), expression=number.copy())),
    }
    final = _OF_ONE[_SYNONYMS.get(parts.name, parts.name)]
    return _merging(parts.partial("moments", _struct(columns)), final)


@partial_rule(*_OF_HIGHER)
def _shape(parts: Parts) -> SplitAggregate:
    """Every row is a part of its own: the sums that the engine has for these cancel."""
    x = _double(parts.arguments[0])
    # What deviates from itself: 0, or NaN where the value is not finite.
    nothing = exp.Sub(this=x.copy(), expression=x.copy())
    number = exp.Literal.number("1e0")
    row = _struct({"n": number, "x": x, **dict.fromkeys(("xx", "xxx", "xxxx"), nothing)})
    known = exp.If(this=_is_null(x), true=exp.Null(), false=row)
    partial = parts.partial("moments", MergedMoments(this=parts.folded("collect_list", known)))
    return _merging(partial, _OF_HIGHER[parts.name])


@partial_rule(*_OF_PAIRS)
def _paired(parts: Parts) -> SplitAggregate:
    first, second = parts.arguments
    number = _number(parts, first, second)
    x, y = _beside(first, second), _beside(second, first)
    columns = {
        "n": number,
        "x": _or_zero(parts.folded("avg", _double(x))),
        "y": _or_zero(parts.folded("avg", _double(y))),
    }
    for label, (one, other) in {"xx": (x, x), "yy": (y, y), "xy": (x, y)}.items():
        spread = parts.folded("covar_pop", one, other)
        columns[label] = _or_zero(exp.Mul(this=spread, expression=number.copy()))
    return _merging(parts.partial("moments", _struct(columns)), _OF_PAIRS[parts.name])


def _merging(partial: NamedExpression, final: str) -> SplitAggregate:
    known = parse_expression("collect_list(if(s.n > 0D, s, null))")
    merge = MergedMoments(this=over(known, partial.attribute))
    return of_one(partial, merge, over(parse_expression(final), partial.attribute))


def _struct(columns: dict[str, exp.Expression]) -> exp.Expression:
    pairs = [part for label, v in columns.items() for part in (exp.Literal.string(label), v.copy())]
    return call("named_struct", *pairs)


def _number(parts: Parts, *values: exp.Expression) -> exp.Expression:
    """How many rows have all the values."""
    return _double(parts.folded("count", *values))


def _beside(value: exp.Expression, other: exp.Expression) -> exp.Expression:
    """The value, where the other is known."""
    return exp.If(this=_is_null(other), true=exp.Null(), false=value.copy())


def _is_null(value: exp.Expression) -> exp.Expression:
    return exp.Is(this=value.copy(), expression=exp.Null())


def _double(value: exp.Expression) -> exp.Expression:
    return exp.Cast(this=value.copy(), to=type_node("double"))


def _or_zero(value: exp.Expression) -> exp.Expression:
    return call("coalesce", value, exp.Literal.number("0e0"))
