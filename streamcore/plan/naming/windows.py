"""Functions over windows in the names of columns."""

from __future__ import annotations

from sqlglot import exp

from streamcore.plan.naming.text import Text, shown_by
from streamcore.spi.types import NumericType

# Of these the frame that is meant is one of rows.
_OF_ROWS = (exp.RowNumber, exp.Rank, exp.DenseRank, exp.PercentRank, exp.Ntile)


def register() -> None:
    """Make these rules known."""
    shown_by(_window, exp.Window)


def _window(node: exp.Expression, text: Text) -> str:
    terms = []
    partition = node.args.get("partition_by")
    if partition:
        terms.append(f"PARTITION BY {text.of_all(partition)}")
    order = node.args.get("order")
    if order is not None:
        terms.append(f"ORDER BY {text.of_all(order.expressions)}")
    terms.append(_frame(node, text))
    bare = node.this.this if isinstance(node.this, exp.IgnoreNulls) else None
    nulls = " ignore nulls" if isinstance(bare, exp.NthValue) else ""
    return f"{text(node.this)}{nulls} OVER ({' '.join(terms)})"


def _frame(node: exp.Expression, text: Text) -> str:
    function = node.this.this if isinstance(node.this, exp.IgnoreNulls | exp.RespectNulls) else node.this
    spec, order = node.args.get("spec"), node.args.get("order")
    if isinstance(function, (exp.Lag, exp.Lead)):
        bound = _shift(function, text)
        return f"ROWS BETWEEN {bound} AND {bound}"
    if spec is not None:
        kind = str(spec.args.get("kind") or "ROWS").upper()
        start, end = (_bound(spec, side, _ordering(order, kind), text) for side in ("start", "end"))
        return f"{kind} BETWEEN {start} AND {end}"
    if order is None:
        return "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING"
    kind = "ROWS" if isinstance(function, _OF_ROWS) else "RANGE"
    return f"{kind} BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"


def _shift(function: exp.Expression, text: Text) -> str:
    offset = text(function.args["offset"]) if function.args.get("offset") is not None else "1"
    if isinstance(function, exp.Lag):
        offset = offset.removeprefix("-") if offset.startswith("-") else f"-{offset}"
    return f"{offset} FOLLOWING"


def _ordering(order: exp.Expression | None, kind: str) -> exp.Expression | None:
    """What a frame by distance counts along."""
    return order.expressions[0].this if order is not None and kind == "RANGE" else None


def _bound(spec: exp.Expression, side: str, ordering: exp.Expression | None, text: Text) -> str:
    value = spec.args.get(side)
    direction = str(spec.args.get(f"{side}_side") or "").upper()
    if value is None or isinstance(value, str):
        return f"{(value or 'CURRENT ROW').upper()} {direction}".strip()
    if direction == "PRECEDING" and ordering is not None and _is_widened(value, ordering, text):
        # Spark turns the sign of what goes before, and shows it once a cast stands around it.
        return f"(- {text(value)}) FOLLOWING"
    return f"{text(value)} {direction}"


def _is_widened(bound: exp.Expression, ordering: exp.Expression, text: Text) -> bool:
    types = text.type_of(bound), text.type_of(ordering)
    return all(isinstance(each, NumericType) for each in types) and types[0] != types[1]
