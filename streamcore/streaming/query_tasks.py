"""The fragments of a query made ready to run: those that feed its operators, those that end in the sink."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from streamcore.execution.stores.warm import WarmStores
from streamcore.streaming.initial_rows import InitialRows
from streamcore.streaming.input_tasks import LeafTasks
from streamcore.streaming.observing import QueryObservations
from streamcore.streaming.stage_rows import StageRows
from streamcore.streaming.stateful.operator import TranslatesExpressions
from streamcore.streaming.tasks import PortOfStage, SinkOfQuery

if TYPE_CHECKING:
    from streamcore.execution.sharing import Sharing
    from streamcore.execution.tasks import Shared
    from streamcore.plan.logical import LogicalPlan
    from streamcore.plan.stages import Fragment
    from streamcore.streaming.definition import QueryDefinition
    from streamcore.streaming.fragments import ContextFactory
    from streamcore.streaming.stateful.operator import Port, StatefulOperator
    from streamcore.streaming.static_sides import StaticSides
    from streamcore.streaming.stream_sink import StreamSink
    from streamcore.streaming.stream_source import SourceReader

Input = LeafTasks | StageRows | InitialRows
"""A fragment over source partitions, over the rows of another stage, or over those of the first batch."""


@dataclass(frozen=True)
class Feed:
    """A fragment that feeds a port of a stateful operator."""

    source: Input
    to: Shared[PortOfStage]


@dataclass(frozen=True)
class StageTasks:
    """A stateful operator, and for each of its ports what feeds it."""

    operator: StatefulOperator
    shared: Shared[StatefulOperator]
    ports: tuple[tuple[Feed, ...], ...]


@dataclass(frozen=True)
class QueryTasks:
    """All fragments of a query: its stages in the order in which a batch runs them, and the output.

    `statics` are the tables that they read besides, `initial` those that the first batch alone reads, `warm`
    the stores of its operators, wherever tasks run.
    """

    stages: tuple[StageTasks, ...]
    output: tuple[Input, ...]
    statics: StaticSides
    initial: StaticSides
    sink: Shared[SinkOfQuery]
    warm: Shared[WarmStores]
    observations: QueryObservations

    @property
    def leaves(self) -> Iterator[LeafTasks]:
        """The fragments over sources, in the order of the plan's leaves."""
        inputs: Iterable[Input] = (
            *(feed.source for stage in self.stages for port in stage.ports for feed in port),
            *self.output,
        )
        return (found for found in inputs if isinstance(found, LeafTasks))


def query_tasks(
    query: QueryDefinition,
    readers: Sequence[SourceReader],
    statics: StaticSides,
    initial: StaticSides,
    contexts: ContextFactory,
    sink: StreamSink,
    sharing: Sharing,
) -> QueryTasks:
    """The tasks of `query`; `readers` are those of the plan's leaves, in order, `sink` is open.

    Raises AnalysisException for a fragment that cannot be computed.
    """
    waiting = enumerate(readers)
    observations = QueryObservations(query.plan, contexts)

    def prepared(fragment: Fragment, plan: LogicalPlan) -> Input:
        if fragment.is_initial:
            return InitialRows(fragment, initial, contexts, sharing)
        plan = observations.in_parts(plan)
        if fragment.stage is not None:
            return StageRows(query.operators[fragment.stage], fragment, plan, statics, contexts, sharing)
        position, reader = next(waiting)
        return LeafTasks(position, fragment, plan, reader, statics, contexts, sharing)

    def feed(fragment: Fragment, port: Port) -> Feed:
        source = prepared(fragment, port.input_plan(fragment.for_operator()))
        return Feed(source, sharing.share(PortOfStage(port, fragment)))

    stages = []
    for stage in query.plan.stages:
        operator = query.operators[stage.id]
        if isinstance(operator, TranslatesExpressions):
            operator.prepare(contexts)
        ports = tuple(
            tuple(feed(fragment, port) for fragment in fragments)
            for port, fragments in zip(operator.ports, stage.ports, strict=True)
        )
        stages.append(StageTasks(operator, sharing.share(operator), ports))
    output = tuple(prepared(fragment, fragment.plan) for fragment in query.plan.output)
    to_sink = sharing.share(SinkOfQuery(sink, query.output_schema))
    warm = sharing.share(WarmStores())
    return QueryTasks(tuple(stages), output, statics, initial, to_sink, warm, observations)
