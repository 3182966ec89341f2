"""Columns whose names differ in case alone, as PySpark treats them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from streamcore.errors import AnalysisException
from streamcore.spi.row import Row
from streamcore.sql.session import Session

CASE = "spark.sql.caseSensitive"


@pytest.fixture
def with_case(session: Session) -> Iterator[Session]:
    session.conf.set(CASE, "true")
    yield session
    session.conf.unset(CASE)


@pytest.fixture
def parquet(with_case: Session, tmp_path: Path) -> str:
    path = str(tmp_path / "both")
    with_case.createDataFrame([(1, 2)], "N int, n int").write.parquet(path)
    return path


def test_without_case_such_a_name_is_ambiguous(session: Session) -> None:
    both = session.createDataFrame([(1, 2)], "N int, n int")
    for use in (lambda: both.select("n"), lambda: both.filter("N = 1"), lambda: both.groupBy("n").count()):
        with pytest.raises(AnalysisException, match="AMBIGUOUS_REFERENCE"):
            use()


def test_with_case_each_name_is_its_own_column(with_case: Session, parquet: str) -> None:
    both = with_case.read.parquet(parquet)
    assert both.select("n").collect() == [Row(n=2)]
    assert both.filter("n = 2 AND N = 1").collect() == [Row(N=1, n=2)]
    assert both.groupBy("n").count().collect() == [Row(n=2, count=1)]
    assert both.crossJoin(both.select("n")).count() == 1


def test_one_of_the_names_can_be_read_alone(with_case: Session, parquet: str) -> None:
    assert with_case.read.schema("n int").parquet(parquet).collect() == [Row(n=2)]


def test_without_case_a_source_with_such_columns_is_refused(session: Session, parquet: str) -> None:
    session.conf.unset(CASE)
    with pytest.raises(AnalysisException, match=r"COLUMN_ALREADY_EXISTS.*`n`"):
        session.read.parquet(parquet)
    with pytest.raises(AnalysisException, match="COLUMN_ALREADY_EXISTS"):
        session.readStream.schema("a int, A int").json(parquet)


def test_csv_writes_the_value_of_each(with_case: Session, tmp_path: Path) -> None:
    with_case.createDataFrame([(1, 2)], "N int, n int").write.csv(str(tmp_path / "out"), header=True)
    assert [part.read_text() for part in (tmp_path / "out").glob("part*")] == ["N,n\n1,2\n"]
