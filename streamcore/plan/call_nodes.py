"""Calls whose parsed form is a node class of its own: Spark's name for them and the order of their arguments.

Every other function is an `Anonymous` call under its name.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp


@dataclass(frozen=True)
class CallNode:
    """How nodes of a class stand for the calls of a function.

    Parameters
    ----------
    name
        Spark's name for the function.
    keys
        The node's arguments in Spark's order.
    spellings
        The names in SQL text that become such nodes, in capitals; of other classes only operators, words
        of the grammar and the DataFrame API make nodes.
    """

    name: str
    keys: tuple[str, ...] = ("this",)
    spellings: tuple[str, ...] = ()


def _spelled(name: str, keys: str = "this", also: str = "") -> CallNode:
    return CallNode(name, tuple(keys.split()), tuple(f"{name} {also}".upper().split()))


def _unspelled(name: str, keys: str = "this") -> CallNode:
    return CallNode(name, tuple(keys.split()))


_PAIR = "this expression"

CALL_NODES: dict[type[exp.Expr], CallNode] = {
    exp.Substring: _unspelled("substring", "this start length"),
    exp.StrPosition: _unspelled("locate", "substr this position"),
    exp.Overlay: _unspelled("overlay", "this expression from_ for_"),
    exp.RegexpLike: _unspelled("rlike", _PAIR),
    exp.CurrentDate: _unspelled("current_date", ""),
    exp.CurrentTimestamp: _unspelled("current_timestamp", ""),
    exp.CurrentUser: _unspelled("current_user", ""),
    exp.SessionUser: _unspelled("current_user", ""),
    exp.Transform: _unspelled("transform", _PAIR),
    exp.DPipe: _unspelled("concat", _PAIR),
    exp.If: _unspelled("if", "this true false"),
    exp.AtTimeZone: _unspelled("from_utc_timestamp", "this zone"),
    exp.Array: _spelled("array", "expressions"),
    exp.Count: _spelled("count", "this expressions"),
    exp.Sum: _spelled("sum"),
    exp.Avg: _spelled("avg"),
    exp.Min: _spelled("min"),
    exp.Max: _spelled("max"),
    exp.First: _spelled("first", _PAIR),
    exp.Last: _spelled("last", _PAIR),
    exp.AnyValue: _unspelled("any_value"),
    exp.FirstValue: _unspelled("first"),
    exp.LastValue: _unspelled("last"),
    exp.ArrayAgg: _spelled("collect_list"),
    exp.ArrayUniqueAgg: _spelled("collect_set"),
    exp.ApproxDistinct: _unspelled("approx_count_distinct", "this accuracy"),
    exp.LogicalAnd: _spelled("bool_and"),
    exp.LogicalOr: _spelled("bool_or"),
    exp.ArgMax: _unspelled("max_by", _PAIR),
    exp.ArgMin: _unspelled("min_by", _PAIR),
    exp.Stddev: _spelled("stddev"),
    exp.StddevSamp: _spelled("stddev_samp"),
    exp.StddevPop: _spelled("stddev_pop"),
    exp.Variance: _unspelled("var_samp"),
    exp.VariancePop: _spelled("var_pop"),
    exp.CovarSamp: _spelled("covar_samp", _PAIR),
    exp.CovarPop: _spelled("covar_pop", _PAIR),
    exp.Corr: _spelled("corr", _PAIR),
    exp.CountIf: _spelled("count_if"),
    exp.Median: _spelled("median"),
    exp.RowNumber: _spelled("row_number"),
    exp.Rank: _spelled("rank", "expressions"),
    exp.DenseRank: _spelled("dense_rank", "expressions"),
    exp.PercentRank: _spelled("percent_rank", ""),
    exp.CumeDist: _spelled("cume_dist", ""),
    exp.Ntile: _spelled("ntile"),
    exp.Lag: _spelled("lag", "this offset default"),
    exp.Lead: _spelled("lead", "this offset default"),
    exp.NthValue: _spelled("nth_value", "this offset"),
    exp.Explode: _spelled("explode"),
    exp.ExplodeOuter: _spelled("explode_outer"),
    exp.Posexplode: _spelled("posexplode"),
    exp.PosexplodeOuter: _spelled("posexplode_outer"),
    exp.Inline: _spelled("inline"),
    exp.Stack: _spelled("stack", "this expressions"),
}


def arguments_of(node: exp.Expression) -> list[exp.Expression]:
    """The arguments of a call whose class stands in `CALL_NODES`, in Spark's order."""
    found: list[exp.Expression] = []
    for key in CALL_NODES[type(node)].keys:
        value = node.args.get(key)
        found.extend(value if isinstance(value, list) else [] if value is None else [value])
    return found
