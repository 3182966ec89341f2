"""Functions over windows: OVER (PARTITION BY ... ORDER BY ... ROWS BETWEEN ...)."""

from __future__ import annotations

from sqlglot import exp

from streamcore.errors import AnalysisException
from streamcore.plan import refusals
from streamcore.plan.function_specs import IN_CAPITALS, FunctionSpec, Kind, declare, spec_of
from streamcore.plan.translation.aggregates import aggregate_names, compile_aggregate
from streamcore.plan.translation.casts import cast
from streamcore.plan.translation.coercion import DOUBLE, INT
from streamcore.plan.translation.core import (
    Compiled,
    Translator,
    as_call,
    node_rule,
)
from streamcore.spi.types import NullType

declare("row_number", "cume_dist", kind=Kind.WINDOW, takes="", family="windows")
declare("rank", "dense_rank", "percent_rank", kind=Kind.WINDOW, takes="", shown=IN_CAPITALS, family="windows")
declare("ntile", kind=Kind.WINDOW, takes="buckets = 1", family="windows")
declare("lag", "lead", kind=Kind.WINDOW, takes="input, offset = 1, default = NULL", family="windows")
declare("nth_value", kind=Kind.WINDOW, takes="input, offset", family="windows")
_OVER_WHOLE_PARTITIONS = ("percentile_cont", "percentile_disc", "median")
_SKIPS_NULLS = ("lag", "lead", "nth_value")
_RANKS = {"row_number": INT, "rank": INT, "dense_rank": INT, "percent_rank": DOUBLE, "cume_dist": DOUBLE}


@node_rule(exp.Window)
def _window(node: exp.Window, translator: Translator) -> Compiled:
    alias = node.args.get("alias")
    if alias is not None:
        raise refusals.unknown_window(alias.name)
    over = f" OVER ({_specification(node, translator)})"
    inner, nulls = node.this, ""
    if isinstance(inner, (exp.IgnoreNulls, exp.RespectNulls)):
        nulls = " IGNORE NULLS" if isinstance(inner, exp.IgnoreNulls) else ""
        bare = inner.this
    else:
        bare = inner
    name, arguments = as_call(bare.this if isinstance(bare, exp.Filter) else bare)
    if name in _OVER_WHOLE_PARTITIONS and (node.args.get("order") or node.args.get("spec")):
        raise AnalysisException(
            "[INVALID_WINDOW_SPEC_FOR_AGGREGATION_FUNC] Cannot specify ORDER BY or a window frame for "
            f'"{name}". SQLSTATE: 42601'
        )
    if name in aggregate_names():
        return compile_aggregate(inner, translator, over)
    spec = spec_of(name)
    if spec is None or spec.kind is not Kind.WINDOW:
        raise AnalysisException(f"[UNSUPPORTED_EXPR_FOR_WINDOW] {name}() cannot stand before OVER.")
    _refuse_what_is_not_read(spec, arguments, inner)
    args = [translator.compile(argument) for argument in arguments]
    if name in _RANKS:
        if node.args.get("order") is None:
            raise AnalysisException(f"[WINDOW_FUNCTION_AND_FRAME] {name}() needs a window with an ORDER BY.")
        _refuse_frame(name, node)
        return Compiled(f"CAST({name}(){over} AS {_duck(name)})", _RANKS[name], nullable=False)
    if name == "ntile":
        buckets = args[0].sql if args else "1"
        return Compiled(f"CAST(ntile({buckets}){over} AS INTEGER)", INT, nullable=False)
    if name in ("lag", "lead"):
        return _shifted(name, args, nulls, over, translator)
    return Compiled(f"nth_value({args[0].sql}, {args[1].sql}{nulls}){over}", args[0].type)


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


def _specification(node: exp.Window, translator: Translator) -> str:
    parts = []
    keys = node.args.get("partition_by")
    if keys:
        parts.append(f"PARTITION BY {', '.join(translator.compile(key).sql for key in keys)}")
    order = node.args.get("order")
    if order is not None:
        parts.append(f"ORDER BY {', '.join(_ordered(term, translator) for term in order.expressions)}")
    spec = node.args.get("spec")
    if spec is not None:
        start, end = (_bound(spec, side, translator) for side in ("start", "end"))
        parts.append(f"{spec.args.get('kind') or 'ROWS'} BETWEEN {start} AND {end}")
    return " ".join(parts)


@node_rule(exp.Order)
def _order(node: exp.Order, translator: Translator) -> Compiled:
    """An order as an argument (see `streamcore.plan.within_group`)."""
    return Compiled(", ".join(_ordered(term, translator) for term in node.expressions), NullType())


def _ordered(term: exp.Expression, translator: Translator) -> str:
    if not isinstance(term, exp.Ordered):
        return f"{translator.compile(term).sql} ASC NULLS FIRST"
    is_descending = bool(term.args.get("desc"))
    nulls_first = term.args.get("nulls_first")
    first = (not is_descending) if nulls_first is None else bool(nulls_first)
    direction = "DESC" if is_descending else "ASC"
    return f"{translator.compile(term.this).sql} {direction} NULLS {'FIRST' if first else 'LAST'}"


def _bound(spec: exp.Expression, side: str, translator: Translator) -> str:
    value = spec.args.get(side)
    direction = spec.args.get(f"{side}_side") or ""
    if value is None:
        return "CURRENT ROW"
    if isinstance(value, str):
        return f"{value} {direction}".strip()
    bound = translator.compile(value)
    if direction == "FOLLOWING" and isinstance(bound.value, int) and bound.value < 0:
        return f"{-bound.value} PRECEDING"
    return f"{bound.sql} {direction}"
