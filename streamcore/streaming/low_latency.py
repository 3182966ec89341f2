"""Continuous and real-time triggers: what they may be asked of, by PySpark's rules.

Both run as micro-batches that begin as soon as there is data and are committed one by one, so that a row is
out within milliseconds and nothing waits for the interval to be committed.  What PySpark refuses under these
triggers is refused, so that a program means the same in both.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sqlglot import exp

from streamcore.errors import AnalysisException, IllegalArgumentException
from streamcore.plan.logical import (
    Aggregate,
    Alias,
    Coalesce,
    Distinct,
    Filter,
    FirstRows,
    Generate,
    Limit,
    LogicalPlan,
    Observe,
    Project,
    Relation,
    Sessions,
    Watermark,
)
from streamcore.plan.node_expressions import expressions_of
from streamcore.streaming.trigger import Continuous, RealTime

if TYPE_CHECKING:
    from streamcore.streaming.trigger import Trigger

_log = logging.getLogger("streamcore.streaming")

_ROW_BY_ROW = (Project, Filter, Alias)
_SPARKS_NAMES: dict[type[LogicalPlan], str] = {
    Aggregate: "Aggregate",
    Distinct: "Deduplicate",
    Coalesce: "Repartition",
    FirstRows: "LocalLimit",
    Generate: "Generate",
    Limit: "LocalLimit",
    Observe: "CollectMetrics",
    Relation: "LocalRelation",
    Sessions: "Aggregate",
    Watermark: "EventTimeWatermark",
}
_CURRENT_TIME = ("current_date", "current_time", "current_timestamp", "curdate", "localtimestamp", "now")
_CONTINUOUS_SOURCES = ("rate", "kafka", "socket", "memory-stream")
_REAL_TIME_SOURCES = ("kafka", "memory-stream")
_NOT_CONTINUOUS_SINKS = ("csv", "json", "parquet", "text", "foreachBatch")
_REAL_TIME_SINKS = ("console", "foreach", "kafka")
_LEAST_REAL_TIME_MS = 5000


def check_trigger(plan: LogicalPlan, trigger: Trigger, output_mode: str, sink: str) -> None:
    """Raises for a plan or a sink that cannot run under the trigger; says in the log how the others run."""
    match trigger:
        case Continuous():
            _check_continuous(plan, sink)
            _say_so("continuous")
        case RealTime(duration_ms):
            _check_real_time(plan, output_mode, sink, duration_ms)
            _say_so("realTime")


def _say_so(argument: str) -> None:
    _log.info(
        "trigger(%s=...) runs as micro-batches that begin as soon as there is data; each is committed at "
        "once, not at the end of the interval",
        argument,
    )


def _check_continuous(plan: LogicalPlan, sink: str) -> None:
    for node in plan.walk():
        if isinstance(node, Relation) and node.is_stream:
            _check_source(node.source.format)
        elif not isinstance(node, _ROW_BY_ROW):
            name = _SPARKS_NAMES.get(type(node), type(node).__name__)
            raise AnalysisException(f"Continuous processing does not support {name} operations.")
        elif any(map(_reads_the_clock, expressions_of(node))):
            raise AnalysisException("Continuous processing does not support current time operations.")
    if sink in _NOT_CONTINUOUS_SINKS:
        raise AnalysisException(
            f"{sink!r} is not supported with continuous trigger; use trigger(processingTime='0 seconds')"
        )


def _reads_the_clock(expression: exp.Expression) -> bool:
    calls = expression.find_all(exp.Func)
    return any(
        (c.name if isinstance(c, exp.Anonymous) else c.sql_name()).lower() in _CURRENT_TIME for c in calls
    )


def _check_source(name: str) -> None:
    if name not in _CONTINUOUS_SOURCES:
        raise AnalysisException(
            f"Data source {name} does not support continuous processing; use "
            "trigger(processingTime='0 seconds')"
        )


def _check_real_time(plan: LogicalPlan, output_mode: str, sink: str, duration_ms: int) -> None:
    if duration_ms < _LEAST_REAL_TIME_MS:
        raise IllegalArgumentException(
            "[INVALID_STREAMING_REAL_TIME_MODE_TRIGGER_INTERVAL] The real-time trigger interval is set to "
            f"{duration_ms} ms. This is less than the {_LEAST_REAL_TIME_MS} ms minimum. SQLSTATE: 22023"
        )
    if output_mode != "update":
        raise AnalysisException(
            _limitation(
                "OUTPUT_MODE_NOT_SUPPORTED", f"The output mode {output_mode} is not supported; use update."
            )
        )
    if sink not in _REAL_TIME_SINKS:
        raise IllegalArgumentException(
            _limitation(
                "OPERATOR_OR_SINK_NOT_IN_ALLOWLIST",
                f"The sink(s): {sink} is not in the sink allowlist for Real-Time Mode: "
                f"{', '.join(_REAL_TIME_SINKS)}.",
            )
        )
    for leaf in plan.walk():
        if isinstance(leaf, Relation) and leaf.is_stream and leaf.source.format not in _REAL_TIME_SOURCES:
            raise IllegalArgumentException(
                _limitation(
                    "INPUT_STREAM_NOT_SUPPORTED",
                    f"The input stream {leaf.source.format} is not supported in Real-time Mode.",
                )
            )


def _limitation(condition: str, text: str) -> str:
    return (
        f"[STREAMING_REAL_TIME_MODE.{condition}] Streaming real-time mode has the following limitation: "
        f"{text} SQLSTATE: 0A000"
    )
