"""Rows filtered, grouped, joined, united, ordered, limited."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from streamcore.errors import AnalysisException, IllegalArgumentException
from streamcore.plan.attributes import reference
from streamcore.sql.arguments import require_kind
from streamcore.sql.dataframe.core import FrameCore, flattened, require_names
from streamcore.sql.dataframe.open_frames import open_to_outer
from streamcore.sql.expressions import column_of, expression_of

if TYPE_CHECKING:
    from sqlglot import exp

    from streamcore.plan.logical import LogicalPlan
    from streamcore.sql.column import Column
    from streamcore.sql.dataframe import DataFrame
    from streamcore.sql.group import GroupedData

_HINT_KINDS = "str, list, float, int or Column"


class Relational(FrameCore):
    """filter, groupBy, join, union, orderBy and their kin."""

    @open_to_outer
    def filter(self, condition: Column | str) -> DataFrame:
        """The rows for which the condition, a Column or SQL text, is true.

        >>> from streamcore import Session
        >>> Session.builder.getOrCreate().range(4).filter("id > 2").collect()
        [Row(id=3)]
        """
        from streamcore.plan.analysis import filter_rows

        return self._derive(filter_rows(self._plan, _condition(condition), self._settings))

    def where(self, condition: Column | str) -> DataFrame:
        """The same as `filter`."""
        return self.filter(condition)

    def groupBy(self, *cols: Any) -> GroupedData:
        """Rows grouped by columns (none: all rows are one group), to be aggregated."""
        from streamcore.sql.group import GroupedData

        return GroupedData(self._frame(), self._positional(cols))

    groupby = groupBy

    def rollup(self, *cols: Any) -> GroupedData:
        """Groups by all columns, by all but the last, ..., and by none."""
        from streamcore.plan.grouping_sets import rollup_sets
        from streamcore.sql.group import GroupedData

        keys = self._positional(cols)
        return GroupedData(self._frame(), keys, rollup_sets(len(keys)))

    def cube(self, *cols: Any) -> GroupedData:
        """Groups by every subset of the columns."""
        from streamcore.plan.grouping_sets import cube_sets
        from streamcore.sql.group import GroupedData

        keys = self._positional(cols)
        return GroupedData(self._frame(), keys, cube_sets(len(keys)))

    def groupingSets(self, groupingSets: Sequence[Sequence[Any]], *cols: Any) -> GroupedData:
        """Groups by each of several sets of columns; a column that is not in a set is null there.

        Parameters
        ----------
        groupingSets
            The sets, each of names, Columns or positions (from 1).
        cols
            The columns of the result that come before the aggregates.

        >>> from streamcore import Session
        >>> rows = [("a", "x", 1), ("a", "y", 2)]
        >>> df = Session.builder.getOrCreate().createDataFrame(rows, ["k", "l", "v"])
        >>> df.groupingSets([("k",), ()], "k").sum("v").orderBy("k").collect()
        [Row(k=None, sum(v)=3), Row(k='a', sum(v)=3)]
        """
        from streamcore.plan.grouping_sets import with_sets
        from streamcore.sql.group import GroupedData

        keys = self._positional(cols)
        sets = [self._positional(tuple(chosen)) for chosen in groupingSets]
        every, positions = with_sets(keys, sets, self._settings.names(self._plan))
        return GroupedData(self._frame(), every, positions, shown=len(keys))

    def agg(self, *exprs: Any) -> DataFrame:
        """Aggregates over all rows; the same as `groupBy().agg(...)`."""
        return self.groupBy().agg(*exprs)

    @open_to_outer
    def join(self, other: DataFrame, on: Any | None = None, how: str | None = None) -> DataFrame:
        """Rows of both sides put together.

        Parameters
        ----------
        other
            The right side.
        on
            A column name, a list of names (each appears once in the result), a condition, or a list of
            conditions that must all hold; None pairs every row with every row.
        how
            `inner` (default), `cross`, `outer`/`full`, `left`, `right`, `semi`, `anti`, with or without
            `_outer`.

        >>> from streamcore import Session
        >>> s = Session.builder.getOrCreate()
        >>> a = s.createDataFrame([(1, "x"), (2, "y")], ["k", "v"])
        >>> b = s.createDataFrame([(2, "z")], ["k", "w"])
        >>> a.join(b, "k", "left").orderBy("k").collect()
        [Row(k=1, v='x', w=None), Row(k=2, v='y', w='z')]
        """
        from streamcore.plan.joins import join_on, join_using

        conditions = [] if on is None else list(on) if isinstance(on, (list, tuple)) else [on]
        left, right = self._plan, other.plan
        if conditions and all(isinstance(c, str) for c in conditions):
            return self._derive(join_using(left, right, conditions, how or "inner", self._settings))
        return self._derive(join_on(left, right, _conjunction(conditions), how or "inner", self._settings))

    def crossJoin(self, other: DataFrame) -> DataFrame:
        """Every row of this with every row of `other`."""
        from streamcore.plan.joins import join_on

        return self._derive(join_on(self._plan, other.plan, None, "cross", self._settings))

    def union(self, other: DataFrame) -> DataFrame:
        """The rows of both, columns matched by position; duplicates stay."""
        from streamcore.plan.set_operations import union

        return self._derive(union(self._plan, other.plan, self._settings.modes))

    unionAll = union

    def unionByName(self, other: DataFrame, allowMissingColumns: bool = False) -> DataFrame:
        """The rows of both, columns matched by name; missing columns are null when allowed."""
        from streamcore.plan.set_operations import union_by_name

        plan = union_by_name(self._plan, other.plan, self._settings, allow_missing=allowMissingColumns)
        return self._derive(plan)

    def intersect(self, other: DataFrame) -> DataFrame:
        """The distinct rows that both have."""
        return self._set_operation(other, "intersect", is_all=False)

    def intersectAll(self, other: DataFrame) -> DataFrame:
        """The rows that both have, duplicates counted."""
        return self._set_operation(other, "intersect", is_all=True)

    def subtract(self, other: DataFrame) -> DataFrame:
        """The distinct rows of this that `other` has not."""
        return self._set_operation(other, "except", is_all=False)

    def exceptAll(self, other: DataFrame) -> DataFrame:
        """The rows of this without those of `other`, duplicates counted."""
        return self._set_operation(other, "except", is_all=True)

    def distinct(self) -> DataFrame:
        """The distinct rows."""
        return self.dropDuplicates()

    def dropDuplicates(self, subset: Any = None) -> DataFrame:
        """One row per distinct value of the subset's columns (all when none are named)."""
        return self._deduplicated(subset, within_watermark=False)

    drop_duplicates = dropDuplicates

    def dropDuplicatesWithinWatermark(self, subset: Any = None) -> DataFrame:
        """As `dropDuplicates` on a stream, remembering each value for the watermark's delay only."""
        if not self.isStreaming:
            raise AnalysisException(
                "dropDuplicatesWithinWatermark is not supported with batch DataFrames/DataSets"
            )
        return self._deduplicated(subset, within_watermark=True)

    @open_to_outer
    def sort(self, *cols: Any, ascending: bool | int | list[bool] | list[int] = True) -> DataFrame:
        """The rows in order; `ascending` is one flag, or one per column.

        Nulls come first in ascending and last in descending order, unless the Column says otherwise.
        """
        from streamcore.plan.analysis import sort_rows

        if not flattened(cols):
            raise IllegalArgumentException("[CANNOT_BE_EMPTY] At least one column must be specified.")
        require_kind(ascending, "ascending", (bool, int, list, tuple), "bool, int or list")
        terms = self._positional(cols)
        flags = list(ascending) if isinstance(ascending, (list, tuple)) else [ascending] * len(terms)
        if len(flags) != len(terms):
            raise IllegalArgumentException(f"ascending has {len(flags)} flags for {len(terms)} columns")
        ordered = [_descending(t) if not flag else t for t, flag in zip(terms, flags, strict=True)]
        return self._derive(sort_rows(self._plan, ordered, self._settings))

    orderBy = sort

    def sortWithinPartitions(self, *cols: Any, ascending: Any = True) -> DataFrame:
        """The rows in order; here the order is total, which also orders every partition."""
        return self.sort(*cols, ascending=ascending)

    def limit(self, num: int) -> DataFrame:
        """At most `num` rows."""
        from streamcore.plan.analysis import limit_rows

        require_kind(num, "num", int, "int")
        return self._derive(limit_rows(self._plan, num))

    def offset(self, num: int) -> DataFrame:
        """The rows after the first `num`."""
        from streamcore.plan.analysis import limit_rows

        require_kind(num, "num", int, "int")
        return self._derive(limit_rows(self._plan, None, num))

    def sample(
        self,
        withReplacement: bool | float | None = None,
        fraction: float | None = None,
        seed: int | None = None,
    ) -> DataFrame:
        """A random share of the rows, `sample(fraction)` or `sample(withReplacement, fraction, seed)`."""
        from streamcore.plan.logical import Sample

        if not isinstance(withReplacement, bool) and withReplacement is not None:
            withReplacement, fraction, seed = False, withReplacement, int(fraction) if fraction else seed
        if withReplacement:
            raise IllegalArgumentException("sample(withReplacement=True) is not offered; use rdd.sample")
        if fraction is None or not 0 <= fraction <= 1:
            raise IllegalArgumentException(f"fraction must be between 0 and 1, not {fraction!r}")
        return self._derive(
            Sample(self._plan, float(fraction), random.getrandbits(31) if seed is None else seed)
        )

    def randomSplit(self, weights: list[float], seed: int | None = None) -> list[DataFrame]:
        """The rows split at random into DataFrames whose sizes stand as the weights do."""
        from streamcore.sql.dataframe.splitting import random_split

        return random_split(self._frame(), weights, random.getrandbits(31) if seed is None else seed)

    def unpivot(
        self, ids: Any, values: Any | None, variableColumnName: str, valueColumnName: str
    ) -> DataFrame:
        """Columns turned into rows: `ids` are repeated, each of `values` gives a name and a value."""
        from streamcore.sql.dataframe.splitting import unpivot

        return unpivot(self._frame(), ids, values, variableColumnName, valueColumnName)

    melt = unpivot

    def transform(self, func: Callable[..., DataFrame], *args: Any, **kwargs: Any) -> DataFrame:
        """`func(self, *args, **kwargs)`, which must return a DataFrame."""
        from streamcore.sql.dataframe import DataFrame

        result = func(self._frame(), *args, **kwargs)
        if not isinstance(result, DataFrame):
            raise TypeError(
                f"Func returned an instance of type [{type(result)}], should have been DataFrame."
            )
        return result

    def alias(self, alias: str) -> DataFrame:
        """The same rows, whose columns can be named `alias.column`."""
        from streamcore.plan.analysis import aliased

        require_kind(alias, "alias", str, "str")
        return self._derive(aliased(self._plan, alias))

    def hint(self, name: str, *parameters: Any) -> DataFrame:
        """The same rows: hints are accepted and logged, the engine chooses for itself."""
        import logging

        from streamcore.sql.column import Column

        require_kind(name, "name", str, "str")
        for parameter in parameters:
            require_kind(parameter, "parameters", (str, list, float, int, Column), _HINT_KINDS)
        logging.getLogger(__name__).info("hint %s%s is accepted and has no effect", name, parameters)
        return self._frame()

    def withWatermark(self, eventTime: str, delayThreshold: str) -> DataFrame:
        """Declares the event-time column and how late its rows may be, such as "10 minutes"."""
        from streamcore.plan.watermarks import watermarked

        _require_text(eventTime, "eventTime")
        _require_text(delayThreshold, "delayThreshold")
        return self._derive(watermarked(self._plan, eventTime, delayThreshold, self._settings))

    def _positional(self, cols: Sequence[Any]) -> list[exp.Expression]:
        """Columns, names, and (from 1) positions of columns; a negative position sorts downwards."""
        found = []
        for col in flattened(cols):
            if isinstance(col, int) and not isinstance(col, bool):
                if not 0 < abs(col) <= len(self._plan.output):
                    raise IndexError(
                        f"[INDEX_NOT_POSITIVE] Index must be between 1 and {len(self._plan.output)}: {col}"
                    )
                expression: exp.Expression = reference(self._plan.output[abs(col) - 1])
                found.append(_descending(expression) if col < 0 else expression)
            else:
                found.append(expression_of(col))
        return found

    def _deduplicated(self, subset: Any, *, within_watermark: bool) -> DataFrame:
        from streamcore.plan.analysis import distinct_rows

        if subset is not None:
            require_kind(subset, "subset", (list, tuple), "list or tuple")
        names = require_names(subset, "subset") if subset else None
        plan = distinct_rows(self._plan, names, self._settings, within_watermark=within_watermark)
        return self._derive(plan)

    def _set_operation(self, other: DataFrame, kind: str, *, is_all: bool) -> DataFrame:
        from streamcore.plan.set_operations import set_operation

        plan: LogicalPlan = set_operation(self._plan, other.plan, kind, self._settings.modes, is_all=is_all)
        return self._derive(plan)


def _condition(condition: Column | str) -> exp.Expression:
    if isinstance(condition, str):
        from streamcore.plan.expressions import parse_expression

        return parse_expression(condition)
    return expression_of(column_of(condition, "condition"))


def _conjunction(conditions: list[Any]) -> exp.Expression | None:
    if not conditions:
        return None
    from sqlglot import exp

    parts = [_condition(condition) for condition in conditions]
    joined = parts[0]
    for part in parts[1:]:
        joined = exp.And(this=joined, expression=part)
    return joined


def _descending(expression: exp.Expression) -> exp.Expression:
    from sqlglot import exp

    inner = expression.this if isinstance(expression, exp.Ordered) else expression
    return exp.Ordered(this=inner, desc=True, nulls_first=False)


def _require_text(value: object, argument: str) -> None:
    """Raises for what is no text, and for an empty one, as PySpark."""
    require_kind(value or None, argument, str, "str")
