"""What every storage promises, asked of each of them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from streamcore.storage import StorageRefused, SubStorage, existing_storage, open_storage, publish
from streamcore.storage.local import LocalStorage
from streamcore.storage.memory import MemoryStorage

if TYPE_CHECKING:
    from pathlib import Path

    from streamcore.storage import Storage


@pytest.fixture(
    params=[
        "local",
        "local without nameless files",
        "memory",
        "folder of a storage",
        "s3",
        pytest.param("azure", marks=pytest.mark.soak),
    ]
)
def storage(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Storage:
    match request.param:
        case "memory":
            return MemoryStorage()
        case "folder of a storage":
            return SubStorage(MemoryStorage(), "sources/clicks")
        case "s3" | "azure" as service:
            return existing_storage(request.getfixturevalue(service).new_folder())
        case "local without nameless files":
            monkeypatch.setattr(publish, "_NAMELESS", 0)
    return open_storage(tmp_path / "made" / "by the first write")


def test_what_was_put_is_read_back(storage: Storage) -> None:
    assert storage.put_if_absent("offsets/0", b"\x00\xff text")
    assert storage.get("offsets/0") == b"\x00\xff text"


def test_an_empty_file_is_a_file(storage: Storage) -> None:
    assert storage.put_if_absent("empty", b"")
    assert storage.get("empty") == b""


def test_a_large_file_is_whole(storage: Storage) -> None:
    data = bytes(range(256)) * 20_000
    assert storage.put_if_absent("large", data)
    assert storage.get("large") == data


def test_putting_again_changes_nothing(storage: Storage) -> None:
    storage.put_if_absent("offsets/0", b"first")
    assert not storage.put_if_absent("offsets/0", b"second")
    assert storage.get("offsets/0") == b"first"


def test_of_many_writers_exactly_one_wins(storage: Storage) -> None:
    start = threading.Barrier(8)
    won: list[int] = []

    def write(writer: int) -> None:
        start.wait()
        if storage.put_if_absent("race", str(writer).encode()):
            won.append(writer)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert storage.get("race") == str(won[0]).encode()


def test_a_missing_file_is_named(storage: Storage) -> None:
    with pytest.raises(FileNotFoundError, match="offsets/7"):
        storage.get("offsets/7")


def test_below_a_file_there_is_nothing(storage: Storage) -> None:
    storage.put_if_absent("metadata", b"x")
    with pytest.raises(FileNotFoundError):
        storage.get("metadata/0")
    assert storage.list("metadata") == []


def test_replace_writes_and_overwrites(storage: Storage) -> None:
    storage.replace("marker", b"one")
    storage.replace("marker", b"two")
    assert storage.get("marker") == b"two"


def test_a_listing_names_the_files_of_one_folder_sorted(storage: Storage) -> None:
    for path in ("a/2", "a/10", "a/b/3", "c"):
        storage.put_if_absent(path, b"")
    storage.replace("a/1", b"")
    assert storage.list("a") == ["1", "10", "2"]
    assert storage.list("") == ["c"]


def test_a_missing_folder_lists_as_empty(storage: Storage) -> None:
    assert storage.list("nowhere/at all") == []


def test_a_deleted_file_is_gone_and_may_be_written_again(storage: Storage) -> None:
    storage.put_if_absent("a/0", b"old")
    storage.delete("a/0")
    storage.delete("a/0")
    assert storage.list("a") == []
    assert storage.put_if_absent("a/0", b"new")


@pytest.mark.parametrize(
    "path", ["../out", "a/../../out", "/etc/passwd", "a//b", "a/", "", ".hidden", "a\\b", "C:x"]
)
def test_a_path_that_could_lead_out_is_refused_by_every_verb(storage: Storage, path: str) -> None:
    for verb in (storage.get, storage.delete):
        with pytest.raises(StorageRefused, match="refused"):
            verb(path)
    for put in (storage.put_if_absent, storage.replace):
        with pytest.raises(StorageRefused, match="refused"):
            put(path, b"")


def test_the_local_storage_is_what_a_path_opens(tmp_path: Path) -> None:
    assert isinstance(open_storage(tmp_path), LocalStorage)
