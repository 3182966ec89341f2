"""Windows whose answer depends on the order of equal rows, which stand as they came."""

from __future__ import annotations

from sqlglot import exp

from streamcore.plan.attributes import NamedExpression
from streamcore.plan.translation.core import as_call
from streamcore.plan.translation.frames import TELLS_TIES_APART

_BY_PLACE = frozenset(["row_number", "ntile", "lag", "lead"])
_BY_ORDER = frozenset(
    [
        "first", "last", "first_value", "last_value", "any_value", "nth_value", "collect_list", "array_agg",
        "listagg", "string_agg",
    ]
)  # fmt: skip


def telling_ties_apart(entries: tuple[NamedExpression, ...]) -> tuple[NamedExpression, ...]:
    """The entries with such windows marked; themselves where there is none."""
    if not any(map(_depends_on_ties, _windows(entries))):
        return entries
    return tuple(NamedExpression(_marked(entry.expression), entry.attribute) for entry in entries)


def _windows(entries: tuple[NamedExpression, ...]) -> list[exp.Window]:
    return [window for entry in entries for window in entry.expression.find_all(exp.Window)]


def _marked(expression: exp.Expression) -> exp.Expression:
    changed = expression.copy()
    for window in changed.find_all(exp.Window):
        if _depends_on_ties(window):
            window.set(TELLS_TIES_APART, exp.true())
    return changed


def _depends_on_ties(window: exp.Window) -> bool:
    function = window.this
    while isinstance(function, (exp.Filter, exp.IgnoreNulls, exp.RespectNulls)):
        function = function.this
    name, _ = as_call(function)
    return name in _BY_PLACE or name in _BY_ORDER or _is_of_rows(window.args.get("spec"))


def _is_of_rows(spec: exp.Expression | None) -> bool:
    """Whether a frame begins or ends at some row, and not only at the ends of the partition."""
    if spec is None or spec.args.get("kind") != "ROWS":
        return False
    return not all(spec.args.get(side) == "UNBOUNDED" for side in ("start", "end"))
