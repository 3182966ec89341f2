"""The tasks of a micro-batch, as values: rows through a fragment, rows into an operator's state.

What all tasks of a fragment or of an operator have in common is shared (`streamcore.execution.tasks`); a
task adds what is of its batch and its partition.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import pyarrow as pa

from streamcore.duck.quoting import identifier
from streamcore.duck.results import conform
from streamcore.duck.statements import Statement
from streamcore.execution.engines import engine_of, slot_engine
from streamcore.execution.partitions import ReadsPartitions, is_small, partition_input
from streamcore.plan.observation import EVENT_TIMES
from streamcore.streaming.stateful.event_time import stats_of_partials

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from streamcore.duck.engine import SlotEngine
    from streamcore.execution.stores.warm import StoreRef, StoreState, WarmStores
    from streamcore.execution.tasks import Shared
    from streamcore.plan.observed_rows import ObservedLayout
    from streamcore.plan.stages import Fragment
    from streamcore.spi.kept import Keeper
    from streamcore.spi.types import StructType
    from streamcore.streaming.fragments import FragmentSql
    from streamcore.streaming.stateful.operator import (
        BatchTimes,
        ModelReport,
        OperatorMetrics,
        Port,
        StatefulOperator,
    )
    from streamcore.streaming.stream_sink import StreamSink
    from streamcore.streaming.watermark import EventTimeStats


Tables: TypeAlias = "Mapping[str, pa.Table]"
Observed: TypeAlias = "Mapping[int, pa.Table]"
"""Place in the plan -> the row of what was measured there."""

# ---- what a fragment reads -----------------------------------------------------------------------


@dataclass(frozen=True)
class Computed:
    """What a fragment has made of its input; `observed` is what was measured at places of the plan."""

    rows: pa.Table
    rows_read: int = 0
    observed: Observed = field(default_factory=dict)

    @property
    def event_times(self) -> EventTimeStats | None:
        """Those that reached `withWatermark`, where they are observed there."""
        seen = self.observed.get(EVENT_TIMES)
        return None if seen is None else stats_of_partials(seen, 0)


def _computed(rows: pa.Table, rows_read: int, layout: ObservedLayout | None) -> Computed:
    """The rows of a fragment, without what was observed, and this."""
    if layout is None:
        return Computed(rows, rows_read)
    kept, measured = layout.taken_apart(rows)
    return Computed(kept, rows_read, dict(measured))


class FragmentCode(Protocol):
    """What the tasks of one fragment have in common."""

    def compute(self, read: Any, sql: FragmentSql, statics: Tables, threads: int, place: Keeper) -> Computed:
        """The fragment over one part of its input and the static tables, on so many cores."""


@dataclass(frozen=True)
class LeafCode:
    """A fragment over the partitions of a source.

    key, columns, schema
        The relation that stands for a partition in the text, its columns, and the source's schema.
    observed
        Where what is observed stands in the rows; None when nothing is.
    picked
        The positions of the fragment's columns in `columns` where it only chooses some; None when its text
        must run.
    """

    key: str
    columns: Sequence[str]
    schema: StructType
    reader: ReadsPartitions
    observed: ObservedLayout | None
    picked: Sequence[int] | None = None

    def compute(self, read: Any, sql: FragmentSql, statics: Tables, threads: int, place: Keeper) -> Computed:
        """See `FragmentCode.compute`; `read` is a partition of the source."""
        engine = engine_of(place, threads)
        rows, rows_read = self._rows(read, sql, statics, engine)
        return _computed(rows, rows_read, self.observed)

    def _rows(
        self, partition: Any, sql: FragmentSql, statics: Tables, engine: SlotEngine
    ) -> tuple[pa.Table, int]:
        """The fragment's rows, and how many were read."""
        found = partition_input(self.key, self.reader, partition, self.schema, self.columns)
        if found.tables and self.picked is not None:
            (table,) = found.tables.values()
            return self._chosen(table).select(self.picked), table.num_rows
        names = _by_name(statics)

        def fast(scan: str) -> str:
            return sql.over({**names, self.key: scan}, careful=False)

        def careful() -> Statement:
            scan = found.carefully()
            return Statement(sql.over({**names, self.key: scan.sql}, careful=True), scan.inputs)

        if found.tables:
            rows = engine.run(fast(found.sql), {**found.tables, **statics}, careful)
            return rows, sum(table.num_rows for table in found.tables.values())
        if found.split is not None and is_small(partition):
            read = f"{self.key} as read"
            text = fast(f"({found.split.over(identifier(read))})")
            return engine.run_split(found.split.rows, read, text, statics, careful)
        return engine.run_counting(fast(found.sql), statics, careful)

    def _chosen(self, table: pa.Table) -> pa.Table:
        """The columns of the relation: all by position, or some by their names, which differ then."""
        return table if table.num_columns == len(self.columns) else table.select(self.columns)


@dataclass(frozen=True)
class StageCode:
    """A fragment over the rows of a stage.

    names
        What the text calls the stage's columns; rows may have more behind them.
    picked
        The positions of the fragment's columns where it only chooses columns; None when its text must run.
    observed
        Where what is observed stands in the rows; None when nothing is.
    """

    key: str
    names: Sequence[str]
    picked: Sequence[int] | None
    observed: ObservedLayout | None

    def compute(self, read: Any, sql: FragmentSql, statics: Tables, threads: int, place: Keeper) -> Computed:
        """See `FragmentCode.compute`; `read` are pieces of the stage's rows."""
        rows = together(read)
        if self.picked is not None:
            return Computed(rows.select(self.picked))
        named = rows.select(range(len(self.names))).rename_columns(self.names)
        text = sql.over(_by_name([self.key, *statics]), careful=True)
        return _computed(slot_engine(place).run(text, {self.key: named, **statics}), 0, self.observed)


def _by_name(keys: Iterable[str]) -> dict[str, str]:
    return {key: identifier(key) for key in keys}


def together(pieces: Sequence[pa.Table]) -> pa.Table:
    """Pieces of one table, one behind another."""
    return pieces[0] if len(pieces) == 1 else pa.concat_tables(pieces)


# ---- where a fragment's rows go ------------------------------------------------------------------


@dataclass(frozen=True)
class Delivered:
    """What has become of a task's rows: pieces, one for each partition, or the sink's message."""

    rows: int
    pieces: Sequence[pa.Table] = ()
    message: Any = None
    event_times: EventTimeStats | None = None
    observed: Observed = field(default_factory=dict)


class Delivery(Protocol):
    """Where the rows of a task go."""

    def deliver(self, computed: Computed) -> Delivered:
        """Hands them on."""


@dataclass(frozen=True)
class PortOfStage:
    """What the tasks that feed a port by one fragment have in common."""

    port: Port
    fragment: Fragment


@dataclass(frozen=True)
class ToPort:
    """An exchange: the rows in pieces by their keys, one for each partition of the operator's state."""

    to: Shared[PortOfStage]
    partitions: int

    def deliver(self, computed: Computed) -> Delivered:
        """See `Delivery.deliver`."""
        port, fragment = self.to.value.port, self.to.value.fragment
        seen = computed.event_times if fragment.observes_apart else port.event_times(computed.rows, fragment)
        pieces = port.split([computed.rows], self.partitions)
        return Delivered(computed.rows.num_rows, pieces, None, seen, computed.observed)


@dataclass(frozen=True)
class SinkOfQuery:
    """Where a query's rows go."""

    sink: StreamSink
    schema: pa.Schema


@dataclass(frozen=True)
class ToSink:
    """The rows of one partition of a batch, written under a name of this attempt."""

    to: Shared[SinkOfQuery]
    partition: int
    batch_id: int

    def deliver(self, computed: Computed) -> Delivered:
        """See `Delivery.deliver`."""
        rows = conform(computed.rows, self.to.value.schema)
        message = self.to.value.sink.write(rows, self.partition, self.batch_id)
        return Delivered(rows.num_rows, (), message, computed.event_times, computed.observed)


# ---- tasks ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FragmentDone:
    """What a fragment's task gives; `rows_read` counts rows of a source."""

    rows_read: int
    delivered: Delivered


@dataclass(frozen=True)
class FragmentTask:
    """One part of a fragment's input, through the fragment, to where its rows go.

    read
        A partition of a source, or pieces of a stage's rows.
    statics
        The tables that it reads besides.
    threads
        How many cores it may use.
    """

    code: Shared[FragmentCode]
    sql: FragmentSql
    read: Any
    statics: Mapping[str, Shared[pa.Table]]
    delivery: Delivery
    threads: int = 1

    def run(self, place: Keeper) -> FragmentDone:
        """See `streamcore.execution.tasks.Task`."""
        statics = {key: shared.value for key, shared in self.statics.items()}
        computed = self.code.value.compute(self.read, self.sql, statics, self.threads, place)
        return FragmentDone(computed.rows_read, self.delivery.deliver(computed))


@dataclass(frozen=True)
class OperatorDone:
    """What an operator's task gives: rows for what follows, and its stores as they are after the batch."""

    rows: pa.Table
    states: Mapping[str, StoreState]
    metrics: OperatorMetrics
    model: ModelReport | None = None


@dataclass(frozen=True)
class OperatorTask:
    """One batch of a stateful operator over one partition of its state.

    ports
        For each input of the operator the pieces of its rows.
    stores
        By name, each at the version that the batch begins with.
    """

    operator: Shared[StatefulOperator]
    warm: Shared[WarmStores]
    ports: Sequence[Sequence[pa.Table]]
    stores: Mapping[str, StoreRef]
    times: BatchTimes
    batch_id: int

    def run(self, place: Keeper) -> OperatorDone:
        """See `streamcore.execution.tasks.Task`; the stores' files are written, and count when committed."""
        operator, warm, started = self.operator.value, self.warm.value, perf_counter()
        stores = {name: warm.at(ref, operator.stores[name]) for name, ref in self.stores.items()}
        inputs = [
            together(pieces) if pieces else port.no_rows()
            for port, pieces in zip(operator.ports, self.ports, strict=True)
        ]
        views = {name: store.view for name, store in stores.items()}
        result = operator.run(inputs, views, self.times, slot_engine(place))
        computed = perf_counter()
        states = {name: store.stage(result.changes[name], self.batch_id) for name, store in stores.items()}
        result.metrics.update_seconds = computed - started
        result.metrics.write_seconds = perf_counter() - computed
        return OperatorDone(result.output, states, result.metrics, result.model)


@dataclass(frozen=True)
class OpenStores:
    """The stores of one partition made ready before the first batch, so that damage is found at the start."""

    operator: Shared[StatefulOperator]
    warm: Shared[WarmStores]
    stores: Mapping[str, StoreRef]

    def run(self, place: Keeper) -> Mapping[str, StoreState]:
        """See `streamcore.execution.tasks.Task`."""
        layouts, warm = self.operator.value.stores, self.warm.value
        return {name: warm.at(ref, layouts[name]).state for name, ref in self.stores.items()}
