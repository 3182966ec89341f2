"""nearestByJoin and the as-of join: of the rows of another DataFrame, those that are nearest to each row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamcore.errors import AnalysisException, IllegalArgumentException
from streamcore.plan.attributes import reference
from streamcore.sql.dataframe.core import FrameCore, selected

if TYPE_CHECKING:
    from streamcore.sql.column import Column
    from streamcore.sql.dataframe import DataFrame

_ROW, _RANK = "~row", "~rank"
_MOST_RESULTS = 100_000


class NearestJoins(FrameCore):
    """Joins by a ranking in the place of an equality."""

    def nearestByJoin(
        self,
        other: DataFrame,
        rankingExpression: Column,
        numResults: int,
        mode: str,
        direction: str,
        *,
        joinType: str = "inner",
    ) -> DataFrame:
        """Each row with the rows of `other` that rank first, `numResults` at most.

        Parameters
        ----------
        other
            The rows to choose from; every pair of rows is ranked.
        rankingExpression
            A value of a pair of rows; pairs for which it is null are left out.
        numResults
            From 1 to 100,000.
        mode
            `exact`, or `approx`, which allows for an approximation: here both are exact.
        direction
            `distance` (the least value ranks first) or `similarity` (the greatest).
        joinType
            `inner`, or `leftouter`, which keeps a row without any match.

        >>> from streamcore import Session
        >>> from streamcore.sql import functions as F
        >>> session = Session.builder.getOrCreate()
        >>> users = session.createDataFrame([(1, 10.0), (2, 20.0)], ["user", "score"])
        >>> items = session.createDataFrame([("A", 11.0), ("B", 22.0)], ["item", "rating"])
        >>> nearest = users.nearestByJoin(items, F.abs(users.score - items.rating), 1, "exact", "distance")
        >>> nearest.select("user", "item").orderBy("user").collect()
        [Row(user=1, item='A'), Row(user=2, item='B')]
        """
        _require_one_of(mode.lower(), ("approx", "exact"), "mode", "modes")
        _require_one_of(
            direction.lower(), ("distance", "similarity"), "direction", "nearest-by join directions"
        )
        kind = _join_type(joinType)
        if not 1 <= numResults <= _MOST_RESULTS:
            raise AnalysisException(
                f"[NEAREST_BY_JOIN.NUM_RESULTS_OUT_OF_RANGE] Invalid nearest-by join. The number of results "
                f"{numResults} must be between 1 and {_MOST_RESULTS}. Update the literal in `APPROX NEAREST "
                f"{numResults} BY ...` (or `EXACT NEAREST {numResults} BY ...`) to fall within that range. "
                "SQLSTATE: 42604"
            )
        order = rankingExpression.asc() if direction.lower() == "distance" else rankingExpression.desc()
        return _nearest(self._frame(), other, rankingExpression.isNotNull(), order, numResults, kind)

    def _joinAsOf(
        self,
        other: DataFrame,
        leftAsOfColumn: str | Column,
        rightAsOfColumn: str | Column,
        on: Any = None,
        how: str | None = None,
        *,
        tolerance: Column | None = None,
        allowExactMatches: bool = True,
        direction: str = "backward",
    ) -> DataFrame:
        """Each row with the row of `other` whose time is nearest: before it, after it, or either."""
        from streamcore.sql.functions import abs as magnitude

        left, right = _named(self._frame(), leftAsOfColumn), _named(other, rightAsOfColumn)
        if direction not in ("backward", "forward", "nearest"):
            raise IllegalArgumentException(
                f"Unsupported as-of join direction '{direction}'. Supported as-of join direction include: "
                "'forward', 'backward', 'nearest'."
            )
        if direction == "backward":
            condition, order = right <= left, right.desc()
        elif direction == "forward":
            condition, order = right >= left, right.asc()
        else:
            condition, order = left.isNotNull() & right.isNotNull(), magnitude(left - right).asc()
        if not allowExactMatches:
            condition &= left != right
        if tolerance is not None:
            condition &= (right >= left - tolerance) & (right <= left + tolerance)
        for pair in _conditions(self._frame(), other, on):
            condition &= pair
        kind = {"inner": "inner", "left": "left", "leftouter": "left"}.get((how or "inner").lower())
        if kind is None:
            raise AnalysisException(f"Unsupported as-of join type '{how}'. Supported: 'inner', 'left'.")
        return _nearest(self._frame(), other, condition, order, 1, kind)


def _nearest(
    left: DataFrame, right: DataFrame, condition: Column, order: Column, count: int, kind: str
) -> DataFrame:
    """The first `count` matches of each row of the left, in their order."""
    from streamcore.sql.functions import col, row_number
    from streamcore.sql.window import Window

    numbered = left.zipWithIndex(_ROW)
    pairs = numbered.join(right, condition, "left" if kind == "left" else "inner")
    window = Window.partitionBy(_ROW).orderBy(order)
    ranked = pairs.withColumn(_RANK, row_number().over(window)).filter(col(_RANK) <= count)
    kept = [a for a in ranked.plan.output if a.name not in (_ROW, _RANK)]
    return selected(ranked, [reference(a) for a in kept])


def _named(frame: DataFrame, column: str | Column) -> Column:
    return frame[column] if isinstance(column, str) else column


def _conditions(left: DataFrame, right: DataFrame, on: Any) -> list[Column]:
    listed = [] if on is None else list(on) if isinstance(on, list | tuple) else [on]
    return [left[one] == right[one] if isinstance(one, str) else one for one in listed]


def _join_type(given: str) -> str:
    kind = given.lower().replace("_", "")
    if kind not in ("inner", "leftouter", "left"):
        raise AnalysisException(
            f"[NEAREST_BY_JOIN.UNSUPPORTED_JOIN_TYPE] Invalid nearest-by join. Unsupported nearest-by join "
            f"type {given}. Supported types: 'INNER', 'LEFT OUTER'. SQLSTATE: 42604"
        )
    return "inner" if kind == "inner" else "left"


def _require_one_of(value: str, allowed: tuple[str, ...], argument: str, several: str) -> None:
    if value not in allowed:
        listed = ", ".join(map(repr, allowed))
        raise AnalysisException(
            f"[NEAREST_BY_JOIN.UNSUPPORTED_{argument.upper()}] Invalid nearest-by join. Unsupported "
            f"nearest-by join {argument} {value!r}. Supported {several} include: {listed}. SQLSTATE: 42604"
        )
