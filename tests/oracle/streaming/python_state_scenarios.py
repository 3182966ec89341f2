"""Python with state over a stream: run by PySpark to learn the answer, by us to give it.

Neither engine is imported: a scenario is built with `functions` and a `Kit` of the engine's own names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from tests.oracle.streaming.scenarios import Files, one_stream, row

OUT = "k string, n long, info string"


@dataclass(frozen=True)
class Kit:
    """What an engine calls StatefulProcessor, Row, and the timeouts."""

    processor: type
    row: type
    timeouts: Any


@dataclass(frozen=True)
class Scenario:
    """As `tests.oracle.streaming.scenarios.Scenario`, over one stream.

    `seconds` pass between the steps of a scenario of processing times; `initial` are rows of k and n.
    """

    name: str
    mode: str
    build: Callable[[Any, Any, Kit, Any], Any]
    steps: Sequence[Sequence[Files]]
    seconds: int = 0
    initial: Sequence[tuple[str, int]] = ()


def answer(key: Any, n: int, *info: Any) -> Any:
    return pd.DataFrame({"k": [None if pd.isna(key) else str(key)], "n": [n], "info": [repr(info)]})


def seconds_of(frames: Any) -> list[float]:
    return sorted(t.timestamp() for frame in frames for t in frame["ts"])


# ---- applyInPandasWithState ----------------------------------------------------------------------


def counting(key: Any, frames: Any, state: Any) -> Any:
    before = state.getOption
    total = (before[0] if before else 0) + sum(len(frame) for frame in frames)
    state.update((total,))
    yield answer(key[0], total, before, state.hasTimedOut, state.exists, state.get)


def by_event_time(on_timeout: str) -> Callable[..., Any]:
    def called(key: Any, frames: Any, state: Any) -> Any:
        times = seconds_of(frames)
        info = (state.hasTimedOut, state.getOption, times, state.getCurrentWatermarkMs())
        if not state.hasTimedOut:
            if on_timeout != "keep" or not state.exists:
                state.update(((state.get[0] if state.exists else 0) + len(times),))
                if on_timeout != "sometimes" or len(times) == 1:
                    state.setTimeoutTimestamp(int(times[-1] * 1000) + 5000)
        elif on_timeout == "remove":
            state.remove()
        elif on_timeout == "again":
            state.setTimeoutTimestamp(state.getCurrentWatermarkMs() + 10000)
        elif on_timeout == "update":
            state.update((99,))
        elif on_timeout == "remove and come again":
            state.remove()
            state.setTimeoutTimestamp(state.getCurrentWatermarkMs() + 10000)
        yield answer(key[0], len(times), *info)

    return called


def by_processing_time(key: Any, frames: Any, state: Any) -> Any:
    count = sum(len(frame) for frame in frames)
    info = (state.hasTimedOut, state.getOption)
    if state.hasTimedOut:
        state.remove()
    else:
        state.update(((state.get[0] if state.exists else 0) + count,))
        state.setTimeoutDuration(12_000)
    yield answer(key[0], count, *info)


def function(called: Callable[..., Any], timeout: str, mode: str = "append") -> Callable[..., Any]:
    def build(stream: Any, F: Any, kit: Kit, initial: Any) -> Any:
        if timeout == "EventTimeTimeout":
            stream = stream.withWatermark("ts", "0 seconds")
        return stream.groupBy("k").applyInPandasWithState(
            called, OUT, "n long", mode, getattr(kit.timeouts, timeout)
        )

    return build


# ---- transformWithState --------------------------------------------------------------------------


def value(kit: Kit) -> Any:
    class Value(kit.processor):  # type: ignore[misc, name-defined]
        def init(self, handle):
            self.total = handle.getValueState("total", "n long, at timestamp")

        def handleInputRows(self, key, rows, timerValues):
            before, count, newest = self.total.get(), 0, None
            for frame in rows:
                count, newest = count + len(frame), frame["ts"].max()
            total = (before[0] if before else 0) + count
            if total >= 4:
                self.total.clear()
            else:
                self.total.update((total, newest))
            yield answer(key[0], total, before, self.total.exists(), timerValues.getCurrentWatermarkInMs())

    return Value()


def lists(kit: Kit) -> Any:
    class Lists(kit.processor):  # type: ignore[misc, name-defined]
        def init(self, handle):
            self.seen = handle.getListState("seen", "v long, name string")

        def handleInputRows(self, key, rows, timerValues):
            before = list(self.seen.get())
            for frame in rows:
                for v in sorted(frame["v"]):
                    self.seen.appendValue((v, f"v{v}"))
            after = list(self.seen.get())
            if len(after) > 3:
                self.seen.put(after[-1:])
            if len(after) > 4:
                self.seen.clear()
            yield answer(key[0], len(after), before, after, self.seen.exists())

    return Lists()


def maps(kit: Kit) -> Any:
    class Maps(kit.processor):  # type: ignore[misc, name-defined]
        def init(self, handle):
            self.counts = handle.getMapState("counts", "v long", "n long")

        def handleInputRows(self, key, rows, timerValues):
            before = sorted(self.counts.iterator())
            for frame in rows:
                for v in frame["v"]:
                    found = self.counts.getValue((v,))
                    self.counts.updateValue((v,), ((found[0] if found else 0) + 1,))
            if self.counts.containsKey((9,)):
                self.counts.removeKey((1,))
            if self.counts.containsKey((99,)):
                self.counts.clear()
            after = sorted(self.counts.keys()), sorted(self.counts.values()), self.counts.exists()
            yield answer(key[0], len(after[0]), before, *after)

    return Maps()


def timers(kit: Kit) -> Any:
    class Timers(kit.processor):  # type: ignore[misc, name-defined]
        def init(self, handle):
            self.handle = handle
            self.seen = handle.getValueState("seen", "n long")

        def handleInputRows(self, key, rows, timerValues):
            before = self.seen.get()
            times = seconds_of(rows)
            for at in times:
                self.handle.registerTimer(int(at * 1000) + 5000)
                self.handle.registerTimer(int(at * 1000) + 9000)
            if len(times) > 1:
                self.handle.deleteTimer(int(times[0] * 1000) + 5000)
            self.seen.update(((before[0] if before else 0) + len(times),))
            listed = sorted(self.handle.listTimers())
            yield answer(key[0], len(times), listed, timerValues.getCurrentWatermarkInMs())

        def handleExpiredTimer(self, key, timerValues, expiredTimerInfo):
            at = expiredTimerInfo.getExpiryTimeInMs()
            listed, seen = sorted(self.handle.listTimers()), self.seen.get()
            if at % 10_000 == 7000:
                self.handle.deleteTimer(at + 4000)
                self.handle.registerTimer(at + 500)
            if len(listed) == 1:
                self.seen.clear()
            yield answer(key[0], at, "timer", listed, seen, timerValues.getCurrentWatermarkInMs())

    return Timers()


def processing_timers(kit: Kit) -> Any:
    class Timers(kit.processor):  # type: ignore[misc, name-defined]
        def init(self, handle):
            self.handle = handle
            self.seen = handle.getValueState("seen", "n long")

        def handleInputRows(self, key, rows, timerValues):
            count = sum(len(frame) for frame in rows)
            before = self.seen.get()
            self.seen.update(((before[0] if before else 0) + count,))
            self.handle.registerTimer(timerValues.getCurrentProcessingTimeInMs() + 12_000)
            yield answer(key[0], count, len(list(self.handle.listTimers())))

        def handleExpiredTimer(self, key, timerValues, expiredTimerInfo):
            is_past = expiredTimerInfo.getExpiryTimeInMs() <= timerValues.getCurrentProcessingTimeInMs()
            yield answer(key[0], self.seen.get()[0], "timer", len(list(self.handle.listTimers())), is_past)

    return Timers()


def living(kit: Kit) -> Any:
    class Living(kit.processor):  # type: ignore[misc, name-defined]
        def init(self, handle):
            self.value = handle.getValueState("value", "v long", 12_000)
            self.list = handle.getListState("list", "v long", 12_000)
            self.map = handle.getMapState("map", "k long", "v long", 12_000)
            self.lasting = handle.getMapState("lasting", "k long", "v long")

        def handleInputRows(self, key, rows, timerValues):
            v = max(int(v) for frame in rows for v in frame["v"])
            before = (
                self.value.get(), list(self.list.get()), sorted(self.map.iterator()),
                self.map.containsKey((1,)), self.list.exists(), sorted(self.lasting.keys()),
            )  # fmt: skip
            self.value.update((v,))
            self.list.appendValue((v,))
            self.map.updateValue((v,), (v * 10,))
            self.lasting.updateValue((v,), (v * 10,))
            yield answer(key[0], v, *before)

    return Living()


def with_initial(kit: Kit) -> Any:
    class Initial(kit.processor):  # type: ignore[misc, name-defined]
        def init(self, handle):
            self.total = handle.getValueState("total", "n long")

        def handleInitialState(self, key, initialState, timerValues):
            self.total.update((int(initialState["n"].sum()),))

        def handleInputRows(self, key, rows, timerValues):
            before = self.total.get()
            total = (before[0] if before else 0) + sum(len(frame) for frame in rows)
            self.total.update((total,))
            yield answer(key[0], total, before)

    return Initial()


def in_rows(kit: Kit) -> Any:
    class InRows(kit.processor):  # type: ignore[misc, name-defined]
        def init(self, handle):
            self.kept = handle.getValueState(
                "kept", "n long, d date, a array<long>, m map<string, long>, s struct<x: long, y: string>"
            )

        def handleInputRows(self, key, rows, timerValues):
            import datetime as dt

            found, before = sorted(rows, key=repr), self.kept.get()
            total = (before[0] if before else 0) + len(found)
            self.kept.update((total, dt.date(2020, 1, total), [1, total], {"a": total}, (total, "y")))
            shown = [(r.k, r.v, r.ts.isoformat(), type(r).__name__) for r in found]
            yield kit.row(k=key[0], n=total, info=repr((shown, before)))

    return InRows()


def processor(
    made: Callable[[Kit], Any], time_mode: str = "None", mode: str = "Append", key: str = "k"
) -> Callable[..., Any]:
    def build(stream: Any, F: Any, kit: Kit, initial: Any) -> Any:
        if time_mode == "EventTime":
            stream = stream.withWatermark("ts", "0 seconds")
        grouped = None if initial is None else initial.groupBy("k")
        return stream.groupBy(key).transformWithStateInPandas(made(kit), OUT, mode, time_mode, grouped)

    return build


def rows_processor(stream: Any, F: Any, kit: Kit, initial: Any) -> Any:
    return stream.groupBy("k").transformWithState(in_rows(kit), OUT, "Append", "None")


def chained(stream: Any, F: Any, kit: Kit, initial: Any) -> Any:
    class Shift(kit.processor):  # type: ignore[misc, name-defined]
        def init(self, handle):
            self.seen = handle.getValueState("seen", "n long")

        def handleInputRows(self, key, rows, timerValues):
            for frame in rows:
                yield pd.DataFrame(
                    {"k": frame["k"], "at": frame["ts"] + pd.to_timedelta(frame["v"], unit="s")}
                )

    shifted = (
        stream.withWatermark("ts", "0 seconds")
        .groupBy("k")
        .transformWithStateInPandas(
            Shift(), "k string, at timestamp", "Append", "EventTime", eventTimeColumnName="at"
        )
    )
    counted = shifted.groupBy(F.window("at", "10 seconds")).count()
    return counted.select("window.start", "count")


COUNTED = one_stream(
    [row(1, "a"), row(2, "b"), row(3, "a")], [row(1, "a")], [row(2, "c"), row(3, "a", 2)], [row(1, "a")]
)
TIMED = one_stream(
    [row(1, "a"), row(2, "b")],
    [row(6, "c")],
    [row(7, "c")],
    [row(5, "a")],  # late
    [row(30, "z")],
    [row(45, "z"), row(46, "z")],
    [row(46, "a", 2)],
    [row(60, "y")],
)
VALUES = one_stream(
    [row(1, "a", 1), row(2, "b", 2), row(3, "a", 2)],
    [row(1, "a", 1), row(2, "b", 9)],
    [row(2, "c", 3), row(3, "a", 9), row(3, "b", 1)],
    [row(1, "a", 5), row(1, "a", 6), row(1, "b", 99)],
    [row(1, "a", 1), row(1, "b", 1)],
)
PASSING = [*one_stream([row(1, "a", 1), row(2, "b", 1)], [row(1, "a", 2)], [], [row(1, "b", 3)], [], [])]
REMEMBERED = one_stream([row(1, "a", 1)], [row(1, "a", 2)], [row(1, "a", 3)], [], [row(1, "a", 4)])

SCENARIOS = [
    Scenario("function, no timeout", "update", function(counting, "NoTimeout", "update"), COUNTED),
    Scenario("function, no timeout, append", "append", function(counting, "NoTimeout"), COUNTED),
    *(
        Scenario(
            f"function, event time, {how}", "append", function(by_event_time(how), "EventTimeTimeout"), TIMED
        )
        for how in ("remove", "again", "update", "nothing", "keep", "sometimes", "remove and come again")
    ),
    Scenario(
        "function, processing time", "append", function(by_processing_time, "ProcessingTimeTimeout"),
        PASSING, seconds=8,
    ),
    Scenario("value", "update", processor(value, mode="Update"), VALUES),
    Scenario("value, append", "append", processor(value), VALUES),
    Scenario("value, numeric key", "append", processor(value, key="v"), VALUES),
    Scenario("value, late rows", "append", processor(value, "EventTime"), TIMED),
    Scenario("list", "append", processor(lists), VALUES),
    Scenario("map", "append", processor(maps), VALUES),
    Scenario("event-time timers", "append", processor(timers, "EventTime"), TIMED),
    Scenario(
        "processing-time timers", "append", processor(processing_timers, "ProcessingTime"), PASSING, seconds=8
    ),
    Scenario("time to live", "append", processor(living, "ProcessingTime"), REMEMBERED, seconds=8),
    Scenario(
        "initial state", "append", processor(with_initial), COUNTED, initial=[("a", 10), ("z", 20), ("a", 5)]
    ),
    Scenario("rows", "append", rows_processor, VALUES),
    Scenario("chain", "append", chained, one_stream(
        [row(1, "a", 1)], [row(15, "a", 0)], [row(16, "b", 2)], [row(40, "a", 0)], [row(60, "a", 0)]
    )),
]  # fmt: skip
