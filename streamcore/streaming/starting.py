"""From a described write to a running query."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from streamcore.errors import AnalysisException
from streamcore.execution.connectors import class_at, make_data_source, sink_class, with_session_zone
from streamcore.plan.logical import Aggregate, Sessions
from streamcore.plan.rules import optimize
from streamcore.plan.stages import Stage, StagePlan, StatefulNode, cut, stateful_nodes
from streamcore.plan.streaming_checks import check_streaming_plan
from streamcore.plan.watermark_filters import settle_filters
from streamcore.spi.capabilities import DescribesItself
from streamcore.spi.clock import SystemClock
from streamcore.spi.types import to_arrow_schema
from streamcore.storage import open_storage
from streamcore.storage.memory import MemoryStorage
from streamcore.streaming.definition import SESSION_TIME_ZONE, WATERMARK_POLICY, QueryDefinition
from streamcore.streaming.description import describe_query
from streamcore.streaming.operator_ids import operator_ids
from streamcore.streaming.query import StreamingQuery
from streamcore.streaming.run import QueryRun, RunSettings, named_sources
from streamcore.streaming.stream_sink import ForeachBatchSink, StreamSink, sink_over
from streamcore.streaming.tables import register_memory_table

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.spi.clock import Clock
    from streamcore.sql.dataframe import DataFrame
    from streamcore.sql.session import Session
    from streamcore.storage import LargeFileStorage
    from streamcore.streaming.stateful.operator import StatefulOperator
    from streamcore.streaming.writer import WriteDescription

_FOREACH = "streamcore.sinks.foreach:ForeachStreamWriter"
_FOREACH_BATCH = "streamcore.sinks.foreach:ForeachBatchWriter"
_TAKES_EQUAL_NAMES = ("console", "noop")
_NEEDS_NO_CHECKPOINT = ("memory", "console", "noop")


def start_query(df: DataFrame, write: WriteDescription) -> StreamingQuery:
    """Checks everything, opens everything, starts the thread."""
    session = df.sparkSession
    query = StreamingQuery(prepare_run(df, write, SystemClock()))
    session.streams.register(query)
    query.run_in_background()
    return query


def prepare_run(df: DataFrame, write: WriteDescription, clock: Clock) -> QueryRun:
    """Checks everything, opens everything; whoever calls runs the batches."""
    session = df.sparkSession
    if not df.isStreaming:
        raise AnalysisException("'writeStream' can be called only on streaming Dataset/DataFrame")
    session.streams.require_free(write.name)
    storage = _checkpoint_storage(session, write)
    definition = _definition(df, write)
    sink = _sink(df, write)
    settings = RunSettings(
        storage=storage,
        slots=session.slots,
        bus=session.streams.bus,
        clock=clock,
        asked=write.guarantee,
        polling_delay_ms=session.conf.milliseconds("spark.sql.streaming.pollingDelay"),
        stop_timeout_seconds=_stop_timeout(session),
        compute_static=lambda plan: session.execution.table(plan, "static side"),
        on_end=session.streams.deregister,
    )
    return QueryRun(definition, sink, settings)


def _checkpoint_storage(session: Session, write: WriteDescription) -> LargeFileStorage:
    """Where the checkpoint is; in memory, gone with the query, for sinks that outlive nothing either."""
    if write.checkpoint is not None:
        return open_storage(write.checkpoint)
    base = session.conf.get("spark.sql.streaming.checkpointLocation")
    if base is not None and write.name is not None:
        return open_storage(f"{base.rstrip('/')}/{write.name}")
    keeps_nothing = write.format in _NEEDS_NO_CHECKPOINT or write.format is None
    if keeps_nothing and (write.format is not None or write.foreach or write.foreach_batch):
        return MemoryStorage("temporary checkpoint")
    raise AnalysisException(
        'checkpointLocation must be specified either through option("checkpointLocation", ...) or '
        'session.conf.set("spark.sql.streaming.checkpointLocation", ...) with a queryName'
    )


def _definition(df: DataFrame, write: WriteDescription) -> QueryDefinition:
    session = df.sparkSession
    logical = optimize(settle_filters(df.plan))
    check_streaming_plan(logical, write.output_mode)
    written = stateful_nodes(df.plan)
    plan = cut(logical, operator_ids(written, write.operator_names))
    conf = session.conf
    sources = named_sources([leaf.origin.source for leaf in plan.leaves])
    return QueryDefinition(
        name=write.name,
        logical=df.plan,
        plan=plan,
        operators={stage.id: _operator(stage, write.output_mode) for stage in plan.stages},
        description=describe_query(
            sources, _as_written(plan, written), _inputs(plan, sources), write.output_mode
        ),
        output_mode=write.output_mode,
        trigger=write.trigger,
        output_schema=to_arrow_schema(df.schema),
        case_sensitive=conf.flag("spark.sql.caseSensitive"),
        pinned={
            SESSION_TIME_ZONE: str(conf.get(SESSION_TIME_ZONE)),
            WATERMARK_POLICY: str(conf.get(WATERMARK_POLICY)).lower(),
        },
        state_partitions=conf.number("spark.sql.shuffle.partitions"),
        batches_to_retain=conf.number("spark.sql.streaming.minBatchesToRetain"),
        no_data_batches=conf.flag("spark.sql.streaming.noDataMicroBatches.enabled"),
        progress_retained=conf.number("spark.sql.streaming.numRecentProgressUpdates"),
        idle_progress_interval_ms=conf.milliseconds("spark.sql.streaming.noDataProgressEventInterval"),
    )


def _stop_timeout(session: Session) -> float | None:
    milliseconds = session.conf.milliseconds("spark.sql.streaming.stopTimeout")
    return milliseconds / 1000 if milliseconds > 0 else None


def _as_written(plan: StagePlan, written: list[StatefulNode]) -> dict[str, StatefulNode]:
    """Id -> stateful node as the user wrote it, without what the optimized plan does not keep."""
    return {stage.id: _kept(node, stage.node) for stage, node in zip(plan.stages, written, strict=True)}


def _inputs(plan: StagePlan, sources: Iterable[str]) -> dict[str, list[str]]:
    """Id -> the names of what a stage reads; `sources` are named in the order of the leaves."""
    names = iter(sources)
    return {stage.id: [f.stage or next(names) for f in stage.inputs] for stage in plan.stages}


def _kept(written: StatefulNode, optimized: StatefulNode) -> StatefulNode:
    if not isinstance(written, Aggregate) or not isinstance(optimized, Aggregate):
        return written
    kept = {measure.attribute.id for measure in optimized.measures}
    return replace(written, measures=tuple(m for m in written.measures if m.attribute.id in kept))


def _operator(stage: Stage, output_mode: str) -> StatefulOperator:
    if isinstance(stage.node, Aggregate) and isinstance(stage.node.child, Sessions):
        from streamcore.streaming.stateful.sessions import StreamingSessions

        return StreamingSessions(stage.id, stage.node, output_mode)
    if isinstance(stage.node, Aggregate):
        from streamcore.streaming.stateful.aggregation import StreamingAggregation

        return StreamingAggregation(stage.id, stage.node, output_mode)
    from streamcore.streaming.stateful.deduplication import StreamingDeduplication

    return StreamingDeduplication(stage.id, stage.node)


# ---- sinks ---------------------------------------------------------------------------------------


def _sink(df: DataFrame, write: WriteDescription) -> StreamSink:
    if write.foreach_batch is not None:
        writer = class_at(_FOREACH_BATCH)(write.foreach_batch)
        return ForeachBatchSink(writer, lambda tables: _batch_frame(df, tables))
    if write.foreach is not None:
        return sink_over("ForeachSink", class_at(_FOREACH)(write.foreach), _to_rows(df))
    name = _format(df, write)
    if name not in _TAKES_EQUAL_NAMES:
        _refuse_equal_names(df.columns)
    options = {**write.options, **({"queryName": write.name} if name == "memory" and write.name else {})}
    zone = str(df.sparkSession.conf.get("spark.sql.session.timeZone"))
    data_source = make_data_source(sink_class(name), with_session_zone(name, options, zone))
    writer = data_source.streamWriter(df.schema, write.output_mode == "complete")
    if name == "memory":
        register_memory_table(df.sparkSession, str(write.name), data_source, df.schema)
    described = data_source.describe() if isinstance(data_source, DescribesItself) else name
    return sink_over(described, writer, _to_rows(df))


def _refuse_equal_names(columns: list[str]) -> None:
    folded = [column.casefold() for column in columns]
    for at, column in enumerate(columns):
        if folded[at] in folded[:at]:
            raise AnalysisException(
                f"[COLUMN_ALREADY_EXISTS] The column `{column}` already exists. Choose another name "
                "or rename the existing column: df.select(..., F.col(...).alias(...)). SQLSTATE: 42711"
            )


def _format(df: DataFrame, write: WriteDescription) -> str:
    return (write.format or str(df.sparkSession.conf.get("spark.sql.sources.default"))).lower()


def _to_rows(df: DataFrame) -> Any:
    from streamcore.execution.rows import iterate_rows

    schema = df.schema

    def rows(table: pa.Table) -> Iterator[Any]:
        return iterate_rows(table, schema)

    return rows


def _batch_frame(df: DataFrame, tables: list[pa.Table]) -> DataFrame:
    """The micro-batch as a batch DataFrame of the same session."""
    import pyarrow as pa

    from streamcore.execution.leaves import local_relation
    from streamcore.sql.dataframe import DataFrame

    schema = to_arrow_schema(df.schema)
    table = pa.concat_tables(tables) if tables else schema.empty_table()
    return DataFrame(local_relation(table, df.schema), df.sparkSession)
