"""Data types: their text forms, their Arrow forms, and their inference from Python values."""

from __future__ import annotations

import json
import pickle

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamcore.errors import (
    AnalysisException,
    IllegalArgumentException,
    ParseException,
)
from streamcore.spi.row import Row
from streamcore.spi.types import (
    ArrayType,
    DataType,
    DecimalType,
    DoubleType,
    IntegerType,
    LongType,
    MapType,
    StringType,
    StructField,
    StructType,
    TimestampNTZType,
    TimestampType,
    VariantType,
    from_arrow_schema,
    from_arrow_type,
    infer_schema,
    parse_ddl,
    schema_from_json,
    to_arrow_schema,
    to_arrow_type,
)

ATOMIC = [
    "string", "binary", "boolean", "tinyint", "smallint", "int", "bigint", "float", "double", "date",
    "timestamp", "timestamp_ntz", "decimal(12,3)",
]  # fmt: skip
leaves = st.sampled_from(ATOMIC).map(DataType.fromDDL)
names = st.text("abcXYZ_ .é`", min_size=1, max_size=5).map(str.strip).filter(bool)


def structs(inner: st.SearchStrategy[DataType]) -> st.SearchStrategy[DataType]:
    field = st.builds(StructField, names, inner, st.booleans())
    return st.lists(field, min_size=1, max_size=3, unique_by=lambda f: f.name).map(StructType)


any_type = st.recursive(
    leaves,
    lambda inner: structs(inner) | inner.map(ArrayType) | st.builds(MapType, leaves, inner),
    max_leaves=6,
)


@given(structs(any_type))
def test_a_schema_survives_each_of_its_text_forms(schema: StructType) -> None:
    assert schema_from_json(schema.json()) == schema
    assert parse_ddl(schema.toDDL()) == schema


@given(structs(any_type))
def test_a_schema_survives_arrow(schema: StructType) -> None:
    assert from_arrow_schema(to_arrow_schema(schema)) == schema


def test_an_instant_and_a_local_time_have_arrow_types_of_their_own() -> None:
    assert to_arrow_type(TimestampType()) == pa.timestamp("us", tz="UTC")
    assert to_arrow_type(TimestampNTZType()) == pa.timestamp("us")
    assert from_arrow_type(pa.timestamp("ns", tz="Europe/Berlin")) == TimestampType()


COMMENT = {"comment": "the user's id"}


def test_a_columns_comment_and_nullability_are_read_from_ddl() -> None:
    field = parse_ddl("id BIGINT NOT NULL COMMENT 'the user''s id', b: array<struct<c: int>>")["id"]
    assert (field.dataType, field.nullable, field.metadata) == (
        LongType(),
        False,
        {"comment": "the user's id"},
    )


@pytest.mark.parametrize("text", ["a nosuch", "a int,, b int", "a array<int", "decimal(1,2,3)", "a int x"])
def test_text_that_is_no_schema_is_refused_and_named(text: str) -> None:
    with pytest.raises(ParseException, match="Cannot read the schema"):
        parse_ddl(text)


def test_json_that_is_no_schema_is_refused() -> None:
    with pytest.raises(IllegalArgumentException, match="Not a schema"):
        schema_from_json('{"type":"struct","fields":[{}]}')


def test_a_variant_is_written_and_read_as_spark_writes_it() -> None:
    schema = StructType([StructField("v", ArrayType(VariantType()))])
    assert schema.simpleString() == "struct<v:array<variant>>"
    assert StructType.fromJson(json.loads(schema.json())) == schema
    assert DataType.fromDDL("v array<variant>") == schema


def test_the_schema_tree_shows_what_is_nested() -> None:
    tree = parse_ddl("a int not null, m map<string, array<double>>").treeString()
    assert tree == (
        "root\n"
        " |-- a: integer (nullable = false)\n"
        " |-- m: map (nullable = true)\n"
        " |    |-- key: string\n"
        " |    |-- value: array (valueContainsNull = true)\n"
        " |    |    |-- element: double (containsNull = true)\n"
    )


def test_rows_of_one_table_agree_on_a_schema() -> None:
    schema = infer_schema([{"a": 1.0, "b": None}, {"a": 2.5, "b": [Row(x=1)]}])
    assert schema["a"].dataType == DoubleType()
    assert schema["b"].dataType == ArrayType(StructType([StructField("x", LongType())]))


def test_rows_that_disagree_are_refused() -> None:
    with pytest.raises(AnalysisException, match="CANNOT_MERGE_TYPE"):
        infer_schema([(1,), (True,)])


def test_types_are_equal_by_value_and_hash_alike() -> None:
    assert DecimalType(10, 2) == DecimalType(10, 2) != DecimalType(10, 3)
    assert len({IntegerType(), IntegerType(), StringType()}) == 2


def test_a_row_keeps_its_names_through_pickling() -> None:
    row = pickle.loads(pickle.dumps(Row(b=1, a=Row(c=[2]))))
    assert repr(row) == "Row(b=1, a=Row(c=[2]))"
    assert row.asDict(recursive=True) == {"b": 1, "a": {"c": [2]}}


def test_a_row_cannot_be_changed() -> None:
    with pytest.raises(RuntimeError, match="read-only"):
        Row(a=1).a = 2
