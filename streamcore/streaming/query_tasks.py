"""The fragments of a query made ready to run: those that feed its operators, those that end in the sink."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from streamcore.streaming.input_tasks import LeafTasks
from streamcore.streaming.stage_rows import StageRows

if TYPE_CHECKING:
    from streamcore.plan.logical import LogicalPlan
    from streamcore.plan.stages import Fragment
    from streamcore.streaming.definition import QueryDefinition
    from streamcore.streaming.fragments import ContextFactory
    from streamcore.streaming.stateful.operator import Port, StatefulOperator
    from streamcore.streaming.static_sides import StaticSides
    from streamcore.streaming.stream_source import SourceReader

Input = LeafTasks | StageRows
"""A fragment over source partitions, or over the rows of another stage."""


@dataclass(frozen=True)
class PortTasks:
    """A port of a stateful operator and the fragments that feed it."""

    port: Port
    inputs: tuple[Input, ...]


@dataclass(frozen=True)
class StageTasks:
    """A stateful operator and what feeds it."""

    operator: StatefulOperator
    ports: tuple[PortTasks, ...]


@dataclass(frozen=True)
class QueryTasks:
    """All fragments of a query: its stages in the order in which a batch runs them, and the output.

    `statics` are the tables that they read besides.
    """

    stages: tuple[StageTasks, ...]
    output: tuple[Input, ...]
    statics: StaticSides

    @property
    def leaves(self) -> Iterator[LeafTasks]:
        """The fragments over sources, in the order of the plan's leaves."""
        inputs: Iterable[Input] = (
            *(i for stage in self.stages for port in stage.ports for i in port.inputs),
            *self.output,
        )
        return (found for found in inputs if isinstance(found, LeafTasks))


def query_tasks(
    query: QueryDefinition,
    readers: Sequence[SourceReader],
    statics: StaticSides,
    contexts: ContextFactory,
) -> QueryTasks:
    """The tasks of `query`; `readers` are those of the plan's leaves, in order.

    Raises AnalysisException for a fragment that cannot be computed.
    """
    waiting = enumerate(readers)

    def prepared(fragment: Fragment, plan: LogicalPlan) -> Input:
        if fragment.stage is not None:
            return StageRows(query.operators[fragment.stage], fragment, plan, statics, contexts)
        position, reader = next(waiting)
        return LeafTasks(position, fragment, plan, reader, statics, contexts)

    stages = []
    for stage in query.plan.stages:
        operator = query.operators[stage.id]
        ports = tuple(
            PortTasks(port, tuple(prepared(f, port.input_plan(f.for_operator())) for f in fragments))
            for port, fragments in zip(operator.ports, stage.ports, strict=True)
        )
        stages.append(StageTasks(operator, ports))
    output = tuple(prepared(fragment, fragment.plan) for fragment in query.plan.output)
    return QueryTasks(tuple(stages), output, statics)
