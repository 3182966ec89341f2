"""DataFrames as subqueries: single values, EXISTS and lateral joins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.plan.outer import Outer
from streamcore.sql.arguments import require_kind
from streamcore.sql.dataframe.core import FrameCore
from streamcore.sql.dataframe.open_frames import exists_of, plan_within, scalar_of

if TYPE_CHECKING:
    from streamcore.sql.column import Column
    from streamcore.sql.dataframe import DataFrame


class Subqueries(FrameCore):
    """scalar, exists, lateralJoin."""

    def scalar(self) -> Column:
        """The value of this DataFrame's one row and column, for use in another DataFrame's expressions.

        No row is null, several are an error.

        >>> from streamcore import Session
        >>> from streamcore.sql import functions as F
        >>> df = Session.builder.getOrCreate().createDataFrame([(1, 10), (1, 20), (2, 5)], ["k", "v"])
        >>> df.where(F.col("v") > df.select(F.avg("v")).scalar()).collect()
        [Row(k=1, v=20)]
        >>> of_group = df.alias("b").where(F.col("b.k") == F.col("a.k").outer()).select(F.max("b.v"))
        >>> df.alias("a").where(F.col("a.v") == of_group.scalar()).orderBy("k").collect()
        [Row(k=1, v=20), Row(k=2, v=5)]
        """
        return scalar_of(self)

    def exists(self) -> Column:
        """Whether this DataFrame has any row, for use in another DataFrame's expressions.

        >>> from streamcore import Session
        >>> from streamcore.sql import functions as F
        >>> s = Session.builder.getOrCreate()
        >>> df, orders = s.range(3), s.createDataFrame([(1,), (1,)], ["customer"])
        >>> df.where(orders.where(F.col("customer") == F.col("id").outer()).exists()).collect()
        [Row(id=1)]
        """
        return exists_of(self)

    def lateralJoin(self, other: DataFrame, on: Column | None = None, how: str | None = None) -> DataFrame:
        """Each row with the rows of `other`, which may read it by columns marked by `outer()`.

        Parameters
        ----------
        other
            The right side.
        on
            A condition over both sides; None for all pairs.
        how
            `inner` (default), `cross` or `left`.

        >>> from streamcore import Session
        >>> from streamcore.sql import functions as F
        >>> s = Session.builder.getOrCreate()
        >>> df, points = s.range(2), s.createDataFrame([(0, "a"), (1, "b"), (1, "c")], ["of", "p"])
        >>> mine = points.where(F.col("of") == F.col("id").outer()).orderBy(F.desc("p")).limit(1)
        >>> df.lateralJoin(mine).select("id", "p").orderBy("id").collect()
        [Row(id=0, p='a'), Row(id=1, p='c')]
        """
        from streamcore.plan.joins import join_kind
        from streamcore.plan.lateral import joined_laterally
        from streamcore.sql.column import Column
        from streamcore.sql.expressions import expression_of

        if on is not None:
            require_kind(on, "on", Column, "Column")
        outer = Outer(self._settings.names(self._plan))
        right = plan_within(other, outer)
        condition = None if on is None else expression_of(on)
        plan = joined_laterally(
            self._plan, right, join_kind(how or "inner"), condition, outer, self._settings
        )
        return self._derive(plan)
