from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from streamcore.sinks.files.partitions import split_by_partition


def _table(**columns: pa.Array) -> pa.Table:
    return pa.table(columns)


def test_folders_are_named_as_spark_names_them() -> None:
    table = _table(
        s=pa.array([None, "", "a/b:c=d e%{}[]^\"#*?\\'\x01é你", "sp ~!@$&()+,;<>|`"]),
        d=pa.array([dt.date(2020, 1, 2), None, None, None]),
        t=pa.array(
            [dt.datetime(2020, 1, 2, 3, 4, 5, 120000, dt.UTC), None, None, None], pa.timestamp("us", "UTC")
        ),
        m=pa.array([Decimal("1.50"), None, None, None], pa.decimal128(10, 2)),
        f=pa.array([1.5, float("nan"), 1e10, None]),
        b=pa.array([True, None, False, None]),
        i=pa.array([1, 2, 3, 4]),
    )
    escaped = "a%2Fb%3Ac%3Dd e%25%7B}%5B%5D%5E%22%23%2A%3F%5C%27%01é你"
    null = "__HIVE_DEFAULT_PARTITION__"
    assert [folder for folder, _ in split_by_partition(table, ("s", "d", "t", "m", "f", "b"))] == [
        f"s={null}/d=2020-01-02/t=2020-01-02 03%3A04%3A05.12/m=1.50/f=1.5/b=true",
        f"s={null}/d={null}/t={null}/m={null}/f=NaN/b={null}",
        f"s={escaped}/d={null}/t={null}/m={null}/f=1.0E10/b=false",
        f"s=sp ~!@$&()+,;<>|`/d={null}/t={null}/m={null}/f={null}/b={null}",
    ]


def test_a_folders_name_can_stand_for_NUL() -> None:
    assert [folder for folder, _ in split_by_partition(_table(s=pa.array(["a\0b"])), ("s",))] == ["s=a%00b"]


_key = st.one_of(st.none(), st.sampled_from(["a", "b", "ü"]))


@given(st.lists(st.tuples(_key, st.one_of(st.none(), st.integers(0, 3)))))
def test_every_row_is_in_the_one_folder_of_its_values_in_its_old_order(
    keys: list[tuple[str | None, int | None]],
) -> None:
    table = _table(
        p=pa.array([p for p, _ in keys], pa.string()),
        q=pa.array([q for _, q in keys], pa.int32()),
        row=pa.array(range(len(keys)), pa.int64()),
    )
    expected: dict[tuple[str | None, int | None], list[int]] = {}
    for row, key in enumerate(keys):
        expected.setdefault(key, []).append(row)
    pieces = list(split_by_partition(table, ("p", "q")))
    assert [piece.column("row").to_pylist() for _, piece in pieces] == list(expected.values())
    assert len({folder for folder, _ in pieces}) == len(expected)


def test_without_partition_columns_all_rows_stay_together() -> None:
    table = _table(a=pa.array([1, 2]))
    assert list(split_by_partition(table, ())) == [("", table)]
