"""The SQL of an input fragment that gives its rows and, as one row more, the event times that it saw."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from streamcore.duck.quoting import identifier
from streamcore.plan.observation import OBSERVED, STATS, cut_at_watermark, observed_sql
from streamcore.plan.rules import names_in_relation
from streamcore.streaming.fragments import BatchValues, ContextFactory, FragmentSql, FragmentText, mark
from streamcore.streaming.watermark import EventTimeStats

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.plan.logical import LogicalPlan


class ObservedText:
    """As FragmentText, of a plan that is cut at its `withWatermark`.

    The rows come first, then the row with the event times; see `taken_apart`.
    """

    def __init__(self, plan: LogicalPlan, context: ContextFactory, keys: Iterable[str]) -> None:
        cut = cut_at_watermark(plan)
        keys = list(keys)
        self._below = FragmentText(cut.below, context, keys)
        self._above = FragmentText(cut.above, context, [*keys, OBSERVED])
        self._stats = FragmentText(cut.stats, context, [OBSERVED])
        self._names = ", ".join(identifier(name) for name in names_in_relation(cut.below.output))
        self.columns = len(plan.output)

    def sql(self, values: BatchValues) -> FragmentSql:
        """See `FragmentText.sql`."""
        parts = [text.sql(values) for text in (self._below, self._above, self._stats)]
        return FragmentSql(
            self._together(*(part.fast for part in parts)), self._together(*(part.careful for part in parts))
        )

    def _together(self, below: str, above: str, stats: str) -> str:
        observed = identifier(OBSERVED)
        above, stats = (text.replace(mark(OBSERVED), observed) for text in (above, stats))
        return observed_sql(f"{observed}({self._names})", below, above, stats, self.columns)


def taken_apart(rows: pa.Table, columns: int) -> tuple[pa.Table, EventTimeStats | None]:
    """A fragment's rows, which have so many columns, and the event times that they came with."""
    count = rows.column(columns + 3)
    last = rows.num_rows - 1
    if not count[last].is_valid:
        last = pc.index(pc.is_valid(count), value=True).as_py()
    found = [rows.column(columns + place)[last].as_py() for place in range(len(STATS))]
    kept = rows.select(range(columns))
    alone = kept.slice(0, last) if last == rows.num_rows - 1 else kept.filter(pc.is_null(count))
    return alone, EventTimeStats(*map(int, found)) if found[3] else None
