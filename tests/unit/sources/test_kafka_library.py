"""When the C library is used, and what says so when it is not."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, KafkaException

from streamcore.errors import IllegalArgumentException
from streamcore.kafka.native import library as module
from streamcore.kafka.native.client import made_with_handle
from streamcore.kafka.native.library import CHOICE, Library, Unusable, library, status
from streamcore.kafka.native.sources import BUILT, HERE

CONFIG: dict[str, Any] = {"bootstrap.servers": "127.0.0.1:1", "group.id": "g", "log_level": 0}


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> Library:
    monkeypatch.delenv(CHOICE, raising=False)
    found = library()
    if found is None:
        pytest.skip("the C library is not used here")
    return found


@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler here")
def test_where_there_is_a_compiler_an_installation_has_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(CHOICE, raising=False)
    assert status() == f"Kafka records go by the C library {HERE / BUILT}", "pip install --editable ."


def test_it_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CHOICE, "off")
    assert library() is None
    assert status().endswith("STREAMCORE_KAFKA_NATIVE=off")


def test_another_choice_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CHOICE, "yes")
    with pytest.raises(IllegalArgumentException, match="STREAMCORE_KAFKA_NATIVE='yes' must be auto, off or"):
        library()


def test_where_it_is_missing_it_is_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_found", lambda: "there is none")
    monkeypatch.setenv(CHOICE, "auto")
    assert library() is None
    assert status() == "Kafka records go by confluent-kafka: there is none"


def test_required_and_missing_is_an_error_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_found", lambda: "there is none")
    monkeypatch.setenv(CHOICE, "require")
    with pytest.raises(IllegalArgumentException, match="there is none"):
        library()


def test_no_file_means_that_nothing_was_compiled(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="without a C compiler"):
        Library(tmp_path / BUILT)


def test_a_file_for_another_machine_is_not_used(tmp_path: Path) -> None:
    (tmp_path / BUILT).write_bytes(b"for another machine")
    with pytest.raises(Unusable, match="another machine"):
        Library(tmp_path / BUILT)


def test_a_library_of_other_c_files_is_not_used(compiled: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "source_digest", lambda: "0123456789abcdef")
    with pytest.raises(Unusable, match="other C files"):
        Library(compiled.path)


def test_structures_laid_out_in_another_way_are_not_used(
    compiled: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SIZES", {"streamcore_filling_sizes": [1, 2, 3]})
    with pytest.raises(Unusable, match="another way"):
        Library(compiled.path)


def test_a_path_that_librdkafka_would_cut_is_not_used(compiled: Library, tmp_path: Path) -> None:
    (tmp_path / "a;b").mkdir()
    shutil.copy(compiled.path, tmp_path / "a;b")
    with pytest.raises(Unusable, match="';'"):
        Library(tmp_path / "a;b" / BUILT)


def test_each_thread_is_told_of_the_client_that_it_has_made(compiled: Library) -> None:
    handles: list[int] = []
    barrier = threading.Barrier(4)

    def make() -> None:
        barrier.wait()
        client, handle = made_with_handle(compiled, Consumer, CONFIG)
        barrier.wait()
        handles.append(handle)
        client.close()

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(handles)) == 4
    assert compiled.take_client() is None


def test_plugins_of_the_user_are_loaded_besides(compiled: Library) -> None:
    with pytest.raises(KafkaException, match="no-such-plugin"):
        made_with_handle(compiled, Consumer, CONFIG | {"plugin.library.paths": "no-such-plugin"})
