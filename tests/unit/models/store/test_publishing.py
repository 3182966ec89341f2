from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from streamcore.errors import (
    IllegalArgumentException,
    ModelConflict,
    ModelDamaged,
    ModelNotFound,
    ModelStoreError,
)
from streamcore.models.store import ModelStore
from streamcore.spi.exactly_once import CommitRecord
from streamcore.storage import StorageFull, StorageRefused
from streamcore.storage.local import LocalStorage
from streamcore.storage.tensors import encode
from streamcore.testing.clock import ManualClock
from streamcore.version import __version__
from tests.unit.models.store.content import MODEL, publish, weight_of, weights


def test_versions_are_numbered_from_one_and_loaded_by_number(store: ModelStore) -> None:
    assert [publish(store, value).version for value in (0.5, 0.6, 0.7)] == [1, 2, 3]
    assert store.versions() == [1, 2, 3]
    assert [weight_of(store, version) for version in (1, 2, "3", "latest")] == [0.5, 0.6, 0.7, 0.7]


def test_a_version_says_what_it_is_and_what_made_it(tmp_path: Path) -> None:
    store = ModelStore(tmp_path, ManualClock(1_763_700_000_000))
    publish(store, 0.4)
    store.publish(
        weights(0.5),
        model=MODEL,
        schema={"input": [["x", "double"]], "output": [["prediction", "double"]]},
        made_by=CommitRecord("q", 41, '{"batch_id":41}'),
        parent=1,
        metrics={"mae": np.float64(0.25), "auc": float("nan"), "confusion": np.array([[3, 1], [0, 4]])},
    )
    found = ModelStore(tmp_path).describe(2)
    assert (found.version, found.parent, found.kind, found.name) == (2, 1, "state", "line")
    assert found.model == MODEL
    assert found.schema == {"input": [["x", "double"]], "output": [["prediction", "double"]]}
    assert found.made_by == CommitRecord("q", 41, '{"batch_id":41}')
    assert found.metrics == {"mae": 0.25, "auc": None, "confusion": [[3, 1], [0, 4]]}
    assert found.created.isoformat() == "2025-11-21T04:40:00+00:00"
    assert found.libraries["streamcore"] == __version__
    assert found.size == len(encode(weights(0.5)))


def test_bytes_of_a_state_are_published_as_they_are(store: ModelStore) -> None:
    store.publish(encode(weights(0.5)), model=MODEL)
    assert weight_of(store, 1) == 0.5
    assert store.describe(1).files == publish(store, 0.5).files


def test_two_versions_of_equal_bytes_share_them(store: ModelStore) -> None:
    publish(store, 0.5), publish(store, 0.5)
    assert store.versions() == [1, 2]
    assert len(list(Path(store.location, "objects").iterdir())) == 1


def test_a_batch_that_is_replayed_publishes_nothing_new(store: ModelStore) -> None:
    first = publish(store, 0.5, batch=7)
    publish(store, 0.1)
    assert publish(ModelStore(store.location), 0.5, batch=7) == first
    assert store.versions() == [1, 2]
    assert publish(store, 0.5, batch=8).version == 3


def test_a_batch_that_comes_out_otherwise_the_second_time_is_refused(store: ModelStore) -> None:
    publish(store, 0.5, batch=7)
    with pytest.raises(ModelConflict, match=r"batch 7 of query q .* made version 1 of other bytes"):
        publish(store, 0.6, batch=7)
    with pytest.raises(ModelConflict, match=r"batch 6 of query q"):
        publish(store, 0.5, batch=6)
    assert store.versions() == [1]


def test_a_query_finds_the_record_of_its_last_batch_among_those_of_others(store: ModelStore) -> None:
    assert store.last_committed("q") is None
    publish(store, 0.5, batch=7)
    publish(store, 0.6, batch=3, query="another")
    publish(store, 0.7)
    assert store.last_committed("q") == CommitRecord("q", 7, '{"batch_id":7}')
    publish(ModelStore(store.location), 0.8, batch=8)
    found = store.last_committed("q")
    assert found is not None
    assert found.batch_id == 8


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"model": {"settings": {}}}, "has no name"),
        ({"model": {"name": "line", "settings": {"step": float("nan")}}}, "the model, holds a NaN"),
        ({"model": MODEL, "metrics": {"mae": object()}}, "in the metrics cannot be written as JSON"),
        ({"model": MODEL, "schema": {1: "x"}}, "a name that is no string"),
    ],
)
def test_what_cannot_be_written_down_is_refused(
    store: ModelStore, given: dict[str, Any], message: str
) -> None:
    with pytest.raises(IllegalArgumentException, match=message):
        store.publish(weights(0.5), **given)
    assert store.versions() == []


def test_a_parent_must_be_there(store: ModelStore) -> None:
    with pytest.raises(ModelNotFound, match="no version 3"):
        store.publish(weights(0.5), model=MODEL, parent=3)


@pytest.mark.parametrize("reference", [2, 0, -1, True, 1.0, "2", "0", "champion", "latest "])
def test_what_is_not_there_is_said_to_be_missing(store: ModelStore, reference) -> None:
    publish(store, 0.5)
    with pytest.raises((ModelNotFound, IllegalArgumentException)):
        store.load(reference)


def test_an_empty_store_has_no_latest_and_looking_makes_no_folder(store: ModelStore) -> None:
    with pytest.raises(ModelNotFound, match="latest"):
        store.load("latest")
    assert not Path(store.location).exists()


def test_a_place_without_atomic_creation_is_refused() -> None:
    with pytest.raises(StorageRefused, match="s3://bucket/models cannot hold a model store"):
        ModelStore("s3://bucket/models")


# ---- models that are folders ---------------------------------------------------------------------


def saved(folder: Path) -> Path:
    for path, text in {
        "metadata/part-00000": "{}",
        "stages/0_a/data/x.parquet": "PAR1",
        ".x.crc": "?",
    }.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


def test_a_saved_model_is_published_and_checked_out_file_by_file(store: ModelStore, tmp_path: Path) -> None:
    made = store.publish_folder(saved(tmp_path / "model"), model={"name": "pipeline"})
    assert sorted(made.files) == ["metadata/part-00000", "stages/0_a/data/x.parquet"]
    store.checkout("latest", tmp_path / "out")
    files = {p.relative_to(tmp_path / "out").as_posix() for p in (tmp_path / "out").rglob("*") if p.is_file()}
    assert files == set(made.files)
    assert (tmp_path / "out/stages/0_a/data/x.parquet").read_text() == "PAR1"


def test_a_checkout_goes_into_a_new_folder_only(store: ModelStore, tmp_path: Path) -> None:
    store.publish_folder(saved(tmp_path / "model"), model={"name": "pipeline"})
    (tmp_path / "out").mkdir()
    with pytest.raises(ModelStoreError, match="is there already"):
        store.checkout(1, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_damaged_file_leaves_no_folder_behind(store: ModelStore, tmp_path: Path) -> None:
    made = store.publish_folder(saved(tmp_path / "model"), model={"name": "pipeline"})
    last = made.files["stages/0_a/data/x.parquet"].digest
    Path(store.location, "objects", last).write_text("torn")
    with pytest.raises(ModelDamaged, match=last):
        store.checkout(1, tmp_path / "out" / "here")
    assert list((tmp_path / "out").iterdir()) == []
    assert [last in problem for problem in store.problems(1)] == [True]


def test_a_folder_is_no_state(store: ModelStore, tmp_path: Path) -> None:
    store.publish_folder(saved(tmp_path / "model"), model={"name": "pipeline"})
    with pytest.raises(ModelStoreError, match=r"a saved pipeline.*use checkout"):
        store.load(1)


def test_only_a_folder_with_real_files_is_published(store: ModelStore, tmp_path: Path) -> None:
    with pytest.raises(IllegalArgumentException, match="is no folder"):
        store.publish_folder(tmp_path / "nothing", model=MODEL)
    (tmp_path / "empty").mkdir()
    with pytest.raises(IllegalArgumentException, match="holds no files"):
        store.publish_folder(tmp_path / "empty", model=MODEL)
    model = saved(tmp_path / "model")
    (model / "link").symlink_to("/etc/hostname")
    with pytest.raises(IllegalArgumentException, match="is a link"):
        store.publish_folder(model, model=MODEL)
    assert store.versions() == []


# ---- a disk that is full -------------------------------------------------------------------------


@pytest.mark.parametrize("folder", ["objects", "versions"])
def test_a_full_disk_leaves_whole_versions_and_the_same_call_may_be_made_again(
    store: ModelStore, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    publish(store, 0.5, batch=1)
    put = LocalStorage.put_if_absent

    def full(storage: LocalStorage, path: str, data: bytes) -> bool:
        if path.startswith(folder):
            raise StorageFull("no space is left")
        return put(storage, path, data)

    with monkeypatch.context() as while_full:
        while_full.setattr(LocalStorage, "put_if_absent", full)
        with pytest.raises(StorageFull):
            publish(store, 0.6, batch=2)
        assert (store.versions(), store.problems(1)) == ([1], [])
    assert publish(store, 0.6, batch=2).version == 2
    assert weight_of(store, "latest") == 0.6
