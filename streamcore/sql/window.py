"""Window and WindowSpec: which rows a function of a row may see."""

from __future__ import annotations

import sys
from typing import Any

from sqlglot import exp

from streamcore.errors import AnalysisException


class WindowSpec:
    """Partitioning, order and frame; every method gives a new one."""

    def __init__(
        self,
        partition: tuple[exp.Expression, ...] = (),
        order: tuple[exp.Expression, ...] = (),
        frame: exp.WindowSpec | None = None,
    ) -> None:
        self._partition = partition
        self._order = order
        self._frame = frame

    def partitionBy(self, *cols: Any) -> WindowSpec:
        """Rows with equal values see each other."""
        return WindowSpec(tuple(_expressions(cols)), self._order, self._frame)

    def orderBy(self, *cols: Any) -> WindowSpec:
        """The order of the rows."""
        return WindowSpec(self._partition, tuple(map(_ordered, _expressions(cols))), self._frame)

    def rowsBetween(self, start: int, end: int) -> WindowSpec:
        """The frame by number of rows before (negative) and after."""
        return WindowSpec(self._partition, self._order, _frame("ROWS", start, end))

    def rangeBetween(self, start: int, end: int) -> WindowSpec:
        """The frame by distance of the ordering value."""
        return WindowSpec(self._partition, self._order, _frame("RANGE", start, end))

    def over(self, function: exp.Expression) -> exp.Expression:
        """The expression of a function over this window."""
        order = exp.Order(expressions=[e.copy() for e in self._order]) if self._order else None
        return exp.Window(
            this=function,
            partition_by=[e.copy() for e in self._partition],
            order=order,
            spec=None if self._frame is None else self._frame.copy(),
            over="OVER",
        )


class Window:
    """Makes a WindowSpec: `Window.partitionBy("a").orderBy("b")`."""

    unboundedPreceding: int = -sys.maxsize - 1
    unboundedFollowing: int = sys.maxsize
    currentRow: int = 0

    @staticmethod
    def partitionBy(*cols: Any) -> WindowSpec:
        """See `WindowSpec.partitionBy`."""
        return WindowSpec().partitionBy(*cols)

    @staticmethod
    def orderBy(*cols: Any) -> WindowSpec:
        """See `WindowSpec.orderBy`."""
        return WindowSpec().orderBy(*cols)

    @staticmethod
    def rowsBetween(start: int, end: int) -> WindowSpec:
        """See `WindowSpec.rowsBetween`."""
        return WindowSpec().rowsBetween(start, end)

    @staticmethod
    def rangeBetween(start: int, end: int) -> WindowSpec:
        """See `WindowSpec.rangeBetween`."""
        return WindowSpec().rangeBetween(start, end)


def _expressions(columns: tuple[Any, ...]) -> list[exp.Expression]:
    from streamcore.sql.functions.building import many

    return many(columns)


def _ordered(expression: exp.Expression) -> exp.Expression:
    if isinstance(expression, exp.Ordered):
        return expression
    return exp.Ordered(this=expression, desc=False, nulls_first=True)


def _frame(kind: str, start: int, end: int) -> exp.WindowSpec:
    if start > end:
        raise AnalysisException(f"a window frame cannot start at {start} and end at {end}")
    first, first_side = _bound(start, "PRECEDING")
    last, last_side = _bound(end, "FOLLOWING")
    return exp.WindowSpec(kind=kind, start=first, start_side=first_side, end=last, end_side=last_side)


def _bound(value: int, unbounded_side: str) -> tuple[Any, str | None]:
    if value <= -sys.maxsize or value >= sys.maxsize:
        return "UNBOUNDED", unbounded_side
    if value == 0:
        return "CURRENT ROW", None
    number = exp.Literal.number(abs(value))
    return exp.Neg(this=number) if value < 0 else number, "FOLLOWING"
