from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from streamcore.storage import StorageRefused, existing_storage, open_storage

if TYPE_CHECKING:
    from pathlib import Path


def test_a_path_and_its_file_uri_are_one_place(tmp_path: Path) -> None:
    folder = tmp_path / "my checkpoint"
    open_storage(folder).put_if_absent("a", b"x")
    assert open_storage(folder.as_uri()).get("a") == b"x"
    assert open_storage(f"file:{folder}").get("a") == b"x"


def test_a_memory_name_is_one_place_in_the_process() -> None:
    open_storage("memory://shared-by-name").put_if_absent("a", b"x")
    assert open_storage("memory://shared-by-name").get("a") == b"x"
    assert open_storage("memory://another-name").list("") == []


@pytest.mark.parametrize("uri", ["s3://bucket/x", "gs://bucket/x", "abfss://c@lake.dfs.core.windows.net/x"])
def test_an_object_store_without_its_library_names_the_extra(
    uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "obstore.store", None)
    with pytest.raises(
        StorageRefused, match=r"obstore is missing: pip install 'streamcore-engine\[objects\]'"
    ):
        existing_storage(uri)


def test_hdfs_is_refused_with_its_own_reason() -> None:
    with pytest.raises(StorageRefused, match="does not sync"):
        open_storage("hdfs://namenode/x")


def test_an_unknown_scheme_is_refused_by_name() -> None:
    with pytest.raises(StorageRefused, match="scheme 'ftp' is not known"):
        open_storage("ftp://host/x")


def test_a_password_in_a_uri_is_not_repeated() -> None:
    with pytest.raises(StorageRefused) as refusal:
        open_storage("s3://key:hidden@bucket/x?secret_key=hidden")
    assert "hidden" not in str(refusal.value)


def test_a_file_uri_of_another_host_is_refused() -> None:
    with pytest.raises(StorageRefused, match="names a host"):
        open_storage("file://elsewhere/x")


def test_looking_makes_no_folder(tmp_path: Path) -> None:
    assert existing_storage(tmp_path / "nothing").list("") == []
    assert not (tmp_path / "nothing").exists()
