"""What every family of DataFrame operations builds on: the plan, the session, and columns as expressions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, cast

from streamcore.execution.leaves import schema_of
from streamcore.sql.arguments import require_kind
from streamcore.sql.expressions import expression_of

if TYPE_CHECKING:
    from sqlglot import exp

    from streamcore.plan.analysis import AnalysisSettings
    from streamcore.plan.logical import LogicalPlan
    from streamcore.rdd.rdd import RDD
    from streamcore.spi.types import StructType
    from streamcore.sql.dataframe import DataFrame
    from streamcore.sql.session import Session


class FrameCore:
    """A plan bound to a session."""

    def __init__(self, plan: LogicalPlan, session: Session) -> None:
        self._plan = plan
        self._session = session
        self._schema: StructType | None = None
        self._rdd: RDD[Any] | None = None

    @property
    def plan(self) -> LogicalPlan:
        """The logical plan."""
        return self._plan

    @property
    def sparkSession(self) -> Session:
        """The session that made this DataFrame."""
        return self._session

    @property
    def session(self) -> Session:
        """The session that made this DataFrame."""
        return self._session

    @property
    def schema(self) -> StructType:
        """The columns with their types."""
        if self._schema is None:
            self._schema = schema_of(self._plan.output)
        return self._schema

    @property
    def columns(self) -> list[str]:
        """The names of the columns, in order."""
        return [column.name for column in self._plan.output]

    @property
    def dtypes(self) -> list[tuple[str, str]]:
        """Name and type text of each column."""
        return [(column.name, column.data_type.simpleString()) for column in self._plan.output]

    @property
    def isStreaming(self) -> bool:
        """Whether a stream is read, so that only `writeStream` can run this."""
        return self._plan.is_streaming

    @property
    def _settings(self) -> AnalysisSettings:
        return self._session.analysis_settings

    def _derive(self, plan: LogicalPlan) -> DataFrame:
        """Another DataFrame of the same session."""
        return frame_of(plan, self._session)

    def _frame(self) -> DataFrame:
        return cast("DataFrame", self)

    def _has_column(self, name: str) -> bool:
        names = self._settings.names(self._plan)
        return any(names.same(column.name, name) for column in self._plan.output)


def frame_of(plan: LogicalPlan, session: Session) -> DataFrame:
    """The DataFrame of a plan."""
    from streamcore.sql.dataframe import DataFrame

    return DataFrame(plan, session)


def selected(frame: FrameCore, entries: list[exp.Expression]) -> DataFrame:
    """The DataFrame whose columns are these expressions over the columns of `frame`."""
    from streamcore.plan.analysis import project

    plan = project(frame.plan, entries, frame.session.analysis_settings)
    return frame_of(plan, frame.session)


def expressions_of(columns: Iterable[Any]) -> list[exp.Expression]:
    """Columns or names, given one by one or as one list, as expressions."""
    return [expression_of(column) for column in flattened(tuple(columns))]


def flattened(columns: Sequence[Any]) -> Sequence[Any]:
    """`f(a, b)` and `f([a, b])` mean the same in PySpark."""
    if len(columns) == 1 and isinstance(columns[0], (list, tuple)):
        return cast("Sequence[Any]", columns[0])
    return columns


def require_names(columns: Sequence[Any], what: str) -> list[str]:
    """The arguments as names."""
    for column in columns:
        require_kind(column, what, str, "str")
    return list(columns)
