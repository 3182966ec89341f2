from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from streamcore.storage import StorageError, StorageFull, StorageRefused, open_storage, publish
from streamcore.storage.local import LocalStorage


@pytest.fixture(params=["nameless", "hidden"])
def storage(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalStorage:
    if request.param == "hidden":
        monkeypatch.setattr(publish, "_NAMELESS", 0)
    return LocalStorage(tmp_path / "checkpoint")


def files_under(folder: str) -> set[str]:
    return {name for _, _, names in os.walk(folder) for name in names}


def test_writing_leaves_no_other_file_behind(storage: LocalStorage) -> None:
    storage.put_if_absent("a/0", b"1")
    storage.put_if_absent("a/0", b"2")
    storage.replace("a/1", b"3")
    assert files_under(storage.location) == {"0", "1"}


def test_every_file_is_synced_before_its_folder(
    storage: LocalStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage.put_if_absent("a/0", b"")
    synced: list[str] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        synced.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    storage.put_if_absent("a/1", b"x")
    storage.replace("a/1", b"y")
    assert synced == ["file", "folder", "file", "folder"]


def test_a_new_folder_is_synced_into_its_parent(
    storage: LocalStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    monkeypatch.setattr("streamcore.storage.publish.sync_folder", lambda folder: synced.append(folder.name))
    storage.put_if_absent("a/b/0", b"x")
    assert synced[-2:] == ["checkpoint", "a"]


@pytest.mark.parametrize("verb", ["put_if_absent", "replace"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_said_and_the_write_may_be_tried_again(
    storage: LocalStorage, monkeypatch: pytest.MonkeyPatch, verb: str, code: int
) -> None:
    storage.replace("offsets/1", b"before")
    path = "offsets/2" if verb == "put_if_absent" else "offsets/1"
    with monkeypatch.context() as full:

        def fsync(_: int) -> None:
            raise OSError(code, os.strerror(code))

        full.setattr(os, "fsync", fsync)
        with pytest.raises(StorageFull, match=rf"no space is left to write '{path}' under .*Free some space"):
            getattr(storage, verb)(path, b"after")
    assert files_under(storage.location) == {"1"}
    assert storage.get("offsets/1") == b"before"
    getattr(storage, verb)(path, b"after")
    assert storage.get(path) == b"after"


def test_another_failure_names_the_file_and_the_reason(
    storage: LocalStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fsync(_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(StorageError, match=r"cannot write 'a/0' under .*Input/output error"):
        storage.put_if_absent("a/0", b"")


def test_a_linked_folder_is_not_followed_out(storage: LocalStorage, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "0").write_text("precious")
    storage.put_if_absent("metadata", b"")
    Path(storage.location, "offsets").symlink_to(outside)
    with pytest.raises(StorageRefused, match="symbolic link"):
        storage.get("offsets/0")
    with pytest.raises(StorageRefused, match="symbolic link"):
        storage.delete("offsets/0")
    with pytest.raises(StorageRefused, match="symbolic link"):
        storage.put_if_absent("offsets/1", b"")
    assert (outside / "0").read_text() == "precious"


def test_the_files_of_a_linked_folder_are_not_listed(storage: LocalStorage, tmp_path: Path) -> None:
    storage.put_if_absent("metadata", b"")
    Path(storage.location, "offsets").symlink_to(tmp_path)
    with pytest.raises(StorageRefused, match="symbolic link"):
        storage.list("offsets")


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="the system does not list open descriptors")
def test_a_mapped_file_keeps_no_descriptor_open_and_may_be_deleted(storage: LocalStorage) -> None:
    storage.put_if_absent("a/0", b"mapped")
    storage.map("a/0")
    before = len(list(Path("/dev/fd").iterdir()))
    found = [storage.map("a/0") for _ in range(5)]
    # What others open and let go meanwhile counts too: a descriptor for each map would be five more.
    assert len(list(Path("/dev/fd").iterdir())) < before + len(found)
    storage.delete("a/0")
    assert {bytes(data) for data in found} == {b"mapped"}


def test_a_linked_file_is_neither_read_nor_listed(storage: LocalStorage, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x")
    storage.put_if_absent("metadata", b"")
    Path(storage.location, "0").symlink_to(secret)
    assert storage.list("") == ["metadata"]
    with pytest.raises(StorageError, match="cannot read '0'"):
        storage.get("0")


def test_the_checkpoint_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "link").symlink_to("disk")
    storage = open_storage(tmp_path / "link")
    storage.put_if_absent("offsets/0", b"x")
    assert (tmp_path / "disk" / "offsets" / "0").read_bytes() == b"x"


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageRefused, match="is a file, not a folder"):
        open_storage(tmp_path / "file")


def test_a_file_system_without_links_is_refused_when_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_link(*_: object, **__: object) -> None:
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))

    monkeypatch.setattr(os, "link", no_link)
    with pytest.raises(StorageRefused, match="has no hard links"):
        open_storage(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_without_nameless_files_a_hidden_one_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.open

    def open_(path: str, flags: int, *rest: object, **options: object) -> int:
        if flags & os.O_TMPFILE == os.O_TMPFILE:
            raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))
        return real(path, flags, *rest, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", open_)
    storage = open_storage(tmp_path)
    assert storage.put_if_absent("a", b"1")
    assert not storage.put_if_absent("a", b"2")
    assert files_under(str(tmp_path)) == {"a"}


def test_a_writer_killed_before_the_link_leaves_nothing(tmp_path: Path) -> None:
    script = f"""
import os, signal
from streamcore.storage.local import LocalStorage
os.link = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
LocalStorage({str(tmp_path)!r}).put_if_absent("offsets/0", b"half")
"""
    killed = subprocess.run([sys.executable, "-c", script], check=False)
    assert killed.returncode == -9
    assert LocalStorage(tmp_path).list("offsets") == []
    assert LocalStorage(tmp_path).put_if_absent("offsets/0", b"whole")
