"""from_avro, to_avro and schema_of_avro answer as PySpark with spark-avro does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from streamcore import Session
from streamcore.errors import StreamcoreError
from streamcore.sql.avro.functions import from_avro, to_avro
from tests.oracle.avro_cases import DECODE, ENCODE, SCHEMAS_OF, Decode, schema_text
from tests.oracle.plain_values import plain

FROZEN = json.loads((Path(__file__).parent / "data" / "avro_answers.json").read_text(encoding="utf-8"))
_OF_FILES = "an option that has no meaning here is refused"
_REBASED = "times are read in the proleptic Gregorian calendar only"
_TOP = "Spark's function fails for a union or null at the top, and not within a record"
# What differs on purpose, and why.
DIFFERENCES = {
    "decode": {
        **dict.fromkeys(["option of files", "unknown option", "unknown mode"], _OF_FILES),
        **dict.fromkeys(["rebase legacy", "rebase exception"], _REBASED),
        **dict.fromkeys(
            ["nullable", "nullable the other way", "union", "union with null", "union with stable names",
             "union with a prefix", "evolved union"], _TOP,
        ),
        "empty record": "the engine has no struct without fields",
        "interval of months": "PySpark cannot collect one",
        "timestamp-nanos": "PySpark cannot name the type",
    },
    "encode": {**dict.fromkeys(["union", "union of nothing", "union of two"], _TOP)},
}  # fmt: skip
# Conditions that PySpark names; elsewhere it raises an error of Java's.
_CONDITIONS = (
    "PARSE_MODE_UNSUPPORTED",
    "STDS_INVALID_OPTION_VALUE.WITH_MESSAGE",
    "AVRO_CANNOT_WRITE_NULL_FIELD",
    "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION",
)


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    made = Session.builder.master("local[1]").config("spark.sql.session.timeZone", "UTC").getOrCreate()
    yield made
    made.stop()


def _decoded(session: Session, case: Decode) -> dict[str, Any]:
    rows = [(None if row is None else bytearray(row),) for row in case.rows]
    table = session.createDataFrame(rows, "data binary")
    read = table.select(from_avro("data", schema_text(case.schema), case.options).alias("value"))
    kind = read.schema["value"].jsonValue()
    return {"type": kind, "values": [plain(row[0]) for row in read.collect()]}


def _check(kind: str, name: str, found: dict[str, Any] | StreamcoreError) -> None:
    wanted = FROZEN[kind][name]
    if name in DIFFERENCES.get(kind, {}):
        different = isinstance(found, StreamcoreError) or any(wanted.get(key) != found[key] for key in found)
        assert different, f"{name} answers as PySpark: it is no difference"
    elif "error" not in wanted:
        assert found == wanted
    else:
        assert isinstance(found, StreamcoreError), f"{name} fails in PySpark: {wanted['says']}"
        for condition in _CONDITIONS:
            if f"[{condition}]" in wanted["says"][0]:
                assert found.getCondition() == condition


@pytest.mark.parametrize("name", DECODE)
def test_from_avro_answers_as_pyspark(session: Session, name: str) -> None:
    try:
        _check("decode", name, _decoded(session, DECODE[name]))
    except StreamcoreError as error:
        _check("decode", name, error)


@pytest.mark.parametrize("name", ENCODE)
def test_to_avro_answers_as_pyspark(session: Session, name: str) -> None:
    case = ENCODE[name]
    table = session.range(1).selectExpr(f"{case.sql} AS value")
    schema = "" if case.schema is None else schema_text(case.schema)
    try:
        written = table.select(to_avro("value", schema).alias("data"))
        found = {"type": written.schema["data"].jsonValue(), "data": plain(written.collect()[0][0])}
        _check("encode", name, found)
    except StreamcoreError as error:
        _check("encode", name, error)


@pytest.mark.parametrize("name", SCHEMAS_OF)
def test_schema_of_avro_answers_as_pyspark(session: Session, name: str) -> None:
    schema, options = SCHEMAS_OF[name]
    pairs = ", ".join(f"'{key}', '{value}'" for key, value in options.items())
    table = session.sql(f"SELECT schema_of_avro('{schema_text(schema)}', map({pairs}))")
    assert table.collect()[0][0] == FROZEN["schema_of"][name]["text"]
    assert table.columns == [FROZEN["schema_of"][name]["type"]["name"]]
