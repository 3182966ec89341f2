"""What the Iceberg sink decides without a table: whose record it is, how far back it goes, what rows stay."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

import pyarrow as pa
import pytest
from pyiceberg import transforms
from pyiceberg import types as iceberg
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table.metadata import new_table_metadata
from pyiceberg.table.sorting import UNSORTED_SORT_ORDER, NullOrder, SortDirection, SortField, SortOrder

from streamcore.errors import (
    AnalysisException,
    CheckpointFenced,
    CheckpointMismatch,
    IllegalArgumentException,
)
from streamcore.iceberg.rows import as_theirs, sorted_rows
from streamcore.sinks.iceberg.commit_record import (
    NOTHING,
    TableRecord,
    from_property,
    has_landed,
    require_own,
    to_property,
)
from streamcore.sinks.iceberg.history import Written, expired, rewind_target
from streamcore.sinks.iceberg.merging import last_of_each_key, without_keys
from streamcore.sinks.iceberg.partitioning import divided, sort_keys
from streamcore.sinks.iceberg.settings import write_settings
from streamcore.spi.options import Options

MINE = TableRecord("q", "run", 5, "body")


def test_a_record_comes_back_from_its_property_short_or_long() -> None:
    for body in ("{}", "ü\n'\"" * 10_000):
        record = TableRecord("q", "r", 3, body, 2)
        assert from_property(to_property(record)) == record


@pytest.mark.parametrize(
    "text", ["", "{}", "[1]", '{"query": "q", "zlib": "!"}', '{"query": 1, "batch": "x"}']
)
def test_a_property_that_somebody_has_changed_is_named(text: str) -> None:
    with pytest.raises(CheckpointMismatch, match="cannot be read"):
        from_property(text)


def test_a_table_with_batches_of_another_query_is_refused_and_one_without_is_taken() -> None:
    require_own(None, "q", "t")
    require_own(TableRecord("other", "r", NOTHING, ""), "q", "t")
    with pytest.raises(CheckpointMismatch, match="sinkName"):
        require_own(TableRecord("other", "r", 0, ""), "q", "t")


def test_whether_a_lost_commit_has_landed_is_told_by_the_record() -> None:
    assert has_landed(MINE, MINE, 4, "t")
    assert not has_landed(TableRecord("q", "run", 4, ""), MINE, 4, "t")
    for other in (None, TableRecord("q", "next", 4, ""), TableRecord("q", "run", 6, "")):
        with pytest.raises(CheckpointFenced):
            has_landed(other, MINE, 4, "t")


def _line(*batches: int | None) -> list[Written]:
    """Snapshots from the newest on; None is one of others."""
    return [Written(100 - at, None, "append", batch) for at, batch in enumerate(batches)]


def test_a_rewind_goes_to_the_newest_snapshot_of_the_batch_and_over_nobody_elses() -> None:
    assert rewind_target(_line(7, 6, 5, 5, 4), 5, "t") == 98
    assert rewind_target(_line(7, 0, -1, None), NOTHING, "t") == 98
    with pytest.raises(AnalysisException, match="written by others"):
        rewind_target(_line(7, None, 5), 5, "t")
    with pytest.raises(AnalysisException, match="expired"):
        rewind_target(_line(7, 6), 5, "t")


def test_snapshots_expire_in_stretches_and_never_what_a_tag_holds() -> None:
    line = [Written(at, None, "append", at) for at in range(6)]
    assert expired(line, 4, set()) == []
    assert expired(line, 3, {1}) == [0, 2]


def test_the_last_row_of_a_key_stays_and_null_is_a_key() -> None:
    rows = pa.table({"k": ["a", None, "a", None], "n": [1, 2, 3, 4]})
    assert last_of_each_key(rows, ["k"]).to_pydict() == {"k": ["a", None], "n": [3, 4]}


def test_rows_without_the_keys_of_others_keep_their_order() -> None:
    there = pa.table({"k": ["a", None, "c", "b", "c"], "d": [1, 1, 1, 2, 3]})
    others = pa.table({"k": [None, "c"], "d": [1, 3]})
    assert without_keys(there, others, ["k", "d"]).to_pydict() == {"k": ["a", "c", "b"], "d": [1, 1, 2]}
    assert without_keys(there, others, ["k"]).to_pydict() == {"k": ["a", "b"], "d": [1, 2]}


# ---- partitions and orders -------------------------------------------------------------------------

_KINDS: dict[str, iceberg.PrimitiveType] = {
    "date": iceberg.DateType(), "timestamptz": iceberg.TimestamptzType(),
    "timestamp": iceberg.TimestampType(), "string": iceberg.StringType(),
    "long": iceberg.LongType(), "decimal": iceberg.DecimalType(10, 2),
    "uuid": iceberg.UUIDType(), "binary": iceberg.BinaryType(), "int": iceberg.IntegerType(),
}  # fmt: skip
_DAY = dt.date(1969, 12, 31)
_MOMENT = dt.datetime(1969, 12, 31, 23, 30, tzinfo=dt.UTC)
_UUID = UUID(int=7)


def _metadata(kind: str, transform: transforms.Transform[Any, Any]) -> Any:
    schema = Schema(
        iceberg.NestedField(1, "c", _KINDS[kind]), iceberg.NestedField(2, "n", iceberg.LongType())
    )
    spec = PartitionSpec(PartitionField(1, 1000, transform, "part"))
    return new_table_metadata(schema, spec, UNSORTED_SORT_ORDER, "/t")


@pytest.mark.parametrize(
    ("kind", "transform", "values", "parts"),
    [
        ("string", transforms.IdentityTransform(), ["a", None, "a"], ["a", None]),
        ("date", transforms.IdentityTransform(), [_DAY, None], [-1, None]),
        ("date", transforms.DayTransform(), [_DAY], [-1]),
        ("date", transforms.MonthTransform(), [_DAY, dt.date(2024, 2, 1)], [-1, 649]),
        ("date", transforms.YearTransform(), [_DAY], [-1]),
        ("timestamptz", transforms.DayTransform(), [_MOMENT, None], [-1, None]),
        ("timestamptz", transforms.HourTransform(), [_MOMENT], [-1]),
        ("timestamptz", transforms.MonthTransform(), [_MOMENT], [-1]),
        ("timestamp", transforms.DayTransform(), [_MOMENT.replace(tzinfo=None)], [-1]),
        ("string", transforms.BucketTransform(16), ["iceberg"], [1089 % 16]),
        ("long", transforms.BucketTransform(16), [34], [None]),
        ("int", transforms.TruncateTransform(10), [-1, 12], [-10, 10]),
        ("string", transforms.TruncateTransform(2), ["abc", "abd"], ["ab"]),
        ("decimal", transforms.TruncateTransform(50), [Decimal("10.65")], [Decimal("10.50")]),
        ("uuid", transforms.IdentityTransform(), [_UUID.bytes], [_UUID.bytes]),
        ("long", transforms.VoidTransform(), [1, 2], [None]),
    ],
)
def test_rows_are_divided_as_the_transforms_of_the_table_say(
    kind: str, transform: transforms.Transform[Any, Any], values: list[Any], parts: list[Any]
) -> None:
    metadata = _metadata(kind, transform)
    given = [str(_UUID)] * len(values) if kind == "uuid" else values
    table = as_theirs(pa.table({"c": given, "n": pa.array(range(len(values)))}), metadata.schema())
    found = list(divided(table, metadata))
    if isinstance(transform, transforms.BucketTransform):
        # Iceberg's own function, value by value, is what other engines look for.
        parts = list(dict.fromkeys(transform.transform(_KINDS[kind])(value) for value in values))
    assert [key.partition[0] if key is not None else "none" for key, _ in found] == parts
    assert sorted(n for _, rows in found for n in rows.column("n").to_pylist()) == list(range(len(values)))


def test_rows_are_sorted_as_the_table_is_with_nulls_where_it_wants_them() -> None:
    schema = Schema(
        iceberg.NestedField(1, "a", iceberg.LongType()), iceberg.NestedField(2, "b", iceberg.LongType())
    )
    order = SortOrder(
        SortField(1, transforms.IdentityTransform(), SortDirection.DESC, NullOrder.NULLS_LAST),
        SortField(2, transforms.IdentityTransform(), SortDirection.ASC, NullOrder.NULLS_FIRST),
    )
    keys = sort_keys(new_table_metadata(schema, PartitionSpec(), order, "/t"))
    rows = pa.table({"a": [1, None, 2, 2, 2], "b": [1, 2, 3, None, 1]})
    assert sorted_rows(rows, keys).to_pydict() == {"a": [2, 2, 2, 1, None], "b": [None, 1, 3, 1, 2]}


def test_an_order_by_a_transform_is_refused() -> None:
    schema = Schema(iceberg.NestedField(1, "a", iceberg.LongType()))
    order = SortOrder(SortField(1, transforms.BucketTransform(4), SortDirection.ASC, NullOrder.NULLS_FIRST))
    with pytest.raises(AnalysisException, match="sorted by bucket"):
        sort_keys(new_table_metadata(schema, PartitionSpec(), order, "/t"))


# ---- options ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"write-format": "orc"}, "parquet only"),
        ({"fanout-enabled": "false"}, "leave the option out"),
        ({"sinkName": "a.b"}, "table property"),
        ({"path": "/data/t"}, "name the table"),
        ({"partitionBy": "a"}, "JSON list"),
        ({"target-file-size-bytes": "0"}, "at least 1"),
        ({"catalog.type": "hadoop"}, "hadoop catalog"),
        ({"catalog.cache-enabled": "true"}, "leave it out"),
        ({"catalog.io-impl": "my.IO"}, "class of the JVM"),
        ({"catalog.catalog-impl": "my.Catalog"}, "class of the JVM"),
    ],
)
def test_an_option_that_cannot_be_honoured_is_refused_with_the_way_out(
    options: dict[str, str], says: str
) -> None:
    with pytest.raises((IllegalArgumentException, AnalysisException), match=says):
        write_settings(Options({"path": "lake.db.t", "catalog.uri": "sqlite://", **options}))


def test_secrets_of_a_catalog_are_in_no_text() -> None:
    settings = write_settings(
        Options(
            {
                "path": "lake.db.t",
                "catalog.uri": "jdbc:postgresql://host/db",
                "catalog.jdbc.user": "me",
                "catalog.jdbc.password": "p@ss word",
                "catalog.s3.secret-access-key": "hush",
            }
        )
    )
    address = settings.address
    uri = dict(address.catalog.properties)["uri"]
    assert uri == "postgresql+psycopg://me:p%40ss word@host/db"
    shown = address.redact(f"cannot reach {uri} with hush or p@ss word")
    assert "hush" not in shown
    assert "ss word" not in shown
    assert "hush" not in repr(settings)
    assert str(address) == "lake.db.t"
