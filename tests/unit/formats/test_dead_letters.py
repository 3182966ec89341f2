"""badRecordsPath of from_avro and from_protobuf: malformed messages become letters."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import fastavro
import pytest

from streamcore import Session
from streamcore.errors import AnalysisException
from streamcore.sql.avro.functions import from_avro

FIELDS = [{"name": "a", "type": "int"}, {"name": "b", "type": "string"}]
SCHEMA = {"type": "record", "name": "r", "fields": FIELDS}


def message(value: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    fastavro.schemaless_writer(out, SCHEMA, value)
    return out.getvalue()


@pytest.fixture(scope="module")
def session() -> Session:
    return Session.builder.getOrCreate()


def test_a_malformed_message_becomes_a_letter_and_null_stays(session: Session, tmp_path: Path) -> None:
    good = message({"a": 1, "b": "x"})
    rows = session.createDataFrame([(good,), (b"\xff\xff\xff",), (None,), (b"\x02",)], "value binary")
    read = rows.select(from_avro("value", json.dumps(SCHEMA), {"badRecordsPath": str(tmp_path)}).alias("r"))
    assert [row.r and tuple(row.r) for row in read.collect()] == [(1, "x"), None]
    (file,) = tmp_path.rglob("letters.json")
    letters = [json.loads(line) for line in file.read_text().splitlines()]
    assert [letter["record"] for letter in letters] == ["base64:////", "\x02"]
    assert {letter["reason"] for letter in letters} == {"no Avro of the schema"}


def test_a_schema_that_may_be_null_as_a_whole_is_refused(session: Session, tmp_path: Path) -> None:
    rows = session.createDataFrame([(b"\x00",)], "value binary")
    with pytest.raises(AnalysisException, match="may be null as a whole"):
        rows.select(from_avro("value", '["null", "int"]', {"badRecordsPath": str(tmp_path)})).collect()
