"""The contract of a stateful operator, and the values that go in and out of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from streamcore.duck.engine import SlotEngine
    from streamcore.execution.stores.layout import StoreLayout
    from streamcore.execution.stores.store import StoreChange
    from streamcore.execution.stores.view import StoreView
    from streamcore.plan.attributes import Attribute
    from streamcore.plan.logical import LogicalPlan, Relation
    from streamcore.plan.stages import Fragment
    from streamcore.streaming.watermark import EventTimeStats


@dataclass(frozen=True)
class BatchTimes:
    """The two watermarks of a batch, in microseconds since the epoch.

    `late_us` drops input (its results were final before), `eviction_us` closes state.
    """

    late_us: int
    eviction_us: int


@dataclass
class OperatorMetrics:
    """Rows that one partition updated, removed, and dropped as late in one batch, and the time it took."""

    updated: int = 0
    removed: int = 0
    dropped_late: int = 0
    update_seconds: float = 0.0
    write_seconds: float = 0.0

    def __add__(self, other: OperatorMetrics) -> OperatorMetrics:
        return OperatorMetrics(
            self.updated + other.updated,
            self.removed + other.removed,
            self.dropped_late + other.dropped_late,
            self.update_seconds + other.update_seconds,
            self.write_seconds + other.write_seconds,
        )


@dataclass
class OperatorResult:
    """What one partition hands on: the change to its state, and the rows for the output fragment.

    The first columns of `output` are the operator's `output_columns`, in order.
    """

    change: StoreChange
    output: pa.Table
    metrics: OperatorMetrics = field(default_factory=OperatorMetrics)


class StatefulOperator(Protocol):
    """One stateful node of a plan, made for one output mode."""

    name: str
    kind: str
    layout: StoreLayout
    output_columns: tuple[Attribute, ...]

    def input_plan(self, fragment: Fragment) -> LogicalPlan:
        """What a fragment runs before its rows reach the operator."""

    def output_plan(self, rows: Relation) -> LogicalPlan:
        """The columns of the plan's node from `rows`, whose columns are `output_columns`."""

    def no_rows(self) -> pa.Table:
        """The operator's input when a batch has none."""

    def event_times(self, rows: pa.Table, fragment: Fragment) -> EventTimeStats | None:
        """The event times that the input fragment saw in one partition."""

    def split(self, rows: Sequence[pa.Table], partitions: int) -> list[pa.Table]:
        """The operator's input by state partition."""

    def run(self, state: StoreView, rows: pa.Table, times: BatchTimes, engine: SlotEngine) -> OperatorResult:
        """One batch over one partition; `state` is not changed."""
