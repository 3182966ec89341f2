"""The hash of a key is written into checkpoints: these numbers must never change."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamcore.checkpoint import STATE_HASH
from streamcore.execution.stores.hashing import hash_rows, partitions_of, split_by_hash

INSTANT = pa.timestamp("us", "UTC")
WINDOW = pa.struct([("start", INSTANT), ("end", INSTANT)])
NUMBERS = pa.map_(pa.string(), pa.int64())
NAN = float("nan")

FROZEN: list[tuple[Any, pa.DataType, str]] = [
    (None, pa.int64(), "a780d61ec6d9b57d"),
    (0, pa.int64(), "1a669deefa613ff8"),
    (-1, pa.int64(), "5126ed45a5d2988d"),
    (2**62, pa.int64(), "13ce00d7a0820c44"),
    (7, pa.int8(), "3dc6839d125126a3"),
    (True, pa.bool_(), "a0c007cdb69daf34"),
    (False, pa.bool_(), "1a669deefa613ff8"),
    (0.0, pa.float64(), "1a669deefa613ff8"),
    (1.5, pa.float64(), "7ac430a083b1b0a3"),
    (0.1, pa.float32(), "75b033614c0ddf99"),
    (1e300, pa.float64(), "97cab9a269cf37fd"),
    (NAN, pa.float64(), "8df3ada7742391a3"),
    ("", pa.string(), "1a669deefa613ff8"),
    ("a", pa.string(), "d67a7fd4d244b712"),
    ("ä\u0301", pa.string(), "1bcd41e5983839e0"),
    ("eight by", pa.string(), "ef2c918646055b7c"),
    ("more than eight bytes", pa.string(), "4df34b2e2ec739e0"),
    (b"\x00\xff", pa.binary(), "a23db0516b009e9e"),
    (Decimal("12.50"), pa.decimal128(10, 2), "4e5312878d848778"),
    (Decimal("-12.50"), pa.decimal128(38, 2), "d1685b71a0369969"),
    (dt.date(2024, 2, 29), pa.date32(), "527c891b40b26d20"),
    (1_700_000_000_000_000, INSTANT, "6d0c6833d0587d65"),
    (1_700_000_000_000_000, pa.timestamp("us"), "6d0c6833d0587d65"),
    (5, pa.duration("us"), "9991d53bf8c31794"),
    ((14, 0, 0), pa.month_day_nano_interval(), "79d02ad59590512f"),
    ([1, None], pa.list_(pa.int64()), "06914befed817619"),
    ([], pa.list_(pa.int64()), "1a669deefa613ff8"),
    ({"start": 0, "end": 10_000_000}, WINDOW, "673be17c796b0894"),
    ([("a", 1), ("b", None)], NUMBERS, "af59ca19d7a9e0ee"),
    (None, pa.null(), "a780d61ec6d9b57d"),
]


def hashes(values: list[Any], kind: pa.DataType) -> list[int]:
    found: list[int] = hash_rows(pa.table({"k": pa.array(values, kind)}), [0]).tolist()
    return found


def test_the_definition_has_the_name_that_checkpoints_say() -> None:
    assert STATE_HASH == "fold64-1"


@pytest.mark.parametrize(("value", "kind", "expected"), FROZEN)
def test_a_key_has_the_same_hash_for_ever(value: Any, kind: pa.DataType, expected: str) -> None:
    assert f"{hashes([value], kind)[0]:016x}" == expected


def folded(state: int, word: int) -> int:
    """The definition of docs/checkpoint-format.md in plain Python."""
    mask = (1 << 64) - 1
    mixed = (state * 0x9E3779B97F4A7C15 + word) & mask
    for _ in range(2):
        mixed = ((mixed ^ (mixed >> 32)) * 0xD6E8FEB86659FD93) & mask
    return mixed ^ (mixed >> 32)


SEED = 0x243F6A8885A308D3


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=8))
def test_text_is_folded_as_the_document_says(values: list[bytes]) -> None:
    def word(value: bytes) -> int:
        state = len(value)
        for start in range(0, len(value), 8):
            state = folded(state, int.from_bytes(value[start : start + 8], "little"))
        return state

    assert hashes(values, pa.binary()) == [folded(SEED, word(value)) for value in values]


@given(st.lists(st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), max_size=5), min_size=1, max_size=6))
def test_lists_are_folded_as_the_document_says(values: list[list[int | None]]) -> None:
    def word(value: list[int | None]) -> int:
        state = len(value)
        for item in value:
            state = folded(state, 0xA4093822299F31D0 if item is None else item % (1 << 64))
        return state

    assert hashes(values, pa.list_(pa.int64())) == [folded(SEED, word(value)) for value in values]


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        (0.0, -0.0, pa.float64()),
        (NAN, -NAN, pa.float64()),
        (NAN, -NAN, pa.float32()),
        ([0.0], [-0.0], pa.list_(pa.float64())),
        ({"a": NAN}, {"a": -NAN}, pa.struct([("a", pa.float64())])),
        (Decimal("1.10"), Decimal("1.1"), pa.decimal128(10, 2)),
        ([("a", 1), ("b", None)], [("b", None), ("a", 1)], NUMBERS),
    ],
)
def test_equal_keys_have_equal_hashes(one: Any, other: Any, kind: pa.DataType) -> None:
    first, second = hashes([one, other], kind)
    assert first == second


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        (None, {"a": None}, pa.struct([("a", pa.int64())])),
        ([], None, pa.list_(pa.int64())),
        ([[1], [2]], [[1, 2]], pa.list_(pa.list_(pa.int64()))),
        ("a", "a\0", pa.string()),
        (1, -1, pa.int8()),
    ],
)
def test_keys_that_look_alike_are_told_apart(one: Any, other: Any, kind: pa.DataType) -> None:
    first, second = hashes([one, other], kind)
    assert first != second


def test_the_borders_between_columns_count() -> None:
    rows = pa.table({"a": ["ab", "a"], "b": ["c", "bc"]})
    assert len(set(hash_rows(rows, [0, 1]).tolist())) == 2
    assert hash_rows(rows, [1, 0]).tolist() != hash_rows(rows, [0, 1]).tolist()


def test_integers_of_every_width_have_the_same_hash() -> None:
    kinds = [pa.int8(), pa.int16(), pa.int32(), pa.int64()]
    assert len({hashes([-7], kind)[0] for kind in kinds}) == 1


def _entries(value: dict[str, int | None]) -> list[tuple[str, int | None]]:
    return list(value.items())


VALUES: list[tuple[Any, st.SearchStrategy[Any]]] = [
    (pa.int64(), st.integers(-3, 3)),
    (pa.float64(), st.sampled_from([0.0, -0.0, 1.5, NAN])),
    (pa.string(), st.sampled_from(["", "a", "ä", "a longer text than eight bytes"])),
    (pa.bool_(), st.booleans()),
    (WINDOW, st.builds(lambda n: {"start": n, "end": n + 10}, st.integers(0, 3))),
    (pa.list_(pa.string()), st.lists(st.none() | st.sampled_from(["", "x", "more than a word"]), max_size=3)),
    (NUMBERS, st.dictionaries(st.sampled_from("abc"), st.none() | st.integers(0, 2)).map(_entries)),
]


@pytest.mark.parametrize(("kind", "values"), VALUES, ids=[str(kind) for kind, _ in VALUES])
@given(data=st.data())
def test_slices_and_chunks_make_no_difference(
    kind: pa.DataType, values: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    drawn = data.draw(st.lists(st.none() | values, max_size=12))
    cut = data.draw(st.integers(0, len(drawn)))
    whole = pa.array(drawn, kind)
    chunked = pa.chunked_array([whole.slice(0, cut), pa.array(drawn[cut:], kind)], kind)
    found = hash_rows(pa.table({"k": chunked}), [0]).tolist()
    assert found == [hashes([value], kind)[0] for value in drawn]
    assert hash_rows(pa.table({"k": whole.slice(cut)}), [0]).tolist() == found[cut:]


def test_different_keys_hardly_ever_share_a_hash() -> None:
    numbers = hash_rows(pa.table({"k": np.arange(200_000)}), [0])
    texts = hash_rows(pa.table({"k": [f"user-{n}" for n in range(50_000)]}), [0])
    assert len(np.unique(numbers)) == 200_000
    assert len(np.unique(texts)) == 50_000


def test_rows_are_split_in_their_order_and_none_is_lost() -> None:
    rows = pa.table({"k": [f"key-{n % 7}" for n in range(50)], "n": list(range(50))})
    parts = split_by_hash(rows, hash_rows(rows, [0]), 4)
    assert sorted(n for part in parts for n in part.column("n").to_pylist()) == list(range(50))
    for part in parts:
        assert part.column("n").to_pylist() == sorted(part.column("n").to_pylist())
    assert sum(len(set(part.column("k").to_pylist())) for part in parts) == 7


def test_partitions_are_ranges_of_like_size() -> None:
    found = hash_rows(pa.table({"k": np.arange(8_000)}), [0])
    counts = np.bincount(partitions_of(found, 8), minlength=8)
    assert counts.min() > 800
    assert (np.diff(partitions_of(np.sort(found), 8)) >= 0).all()


def test_a_type_that_no_key_has_is_refused_by_its_name() -> None:
    with pytest.raises(TypeError, match="large_list"):
        hashes([[1]], pa.large_list(pa.int64()))


def test_nan_is_one_nan() -> None:
    assert math.isnan(NAN)
    payload = np.array([0x7FF8000000000001], dtype=np.uint64).view(np.float64)
    assert hash_rows(pa.table({"k": payload}), [0]).tolist() == hashes([NAN], pa.float64())
