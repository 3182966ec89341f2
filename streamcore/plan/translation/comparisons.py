"""Comparisons, null handling and conditionals."""

from __future__ import annotations

from sqlglot import exp

from streamcore.duck.quoting import string
from streamcore.errors import AnalysisException
from streamcore.plan.translation import mismatches
from streamcore.plan.translation.casts import as_text, cast
from streamcore.plan.translation.char_padding import operand, padded
from streamcore.plan.translation.coercion import (
    BOOLEAN,
    DOUBLE,
    INT,
    NULL,
    common_type,
    compared_type,
    is_string,
)
from streamcore.plan.translation.core import (
    Call,
    Compiled,
    TranslationContext,
    Translator,
    function,
    node_rule,
)
from streamcore.plan.translation.sort_keys import nested_key, require_order
from streamcore.spi.types import (
    ArrayType,
    BooleanType,
    DataType,
    DecimalType,
    DoubleType,
    FloatType,
    MapType,
    NullType,
    NumericType,
    StructType,
    VariantType,
    holds_variant,
)

_SYMBOLS: dict[type[exp.Binary], str] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=",
}  # fmt: skip


_ZERO = Compiled("CAST(0 AS INTEGER)", INT, nullable=False, value=0)
_ORDERINGS = ("<", "<=", ">", ">=")
_EQUALITIES = ("=", "<>", "IS DISTINCT FROM", "IS NOT DISTINCT FROM")


def _as_number(value: Compiled, other: Compiled, context: TranslationContext) -> Compiled:
    """A boolean that is compared with a number, as that: true is 1."""
    if not (isinstance(value.type, BooleanType) and isinstance(other.type, NumericType)):
        return value
    return cast(value, INT if isinstance(other.type, DecimalType) else other.type, context)


def widened(values: list[Compiled], context: TranslationContext, what: str) -> list[Compiled]:
    """The values cast to their common type; raises AnalysisException when there is none."""
    data_type: DataType = NULL
    for value in values:
        found = common_type(data_type, value.type, ansi=context.ansi)
        if found is None:
            raise mismatches.inputs(what, data_type, value.type)
        data_type = found
    return [cast(value, data_type, context) for value in values]


def _unordered(what: str, data_type: DataType) -> AnalysisException:
    return AnalysisException(
        f"[DATATYPE_MISMATCH.INVALID_ORDERING_TYPE] Cannot use {what}: values of the type "
        f'"{data_type.simpleString().upper()}" are in no order. SQLSTATE: 42K09'
    )


def compared(symbol: str, left: Compiled, right: Compiled, context: TranslationContext) -> Compiled:
    """`left symbol right` over the type common to both."""
    left, right = padded([left, right])
    if not context.ansi and symbol in _EQUALITIES:
        left, right = _as_number(left, right, context), _as_number(right, left, context)
    shared = compared_type(left.type, right.type, ansi=context.ansi)
    if shared is None:
        raise mismatches.operands(symbol, left.type, right.type)
    left, right = cast(left, shared, context), cast(right, shared, context)
    if isinstance(left.type, (ArrayType, MapType, StructType, VariantType)):
        return _nested_compared(symbol, left, right)
    return Compiled(f"({left.sql} {symbol} {right.sql})", BOOLEAN, left.nullable or right.nullable)


def _nested_compared(symbol: str, left: Compiled, right: Compiled) -> Compiled:
    require_order(left.type)
    nullable = left.nullable or right.nullable
    one, other = left.sql, right.sql
    if symbol in _ORDERINGS:
        one, other = nested_key(left), nested_key(right)
    return Compiled(f"({one} {symbol} {other})", BOOLEAN, nullable)


@node_rule(exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE)
def _comparison(node: exp.Binary, translator: Translator) -> Compiled:
    left, right = _operands(node, translator)
    return compared(_SYMBOLS[type(node)], left, right, translator.context)


def _operands(node: exp.Binary, translator: Translator) -> list[Compiled]:
    return [operand(side, translator.compile(side)) for side in (node.this, node.expression)]


@node_rule(exp.NullSafeEQ, exp.NullSafeNEQ)
def _null_safe(node: exp.Binary, translator: Translator) -> Compiled:
    word = "IS NOT DISTINCT FROM" if isinstance(node, exp.NullSafeEQ) else "IS DISTINCT FROM"
    left, right = _operands(node, translator)
    found = compared(word, left, right, translator.context)
    return Compiled(found.sql, BOOLEAN, nullable=False)


@function("equal_null")
def _equal_null(call: Call) -> Compiled:
    call.expect(2)
    found = compared("IS NOT DISTINCT FROM", call.arg(0), call.arg(1), call.context)
    return Compiled(found.sql, BOOLEAN, nullable=False)


@node_rule(exp.Is)
def _is(node: exp.Is, translator: Translator) -> Compiled:
    value = translator.compile(node.this)
    if isinstance(node.expression, exp.Null):
        return Compiled(f"({value.sql} IS NULL)", BOOLEAN, nullable=False)
    if isinstance(node.expression, exp.Boolean):
        word = "TRUE" if node.expression.this else "FALSE"
        return Compiled(f"({value.sql} IS {word})", BOOLEAN, nullable=False)
    raise AnalysisException(f"IS is followed by NULL, TRUE or FALSE: {node.sql(dialect='spark')!r}.")


@function("isnull", shown="({0} IS NULL)")
def _isnull(call: Call) -> Compiled:
    call.expect(1)
    return Compiled(f"({call.arg(0).sql} IS NULL)", BOOLEAN, nullable=False)


@function("isnotnull", shown="({0} IS NOT NULL)")
def _isnotnull(call: Call) -> Compiled:
    call.expect(1)
    return Compiled(f"({call.arg(0).sql} IS NOT NULL)", BOOLEAN, nullable=False)


@function("isnan")
def _isnan(call: Call) -> Compiled:
    call.expect(1)
    value = call.arg(0)
    number = value if isinstance(value.type, (FloatType, DoubleType)) else cast(value, DOUBLE, call.context)
    return Compiled(f"coalesce(isnan({number.sql}), false)", BOOLEAN, nullable=False)


@function("nanvl")
def _nanvl(call: Call) -> Compiled:
    call.expect(2)
    first, second = (cast(value, DOUBLE, call.context) for value in call.args)
    sql = f"CASE WHEN isnan({first.sql}) THEN {second.sql} ELSE {first.sql} END"
    return Compiled(sql, DOUBLE, first.nullable or second.nullable)


@node_rule(exp.In)
def _in(node: exp.In, translator: Translator) -> Compiled:
    if node.args.get("query") is not None:
        raise AnalysisException("IN with a subquery can only stand as a condition of WHERE.")
    if not node.expressions:
        return Compiled("false", BOOLEAN, nullable=False)
    compiled = [operand(each, translator.compile(each)) for each in (node.this, *node.expressions)]
    if all(each.is_literal or each.is_constant for each in compiled[1:]):
        compiled = padded(compiled)
    value, *choices = widened(compiled, translator.context, "IN")
    if isinstance(value.type, MapType) or holds_variant(value.type):
        raise _unordered("IN", value.type)
    listed = ", ".join(choice.sql for choice in choices)
    return Compiled(f"({value.sql} IN ({listed}))", BOOLEAN, any(each.nullable for each in compiled))


@node_rule(exp.Between)
def _between(node: exp.Between, translator: Translator) -> Compiled:
    value, low, high = (translator.compile(node.args[key]) for key in ("this", "low", "high"))
    least = compared(">=", value, low, translator.context)
    most = compared("<=", value, high, translator.context)
    return Compiled(f"({least.sql} AND {most.sql})", BOOLEAN, least.nullable or most.nullable)


@node_rule(exp.Like, exp.ILike, exp.Escape)
def _like(node: exp.Expression, translator: Translator) -> Compiled:
    escape = "\\"
    if isinstance(node, exp.Escape):
        escape, node = node.expression.name, node.this
    word = "ILIKE" if isinstance(node, exp.ILike) else "LIKE"
    return liked(
        word, translator.compile(node.this), translator.compile(node.args["expression"]), escape, translator
    )


def liked(word: str, value: Compiled, pattern: Compiled, escape: str, translator: Translator) -> Compiled:
    """`value LIKE pattern`; Spark always has an escape character."""
    text, form = as_text(value, translator.context), as_text(pattern, translator.context)
    # The plain form is the one that DuckDB turns into a prefix or substring search.
    is_plain = pattern.is_literal and escape not in str(pattern.value)
    escaped = "" if is_plain else f" ESCAPE {string(escape)}"
    return Compiled(f"({text} {word} {form}{escaped})", BOOLEAN, value.nullable or pattern.nullable)


@function("like", shown={2: "{0} LIKE {1}"})
@function("ilike")
def _like_call(call: Call) -> Compiled:
    call.expect(2, 3)
    return liked(call.name.upper(), call.arg(0), call.arg(1), _escape_of(call), call.translator)


def _escape_of(call: Call) -> str:
    found = call.constant(2, "\\")
    if not isinstance(found, str) or len(found) != 1:
        raise call.error("the escape must be one character")
    return found


@node_rule(exp.Case)
def _case(node: exp.Case, translator: Translator) -> Compiled:
    operand = translator.compile(node.this) if node.args.get("this") is not None else None
    conditions, values = [], []
    for branch in node.args["ifs"]:
        when = translator.compile(branch.this)
        if operand is not None:
            when = compared("=", operand, when, translator.context)
        conditions.append(_boolean(when, translator.context))
        values.append(translator.compile(branch.args["true"]))
    default = node.args.get("default")
    values.append(translator.compile(default) if default is not None else Compiled("NULL", NULL, value=None))
    return _chosen(conditions, values, translator.context, "CASE")


@node_rule(exp.If)
def _if(node: exp.If, translator: Translator) -> Compiled:
    otherwise = node.args.get("false")
    values = [translator.compile(node.args["true"])]
    values.append(
        translator.compile(otherwise) if otherwise is not None else Compiled("NULL", NULL, value=None)
    )
    condition = _boolean(translator.compile(node.this), translator.context)
    return _chosen([condition], values, translator.context, "IF")


@function("if", takes="condition, then, otherwise", shown="(IF({args}))")
def _if_call(call: Call) -> Compiled:
    call.expect(3)
    return _chosen([_boolean(call.arg(0), call.context)], [call.arg(1), call.arg(2)], call.context, "IF")


def _boolean(value: Compiled, context: TranslationContext) -> str:
    if not isinstance(value.type, (BooleanType, NullType)):
        raise AnalysisException(
            '[DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE] A condition requires the "BOOLEAN" type, and has the '
            f'type "{value.type.simpleString().upper()}". SQLSTATE: 42K09'
        )
    return cast(value, BOOLEAN, context).sql


def _chosen(
    conditions: list[str], values: list[Compiled], context: TranslationContext, what: str
) -> Compiled:
    *results, default = widened(values, context, what)
    branches = " ".join(f"WHEN {c} THEN {v.sql}" for c, v in zip(conditions, results, strict=True))
    nullable = any(value.nullable for value in values)
    return Compiled(f"CASE {branches} ELSE {default.sql} END", default.type, nullable)


@function("coalesce", takes="value, more...")
@function("ifnull", "nvl", takes="value, otherwise")
def _coalesce(call: Call) -> Compiled:
    call.expect(1, 10_000)
    values = widened(call.args, call.context, call.name)
    nullable = all(value.nullable for value in values)
    return Compiled(f"coalesce({', '.join(value.sql for value in values)})", values[0].type, nullable)


@function("nvl2")
def _nvl2(call: Call) -> Compiled:
    call.expect(3)
    condition = f"{call.arg(0).sql} IS NOT NULL"
    return _chosen([condition], [call.arg(1), call.arg(2)], call.context, "nvl2")


@function("nullif")
def _nullif(call: Call) -> Compiled:
    call.expect(2)
    value = call.arg(0)
    same = compared("=", value, call.arg(1), call.context)
    return Compiled(f"CASE WHEN {same.sql} THEN NULL ELSE {value.sql} END", value.type, nullable=True)


@function("nullifzero")
def _nullifzero(call: Call) -> Compiled:
    call.expect(1)
    value = call.arg(0)
    is_zero = compared("=", value, _ZERO, call.context)
    return Compiled(f"CASE WHEN {is_zero.sql} THEN NULL ELSE {value.sql} END", value.type, nullable=True)


@function("zeroifnull")
def _zeroifnull(call: Call) -> Compiled:
    call.expect(1)
    value, zero = widened([call.arg(0), _ZERO], call.context, call.name)
    return Compiled(f"coalesce({value.sql}, {zero.sql})", value.type, nullable=False)


@function("greatest", "least")
def _extreme(call: Call) -> Compiled:
    call.expect(2, 10_000)
    types = [value.type for value in call.args if not isinstance(value.type, NullType)]
    other = [one for one in types if is_string(one) != is_string(types[0])]
    if other:
        # Unlike elsewhere, text is not read as what stands beside it.
        raise mismatches.inputs(call.name, types[0], other[0])
    values = widened(call.args, call.context, call.name)
    if isinstance(values[0].type, MapType):
        raise _unordered(call.name, values[0].type)
    nullable = all(value.nullable for value in values)
    return Compiled(f"{call.name}({', '.join(value.sql for value in values)})", values[0].type, nullable)


@function("assert_true", shown={1: "assert_true({0}, '{0}' is not true!)"})
def _assert_true(call: Call) -> Compiled:
    from streamcore.duck.errors import raise_sql
    from streamcore.plan.naming import expression_text

    call.expect(1, 2)
    message = string(f"'{expression_text(call.nodes[0])}' is not true!")
    if len(call.nodes) == 2:
        message = as_text(call.arg(1), call.context)
    condition = cast(call.arg(0), BOOLEAN, call.context)
    failing = f"CAST({raise_sql('USER_RAISED_EXCEPTION', message)} AS VARCHAR)"
    return Compiled(f"CASE WHEN {condition.sql} THEN NULL ELSE {failing} END", NULL, nullable=True)


@function("raise_error", shown={1: "raise_error(USER_RAISED_EXCEPTION, map(errorMessage, {0}))"})
def _raise_error(call: Call) -> Compiled:
    from streamcore.duck.errors import raise_sql

    call.expect(1)
    return Compiled(
        raise_sql("USER_RAISED_EXCEPTION", as_text(call.arg(0), call.context)), NULL, nullable=True
    )
