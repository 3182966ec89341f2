"""The partition of a key is written into checkpoints: these numbers must never change."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from streamcore.streaming.state.keys import hashable_keys
from streamcore.streaming.state.partitioning import partition_of, split_by_key

INSTANT = pa.timestamp("us", "UTC")
WINDOW = pa.struct([("start", INSTANT), ("end", INSTANT)])
NAN = float("nan")

FROZEN: list[tuple[Any, pa.DataType, int]] = [
    (None, pa.int64(), 391),
    (0, pa.int64(), 209),
    (-1, pa.int64(), 962),
    (2**62, pa.int64(), 144),
    (7, pa.int8(), 346),
    (True, pa.bool_(), 317),
    (False, pa.bool_(), 840),
    (0.0, pa.float64(), 202),
    (1.5, pa.float64(), 338),
    (0.1, pa.float32(), 141),
    (1e300, pa.float64(), 799),
    (NAN, pa.float64(), 391),
    ("", pa.string(), 758),
    ("a", pa.string(), 890),
    ("ä\u0301", pa.string(), 82),
    ("\U0001fae8", pa.string(), 238),
    ("quote's \\ \n", pa.string(), 847),
    (b"\x00\xff", pa.binary(), 81),
    (Decimal("12.50"), pa.decimal128(10, 2), 607),
    (dt.date(2024, 2, 29), pa.date32(), 542),
    (1_700_000_000_000_000, INSTANT, 855),
    (1_700_000_000_000_000, pa.timestamp("us"), 855),
    ([1, None], pa.list_(pa.int64()), 320),
    ([1_700_000_000_000_000], pa.list_(INSTANT), 761),
    ({"start": 0, "end": 10_000_000}, WINDOW, 424),
]


def partition(value: Any, kind: pa.DataType, partitions: int = 1000) -> int:
    return partition_of(hashable_keys([pa.array([value], kind)])[0], partitions)


@pytest.mark.parametrize(("value", "kind", "expected"), FROZEN)
def test_a_key_stays_in_its_partition_for_ever(value: Any, kind: pa.DataType, expected: int) -> None:
    assert partition(value, kind) == expected


def test_several_key_columns_have_a_partition_of_their_own() -> None:
    columns = [pa.array([{"start": 0, "end": 10_000_000}], WINDOW), pa.array(["a"])]
    assert partition_of(hashable_keys(columns)[0], 1000) == 983
    assert partition_of((), 1000) == partition_of((), 1000)


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        (0.0, -0.0, pa.float64()),
        ([0.0], [-0.0], pa.list_(pa.float64())),
        (NAN, -NAN, pa.float64()),
        ({"a": 0.0}, {"a": -0.0}, pa.struct([("a", pa.float64())])),
    ],
)
def test_equal_keys_share_a_partition(one: Any, other: Any, kind: pa.DataType) -> None:
    assert partition(one, kind) == partition(other, kind)


def test_texts_that_differ_in_their_commas_are_told_apart() -> None:
    assert partition_of(("a,1:b", "c"), 10**9) != partition_of(("a", "b,1:c"), 10**9)


def test_rows_are_split_in_their_order_and_none_is_lost() -> None:
    rows = pa.table({"k": [f"key-{n % 7}" for n in range(50)], "n": list(range(50))})
    parts = split_by_key(rows, hashable_keys([rows.column("k")]), 4)
    assert len(parts) == 4
    assert sorted(n for part in parts for n in part.column("n").to_pylist()) == list(range(50))
    for part in parts:
        assert part.column("n").to_pylist() == sorted(part.column("n").to_pylist())
    homes = {key: number for number, part in enumerate(parts) for key in part.column("k").to_pylist()}
    assert sum(len(set(part.column("k").to_pylist())) for part in parts) == len(homes) == 7


def test_keys_spread_over_the_partitions() -> None:
    sizes = [0] * 8
    for number in range(8_000):
        sizes[partition_of(number, 8)] += 1
    assert min(sizes) > 800
