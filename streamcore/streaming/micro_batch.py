"""One micro-batch: from its logged intent to staged output, new state and a commit record.

A batch is a walk over the stages of the query in the order of the plan: the fragments that feed a
stateful operator run, one task per partition of what they read, and each hands its rows on in pieces by
key; the operator runs, one task per partition of its state, over the pieces that are its own.  The fragments
behind the last operators end in the sink.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any

from streamcore.checkpoint.records import CommitBody, OffsetRecord
from streamcore.spi.models import BatchId
from streamcore.streaming.fragments import BatchValues
from streamcore.streaming.initial_rows import InitialRows
from streamcore.streaming.input_tasks import LeafTasks, threads_per_task
from streamcore.streaming.planning import watermarks_in
from streamcore.streaming.progress import Stopwatch
from streamcore.streaming.stateful.operator import BatchTimes, ModelReport, OperatorMetrics
from streamcore.streaming.tasks import (
    Delivered,
    Delivery,
    FragmentDone,
    FragmentTask,
    OpenStores,
    OperatorTask,
    ToPort,
    ToSink,
)
from streamcore.streaming.watermark import EventTimeStats, WatermarkState

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.checkpoint.state_files import StateFile
    from streamcore.execution.stores.warm import StoreRef, StoreState
    from streamcore.execution.tasks import Executor
    from streamcore.spi.row import Row
    from streamcore.streaming.definition import QueryDefinition
    from streamcore.streaming.query_tasks import Feed, Input, QueryTasks, StageTasks

Stores = Mapping[str, Sequence[Mapping[str, "StoreRef"]]]
"""Operator -> for each partition of its state the stores, by name, as a batch begins with them."""

States = Mapping[str, Sequence[Mapping[str, "StoreState"]]]
"""Operator -> for each partition of its state the stores, by name, after some batch."""


@dataclass
class BatchOutcome:
    """What one attempt of a batch staged; nothing of it is visible yet.

    `states` are the operators' stores after it, `watermark_out` the watermarks of what they put out,
    `metrics` what each of them did, `models` the models that they keep, `letters` by folder what stands of
    records that could not be read.
    """

    messages: list[Any]
    watermark: WatermarkState
    source_rows: dict[str, int]
    output_rows: int
    states: States = field(default_factory=dict)
    watermark_out: dict[str, int] = field(default_factory=dict)
    event_times: EventTimeStats | None = None
    metrics: dict[str, OperatorMetrics] = field(default_factory=dict)
    observed: dict[str, Row] = field(default_factory=dict)
    models: dict[str, ModelReport] = field(default_factory=dict)
    letters: dict[str, list[str]] = field(default_factory=dict)

    @property
    def state_files(self) -> tuple[StateFile, ...]:
        """All that make up the state after the batch."""
        partitions = (stores for of_operator in self.states.values() for stores in of_operator)
        return tuple(file for stores in partitions for state in stores.values() for file in state.chain)

    def commit_body(self, query_id: str, record: OffsetRecord) -> CommitBody:
        """What the sink stores beside the rows."""
        return CommitBody(
            query_id=query_id,
            batch_id=record.batch_id,
            state=self.state_files,
            models={id_: model.digest for id_, model in self.models.items()},
            next_watermark_ms=self.watermark.global_ms,
            watermarks=self.watermark.operators,
            watermark_out=self.watermark_out,
            source_rows=self.source_rows,
            output_rows=self.output_rows,
        )


@dataclass(frozen=True)
class _Part:
    """One part of what the fragments of a region read.

    fragment
        Which of the fragments reads it.
    leaf
        The source's leaf; None for rows of a stage.
    task
        Makes the task over it, given where the rows go.
    is_empty
        Whether it is known to have no rows.
    """

    fragment: int
    leaf: LeafTasks | None
    task: Callable[[Delivery], FragmentTask]
    is_empty: bool = False


@dataclass
class _Walk:
    """What a batch has come to, on its way through the stages."""

    record: OffsetRecord
    values: BatchValues
    partitions: dict[int, list[tuple[int, Any]]]
    threads: int
    outputs: dict[str, list[pa.Table]] = field(default_factory=dict)
    states: dict[str, list[Mapping[str, StoreState]]] = field(default_factory=dict)
    metrics: dict[str, OperatorMetrics] = field(default_factory=dict)
    models: dict[str, ModelReport] = field(default_factory=dict)
    seen: dict[str, EventTimeStats] = field(default_factory=dict)
    source_rows: dict[str, int] = field(default_factory=dict)
    observed: dict[int, list[pa.Table]] = field(default_factory=dict)
    watermarks: Mapping[str, int] = field(default_factory=dict)

    def values_of(self, partition: int) -> BatchValues:
        return replace(self.values, partition=partition)


class MicroBatch:
    """Runs batches of one query on an executor; holds no progress of its own."""

    def __init__(self, query: QueryDefinition, tasks: QueryTasks, executor: Executor, query_id: str) -> None:
        self._query = query
        self._query_id = query_id
        self._tasks = tasks
        self._leaves = list(tasks.leaves)
        self._executor = executor
        self._name = query.name or "streaming query"
        self._watermarks = watermark_names(self._leaves)
        self._delays = {
            self._watermarks[leaf.position]: leaf.fragment.watermark.delay_ms
            for leaf in self._leaves
            if leaf.fragment.watermark is not None
        }

    def open(self, stores: Stores) -> States:
        """Makes the stores ready; what they are.

        Raises CheckpointCorrupted for a missing or damaged file, CheckpointMismatch for rows that the
        operators do not keep.
        """
        shared = {stage.operator.name: stage.shared for stage in self._tasks.stages}
        tasks = [
            OpenStores(shared[id_], self._tasks.warm, refs)
            for id_, partitions in stores.items()
            for refs in partitions
        ]
        done = iter(self._executor.run(tasks, name=f"{self._name}: state") if tasks else [])
        return {id_: [next(done) for _ in partitions] for id_, partitions in stores.items()}

    def run(
        self, record: OffsetRecord, stores: Stores, watermark: WatermarkState, watch: Stopwatch
    ) -> BatchOutcome:
        """Computes the batch and stages its rows and state; on an error everything staged is discarded."""
        started = perf_counter()
        walk = self._begun(record)
        watch.add("getBatch", perf_counter() - started)
        started = perf_counter()
        try:
            for stage in self._tasks.stages:
                self._run_stage(stage, stores[stage.operator.name], walk)
            written = self._write_output(walk)
            observed, letters = self._observed(walk)
        finally:
            watch.add("addBatch", perf_counter() - started)
        return BatchOutcome(
            messages=[one.message for one in written],
            watermark=watermark.advanced(walk.seen, self._delays, self._query.watermark_policy),
            source_rows=walk.source_rows,
            output_rows=sum(one.rows for one in written),
            states=walk.states,
            watermark_out={
                id_: self._query.operators[id_].watermark_out(watermark_ms)
                for id_, watermark_ms in walk.watermarks.items()
            },
            event_times=_together(walk.seen),
            metrics=walk.metrics,
            observed=observed,
            models=walk.models,
            letters=letters,
        )

    def _begun(self, record: OffsetRecord) -> _Walk:
        """The partitions of every leaf that has something new, numbered over all of them."""
        self._tasks.statics.read(record.batch_time_ms)
        if record.batch_id == 0:
            self._tasks.initial.read(record.batch_time_ms)
        parts: list[tuple[int, Any]] = []
        for leaf in self._leaves:
            span = record.sources[leaf.reader.name]
            if span.start != span.end:
                parts += [(leaf.position, part) for part in leaf.reader.partitions(span.start, span.end)]
        by_leaf: dict[int, list[tuple[int, Any]]] = {}
        for number, (position, part) in enumerate(parts):
            by_leaf.setdefault(position, []).append((number, part))
        threads = threads_per_task([part for _, part in parts], self._executor.most_threads)
        values = BatchValues(record.batch_id, record.batch_time_ms, 0, record.models)
        walk = _Walk(record, values, by_leaf, threads)
        walk.source_rows = {leaf.reader.name: 0 for leaf in self._leaves}
        walk.watermarks = watermarks_in(self._query, record.watermark_ms)
        return walk

    # ---- fragments -------------------------------------------------------------------------------

    def _parts(self, sources: Sequence[Input], walk: _Walk) -> Iterator[_Part]:
        """What the fragments of a region read, part by part.

        Each has a number that no other of the region has: ids and random values are made from it.
        """
        leaves = (source.position for source in sources if isinstance(source, LeafTasks))
        following = 1 + max((n for leaf in leaves for n, _ in walk.partitions.get(leaf, ())), default=-1)
        for fragment, source in enumerate(sources):
            if isinstance(source, LeafTasks):
                for number, part in walk.partitions.get(source.position, ()):
                    values = walk.values_of(number)
                    yield _Part(fragment, source, partial(source.task, part, values, walk.threads))
                continue
            if isinstance(source, InitialRows):
                if walk.record.batch_id == 0:
                    yield _Part(fragment, None, partial(source.task, walk.values_of(following)))
                    following += 1
                continue
            rows = walk.outputs[source.stage]
            shares = [rows] if source.needs_all_rows else [[table] for table in rows]
            for number, pieces in enumerate(shares, following):
                is_empty = all(piece.num_rows == 0 for piece in pieces)
                yield _Part(fragment, None, partial(source.task, pieces, walk.values_of(number)), is_empty)
            following += len(shares)

    def _run(self, parts: Sequence[tuple[_Part, Delivery]], name: str, walk: _Walk) -> list[Delivered]:
        if not parts:
            return []
        done = self._executor.run([part.task(delivery) for part, delivery in parts], name=name)
        for (part, _), found in zip(parts, done, strict=True):
            self._count(part.leaf, found, walk)
        return [found.delivered for found in done]

    def _count(self, leaf: LeafTasks | None, found: FragmentDone, walk: _Walk) -> None:
        """Takes down what was observed, how many rows a source gave, and which event times were seen."""
        for place, measured in found.delivered.observed.items():
            walk.observed.setdefault(place, []).append(measured)
        if leaf is None:
            return
        walk.source_rows[leaf.reader.name] += found.rows_read
        stats = found.delivered.event_times
        if stats is not None:
            name = self._watermarks[leaf.position]
            walk.seen[name] = walk.seen[name].merge(stats) if name in walk.seen else stats

    # ---- stages ----------------------------------------------------------------------------------

    def _run_stage(self, stage: StageTasks, stores: Sequence[Mapping[str, StoreRef]], walk: _Walk) -> None:
        operator = stage.operator
        shares = self._exchanged(stage, len(stores), walk)
        told = walk.record.operators[operator.name]
        times = BatchTimes(
            told.late_ms * 1000,
            told.evict_ms * 1000,
            walk.record.batch_time_ms * 1000,
            walk.watermarks[operator.name] * 1000,
            BatchId(self._query_id, walk.record.batch_id),
        )
        tasks = [
            OperatorTask(stage.shared, self._tasks.warm, share, refs, times, walk.record.batch_id)
            for share, refs in zip(shares, stores, strict=True)
        ]
        done = self._executor.run(tasks, name=f"{self._name}: state")
        walk.outputs[operator.name] = [one.rows for one in done]
        walk.states[operator.name] = [one.states for one in done]
        walk.metrics[operator.name] = sum((one.metrics for one in done), OperatorMetrics())
        walk.models.update((operator.name, one.model) for one in done if one.model is not None)

    def _exchanged(self, stage: StageTasks, partitions: int, walk: _Walk) -> list[list[list[pa.Table]]]:
        """What the fragments of all ports give: for each partition of the state its pieces, by port."""
        feeding = [self._feeding(feeds, partitions, walk) for feeds in stage.ports]
        done = iter(self._run([one for port in feeding for one in port], self._name, walk))
        by_port = [[next(done).pieces for _ in port] for port in feeding]
        return [[[found[number] for found in port] for port in by_port] for number in range(partitions)]

    def _feeding(self, feeds: Sequence[Feed], partitions: int, walk: _Walk) -> list[tuple[_Part, Delivery]]:
        """What feeds a port: parts that have rows, or one that has none.

        An aggregate without keys has a row over no rows, too.
        """
        parts = list(self._parts([feed.source for feed in feeds], walk))
        chosen = [part for part in parts if not part.is_empty] or parts[:1]
        return [(part, ToPort(feeds[part.fragment].to, partitions)) for part in chosen]

    def _observed(self, walk: _Walk) -> tuple[dict[str, Row], dict[str, list[str]]]:
        """What the user's `observe` measured in all tasks of the batch, and its dead letters."""
        observations = self._tasks.observations
        if not observations:
            return {}, {}
        task = observations.merge(walk.observed, walk.values)
        (measured,) = self._executor.run([task], name=f"{self._name}: observed metrics")
        return observations.rows(measured), observations.letters(measured)

    # ---- output ----------------------------------------------------------------------------------

    def _write_output(self, walk: _Walk) -> list[Delivered]:
        to, batch_id = self._tasks.sink, walk.record.batch_id
        parts = enumerate(self._parts(self._tasks.output, walk))
        written = [(part, ToSink(to, number, batch_id)) for number, part in parts]
        return self._run(written, f"{self._name}: output" if walk.outputs else self._name, walk)


def watermark_names(leaves: Sequence[LeafTasks]) -> dict[int, str]:
    """Leaf position -> name of its watermark; leaves below one `withWatermark` share it.

    The name says which sources are below: another set of sources begins to look for event times anew.
    """
    clocks = {leaf.position: leaf.fragment.clock for leaf in leaves if leaf.fragment.clock is not None}
    below: dict[int, list[str]] = {}
    for leaf in leaves:
        if leaf.position in clocks:
            below.setdefault(clocks[leaf.position], []).append(leaf.reader.name)
    return {position: "+".join(sorted(below[clock])) for position, clock in clocks.items()}


def _together(seen: Mapping[str, EventTimeStats]) -> EventTimeStats | None:
    found = list(seen.values())
    if not found:
        return None
    merged = found[0]
    for stats in found[1:]:
        merged = merged.merge(stats)
    return merged
