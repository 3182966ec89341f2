"""A store may be damaged, or come from somebody who means no good: it is safe to open, and says so."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from streamcore.errors import ModelDamaged, ModelStoreError
from streamcore.models.store import ModelStore
from streamcore.models.store.records import sealed
from streamcore.storage.canonical import canonical
from tests.unit.models.store.content import publish

_FILES = {"versions/1": "describe", "aliases/champion@1": "alias", "tags/audited": "tag"}


@pytest.fixture
def folder(store: ModelStore) -> Path:
    publish(store, 0.5)
    store.alias("champion", 1)
    store.tag("audited", 1)
    return Path(store.location)


def read(folder: Path, file: str) -> object:
    store = ModelStore(folder)
    return {"describe": lambda: store.describe(1), "alias": store.aliases, "tag": store.tags}[_FILES[file]]()


@pytest.mark.parametrize("file", _FILES)
@pytest.mark.parametrize(
    ("damage", "how"),
    [
        (lambda data: b"", "it is empty"),
        (lambda data: data[: len(data) // 2], "damaged"),
        (lambda data: data.replace(b"}", b",2}"), "its checksum"),
        (lambda data: b"\xff\xfe" + data, "it is not text"),
    ],
)
def test_a_file_that_is_not_as_it_was_written_is_named(folder: Path, file: str, damage, how: str) -> None:
    path = folder / file
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ModelDamaged, match=how) as caught:
        read(folder, file)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("file", "copy"),
    [
        ("versions/1", "versions/2"),
        ("aliases/champion@1", "aliases/champion@2"),
        ("tags/audited", "tags/other"),
    ],
)
def test_a_file_under_another_name_is_not_believed(folder: Path, file: str, copy: str) -> None:
    shutil.copy(folder / file, folder / copy)
    with pytest.raises(ModelDamaged, match="it was written as"):
        store = ModelStore(folder)
        store.list(), store.aliases(), store.tags()


def test_a_file_of_a_later_format_is_refused_by_its_number(folder: Path) -> None:
    path = folder / "versions/1"
    path.write_bytes(path.read_bytes().replace(b"model-version 1", b"model-version 2"))
    with pytest.raises(ModelStoreError, match="has format 2; this version of streamcore reads format 1"):
        ModelStore(folder).describe(1)


def forged(folder: Path, **changes: object) -> ModelStore:
    store = ModelStore(folder)
    body = store.describe(1).to_json() | changes
    (folder / "versions/1").write_bytes(sealed("model-version", canonical(body)))
    return store


_DIGEST = "0" * 64


@pytest.mark.parametrize(
    "changes",
    [
        {"files": {"../../etc/passwd": [_DIGEST, 1]}, "kind": "folder"},
        {"files": {"/etc/passwd": [_DIGEST, 1]}, "kind": "folder"},
        {"files": {".bashrc": [_DIGEST, 1]}, "kind": "folder"},
        {"files": {"a": ["../../../etc/passwd", 1]}, "kind": "folder"},
        {"files": {"state.safetensors": ["../../secret", 1]}},
        {"files": {}},
        {"files": [1]},
        {"kind": "pickle"},
        {"version": "1"},
        {"more": 1},
        {"made_by": {"query_id": "q"}},
    ],
    ids=json.dumps,
)
def test_a_manifest_that_was_made_to_lead_elsewhere_is_refused(
    folder: Path, changes: dict[str, Any], tmp_path: Path
) -> None:
    store = forged(folder, **changes)
    for act in (store.load, lambda version: store.checkout(version, tmp_path / "out")):
        with pytest.raises(ModelDamaged, match="versions/1 is damaged"):
            act(1)
    assert not (tmp_path / "out").exists()


def test_deeply_nested_json_is_damage_and_not_the_end_of_the_process(folder: Path) -> None:
    (folder / "versions/1").write_bytes(sealed("model-version", "[" * 100_000))
    with pytest.raises(ModelDamaged):
        ModelStore(folder).describe(1)


def test_links_in_a_store_are_not_followed(folder: Path, tmp_path: Path) -> None:
    digest = next((folder / "objects").iterdir())
    shutil.move(digest, tmp_path / "elsewhere")
    digest.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Exception, match="cannot read"):
        ModelStore(folder).load(1)


def test_a_version_whose_bytes_are_gone_says_which(folder: Path) -> None:
    shutil.rmtree(folder / "objects")
    with pytest.raises(ModelDamaged, match=r"objects/[0-9a-f]{64} is missing"):
        ModelStore(folder).load("champion")
