"""Sliding windows: a row that falls into several windows is repeated once for each, below its grouping."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from streamcore.errors import AnalysisException
from streamcore.plan.attributes import (
    Attribute,
    NamedExpression,
    next_id,
    reference,
    referenced_id,
    scope_of,
)
from streamcore.plan.logical import Filter, Generate, LogicalPlan, Sessions
from streamcore.plan.resolution import Names
from streamcore.plan.typing import infer


def is_time_window(node: exp.Expr) -> bool:
    """Whether this is a call of `window`."""
    return isinstance(node, exp.Anonymous) and node.name.lower() == "window"


def is_sliding(window: exp.Expression) -> bool:
    """Whether a row may fall into more than one window, or into none."""
    arguments = window.expressions
    return len(arguments) > 2 and arguments[1] != arguments[2]


def expand_time_windows(
    child: LogicalPlan, written: Sequence[exp.Expression], names: Names
) -> tuple[LogicalPlan, list[exp.Expression]]:
    """Rows without a time dropped, rows of sliding windows repeated; the windows then are plain columns."""
    expressions = [expression.copy() for expression in written]
    windows = [node for e in expressions for node in e.find_all(exp.Anonymous) if is_time_window(node)]
    if not windows:
        return child, list(written)
    made: dict[exp.Expression, Attribute] = {}
    for window in windows:
        resolved = names.resolve(window)
        if resolved not in made:
            child, made[resolved] = _windowed(child, resolved, names)
        if is_sliding(resolved):
            _replace(expressions, window, reference(made[resolved]))
    if len(made) > 1:
        raise _several_windows()
    return child, expressions


def _several_windows() -> AnalysisException:
    return AnalysisException(
        "Multiple time/session window expressions would result in a cartesian product of rows, therefore "
        "they are currently not supported."
    )


def window_delay(resolved: exp.Expression, names: Names) -> int | None:
    """The watermark delay that a time window, or the time of one, takes over from what it is made of."""
    if not _is_over_event_time(resolved):
        return None
    id_ = time_column(resolved)
    column = None if id_ is None else names.by_id(id_)
    return column.watermark_delay_ms if column is not None else None


def time_column(resolved: exp.Expression) -> int | None:
    """The id of the column that this is, or of which it is a time window, or the time of one; else None.

    Nothing else made of an event time keeps its watermark: an hour that a time was cut to lies before it.
    """
    while _is_over_event_time(resolved):
        resolved = resolved.expressions[0]
    return referenced_id(resolved)


def _is_over_event_time(node: exp.Expression) -> bool:
    return isinstance(node, exp.Anonymous) and node.name.lower() in _OVER_EVENT_TIME


_OVER_EVENT_TIME = ("window", "session_window", "window_time")


def _windowed(child: LogicalPlan, resolved: exp.Expression, names: Names) -> tuple[LogicalPlan, Attribute]:
    time = resolved.expressions[0]
    if infer(time, scope_of(names.columns))[1]:
        child = Filter(child, exp.Not(this=exp.Is(this=time.copy(), expression=exp.Null())))
    data_type, nullable = infer(resolved, scope_of(names.columns))
    delay = window_delay(resolved, names)
    column = Attribute("window", data_type, nullable, next_id(), watermark_delay_ms=delay)
    return (Generate(child, resolved, (column,)) if is_sliding(resolved) else child), column


def _replace(expressions: list[exp.Expression], node: exp.Expression, by: exp.Expression) -> None:
    for at, expression in enumerate(expressions):
        if expression is node:
            expressions[at] = by
            return
    node.replace(by)


def expand_session_windows(
    child: LogicalPlan, written: Sequence[exp.Expression], keys: int, names: Names
) -> tuple[LogicalPlan, list[exp.Expression]]:
    """Rows with the sessions that they belong to; the session window among the keys then is a plain column.

    `written` are the `keys` of a grouping and, behind them, its outputs.
    """
    expressions = [expression.copy() for expression in written]
    calls = [node for e in expressions for node in e.find_all(exp.Anonymous) if is_session_window(node)]
    if not calls:
        return child, list(written)
    resolved = {names.resolve(call) for call in calls}
    if len(resolved) > 1 or any(is_time_window(n) for e in expressions for n in e.find_all(exp.Anonymous)):
        raise _several_windows()
    window = resolved.pop()
    others = [
        key for key in expressions[:keys] if not any(map(is_session_window, key.find_all(exp.Anonymous)))
    ]
    if len(others) == keys:
        raise AnalysisException(
            "session_window() stands in the result of a grouping that is not by it; add it to groupBy(...)"
        )
    data_type, _ = infer(window, scope_of(names.columns))
    delay = window_delay(window, names)
    column = Attribute("session_window", data_type, id=next_id(), nullable=False, watermark_delay_ms=delay)
    told_apart = tuple(_plain_key(key, names) for key in others)
    for call in calls:
        _replace(expressions, call, reference(column))
    return Sessions(child, told_apart, NamedExpression(window, column)), expressions


def without_empty_sessions(
    child: LogicalPlan, written: Sequence[exp.Expression], names: Names
) -> LogicalPlan:
    """The rows for which every session window in a select list has a time and a gap above zero."""
    calls = [node for e in written for node in e.find_all(exp.Anonymous) if is_session_window(node)]
    for window in {names.resolve(call) for call in calls}:
        start, end = (
            exp.Dot(this=exp.Paren(this=window.copy()), expression=exp.to_identifier(bound, quoted=True))
            for bound in ("start", "end")
        )
        child = Filter(child, exp.LT(this=start, expression=end))
    return child


def is_session_window(node: exp.Expr) -> bool:
    """Whether this is a call of `session_window`."""
    return isinstance(node, exp.Anonymous) and node.name.lower() == "session_window"


def _plain_key(written: exp.Expression, names: Names) -> NamedExpression:
    resolved = names.resolve(written.this if isinstance(written, exp.Alias) else written)
    data_type, nullable = infer(resolved, scope_of(names.columns))
    return NamedExpression(resolved, Attribute("key", data_type, nullable, next_id()))
