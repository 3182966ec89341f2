"""The laws of executors, kept by thread slots and by worker processes."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from streamcore.context import Context
from streamcore.errors import AnalysisException, CheckpointCorrupted, WorkInterrupted
from streamcore.execution.engines import slot_engine
from streamcore.execution.slot_executor import SlotExecutor
from streamcore.execution.tasks import Executor, Shared
from streamcore.execution.worker_executor import WorkerExecutor
from streamcore.scheduler.errors import UnpicklableValue
from streamcore.spi.interruption import Interruption, interruptible
from streamcore.spi.kept import Keeper

_PATIENCE_S = 60
_PLACES = 2


@pytest.fixture(scope="module")
def context() -> Iterator[Context]:
    with Context(f"local[{_PLACES}]", "executors") as made:
        yield made


@pytest.fixture(scope="module", params=["slots", "workers"])
def executor(request: pytest.FixtureRequest, context: Context) -> Executor:
    return SlotExecutor(context.slots) if request.param == "slots" else WorkerExecutor(context)


@pytest.fixture(scope="module")
def workers(context: Context) -> Executor:
    return WorkerExecutor(context)


@dataclass(frozen=True)
class Doubled:
    rows: pa.Table

    def run(self, place: Keeper) -> pa.Table:
        return slot_engine(place).run('SELECT 2 * n AS n FROM "rows"', {"rows": self.rows})


@dataclass(frozen=True)
class Failing:
    error: Exception

    def run(self, place: Keeper) -> None:
        raise self.error


class Kept:
    def __init__(self) -> None:
        self.times = 0
        self.is_closed = False

    def close(self) -> None:
        self.is_closed = True

    def __reduce__(self) -> Any:
        return Kept, ()


@dataclass(frozen=True)
class Counting:
    """How often tasks have come to this place, by what the place keeps and by what is shared with it."""

    shared: Shared[Kept]

    def run(self, place: Keeper) -> tuple[int, int]:
        own = place.resource("kept in a test", Kept)
        own.times += 1
        self.shared.value.times += 1
        return own.times, self.shared.value.times


@dataclass(frozen=True)
class Endless:
    begun: Path

    def run(self, place: Keeper) -> pa.Table:
        self.begun.touch()
        return slot_engine(place).run(
            "SELECT max(a.range * b.range) FROM range(10000000) a, range(10000000) b", {}
        )


@dataclass(frozen=True)
class DyingOnce:
    mark: Path

    def run(self, place: Keeper) -> int:
        if not self.mark.exists():
            self.mark.touch()
            os._exit(1)
        return os.getpid()


def numbers(*values: int) -> pa.Table:
    return pa.table({"n": pa.array(values, pa.int64())})


def test_results_come_in_the_order_of_the_tasks(executor: Executor) -> None:
    found = executor.run([Doubled(numbers(n)) for n in range(3 * _PLACES)], name="doubled")
    assert [table.to_pydict() for table in found] == [{"n": [2 * n]} for n in range(3 * _PLACES)]


def test_nothing_to_run_gives_nothing(executor: Executor) -> None:
    assert executor.run([], name="nothing") == []


@pytest.mark.parametrize("error", [CheckpointCorrupted("a file is gone"), ValueError("one", 2)])
def test_a_failure_is_raised_as_it_is(executor: Executor, error: Exception) -> None:
    with pytest.raises(type(error)) as raised:
        executor.run([Failing(error), Failing(error)], name="failing")
    assert raised.value.args == error.args


def test_an_error_of_a_statement_is_the_engines_own(executor: Executor) -> None:
    with pytest.raises(AnalysisException, match="refused"):
        executor.run([Doubled(pa.table({"n": ["not a number"]}))], name="failing")


def test_a_place_keeps_what_tasks_keep_there_and_has_one_copy_of_what_is_shared(executor: Executor) -> None:
    shared = executor.share(Kept())
    found = [count for _ in range(5) for count in executor.run([Counting(shared)] * _PLACES, name="counting")]
    # As many first visits as places at the most; the others find what was left for them.
    assert len(found) == 5 * _PLACES
    assert 1 <= [own for own, _ in found].count(1) <= _PLACES
    assert max(times for _, times in found) >= 5
    shared.destroy()


def test_what_is_shared_no_more_is_closed_and_let_go(executor: Executor) -> None:
    kept = Kept()
    shared = executor.share(kept)
    executor.run([Counting(shared)], name="counting")
    shared.destroy()
    assert kept.is_closed
    with pytest.raises(Exception, match="destroyed"):
        executor.run([Counting(shared)], name="counting")


def test_interrupted_work_ends_soon(executor: Executor, tmp_path: Path) -> None:
    begun, interruption, ended = tmp_path / "begun", Interruption(), threading.Event()

    def work() -> None:
        with interruptible(interruption), pytest.raises(WorkInterrupted):
            executor.run([Endless(begun)], name="endless")
        ended.set()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    until = time.monotonic() + _PATIENCE_S
    while not begun.exists() and time.monotonic() < until:
        time.sleep(0.01)
    while not ended.is_set() and time.monotonic() < until:
        executor.interrupt(interruption)
        ended.wait(0.05)
    assert ended.is_set()
    assert executor.run([Doubled(numbers(1))], name="after it")[0].to_pydict() == {"n": [2]}


def test_work_that_was_interrupted_before_does_not_begin(executor: Executor, tmp_path: Path) -> None:
    interruption = Interruption()
    interruption.ask()
    with interruptible(interruption), pytest.raises(WorkInterrupted):
        executor.run([Endless(tmp_path / "begun")], name="endless")
    assert not (tmp_path / "begun").exists()


def test_a_worker_that_dies_costs_no_answer(workers: Executor, tmp_path: Path) -> None:
    (found,) = workers.run([DyingOnce(tmp_path / "mark")], name="dying")
    assert found != os.getpid()
    assert (tmp_path / "mark").exists()


def test_what_cannot_be_sent_to_a_worker_is_named(workers: Executor) -> None:
    with pytest.raises(UnpicklableValue, match="lock"):
        workers.share({"a lock": threading.Lock()})
