"""Arrays as bytes: the same arrays, the same bytes."""

from __future__ import annotations

import numpy as np
import pytest

from streamcore.storage.tensors import NotTensors, decode, digest, encode

ARRAYS: dict[str, np.ndarray] = {
    "weights": np.arange(6, dtype=np.float64).reshape(2, 3),
    "step": np.array(7, dtype=np.int64),
    "small": np.array([1.5, -0.0], dtype=np.float32),
    "seen": np.array([True, False]),
    "none": np.zeros((0, 4)),
    "keys": np.array([2**64 - 1], dtype=np.uint64),
}


def test_arrays_come_back_with_their_types_shapes_and_bits():
    back = decode(encode(ARRAYS))
    assert back.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert (back[name].dtype, back[name].shape) == (array.dtype, array.shape)
        assert back[name].tobytes() == array.tobytes()


def test_neither_the_order_of_the_names_nor_the_layout_in_memory_shows():
    turned = {name: np.array(array, order="F") for name, array in reversed(ARRAYS.items())}
    assert encode(turned) == encode(ARRAYS)
    np.testing.assert_array_equal(decode(encode({"a": np.arange(6).reshape(2, 3).T}))["a"][0], [0, 3])


def test_bytes_in_the_other_order_become_those_of_this_one():
    assert decode(encode({"a": np.array([1, 2], dtype=">i4")}))["a"].tolist() == [1, 2]


def test_another_number_is_another_digest():
    other = {**ARRAYS, "step": np.array(8, dtype=np.int64)}
    assert digest(encode(other)) != digest(encode(ARRAYS))
    assert len(digest(encode(ARRAYS))) == 64


@pytest.mark.parametrize("array", [np.array(["a"]), np.array([None]), np.array([1j])])
def test_an_array_that_cannot_be_kept_is_named(array):
    with pytest.raises(NotTensors, match="'words'"):
        encode({"words": array})


def test_a_name_that_the_format_has_taken_is_refused():
    with pytest.raises(NotTensors, match="__metadata__"):
        encode({"__metadata__": np.zeros(1)})


@pytest.mark.parametrize("data", [b"", b"abc", b"\xff" * 64, encode(ARRAYS)[:-1]])
def test_bytes_that_hold_no_arrays_are_refused(data):
    with pytest.raises(NotTensors, match="hold no arrays"):
        decode(data)
