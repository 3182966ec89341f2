"""DataFrames that read columns of the one in which they will stand.

A column marked by `Column.outer()` belongs to the DataFrame in which this one will stand.  Until it stands
there nothing is known of the column, so the operations on such a DataFrame are kept, and carried out then.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from streamcore.errors import AnalysisException
from streamcore.plan.outer import Outer
from streamcore.plan.subqueries import FrameQuery, UnboundOuterColumn
from streamcore.sql.dataframe.core import FrameCore

if TYPE_CHECKING:
    from streamcore.plan.logical import LogicalPlan
    from streamcore.sql.column import Column

_around: ContextVar[Outer | None] = ContextVar("columns around a subquery", default=None)
_Method = TypeVar("_Method", bound=Callable[..., Any])

_DERIVING = frozenset(
    [
        "agg", "alias", "crossJoin", "distinct", "drop", "dropDuplicates", "drop_duplicates", "dropna",
        "exceptAll", "fillna", "filter", "groupBy", "groupby", "intersect", "intersectAll", "join", "limit",
        "offset", "orderBy", "select", "selectExpr", "sort", "subtract", "toDF", "union", "unionAll",
        "unionByName", "where", "withColumn", "withColumnRenamed", "withColumns",
    ]
)  # fmt: skip
_OF_GROUPS = frozenset(["agg", "avg", "count", "max", "mean", "min", "sum"])


def columns_around() -> Outer | None:
    """The columns that `Column.outer()` means now; None where no query is around."""
    return _around.get()


def open_to_outer(method: _Method) -> _Method:
    """A method of DataFrames that keeps itself for later where it is given columns marked by `outer()`."""

    @wraps(method)
    def opened(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return method(self, *args, **kwargs)
        except UnboundOuterColumn:
            if columns_around() is not None:
                raise
            return OpenFrame(lambda: method(self, *args, **kwargs))

    return cast("_Method", opened)


class OpenFrame:
    """A DataFrame that reads columns of the one in which it will stand; it has no rows of its own."""

    def __init__(self, make: Callable[[], Any], *, is_grouped: bool = False) -> None:
        self._make = make
        self._is_grouped = is_grouped

    @property
    def plan(self) -> LogicalPlan:
        """The plan, within the columns around."""
        if columns_around() is None:
            raise UnboundOuterColumn("A DataFrame with columns marked by outer() stands in no query yet.")
        plan: LogicalPlan = self._make().plan
        return plan

    def scalar(self) -> Column:
        """As `DataFrame.scalar`."""
        return scalar_of(self)

    def exists(self) -> Column:
        """As `DataFrame.exists`."""
        return exists_of(self)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in (_OF_GROUPS if self._is_grouped else _DERIVING):
            raise AnalysisException(
                f"{name} is not offered for a DataFrame that reads columns marked by outer(): use it in "
                "exists(), scalar(), isin() or lateralJoin() first."
            )

        def kept(*args: Any, **kwargs: Any) -> OpenFrame:
            is_grouped = name.lower() == "groupby"
            return OpenFrame(lambda: getattr(self._make(), name)(*args, **kwargs), is_grouped=is_grouped)

        return kept


def plan_within(frame: FrameCore | OpenFrame, outer: Outer) -> LogicalPlan:
    """The plan of a DataFrame that stands within the columns of `outer`."""
    token = _around.set(outer)
    try:
        return frame.plan
    finally:
        _around.reset(token)


def frame_query(frame: FrameCore | OpenFrame) -> FrameQuery:
    """The DataFrame as an expression in which a query may stand."""
    return FrameQuery(plan=lambda outer: plan_within(frame, outer))


def scalar_of(frame: FrameCore | OpenFrame) -> Column:
    """The one value of a DataFrame, as a Column."""
    from streamcore.sql.column import Column

    return Column(frame_query(frame))


def exists_of(frame: FrameCore | OpenFrame) -> Column:
    """Whether a DataFrame has rows, as a Column."""
    from sqlglot import exp

    from streamcore.sql.column import Column

    return Column(exp.Exists(this=frame_query(frame)))
