"""Queries of variants, whose answers PySpark gave."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path

import pytest

from streamcore import Session
from streamcore.errors import MalformedRecordException, StreamcoreError
from streamcore.spi.variant import VariantVal, decoded, encoded
from streamcore.spi.variant.encoding import Float32, MalformedVariant
from streamcore.sql import functions as F

_ANSWERS = json.loads((Path(__file__).parent / "data" / "variants.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def session() -> Session:
    return Session.builder.getOrCreate()


@pytest.mark.parametrize("query", _ANSWERS)
def test_a_query_of_variants_answers_as_spark_does(session: Session, query: str) -> None:
    expected = _ANSWERS[query]
    if "error" in expected:
        with pytest.raises(StreamcoreError) as error:
            session.sql(query).collect()
        assert f"[{expected['error'].partition('.')[0]}" in str(error.value)
        return
    found = session.sql(query)
    assert [field.dataType.simpleString() for field in found.schema.fields] == expected["types"]
    assert [[repr(value) for value in row] for row in found.collect()] == expected["rows"]


def test_what_is_encoded_is_read_again() -> None:
    noon = dt.datetime(2024, 5, 6, 12, tzinfo=dt.UTC)
    tree = {
        "a": [None, True, -1, 1 << 40, Decimal("-1.50"), 2.5, "x" * 100, b"bytes"],
        "d": dt.date(2024, 5, 6),
        "many": {f"k{at:04}": at for at in range(1000)},
        "t": [noon, noon.replace(tzinfo=None), Float32(0.5)],
    }
    assert decoded(*encoded(tree)) == tree


@pytest.mark.parametrize("value", [b"", b"\x02\x01\x09\x00\x02\x0c\x01", b"\x03\x05\x00", b"\x7c", b"\x15he"])
def test_bytes_that_are_no_variant_are_refused(value: bytes) -> None:
    with pytest.raises(MalformedVariant, match="MALFORMED_VARIANT"):
        decoded(value, b"\x01\x00\x00")


def test_a_variant_goes_through_python_and_back(session: Session) -> None:
    given = VariantVal.parseJson('{"a": 1, "b": [2.5, "x"]}')
    [row] = session.createDataFrame([(given,)], "v variant").collect()
    assert row.v.toPython() == {"a": 1, "b": [Decimal("2.5"), "x"]}
    assert str(row.v) == row.v.toJson() == '{"a":1,"b":[2.5,"x"]}'


def test_variants_in_files_are_variants_when_they_are_read(session: Session, tmp_path: Path) -> None:
    session.sql("SELECT parse_json('[1]') v").write.parquet(str(tmp_path / "t"))
    found = session.read.parquet(str(tmp_path / "t"))
    assert found.schema.simpleString() == "struct<v:variant>"
    assert found.select(F.variant_get("v", "$[0]", "int").alias("one")).collect() == [(1,)]


def test_text_that_is_no_json_fails_and_is_null_where_it_is_tried(session: Session) -> None:
    frame = session.createDataFrame([("{a",)], ["t"])
    assert frame.select(F.try_parse_json("t")).collect() == [(None,)]
    with pytest.raises(MalformedRecordException, match="MALFORMED_RECORD_IN_PARSING"):
        frame.select(F.parse_json("t")).collect()
