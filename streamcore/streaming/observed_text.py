"""The SQL of an input fragment that gives its rows and, as one row more, the event times that it saw."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from streamcore.duck.quoting import identifier
from streamcore.plan.observation import OBSERVED, STATS, cut_at_watermark, observed_sql
from streamcore.plan.rules import names_in_relation
from streamcore.streaming.fragments import BatchValues, ContextFactory, FragmentText
from streamcore.streaming.watermark import EventTimeStats

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.plan.logical import LogicalPlan


class ObservedText:
    """As FragmentText, of a plan that is cut at its `withWatermark`."""

    def __init__(self, plan: LogicalPlan, context: ContextFactory) -> None:
        cut = cut_at_watermark(plan)
        self._below, self._above, self._stats = (
            FragmentText(part, context) for part in (cut.below, cut.above, cut.stats)
        )
        self._names = ", ".join(identifier(name) for name in names_in_relation(cut.below.output))
        self._columns = len(plan.output)

    def check(self, keys: Iterable[str]) -> None:
        """See `FragmentText.check`."""
        for text in (self._below, self._above, self._stats):
            text.check([*keys, OBSERVED])

    def sql(self, relations: Mapping[str, str], values: BatchValues, *, careful: bool) -> str:
        """See `FragmentText.sql`; the rows come first, then the row with the event times."""
        observed = identifier(OBSERVED)
        below = self._below.sql(relations, values, careful=careful)
        above = self._above.sql({**relations, OBSERVED: observed}, values, careful=careful)
        stats = self._stats.sql({OBSERVED: observed}, values, careful=careful)
        return observed_sql(f"{observed}({self._names})", below, above, stats, self._columns)

    def taken_apart(self, rows: pa.Table) -> tuple[pa.Table, EventTimeStats | None]:
        """The fragment's rows, and the event times that they came with."""
        count = rows.column(self._columns + 3)
        last = rows.num_rows - 1
        if not count[last].is_valid:
            last = pc.index(pc.is_valid(count), value=True).as_py()
        found = [rows.column(self._columns + place)[last].as_py() for place in range(len(STATS))]
        kept = rows.select(range(self._columns))
        alone = kept.slice(0, last) if last == rows.num_rows - 1 else kept.filter(pc.is_null(count))
        return alone, EventTimeStats(*map(int, found)) if found[3] else None
