from __future__ import annotations

from hashlib import sha256

import numpy as np
import pytest

from streamcore.errors import ModelDamaged
from streamcore.models.store import read_artefact, write_artefact
from streamcore.storage.memory import MemoryStorage
from streamcore.storage.tensors import NotTensors


def test_arrays_come_back_as_they_were_with_their_types_and_shapes() -> None:
    storage = MemoryStorage()
    state = {
        "scalar": np.array(3.0),
        "empty": np.zeros((0, 4), np.float32),
        "turned": np.arange(6).reshape(2, 3).T,
        "every second": np.arange(10)[::2],
        "big-endian": np.arange(3, dtype=">i4"),
        "odd": np.array([np.nan, -0.0, np.inf]),
        "flags": np.array([True, False]),
        "grüße": np.array([1], np.uint8),
    }
    found = read_artefact(storage, write_artefact(storage, state))
    assert set(found) == set(state)
    for name, array in state.items():
        assert found[name].shape == array.shape
        assert found[name].dtype == array.dtype.newbyteorder("=")
        np.testing.assert_array_equal(found[name], array)
        assert np.signbit(found["odd"][1])


def test_equal_states_are_kept_once_under_the_digest_of_their_bytes() -> None:
    storage = MemoryStorage()
    first = write_artefact(storage, {"a": np.ones(2), "b": np.arange(6).reshape(2, 3)})
    again = write_artefact(storage, {"b": np.asfortranarray(np.arange(6).reshape(2, 3)), "a": np.ones(2)})
    assert first == again
    assert storage.list("objects") == [first]
    assert sha256(storage.get(f"objects/{first}")).hexdigest() == first


def test_states_that_differ_have_different_names() -> None:
    storage = MemoryStorage()
    states = [{"a": np.zeros(1)}, {"a": np.zeros(2)}, {"a": np.array([-0.0])}, {"b": np.zeros(1)}, {}]
    assert len({write_artefact(storage, state) for state in states}) == len(states)


def test_what_is_read_is_the_readers_own() -> None:
    storage = MemoryStorage()
    name = write_artefact(storage, {"a": np.zeros(2)})
    read_artefact(storage, name)["a"][0] = 5.0
    assert read_artefact(storage, name)["a"].tolist() == [0.0, 0.0]


@pytest.mark.parametrize("array", [np.array(["text"]), np.array([None]), np.array([1j])])
def test_an_array_of_anything_but_numbers_is_refused_by_its_name(array: np.ndarray) -> None:
    with pytest.raises(NotTensors, match="'labels'"):
        write_artefact(MemoryStorage(), {"labels": array})


@pytest.mark.parametrize("damage", [lambda data: data[:-1], lambda data: data[:-1] + b"x", lambda data: b""])
def test_bytes_that_are_not_those_of_the_digest_are_found_and_named(damage) -> None:
    storage = MemoryStorage("memory://store")
    name = write_artefact(storage, {"a": np.ones(2)})
    storage.replace(f"objects/{name}", damage(storage.get(f"objects/{name}")))
    with pytest.raises(ModelDamaged, match=f"memory://store/objects/{name} is damaged"):
        read_artefact(storage, name)


def test_writing_the_same_state_mends_a_damaged_file() -> None:
    storage = MemoryStorage()
    name = write_artefact(storage, {"a": np.ones(2)})
    storage.replace(f"objects/{name}", b"torn")
    assert write_artefact(storage, {"a": np.ones(2)}) == name
    assert read_artefact(storage, name)["a"].tolist() == [1.0, 1.0]


def test_a_missing_file_is_named() -> None:
    with pytest.raises(ModelDamaged, match=r"objects/0+ is missing"):
        read_artefact(MemoryStorage(), "00" * 32)


def test_a_digest_is_not_a_way_to_other_files() -> None:
    storage = MemoryStorage()
    storage.put_if_absent("secret", b"")
    with pytest.raises(ValueError, match="is not a SHA-256"):
        read_artefact(storage, "../secret")


def test_bytes_that_are_whole_and_no_model_are_said_to_be_none() -> None:
    storage = MemoryStorage()
    data = b"\x02\x00\x00\x00\x00\x00\x00\x00[]"
    name = sha256(data).hexdigest()
    storage.put_if_absent(f"objects/{name}", data)
    with pytest.raises(ModelDamaged, match="is no model"):
        read_artefact(storage, name)
