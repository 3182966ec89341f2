"""What a batch touches, counted in blocks and rows: the keys it needs, whatever is kept."""

from __future__ import annotations

import contextlib
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from streamcore.errors import WorkInterrupted
from streamcore.execution.stores import merging, store
from streamcore.execution.stores.background import BackgroundMerger
from streamcore.execution.stores.blocks import HashedRows
from streamcore.execution.stores.layout import StoreLayout
from streamcore.execution.stores.ordering import distinct
from streamcore.execution.stores.run_file import RunData
from streamcore.execution.stores.store import Store, StoreChange
from streamcore.spi.interruption import Interruption, interruptible
from streamcore.storage import LargeFileStorage, StorageFull
from streamcore.storage.local import LocalStorage
from streamcore.storage.memory import MemoryStorage
from tests.unit.stores.kit import AtOnce, Later, files_in

LAYOUT = StoreLayout(pa.schema([("k", pa.int64()), ("expiry", pa.int64())]), (0,), 1)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merging, "BLOCK_ROWS", 64)
    monkeypatch.setattr(store, "BLOCK_ROWS", 64)


def put(target: Store, version: int, first: int, count: int, expiry: int = 1_000_000) -> None:
    keys = np.arange(first, first + count)
    expiries = np.arange(expiry, expiry + count)
    rows = pa.Table.from_arrays([pa.array(keys), pa.array(expiries)], schema=LAYOUT.schema)
    change = StoreChange(HashedRows(LAYOUT.hashes_of(rows), rows))
    target.adopt(target.stage(change, version))


def reloaded(filled: Store, storage: MemoryStorage) -> Store:
    chain = [run.file for run in filled.view.runs]
    return Store.load(LAYOUT, files_in(storage), AtOnce(), chain, filled.view.floor_us)


@contextmanager
def counted_blocks(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The blocks that are read from their files."""
    read: list[int] = []
    real = RunData.block

    def block(self: RunData, number: int) -> object:
        read.append(number)
        return real(self, number)

    with monkeypatch.context() as patch:
        patch.setattr(RunData, "block", block)
        yield read


@pytest.mark.parametrize("kept", [1_000, 20_000])
def test_a_start_reads_no_row_and_a_lookup_one_block_for_each_key_at_most(
    kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = MemoryStorage()
    filled = Store(LAYOUT, files_in(storage), Later())
    put(filled, 0, 0, kept)
    with counted_blocks(monkeypatch) as read:
        loaded = reloaded(filled, storage)
        assert loaded.view.living == kept
        assert not read
        wanted = distinct(LAYOUT.hashes_of(pa.table({"k": [5, 7, 11], "expiry": [0, 0, 0]})))
        assert len(loaded.view.lookup(wanted)) == 3
        assert len(read) <= 3


def test_keys_that_are_found_in_a_new_run_are_not_asked_of_older_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    storage = MemoryStorage()
    filled = Store(LAYOUT, files_in(storage), Later())
    put(filled, 0, 0, 5_000)
    put(filled, 1, 0, 10)
    loaded = reloaded(filled, storage)
    with counted_blocks(monkeypatch) as read:
        wanted = distinct(LAYOUT.hashes_of(pa.table({"k": list(range(10)), "expiry": [0] * 10})))
        assert len(loaded.view.lookup(wanted)) == 10
        assert len(read) == 1


@pytest.mark.parametrize("kept", [1_000, 20_000])
def test_what_falls_due_is_found_without_looking_at_the_rest(
    kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = MemoryStorage()
    filled = Store(LAYOUT, files_in(storage), Later())
    put(filled, 0, 0, kept)
    put(filled, 1, kept, 4, expiry=10)
    loaded = reloaded(filled, storage)
    with counted_blocks(monkeypatch) as read:
        due = loaded.view.due(11)
        assert len(due.found) == 2
        after = loaded.view.evicted(due)
        assert after.living == kept + 2
        assert len(read) <= 2
        assert len(after.due(12).found) == 1


def test_runs_whose_rows_have_all_expired_go_without_being_read(monkeypatch: pytest.MonkeyPatch) -> None:
    storage = MemoryStorage()
    filled = Store(LAYOUT, files_in(storage), Later())
    for version in range(3):
        put(filled, version, 1_000 * version, 200, expiry=1_000 * version + 1)
    view = filled.view.evicted(filled.view.due(1_100))
    assert [run.file.version for run in view.runs] == [1, 2]
    assert view.living == 300


def test_bytes_written_grow_with_the_changes_and_with_the_logarithm_of_what_is_kept() -> None:
    def written(batches: int) -> float:
        storage = MemoryStorage()
        target = Store(LAYOUT, files_in(storage), AtOnce())
        for version in range(batches):
            put(target, version, 100 * version, 100)
        names = storage.list("state/op/default/0")
        rows = sum(len(storage.get(f"state/op/default/0/{name}")) for name in names)
        assert len(target.view.runs) <= 16
        return rows / batches

    assert written(256) < 2 * written(64)


def test_no_merge_is_waited_for_and_its_result_is_taken_over_when_it_is_there() -> None:
    storage, merger = MemoryStorage(), Later()
    target = Store(LAYOUT, files_in(storage), merger)
    for version in range(6):
        put(target, version, 10 * version, 10)
    assert len(target.view.runs) == 6
    assert len(merger.waiting) == 1
    merger.run()
    assert len(target.view.runs) == 6
    put(target, 6, 60, 10)
    assert [(run.file.since, run.file.version) for run in target.view.runs] == [
        (0, 3),
        (4, 4),
        (5, 5),
        (6, 6),
    ]
    assert target.view.living == 70


def test_a_store_that_is_loaded_for_one_batch_at_a_time_merges_its_runs_all_the_same() -> None:
    storage = MemoryStorage()
    target = Store(LAYOUT, files_in(storage), Later())
    for version in range(120):
        merger = BackgroundMerger()
        chain = [run.file for run in target.view.runs]
        target = Store.load(LAYOUT, files_in(storage, version + 2), merger, chain, target.view.floor_us)
        put(target, version, 10 * version, 10)
        merger.close()
    assert len(target.view.runs) <= 41
    assert target.view.living == target.view.rows().num_rows == 1_200


@pytest.mark.parametrize("failure", [StorageFull("no space left"), MemoryError(), pa.ArrowInvalid("?")])
def test_a_merge_that_fails_changes_nothing_and_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    storage, merger = MemoryStorage(), Later()
    target = Store(LAYOUT, files_in(storage), merger)
    for version in range(5):
        put(target, version, 10 * version, 10)

    def full(*_: object) -> bool:
        raise failure

    with monkeypatch.context() as patch:
        patch.setattr(storage, "put_pieces_if_absent", full)
        with contextlib.suppress(MemoryError, pa.ArrowInvalid):  # those the merging thread logs
            merger.run()
    put(target, 5, 50, 10)
    merger.run()
    put(target, 6, 60, 10)
    assert [run.file.since for run in target.view.runs] == [0, 5, 6]
    assert target.view.rows().num_rows == 70


def test_files_on_a_disk_take_hardly_any_memory_and_those_in_memory_all_of_theirs(tmp_path: Path) -> None:
    places: list[LargeFileStorage] = [MemoryStorage(), LocalStorage(tmp_path)]
    in_memory, on_disk = (Store(LAYOUT, files_in(place), Later()) for place in places)
    for target in (in_memory, on_disk):
        put(target, 0, 0, 1_000)
        target.view.lookup(distinct(LAYOUT.hashes_of(target.view.rows())))
    assert in_memory.view.file_bytes == on_disk.view.file_bytes < 1_000 * 40
    assert in_memory.view.memory_bytes >= in_memory.view.file_bytes
    assert on_disk.view.memory_bytes < 1_000 * 2


def test_rows_that_expired_before_a_merge_are_not_counted_after_the_next_start() -> None:
    storage = MemoryStorage()
    target = Store(LAYOUT, files_in(storage), Later())
    for version in range(4):
        put(target, version, 10 * version, 10, expiry=100)
    evict(target, 4, 104)
    merging = reloaded(target, storage)
    evict(merging, 5, 105)
    evict(merging, 6, 106)
    assert [run.file.since for run in merging.view.runs] == [0]
    again = reloaded(merging, storage)
    assert again.view.living == again.view.rows().num_rows == 12


def evict(target: Store, version: int, watermark: int) -> None:
    rows = LAYOUT.schema.empty_table()
    nothing = HashedRows(LAYOUT.hashes_of(rows), rows)
    target.adopt(target.stage(StoreChange(nothing, due=target.view.due(watermark)), version))


def test_a_batch_that_waits_for_a_merge_ends_when_it_is_interrupted() -> None:
    target = Store(LAYOUT, files_in(MemoryStorage()), Later())
    for version in range(40):
        put(target, version, 10 * version, 10)
    stopping = Interruption()
    stopping.ask()
    with interruptible(stopping), pytest.raises(WorkInterrupted):
        put(target, 40, 400, 10)


def test_what_was_merged_is_let_go_when_the_merge_is_done() -> None:
    class Merge:
        """Holds the views whose files it merges."""

        def __call__(self) -> None:
            pass

    merger, freed, merge = BackgroundMerger(), threading.Event(), Merge()
    weakref.finalize(merge, freed.set)
    merger.submit(merge)
    del merge
    try:
        assert freed.wait(30)
    finally:
        merger.close()
