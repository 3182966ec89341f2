from __future__ import annotations

import threading
import time

import pytest

from streamcore.errors import ModelStoreError
from streamcore.models.store import ModelStore, base
from streamcore.models.store.turns import turn
from streamcore.storage import StorageRefused, SubStorage
from streamcore.storage.memory import MemoryStorage
from tests.unit.models.store.content import publish


def test_a_writer_that_does_not_get_its_turn_says_why(
    store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(store, 0.5)
    monkeypatch.setattr(base, "_PATIENCE_S", 0.02)
    with (
        store._turn(),
        pytest.raises(ModelStoreError, match=r"another writer has been at work .* for 0.02 s"),
    ):
        publish(ModelStore(store.location), 0.6)
    assert store.versions() == [1]
    assert publish(store, 0.6).version == 2


def test_writers_in_threads_take_turns(store: ModelStore) -> None:
    threads = [threading.Thread(target=publish, args=(store, value)) for value in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.versions() == list(range(1, 9))


def test_readers_do_not_wait_for_a_writer(store: ModelStore) -> None:
    publish(store, 0.5)
    store.alias("champion", 1)
    with store._turn():
        begun = time.monotonic()
        assert ModelStore(store.location).load("champion")[0].version == 1
        assert time.monotonic() - begun < 2


def test_a_place_that_does_not_know_who_is_alive_is_refused() -> None:
    with (
        pytest.raises(StorageRefused, match="cannot tell whether a writer is alive"),
        turn(SubStorage(MemoryStorage(), "models"), 0),
    ):
        pass
