"""Which streaming plans are supported in which output mode: PySpark's rules, refused with PySpark's words."""

from __future__ import annotations

from sqlglot import exp

from streamcore.errors import AnalysisException
from streamcore.plan.dependent import LateralJoin, SubqueryColumn
from streamcore.plan.event_time import event_time_key
from streamcore.plan.logical import (
    Aggregate,
    Distinct,
    Join,
    Limit,
    LogicalPlan,
    Observe,
    Project,
    Sample,
    Sessions,
    SetOperation,
    Sort,
    StatefulGroups,
    TrainModel,
    Union,
    Watermark,
)
from streamcore.plan.naming import expression_text
from streamcore.plan.observing import check_names
from streamcore.plan.python_groups import check_groups
from streamcore.plan.recursive_rows import Recursion
from streamcore.plan.refusals import backticked
from streamcore.plan.stages import StatefulNode, stateful_nodes
from streamcore.plan.stream_join_checks import check_stream_join, require_one_event_time
from streamcore.plan.stream_limits import is_over_aggregate
from streamcore.plan.training import check_rows_come_once

OUTPUT_MODES = ("append", "update", "complete")


def check_streaming_plan(plan: LogicalPlan, output_mode: str) -> None:
    """Raises AnalysisException, with the way out, for a plan that cannot run in this output mode."""
    _check_mode(stateful_nodes(plan), output_mode)
    check_names(plan)
    for node in plan.walk():
        if node.is_streaming:
            _check_node(node, output_mode)
        elif isinstance(node, Observe) and node.receiver is None:
            raise AnalysisException(
                f"observe({node.name!r}, ...) stands on a static side of the stream, which is no part of a "
                "micro-batch: nothing would report it. Observe the stream after the join, or the static "
                "rows in a batch query with an Observation"
            )


def _unsupported_mode(mode: str, operation: str, way_out: str) -> str:
    return (
        f"[STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION] Invalid streaming output mode: {mode}. This output "
        f"mode is not supported for {operation} on streaming DataFrames/DataSets; {way_out}. SQLSTATE: 42KDE"
    )


def _check_mode(stateful: list[StatefulNode], output_mode: str) -> None:
    """`stateful` are the stateful nodes, those nearest to the sources first."""
    aggregates = [node for node in stateful if isinstance(node, Aggregate)]
    if output_mode == "complete" and not aggregates:
        raise AnalysisException(
            _unsupported_mode("complete", "no streaming aggregations", "use append or update")
        )
    for aggregate in aggregates:
        if isinstance(aggregate.child, Sessions):
            _check_sessions(aggregate.child, output_mode)
        if output_mode == "append":
            _check_closes(aggregate)
        else:
            _check_nothing_follows(aggregate, stateful, output_mode)
        _check_rows_are_final(aggregate)


def _check_rows_are_final(aggregate: Aggregate) -> None:
    """Rows that a Python function of groups corrects later would count twice, with their corrections."""
    for below in aggregate.child.walk():
        if (
            isinstance(below, StatefulGroups)
            and below.is_streaming
            and below.function.output_mode == "update"
        ):
            raise AnalysisException(
                f"{below.function.call} in update mode is not supported with aggregation on a streaming "
                "DataFrame/Dataset; use append mode"
            )


def _check_closes(aggregate: Aggregate) -> None:
    if event_time_key(aggregate.keys, aggregate.child) is None:
        raise AnalysisException(
            _unsupported_mode(
                "append",
                "streaming aggregations without watermark",
                "group by the event-time column (or a window over it) of withWatermark(...), or use update "
                "or complete mode",
            )
        )


def _check_sessions(sessions: Sessions, output_mode: str) -> None:
    if output_mode == "update":
        raise AnalysisException(
            _unsupported_mode("update", "session window streaming aggregations", "use append or complete")
        )
    if not sessions.keys:
        raise AnalysisException(
            "Global aggregation with session window in streaming query is not supported; group by "
            "session_window(...) and at least one more column"
        )


def _check_nothing_follows(aggregate: Aggregate, stateful: list[StatefulNode], output_mode: str) -> None:
    """Only final rows may feed another operator: it would take a row and its correction for two."""
    if any(node is not aggregate and any(below is aggregate for below in node.walk()) for node in stateful):
        raise AnalysisException(
            f"a stateful operator over the result of an aggregation is not supported in {output_mode} output "
            "mode: the aggregation puts out rows that it corrects later. Use append mode, or write the first "
            "result with one query and read it with a second"
        )


def _check_node(node: LogicalPlan, output_mode: str) -> None:
    match node:
        case Sort() | Limit():
            _check_order(node, output_mode)
        case Project():
            _check_window_functions(node)
        case Distinct():
            _check_deduplication(node)
        case StatefulGroups() | TrainModel():
            _check_python(node, output_mode)
        case Join():
            _check_join(node, output_mode)
        case LateralJoin() | SubqueryColumn() | Recursion():
            _check_dependent(node)
        case Union() if not all(child.is_streaming for child in node.inputs):
            raise AnalysisException(
                "Union between streaming and batch DataFrames/Datasets is not supported; write the batch "
                "rows once, with a batch query"
            )
        case Watermark():
            _check_first_watermark(node)
        case SetOperation() | Sample():
            raise AnalysisException(_without_streams(node))


def _without_streams(node: SetOperation | Sample) -> str:
    if isinstance(node, Sample):
        return "Sampling is not supported on streaming DataFrames/Datasets"
    return (
        f"{node.kind.title()} with a streaming DataFrame/Dataset is not supported; subtract a static "
        "DataFrame, or join it by left_semi or left_anti"
    )


def _check_dependent(node: LateralJoin | SubqueryColumn | Recursion) -> None:
    if isinstance(node, Recursion):
        raise AnalysisException(
            "WITH RECURSIVE over a stream is not supported; use foreachBatch, which hands over a batch"
        )
    if node.right.is_streaming:
        raise AnalysisException(
            "A stream within a subquery or LATERAL is not supported, except as EXISTS or IN in WHERE, joined "
            "to other conditions by AND; join the streams"
        )


def _check_python(node: StatefulGroups | TrainModel, output_mode: str) -> None:
    if isinstance(node, StatefulGroups):
        check_groups(node, output_mode)
    else:
        check_rows_come_once(node)


def _check_order(node: Sort | Limit, output_mode: str) -> None:
    """Only a complete result can be sorted: no other is ever all there."""
    if isinstance(node, Limit):
        _check_limit(node, output_mode)
    elif output_mode != "complete" or not is_over_aggregate(node):
        raise AnalysisException(
            "Sorting is not supported on streaming DataFrames/Datasets, unless it is on aggregated "
            "DataFrame/Dataset in Complete output mode"
        )


def _check_limit(node: Limit, output_mode: str) -> None:
    if node.offset:
        raise AnalysisException(
            "Offset is not supported on streaming DataFrames/Datasets; write the rows, and skip some when "
            "they are read"
        )
    if output_mode == "update":
        raise AnalysisException(
            "Limits are not supported on streaming DataFrames/Datasets in Update output mode; use append, or "
            "(over an aggregation) complete mode"
        )


def _check_window_functions(node: Project) -> None:
    for entry in node.expressions:
        if entry.expression.find(exp.Window) is not None:
            raise AnalysisException(
                "[NON_TIME_WINDOW_NOT_SUPPORTED_IN_STREAMING] Window function is not supported in "
                f"{expression_text(entry.expression)} (as column {backticked(entry.attribute.name)}) on "
                "streaming DataFrames/Datasets: rows that it needs may still come. Group by F.window(...), "
                "or use foreachBatch. SQLSTATE: 0A000"
            )


def _check_deduplication(node: Distinct) -> None:
    require_one_event_time(node.child.output, "the rows of dropDuplicates")
    if node.within_watermark and not any(a.watermark_delay_ms is not None for a in node.child.output):
        raise AnalysisException(
            "dropDuplicatesWithinWatermark is not supported on streaming DataFrames/DataSets without "
            "watermark; call withWatermark(...) first"
        )


def _check_first_watermark(watermark: Watermark) -> None:
    others = (node for node in watermark.child.walk() if isinstance(node, Watermark) and node.is_streaming)
    below = next(others, None)
    if below is not None:
        raise AnalysisException(
            f"Redefining watermark is disallowed: withWatermark({watermark.event_time.name!r}, ...) stands "
            f"over withWatermark({below.event_time.name!r}, ...). Call it once per stream; what is computed "
            "from the event time, such as F.window_time(...) of a window, keeps the watermark"
        )


_STREAM_LEFT_OF_RIGHT_JOIN = (
    "Right outer join with a streaming DataFrame/Dataset on the left and a static DataFrame/DataSet on the "
    "right not supported"
)
_STREAM_RIGHT_OF_LEFT_JOIN = (
    "Left outer join with a streaming DataFrame/Dataset on the right and a static DataFrame/Dataset on the "
    "left not supported"
)


def _check_join(join: Join, output_mode: str) -> None:
    left, right = join.left.is_streaming, join.right.is_streaming
    if left and right:
        check_stream_join(join, output_mode)
        return
    if join.how == "full":
        raise AnalysisException(
            "Full outer joins with streaming DataFrames/Datasets on one side are not supported"
        )
    if join.how in ("leftsemi", "leftanti") and right:
        raise AnalysisException(
            f"{join.how} join with a streaming DataFrame/Dataset on the right is not supported"
        )
    if join.how == "left" and right:
        raise AnalysisException(_STREAM_RIGHT_OF_LEFT_JOIN)
    if join.how == "right" and left:
        raise AnalysisException(_STREAM_LEFT_OF_RIGHT_JOIN)
