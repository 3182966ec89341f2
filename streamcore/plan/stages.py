"""A streaming plan cut into stages: what feeds each stateful operator, and what follows the last.

    leaf --fragment--> operator --fragment--> operator --fragment--> sink

A plan is cut only where rows must be remembered.  Between two cuts lies a region without state; it is
handed on as one fragment per input of the region, since rows of different inputs meet there only in a
union.  An input is a streaming leaf, or what another stage gives.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import TypeGuard

from streamcore.plan.attributes import NamedExpression, reference
from streamcore.plan.dependent import parameters_of
from streamcore.plan.leaves import with_streams_of_their_own
from streamcore.plan.logical import (
    Aggregate,
    Distinct,
    FirstRows,
    Join,
    LogicalPlan,
    Observe,
    Project,
    Relation,
    StatefulGroups,
    TrainModel,
    Union,
    Watermark,
)
from streamcore.plan.observation import keeps_all_rows
from streamcore.plan.stream_joins import joins_streams

StatefulNode = Aggregate | Distinct | FirstRows | StatefulGroups | TrainModel | Join


@dataclass(frozen=True)
class Fragment:
    """The part of a plan between one input and the next stage, or the sink.

    Parameters
    ----------
    origin
        The relation that stands for the input's rows in `plan`: a streaming leaf, or a stage's rows.
    plan
        What is computed from them; its output is the same for every fragment of a region.
    stage
        The id of the stage whose rows these are; None for a leaf.
    watermark
        The `withWatermark`, if any, that the rows pass.
    clock
        Which `withWatermark` of the plan that is, counted in the order of the leaves: the branches of a union
        may share one, and one that was called once may stand twice, with other rows below it.
    observes_apart
        Whether event times have to be seen there, since they cannot be seen in the fragment's rows: not all
        rows get to its end.
    is_initial
        Whether these are rows of a static part, which are read in the first batch and never again.
    """

    origin: Relation
    plan: LogicalPlan
    stage: str | None = None
    watermark: Watermark | None = None
    clock: int | None = None
    observes_apart: bool = False
    is_initial: bool = False

    def for_operator(self) -> Fragment:
        """What a stateful operator sees of it: no watermark that it would have to look for in the rows."""
        return replace(self, watermark=None) if self.observes_apart else self


@dataclass(frozen=True)
class Stage:
    """A stateful node of the plan, under the id of its operator, and what feeds it.

    `ports` are the fragments of the region below each child of the node, in the order of the children.
    """

    id: str
    node: StatefulNode
    ports: tuple[tuple[Fragment, ...], ...]

    @property
    def inputs(self) -> tuple[Fragment, ...]:
        """The fragments of all ports, in order."""
        return tuple(fragment for port in self.ports for fragment in port)


@dataclass(frozen=True)
class StagePlan:
    """A streaming query, cut.

    Parameters
    ----------
    stages
        Every stage after those that feed it.
    output
        The fragments that end in the sink.
    statics
        Relations that stand for the static parts: key -> plan to be computed once at the start.
    """

    stages: tuple[Stage, ...]
    output: tuple[Fragment, ...]
    statics: dict[str, LogicalPlan]

    @property
    def fragments(self) -> Iterator[Fragment]:
        """All fragments, in the order in which a batch runs them."""
        for stage in self.stages:
            yield from stage.inputs
        yield from self.output

    @property
    def from_the_sink(self) -> tuple[str, ...]:
        """The ids of the stages as a reader of the plan meets them: each before those that feed it."""
        by_id = {stage.id: stage for stage in self.stages}

        def met(fragments: tuple[Fragment, ...]) -> Iterator[str]:
            for stage in (by_id[f.stage] for f in fragments if f.stage is not None):
                yield stage.id
                yield from met(stage.inputs)

        return tuple(met(self.output))

    @property
    def initial_keys(self) -> frozenset[str]:
        """The keys of the statics that are read in the first batch alone."""
        return frozenset(fragment.origin.key for fragment in self.fragments if fragment.is_initial)

    @property
    def leaves(self) -> tuple[Fragment, ...]:
        """The fragments that read a streaming leaf."""
        return tuple(f for f in self.fragments if f.stage is None and not f.is_initial)


def cut(plan: LogicalPlan, ids: Sequence[str]) -> StagePlan:
    """Cuts a supported streaming plan (see `streamcore.plan.streaming_checks`) into stages.

    `ids` are those of the operators, in the order of `stateful_nodes`.
    """
    statics: dict[str, LogicalPlan] = {}
    cutter = _Cutter(ids)
    plan = _with_places(with_streams_of_their_own(_unshared(_static_parts_as_relations(plan, statics))))
    output = cutter.fragments(plan, None)
    if cutter.stages:
        # The watermark that closes their state is the query's: rows that pass by them move it too.
        output = tuple(replace(f, observes_apart=f.watermark is not None) for f in output)
    return StagePlan(tuple(cutter.stages), output, statics)


def stateful_nodes(plan: LogicalPlan) -> list[StatefulNode]:
    """The stateful nodes over streams, those nearest to the sources first: the order of the stages."""
    below = [node for child in plan.children for node in stateful_nodes(child)]
    if is_stateful(plan):
        below.append(plan)
    return below


def is_stateful(node: LogicalPlan) -> TypeGuard[StatefulNode]:
    """Whether the node has to remember rows from batch to batch."""
    if isinstance(node, Join):
        return joins_streams(node)
    return isinstance(node, StatefulNode) and node.is_streaming


class _Cutter:
    def __init__(self, ids: Sequence[str]) -> None:
        self._ids = iter(ids)
        self.stages: list[Stage] = []
        self._clocks: list[Watermark] = []

    def fragments(self, region: LogicalPlan, node: StatefulNode | None) -> tuple[Fragment, ...]:
        """The fragments of the region at the top of `region`; the stages below it are made first.

        `node` is what they feed; None for the sink.
        """
        return tuple(self._fragment(region, source, node) for source in _inputs(region))

    def _fragment(self, region: LogicalPlan, source: LogicalPlan, node: StatefulNode | None) -> Fragment:
        below = _only(region, source)
        if isinstance(source, Relation):
            watermark = next((n for n in below.walk() if isinstance(n, Watermark)), None)
            clock = None if watermark is None else self._clock(region, source)
            observes_apart = _observes_apart(below, watermark, node)
            return Fragment(source, below, None, watermark, clock, observes_apart)
        stage = self._stage(source)
        rows = Relation(stage.id, source.output, source=None)
        return Fragment(rows, _replaced(below, source, rows), stage.id)

    def _clock(self, region: LogicalPlan, source: LogicalPlan) -> int:
        above = next(n for n in region.walk() if isinstance(n, Watermark) and _holds(n, source))
        for number, known in enumerate(self._clocks):
            if known is above:
                return number
        self._clocks.append(above)
        return len(self._clocks) - 1

    def _stage(self, node: LogicalPlan) -> Stage:
        assert is_stateful(node)
        ports = tuple(
            self.fragments(child, node) if child.is_streaming else (_initial(child),)
            for child in node.children
        )
        stage = Stage(next(self._ids), node, ports)
        self.stages.append(stage)
        return stage


def _initial(rows: LogicalPlan) -> Fragment:
    assert isinstance(rows, Relation)
    return Fragment(rows, rows, is_initial=True)


def _observes_apart(plan: LogicalPlan, watermark: Watermark | None, node: StatefulNode | None) -> bool:
    if node is None or watermark is None:
        return False
    if isinstance(node, FirstRows):
        return True  # its fragments give no more rows than it lets pass
    # An aggregation carries the column by itself; others take rows as they are.
    is_carried = isinstance(node, Aggregate) or any(a.id == watermark.event_time.id for a in plan.output)
    return not (is_carried and keeps_all_rows(plan, watermark))


def _is_input(node: LogicalPlan) -> bool:
    """Whether a region ends at this node: a streaming leaf or a stateful operator."""
    if isinstance(node, Relation):
        return node.is_stream
    return is_stateful(node)


def _inputs(region: LogicalPlan) -> list[LogicalPlan]:
    """The inputs of the topmost region, in plan order."""
    if _is_input(region):
        return [region]
    return [found for child in region.children for found in _inputs(child)]


def _only(region: LogicalPlan, source: LogicalPlan) -> LogicalPlan:
    """The region when every other input is empty: a union becomes the branch that holds the input."""
    if region is source:
        return region
    if isinstance(region, Union):
        branch = next(child for child in region.inputs if _holds(child, source))
        kept = _only(branch, source)
        pairs = zip(kept.output, region.columns, strict=True)
        return Project(kept, tuple(NamedExpression(reference(a), column) for a, column in pairs))
    children = tuple(_only(child, source) if _holds(child, source) else child for child in region.children)
    return region.with_children(children)


def _holds(plan: LogicalPlan, source: LogicalPlan) -> bool:
    return any(node is source for node in plan.walk())


def _replaced(plan: LogicalPlan, node: LogicalPlan, other: LogicalPlan) -> LogicalPlan:
    if plan is node:
        return other
    children = tuple(_replaced(child, node, other) for child in plan.children)
    return plan.with_children(children) if children else plan


def _unshared(plan: LogicalPlan) -> LogicalPlan:
    """The plan with a node of its own at every place, so that what stands in two branches is told apart."""
    if not plan.children:
        return replace(plan)
    return plan.with_children(tuple(_unshared(child) for child in plan.children))


def _with_places(plan: LogicalPlan) -> LogicalPlan:
    """The plan in which each Observe knows its place; one above a union is in several fragments."""
    places = count()
    return plan.transform_up(lambda n: replace(n, place=next(places)) if isinstance(n, Observe) else n)


def _static_parts_as_relations(plan: LogicalPlan, statics: dict[str, LogicalPlan]) -> LogicalPlan:
    """Puts a relation in the place of every largest part without a stream, and without parameters."""
    if not plan.is_streaming and not parameters_of(plan):
        key = f"static_{len(statics)}"
        statics[key] = plan
        return Relation(key, plan.output, source=None)
    children = tuple(_static_parts_as_relations(child, statics) for child in plan.children)
    return plan.with_children(children) if children else plan
