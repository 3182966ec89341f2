"""One micro-batch: from its logged intent to staged output, new state and a commit record.

A batch is a walk over the stages of the query in the order of the plan: the fragments that feed a
stateful operator run, one task per partition of what they read; their rows are exchanged by key; the
operator runs, one task per partition of its state.  The fragments behind the last operators end in the sink.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from streamcore.checkpoint.records import CommitBody, OffsetRecord
from streamcore.checkpoint.state_files import StateFile
from streamcore.duck.results import conform
from streamcore.execution.engines import slot_engine
from streamcore.streaming.fragments import BatchValues
from streamcore.streaming.input_tasks import InputRows, LeafTasks, threads_per_task
from streamcore.streaming.progress import Stopwatch
from streamcore.streaming.stage_rows import StageRows
from streamcore.streaming.stateful.operator import BatchTimes, OperatorMetrics, OperatorResult
from streamcore.streaming.watermark import EventTimeStats, WatermarkState

if TYPE_CHECKING:
    from streamcore.execution.stores.store import Store
    from streamcore.execution.stores.view import StoreView
    from streamcore.scheduler.slots import Slot, ThreadSlots
    from streamcore.streaming.definition import QueryDefinition
    from streamcore.streaming.query_tasks import Input, QueryTasks, StageTasks
    from streamcore.streaming.stateful.operator import Port
    from streamcore.streaming.stream_sink import StreamSink

Stores = Mapping[str, Sequence[Mapping[str, "Store"]]]
"""Operator -> for each partition of its state the stores, by name."""

Views = Mapping[str, "StoreView"]
"""The stores of one partition of an operator, by name, after some batch."""


@dataclass
class BatchOutcome:
    """What one attempt of a batch staged; nothing of it is visible yet.

    `views` are the operators' state after it by partition, `watermark_out` the watermarks of what they put
    out, `metrics` what each of them did.
    """

    messages: list[Any]
    watermark: WatermarkState
    source_rows: dict[str, int]
    output_rows: int
    views: dict[str, list[Views]] = field(default_factory=dict)
    watermark_out: dict[str, int] = field(default_factory=dict)
    event_times: EventTimeStats | None = None
    metrics: dict[str, OperatorMetrics] = field(default_factory=dict)

    @property
    def state_files(self) -> tuple[StateFile, ...]:
        """All that make up the state after the batch."""
        partitions = (views for of_operator in self.views.values() for views in of_operator)
        return tuple(run.file for views in partitions for view in views.values() for run in view.runs)

    def commit_body(self, query_id: str, record: OffsetRecord) -> CommitBody:
        """What the sink stores beside the rows."""
        return CommitBody(
            query_id=query_id,
            batch_id=record.batch_id,
            state=self.state_files,
            next_watermark_ms=self.watermark.global_ms,
            watermarks=self.watermark.operators,
            watermark_out=self.watermark_out,
            source_rows=self.source_rows,
            output_rows=self.output_rows,
        )


_ReadTask = Callable[["Slot"], InputRows]


@dataclass(frozen=True)
class _Reading:
    """A task that runs a fragment over one partition, and whether that is known to have no rows."""

    task: _ReadTask
    is_empty: bool = False


@dataclass
class _Written:
    """What one task gave to the sink, and what it read to do so."""

    message: Any
    rows: int
    read: InputRows | None = None


@dataclass
class _Walk:
    """What a batch has come to, on its way through the stages."""

    record: OffsetRecord
    values: BatchValues
    partitions: dict[int, list[tuple[int, Any]]]
    threads: int
    outputs: dict[str, list[pa.Table]] = field(default_factory=dict)
    views: dict[str, list[Views]] = field(default_factory=dict)
    metrics: dict[str, OperatorMetrics] = field(default_factory=dict)
    seen: dict[str, EventTimeStats] = field(default_factory=dict)
    source_rows: dict[str, int] = field(default_factory=dict)

    def values_of(self, partition: int) -> BatchValues:
        return replace(self.values, partition=partition)


class MicroBatch:
    """Runs batches of one query over its slots; holds no progress of its own."""

    def __init__(
        self, query: QueryDefinition, tasks: QueryTasks, sink: StreamSink, slots: ThreadSlots
    ) -> None:
        self._query = query
        self._tasks = tasks
        self._leaves = list(tasks.leaves)
        self._sink = sink
        self._slots = slots
        self._name = query.name or "streaming query"
        self._watermarks = watermark_names(self._leaves)
        self._delays = {
            self._watermarks[leaf.position]: leaf.fragment.watermark.delay_ms
            for leaf in self._leaves
            if leaf.fragment.watermark is not None
        }

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
        finally:
            watch.add("addBatch", perf_counter() - started)
        return BatchOutcome(
            messages=[w.message for w in written],
            watermark=watermark.advanced(walk.seen, self._delays, self._query.watermark_policy),
            source_rows=walk.source_rows,
            output_rows=sum(w.rows for w in written),
            views=walk.views,
            watermark_out={
                id_: self._query.operators[id_].watermark_out(told.evict_ms)
                for id_, told in record.operators.items()
            },
            event_times=_together(walk.seen),
            metrics=walk.metrics,
        )

    def _begun(self, record: OffsetRecord) -> _Walk:
        """The partitions of every leaf that has something new, numbered over all of them."""
        self._tasks.statics.read(record.batch_time_ms)
        parts: list[tuple[int, Any]] = []
        for leaf in self._leaves:
            span = record.sources[leaf.reader.name]
            if span.start != span.end:
                parts += [(leaf.position, part) for part in leaf.reader.partitions(span.start, span.end)]
        by_leaf: dict[int, list[tuple[int, Any]]] = {}
        for number, (position, part) in enumerate(parts):
            by_leaf.setdefault(position, []).append((number, part))
        threads = threads_per_task([part for _, part in parts], self._slots.slots)
        walk = _Walk(record, BatchValues(record.batch_id, record.batch_time_ms), by_leaf, threads)
        walk.source_rows = {leaf.reader.name: 0 for leaf in self._leaves}
        return walk

    # ---- what feeds a fragment -------------------------------------------------------------------

    def _reading(self, sources: Sequence[Input], walk: _Walk) -> Iterator[_Reading]:
        """One task per partition of what the fragments of a region read.

        Each has a number that no other of the region has: ids and random values are made from it.
        """
        leaves = (source.position for source in sources if isinstance(source, LeafTasks))
        following = 1 + max((n for leaf in leaves for n, _ in walk.partitions.get(leaf, ())), default=-1)
        for source in sources:
            if isinstance(source, LeafTasks):
                for number, part in walk.partitions.get(source.position, ()):
                    yield _Reading(_leaf_task(source, part, walk.values_of(number), walk.threads))
                continue
            tables = self._rows_of(source, walk)
            for number, rows in enumerate(tables, following):
                yield _Reading(_stage_task(source, rows, walk.values_of(number)), rows.num_rows == 0)
            following += len(tables)

    def _feeding(self, sources: Sequence[Input], walk: _Walk) -> list[_ReadTask]:
        """What feeds an operator: partitions that have rows, or one that has none.

        An aggregate without keys has a row over no rows, too.
        """
        reading = list(self._reading(sources, walk))
        return [found.task for found in [r for r in reading if not r.is_empty] or reading[:1]]

    def _rows_of(self, source: StageRows, walk: _Walk) -> list[pa.Table]:
        rows = walk.outputs[source.stage]
        return [pa.concat_tables(rows)] if source.needs_all_rows else rows

    def _count(self, read: InputRows, port: Port | None, walk: _Walk) -> None:
        """Takes down how many rows were read, and which event times were seen."""
        if read.leaf is None:
            return
        leaf = self._leaves[read.leaf]
        walk.source_rows[leaf.reader.name] += read.rows_read
        stats = read.event_times
        if port is not None and not leaf.fragment.observes_apart:
            stats = port.event_times(read.rows, leaf.fragment)
        if stats is not None:
            name = self._watermarks[leaf.position]
            walk.seen[name] = walk.seen[name].merge(stats) if name in walk.seen else stats

    # ---- stages ----------------------------------------------------------------------------------

    def _run_stage(self, stage: StageTasks, stores: Sequence[Mapping[str, Store]], walk: _Walk) -> None:
        operator = stage.operator
        shares = self._exchanged(stage, len(stores), walk)
        told = walk.record.operators[operator.name]
        times = BatchTimes(told.late_ms * 1000, told.evict_ms * 1000, walk.record.batch_time_ms * 1000)

        def partition(number: int) -> Callable[[Slot], tuple[OperatorResult, Views]]:
            def run(slot: Slot) -> tuple[OperatorResult, Views]:
                started, kept = perf_counter(), stores[number]
                views = {name: store.view for name, store in kept.items()}
                result = operator.run(shares[number], views, times, slot_engine(slot))
                computed = perf_counter()
                staged = {
                    name: store.stage(result.changes[name], walk.record.batch_id)
                    for name, store in kept.items()
                }
                result.metrics.update_seconds = computed - started
                result.metrics.write_seconds = perf_counter() - computed
                return result, staged

            return run

        done = self._slots.run([partition(n) for n in range(len(stores))], name=f"{self._name}: state")
        walk.outputs[operator.name] = [result.output for result, _ in done]
        walk.views[operator.name] = [views for _, views in done]
        walk.metrics[operator.name] = sum((result.metrics for result, _ in done), OperatorMetrics())

    def _exchanged(self, stage: StageTasks, partitions: int, walk: _Walk) -> list[list[pa.Table]]:
        """What the fragments of all ports give: for each partition of the state its rows, by port."""
        feeding = [self._feeding(port.inputs, walk) for port in stage.ports]
        tasks = [task for port in feeding for task in port]
        done = iter(self._slots.run(tasks, name=self._name) if tasks else [])
        shares: list[list[pa.Table]] = [[] for _ in range(partitions)]
        for port, feeds in zip(stage.ports, feeding, strict=True):
            found = [next(done) for _ in feeds]
            for read in found:
                self._count(read, port.port, walk)
            for share, rows in zip(shares, _split(port.port, found, partitions), strict=True):
                share.append(rows)
        return shares

    # ---- output ----------------------------------------------------------------------------------

    def _write_output(self, walk: _Walk) -> list[_Written]:
        reading = self._reading(self._tasks.output, walk)
        tasks = [self._and_write(found.task, number, walk) for number, found in enumerate(reading)]
        if not tasks:
            return []
        written = self._slots.run(tasks, name=f"{self._name}: output" if walk.outputs else self._name)
        for one in written:
            if one.read is not None:
                self._count(one.read, None, walk)
        return written

    def _and_write(self, task: _ReadTask, partition: int, walk: _Walk) -> Callable[[Slot], _Written]:
        def run(slot: Slot) -> _Written:
            found = task(slot)
            output = conform(found.rows, self._query.output_schema)
            message = self._sink.write(output, partition, walk.record.batch_id)
            # The rows are written: what is kept of them is their number.
            return _Written(message, output.num_rows, replace(found, rows=found.rows.slice(0, 0)))

        return run


def watermark_names(leaves: Sequence[LeafTasks]) -> dict[int, str]:
    """Leaf position -> name of its watermark; leaves below one `withWatermark` share it.

    The name says which sources are below: another set of sources begins to look for event times anew.
    """
    marks = {leaf.position: leaf.fragment.watermark for leaf in leaves}
    columns = {place: mark.event_time.id for place, mark in marks.items() if mark is not None}
    below: dict[int, list[str]] = {}
    for leaf in leaves:
        if leaf.position in columns:
            below.setdefault(columns[leaf.position], []).append(leaf.reader.name)
    return {place: "+".join(sorted(below[column])) for place, column in columns.items()}


def _split(port: Port, found: Sequence[InputRows], partitions: int) -> list[pa.Table]:
    if not found:
        return [port.no_rows()] * partitions
    return port.split([read.rows for read in found], partitions)


def _leaf_task(
    leaf: LeafTasks, partition: Any, values: BatchValues, threads: int
) -> Callable[[Slot], InputRows]:
    return lambda slot: leaf.run(partition, values, slot, threads)


def _stage_task(source: StageRows, rows: pa.Table, values: BatchValues) -> Callable[[Slot], InputRows]:
    return lambda slot: InputRows(None, source.run(rows, values, slot_engine(slot)), 0)


def _together(seen: Mapping[str, EventTimeStats]) -> EventTimeStats | None:
    found = list(seen.values())
    if not found:
        return None
    merged = found[0]
    for stats in found[1:]:
        merged = merged.merge(stats)
    return merged
