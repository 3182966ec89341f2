"""Programs drawn from a grammar, over histories with restarts and crashes drawn too, against the batch query.

However rows come in batches and partitions, wherever drivers stop in order or die between two steps of the
protocol: what a stream has put out when all windows are closed is what the batch query gives from scratch.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamcore import Session
from streamcore.execution.stores.repartitioning import REPARTITION
from streamcore.spi import steps
from streamcore.streaming.definition import STATE_PARTITIONS
from streamcore.testing.stepped_query import SteppedQuery
from streamcore.testing.stream_test import SimulatedCrash
from tests.oracle.streaming.arrivals import Arrivals
from tests.oracle.streaming.ask_pyspark import plain
from tests.oracle.streaming.grammar import (
    LATEST,
    OF_A_JOIN,
    OF_A_UNION,
    OF_ONE_STREAM,
    PROGRAMS,
    TOTALS,
    Program,
    Totals,
)
from tests.oracle.streaming.scenarios import Row, row
from tests.oracle.streaming.test_any_split import normal

POINTS = [f"{step}:{side}" for step in (*steps.STEPS, REPARTITION) for side in ("before", "after")]
# Filters above keep either sign; no key of theirs is joined with another's before the flush.
FLUSH = [row(10 * LATEST, k, v) for k in (None, "a") for v in (1, -1)]
MEMORY = Path("/dev/shm")


@dataclass(frozen=True)
class Batch:
    """What arrives on both streams, and what then happens to the driver: nothing, a stop, or a crash."""

    left: Sequence[Row]
    right: Sequence[Row]
    after: str = ""


ROWS = st.lists(
    st.builds(
        row,
        st.none() | st.integers(0, LATEST).map(float),
        st.none() | st.sampled_from("abc"),
        st.none() | st.integers(-3, 3),
    ),
    max_size=6,
)
HISTORIES = st.lists(
    st.builds(Batch, ROWS, ROWS, st.sampled_from(["", "", "stop"]) | st.sampled_from(POINTS)),
    min_size=1,
    max_size=4,
)
STATE_PARTS = st.lists(st.integers(1, 3), min_size=1, max_size=3)
"""In how many partitions one driver after the other has the state."""


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    session = Session.builder.master("local[2]").getOrCreate().newSession()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    yield session
    session.conf.unset(STATE_PARTITIONS)


class Replay:
    """A program over a history, driver after driver, on one checkpoint.

    Every driver has the state in the next number of partitions of `state_parts`.
    """

    def __init__(
        self,
        session: Session,
        program: Program | Totals,
        parts: int,
        state_parts: Sequence[int],
        folder: str,
        mode: str = "append",
    ) -> None:
        self._session, self._program, self._folder, self._mode = session, program, folder, mode
        self._streams = [Arrivals(parts) for _ in range(program.streams)]
        self.batches: dict[int, list[Any]] = {}
        self._partitions = itertools.cycle(state_parts)
        self._query = self._started()

    def run(self, history: Sequence[Batch], flush: Sequence[Row] = FLUSH) -> None:
        """All of the history, and what closes every window after it."""
        for batch in history:
            self._arrive(batch.left, batch.right)
            self._step(batch.after)
        self._arrive(flush, flush)
        self._query.run_dry()
        self._query.close()

    def _arrive(self, *rows: Sequence[Row]) -> None:
        for stream, found in zip(self._streams, rows, strict=False):
            stream.arrive(found)

    def _step(self, after: str) -> None:
        if after in POINTS:
            self._crash_at(after)
        else:
            self._query.step()
        if after:
            self._query.close()
            self._query = self._started()

    def _crash_at(self, point: str) -> None:
        def listener(reached: str) -> None:
            if reached == point:
                steps.listen(None)
                raise SimulatedCrash(point)

        steps.listen(listener)
        try:
            self._query.step()
        except SimulatedCrash:
            pass
        finally:
            steps.listen(None)

    def _started(self) -> SteppedQuery:
        self._session.conf.set(STATE_PARTITIONS, next(self._partitions))
        frame = self._program.over([stream.to_df(self._session) for stream in self._streams])
        writer = frame.writeStream.outputMode(self._mode).foreachBatch(self._keep)
        return SteppedQuery(writer.option("checkpointLocation", self._folder))

    def _keep(self, df: Any, batch_id: int) -> None:
        """A batch that a crash has made to run again gives the same rows again."""
        rows = normal([[plain(value) for value in found] for found in df.collect()])
        assert self.batches.setdefault(batch_id, rows) == rows


def from_scratch(session: Session, program: Program | Totals, history: Sequence[Batch]) -> list[Any]:
    """What the batch query gives for all rows of the history."""
    frames = []
    for side in ("left", "right")[: program.streams]:
        together = Arrivals()
        together.arrive([found for batch in history for found in getattr(batch, side)])
        frames.append(session.createDataFrame(together.batches[0]))
    return normal([[plain(value) for value in found] for found in program.over(frames).collect()])


def check(
    session: Session, program: Program, history: Sequence[Batch], parts: int, state_parts: Sequence[int]
) -> None:
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        replay = Replay(session, program, parts, state_parts, folder)
        replay.run(history)
    put_out = [found for batch in replay.batches.values() for found in batch]
    of_history = [found for found in put_out if found[0] is None or found[0] < 5 * LATEST]
    assert normal(of_history) == from_scratch(session, program, history)


def check_totals(
    session: Session,
    totals: Totals,
    mode: str,
    history: Sequence[Batch],
    parts: int,
    state_parts: Sequence[int],
) -> None:
    """What was put out last for each group, or with the last batch, is what the batch query gives."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        replay = Replay(session, totals, parts, state_parts, folder, mode)
        replay.run(history, flush=())
    found: dict[str, Any] = {}
    for number in sorted(replay.batches):
        if mode == "complete":
            found.clear()
        found.update({repr(group[: len(totals.keys)]): group for group in replay.batches[number]})
    expected = from_scratch(session, totals, history)
    if not totals.keys and not any(batch.left for batch in history):
        expected = []  # where no source gave a partition there is nothing that a group could be made of
    assert normal(list(found.values())) == expected


PARTS = st.integers(1, 2)


@pytest.mark.timeout(600)
@settings(max_examples=40)
@given(program=OF_ONE_STREAM, history=HISTORIES, parts=PARTS, state_parts=STATE_PARTS)
def test_a_program_over_a_stream_gives_what_the_batch_query_gives(
    session: Session, program: Program, history: Sequence[Batch], parts: int, state_parts: Sequence[int]
) -> None:
    check(session, program, history, parts, state_parts)


@pytest.mark.timeout(600)
@settings(max_examples=20)
@given(program=OF_A_UNION, history=HISTORIES, parts=PARTS, state_parts=STATE_PARTS)
def test_a_program_over_a_union_of_streams_gives_what_the_batch_query_gives(
    session: Session, program: Program, history: Sequence[Batch], parts: int, state_parts: Sequence[int]
) -> None:
    check(session, program, history, parts, state_parts)


@pytest.mark.timeout(600)
@settings(max_examples=20)
@given(program=OF_A_JOIN, history=HISTORIES, parts=PARTS, state_parts=STATE_PARTS)
def test_a_program_over_a_join_of_streams_gives_what_the_batch_query_gives(
    session: Session, program: Program, history: Sequence[Batch], parts: int, state_parts: Sequence[int]
) -> None:
    check(session, program, history, parts, state_parts)


@pytest.mark.parametrize("mode", ["update", "complete"])
@pytest.mark.timeout(600)
@settings(max_examples=15)
@given(totals=TOTALS, history=HISTORIES, parts=PARTS, state_parts=STATE_PARTS)
def test_totals_that_are_corrected_end_with_what_the_batch_query_gives(
    session: Session,
    mode: str,
    totals: Totals,
    history: Sequence[Batch],
    parts: int,
    state_parts: Sequence[int],
) -> None:
    check_totals(session, totals, mode, history, parts, state_parts)


@pytest.mark.soak
@settings(max_examples=20_000)
@given(program=PROGRAMS, history=HISTORIES, parts=PARTS, state_parts=STATE_PARTS)
def test_a_program_gives_what_the_batch_query_gives_at_length(
    session: Session, program: Program, history: Sequence[Batch], parts: int, state_parts: Sequence[int]
) -> None:
    check(session, program, history, parts, state_parts)
