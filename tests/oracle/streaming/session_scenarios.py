"""Session windows: fixed and dynamic gaps, in append, update and complete mode."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tests.oracle.streaming.scenarios import HURRIED, MEASURED, Files, Scenario, one_stream, row

Build = Callable[[Sequence[Any], Any], Any]


def sessions(gap: Callable[[Any], Any], *, by_key: bool, watermark: bool = True) -> Build:
    def build(streams: Sequence[Any], F: Any) -> Any:
        rows = streams[0].withWatermark("ts", "10 seconds") if watermark else streams[0]
        keys = [F.session_window("ts", gap(F)), *(["k"] if by_key else [])]
        counted = rows.groupBy(*keys).agg(
            F.count("*").alias("n"), F.sum("v").alias("s"), F.max("x").alias("h")
        )
        return counted.select(
            "session_window.start", "session_window.end", *(["k"] if by_key else []), "n", "s", "h"
        )

    return build


def fixed(_: Any) -> str:
    return "5 seconds"


def dynamic(F: Any) -> Any:
    return F.when(F.col("k") == "a", "3 seconds").when(F.col("v") > 4, "12 seconds").otherwise("6 seconds")


def sometimes_none(F: Any) -> Any:
    return F.when(F.col("v") > 3, "8 seconds").otherwise("-1 seconds")


BRIDGED = one_stream(
    [row(1), row(8), row(3, "b"), row(20, "b")],
    [row(5), row(12, "b"), row(17)],  # 5 joins [1, 6) and [8, 13)
    [row(13), row(16, "b"), row(30)],
    [row(26), row(22, "b"), row(45, "c")],
    [row(36, "c"), row(40, "c"), row(90, "a")],
    [row(82, "a"), row(84, "b"), row(84, "b"), row(150, "z")],
    [row(200, "z")],
)

GAPS: dict[str, Callable[[Any], Any]] = {"fixed": fixed, "dynamic": dynamic, "sometimes none": sometimes_none}
INPUTS: dict[str, Sequence[Sequence[Files]]] = {"measured": MEASURED, "bridged": BRIDGED, "hurried": HURRIED}

SESSIONS = [
    *(
        Scenario(f"sessions, {gap}, {mode}: {data}", mode, sessions(GAPS[gap], by_key=True), steps)
        for gap in GAPS
        for data, steps in INPUTS.items()
        for mode in ("append", "complete")
    ),
    Scenario(
        "sessions without a watermark, complete",
        "complete",
        sessions(fixed, by_key=True, watermark=False),
        BRIDGED,
    ),
]
