"""input_file_name(): the file that a row is of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from streamcore import Session
from streamcore.errors import AnalysisException
from streamcore.sql import functions as F
from streamcore.testing.stepped_query import SteppedQuery

# As PySpark 4.3 codes them.
CODED = {"ü x": "ü%20x", "p+q": "p+q", "a'b&c=d#": "a'b&c=d%23", "50%": "50%25"}


@pytest.fixture
def files(session: Session, tmp_path: Path) -> Any:
    for name in CODED:
        (tmp_path / f"{name}.json").write_text('{"a": 1}\n{"a": 2}\n')
    return session.read.schema("a int").json(str(tmp_path))


def test_names_are_coded_as_spark_codes_them(files: Any, tmp_path: Path) -> None:
    found = {row.f for row in files.select(F.input_file_name().alias("f")).collect()}
    assert found == {f"file://{tmp_path}/{coded}.json" for coded in CODED.values()} == set(files.inputFiles())
    assert files.select(F.input_file_name()).schema.simpleString() == "struct<input_file_name():string>"


def test_rows_are_chosen_and_counted_by_file(files: Any) -> None:
    assert files.filter(F.input_file_name().endswith("p+q.json")).columns == ["a"]
    assert files.filter(F.input_file_name().endswith("p+q.json")).count() == 2
    counts = files.where("a = 1").groupBy(F.input_file_name().alias("f")).count().collect()
    assert [row["count"] for row in counts] == [1] * len(CODED)


def test_sql_text_may_ask_for_it(files: Any) -> None:
    files.createOrReplaceTempView("rows_of_files")
    session = files.sparkSession
    try:
        text = "SELECT DISTINCT input_file_name() FROM rows_of_files WHERE a > 1"
        assert session.sql(text).count() == len(CODED)
    finally:
        session.catalog.dropTempView("rows_of_files")


def test_it_is_blank_where_rows_are_of_no_file_or_have_moved(session: Session, files: Any) -> None:
    for frame in (session.range(1), files.distinct(), files.orderBy("a"), files.groupBy("a").count()):
        assert {row[0] for row in frame.select(F.input_file_name()).collect()} == {""}


def test_behind_a_union_it_is_refused_and_before_it_works(files: Any) -> None:
    with pytest.raises(AnalysisException, match="add it with withColumn"):
        files.union(files).select(F.input_file_name()).collect()
    named = files.withColumn("f", F.input_file_name())
    assert named.union(named).select("f").distinct().count() == len(CODED)


def test_a_stream_of_files_has_names(session: Session, tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("1\n")
    (tmp_path / "two.csv").write_text("2\n")
    rows = session.readStream.schema("a int").csv(str(tmp_path)).withColumn("f", F.input_file_name())
    with SteppedQuery(rows.writeStream.format("memory").queryName("named_files")) as query:
        query.step()
    found = sorted(tuple(row) for row in session.table("named_files").collect())
    assert found == [(1, f"file://{tmp_path}/one.csv"), (2, f"file://{tmp_path}/two.csv")]
