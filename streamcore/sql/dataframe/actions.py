"""What makes a batch DataFrame run, and what its rows are handed over as."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from streamcore.errors import UnsupportedOperationException
from streamcore.execution.leaves import local_relation
from streamcore.execution.parts import iterate_parts
from streamcore.execution.rows import refuse_in_arrow, rows_of
from streamcore.rdd.storagelevel import StorageLevel
from streamcore.sql.dataframe.core import FrameCore, selected

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.plan.logical import LogicalPlan
    from streamcore.rdd.rdd import RDD
    from streamcore.spi.row import Row
    from streamcore.sql.dataframe import DataFrame


class Actions(FrameCore):
    """collect and its kin; on a stream they raise AnalysisException."""

    def toArrow(self) -> pa.Table:
        """The whole result as an Arrow table.

        Raises UnsupportedOperationException for intervals that Arrow has no type for.
        """
        refuse_in_arrow(self.schema)
        return self._run(self._plan, "toArrow")

    def collect(self) -> list[Row]:
        """The whole result as rows.

        >>> from streamcore import Session
        >>> Session.builder.getOrCreate().range(2).collect()
        [Row(id=0), Row(id=1)]
        """
        return rows_of(self._run(self._plan, "collect"), self.schema)

    def toPandas(self) -> Any:
        """The whole result as a pandas DataFrame (extra `pandas`).

        Timestamps are naive, in the session's time zone; a struct or map is a dict, an array an ndarray.
        """
        from streamcore.execution.pandas_frames import to_pandas

        zone = str(self._session.conf.get("spark.sql.session.timeZone"))
        return to_pandas(self._run(self._plan, "toPandas"), self.schema, zone)

    def toLocalIterator(self, prefetchPartitions: bool = False) -> Iterator[Row]:
        """The rows one by one; one part of the result is held at a time, or two with `prefetchPartitions`.

        >>> from streamcore import Session
        >>> list(Session.builder.getOrCreate().range(2).toLocalIterator())
        [Row(id=0), Row(id=1)]
        """
        from streamcore.sql.execution.caching import cache_of

        plan = cache_of(self._session).applied(self._plan)
        parts = self._session.execution.parts(plan, "toLocalIterator", 1)
        return iterate_parts(parts, self.schema, ahead=int(prefetchPartitions))

    def count(self) -> int:
        """The number of rows."""
        counted = self._frame().groupBy().count()
        value: int = self._run(counted.plan, "count").column(0)[0].as_py()
        return value

    def isEmpty(self) -> bool:
        """Whether there is no row."""
        return not self.take(1)

    def take(self, num: int) -> list[Row]:
        """The first `num` rows."""
        return self._frame().limit(num).collect()

    def first(self) -> Row | None:
        """The first row; None when there is none."""
        found = self.take(1)
        return found[0] if found else None

    def head(self, n: int | None = None) -> Row | list[Row] | None:
        """The first row (None when there is none), or the first `n` rows as a list."""
        return self.first() if n is None else self.take(n)

    def tail(self, num: int) -> list[Row]:
        """The last `num` rows."""
        table = self._run(self._plan, "tail")
        return rows_of(table.slice(max(0, table.num_rows - num)), self.schema)

    def foreach(self, f: Callable[[Row], None]) -> None:
        """Calls `f` with every row, in the workers; see `RDD.foreach`.

        >>> from streamcore import Session
        >>> session = Session.builder.getOrCreate()
        >>> total = session.sparkContext.accumulator(0)
        >>> session.range(4).foreach(lambda row: total.add(row.id))
        >>> total.value
        6
        """
        self.rdd.foreach(f)

    def foreachPartition(self, f: Callable[[Iterator[Row]], None]) -> None:
        """Calls `f` with the rows of every partition, in the workers; see `RDD.foreachPartition`.

        >>> from streamcore import Session
        >>> session = Session.builder.getOrCreate()
        >>> rows = session.sparkContext.accumulator(0)
        >>> session.range(4).foreachPartition(lambda part: rows.add(len(list(part))))
        >>> rows.value
        4
        """
        self.rdd.foreachPartition(f)

    def toJSON(self, use_unicode: bool = True) -> Any:
        """An RDD with one JSON text per row."""
        return self._json_frame().rdd.map(lambda row: row[0] if use_unicode else row[0].encode())

    @property
    def rdd(self) -> RDD[Row]:
        """The rows as an RDD; nothing runs before an action.

        It has a partition for each partition of the source where rows need not move, and else one; rows
        in memory are spread over `sparkContext.defaultParallelism` partitions; see also `repartition`.
        The rows of a partition are those of the time when an action first read it.

        >>> from streamcore import Session
        >>> session = Session.builder.getOrCreate()
        >>> session.range(6, numPartitions=3).rdd.map(lambda row: row.id * 2).glom().collect()
        [[0, 2], [4, 6], [8, 10]]
        """
        from streamcore.sql.execution.rdds import rdd_of

        if self._rdd is None:
            self._rdd = rdd_of(self._plan, self.schema, self._session)
        return self._rdd

    # ---- keeping a result ------------------------------------------------------------------------

    def cache(self) -> DataFrame:
        """Keeps the result in memory from the first action on."""
        return self.persist()

    def persist(self, storageLevel: StorageLevel = StorageLevel.MEMORY_AND_DISK_DESER) -> DataFrame:
        """Keeps the result in memory (as Arrow, whatever the level) from the first action on."""
        from streamcore.execution.execute import require_batch
        from streamcore.sql.execution.caching import cache_of

        require_batch(self._plan)
        cache_of(self._session).add(self._plan, storageLevel)
        return self._frame()

    def unpersist(self, blocking: bool = False) -> DataFrame:
        """Forgets a kept result."""
        from streamcore.sql.execution.caching import cache_of

        cache_of(self._session).remove(self._plan)
        return self._frame()

    @property
    def is_cached(self) -> bool:
        """Whether the result is kept."""
        from streamcore.sql.execution.caching import cache_of

        return cache_of(self._session).holds(self._plan)

    def checkpoint(self, eager: bool = True) -> DataFrame:
        """The result computed once and cut off from how it came about; held in memory."""
        return self.localCheckpoint(eager)

    def localCheckpoint(self, eager: bool = True, storageLevel: Any = None) -> DataFrame:
        """The result computed once and cut off from how it came about; held in memory."""
        if not eager:
            return self.persist()
        return self._derive(local_relation(self._run(self._plan, "localCheckpoint"), self.schema))

    def _run(self, plan: LogicalPlan, action: str) -> pa.Table:
        from streamcore.sql.execution.caching import cache_of

        return self._session.execution.table(cache_of(self._session).applied(plan), action)

    def _json_frame(self) -> DataFrame:
        from sqlglot import exp

        from streamcore.plan.attributes import reference
        from streamcore.plan.expressions import call

        if not self._plan.output:
            raise UnsupportedOperationException("toJSON() needs at least one column")
        fields = [
            exp.PropertyEQ(this=exp.to_identifier(c.name, quoted=True), expression=reference(c))
            for c in self._plan.output
        ]
        struct = exp.Struct(expressions=fields)
        value = exp.Alias(this=call("to_json", struct), alias=exp.to_identifier("value"))
        return selected(self, [value])


def static_table(frame: DataFrame) -> pa.Table:
    """The whole result of a DataFrame without streams, for one side of a join or a lookup."""
    return frame._run(frame.plan, "toArrow")  # noqa: SLF001 - of this class
