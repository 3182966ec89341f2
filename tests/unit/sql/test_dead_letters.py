"""badRecordsPath in batch queries: what cannot be read is kept, with where it came from and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from streamcore import Session
from streamcore.errors import AnalysisException, StreamcoreError
from streamcore.sql import functions as F

TEXTS = ['{"a": 1}', "nonsense", '{"a": "many"}', None, '{"a": 7}', ""]


def letters(folder: Path) -> list[dict[str, Any]]:
    files = sorted(folder.glob("query=*/batch=*/letters.json"))
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


def texts(session: Session) -> Any:
    return session.createDataFrame([(text, n) for n, text in enumerate(TEXTS)], "value string, n int")


def read(column: str, folder: Path, schema: str = "a int", **more: str) -> Any:
    return F.from_json(column, schema, {"badRecordsPath": str(folder), **more})


def test_a_text_that_cannot_be_read_leaves_the_rows_and_becomes_a_letter(
    session: Session, tmp_path: Path
) -> None:
    rows = texts(session).select(read("value", tmp_path).alias("r"), "n").select("r.a", "n").collect()
    assert [tuple(row) for row in rows] == [(1, 0), (None, 3), (7, 4), (None, 5)]
    assert letters(tmp_path) == [
        {"reason": "no JSON of the type struct<a:int>", "record": text}
        for text in ("nonsense", '{"a": "many"}')
    ]


def test_the_struct_is_the_one_that_was_asked_for(session: Session, tmp_path: Path) -> None:
    frame = texts(session).select(read("value", tmp_path, "a int, `b c` string").alias("r"))
    assert frame.schema["r"].dataType.simpleString() == "struct<a:int,b c:string>"
    assert frame.collect()[0].r.asDict() == {"a": 1, "b c": None}
    assert frame.collect()[1].r is None


def test_arrays_and_maps_have_letters_too(session: Session, tmp_path: Path) -> None:
    frame = session.createDataFrame([("[1, 2]",), ("[1",), (None,), ("null",)], "value string")
    rows = frame.select(read("value", tmp_path, "array<int>").alias("r")).collect()
    assert [row.r for row in rows] == [[1, 2], None, None]
    assert [letter["record"] for letter in letters(tmp_path)] == ["[1"]


def test_two_parses_have_a_folder_each(session: Session, tmp_path: Path) -> None:
    frame = session.createDataFrame(
        [('{"a": 1}', "x"), ("y", '{"b": 2}'), ('{"a": 3}', '{"b": 4}')], "l string, r string"
    )
    both = frame.select(read("l", tmp_path / "l").alias("l"), read("r", tmp_path / "r", "b int").alias("r"))
    assert [tuple(row) for row in both.select("l.a", "r.b").collect()] == [(3, 4)]
    assert [letter["record"] for letter in letters(tmp_path / "l")] == ["y"]
    assert [letter["record"] for letter in letters(tmp_path / "r")] == ["x"]


def test_sql_text_takes_the_option(session: Session, tmp_path: Path) -> None:
    texts(session).createOrReplaceTempView("texts_with_letters")
    said = f"from_json(value, 'a int', map('badRecordsPath', '{tmp_path}'))"
    try:
        assert session.sql(f"SELECT r.a FROM (SELECT {said} AS r FROM texts_with_letters)").count() == 4
    finally:
        session.catalog.dropTempView("texts_with_letters")
    assert len(letters(tmp_path)) == 2


def test_no_letter_no_file(session: Session, tmp_path: Path) -> None:
    session.createDataFrame([('{"a": 1}',)], "value string").select(read("value", tmp_path)).collect()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("format", ["json", "csv"])
def test_lines_of_files_that_do_not_fit_are_kept_with_their_file(
    session: Session, tmp_path: Path, format: str
) -> None:
    lines = {"json": ('{"a": 1}', '{"a": "x"}'), "csv": ("1", "x")}[format]
    for name in ("one", "two"):
        (tmp_path / "in" / f"p={name}").mkdir(parents=True)
        (tmp_path / "in" / f"p={name}" / "file.txt").write_text("\n".join(lines) + "\n")
    reader = session.read.format(format).schema("a int").option("BadRecordsPath", str(tmp_path / "bad"))
    frame = reader.load(str(tmp_path / "in"))
    assert frame.columns == ["a", "p"]
    assert sorted(tuple(row) for row in frame.collect()) == [(1, "one"), (1, "two")]
    found = letters(tmp_path / "bad")
    assert [letter["record"] for letter in found] == [lines[1]] * 2
    paths = {letter["coordinates"]["file_path"] for letter in found}
    assert paths == {f"file://{tmp_path}/in/p={name}/file.txt" for name in ("one", "two")}


def test_a_schema_that_is_inferred_has_no_column_for_bad_lines(session: Session, tmp_path: Path) -> None:
    (tmp_path / "rows.json").write_text('{"a": 1}\nnonsense\n')
    frame = session.read.option("badRecordsPath", str(tmp_path / "bad")).json(str(tmp_path / "rows.json"))
    assert frame.columns == ["a"]
    assert [row.a for row in frame.collect()] == [1]
    assert [letter["record"] for letter in letters(tmp_path / "bad")] == ["nonsense"]


def test_letters_of_texts_in_files_say_which_file(session: Session, tmp_path: Path) -> None:
    (tmp_path / "rows.txt").write_text('{"a": 1}\nnonsense\n')
    lines = session.read.text(str(tmp_path / "rows.txt"))
    assert lines.select(read("value", tmp_path / "bad").alias("r")).count() == 1
    place = {"file_path": f"file://{tmp_path}/rows.txt"}
    assert [letter["coordinates"] for letter in letters(tmp_path / "bad")] == [place]


def test_a_parse_within_another_operator_is_refused(session: Session, tmp_path: Path) -> None:
    frame = texts(session).where(read("value", tmp_path)["a"] > 1)
    with pytest.raises(AnalysisException, match="must be a column of its own"):
        frame.collect()


@pytest.mark.parametrize("other", [{"mode": "FAILFAST"}, {"columnNameOfCorruptRecord": "broken"}])
def test_another_word_on_bad_records_is_refused(
    session: Session, tmp_path: Path, other: dict[str, str]
) -> None:
    with pytest.raises(AnalysisException, match="leave out one of the two"):
        texts(session).select(read("value", tmp_path, **other)).collect()
    with pytest.raises(AnalysisException, match="leave out one of the two"):
        session.read.schema("a int").options(badRecordsPath=str(tmp_path), **other).json(str(tmp_path))


def test_a_format_that_reads_no_records_of_text_refuses_the_option(session: Session, tmp_path: Path) -> None:
    with pytest.raises(StreamcoreError, match="badRecordsPath"):
        session.read.schema("a int").option("badRecordsPath", "/tmp/x").parquet(str(tmp_path)).collect()


@pytest.mark.parametrize("option", ["allowComments", "primitivesAsStrin"])
def test_an_option_of_from_json_that_nobody_reads_is_refused(session: Session, option: str) -> None:
    with pytest.raises(StreamcoreError, match=option):
        texts(session).select(F.from_json("value", "a int", {option: "true"}))
