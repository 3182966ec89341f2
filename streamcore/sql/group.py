"""GroupedData: what `groupBy` returns, waiting for aggregates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from streamcore.errors import AnalysisException, ArgumentTypeError, IllegalArgumentException
from streamcore.plan.expressions import call
from streamcore.spi.not_offered import NotOffered
from streamcore.spi.types import NumericType
from streamcore.sql.dataframe.core import flattened, frame_of
from streamcore.sql.expressions import column_of, dotted, expression_of

if TYPE_CHECKING:
    from streamcore.execution.python_state.processor import StatefulProcessor
    from streamcore.spi.types import StructType
    from streamcore.sql.dataframe import DataFrame
    from streamcore.sql.python_rows import PandasCogroupedOps


class GroupedData:
    """Rows grouped by keys.

    >>> from streamcore import Session
    >>> df = Session.builder.getOrCreate().createDataFrame([("a", 1), ("a", 2)], ["k", "v"])
    >>> df.groupBy("k").sum("v").collect()
    [Row(k='a', sum(v)=3)]
    """

    apply = NotOffered("use applyInPandas")

    def __init__(
        self,
        frame: DataFrame,
        keys: Sequence[exp.Expression],
        grouping_sets: Sequence[tuple[int, ...]] | None = None,
        pivot: tuple[exp.Expression, list[Any]] | None = None,
        shown: int | None = None,
    ) -> None:
        self._frame = frame
        self._keys = list(keys)
        self._grouping_sets = grouping_sets
        self._pivot = pivot
        self._shown = self._keys[:shown]

    def agg(self, *exprs: Any) -> DataFrame:
        """One row per group: the keys, then the aggregates (Columns, or one dict of column to function)."""
        if not exprs:
            raise IllegalArgumentException("[CANNOT_BE_EMPTY] At least one aggregate must be specified.")
        if len(exprs) == 1 and isinstance(exprs[0], dict):
            return self._aggregate([_by_name(function, name) for name, function in exprs[0].items()])
        return self._aggregate([expression_of(column_of(e, "exprs")) for e in flattened(exprs)])

    def count(self) -> DataFrame:
        """The number of rows of each group, as `count`."""
        counted = exp.Alias(this=call("count", exp.Literal.number(1)), alias=exp.to_identifier("count"))
        return self._aggregate([counted])

    def sum(self, *cols: str) -> DataFrame:
        """The sum of each numeric column."""
        return self._numeric("sum", cols)

    def avg(self, *cols: str) -> DataFrame:
        """The average of each numeric column."""
        return self._numeric("avg", cols)

    def mean(self, *cols: str) -> DataFrame:
        """The average of each numeric column."""
        return self._numeric("avg", cols)

    def min(self, *cols: str) -> DataFrame:
        """The least value of each numeric column."""
        return self._numeric("min", cols)

    def max(self, *cols: str) -> DataFrame:
        """The greatest value of each numeric column."""
        return self._numeric("max", cols)

    def pivot(self, pivot_col: str, values: list[Any] | None = None) -> GroupedData:
        """One column per value of `pivot_col`; the values are looked up, in order, when not given."""
        from streamcore.sql.pivoting import pivot_values

        if self._pivot is not None:
            raise AnalysisException("[REPEATED_CLAUSE] The pivot clause may be used at most once per query.")
        expression = expression_of(pivot_col)
        found = list(values) if values is not None else pivot_values(self._frame, pivot_col)
        return GroupedData(self._frame, self._keys, self._grouping_sets, (expression, found))

    @property
    def frame(self) -> DataFrame:
        """The rows before they are grouped."""
        return self._frame

    @property
    def keys(self) -> Sequence[exp.Expression]:
        """What they are grouped by."""
        return self._keys

    def applyInPandas(self, func: Callable[..., Any], schema: StructType | str) -> DataFrame:
        """The rows that `func` gives for each group, which it sees whole.

        Parameters
        ----------
        func
            Called as `func(frame)` or `func(key, frame)` with the group's rows as a pandas DataFrame and the
            key as a tuple; gives a DataFrame, whose columns are found by name, or by place where they have
            no names.
        schema
            The columns of the result, as a StructType or DDL.

        Groups are spread over all cores, in worker processes; one group has to fit into memory.

        >>> from streamcore import Session
        >>> rows = [("a", 1.0), ("a", 3.0), ("b", 5.0)]
        >>> df = Session.builder.getOrCreate().createDataFrame(rows, ["k", "v"])
        >>> def centered(group):
        ...     return group.assign(v=group.v - group.v.mean())
        >>> df.groupBy("k").applyInPandas(centered, "k string, v double").collect()
        [Row(k='a', v=-1.0), Row(k='a', v=1.0), Row(k='b', v=0.0)]
        """
        from streamcore.sql.python_rows import apply_in_pandas

        self._require_plain("applyInPandas")
        return apply_in_pandas(self._frame, self._keys, func, schema)

    def applyInArrow(self, func: Callable[..., Any], schema: StructType | str) -> DataFrame:
        """As `applyInPandas`, with tables of pyarrow; the key is a tuple of its scalars."""
        from streamcore.sql.python_rows import apply_in_arrow

        self._require_plain("applyInArrow")
        return apply_in_arrow(self._frame, self._keys, func, schema)

    def cogroup(self, other: GroupedData) -> PandasCogroupedOps:
        """The groups of this and of another DataFrame, key by key; `applyInPandas` sees both."""
        from streamcore.sql.python_rows import PandasCogroupedOps

        self._require_plain("cogroup")
        other._require_plain("cogroup")
        return PandasCogroupedOps(self, other)

    def applyInPandasWithState(
        self,
        func: Callable[..., Any],
        outputStructType: StructType | str,
        stateStructType: StructType | str,
        outputMode: str,
        timeoutConf: str,
    ) -> DataFrame:
        """The rows that `func` gives for each group of a stream; it remembers something for each key.

        Parameters
        ----------
        func
            Called as `func(key, frames, state)` with the key as a tuple, an iterator of the group's rows as
            pandas DataFrames, and a `GroupState`; gives an iterable of DataFrames.  A key that has timed out
            comes with an empty DataFrame and `state.hasTimedOut`.
        outputStructType, stateStructType
            The columns of the result, and of the state, as a StructType or DDL.
        outputMode
            `append` or `update`; that of the query must be the same.
        timeoutConf
            One of the constants of `GroupStateTimeout`.
        """
        from streamcore.sql.grouped_state import apply_in_pandas_with_state

        self._require_plain("applyInPandasWithState")
        return apply_in_pandas_with_state(
            self._frame, self._keys, func, outputStructType, stateStructType, outputMode, timeoutConf
        )

    def transformWithStateInPandas(
        self,
        statefulProcessor: StatefulProcessor,
        outputStructType: StructType | str,
        outputMode: str,
        timeMode: str,
        initialState: GroupedData | None = None,
        eventTimeColumnName: str = "",
    ) -> DataFrame:
        """The rows that a `StatefulProcessor` gives for each group of a stream, as pandas DataFrames.

        Parameters
        ----------
        statefulProcessor
            What handles rows and timers; see `streamcore.sql.streaming.StatefulProcessor`.
        outputStructType
            The columns of the result, as a StructType or DDL.
        outputMode
            `append` or `update`; that of the query must be the same.
        timeMode
            `none`, `processingTime` or `eventTime`: the time of timers; only in `processingTime` may state
            have a time to live.
        initialState
            A grouped batch DataFrame, handed to the processor in the first batch.
        eventTimeColumnName
            The column of the result that is its event time, for an operator behind.
        """
        return self._with_processor(
            statefulProcessor, outputStructType, outputMode, timeMode, initialState, eventTimeColumnName,
            in_pandas=True,
        )  # fmt: skip

    def transformWithState(
        self,
        statefulProcessor: StatefulProcessor,
        outputStructType: StructType | str,
        outputMode: str,
        timeMode: str,
        initialState: GroupedData | None = None,
        eventTimeColumnName: str = "",
    ) -> DataFrame:
        """As `transformWithStateInPandas`, for a processor that takes and gives Rows."""
        return self._with_processor(
            statefulProcessor, outputStructType, outputMode, timeMode, initialState, eventTimeColumnName,
            in_pandas=False,
        )  # fmt: skip

    def _with_processor(
        self,
        processor: StatefulProcessor,
        output: StructType | str,
        output_mode: str,
        time_mode: str,
        initial: GroupedData | None,
        event_time: str,
        *,
        in_pandas: bool,
    ) -> DataFrame:
        from streamcore.sql.grouped_state import transform_with_state

        self._require_plain("transformWithState")
        if initial is not None and not isinstance(initial, GroupedData):
            raise ArgumentTypeError(
                f"initialState is a grouped batch DataFrame (df.groupBy(...)), not {initial!r}"
            )
        first = None if initial is None else (initial._frame, initial._keys)  # noqa: SLF001 - of this class
        return transform_with_state(
            self._frame, self._keys, processor, output, output_mode, time_mode, first, event_time,
            in_pandas=in_pandas,
        )  # fmt: skip

    def _require_plain(self, method: str) -> None:
        if self._grouping_sets is not None or self._pivot is not None:
            raise AnalysisException(f"{method} needs groupBy: rollup, cube and pivot make no groups for it")

    def _numeric(self, function: str, cols: Sequence[str]) -> DataFrame:
        named = list(flattened(cols))
        if not named:
            keys = {key.name for key in self._keys if isinstance(key, exp.Column)}
            named = [
                field.name
                for field in self._frame.schema.fields
                if isinstance(field.dataType, NumericType) and field.name not in keys
            ]
        return self._aggregate([call(function, self._numeric_column(name, function)) for name in named])

    def _numeric_column(self, name: str, function: str) -> exp.Expression:
        expression = dotted(name)
        self._frame.select(name)
        by_name = {field.name: field.dataType for field in self._frame.schema.fields}
        if name in by_name and not isinstance(by_name[name], NumericType):
            raise AnalysisException(
                f'"{name}" is not a numeric column. Aggregation function can only be applied on a numeric '
                "column. "
                f"Use agg({function}(...)) for other types."
            )
        return expression

    def _aggregate(self, measures: list[exp.Expression]) -> DataFrame:
        from streamcore.plan.analysis import aggregate
        from streamcore.plan.grouping_sets import aggregate_by_sets
        from streamcore.sql.pivoting import pivoted

        if self._pivot is not None:
            return pivoted(self._frame, self._keys, self._pivot, measures)
        outputs, settings = [*self._shown, *measures], self._frame.session.analysis_settings
        if self._grouping_sets is not None:
            plan = aggregate_by_sets(self._frame.plan, self._keys, self._grouping_sets, outputs, settings)
        else:
            plan = aggregate(self._frame.plan, self._keys, outputs, settings)
        return frame_of(plan, self._frame.session)


def _by_name(function: str, column: str) -> exp.Expression:
    argument: exp.Expression = exp.Star() if column == "*" else dotted(column)
    if column == "*" and function.lower() != "count":
        raise AnalysisException(f"{function}(*) is not allowed; name a column")
    return call(function.lower(), argument)
