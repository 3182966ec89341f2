"""The watermark: how far event time has come, decided from what each micro-batch saw.

Every `withWatermark` in a plan observes the newest event time below it; its own watermark is that
minus its delay, and never goes back.  The query's watermark is the smallest of them (or the largest, by
`spark.sql.streaming.multipleWatermarkPolicy`).  A batch uses two: rows are late against the watermark of
the batch before, since results were final up to there, and state is evicted by the newer one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

POLICIES = ("min", "max")


@dataclass(frozen=True)
class EventTimeStats:
    """Event times seen in one batch, in milliseconds since the epoch."""

    min_ms: int
    max_ms: int
    sum_ms: int
    count: int

    def merge(self, other: EventTimeStats) -> EventTimeStats:
        """What both batches, or both partitions, saw together."""
        return EventTimeStats(
            min(self.min_ms, other.min_ms),
            max(self.max_ms, other.max_ms),
            self.sum_ms + other.sum_ms,
            self.count + other.count,
        )


@dataclass(frozen=True)
class WatermarkState:
    """The watermark of each operator, and the query's; milliseconds since the epoch, 0 before any data."""

    operators: Mapping[str, int] = field(default_factory=dict)
    global_ms: int = 0

    def advanced(
        self,
        observed: Mapping[str, EventTimeStats],
        delays_ms: Mapping[str, int],
        policy: str = "min",
    ) -> WatermarkState:
        """The state after a batch in which the named operators observed these event times."""
        operators = {name: self.operators.get(name, 0) for name in delays_ms}
        for name, stats in observed.items():
            operators[name] = max(operators[name], stats.max_ms - delays_ms[name])
        if not operators:
            return WatermarkState({}, self.global_ms)
        chosen = min(operators.values()) if policy == "min" else max(operators.values())
        return WatermarkState(operators, max(self.global_ms, chosen))
