"""limit over a stream: the first rows pass, how many have passed is remembered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from streamcore.checkpoint.state_files import DEFAULT_STORE
from streamcore.duck.results import conform
from streamcore.execution.stores.arrays import integers, no_rows
from streamcore.execution.stores.blocks import HashedRows
from streamcore.execution.stores.hashing import partitions_of
from streamcore.execution.stores.layout import StoreLayout
from streamcore.execution.stores.ordering import distinct
from streamcore.execution.stores.store import StoreChange
from streamcore.plan.logical import FirstRows, Limit, LogicalPlan, Relation
from streamcore.spi.types import to_arrow_type
from streamcore.streaming.stateful.operator import (
    BatchTimes,
    OnePortOperator,
    OperatorMetrics,
    OperatorResult,
)

if TYPE_CHECKING:
    from streamcore.duck.engine import SlotEngine
    from streamcore.execution.stores.view import StoreView
    from streamcore.plan.stages import Fragment
    from streamcore.streaming.watermark import EventTimeStats


class StreamingLimit(OnePortOperator):
    """The first `count` rows of a stream, in order of arrival.

    All rows meet in one partition, and its store has one row without a key: how many have passed.
    """

    kind = "globalLimit"

    def __init__(self, name: str, node: FirstRows) -> None:
        self.name = name
        self._count = node.count
        self.output_columns = node.output
        self._schema = pa.schema([pa.field(a.physical, to_arrow_type(a.data_type)) for a in node.output])
        self.layout = StoreLayout(pa.schema([pa.field("passed", pa.int64())]), ())
        self._the_only = self.layout.hashes_of(pa.table({"passed": integers([0])}))

    def input_plan(self, fragment: Fragment) -> LogicalPlan:
        """No more rows of one partition than can pass."""
        return Limit(fragment.plan, self._count)

    def output_plan(self, rows: Relation) -> LogicalPlan:
        """The rows that passed."""
        return rows

    def no_rows(self) -> pa.Table:
        """An empty table of input rows."""
        return no_rows(self._schema)

    def event_times(self, rows: pa.Table, fragment: Fragment) -> EventTimeStats | None:
        """None: the rows that pass are not all that were seen."""
        return None

    def split(self, rows: Sequence[pa.Table], partitions: int) -> list[pa.Table]:
        """All rows in the partition of the one row that is kept, in the order of the tasks that read them."""
        together = pa.concat_tables([conform(table, self._schema) for table in rows])
        (home,) = partitions_of(self._the_only, partitions)
        return [together if number == home else self.no_rows() for number in range(partitions)]

    def run(
        self,
        ports: Sequence[pa.Table],
        stores: Mapping[str, StoreView],
        times: BatchTimes,
        engine: SlotEngine,
    ) -> OperatorResult:
        """Passes what is still missing."""
        (rows,), state = ports, stores[DEFAULT_STORE]
        the_only = self._the_only
        kept = state.lookup(distinct(the_only))
        passed = kept.rows.column(0)[0].as_py() if len(kept) else 0
        output = rows.slice(0, max(0, self._count - passed))
        if not output.num_rows:
            nothing = HashedRows(the_only[:0], no_rows(self.layout.schema))
            return OperatorResult({DEFAULT_STORE: StoreChange(nothing)}, output)
        now = pa.Table.from_arrays([integers([passed + output.num_rows])], schema=self.layout.schema)
        change = StoreChange(HashedRows(the_only, now), replaced=len(kept))
        return OperatorResult({DEFAULT_STORE: change}, output, OperatorMetrics(updated=1))
