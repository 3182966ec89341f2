"""Two rows share a state key exactly when Spark's GROUP BY would put them together."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamcore.streaming.state.keys import hashable_keys

NAN = float("nan")
UTC = dt.UTC


def groups(values: list[Any], kind: pa.DataType) -> list[int]:
    """The number of each value's group, numbered by first appearance."""
    keys = hashable_keys([pa.array(values, kind)])
    numbers: dict[Any, int] = {}
    return [numbers.setdefault(key, len(numbers)) for key in keys]


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        ([1, 2, 1, None, None], pa.int64(), [0, 1, 0, 2, 2]),
        (["a", "", None, "a"], pa.string(), [0, 1, 2, 0]),
        ([True, False, None, True], pa.bool_(), [0, 1, 2, 0]),
        ([NAN, NAN, 1.0, None], pa.float64(), [0, 0, 1, 2]),
        ([0.0, -0.0], pa.float64(), [0, 0]),
        ([NAN, -0.0, 0.0, NAN], pa.float32(), [0, 1, 1, 0]),
        ([b"x", b"y", b"x"], pa.binary(), [0, 1, 0]),
        ([Decimal("1.10"), Decimal("1.1"), None], pa.decimal128(10, 2), [0, 0, 1]),
        ([dt.date(2024, 1, 1), None, dt.date(2024, 1, 1)], pa.date32(), [0, 1, 0]),
        ([1, 2, None, 1], pa.timestamp("us", "UTC"), [0, 1, 2, 0]),
        ([1, 2, None, 1], pa.timestamp("us"), [0, 1, 2, 0]),
        ([[1, None], [1, None], [1], None], pa.list_(pa.int64()), [0, 0, 1, 2]),
        ([[NAN], [NAN], [0.0], [-0.0]], pa.list_(pa.float64()), [0, 0, 1, 1]),
        ([[{"a": NAN}], [{"a": NAN}]], pa.list_(pa.struct([("a", pa.float64())])), [0, 0]),
    ],
)
def test_equal_values_of_a_type_share_a_key(
    values: list[Any], kind: pa.DataType, expected: list[int]
) -> None:
    assert groups(values, kind) == expected


def test_a_null_struct_is_not_a_struct_of_nulls() -> None:
    kind = pa.struct([("a", pa.int64())])
    assert groups([None, {"a": None}, None, {"a": 1}], kind) == [0, 1, 0, 2]


def test_a_slice_has_the_keys_of_its_rows() -> None:
    kind = pa.struct([("start", pa.timestamp("us", "UTC")), ("end", pa.timestamp("us", "UTC"))])
    rows = pa.array([{"start": n, "end": n + 10} for n in range(5)], kind)
    assert hashable_keys([rows.slice(2, 2)]) == hashable_keys([rows])[2:4]


def test_chunks_make_no_difference() -> None:
    whole = pa.chunked_array([pa.array([1, 2, 3])])
    parts = pa.chunked_array([pa.array([1]), pa.array([], pa.int64()), pa.array([2, 3])])
    assert hashable_keys([parts]) == hashable_keys([whole])
    assert hashable_keys([pa.chunked_array([], pa.int64())]) == []


@given(
    st.lists(
        st.tuples(
            st.none() | st.integers(-2, 2),
            st.none() | st.sampled_from([0.0, -0.0, 1.5, NAN]),
            st.none() | st.sampled_from(["", "a", "ä"]),
        ),
        max_size=20,
    )
)
def test_several_columns_are_equal_when_each_is(rows: list[tuple[Any, Any, Any]]) -> None:
    columns = [
        pa.array([row[n] for row in rows], kind)
        for n, kind in enumerate((pa.int64(), pa.float64(), pa.string()))
    ]
    keys = hashable_keys(columns)

    def normal(value: Any) -> Any:
        if isinstance(value, float):
            return "NaN" if math.isnan(value) else value + 0.0
        return value

    plain = [tuple(repr(normal(value)) for value in row) for row in rows]
    assert [keys.index(key) for key in keys] == [plain.index(key) for key in plain]
