"""Windowed aggregation under a watermark in the plainest Python: groups are lists of rows."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field

from tests.oracle.streaming.scenarios import Row

Window = tuple[float, float]
Group = tuple[Window, Hashable]
Result = dict[Group, list[Row]]


def windows_of(ts: float, length: float, slide: float) -> list[Window]:
    """The windows [start, end) that hold `ts`, all starts being multiples of `slide`."""
    start = ts // slide * slide
    found = []
    while start > ts - length:
        found.append((start, start + length))
        start -= slide
    return found


@dataclass
class WindowModel:
    """`groupBy(window(ts, length, slide), key)` over rows (ts, ...), in seconds; without ts, in no window.

    `batch` gives the groups that a micro-batch outputs, with all their rows that were not late.
    """

    mode: str
    length: float
    slide: float
    delay: float
    key: Callable[[Row], Hashable]
    groups: Result = field(default_factory=dict)
    watermark: float = 0
    evicted: float = 0

    @property
    def may_close_more(self) -> bool:
        """Whether a batch without data is run."""
        return self.mode != "complete" and self.watermark > self.evicted

    def batch(self, rows: Sequence[Row]) -> Result:
        late, closing = self.evicted, self.watermark
        touched: Result = {}
        for row in rows:
            for window in [] if row[0] is None else windows_of(row[0], self.length, self.slide):
                if self.mode == "complete" or late <= 0 or window[1] > late:
                    group = (window, self.key(row))
                    touched[group] = self.groups.setdefault(group, [])
                    touched[group].append(row)
        seen = [row[0] for row in rows if row[0] is not None]
        self.watermark = max([self.watermark, *(ts - self.delay for ts in seen)])
        self.evicted = closing
        if self.mode == "complete":
            return dict(self.groups)
        closed = {
            group: kept for group, kept in self.groups.items() if closing > 0 and group[0][1] <= closing
        }
        for group in closed:
            del self.groups[group]
        return closed if self.mode == "append" else {group: list(kept) for group, kept in touched.items()}
