"""A grammar of streaming programs whose answer, once all windows have closed, is that of a batch query.

Every step takes a frame with the columns ts (event time), k, v to another such frame, so that steps can be
put in any order; what a step picks from several rows never depends on their order.  A program reads like
the query it stands for: its `repr` is what a failing test shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from streamcore.sql import functions as F

LATEST = 100
DELAY = f"{2 * LATEST} seconds"
"""No row is late under this delay."""


@dataclass(frozen=True)
class Step:
    """One call over the frame; subclasses are the words of the grammar."""

    def over(self, frame: Any) -> Any:
        raise NotImplementedError


@dataclass(frozen=True)
class Where(Step):
    condition: str

    def over(self, frame: Any) -> Any:
        return frame.where(self.condition)


@dataclass(frozen=True)
class Computed(Step):
    """Other values and keys under the same names."""

    value: str
    key: str

    def over(self, frame: Any) -> Any:
        return frame.select("ts", F.expr(self.key).alias("k"), F.expr(self.value).cast("bigint").alias("v"))


@dataclass(frozen=True)
class Exploded(Step):
    def over(self, frame: Any) -> Any:
        return frame.select("ts", "k", F.explode(F.array("v", F.col("v") * 2)).alias("v"))


@dataclass(frozen=True)
class Distinct(Step):
    """Duplicates of keys that say all that is kept of a row."""

    keys: tuple[str, ...]

    def over(self, frame: Any) -> Any:
        value = "v" if "v" in self.keys else F.lit(1).cast("bigint").alias("v")
        return frame.dropDuplicates(list(self.keys)).select("ts", "k", value)


@dataclass(frozen=True)
class DistinctWithin(Step):
    """No row is older than the watermark's delay: within it means for ever."""

    def over(self, frame: Any) -> Any:
        keys = ["ts", "k", "v"]
        return frame.dropDuplicatesWithinWatermark(keys) if frame.isStreaming else frame.dropDuplicates(keys)


@dataclass(frozen=True)
class Windows(Step):
    length: int
    slide: int
    measure: str
    by_key: bool = True

    def over(self, frame: Any) -> Any:
        window = F.window("ts", f"{self.length} seconds", f"{self.slide} seconds")
        groups = frame.groupBy(window, "k") if self.by_key else frame.groupBy(window)
        counted = groups.agg(F.expr(self.measure).cast("bigint").alias("v"))
        key = "k" if self.by_key else F.lit("all").alias("k")
        return counted.select(F.window_time("window").alias("ts"), key, "v")


@dataclass(frozen=True)
class ByTime(Step):
    """Groups of one event time, which the watermark closes as it does windows; no time is never closed."""

    measure: str

    def over(self, frame: Any) -> Any:
        return (
            frame.where("ts IS NOT NULL")
            .groupBy("ts", "k")
            .agg(F.expr(self.measure).cast("bigint").alias("v"))
        )


@dataclass(frozen=True)
class SessionsThenWindows(Step):
    """Session windows, and windows over their ends: no function gives the event time of a session."""

    gap: int
    measure: str

    def over(self, frame: Any) -> Any:
        sessions = frame.groupBy(F.session_window("ts", f"{self.gap} seconds"), "k")
        counted = sessions.agg(F.expr(self.measure).cast("bigint").alias("v"))
        windows = counted.groupBy(F.window("session_window", "20 seconds"), "k").agg(F.sum("v").alias("v"))
        return windows.select(F.window_time("window").alias("ts"), "k", "v")


@dataclass(frozen=True)
class WithStatic(Step):
    how: str

    def over(self, frame: Any) -> Any:
        static = frame.sparkSession.createDataFrame([("a", 10), ("c", 30)], "k string, w bigint")
        joined = frame.join(static, "k", self.how)
        value = "v" if self.how in ("left_semi", "left_anti") else F.expr("v + coalesce(w, 0)").alias("v")
        return joined.select("ts", "k", value)


@dataclass(frozen=True)
class Branches:
    """Steps over each of two streams, put together by a union."""

    left: tuple[Step, ...]
    right: tuple[Step, ...]

    def over(self, frames: Sequence[Any]) -> Any:
        return _over(self.left, frames[0]).union(_over(self.right, frames[1]))


_NEAR = "r.ts >= l.ts - interval 5 seconds and r.ts <= l.ts + interval 10 seconds"
_MEETING = {
    "near": f"l.k = r.k and {_NEAR}",
    "near and larger": f"l.k = r.k and {_NEAR} and l.v + r.v > 0",
    "at once": "l.k = r.k and l.ts = r.ts",
}


@dataclass(frozen=True)
class Joined:
    """Steps over each of two streams, which then meet; a row without a time would wait for ever."""

    left: tuple[Step, ...]
    right: tuple[Step, ...]
    how: str
    meeting: str

    def over(self, frames: Sequence[Any]) -> Any:
        left, right = (
            _over(steps, frame).where("ts IS NOT NULL").alias(name)
            for steps, frame, name in zip((self.left, self.right), frames, "lr", strict=True)
        )
        met = left.join(right, F.expr(_MEETING[self.meeting]), self.how)
        if self.how == "left_semi":
            return met.select("ts", "k", "v")
        kept, other = ("r", "l") if self.how == "right" else ("l", "r")
        value = F.expr(f"{kept}.v + coalesce({other}.v, 1)").alias("v")
        return met.select(f"{kept}.ts", f"{kept}.k", value)


@dataclass(frozen=True)
class Program:
    """Steps over one stream, or over what two of them give."""

    source: Branches | Joined | None
    steps: tuple[Step, ...]

    @property
    def streams(self) -> int:
        """How many streams it reads."""
        return 1 if self.source is None else 2

    def over(self, frames: Sequence[Any]) -> Any:
        """The query over one frame for each stream."""
        rows = [frame.select("ts", "k", "v").withWatermark("ts", DELAY) for frame in frames]
        first = rows[0] if self.source is None else self.source.over(rows)
        return _over(self.steps, first)


@dataclass(frozen=True)
class Totals:
    """Groups that are put out again and again as they change; each result begins with its keys."""

    steps: tuple[Step, ...]
    keys: tuple[str, ...]
    measures: tuple[str, ...]
    streams = 1

    def over(self, frames: Sequence[Any]) -> Any:
        """The query over one frame for each stream."""
        rows = _over(self.steps, frames[0].select("ts", "k", "v").withWatermark("ts", DELAY))
        keys = [F.window("ts", "20 seconds") if key == "window" else key for key in self.keys]
        measures = [F.expr(text).alias(f"m{place}") for place, text in enumerate(self.measures)]
        totals = rows.groupBy(*keys).agg(*measures)
        return totals.select(
            *(F.col("window.start") if key == "window" else key for key in self.keys),
            *(f"m{place}" for place in range(len(measures))),
        )


def _over(steps: Sequence[Step], frame: Any) -> Any:
    for step in steps:
        frame = step.over(frame)
    return frame


MEASURES = st.sampled_from(
    [
        "count(*)",
        "count(v)",
        "count(DISTINCT v)",
        "approx_count_distinct(v)",
        "median(v)",
        "sum(v)",
        "min(v)",
        "max(v)",
        "sum(v * v) - count(k)",
        "sum(v) FILTER (WHERE v > 0)",
    ]
)
STATELESS = (
    st.sampled_from([Where("v > 0"), Where("v <= 1"), Where("k = 'a' OR v IS NULL"), Exploded()])
    | st.builds(
        Computed, st.sampled_from(["v + 1", "coalesce(v, 0)", "-v"]), st.sampled_from(["k", "upper(k)"])
    )
    | st.builds(WithStatic, st.sampled_from(["inner", "left", "left_semi", "left_anti"]))
)
STATEFUL = (
    st.builds(Distinct, st.sampled_from([("ts", "k", "v"), ("ts", "k")]))
    | st.just(DistinctWithin())
    | st.builds(
        lambda size, *rest: Windows(*size, *rest),
        st.sampled_from([(10, 10), (10, 5), (30, 10)]),
        MEASURES,
        st.booleans(),
    )
    | st.builds(ByTime, MEASURES)
    | st.builds(SessionsThenWindows, st.sampled_from([2, 7]), MEASURES)
)
STEPS = st.lists(STATELESS | STATEFUL, max_size=3).map(tuple)
BRANCHES = st.builds(Branches, STEPS.map(lambda s: s[:2]), STEPS.map(lambda s: s[:2]))
JOINED = st.builds(
    Joined,
    STEPS.map(lambda s: s[:1]),
    STEPS.map(lambda s: s[:1]),
    st.sampled_from(["inner", "left", "right", "left_semi"]),
    st.sampled_from(sorted(_MEETING)),
)
OF_ONE_STREAM = st.builds(Program, st.none(), STEPS)
OF_A_UNION = st.builds(Program, BRANCHES, STEPS)
OF_A_JOIN = st.builds(Program, JOINED, STEPS)
PROGRAMS = OF_ONE_STREAM | OF_A_UNION | OF_A_JOIN
TOTALS = st.builds(
    Totals,
    st.lists(STATELESS, max_size=2).map(tuple),
    st.sampled_from([(), ("k",), ("k", "ts"), ("window",)]),
    st.lists(MEASURES, min_size=1, max_size=3, unique=True).map(tuple),
)
