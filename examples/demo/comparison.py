"""What was produced beside what arrived, window by window."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from demo.events import WINDOW_MS

Views = Mapping[tuple[int, str], int]
"""Views by (window start in ms, campaign)."""

_SHOWN = 12


@dataclass(frozen=True)
class Comparison:
    """The right answer, and the two that arrived.

    A window is closed when the watermark has passed its end: then Parquet must have it.  Before that
    Parquet must not have it, and the database holds its newest count.
    """

    produced: Views
    parquet: Views
    database: Views
    watermark_ms: int

    def is_closed(self, start: int) -> bool:
        """Whether the watermark has passed the end of the window."""
        return start + WINDOW_MS <= self.watermark_ms

    @property
    def differences(self) -> list[str]:
        """One sentence for every count that is wrong; empty when all are right."""
        closed = {key: count for key, count in self.produced.items() if self.is_closed(key[0])}
        return [
            *_differences("Parquet", closed, self.parquet),
            *_differences("database", self.produced, self.database),
        ]

    @property
    def compared(self) -> int:
        """How many counts were compared."""
        return len(self.produced) + sum(1 for start, _ in self.produced if self.is_closed(start))

    def table(self) -> str:
        """Return the newest windows, one per line, and the sum over all of them."""
        sums = [_by_window(views) for views in (self.produced, self.parquet, self.database)]
        starts = sorted(set().union(*sums))
        lines = [f"{'window (event time, UTC)':<26}{'produced':>10}{'Parquet':>10}{'database':>10}"]
        if len(starts) > _SHOWN:
            lines.append(f"... {len(starts) - _SHOWN} earlier windows")
        lines += [self._line(start, [found.get(start) for found in sums]) for start in starts[-_SHOWN:]]
        lines.append(_row("all windows", [sum(found.values()) for found in sums]))
        return "\n".join(lines)

    def _line(self, start: int, counts: Iterable[int | None]) -> str:
        suffix = "" if self.is_closed(start) else "   open: waits in the state for its watermark"
        return _row(f"{_clock(start)} - {_clock(start + WINDOW_MS)}", counts) + suffix


def from_rows(rows: Iterable[tuple[datetime, str, int]]) -> Counter[tuple[int, str]]:
    """Return views from rows of (window start, campaign, views); a row that comes twice counts twice."""
    found: Counter[tuple[int, str]] = Counter()
    for start, campaign, views in rows:
        in_utc = start.replace(tzinfo=UTC) if start.tzinfo is None else start
        found[int(in_utc.timestamp() * 1000), campaign] += views
    return found


def _differences(where: str, expected: Views, found: Views) -> list[str]:
    return [
        f"{where}: {campaign} in {_clock(start)}: expected {expected.get((start, campaign), 0)}, "
        f"found {found.get((start, campaign), 0)}"
        for start, campaign in sorted({*expected, *found})
        if expected.get((start, campaign)) != found.get((start, campaign))
    ]


def _by_window(views: Views) -> dict[int, int]:
    sums: dict[int, int] = defaultdict(int)
    for (start, _), count in views.items():
        sums[start] += count
    return sums


def _row(label: str, counts: Iterable[int | None]) -> str:
    return f"{label:<26}" + "".join(f"{'-' if count is None else f'{count:,}':>10}" for count in counts)


def _clock(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%H:%M:%S")
