"""Single values as Hadoop's programs write them."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamcore.errors import StreamcoreError, UnsupportedOperationException
from streamcore.rdd.hadoop.writables import check_class, class_for, decode, encode, read_vint, vint

atoms = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(1 << 63), (1 << 63) - 1),
    st.floats(allow_nan=False),
    st.text(),
    st.binary(),
)
values = st.recursive(atoms, lambda inner: st.dictionaries(atoms, inner, max_size=4), max_leaves=8)


@given(values)
def test_a_value_comes_back_as_it_was_written(value: Any) -> None:
    name = class_for(value)
    file = BytesIO(encode(name, value))
    assert decode(name, file) == value
    assert not file.read()


@given(st.integers(-(1 << 63), (1 << 63) - 1))
def test_integers_of_variable_length_come_back(value: int) -> None:
    assert read_vint(BytesIO(vint(value))) == value


@pytest.mark.parametrize("value", [1 << 63, [1], (1, 2), object(), {1}])
def test_a_value_without_a_writable_is_named(value: object) -> None:
    with pytest.raises(UnsupportedOperationException, match="has no Writable"):
        class_for(value)


def test_a_value_that_does_not_fit_its_class_is_named() -> None:
    with pytest.raises(StreamcoreError, match=r"'x' cannot be written as org.apache.hadoop.io.IntWritable"):
        encode("org.apache.hadoop.io.IntWritable", "x")


def test_classes_of_the_users_own_are_refused() -> None:
    with pytest.raises(UnsupportedOperationException, match=r"com.example.Mine is a Java class"):
        check_class("com.example.Mine")


def test_bytes_that_end_too_early_are_noticed() -> None:
    with pytest.raises(EOFError):
        decode("org.apache.hadoop.io.Text", BytesIO(b"\x05abc"))
