"""However rows are split, and wherever drivers restart, a processor keeps what plain Python keeps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamcore import Session
from streamcore.execution.stores import hashing
from streamcore.sql.streaming import GroupStateTimeout, StatefulProcessor
from streamcore.streaming.stateful import groups_port, key_groups, python_groups
from streamcore.testing.memory_source import MemoryStream
from streamcore.testing.stream_test import StreamTest
from tests.oracle.streaming.test_any_split import HISTORIES, History, normal, replay

OUT = "k string, n long, elements string, counts string"


@pytest.fixture(scope="module")
def session() -> Session:
    session = Session.builder.master("local[2]").getOrCreate().newSession()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    return session


@contextmanager
def few_hashes(count: int = 3) -> Iterator[None]:
    """All keys share so many hashes."""

    def colliding(rows: Any, key_columns: Any) -> Any:
        return hashing.hash_rows(rows, key_columns) % np.uint64(count)

    with pytest.MonkeyPatch.context() as patch:
        for module in (groups_port, key_groups, python_groups):
            patch.setattr(module, "hash_rows", colliding)
        yield


class Keeping(StatefulProcessor):
    """Counts a key's rows, lists their values, and counts each value; what is -5 takes all of it away."""

    def init(self, handle):
        self.count = handle.getValueState("count", "n long")
        self.elements = handle.getListState("elements", "v long")
        self.counts = handle.getMapState("counts", "v long", "n long")

    def handleInputRows(self, key, rows, timerValues):
        for frame in rows:
            for v in frame["v"]:
                self.take(None if pd.isna(v) else int(v))
        kept = [v for (v,) in self.elements.get()]
        counts = sorted(((v, n) for (v,), (n,) in self.counts.iterator()), key=repr)
        total = self.count.get()
        yield pd.DataFrame(
            {
                "k": [None if pd.isna(key[0]) else key[0]],
                "n": [total[0] if total else 0],
                "elements": [repr(kept)],
                "counts": [repr(counts)],
            }
        )

    def take(self, v):
        if v == -5:
            self.count.clear()
            self.elements.clear()
            self.counts.clear()
            return
        self.count.update(((self.count.get() or (0,))[0] + 1,))
        self.elements.appendValue((v,))
        found = self.counts.getValue((v,))
        self.counts.updateValue((v,), ((found[0] if found else 0) + 1,))
        if v == 5:
            self.counts.removeKey((4,))


def counting(key, frames, state):
    total = (state.get[0] if state.exists else 0) + sum(len(frame) for frame in frames)
    state.update((total,))
    yield pd.DataFrame(
        {"k": [None if pd.isna(key[0]) else key[0]], "n": [total], "elements": [""], "counts": [""]}
    )


def processed(stream: Any) -> Any:
    return stream.groupBy("k").transformWithStateInPandas(Keeping(), OUT, "update", "none")


def counted(stream: Any) -> Any:
    return stream.groupBy("k").applyInPandasWithState(
        counting, OUT, "n long", "update", GroupStateTimeout.NoTimeout
    )


def kept_by(model: dict[Any, list[Any]], key: Any) -> list[Any]:
    values = model[key]
    counts = Counter(values)
    for at, v in enumerate(values):
        if v == 5 and 4 in values[:at]:
            counts[4] = values[at + 1 :].count(4)
    shown = sorted(((v, n) for v, n in counts.items() if n), key=repr)
    return [key, len(values), repr(values), repr(shown)]


def expected(history: History) -> list[list[Any]]:
    model: dict[Any, list[Any]] = {}
    batches = []
    for rows, _ in history:
        for _, key, v, _ in rows:
            values = model.setdefault(key, [])
            if v == -5:
                values.clear()
            else:
                values.append(v)
        batches.append(normal([kept_by(model, key) for key in {row[1] for row in rows}]))
    return batches


def check(session: Session, history: History, parts: int) -> None:
    found = replay(session, history, "update", processed, 1, parts)
    assert [normal(rows) for rows in found] == expected(history)


@settings(max_examples=8)
@given(history=HISTORIES, parts=st.sampled_from([1, 3]))
def test_a_processor_keeps_what_plain_python_keeps(session: Session, history: History, parts: int) -> None:
    check(session, history, parts)


@settings(max_examples=6)
@given(history=HISTORIES)
def test_so_it_does_when_keys_share_hashes(session: Session, history: History) -> None:
    with few_hashes():
        check(session, history, 1)


@settings(max_examples=6)
@given(history=HISTORIES, parts=st.sampled_from([1, 3]))
def test_a_function_counts_what_plain_python_counts(session: Session, history: History, parts: int) -> None:
    totals: Counter[Any] = Counter()
    wanted = []
    for rows, _ in history:
        totals.update(row[1] for row in rows)
        wanted.append(normal([[key, totals[key], "", ""] for key in {row[1] for row in rows}]))
    found = replay(session, history, "update", counted, 2, parts)
    assert [normal(rows) for rows in found] == wanted


def ignoring_timeouts(key, frames, state):
    if state.hasTimedOut:
        yield pd.DataFrame({"k": [key[0]], "n": [-1], "elements": [""], "counts": [""]})
        return
    yield from counting(key, frames, state)
    state.setTimeoutDuration(10_000 if key[0] == "a" else 1_000_000)


def test_a_key_that_ignores_its_timeout_takes_no_state_from_one_that_shares_its_hash(
    session: Session,
) -> None:
    stream = MemoryStream("k string")
    function = (ignoring_timeouts, OUT, "n long", "update", GroupStateTimeout.ProcessingTimeTimeout)
    df = stream.toDF(session).groupBy("k").applyInPandasWithState(*function).select("k", "n")
    with few_hashes(1), StreamTest(df, outputMode="update") as test:
        test.addData(stream, ["a", "b"]).checkNewAnswer([("a", 1), ("b", 1)])
        test.advanceManualClock(11).checkNewAnswer([("a", -1)])
        test.addData(stream, ["b"]).checkNewAnswer([("b", 2), ("a", -1)])
