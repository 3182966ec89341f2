"""The contract of a stateful operator, and the values that go in and out of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, Self, runtime_checkable

from streamcore.checkpoint.state_files import DEFAULT_STORE
from streamcore.spi.models import BatchId

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import pyarrow as pa

    from streamcore.duck.engine import SlotEngine
    from streamcore.execution.stores.layout import StoreLayout
    from streamcore.execution.stores.store import StoreChange
    from streamcore.execution.stores.view import StoreView
    from streamcore.execution.stores.warm import StoreState
    from streamcore.plan.attributes import Attribute
    from streamcore.plan.logical import LogicalPlan, Relation
    from streamcore.plan.stages import Fragment
    from streamcore.streaming.fragments import ContextFactory
    from streamcore.streaming.watermark import EventTimeStats


@dataclass(frozen=True)
class BatchTimes:
    """The two watermarks of a batch, in microseconds since the epoch.

    `late_us` drops input (its results were final before), `eviction_us` closes state.  `batch_us` is the
    logged processing time of the batch, the same in every attempt of it.  `watermark_us` is the watermark
    of the operator's input; state is closed by it, but where it expires by the processing time.  `batch`
    says which batch of which query it is.
    """

    late_us: int
    eviction_us: int
    batch_us: int = 0
    watermark_us: int = 0
    batch: BatchId = field(default_factory=lambda: BatchId("", 0))


@dataclass
class OperatorMetrics:
    """Rows that one partition updated, removed, and dropped as late in one batch, and the time it took.

    `custom` are counts of the operator's own, by the names that PySpark's `customMetrics` has for them.
    """

    updated: int = 0
    removed: int = 0
    dropped_late: int = 0
    update_seconds: float = 0.0
    write_seconds: float = 0.0
    custom: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: OperatorMetrics) -> OperatorMetrics:
        return OperatorMetrics(
            self.updated + other.updated,
            self.removed + other.removed,
            self.dropped_late + other.dropped_late,
            self.update_seconds + other.update_seconds,
            self.write_seconds + other.write_seconds,
            {
                name: self.custom.get(name, 0) + other.custom.get(name, 0)
                for name in {**self.custom, **other.custom}
            },
        )


@dataclass(frozen=True)
class ModelReport:
    """A model after a batch.

    `version` is the batch that it has last learned from, `digest` the SHA-256 of its arrays, `figures` what
    it says of itself.
    """

    version: int
    digest: str
    figures: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class OperatorResult:
    """What one partition hands on: the change to each of its stores, and the rows for what follows.

    The first columns of `output` are the operator's `output_columns`, in order.  `model` is the model that
    the partition keeps after the batch; None where it keeps none.
    """

    changes: Mapping[str, StoreChange]
    output: pa.Table
    metrics: OperatorMetrics = field(default_factory=OperatorMetrics)
    model: ModelReport | None = None


class Port(Protocol):
    """One input of an operator: what its fragments compute, and how their rows are spread."""

    def input_plan(self, fragment: Fragment) -> LogicalPlan:
        """What a fragment runs before its rows reach the operator."""

    def no_rows(self) -> pa.Table:
        """The rows of a batch that has none for this port."""

    def event_times(self, rows: pa.Table, fragment: Fragment) -> EventTimeStats | None:
        """The event times that the input fragment saw in one partition."""

    def split(self, rows: Sequence[pa.Table], partitions: int) -> list[pa.Table]:
        """The port's rows by state partition."""


class StatefulOperator(Protocol):
    """One stateful node of a plan, made for one output mode.

    `ports` are its inputs, in the order of the stage's; `stores` the layouts of its stores, by name.
    """

    name: str
    kind: str
    output_columns: tuple[Attribute, ...]

    @property
    def ports(self) -> Sequence[Port]: ...

    @property
    def stores(self) -> Mapping[str, StoreLayout]: ...

    def output_plan(self, rows: Relation) -> LogicalPlan:
        """The columns of the plan's node from `rows`, whose columns are `output_columns`."""

    def run(
        self,
        ports: Sequence[pa.Table],
        stores: Mapping[str, StoreView],
        times: BatchTimes,
        engine: SlotEngine,
    ) -> OperatorResult:
        """One batch over one partition: the rows of each port, with the stores as they were before it."""

    def watermark_out(self, watermark_ms: int) -> int:
        """The watermark of the rows that it puts out, when it has closed state by `watermark_ms`."""

    def acts_without_rows(self, before_ms: int, watermark_ms: int) -> bool:
        """Whether a batch without rows has something to do, the watermark having come from `before_ms`."""


@runtime_checkable
class ActsByClock(Protocol):
    """A stateful operator whose state may expire by the processing time of the batch."""

    @property
    def expires_by_clock(self) -> bool:
        """Whether it does: then `eviction_us` is the time of the batch, not the watermark."""

    def wakes_at_ms(self, stores: Mapping[str, StoreState]) -> int | None:
        """The earliest processing time at which one partition has something to do without rows."""


@runtime_checkable
class MarksRows(Protocol):
    """A stateful operator with stores that hold marks on the rows of others."""

    @property
    def stores_of_marks(self) -> Collection[str]:
        """Those: what they hold does not count as rows of state."""


@runtime_checkable
class TranslatesExpressions(Protocol):
    """An operator that computes expressions of the user itself, not in the fragments before or behind it."""

    def prepare(self, contexts: ContextFactory) -> None:
        """Told once, before the first batch, what such expressions mean in this query."""


class OnePortOperator:
    """What operators with one input and one store have in common; they are their own port."""

    layout: StoreLayout

    @property
    def ports(self) -> Sequence[Self]:
        """The operator itself."""
        return (self,)

    @property
    def stores(self) -> Mapping[str, StoreLayout]:
        """Its only store, under the name that it has in a checkpoint."""
        return {DEFAULT_STORE: self.layout}

    def watermark_out(self, watermark_ms: int) -> int:
        """Nothing older than what has been closed comes out."""
        return watermark_ms

    def acts_without_rows(self, before_ms: int, watermark_ms: int) -> bool:
        """Where rows of the store expire, a newer watermark closes some."""
        return self.layout.expiry_column is not None and watermark_ms > before_ms
