"""What is asked again and again costs what is new, not what is kept; gaps of collections mislead nobody."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from streamcore.models.store import ModelStore
from streamcore.storage.memory import MemoryStorage
from tests.unit.models.store.content import publish, weights


class Counted(MemoryStorage):
    """Counts the files that are read, and the names that are listed."""

    def __init__(self) -> None:
        super().__init__()
        self.looked_at = 0

    def get(self, path: str) -> bytes:
        self.looked_at += 1
        return super().get(path)

    def list(self, folder: str) -> list[str]:
        found = super().list(folder)
        self.looked_at += len(found)
        return found


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> tuple[ModelStore, Counted]:
    storage = Counted()
    for opener in ("existing_storage", "open_storage"):
        monkeypatch.setattr(f"streamcore.models.store.base.{opener}", lambda *_: storage)
    return ModelStore("memory://counted"), storage


def test_publishing_and_following_look_at_what_is_new_however_much_is_kept(
    counted: tuple[ModelStore, Counted],
) -> None:
    store, storage = counted
    follower = store.follow("latest")
    looked_at = []
    for batch in range(300):
        before = storage.looked_at
        store.alias("champion", publish(store, batch, batch=batch).version)
        follower.poll()
        looked_at.append(storage.looked_at - before)
    assert looked_at[150] == looked_at[299] < 500


def test_an_alias_keeps_its_last_hundred_moves(store: ModelStore) -> None:
    for value in (0.1, 0.2):
        publish(store, value)
    for move in range(130):
        store.alias("champion", 1 + move % 2)
    assert len(list(Path(store.location, "aliases").iterdir())) == 100
    assert [store.rollback("champion").version for _ in range(3)] == [1, 2, 1]


def test_a_process_that_slept_over_collections_finds_the_newest_version(store: ModelStore) -> None:
    sleeper = ModelStore(store.location)
    publish(store, 0.1, batch=0)
    publish(store, 0.2)
    follower = sleeper.follow("latest")
    follower.poll()
    store.tag("kept", 2)
    for batch in range(1, 8):
        publish(store, 0.3 + batch, batch=batch)
    store.gc(keep=1)
    assert store.versions() == [2, 9]
    found = follower.poll()
    assert found is not None
    assert found.version == 9
    assert sleeper.last_committed("q") == store.last_committed("q")
    assert publish(sleeper, 5.0).version == 10


def test_a_process_that_sleeps_between_two_collections_is_not_misled_by_what_was_kept(
    store: ModelStore,
) -> None:
    for _ in range(3):
        publish(store, 0.1)
    sleeper = ModelStore(store.location)
    assert sleeper.describe("latest").version == 3
    store.tag("kept", 3)
    for keep in (2, 1):
        publish(store, 0.2), publish(store, 0.3)
        store.gc(keep=keep)
    publish(store, 0.4)
    assert store.versions() == [3, 7, 8]
    assert sleeper.describe("latest").version == 8


def test_a_store_that_was_made_anew_is_found_as_it_is(store: ModelStore) -> None:
    for value in (0.1, 0.2, 0.3):
        publish(store, value)
    shutil.rmtree(store.location)
    assert ModelStore(store.location).publish(weights(0.5), model={"name": "other"}).version == 1
    assert store.describe("latest").name == "other"
