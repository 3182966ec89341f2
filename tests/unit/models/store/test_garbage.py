from __future__ import annotations

from pathlib import Path

import pytest

from streamcore.errors import IllegalArgumentException, ModelDamaged, ModelNotFound
from streamcore.models.store import ModelStore
from tests.unit.models.store.content import publish, weight_of


@pytest.fixture
def ten(store: ModelStore) -> ModelStore:
    for number in range(1, 11):
        publish(store, number / 10)
    return store


def files(store: ModelStore, folder: str) -> list[str]:
    return sorted(path.name for path in Path(store.location, folder).iterdir())


def test_the_newest_versions_are_kept(ten: ModelStore) -> None:
    assert ten.gc(keep=3).versions == (1, 2, 3, 4, 5, 6, 7)
    assert ten.versions() == [8, 9, 10]
    assert len(files(ten, "objects")) == 3
    assert ten.gc(keep=3).versions == ()
    assert publish(ten, 2.0).version == 11


def test_what_has_a_name_or_a_holder_is_kept(ten: ModelStore) -> None:
    ten.alias("champion", 1)
    ten.alias("champion", 2)
    ten.alias("champion", 4)
    ten.tag("audited", 5)
    ten.hold(6, "query-1")
    ten.gc(keep=1)
    # 2 is what a rollback of the champion goes back to.
    assert ten.versions() == [2, 4, 5, 6, 10]
    assert [weight_of(ten, version) for version in ten.versions()] == [0.2, 0.4, 0.5, 0.6, 1.0]
    assert ten.rollback("champion").version == 2
    with pytest.raises(ModelNotFound):
        ten.rollback("champion")


def test_what_is_released_goes(ten: ModelStore) -> None:
    for version in (1, 2, 3):
        assert ten.hold(version, "query-1") == version
    ten.hold(2, "query-2")
    ten.release("query-1", keep=[3])
    assert ten.holds() == {"query-1": {3}, "query-2": {2}}
    ten.gc(keep=1)
    assert ten.versions() == [2, 3, 10]


def test_the_newest_version_of_every_query_is_kept_for_its_next_start(store: ModelStore) -> None:
    for batch in range(3):
        publish(store, batch, batch=batch, query="a")
    for batch in range(2):
        publish(store, batch, batch=batch, query="b")
    publish(store, 9.0)
    store.gc(keep=1)
    assert store.versions() == [3, 5, 6]
    found = ModelStore(store.location).last_committed("a")
    assert found is not None
    assert found.batch_id == 2


def test_bytes_that_a_kept_version_shares_stay(store: ModelStore) -> None:
    for value in (0.5, 0.6, 0.5):
        publish(store, value)
    store.gc(keep=1)
    assert weight_of(store, 3) == 0.5
    assert len(files(store, "objects")) == 1


def test_what_a_crashed_publisher_left_goes(ten: ModelStore) -> None:
    Path(ten.location, "objects", "ab" * 32).write_bytes(b"left")
    assert ten.gc(keep=10).objects == ("ab" * 32,)
    assert len(files(ten, "objects")) == 10


def test_old_moves_of_an_alias_go(ten: ModelStore) -> None:
    for version in range(1, 9):
        ten.alias("champion", version)
    ten.gc()
    assert files(ten, "aliases") == ["champion@7", "champion@8"]
    ten.alias("champion", 10)
    assert files(ten, "aliases") == ["champion@7", "champion@8", "champion@9"]


def test_a_dry_run_tells_and_removes_nothing(ten: ModelStore) -> None:
    told = ten.gc(keep=4, dry_run=True)
    assert ten.versions() == list(range(1, 11))
    assert ten.gc(keep=4) == told


def test_the_newest_version_is_never_removed(ten: ModelStore) -> None:
    with pytest.raises(IllegalArgumentException, match="keep=0"):
        ten.gc(keep=0)


def test_nothing_is_removed_while_a_manifest_is_damaged(ten: ModelStore) -> None:
    Path(ten.location, "versions", "9").write_text("torn")
    with pytest.raises(ModelDamaged, match=r"versions/9 is damaged"):
        ten.gc(keep=1)
    assert len(files(ten, "versions")) == len(files(ten, "objects")) == 10


def test_a_reader_whose_version_is_collected_under_its_hands_follows_the_alias(
    ten: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has read where the alias pointed; before it reads the bytes, the alias moves and the rest goes."""
    ten.alias("champion", 1)
    reader = ModelStore(ten.location)
    looks = iter([1])
    resolve = reader.resolve
    monkeypatch.setattr(reader, "resolve", lambda name: next(looks, None) or resolve(name))
    for version in (2, 3):
        ten.alias("champion", version)
    ten.gc(keep=1)
    assert weight_of(reader, "champion") == 0.3
