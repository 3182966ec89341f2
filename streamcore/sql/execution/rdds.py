"""A DataFrame's result as an RDD of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamcore.sql.execution.caching import cache_of
from streamcore.sql.execution.rows import rows_of

if TYPE_CHECKING:
    from streamcore.sql.dataframe import DataFrame


def rdd_of(frame: DataFrame) -> Any:
    """The rows in as many partitions as the result has parts; computed now, by the plan's own engine."""
    session = frame.session
    plan = cache_of(session).applied(frame.plan)
    parts = [rows_of(table, frame.schema) for table in session.execution.partitions(plan, "rdd")]
    context = session.sparkContext
    rows = [row for part in parts for row in part]
    return context.parallelize(rows, max(1, len(parts)))
