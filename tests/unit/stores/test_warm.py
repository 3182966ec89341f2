"""Stores that stay warm: which version a task gets, and when a chain is loaded from its files."""

from __future__ import annotations

import pickle
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from streamcore.checkpoint.state_access import PartitionFiles, StateAccess
from streamcore.checkpoint.state_files import StateFile
from streamcore.errors import CheckpointCorrupted
from streamcore.execution.stores.background import BackgroundMerger
from streamcore.execution.stores.warm import StoreRef, StoreState, WarmStore, WarmStores
from streamcore.storage.local import LocalStorage
from tests.unit.stores.kit import EXPIRING, Content, change_to, content_of


class CountedFiles(PartitionFiles):
    """Counts how often a file is opened."""

    opened = 0

    def map(self, file: StateFile) -> memoryview:
        self.opened += 1
        return super().map(file)


@pytest.fixture
def files(tmp_path: Path) -> CountedFiles:
    return CountedFiles(StateAccess(LocalStorage(tmp_path), 1), "op", 0, "default")


@pytest.fixture
def begin(files: CountedFiles) -> StoreRef:
    return StoreRef("op", "default", 0, StoreState(), files)


def staged(
    warm: WarmStores, at: StoreRef, version: int, put: Content, watermark: int | None = None
) -> StoreRef:
    store = warm.at(at, EXPIRING)
    return replace(at, state=store.stage(change_to(store.view, put, frozenset(), watermark), version))


def rows(store: WarmStore) -> Content:
    return content_of(store.view.rows())


def test_the_next_batch_finds_what_the_last_one_staged_without_reading_files(
    files: CountedFiles, begin: StoreRef
) -> None:
    warm = WarmStores()
    after = staged(warm, begin, 0, {1: (1, None)})
    files.opened = 0
    assert rows(warm.at(after, EXPIRING)) == {1: (1, None)}
    assert files.opened == 0


def test_an_attempt_that_was_given_up_does_not_count(begin: StoreRef) -> None:
    warm = WarmStores()
    first = staged(warm, begin, 0, {1: (1, None)})
    staged(warm, first, 1, {1: (2, None)})
    again = staged(warm, first, 1, {1: (3, None)})
    assert rows(warm.at(again, EXPIRING)) == {1: (3, None)}


def test_a_version_that_is_not_warm_is_loaded_from_its_chain(files: CountedFiles, begin: StoreRef) -> None:
    warm, elsewhere = WarmStores(), WarmStores()
    first = staged(warm, begin, 0, {1: (1, None)})
    second = staged(elsewhere, first, 1, {2: (2, None)})
    files.opened = 0
    assert rows(warm.at(second, EXPIRING)) == {1: (1, None), 2: (2, None)}
    assert files.opened == 2


def test_two_places_come_to_the_same_rows_whoever_runs_which_batch(begin: StoreRef) -> None:
    places, at = (WarmStores(), WarmStores()), begin
    for version in range(9):
        expiry = version if version % 2 else None
        at = staged(places[version % 3 % 2], at, version, {version: (version, expiry)}, watermark=version - 2)
    assert rows(places[0].at(at, EXPIRING)) == rows(WarmStores().at(at, EXPIRING))
    assert rows(places[0].at(at, EXPIRING)).keys() == {0, 2, 4, 6, 7, 8}


def test_what_has_expired_is_gone_wherever_the_next_batch_runs(begin: StoreRef) -> None:
    warm = WarmStores()
    kept = staged(warm, begin, 0, {1: (1, 10), 2: (2, 30)})
    closed = staged(warm, kept, 1, {}, watermark=20)
    assert closed.state.chain == kept.state.chain
    for place in (warm, WarmStores()):
        assert rows(place.at(closed, EXPIRING)) == {2: (2, 30)}
        assert rows(place.at(kept, EXPIRING)) == {1: (1, 10), 2: (2, 30)}


def test_a_merge_does_not_make_a_store_cold(begin: StoreRef) -> None:
    warm, at = WarmStores(), begin
    store = warm.at(at, EXPIRING)
    for version in range(60):
        at = staged(warm, at, version, {version: (version, None)})
        assert warm.at(at, EXPIRING) is store
    assert len(at.state.chain) < 60
    assert len(rows(store)) == 60
    warm.close()


def test_what_is_warm_does_not_travel(begin: StoreRef) -> None:
    warm = WarmStores()
    after = staged(warm, begin, 0, {1: (1, None)})
    there: WarmStores = pickle.loads(pickle.dumps(warm))
    sent: StoreRef = pickle.loads(pickle.dumps(after))
    assert rows(there.at(sent, EXPIRING)) == {1: (1, None)}


def test_files_written_at_two_places_have_names_of_their_own(begin: StoreRef) -> None:
    sent: StoreRef = pickle.loads(pickle.dumps(begin))
    one = staged(WarmStores(), begin, 0, {1: (1, None)})
    other = staged(WarmStores(), sent, 0, {1: (1, None)})
    assert one.state.chain[0].name != other.state.chain[0].name


def test_a_chain_that_has_lost_a_file_is_found_when_it_is_loaded(tmp_path: Path, begin: StoreRef) -> None:
    after = staged(WarmStores(), begin, 0, {1: (1, None)})
    (tmp_path / after.state.chain[0].path).unlink()
    with pytest.raises(CheckpointCorrupted, match="missing"):
        WarmStores().at(after, EXPIRING)


def test_a_merger_that_is_closed_by_its_own_merge_does_not_wait_for_itself() -> None:
    merger, ended = BackgroundMerger(), threading.Event()

    def merge() -> None:
        merger.close()
        ended.set()

    merger.submit(merge)
    assert ended.wait(10)
