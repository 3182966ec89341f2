"""One micro-batch: from its logged intent to staged output, new state and a commit record."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from streamcore.checkpoint.records import CommitBody, OffsetRecord
from streamcore.checkpoint.state_files import StateFile
from streamcore.duck.results import conform
from streamcore.sql.execution.engines import slot_engine
from streamcore.streaming.fragments import BatchValues
from streamcore.streaming.input_tasks import InputRows, LeafTasks, threads_per_task
from streamcore.streaming.output_fragment import OutputFragment
from streamcore.streaming.progress import Stopwatch
from streamcore.streaming.stateful.operator import BatchTimes, OperatorMetrics, OperatorResult
from streamcore.streaming.watermark import EventTimeStats, WatermarkState

if TYPE_CHECKING:
    from streamcore.execution.stores.store import Store
    from streamcore.execution.stores.view import StoreView
    from streamcore.plan.incremental import LeafFragment
    from streamcore.scheduler.slots import Slot, ThreadSlots
    from streamcore.streaming.definition import QueryDefinition
    from streamcore.streaming.fragments import ContextFactory
    from streamcore.streaming.stream_sink import StreamSink


@dataclass
class BatchOutcome:
    """What one attempt of a batch staged; nothing of it is visible yet."""

    messages: list[Any]
    views: list[StoreView]
    watermark: WatermarkState
    source_rows: dict[str, int]
    output_rows: int
    event_times: EventTimeStats | None = None
    metrics: OperatorMetrics = field(default_factory=OperatorMetrics)

    @property
    def state_files(self) -> tuple[StateFile, ...]:
        """All that make up the state after the batch."""
        return tuple(run.file for view in self.views for run in view.runs)

    def commit_body(self, query_id: str, record: OffsetRecord) -> CommitBody:
        """What the sink stores beside the rows."""
        return CommitBody(
            query_id=query_id,
            batch_id=record.batch_id,
            state=self.state_files,
            next_watermark_ms=self.watermark.global_ms,
            watermarks=self.watermark.operators,
            # Every operator of today puts out rows up to the watermark by which it closes state.
            watermark_out={id_: told.evict_ms for id_, told in record.operators.items()},
            source_rows=self.source_rows,
            output_rows=self.output_rows,
        )


@dataclass
class _Written:
    """What one output task did."""

    message: Any
    rows: int


class MicroBatch:
    """Runs batches of one query over its slots; holds no progress of its own."""

    def __init__(
        self,
        query: QueryDefinition,
        contexts: ContextFactory,
        leaves: Sequence[LeafTasks],
        statics: Mapping[str, pa.Table],
        sink: StreamSink,
        slots: ThreadSlots,
    ) -> None:
        self._query = query
        self._leaves = leaves
        self._sink = sink
        self._slots = slots
        self._name = query.name or "streaming query"
        self._output = None if query.operator is None else OutputFragment(query, contexts, statics)
        self._watermarks = watermark_names([leaf.fragment for leaf in leaves])
        self._delays = {
            self._watermarks[leaf.position]: leaf.fragment.watermark.delay_ms
            for leaf in leaves
            if leaf.fragment.watermark is not None
        }

    def run(
        self,
        record: OffsetRecord,
        stores: Sequence[Store],
        watermark: WatermarkState,
        watch: Stopwatch,
    ) -> BatchOutcome:
        """Computes the batch and stages its rows and state; on an error everything staged is discarded."""
        values = BatchValues(record.batch_id, record.batch_time_ms)
        started = perf_counter()
        tasks = self._input_tasks(record, values)
        watch.add("getBatch", perf_counter() - started)
        started = perf_counter()
        try:
            if self._query.operator is None:
                return self._run_stateless(tasks, record.batch_id, watermark)
            return self._run_stateful(tasks, record, values, stores, watermark)
        finally:
            watch.add("addBatch", perf_counter() - started)

    # ---- input -----------------------------------------------------------------------------------

    def _input_tasks(self, record: OffsetRecord, values: BatchValues) -> list[Callable[[Slot], InputRows]]:
        parts: list[tuple[LeafTasks, Any]] = []
        for leaf in self._leaves:
            span = record.sources[leaf.reader.name]
            if span.start != span.end:
                parts += [(leaf, part) for part in leaf.reader.partitions(span.start, span.end)]
        threads = threads_per_task([part for _, part in parts], self._slots.slots)
        return [
            _input_task(leaf, part, BatchValues(values.batch_id, values.batch_time_ms, number), threads)
            for number, (leaf, part) in enumerate(parts)
        ]

    def _rows_by_source(self, inputs: Sequence[InputRows]) -> dict[str, int]:
        rows = {leaf.reader.name: 0 for leaf in self._leaves}
        for found in inputs:
            rows[self._leaves[found.leaf].reader.name] += found.rows_read
        return rows

    # ---- without state ---------------------------------------------------------------------------

    def _run_stateless(
        self, tasks: Sequence[Callable[[Slot], InputRows]], batch_id: int, watermark: WatermarkState
    ) -> BatchOutcome:
        writing = [self._and_write(task, number, batch_id) for number, task in enumerate(tasks)]
        done: list[tuple[InputRows, _Written]] = self._slots.run(writing, name=self._name)
        inputs, written = [i for i, _ in done], [w for _, w in done]
        return BatchOutcome(
            messages=[w.message for w in written],
            views=[],
            watermark=watermark,
            source_rows=self._rows_by_source(inputs),
            output_rows=sum(w.rows for w in written),
        )

    def _and_write(
        self, task: Callable[[Slot], InputRows], partition: int, batch_id: int
    ) -> Callable[[Slot], tuple[InputRows, _Written]]:
        def run(slot: Slot) -> tuple[InputRows, _Written]:
            found = task(slot)
            written = self._write(found.rows, partition, batch_id)
            return replace(found, rows=found.rows.slice(0, 0)), written

        return run

    def _write(self, rows: pa.Table, partition: int, batch_id: int) -> _Written:
        output = conform(rows, self._query.output_schema)
        return _Written(self._sink.write(output, partition, batch_id), output.num_rows)

    # ---- with state ------------------------------------------------------------------------------

    def _run_stateful(
        self,
        tasks: Sequence[Callable[[Slot], InputRows]],
        record: OffsetRecord,
        values: BatchValues,
        stores: Sequence[Store],
        watermark: WatermarkState,
    ) -> BatchOutcome:
        operator = self._query.operator
        assert operator is not None
        inputs = self._slots.run(tasks, name=self._name) if tasks else []
        seen = self._event_times(inputs)
        shares = self._shares(inputs, len(stores))
        told = record.operators[operator.name]
        times = BatchTimes(told.late_ms * 1000, told.evict_ms * 1000)

        def partition(number: int) -> Callable[[Slot], tuple[OperatorResult, StoreView]]:
            def run(slot: Slot) -> tuple[OperatorResult, StoreView]:
                started, store = perf_counter(), stores[number]
                result = operator.run(store.view, shares[number], times, slot_engine(slot))
                computed = perf_counter()
                staged = store.stage(result.change, record.batch_id)
                result.metrics.update_seconds = computed - started
                result.metrics.write_seconds = perf_counter() - computed
                return result, staged

            return run

        results = self._slots.run([partition(n) for n in range(len(stores))], name=f"{self._name}: state")
        written = self._write_output([r.output for r, _ in results], values)
        return BatchOutcome(
            messages=[w.message for w in written],
            views=[view for _, view in results],
            watermark=watermark.advanced(seen, self._delays, self._query.watermark_policy),
            source_rows=self._rows_by_source(inputs),
            output_rows=sum(w.rows for w in written),
            event_times=_together(seen),
            metrics=sum((r.metrics for r, _ in results), OperatorMetrics()),
        )

    def _shares(self, inputs: Sequence[InputRows], partitions: int) -> list[pa.Table]:
        operator = self._query.operator
        assert operator is not None
        if not inputs:
            return [operator.no_rows()] * partitions
        return operator.split([found.rows for found in inputs], partitions)

    def _event_times(self, inputs: Sequence[InputRows]) -> dict[str, EventTimeStats]:
        operator = self._query.operator
        assert operator is not None
        seen: dict[str, EventTimeStats] = {}
        for found in inputs:
            leaf = self._leaves[found.leaf]
            apart = leaf.fragment.observes_apart
            stats = found.event_times if apart else operator.event_times(found.rows, leaf.fragment)
            if stats is not None:
                name = self._watermarks[leaf.position]
                seen[name] = seen[name].merge(stats) if name in seen else stats
        return seen

    def _write_output(self, outputs: list[pa.Table], values: BatchValues) -> list[_Written]:
        fragment = self._output
        assert fragment is not None
        if fragment.needs_all_rows:
            outputs = [pa.concat_tables(outputs)]

        def task(number: int) -> Callable[[Slot], _Written]:
            of_partition = BatchValues(values.batch_id, values.batch_time_ms, number)

            def run(slot: Slot) -> _Written:
                rows = fragment.run(outputs[number], of_partition, slot_engine(slot))
                return self._write(rows, number, values.batch_id)

            return run

        return self._slots.run([task(n) for n in range(len(outputs))], name=f"{self._name}: output")


def watermark_names(fragments: Sequence[LeafFragment]) -> dict[int, str]:
    """Leaf position -> name of its watermark; leaves below one `withWatermark` share it."""
    columns = [f.watermark.event_time.id for f in fragments if f.watermark is not None]
    order = {column: f"watermark-{n}" for n, column in enumerate(dict.fromkeys(columns))}
    return {n: order[f.watermark.event_time.id] for n, f in enumerate(fragments) if f.watermark is not None}


def _input_task(
    leaf: LeafTasks, partition: Any, values: BatchValues, threads: int
) -> Callable[[Slot], InputRows]:
    return lambda slot: leaf.run(partition, values, slot, threads)


def _together(seen: Mapping[str, EventTimeStats]) -> EventTimeStats | None:
    found = list(seen.values())
    if not found:
        return None
    merged = found[0]
    for stats in found[1:]:
        merged = merged.merge(stats)
    return merged
