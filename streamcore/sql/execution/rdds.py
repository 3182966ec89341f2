"""A DataFrame's result as an RDD of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamcore.execution.execute import require_batch
from streamcore.sql.execution.caching import cache_of

if TYPE_CHECKING:
    from streamcore.execution.parts import Parts
    from streamcore.plan.logical import LogicalPlan
    from streamcore.rdd.rdd import RDD
    from streamcore.spi.types import StructType
    from streamcore.sql.session import Session


def rdd_of(plan: LogicalPlan, schema: StructType, session: Session) -> RDD[Any]:
    """The rows of a batch plan, one partition for each part of its result; nothing is computed now."""
    from streamcore.execution.frame_node import FrameNode
    from streamcore.rdd.rdd import RDD

    require_batch(plan)
    context = session.sparkContext
    runtime = context.runtime
    node_id = runtime.next_rdd_id()

    def parts() -> Parts:
        return session.execution.parts(cache_of(session).applied(plan), "rdd", context.defaultParallelism)

    return RDD(FrameNode(node_id, runtime.folder / f"frame-{node_id}", parts, schema), context)
