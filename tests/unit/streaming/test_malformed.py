"""Malformed JSON through a stream, in the three modes, from files and from text columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from streamcore import Session
from streamcore.sql import functions as F
from streamcore.testing.memory_source import MemoryStream
from streamcore.testing.stepped_query import SteppedQuery

GOOD, ALSO_GOOD = '{"k": "a", "v": 1}', '{"k": "b", "v": 2}'
BAD = ['{"k": "c", "v": ', "not json", '{"k": "d", "v": "many"}']
SCHEMA = "k string, v int, broken string"


@pytest.fixture(scope="module")
def session() -> Session:
    return Session.builder.getOrCreate()


def collected(session: Session, frame: Any, checkpoint: Path | None = None) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    writer = frame.writeStream.foreachBatch(lambda df, _: rows.extend(tuple(row) for row in df.collect()))
    if checkpoint is not None:
        writer = writer.option("checkpointLocation", str(checkpoint))
    with SteppedQuery(writer) as query:
        query.run_dry()
    return rows


def lines(folder: Path, *texts: str) -> str:
    folder.mkdir(exist_ok=True)
    (folder / "rows.json").write_text("".join(text + "\n" for text in texts))
    return str(folder)


def read(session: Session, path: str, mode: str) -> Any:
    reader = session.readStream.schema(SCHEMA).option("mode", mode)
    return reader.option("columnNameOfCorruptRecord", "broken").json(path)


def test_a_malformed_line_of_a_file_is_kept_in_its_own_column(session: Session, tmp_path: Path) -> None:
    path = lines(tmp_path / "in", GOOD, *BAD, ALSO_GOOD)
    rows = collected(session, read(session, path, "PERMISSIVE"))
    assert rows == [
        ("a", 1, None),
        (None, None, BAD[0]) if rows[1][0] is None else ("c", None, BAD[0]),
        (None, None, BAD[1]),
        ("d", None, BAD[2]),
        ("b", 2, None),
    ]


def test_a_malformed_line_of_a_file_is_dropped_on_demand(session: Session, tmp_path: Path) -> None:
    path = lines(tmp_path / "in", GOOD, *BAD, ALSO_GOOD)
    rows = collected(session, read(session, path, "DROPMALFORMED"))
    assert [row[:2] for row in rows] == [("a", 1), ("b", 2)]


@pytest.mark.parametrize("bad", BAD)
def test_a_malformed_line_of_a_file_ends_the_query_on_demand_and_cleaned_it_goes_on(
    session: Session, tmp_path: Path, bad: str
) -> None:
    path = lines(tmp_path / "in", GOOD, bad, ALSO_GOOD)
    with pytest.raises(Exception, match=r"(?i)malformed"):
        collected(session, read(session, path, "FAILFAST"), tmp_path / "checkpoint")
    lines(tmp_path / "in", GOOD, ALSO_GOOD)
    rows = collected(session, read(session, path, "FAILFAST"), tmp_path / "checkpoint")
    assert [row[:2] for row in rows] == [("a", 1), ("b", 2)]


def texts(session: Session, *values: str) -> Any:
    stream = MemoryStream("value string")
    stream.addData(list(values))
    return stream.toDF(session)


def test_malformed_text_becomes_nulls_and_keeps_its_neighbours(session: Session) -> None:
    parsed = texts(session, GOOD, *BAD, ALSO_GOOD).select(F.from_json("value", "k string, v int").alias("r"))
    rows = collected(session, parsed.select("r.k", "r.v"))
    assert rows[0] == ("a", 1)
    assert rows[-1] == ("b", 2)
    assert [row[1] for row in rows] == [1, None, None, None, 2]


def test_malformed_text_is_kept_in_its_own_column(session: Session) -> None:
    options = {"mode": "PERMISSIVE", "columnNameOfCorruptRecord": "broken"}
    parsed = texts(session, GOOD, *BAD).select(F.from_json("value", SCHEMA, options).alias("r"))
    rows = collected(session, parsed.select("r.broken"))
    assert [row[0] for row in rows] == [None, *BAD]


@pytest.mark.parametrize("bad", BAD)
def test_malformed_text_ends_the_query_on_demand(session: Session, bad: str) -> None:
    parsed = texts(session, GOOD, bad).select(
        F.from_json("value", "k string, v int", {"mode": "FAILFAST"}).alias("r")
    )
    with pytest.raises(Exception, match=r"(?i)malformed"):
        collected(session, parsed.select("r.k"))
