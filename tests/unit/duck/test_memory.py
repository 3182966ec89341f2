"""The databases of a process never may take more, together, than the one limit leaves them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamcore.conf import Conf
from streamcore.context import Context
from streamcore.duck.engine import SlotEngine
from streamcore.duck.machine import machine_memory
from streamcore.duck.memory import BUDGET, MemoryBudget
from streamcore.duck.spill import spill_below, spill_no_more_below
from streamcore.sql.session import Session
from streamcore.testing.memory_source import MemoryStream

_LIMIT = 1 << 30


class Database:
    """A database that holds `held` bytes while it runs."""

    def __init__(self, threads: int, held: int) -> None:
        self.threads, self.held, self.granted = threads, held, 0

    def limit_memory(self, limit: int) -> bool:
        return self.held <= limit


@given(
    st.lists(st.tuples(st.integers(1, 8), st.floats(0, 1)), min_size=1, max_size=12),
    st.lists(st.integers(0, 11), max_size=60),
    st.integers(1, 8),
)
def test_what_is_given_to_those_that_run_never_adds_up_to_more_than_the_limit(
    databases: list[tuple[int, float]], comings_and_goings: list[int], threads: int
) -> None:
    budget = MemoryBudget(_LIMIT, threads)
    known = [(Database(threads, 0), part) for threads, part in databases]
    running: set[int] = set()
    for at in comings_and_goings:
        number = at % len(known)
        database, part = known[number]
        if number in running:
            database.held = 0
            budget.leave(database)
            running.discard(number)
        else:
            budget.enter(database)
            database.held = int(database.granted * part)
            running.add(number)
            assert database.granted > 0
        assert budget.granted <= budget.available


def test_two_that_hold_all_they_were_given_leave_something_for_a_third() -> None:
    budget = MemoryBudget(_LIMIT, threads=6)
    databases = [Database(3, 0) for _ in range(4)]
    for database in databases:
        budget.enter(database)
        assert database.granted > 0
        database.held = database.granted
    assert budget.granted <= budget.available


def test_one_database_of_all_threads_is_given_most_of_the_memory_and_shares_it_when_others_come() -> None:
    budget = MemoryBudget(_LIMIT, threads=2)
    wide, narrow = Database(2, 0), Database(1, 0)
    budget.enter(wide)
    assert wide.granted > 0.8 * _LIMIT
    budget.enter(narrow)
    assert narrow.granted >= _LIMIT // 5


def test_state_and_caches_are_taken_off_what_databases_may_take() -> None:
    budget = MemoryBudget(_LIMIT, threads=1)
    budget.reserve("state", _LIMIT // 2)
    assert budget.available == _LIMIT // 2
    budget.reserve("cache", _LIMIT)
    assert budget.available == _LIMIT // 4, "something is left to work with"
    budget.release("state")
    budget.release("cache")
    assert budget.available == _LIMIT


def test_a_database_is_not_told_its_limit_again_while_state_grows_a_little() -> None:
    budget = MemoryBudget(_LIMIT, threads=2)
    alone, second = Counted(), Counted()
    for batch in range(1, 101):
        budget.reserve("state", batch * 1000)
        for database in (alone, second):
            budget.enter(database)
        assert budget.granted <= budget.available
        for database in (second, alone):
            budget.leave(database)
    assert (alone.told, second.told) == (1, 1)


class Counted(Database):
    """A database that counts how often it is told a limit."""

    def __init__(self) -> None:
        super().__init__(threads=1, held=0)
        self.told = 0

    def limit_memory(self, limit: int) -> bool:
        self.told += 1
        return super().limit_memory(limit)


def test_five_databases_at_work_may_take_no_more_than_the_limit_together() -> None:
    budget = MemoryBudget(_LIMIT, threads=2)
    meet = threading.Barrier(6, timeout=30)
    engines = [SlotEngine(threads, budget) for threads in (1, 1, 2, 2, 2)]

    def rows() -> Iterator[pa.RecordBatch]:
        meet.wait()
        meet.wait()
        yield pa.record_batch({"x": [1]})

    def work(engine: SlotEngine) -> None:
        reader = pa.RecordBatchReader.from_batches(pa.schema({"x": pa.int64()}), rows())
        engine.run("SELECT * FROM t", {"t": reader})

    workers = [threading.Thread(target=work, args=(engine,)) for engine in engines]
    for worker in workers:
        worker.start()
    meet.wait()
    limits = [_limit_of(engine) for engine in engines]
    meet.wait()
    for worker in workers:
        worker.join()
    for engine in engines:
        engine.close()
    assert 0 < sum(limits) <= _LIMIT * 1.01, "as text they are rounded"
    assert budget.granted == 0


def _limit_of(engine: SlotEngine) -> float:
    (text,) = engine._settings.execute("SELECT current_setting('memory_limit')").fetchall()[0]
    number, unit = text.split()
    return float(number) * {"bytes": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}[unit]


def test_what_does_not_fit_is_spilled_into_a_folder_of_its_own_that_is_gone_afterwards(
    tmp_path: Path,
) -> None:
    def parent() -> Path:
        return tmp_path

    spill_below(parent)
    try:
        with SlotEngine(1, MemoryBudget(48 << 20, threads=1)) as engine, SlotEngine() as other:
            found = engine.run(
                "SELECT count(*) FROM (SELECT DISTINCT range % 3000000 FROM range(4000000))", {}
            )
            assert found.column(0).to_pylist() == [3_000_000]
            assert len({_folder_of(engine), _folder_of(other)}) == 2
        assert list(tmp_path.iterdir()) == []
    finally:
        spill_no_more_below(parent)


def _folder_of(engine: SlotEngine) -> Any:
    return engine._settings.execute("SELECT current_setting('temp_directory')").fetchall()[0][0]


# ---- where the limit comes from ------------------------------------------------------------------


def test_the_setting_limits_the_process_and_caches_and_state_count(monkeypatch: pytest.MonkeyPatch) -> None:
    # Not what caches and queries of other tests in this process have left.
    monkeypatch.setattr(BUDGET, "_reserved", {})
    conf = Conf(loadDefaults=False).set("spark.streamcore.memory.limit", "8g")
    with Session(Context("local[1]", conf=conf)) as session:
        assert session.sparkContext.memory_limit == 8 << 30
        before = BUDGET.available
        assert before <= 8 << 30
        cached = session.range(1 << 20).cache()
        cached.count()
        assert BUDGET.available <= before - (8 << 20)
        cached.unpersist()
        assert BUDGET.available == before
        stream = MemoryStream("n int")
        stream.addData([(number,) for number in range(1000)])
        query = (
            stream.toDF(session).distinct().writeStream.format("memory").queryName("distinct_rows").start()
        )
        query.processAllAvailable()
        assert BUDGET.available < before
        query.stop()
        assert BUDGET.available == before


def test_a_share_of_the_machine_is_a_limit_too_and_nonsense_is_refused() -> None:
    conf = Conf(loadDefaults=False).set("spark.streamcore.memory.limit", "25%")
    assert conf.share_or_bytes("spark.streamcore.memory.limit", 400) == 100
    for wrong in ("0%", "101%", "many", "-1g"):
        with pytest.raises(ValueError, match=r"spark\.streamcore\.memory"):
            conf.set("spark.streamcore.memory.limit", wrong)


def test_the_limit_of_a_container_counts(tmp_path: Path) -> None:
    own = tmp_path / "cgroup"
    own.write_text("0::/jobs/mine\n")
    inner = tmp_path / "groups" / "jobs" / "mine"
    inner.mkdir(parents=True)
    (inner / "memory.max").write_text("max\n")
    assert machine_memory(tmp_path / "groups", own) == machine_memory(tmp_path / "none", tmp_path / "none")
    (inner.parent / "memory.max").write_text("1000000\n")
    assert machine_memory(tmp_path / "groups", own) == 1_000_000
