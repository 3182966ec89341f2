"""Functions over windows: OVER (PARTITION BY ... ORDER BY ... ROWS BETWEEN ...)."""

from __future__ import annotations

from sqlglot import exp

from streamcore.errors import AnalysisException, UnsupportedOperationException
from streamcore.plan import refusals
from streamcore.plan.function_specs import IN_CAPITALS, FunctionSpec, Kind, declare, spec_of
from streamcore.plan.translation.aggregates import ORDERED_BY_ARGUMENT, aggregate_names, compile_aggregate
from streamcore.plan.translation.casts import cast
from streamcore.plan.translation.coercion import DOUBLE, INT
from streamcore.plan.translation.core import (
    Compiled,
    Translator,
    as_call,
    node_rule,
)
from streamcore.plan.translation.frames import TELLS_TIES_APART, arrival_order, specification

declare("row_number", "cume_dist", kind=Kind.WINDOW, takes="")
declare("rank", "dense_rank", "percent_rank", kind=Kind.WINDOW, takes="", shown=IN_CAPITALS)
declare("ntile", kind=Kind.WINDOW, takes="buckets = 1")
declare("lag", "lead", kind=Kind.WINDOW, takes="input, offset = 1, default = NULL")
declare("nth_value", kind=Kind.WINDOW, takes="input, offset")
_OVER_WHOLE_PARTITIONS = ("percentile_cont", "percentile_disc", "median")
_SKIPS_NULLS = ("lag", "lead", "nth_value")
_RANKS = {"row_number": INT, "rank": INT, "dense_rank": INT, "percent_rank": DOUBLE, "cume_dist": DOUBLE}


@node_rule(exp.Window)
def _window(node: exp.Window, translator: Translator) -> Compiled:
    alias = node.args.get("alias")
    if alias is not None:
        raise refusals.unknown_window(alias.name)
    inner, nulls = node.this, ""
    if isinstance(inner, (exp.IgnoreNulls, exp.RespectNulls)):
        nulls = " IGNORE NULLS" if isinstance(inner, exp.IgnoreNulls) else ""
        bare = inner.this
    else:
        bare = inner
    name, arguments = as_call(bare.this if isinstance(bare, exp.Filter) else bare)
    _refuse_order_of_whole(name, node)
    _refuse_nested(node, name)
    is_told = bool(node.args.get(TELLS_TIES_APART))
    is_by_argument = is_told and name in (*ORDERED_BY_ARGUMENT, "nth_value")
    arrival = arrival_order(node, translator) if is_by_argument else ""
    over = f" OVER ({specification(node, translator, tie_key=is_told and not is_by_argument)})"
    if name in aggregate_names():
        return compile_aggregate(inner, translator, over, arrival)
    spec = spec_of(name)
    if spec is None or spec.kind is not Kind.WINDOW:
        raise AnalysisException(f"[UNSUPPORTED_EXPR_FOR_WINDOW] {name}() cannot stand before OVER.")
    _refuse_what_is_not_read(spec, arguments, inner)
    args = [translator.compile(argument) for argument in arguments]
    if name in _RANKS:
        if node.args.get("order") is None:
            raise _unordered(name)
        _refuse_frame(name, node)
        return Compiled(f"CAST({name}(){over} AS {_duck(name)})", _RANKS[name], nullable=False)
    if name == "ntile":
        buckets = _buckets(args[0]) if args else 1
        return Compiled(f"CAST(ntile({buckets}){over} AS INTEGER)", INT, nullable=False)
    if name in ("lag", "lead"):
        if node.args.get("order") is None:
            raise _unordered(name)
        _require_constant(name, arguments, "INT")
        return _shifted(name, args, nulls, over, translator)
    _require_constant(name, arguments, "INT")
    _require_positive(args[1])
    return Compiled(f"nth_value({args[0].sql}, {args[1].sql}{arrival}{nulls}){over}", args[0].type)


def _refuse_order_of_whole(name: str, node: exp.Window) -> None:
    if name in _OVER_WHOLE_PARTITIONS and (node.args.get("order") or node.args.get("spec")):
        raise AnalysisException(
            "[INVALID_WINDOW_SPEC_FOR_AGGREGATION_FUNC] Cannot specify ORDER BY or a window frame for "
            f'"{name}". SQLSTATE: 42601'
        )


def _refuse_nested(node: exp.Window, name: str) -> None:
    if node.this.find(exp.Window) is not None:
        raise UnsupportedOperationException(
            f"A function over a window inside {name}() OVER is not offered: compute the inner one in a "
            "subquery."
        )


def _buckets(given: Compiled) -> int:
    if not given.is_literal or not isinstance(given.value, int):
        raise AnalysisException(
            '[DATATYPE_MISMATCH.NON_FOLDABLE_INPUT] Cannot resolve "ntile" due to data type mismatch: the '
            'input `buckets` should be a foldable "INT" expression. SQLSTATE: 42K09'
        )
    if not 0 < given.value <= 2**31 - 1:
        raise AnalysisException(
            f'[DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE] Cannot resolve "ntile({given.value})" due to data type '
            "mismatch: The buckets must be between (0, 2147483647] (current value = "
            f"{given.value}). SQLSTATE: 42K09"
        )
    return given.value


def _unordered(name: str) -> AnalysisException:
    return AnalysisException(
        f"[WINDOW_FUNCTION_FRAME_NOT_ORDERED] Window function {name} requires the window to be ordered. "
        f"You need to add an ORDER BY clause. For example: SELECT {name}(...) OVER (PARTITION BY "
        "window_partition ORDER BY window_ordering) FROM table. SQLSTATE: 42601"
    )


def _require_constant(name: str, arguments: list[exp.Expression], kind: str) -> None:
    if len(arguments) > 1 and arguments[1].find(exp.Column) is not None:
        raise AnalysisException(
            f"[DATATYPE_MISMATCH.NON_FOLDABLE_INPUT] Cannot resolve {name}() due to data type mismatch: the "
            f'input `offset` should be a foldable "{kind}" expression. SQLSTATE: 42K09'
        )


def _require_positive(offset: Compiled) -> None:
    if isinstance(offset.value, int) and offset.value < 1:
        raise AnalysisException(
            "[DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE] Cannot resolve nth_value() due to data type mismatch: "
            f"The offset must be between (0, 9223372036854775807] (current value = {offset.value}L). "
            "SQLSTATE: 42K09"
        )


def _refuse_what_is_not_read(
    spec: FunctionSpec, arguments: list[exp.Expression], inner: exp.Expression
) -> None:
    if not spec.takes(len(arguments)):
        raise refusals.wrong_number_of_arguments(spec.name, spec.least, spec.most, len(arguments))
    if inner.find(exp.Filter) is not None or (
        isinstance(inner, (exp.IgnoreNulls, exp.RespectNulls)) and spec.name not in _SKIPS_NULLS
    ):
        raise AnalysisException(
            "[INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX] Invalid SQL syntax: The function "
            f"`{spec.name}` takes neither FILTER nor IGNORE NULLS here. SQLSTATE: 42000"
        )


def _refuse_frame(name: str, node: exp.Window) -> None:
    spec = node.args.get("spec")
    if spec is None:
        return
    bounds = [
        f"{spec.args.get(side)} {spec.args.get(f'{side}_side') or ''}".strip() for side in ("start", "end")
    ]
    if spec.args.get("kind") != "ROWS" or bounds != ["UNBOUNDED PRECEDING", "CURRENT ROW"]:
        raise AnalysisException(
            f"[WINDOW_FUNCTION_AND_FRAME_MISMATCH] {name}() takes no frame but ROWS BETWEEN UNBOUNDED "
            "PRECEDING AND CURRENT ROW; leave the frame out."
        )


def _duck(name: str) -> str:
    return "INTEGER" if _RANKS[name] == INT else "DOUBLE"


def _shifted(name: str, args: list[Compiled], nulls: str, over: str, translator: Translator) -> Compiled:
    value = args[0]
    offset = args[1].sql if len(args) > 1 else "1"
    default = cast(args[2], value.type, translator.context).sql if len(args) > 2 else "NULL"
    nullable = value.nullable or len(args) < 3 or args[2].nullable
    return Compiled(f"{name}({value.sql}, {offset}, {default}{nulls}){over}", value.type, nullable)
