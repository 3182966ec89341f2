"""What `limit` means over a stream: of a complete result its first rows, else the first that ever come."""

from __future__ import annotations

from sqlglot import exp

from streamcore.plan.logical import Aggregate, Filter, FirstRows, Limit, LogicalPlan


def with_first_rows(plan: LogicalPlan, output_mode: str) -> LogicalPlan:
    """The plan with limits over streams as operators that remember how many rows have passed.

    In complete mode a limit over an aggregation stays: it cuts the whole result, batch by batch.  In update
    mode all stay, to be refused: a row that has passed could be corrected.
    """

    def settled(node: LogicalPlan) -> LogicalPlan:
        if not isinstance(node, Limit) or not node.is_streaming or node.count is None or node.offset:
            return node
        if output_mode == "update" or (output_mode == "complete" and is_over_aggregate(node)):
            return node
        return FirstRows(node.child, node.count) if node.count else Filter(node.child, exp.false())

    return plan.transform_up(settled)


def is_over_aggregate(node: LogicalPlan) -> bool:
    """Whether an aggregation of a stream stands below."""
    return any(isinstance(below, Aggregate) and below.is_streaming for below in node.walk())
