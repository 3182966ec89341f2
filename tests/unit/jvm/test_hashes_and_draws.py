"""The places of terms are those of Spark, and the JVM's random numbers those of the JVM."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from streamcore.errors import IllegalArgumentException
from streamcore.jvm.java_random import JavaRandom, XorShiftRandom
from streamcore.jvm.murmur3 import hash_bytes, hash_column, hash_texts, places_of


def test_text_has_the_place_that_spark_gives_it() -> None:
    words = ["a", "ab", "abc", "abcd", "abcde", "é", "日本", "日本語", "😀", ""]
    places = [107107, 69191, 204392, 58828, 142320, 33439, 231525, 188088, 197907, 249180]
    assert places_of(hash_texts(pa.array(words)), 1 << 18).tolist() == places


@pytest.mark.parametrize(
    ("value", "kind", "place"),
    [
        (1, pa.int32(), 43), (2**40, pa.int64(), 313), (1.5, pa.float64(), 749), (True, pa.bool_(), 43),
        (False, pa.bool_(), 791), (0.0, pa.float64(), 805), (-0.0, pa.float64(), 915),
        (float("nan"), pa.float64(), 615),
        (1.5, pa.float32(), 472), (3, pa.int8(), 51), (None, pa.string(), 42),
    ],
)  # fmt: skip
def test_a_value_of_any_type_has_the_place_that_spark_gives_it(value, kind, place) -> None:
    assert places_of(hash_column(pa.array([value], kind)), 1000).tolist() == [place]


def test_text_of_any_length_is_hashed_alike_alone_and_among_others() -> None:
    words = ["x" * length for length in range(70)] + ["é" * 400]
    alone = [np.uint32(hash_bytes(word.encode(), 42)).astype(np.int32) for word in words]
    assert hash_texts(pa.array(words)).tolist() == alone
    assert hash_texts(pa.array(words).slice(3, 5)).tolist() == alone[3:8]
    assert hash_texts(pa.array([], pa.string())).tolist() == []


def test_a_type_that_spark_does_not_hash_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="list<item: int64>"):
        hash_column(pa.array([[1]]))


def test_random_numbers_are_those_of_the_jvm() -> None:
    drawn = JavaRandom(12345)
    assert [drawn.next_int(2038074742) for _ in range(4)] == [776966251, 1102109080, 2003588241, 1969488828]
    assert JavaRandom(42).next_gaussian() == pytest.approx(1.1419053154730547, abs=1e-15)
    assert 0 <= XorShiftRandom(7).next_double() < 1


@pytest.mark.parametrize("seed", [1 << 63, -(1 << 63) - 1])
def test_a_seed_beyond_64_bits_is_refused(seed: int) -> None:
    with pytest.raises(IllegalArgumentException, match=f"64 bits, which {seed} is not"):
        XorShiftRandom(seed)
