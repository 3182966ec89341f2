"""repartition, repartitionByRange and coalesce: into how many parts a result comes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamcore.errors import AnalysisException, IllegalArgumentException
from streamcore.plan.analysis import project
from streamcore.plan.logical import Coalesce, LogicalPlan, Project, Repartition
from streamcore.sql.arguments import require_kind
from streamcore.sql.column import Column
from streamcore.sql.dataframe.core import FrameCore, flattened
from streamcore.sql.expressions import expression_of

if TYPE_CHECKING:
    from streamcore.sql.dataframe import DataFrame


class Repartitioning(FrameCore):
    """Into how many parts rows come: partitions of `rdd` and `foreachPartition`, files of `write`.

    On a stream, whose partitions are its source's, they change nothing.
    """

    def repartition(self, numPartitions: Any, *cols: Any) -> DataFrame:
        """The rows in `numPartitions` parts of equal size; rows with equal `cols` come to one part.

        Without a number there are `spark.sql.shuffle.partitions` parts.

        >>> from streamcore import Session
        >>> Session.builder.getOrCreate().range(6).repartition(3).rdd.getNumPartitions()
        3
        """
        from streamcore.sql.functions import dense_rank
        from streamcore.sql.window import Window

        count, columns = self._count_and_columns(numPartitions, cols)
        if not columns:
            return self._repartitioned(count, None)
        return self._repartitioned(count, (dense_rank().over(Window.orderBy(*columns)) - 1) % count)

    def repartitionByRange(self, numPartitions: Any, *cols: Any) -> DataFrame:
        """The rows in parts that follow each other in the order of `cols`.

        >>> from streamcore import Session
        >>> numbers = Session.builder.getOrCreate().createDataFrame([(3,), (1,), (2,)], ["n"])
        >>> numbers.repartitionByRange(3, "n").rdd.glom().collect()
        [[Row(n=1)], [Row(n=2)], [Row(n=3)]]
        """
        from streamcore.sql.functions import count as count_of
        from streamcore.sql.functions import floor, lit, rank
        from streamcore.sql.window import Window

        count, columns = self._count_and_columns(numPartitions, cols)
        if not columns:
            raise IllegalArgumentException("At least one partition-by expression must be specified.")
        before = rank().over(Window.orderBy(*columns)) - 1
        total = count_of(lit(1)).over(Window.partitionBy())
        return self._repartitioned(count, floor(before * count / total))

    def repartitionById(self, numPartitions: int, partitionIdCol: Any) -> DataFrame:
        """The rows in the parts that `partitionIdCol` says, counted from 0, modulo `numPartitions`.

        A row for which it is null is in the first part.

        >>> from streamcore import Session
        >>> Session.builder.getOrCreate().range(3).repartitionById(2, "id").rdd.glom().collect()
        [[Row(id=0), Row(id=2)], [Row(id=1)]]
        """
        from streamcore.sql.functions import coalesce, lit, pmod

        require_kind(numPartitions, "numPartitions", int, "int")
        _require_positive(numPartitions)
        column = Column(expression_of(partitionIdCol))
        ((name, kind),) = self._frame().select(column).dtypes
        if kind not in ("tinyint", "smallint", "int", "bigint"):
            raise AnalysisException(
                "[DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE] Cannot resolve "
                f'"direct_shuffle_partition_id({name})" due to data type mismatch: The first parameter '
                f'requires the "INT" type, however "{name}" has the type "{kind.upper()}". SQLSTATE: 42K09'
            )
        return self._repartitioned(numPartitions, coalesce(pmod(column, lit(numPartitions)), lit(0)))

    def coalesce(self, numPartitions: int) -> DataFrame:
        """The rows in `numPartitions` parts at most, each made of whole parts.

        >>> from streamcore import Session
        >>> Session.builder.getOrCreate().range(6, numPartitions=3).coalesce(2).rdd.getNumPartitions()
        2
        """
        _require_positive(numPartitions)
        return self._moved(Coalesce(self._plan, numPartitions))

    def _count_and_columns(self, count: Any, cols: tuple[Any, ...]) -> tuple[int, list[Any]]:
        if isinstance(count, int):
            _require_positive(count)
            return count, list(flattened(cols))
        return int(str(self._session.conf.get("spark.sql.shuffle.partitions"))), list(
            flattened((count, *cols))
        )

    def _repartitioned(self, count: int, number: Column | None) -> DataFrame:
        if number is None:
            return self._moved(Repartition(self._plan, count))
        found = project(self._plan, [number.alias("part").expression], self._settings)
        assert isinstance(found, Project)
        return self._moved(Repartition(self._plan, count, found.expressions[-1]))

    def _moved(self, plan: LogicalPlan) -> DataFrame:
        return self._frame() if self.isStreaming else self._derive(plan)


def _require_positive(count: int) -> None:
    if count < 1:
        raise IllegalArgumentException(
            f"[VALUE_NOT_POSITIVE] Value for `numPartitions` must be positive, got '{count}'."
        )
