"""XXH64 as PySpark's xxhash64() gives it, and the registers that estimates make of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from streamcore.duck import xxhash64
from streamcore.duck.cardinality import codes_of
from streamcore.duck.engine import SlotEngine

# What PySpark 4.3 gives, as signed numbers.
INTEGERS = {1: -6698625589789238999, -1: 2017008487422258757, 0: 3614696996920510707}
LONGS = {1: -7001672635703045582, 2**63 - 1: -3246596055638297850}
DOUBLES = [(0.0, -5252525462095825812), (-0.0, -5252525462095825812), (1.5, 7738255526519901366)]
TEXTS = {
    "": -7444071767201028348,
    "a": -8582455328737087284,
    "abc": 1423657621850124518,
    "abcd": -6810745876291105281,
    "abcde": -990457398947679591,
    "abcdefgh": 2470326616177429180,
    "abcdefghijkl": 3897903351825168219,
    "äöü": 1675867960567726058,
    "x" * 31: -1716462135722163746,
    "x" * 32: 1299777543150008824,
    "xy" * 20: 7639844051288916096,
    "abc" * 100: -3264151779672532865,
}
DIGITS = {
    "123": 1973765065063347049,
    "0": -8959994473701255385,
    "-128": -7898411661632158123,
    "128": 6715097930120473301,
    "-12345678901234567890123450": -1195362823501843603,
}


def signed(hashes: xxhash64.Words) -> list[int]:
    found: list[int] = hashes.view(np.int64).tolist()
    return found


def test_numbers_are_hashed_as_pyspark_hashes_them() -> None:
    assert signed(xxhash64.hash_of_integers(np.array([*INTEGERS], np.int32))) == [*INTEGERS.values()]
    assert signed(xxhash64.hash_of_longs(np.array([*LONGS], np.int64))) == [*LONGS.values()]
    assert signed(xxhash64.hash_of_doubles(np.array([x for x, _ in DOUBLES]))) == [h for _, h in DOUBLES]
    assert signed(xxhash64.hash_of_doubles(np.array([np.nan, 1.5], np.float32))) == [
        2692338816207849720,
        6163473420726370430,
    ]


def test_texts_of_every_length_are_hashed_as_pyspark_hashes_them() -> None:
    texts = pa.array([text.encode() for text in ("before", *TEXTS, "after")], pa.binary())
    assert signed(xxhash64.hash_of_bytes(texts[1:-1])) == [*TEXTS.values()]
    assert signed(xxhash64.hash_of_digits(pa.array([*DIGITS]))) == [*DIGITS.values()]


def test_a_code_holds_the_register_and_the_zeros_that_follow_it() -> None:
    hashes = np.array([1 << 63, (1 << 63) + 1, 3 << 58, (1 << 64) - 1], np.uint64)
    assert [(code >> 6, code & 63) for code in codes_of(hashes, 4).tolist()] == [
        (8, 61),  # no bit is set behind the register
        (8, 60),
        (0, 1),
        (15, 1),
    ]


@pytest.fixture(scope="module")
def engine() -> Iterator[SlotEngine]:
    with SlotEngine() as engine:
        yield engine


def test_the_engine_has_no_code_for_null_and_none_for_no_rows(engine: SlotEngine) -> None:
    values: Any = pa.table({"v": pa.array([None, 1], pa.int64())})
    sql = "SELECT register_of_long(v, 9) AS c FROM t"
    assert engine.run(sql, {"t": values})["c"].to_pylist()[0] is None
    assert engine.run(sql, {"t": values.slice(0, 0)}).num_rows == 0
