"""Aggregate functions, alone and over windows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sqlglot import exp

from streamcore.duck.types import type_text
from streamcore.errors import AnalysisException, UnsupportedOperationException
from streamcore.plan import refusals
from streamcore.plan.function_specs import AS_CALL, Kind, Shown, spec_of
from streamcore.plan.translation.casts import cast
from streamcore.plan.translation.coercion import BINARY, BOOLEAN, DOUBLE, LONG, STRING, is_string
from streamcore.plan.translation.core import (
    Call,
    Compiled,
    TranslationContext,
    Translator,
    as_call,
    function,
    node_rule,
)
from streamcore.plan.translation.nested import packed
from streamcore.plan.translation.sort_keys import nested_key
from streamcore.spi.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    NumericType,
)


@dataclass(frozen=True)
class AggregateCall:
    """One aggregate call: its arguments and what stands around it.

    `arrival` is the order for an argument over a window in which equal rows stand as they came; empty where
    it makes no difference.
    """

    name: str
    args: Sequence[Compiled]
    translator: Translator
    is_distinct: bool = False
    ignores_nulls: bool = False
    condition: str | None = None
    over: str = ""
    nodes: Sequence[exp.Expression] = ()
    arrival: str = ""

    @property
    def context(self) -> TranslationContext:
        return self.translator.context

    def raw(self, call: str, condition: str | None = None) -> str:
        """A DuckDB aggregate call with this call's FILTER and OVER; `condition` narrows it further."""
        conditions = [f"({c})" for c in (self.condition, condition) if c is not None]
        where = f" FILTER (WHERE {' AND '.join(conditions)})" if conditions else ""
        return f"{call}{where}{self.over}"

    @property
    def distinct(self) -> str:
        return "DISTINCT " if self.is_distinct else ""

    def number(self, index: int = 0) -> Compiled:
        """An argument as a number; text is read as one."""
        value = self.args[index]
        if is_string(value.type) or not isinstance(value.type, NumericType):
            value = cast(value, DOUBLE, self.context)
        return value

    def double(self, index: int = 0) -> str:
        """The SQL of an argument as a double."""
        return cast(self.args[index], DOUBLE, self.context).sql


_Rule = Callable[[AggregateCall], Compiled]
_Distinct = Literal["read", "without meaning", "refused"]


@dataclass(frozen=True)
class _Signature:
    """How an aggregate may be called, checked where calls are dispatched."""

    rule: _Rule
    least: int
    most: int | None
    distinct: _Distinct


_AGGREGATES: dict[str, _Signature] = {}


def aggregate_rule(
    *names: str,
    least: int = 1,
    most: int | None = 1,
    distinct: _Distinct = "refused",
    takes: str | None = None,
    takes_names: bool = False,
    shown: Shown = AS_CALL,
    is_internal: bool = False,
) -> Callable[[_Rule], _Rule]:
    """Register an aggregate: what it takes (or how many arguments), and what DISTINCT before them does.

    `takes`, `takes_names`, `shown` and `is_internal` are as for `function`.
    """

    def register(rule: _Rule) -> _Rule:
        state = function(
            *names,
            kind=Kind.AGGREGATE,
            takes=takes,
            takes_names=takes_names,
            shown=shown,
            is_internal=is_internal,
        )
        state(_from_call)
        for name in names:
            spec = spec_of(name)
            counts = (least, most) if takes is None or spec is None else (spec.least, spec.most)
            _AGGREGATES[name] = _Signature(rule, *counts, distinct)
        return rule

    return register


def aggregate_names() -> frozenset[str]:
    """The names of all aggregate functions that can be translated."""
    return frozenset(_AGGREGATES)


def reads_distinct(name: str) -> bool:
    """Whether DISTINCT before the arguments of this aggregate changes its answer."""
    return _AGGREGATES[name].distinct == "read"


def _from_call(call: Call) -> Compiled:
    list(call.nodes)
    return compile_aggregate(call.node, call.translator)


@node_rule(exp.Filter, exp.IgnoreNulls, exp.RespectNulls)
def _wrapped(node: exp.Expression, translator: Translator) -> Compiled:
    return compile_aggregate(node, translator)


def compile_aggregate(
    node: exp.Expression, translator: Translator, over: str = "", arrival: str = ""
) -> Compiled:
    """An aggregate call with its wrappers (FILTER, IGNORE NULLS, DISTINCT), over a window when given."""
    condition: str | None = None
    ignores_nulls = treats_nulls = False
    while isinstance(node, (exp.Filter, exp.IgnoreNulls, exp.RespectNulls)):
        if isinstance(node, exp.Filter):
            condition = cast(translator.compile(node.expression.this), BOOLEAN, translator.context).sql
        else:
            treats_nulls, ignores_nulls = True, ignores_nulls or isinstance(node, exp.IgnoreNulls)
        node = node.this
    name, arguments = as_call(node)
    signature = _AGGREGATES.get(name)
    if signature is None:
        raise UnsupportedOperationException(f"The aggregate function {name}() is not offered.")
    if treats_nulls and name not in _FIRSTS:
        raise AnalysisException(
            "[INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX] Invalid SQL syntax: The function "
            f"`{name}` does not support IGNORE NULLS or RESPECT NULLS. SQLSTATE: 42000"
        )
    is_distinct = bool(arguments) and isinstance(arguments[0], exp.Distinct)
    if is_distinct:
        arguments = [*arguments[0].expressions, *arguments[1:]]
        _require_distinct_is_read(name, signature, over)
    if len(arguments) < signature.least or (signature.most is not None and len(arguments) > signature.most):
        raise refusals.wrong_number_of_arguments(name, signature.least, signature.most, len(arguments))
    if name in _FIRSTS and len(arguments) == 2:
        ignores_nulls = ignores_nulls or bool(translator.compile(arguments.pop()).value)
    args = [translator.compile(argument) for argument in arguments if not _is_every_row(name, argument)]
    call = AggregateCall(
        name, args, translator, is_distinct, ignores_nulls, condition, over, arguments, arrival
    )
    return signature.rule(call)


_FIRSTS = ("first", "last", "any_value", "first_value", "last_value")
ORDERED_BY_ARGUMENT = (*_FIRSTS, "collect_list", "array_agg")
"""The aggregates whose text over a window has an order of its own."""


def _require_distinct_is_read(name: str, signature: _Signature, over: str) -> None:
    if over:
        raise AnalysisException(
            f"[DISTINCT_WINDOW_FUNCTION_UNSUPPORTED] Distinct window functions are not supported: {name}(). "
            "SQLSTATE: 0A000"
        )
    if signature.distinct == "refused":
        raise UnsupportedOperationException(f"{name}(DISTINCT ...) is not offered; aggregate distinct rows.")


def _is_every_row(name: str, argument: exp.Expression) -> bool:
    """Whether the argument is the star of count(*)."""
    if not isinstance(argument, exp.Star):
        return False
    if name != "count" or any(argument.args.values()):
        raise UnsupportedOperationException(f"A star in {name}() is offered as count(*) alone.")
    return True


@aggregate_rule("count", most=None, distinct="read")
def _count(call: AggregateCall) -> Compiled:
    if not call.args or (len(call.args) == 1 and not call.args[0].nullable and not call.is_distinct):
        return Compiled(call.raw("count(*)"), LONG, nullable=False)
    if len(call.args) == 1:
        return Compiled(call.raw(f"count({call.distinct}{call.args[0].sql})"), LONG, nullable=False)
    # A row counts when none of its values is null.
    known = " AND ".join(f"{value.sql} IS NOT NULL" for value in call.args)
    row = packed([(f"c{at}", value) for at, value in enumerate(call.args)]).sql
    return Compiled(call.raw(f"count({call.distinct}{row})", known), LONG, nullable=False)


@aggregate_rule("count_if")
def _count_if(call: AggregateCall) -> Compiled:
    return Compiled(call.raw("count(*)", call.args[0].sql), LONG, nullable=False)


@aggregate_rule("min", "max", distinct="without meaning")
def _extreme(call: AggregateCall) -> Compiled:
    value = call.args[0]
    key = nested_key(value)
    if key != value.sql:
        return Compiled(call.raw(f"arg_{call.name}({value.sql}, {key})"), value.type)
    return Compiled(call.raw(f"{call.name}({value.sql})"), value.type)


@aggregate_rule(*_FIRSTS, most=2, distinct="without meaning", shown="{name}({0})")
def _first(call: AggregateCall) -> Compiled:
    value = call.args[0]
    known = f"{value.sql} IS NOT NULL" if call.ignores_nulls and value.nullable else None
    if call.over:
        word = "last_value" if call.name.startswith("last") else "first_value"
        nulls = " IGNORE NULLS" if call.ignores_nulls else ""
        return Compiled(f"{word}({value.sql}{call.arrival}{nulls}){call.over}", value.type)
    word = "last" if call.name.startswith("last") else "first"
    return Compiled(call.raw(f"{word}({value.sql})", known), value.type)


@aggregate_rule("collect_list", "collect_set", distinct="read")
@aggregate_rule("array_agg", distinct="read", shown="collect_list({args})")
def _collect(call: AggregateCall) -> Compiled:
    value = call.args[0]
    distinct = "DISTINCT " if call.name == "collect_set" else call.distinct
    known = f"{value.sql} IS NOT NULL" if value.nullable else None
    data_type = ArrayType(value.type, containsNull=False)
    collected = call.raw(f"list({distinct}{value.sql}{call.arrival})", known)
    return Compiled(f"coalesce({collected}, CAST([] AS {type_text(data_type)}))", data_type, nullable=False)


@aggregate_rule(
    "stddev", "std", "stddev_samp", "stddev_pop", "variance", "var_samp", "var_pop", "skewness", "kurtosis",
    distinct="read",
)  # fmt: skip
def _spread(call: AggregateCall) -> Compiled:
    word = {
        "stddev": "stddev_samp", "std": "stddev_samp", "variance": "var_samp", "kurtosis": "kurtosis_pop",
    }.get(call.name, call.name)  # fmt: skip
    value = call.double()
    finite = _finite(call, value)
    if call.name == "skewness":
        sql = _population_skewness(finite, f"{call.distinct}{value}")
    else:
        sql = finite.raw(f"{word}({call.distinct}{value})")
    least = 2 if word.endswith("_samp") else 1
    return Compiled(_nan_unless_finite(call, sql, [value], least), DOUBLE)


def _finite(call: AggregateCall, *values: str) -> AggregateCall:
    """The call over the rows whose values are finite: DuckDB fails where one is not."""
    conditions = [f"isfinite({value})" for value in values]
    return replace(call, condition=" AND ".join([*([call.condition] if call.condition else []), *conditions]))


def _nan_unless_finite(call: AggregateCall, sql: str, values: list[str], least: int) -> str:
    """`sql`, but NaN where a value is NaN or infinite and at least `least` rows count."""
    known = " AND ".join(f"{value} IS NOT NULL" for value in values)
    one_is_not = " OR ".join(f"NOT isfinite({value})" for value in values)
    strange = call.raw("count(*)", f"{known} AND ({one_is_not})")
    enough = f"CASE WHEN {call.raw('count(*)', known)} >= {least} THEN CAST('NaN' AS DOUBLE) END"
    return f"CASE WHEN {strange} > 0 THEN {enough} ELSE {sql} END"


def _population_skewness(call: AggregateCall, value: str) -> str:
    # DuckDB corrects for the sample's size, Spark does not.
    count, spread = call.raw(f"count({value})"), call.raw(f"var_pop({value})")
    corrected = f"{call.raw(f'skewness({value})')} * ({count} - 2) / sqrt({count} * ({count} - 1))"
    return f"CASE WHEN {spread} > 0 THEN CASE WHEN {count} = 2 THEN 0 ELSE {corrected} END END"


@aggregate_rule("covar_samp", "covar_pop", least=2, most=2)
def _paired(call: AggregateCall) -> Compiled:
    return _over_pairs(call, 1 if call.name == "covar_pop" else 2)


@aggregate_rule("corr", least=2, most=2)
def _correlation(call: AggregateCall) -> Compiled:
    first, second, shared = _squares(call, 0), _squares(call, 1), _shared(call, 2)
    # One root, as in Spark: a product of two roots is 0.9999999999999998 where the truth is 1.
    found = f"{shared} / sqrt({first} * {second})"
    return Compiled(f"CASE WHEN {first} = 0 OR {second} = 0 THEN NULL ELSE {found} END", DOUBLE)


def _shared(call: AggregateCall, least: int) -> str:
    """The sum of the products of both arguments' deviations."""
    return _over_pairs(replace(call, name="regr_sxy"), least).sql


def _squares(call: AggregateCall, at: int) -> str:
    """The sum of the squared deviations of one argument, over the rows that have both."""
    value, other = call.double(at), call.double(1 - at)
    known = replace(call, condition=" AND ".join(filter(None, [call.condition, f"{other} IS NOT NULL"])))
    squares = _finite(known, value).raw(f"regr_syy({value}, 0)")
    return _nan_unless_finite(known, squares, [value], 1)


def _over_pairs(call: AggregateCall, least: int) -> Compiled:
    """A function of pairs of numbers; without any spread DuckDB has NaN for some, Spark always null."""
    values = [call.double(0), call.double(1)]
    sql = _finite(call, *values).raw(f"{call.name}({values[0]}, {values[1]})")
    known = f"CASE WHEN isfinite({sql}) THEN {sql} END"
    return Compiled(_nan_unless_finite(call, known, values, least), DOUBLE)


@aggregate_rule("bool_and", "every", "bool_or", "any", "some", distinct="without meaning")
def _all(call: AggregateCall) -> Compiled:
    word = "bool_and" if call.name in ("bool_and", "every") else "bool_or"
    if not isinstance(call.args[0].type, BooleanType):
        raise AnalysisException(f"[DATATYPE_MISMATCH] {call.name}() needs a boolean argument.")
    return Compiled(call.raw(f"{word}({call.args[0].sql})"), BOOLEAN)


@aggregate_rule("bit_and", "bit_or", "bit_xor")
def _bits(call: AggregateCall) -> Compiled:
    return Compiled(call.raw(f"{call.name}({call.args[0].sql})"), call.args[0].type)


@aggregate_rule("product")
def _product(call: AggregateCall) -> Compiled:
    return Compiled(call.raw(f"product({call.double()})"), DOUBLE)


@aggregate_rule("regr_avgx", "regr_avgy", least=2, most=2)
def _average_of_pairs(call: AggregateCall) -> Compiled:
    values = [call.double(0), call.double(1)]
    known = " AND ".join(f"{value} IS NOT NULL" for value in values)
    return Compiled(call.raw(f"avg({values[0 if call.name == 'regr_avgy' else 1]})", known), DOUBLE)


@aggregate_rule("regr_sxx", "regr_syy", least=2, most=2)
def _squares_of_pairs(call: AggregateCall) -> Compiled:
    return Compiled(_squares(call, 1 if call.name == "regr_sxx" else 0), DOUBLE)


@aggregate_rule("regr_sxy", "regr_slope", "regr_intercept", "regr_r2", least=2, most=2)
def _regression(call: AggregateCall) -> Compiled:
    if call.name == "regr_sxy":
        return Compiled(_shared(call, 1), DOUBLE)
    across, along = _squares(call, 1), _squares(call, 0)
    if call.name == "regr_r2":
        correlation = f"{_shared(call, 1)} / sqrt({across} * {along})"
        found = f"CASE WHEN {along} = 0 THEN 1 ELSE ({correlation}) * ({correlation}) END"
    else:
        found = _over_pairs(call, 1).sql
    return Compiled(f"CASE WHEN {across} = 0 THEN NULL ELSE {found} END", DOUBLE)


@aggregate_rule("regr_count", least=2, most=2)
def _regression_count(call: AggregateCall) -> Compiled:
    known = " AND ".join(f"{value.sql} IS NOT NULL" for value in call.args)
    return Compiled(call.raw("count(*)", known), LONG, nullable=False)


@aggregate_rule("max_by", "min_by", least=2, most=3)
def _at_extreme(call: AggregateCall) -> Compiled:
    value, order = call.args[:2]
    if len(call.args) == 3:
        word = "arg_max_nulls_last" if call.name == "max_by" else "arg_min_nulls_last"
        taken = call.raw(f"{word}({value.sql}, {order.sql}, {call.args[2].sql})", f"{order.sql} IS NOT NULL")
        return Compiled(taken, ArrayType(value.type, value.nullable))
    word = "arg_max_null" if call.name == "max_by" else "arg_min_null"
    return Compiled(call.raw(f"{word}({value.sql}, {order.sql})"), value.type)


@aggregate_rule(
    "mode",
    takes="value, deterministic?, downwards?",
    shown={2: "mode() WITHIN GROUP (ORDER BY {0} DESC)", 3: "mode() WITHIN GROUP (ORDER BY {0})"},
)
def _mode(call: AggregateCall) -> Compiled:
    value = call.args[0].sql
    # Among equally frequent values the first is taken: in order, the smallest.
    direction = "DESC" if len(call.args) > 2 else "ASC"
    return Compiled(call.raw(f"mode({value} ORDER BY {value} {direction})"), call.args[0].type)


@aggregate_rule(
    "listagg", "string_agg",
    takes="expr, delimiter = NULL, order?", distinct="read",
    shown={3: "listagg({0}, {1}) WITHIN GROUP (ORDER BY {2})"},
)  # fmt: skip
def _joined(call: AggregateCall) -> Compiled:
    if len(call.args) == 3:
        return _joined_in_order(call)
    if isinstance(call.args[0].type, BinaryType):
        digits = [f"hex({value.sql})" for value in call.args]
        separator = digits[1] if len(digits) > 1 else "''"
        return Compiled(f"unhex({call.raw(f'string_agg({call.distinct}{digits[0]}, {separator})')})", BINARY)
    parts = [cast(value, STRING, call.context).sql for value in call.args]
    separator = parts[1] if len(parts) > 1 else "''"
    return Compiled(call.raw(f"string_agg({call.distinct}{parts[0]}, {separator})"), STRING)


def _joined_in_order(call: AggregateCall) -> Compiled:
    """The joined texts in the order that WITHIN GROUP says."""
    value, delimiter, order = call.args
    if isinstance(value.type, BinaryType):
        raise UnsupportedOperationException(f"{call.name}() of binary values takes no WITHIN GROUP.")
    separator = cast(delimiter, STRING, call.context).sql if delimiter.value is not None else "''"
    text, ordering = cast(value, STRING, call.context).sql, order.sql
    if call.is_distinct:
        if not is_string(value.type):
            raise UnsupportedOperationException(
                f"{call.name}(DISTINCT ...) WITHIN GROUP is offered for texts; cast the values to STRING."
            )
        ordering = ordering.replace(value.sql, text)
    return Compiled(call.raw(f"string_agg({call.distinct}{text}, {separator} ORDER BY {ordering})"), STRING)
