"""What operators that hand groups to Python have in common.

Python is entered once for each partition and batch.  The operator looks up what its stores keep for the keys
that have rows or are due, sends it along with the rows, and makes changes of its stores from what comes back.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from streamcore.errors import QueryExecutionException
from streamcore.execution.python_workers.pool import run_python
from streamcore.execution.stores.arrays import at_most, int64_column, no_rows
from streamcore.execution.stores.blocks import HashedRows
from streamcore.execution.stores.hashing import hash_rows
from streamcore.execution.stores.ordering import distinct
from streamcore.execution.stores.store import StoreChange
from streamcore.spi.time_modes import EVENT_TIME, PROCESSING_TIME
from streamcore.spi.types import to_arrow_schema
from streamcore.streaming.stateful.event_time import expiry_us
from streamcore.streaming.stateful.groups_port import GroupsPort, key_names, struct_of
from streamcore.streaming.stateful.kept_state import KeptRows, KeptState
from streamcore.streaming.stateful.key_groups import key_groups
from streamcore.streaming.stateful.operator import BatchTimes, OperatorMetrics, OperatorResult

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.duck.engine import SlotEngine
    from streamcore.execution.python_workers.pool import Program
    from streamcore.execution.stores.layout import StoreLayout
    from streamcore.execution.stores.view import DueRows, StoreView
    from streamcore.execution.stores.warm import StoreState
    from streamcore.plan.logical import LogicalPlan, Relation, StatefulGroups


_LESS_THAN_A_MILLISECOND = 999


class PythonGroups(ABC):
    """An operator that runs a program over groups.

    `timed` is the store whose rows, when they are due, bring their keys into a batch.
    """

    timed: str

    def __init__(self, name: str, node: StatefulGroups, program: Program) -> None:
        self.name = name
        self.kind = node.function.kind
        self.output_columns = node.columns
        self.mode = node.function.time_mode
        self.rows = GroupsPort(node.child.output, node.keys, node.values)
        self.width = len(self.rows.key_schema.fields)
        self._program = program
        self._output_schema = to_arrow_schema(struct_of(node.columns))
        self._event_time = next(
            (place for place, a in enumerate(node.columns) if a.watermark_delay_ms is not None), None
        )

    @property
    @abstractmethod
    def stores(self) -> Mapping[str, StoreLayout]:
        """The layouts of the stores."""

    @property
    def ports(self) -> Sequence[GroupsPort]:
        """The rows."""
        return (self.rows,)

    def output_plan(self, rows: Relation) -> LogicalPlan:
        """The rows that the function gave."""
        return rows

    def watermark_out(self, watermark_ms: int) -> int:
        """That of the input: nothing older may come out where the result has an event time."""
        return watermark_ms

    def acts_without_rows(self, before_ms: int, watermark_ms: int) -> bool:
        """Keys may be due when the watermark has moved."""
        return self.mode == EVENT_TIME and watermark_ms > before_ms

    @property
    def expires_by_clock(self) -> bool:
        """In that time mode everything goes by the processing time."""
        return self.mode == PROCESSING_TIME

    def wakes_at_ms(self, stores: Mapping[str, StoreState]) -> int | None:
        """When the first key is due; what expires without a call goes with the next batch, whenever it is."""
        earliest = stores[self.timed].earliest_us if self.expires_by_clock else None
        return None if earliest is None else -(-earliest // 1000)

    # ---- one batch -------------------------------------------------------------------------------

    def run(
        self,
        ports: Sequence[pa.Table],
        stores: Mapping[str, StoreView],
        times: BatchTimes,
        engine: SlotEngine,
    ) -> OperatorResult:
        """Hands the groups that have rows or are due to the program."""
        times = self._with_overdue(stores, times)
        rows = self.rows.without_late(ports[0], times.late_us) if self.mode == EVENT_TIME else ports[0]
        metrics = OperatorMetrics(dropped_late=ports[0].num_rows - rows.num_rows)
        due = {
            name: view.due(times.eviction_us)
            for name, view in stores.items()
            if view.layout.expiry_column is not None
        }
        inputs = [rows, *ports[1:]]
        touching = [port.keys_of(table) for port, table in zip(self.ports, inputs, strict=True)]
        if self.timed in due:
            touching.append(due[self.timed].found.rows.select(range(self.width)))
        if not any(table.num_rows for table in touching):
            return OperatorResult(self._no_change(due), no_rows(self._output_schema), metrics)
        state = self._found(touching, stores, times, engine)
        output, *given = run_python(self._program, self.sent(state, inputs), self.arguments(times))
        changes = self.changes(given, state, due, times)
        metrics.updated = sum(len(change.put) for change in changes.values())
        metrics.removed = sum(len(change.removed) for change in changes.values())
        return OperatorResult(changes, self._not_older(output, times), metrics)

    @abstractmethod
    def sent(self, state: KeptState, inputs: Sequence[pa.Table]) -> list[pa.Table]:
        """What the program is given of the rows of all ports and the state."""

    @abstractmethod
    def arguments(self, times: BatchTimes) -> Any:
        """What the program is told of the batch."""

    @abstractmethod
    def changes(
        self, given: Sequence[pa.Table], state: KeptState, due: Mapping[str, DueRows], times: BatchTimes
    ) -> dict[str, StoreChange]:
        """The changes of the stores from what the program gave behind its rows."""

    def _with_overdue(self, stores: Mapping[str, StoreView], times: BatchTimes) -> BatchTimes:
        """The times of a batch, of which the one that state expires by has moved on to what is overdue.

        What is overdue when a batch has ended (a timer for the past, a timeout that a call has ignored) is
        kept as due a microsecond later, and so falls to the next batch although no time may have passed.
        """
        if self.timed not in stores or times.eviction_us <= 0:
            return times
        floor_us, earliest_us = stores[self.timed].floor_us, stores[self.timed].earliest_us
        # All that is due within this millisecond is overdue: what a user asks for is a whole number of them.
        last_us = times.eviction_us + _LESS_THAN_A_MILLISECOND
        moved = floor_us if earliest_us is None or earliest_us > last_us else earliest_us
        return replace(times, eviction_us=max(times.eviction_us, moved))

    def _found(
        self,
        touching: Sequence[pa.Table],
        stores: Mapping[str, StoreView],
        times: BatchTimes,
        engine: SlotEngine,
    ) -> KeptState:
        """The groups of the batch, and what every store keeps for them."""
        width = range(self.width)
        wanted = distinct(np.concatenate([hash_rows(keys, width) for keys in touching]))
        found = {name: view.lookup(wanted) for name, view in stores.items()}
        names = key_names(self.rows.key_schema)
        tables = [*touching, *(content.rows.select(width) for content in found.values())]
        groups = key_groups([table.rename_columns(names) for table in tables], engine)
        touched = 1 + max(int(n.max()) for n in groups.numbers[: len(touching)] if len(n))
        kept = {}
        for (name, content), numbers in zip(found.items(), groups.numbers[len(touching) :], strict=True):
            rows = KeptRows(stores[name].layout, content, numbers, touched)
            # What is due of the timed store is there for the program; what else has expired is gone.
            kept[name] = rows if name == self.timed else rows.lasting(times.eviction_us)
        return KeptState(groups, touched, kept)

    def _no_change(self, due: Mapping[str, DueRows]) -> dict[str, StoreChange]:
        nothing = np.zeros(0, dtype=np.uint64)
        return {
            name: StoreChange(HashedRows(nothing, no_rows(layout.schema)), due=due.get(name))
            for name, layout in self.stores.items()
        }

    def _not_older(self, rows: pa.Table, times: BatchTimes) -> pa.Table:
        """The rows as they are; an error where one of them would be late for whoever comes behind."""
        if self._event_time is None or not rows.num_rows:
            return rows
        event_us = expiry_us(rows.column(self._event_time))
        if at_most(event_us, times.late_us - 1, null_is=False).any():
            raise QueryExecutionException(
                "[EMITTING_ROWS_OLDER_THAN_WATERMARK_NOT_ALLOWED] Previous node emitted a row with eventTime="
                f"{int(np.min(int64_column(event_us)))} which is older than current_watermark_value="
                f"{times.late_us // 1000}. This can lead to correctness issues in the stateful operators "
                "downstream in the execution pipeline. SQLSTATE: 42815"
            )
        return rows
