"""From a described write to a running query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from streamcore.errors import AnalysisException
from streamcore.execution.leaves import schema_of
from streamcore.plan.bad_parses import with_bad_records_apart
from streamcore.plan.file_names import with_file_names
from streamcore.plan.logical import Aggregate, FirstRows, Join, Sessions, StatefulGroups, TrainModel
from streamcore.plan.modes import settings_of
from streamcore.plan.python_calls import with_calls_apart
from streamcore.plan.row_order import every_node
from streamcore.plan.rules import optimize
from streamcore.plan.stages import Stage, StagePlan, StatefulNode, cut, stateful_nodes
from streamcore.plan.stream_limits import with_first_rows
from streamcore.plan.streaming_checks import check_streaming_plan
from streamcore.plan.training import MODEL_FORMAT, model_rows
from streamcore.plan.watermark_filters import settle_filters
from streamcore.spi.types import to_arrow_schema
from streamcore.storage import open_storage
from streamcore.storage.memory import MemoryStorage
from streamcore.streaming.definition import (
    EACH_SOURCE_NAMED,
    SESSION_TIME_ZONE,
    SHUFFLE_PARTITIONS,
    STATE_PARTITIONS,
    WATERMARK_POLICY,
    QueryDefinition,
)
from streamcore.streaming.description import DescribedOperator, describe_query
from streamcore.streaming.low_latency import check_trigger
from streamcore.streaming.making_sinks import make_sink
from streamcore.streaming.operator_ids import operator_ids
from streamcore.streaming.run import QueryRun, RunSettings
from streamcore.streaming.source_names import named_sources, require_names

if TYPE_CHECKING:
    from streamcore.plan.logical import LogicalPlan
    from streamcore.storage import LargeFileStorage
    from streamcore.streaming.services import Services, Settings, WriteDescription
    from streamcore.streaming.stateful.operator import StatefulOperator

_NEEDS_NO_CHECKPOINT = ("memory", "console", "noop")


def prepare_run(plan: LogicalPlan, write: WriteDescription, services: Services) -> QueryRun:
    """Checks everything, opens everything; whoever calls runs the batches."""
    if not plan.is_streaming:
        raise AnalysisException("'writeStream' can be called only on streaming Dataset/DataFrame")
    conf = services.settings
    storage = _checkpoint_storage(conf, write)
    if write.sink_name(conf) == MODEL_FORMAT:
        plan = model_rows(plan)
    definition = _definition(plan, write, conf)
    check_trigger(plan, write.trigger, write.output_mode, write.sink_name(conf))
    sink = make_sink(schema_of(plan.output), write, services)
    settings = RunSettings(
        storage=storage,
        execution=services.execution,
        executor=services.executor,
        clock=services.clock,
        asked=write.guarantee,
        polling_delay_ms=conf.milliseconds("spark.sql.streaming.pollingDelay"),
        stop_timeout_seconds=_stop_timeout(conf),
    )
    return QueryRun(definition, sink, settings)


def _checkpoint_storage(conf: Settings, write: WriteDescription) -> LargeFileStorage:
    """Where the checkpoint is; in memory, gone with the query, for sinks that outlive nothing either."""
    if write.checkpoint is not None:
        return open_storage(write.checkpoint)
    base = conf.get("spark.sql.streaming.checkpointLocation")
    if base is not None and write.name is not None:
        return open_storage(f"{base.rstrip('/')}/{write.name}")
    keeps_nothing = write.format in _NEEDS_NO_CHECKPOINT or write.format is None
    if keeps_nothing and (write.format is not None or write.foreach or write.foreach_batch):
        return MemoryStorage("temporary checkpoint")
    raise AnalysisException(
        'checkpointLocation must be specified either through option("checkpointLocation", ...) or '
        'session.conf.set("spark.sql.streaming.checkpointLocation", ...) with a queryName'
    )


def _definition(asked: LogicalPlan, write: WriteDescription, conf: Settings) -> QueryDefinition:
    asked = with_file_names(with_bad_records_apart(asked))
    asked = with_calls_apart(with_first_rows(asked, write.output_mode))
    logical = optimize(settle_filters(asked))
    check_streaming_plan(logical, write.output_mode)
    written = stateful_nodes(asked)
    plan = cut(logical, operator_ids(written, write.operator_names))
    read = [leaf.origin.source for leaf in plan.leaves]
    if conf.flag(EACH_SOURCE_NAMED):
        require_names(read)
    sources = named_sources(read)
    operators = {stage.id: _operator(stage, write.output_mode) for stage in plan.stages}
    wanted = None if conf.get(STATE_PARTITIONS) is None else conf.number(STATE_PARTITIONS)
    return QueryDefinition(
        name=write.name,
        logical=asked,
        plan=plan,
        operators=operators,
        description=describe_query(
            sources, _described(plan, written, operators), _inputs(plan, sources), write.output_mode
        ),
        output_mode=write.output_mode,
        trigger=write.trigger,
        output_schema=to_arrow_schema(schema_of(asked.output)),
        case_sensitive=conf.flag("spark.sql.caseSensitive"),
        pinned={
            SESSION_TIME_ZONE: str(conf.get(SESSION_TIME_ZONE)),
            WATERMARK_POLICY: str(conf.get(WATERMARK_POLICY)).lower(),
            **settings_of(every_node(asked)),
        },
        state_partitions=wanted or conf.number(SHUFFLE_PARTITIONS),
        wanted_partitions=wanted,
        batches_to_retain=conf.number("spark.sql.streaming.minBatchesToRetain"),
        no_data_batches=conf.flag("spark.sql.streaming.noDataMicroBatches.enabled"),
        progress_retained=conf.number("spark.sql.streaming.numRecentProgressUpdates"),
        idle_progress_interval_ms=conf.milliseconds("spark.sql.streaming.noDataProgressEventInterval"),
    )


def _stop_timeout(conf: Settings) -> float | None:
    milliseconds = conf.milliseconds("spark.sql.streaming.stopTimeout")
    return milliseconds / 1000 if milliseconds > 0 else None


def _described(
    plan: StagePlan, written: list[StatefulNode], operators: Mapping[str, StatefulOperator]
) -> dict[str, DescribedOperator]:
    """Id -> stateful node as the user wrote it, without what the optimized plan does not keep; its state."""
    numbers = {id_: number for number, id_ in enumerate(plan.from_the_sink)}
    return {
        stage.id: DescribedOperator(
            _kept(node, stage.node), numbers[stage.id], operators[stage.id].kind, operators[stage.id].stores
        )
        for stage, node in zip(plan.stages, written, strict=True)
    }


def _inputs(plan: StagePlan, sources: Iterable[str]) -> dict[str, list[list[str]]]:
    """Id -> the names of what each port of a stage reads; `sources` are in the order of the leaves."""
    names = iter(sources)

    def read(stage: Stage) -> list[list[str]]:
        ports = ([f for f in port if not f.is_initial] for port in stage.ports)
        return [[fragment.stage or next(names) for fragment in port] for port in ports if port]

    return {stage.id: read(stage) for stage in plan.stages}


def _kept(written: StatefulNode, optimized: StatefulNode) -> StatefulNode:
    if isinstance(optimized, Join):
        return optimized  # a condition after the join is one of the join, one of a side alone is below it
    if not isinstance(written, Aggregate) or not isinstance(optimized, Aggregate):
        return written
    kept = {measure.attribute.id for measure in optimized.measures}
    return replace(written, measures=tuple(m for m in written.measures if m.attribute.id in kept))


def _operator(stage: Stage, output_mode: str) -> StatefulOperator:
    if isinstance(stage.node, Aggregate) and isinstance(stage.node.child, Sessions):
        from streamcore.streaming.stateful.sessions import StreamingSessions

        return StreamingSessions(stage.id, stage.node, output_mode)
    if isinstance(stage.node, FirstRows):
        from streamcore.streaming.stateful.limit import StreamingLimit

        return StreamingLimit(stage.id, stage.node)
    if isinstance(stage.node, StatefulGroups):
        from streamcore.streaming.stateful.python_operators import python_operator

        return python_operator(stage.id, stage.node)
    if isinstance(stage.node, TrainModel):
        from streamcore.streaming.stateful.model import StreamingModel

        return StreamingModel(stage.id, stage.node)
    if isinstance(stage.node, Join):
        from streamcore.streaming.stateful.joins import StreamingJoin

        return StreamingJoin(stage.id, stage.node)
    if isinstance(stage.node, Aggregate):
        from streamcore.streaming.stateful.aggregation import StreamingAggregation

        return StreamingAggregation(stage.id, stage.node, output_mode)
    from streamcore.streaming.stateful.deduplication import StreamingDeduplication

    return StreamingDeduplication(stage.id, stage.node)
