from __future__ import annotations

from pathlib import Path

import pytest

from streamcore.errors import IllegalArgumentException, ModelConflict, ModelNotFound
from streamcore.models.store import ModelStore
from tests.unit.models.store.content import publish, weight_of


@pytest.fixture
def three(store: ModelStore) -> ModelStore:
    for value in (0.1, 0.2, 0.3):
        publish(store, value)
    return store


def test_an_alias_names_a_version_until_it_is_moved(three: ModelStore) -> None:
    three.alias("champion", 1)
    three.alias("challenger", "latest")
    assert three.aliases() == {"challenger": 3, "champion": 1}
    three.alias("champion", "challenger")
    assert weight_of(three, "champion") == 0.3


def test_an_alias_moves_only_from_where_it_was_expected(three: ModelStore) -> None:
    three.alias("champion", 1, expected=None)
    with pytest.raises(ModelConflict, match="names version 1, not version 2"):
        three.alias("champion", 3, expected=2)
    with pytest.raises(ModelConflict, match="names version 1, not nothing"):
        three.alias("champion", 3, expected=None)
    with pytest.raises(ModelConflict, match="names nothing, not version 1"):
        three.alias("challenger", 3, expected=1)
    assert three.aliases() == {"champion": 1}
    three.alias("champion", 3, expected=1)
    assert three.aliases() == {"champion": 3}


def test_an_alias_names_no_version_that_is_not_there(three: ModelStore) -> None:
    with pytest.raises(ModelNotFound, match="no version 4"):
        three.alias("champion", 4)
    assert three.aliases() == {}


def test_a_rollback_goes_back_through_what_an_alias_named(three: ModelStore) -> None:
    for version in (1, 2, 2, 3):
        three.alias("champion", version)
    assert [three.rollback("champion").version for _ in range(2)] == [2, 1]
    with pytest.raises(ModelNotFound, match="nothing is known that the alias 'champion'"):
        three.rollback("champion")
    assert three.aliases() == {"champion": 1}


def test_after_a_rollback_the_alias_goes_on_from_there(three: ModelStore) -> None:
    three.alias("champion", 1)
    three.alias("champion", 3)
    three.rollback("champion")
    three.alias("champion", 2)
    assert three.rollback("champion").version == 1


def test_a_removed_alias_names_nothing_and_a_rollback_brings_it_back(three: ModelStore) -> None:
    three.alias("champion", 1)
    three.alias("champion", 2)
    three.unalias("champion", expected=2)
    assert three.aliases() == {}
    with pytest.raises(ModelNotFound, match="no alias or tag 'champion'"):
        three.load("champion")
    assert three.rollback("champion").version == 2
    assert three.rollback("champion").version == 1


def test_a_tag_stays_with_its_version(three: ModelStore) -> None:
    three.tag("audited", 2)
    three.tag("audited", 2)
    with pytest.raises(ModelConflict, match="stays with version 2"):
        three.tag("audited", 3)
    assert weight_of(three, "audited") == 0.2
    three.untag("audited")
    assert three.tags() == {}
    with pytest.raises(ModelNotFound, match="no tag 'audited'"):
        three.untag("audited")


def test_a_name_is_an_alias_or_a_tag(three: ModelStore) -> None:
    three.tag("audited", 2)
    three.alias("champion", 1)
    with pytest.raises(ModelConflict, match="'audited' is a tag"):
        three.alias("audited", 1)
    with pytest.raises(ModelConflict, match="'champion' is an alias"):
        three.tag("champion", 1)


@pytest.mark.parametrize(
    "name", ["", "..", "../x", "a/b", "a@1", "1", "latest", ".hidden", "a\0", "a b", "ä", "x" * 101, "a\n"]
)
def test_a_name_that_is_no_plain_word_is_refused_wherever_it_is_given(three: ModelStore, name: str) -> None:
    for act in (
        three.unalias,
        three.rollback,
        three.untag,
        lambda n: three.alias(n, 1),
        lambda n: three.tag(n, 1),
    ):
        with pytest.raises(IllegalArgumentException, match="cannot be"):
            act(name)
    assert (three.aliases(), three.tags()) == ({}, {})


@pytest.mark.parametrize("holder", ["", "../x", "a@1", ".q", "a/b"])
def test_a_holder_that_is_no_plain_word_is_refused(three: ModelStore, holder: str) -> None:
    with pytest.raises(IllegalArgumentException, match="cannot be a holder"):
        three.hold(1, holder)
    with pytest.raises(IllegalArgumentException, match="cannot be a holder"):
        three.release(holder)


# ---- following -----------------------------------------------------------------------------------


def version_seen(polled) -> int | None:
    return None if polled is None else polled.version


def test_a_follower_says_once_when_the_alias_has_moved(three: ModelStore) -> None:
    three.alias("champion", 1)
    follower = ModelStore(three.location).follow("champion")
    assert [version_seen(follower.poll()) for _ in range(2)] == [1, None]
    three.alias("champion", 2)
    three.alias("champion", 3)
    assert [version_seen(follower.poll()) for _ in range(2)] == [3, None]
    three.rollback("champion")
    assert version_seen(follower.poll()) == 2
    assert version_seen(follower.current) == 2


def test_a_follower_of_the_newest_version_sees_what_is_published(three: ModelStore) -> None:
    follower = three.follow("latest")
    assert [version_seen(follower.poll()) for _ in range(2)] == [3, None]
    publish(ModelStore(three.location), 0.4)
    assert version_seen(follower.poll()) == 4


def test_a_follower_says_so_while_its_alias_names_nothing(three: ModelStore) -> None:
    follower = three.follow("champion")
    with pytest.raises(ModelNotFound):
        follower.poll()
    three.alias("champion", 1)
    assert version_seen(follower.poll()) == 1
    three.unalias("champion")
    for _ in range(2):
        with pytest.raises(ModelNotFound):
            follower.poll()
    three.alias("champion", 1)
    assert follower.poll() is None


def test_a_version_that_is_not_finished_is_not_seen(three: ModelStore) -> None:
    follower = three.follow("latest")
    follower.poll()
    Path(three.location, "objects", "ab" * 32).write_bytes(b"half")
    Path(three.location, "versions", ".4.77-1.tmp").write_bytes(b"half")
    assert follower.poll() is None
    assert three.versions() == [1, 2, 3]
