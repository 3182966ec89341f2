"""The protocol as a whole, simulated: crashes at every verb of the storage, lost answers, rivals, rewinds."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamcore.checkpoint import Checkpoint
from streamcore.errors import AnalysisException, CheckpointError, CheckpointFenced, CheckpointMismatch
from streamcore.storage import StorageError, StorageFull
from streamcore.storage.memory import MemoryStorage
from streamcore.testing.clock import ManualClock
from streamcore.testing.faulty_storage import FaultyStorage, SimulatedCrash
from tests.unit.checkpoint.toy_query import ROWS, ToySink, check, drive, finish, no_fault

crashes = st.tuples(st.integers(1, 120), st.booleans())


def verbs_of_a_whole_run() -> int:
    view = FaultyStorage(MemoryStorage())
    finish(view, ToySink())
    return len(view.verbs)


def crash_in_sink(sink: ToySink, when: str, time: int) -> None:
    left = time

    def fault(reached: str) -> None:
        nonlocal left
        left -= reached == when
        if left == 0 and reached == when:
            raise SimulatedCrash

    sink.fault = fault


def test_an_undisturbed_run_gives_the_answer() -> None:
    storage, sink = MemoryStorage(), ToySink()
    finish(storage, sink)
    check(storage, sink)


@pytest.mark.parametrize("applied", [False, True])
def test_a_crash_at_any_verb_of_the_storage_loses_and_repeats_nothing(applied: bool) -> None:
    for verb in range(1, verbs_of_a_whole_run() + 1):
        storage, sink = MemoryStorage(), ToySink()
        view = FaultyStorage(storage)
        view.crash_at(verb, applied)
        with pytest.raises(SimulatedCrash):
            finish(view, sink)
        finish(storage, sink, most_rows=5)
        check(storage, sink)


@pytest.mark.parametrize("applied", [False, True])
def test_a_failed_verb_stops_the_driver_and_a_restart_goes_on(applied: bool) -> None:
    for verb in range(1, verbs_of_a_whole_run() + 1):
        storage, sink = MemoryStorage(), ToySink()
        view = FaultyStorage(storage)
        view.fail_at(verb, StorageFull("no space"), applied)
        with pytest.raises(StorageError):
            finish(view, sink)
        finish(view, sink)
        check(storage, sink)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("time", [1, 2, 4])
def test_a_crash_around_the_sinks_commit_loses_and_repeats_nothing(when: str, time: int) -> None:
    storage, sink = MemoryStorage(), ToySink()
    view = FaultyStorage(storage)
    crash_in_sink(sink, when, time)
    with pytest.raises(SimulatedCrash):
        finish(view, sink)
    view.crash()
    visible = list(sink.rows)
    sink.fault = no_fault
    finish(storage, sink)
    check(storage, sink)
    assert sink.rows[: len(visible)] == visible, "what was visible is not computed again"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(crashes, st.integers(1, 5)), max_size=6))
def test_any_series_of_crashes_gives_the_answer(series: list[tuple[tuple[int, bool], int]]) -> None:
    storage, sink = MemoryStorage(), ToySink()
    for (verb, applied), most_rows in series:
        view = FaultyStorage(storage)
        view.crash_at(verb, applied)
        with suppress(SimulatedCrash):
            finish(view, sink, most_rows)
    finish(storage, sink)
    check(storage, sink)


class WithoutLocks:
    """A storage that cannot tell the living from the dead, so that every driver may take over at any time."""

    def __init__(self, inner: MemoryStorage) -> None:
        self.location = inner.location
        self.get = inner.get
        self.map = inner.map
        self.put_if_absent = inner.put_if_absent
        self.put_pieces_if_absent = inner.put_pieces_if_absent
        self.replace = inner.replace
        self.list = inner.list
        self.delete = inner.delete


@settings(max_examples=150, deadline=None)
@given(st.lists(st.integers(0, 2), max_size=80))
def test_rival_drivers_in_any_order_never_harm_the_answer(turns: list[int]) -> None:
    """Three drivers that were paused at any steps and come back as zombies; no lock holds them off."""
    inner, sink = MemoryStorage(), ToySink()
    storage = WithoutLocks(inner)
    drivers = [drive(storage, sink, most_rows) for most_rows in (2, 3, 5)]
    for turn in turns:
        try:
            next(drivers[turn])
        except (CheckpointError, StopIteration):
            drivers[turn] = drive(storage, sink)
    finish(storage, sink)
    check(storage, sink)


def test_a_zombie_is_fenced_at_its_next_intent() -> None:
    storage, sink = WithoutLocks(MemoryStorage()), ToySink()
    zombie = drive(storage, sink)
    while next(zombie) != "collected":
        pass
    rival = drive(storage, sink)
    next(rival)
    with pytest.raises(CheckpointFenced, match="was taken over by the driver with process id"):
        next(zombie)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(-1, 4), st.integers(1, 40), st.booleans(), st.integers(1, 4), st.integers(5, 60)
        ),
        max_size=4,
    )
)
def test_rewinds_with_crashes_anywhere_give_the_answer(series: list[tuple[int, int, bool, int, int]]) -> None:
    storage, sink = MemoryStorage(), ToySink()
    for to, crash_in_rewind, applied, most_rows, crash_in_run in series:
        view = FaultyStorage(storage)
        view.crash_at(crash_in_run, applied)
        with suppress(SimulatedCrash):
            for _ in drive(view, sink, most_rows, keep=100):
                pass
        view = FaultyStorage(storage)
        view.crash_at(crash_in_rewind, applied)
        with suppress(SimulatedCrash):
            rewind_if_retained(view, to)
        view.crash()
    finish(storage, sink)
    check(storage, sink)


def rewind_if_retained(storage: FaultyStorage, to: int) -> None:
    with Checkpoint.open(storage, ManualClock(), run_id="rewind") as checkpoint, suppress(AnalysisException):
        checkpoint.rewind_to(to)


def test_a_sink_restored_from_a_backup_is_refused_and_replayed_after_a_rewind() -> None:
    storage, sink = MemoryStorage(), ToySink()
    for _ in drive(storage, sink, keep=100):
        pass
    del sink.batches[2:]
    with pytest.raises(CheckpointMismatch, match="rewind CHECKPOINT --to 1"):
        finish(storage, sink)
    with Checkpoint.open(storage, ManualClock(), run_id="rewind") as checkpoint:
        checkpoint.rewind_to(1)
    finish(storage, sink)
    check(storage, sink)


def test_a_checkpoint_restored_from_a_backup_is_refused_and_its_sink_can_be_taken_back() -> None:
    storage, sink = MemoryStorage(), ToySink()
    driver = drive(storage, sink, keep=100)
    for _ in range(9):
        next(driver)
    backup = {path: storage.get(path) for folder in ("", "offsets", "commits", "state/pairs/default/0")
              for path in (f"{folder}/{name}".lstrip("/") for name in storage.list(folder))}  # fmt: skip
    driver.close()
    finish(storage, sink, most_rows=4)
    restored = MemoryStorage()
    for path, data in backup.items():
        restored.replace(path, data)
    with pytest.raises(CheckpointMismatch, match="the sink is ahead of its checkpoint"):
        finish(restored, sink)
    with Checkpoint.open(restored, ManualClock(), run_id="rewind") as checkpoint:
        checkpoint.rewind_to(checkpoint.batches()[-1])
    finish(restored, sink)
    check(restored, sink)


def test_the_very_beginning_is_replayed_over_the_same_first_rows() -> None:
    storage, sink = MemoryStorage(), ToySink()
    for _ in drive(storage, sink, most_rows=5, keep=100):
        pass
    with Checkpoint.open(storage, ManualClock(), run_id="rewind") as checkpoint:
        checkpoint.rewind_to(-1)
    finish(storage, sink, most_rows=1)
    check(storage, sink)
    assert [row for row, _ in sink.batches[0][0]] == [0, 1, 2, 3, 4]
    assert len(sink.batches) == 1 + ROWS - 5
