"""ORC: every type comes back as it went in, and what the format cannot hold is refused."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.orc as po
import pytest

from streamcore.errors import AnalysisException, QueryExecutionException, StreamcoreError
from streamcore.spi.row import Row
from streamcore.sql.session import Session

EVERY_TYPE = """
    SELECT id, CAST(id AS STRING) AS s, TIMESTAMP'2026-07-01 12:00:00.25' AS t, DATE'2026-07-01' AS d,
        CAST(1.5 AS DECIMAL(10, 2)) AS x, array(1, NULL) AS a, map('k', 1) AS m, CAST(id AS TINYINT) AS ti,
        named_struct('q', 1, 'z', TIMESTAMP'2026-07-01 12:00:00') AS st, X'aa' AS bin, true AS b,
        TIMESTAMP_NTZ'1500-07-01 12:00:00' AS n, CAST(1.5 AS FLOAT) AS f, CAST(NULL AS INT) AS nothing
    FROM range(3)
"""


@pytest.mark.parametrize("codec", ["zstd", "snappy", "zlib", "lz4", "none"])
def test_every_type_comes_back_as_it_went_in(session: Session, tmp_path: Path, codec: str) -> None:
    frame = session.sql(EVERY_TYPE)
    frame.write.orc(str(tmp_path / "o"), compression=codec)
    found = session.read.orc(str(tmp_path / "o"))
    assert found.dtypes == frame.dtypes
    assert sorted(found.collect()) == sorted(frame.collect())
    suffix = ".orc" if codec == "none" else f".{codec}.orc"
    assert all(file.name.endswith(suffix) for file in (tmp_path / "o").glob("part-*"))


def test_rows_without_columns_are_counted(session: Session, tmp_path: Path) -> None:
    session.range(5).write.orc(str(tmp_path / "o"))
    assert session.read.orc(str(tmp_path / "o")).count() == 5


def test_a_data_set_without_rows_has_its_columns(session: Session, tmp_path: Path) -> None:
    session.range(0).write.orc(str(tmp_path / "o"))
    assert session.read.orc(str(tmp_path / "o")).dtypes == [("id", "bigint")]


def test_columns_are_found_by_name_and_widened(session: Session, tmp_path: Path) -> None:
    session.sql("SELECT CAST(id AS TINYINT) AS small, id AS ID2 FROM range(1)").write.orc(str(tmp_path / "o"))
    found = session.read.schema("id2 double, SMALL int, none string").orc(str(tmp_path / "o"))
    assert found.collect() == [Row(id2=0.0, SMALL=0, none=None)]
    with pytest.raises(QueryExecutionException, match="cannot be read as int"):
        session.read.schema("id2 int").orc(str(tmp_path / "o")).collect()


def test_a_time_without_a_zone_is_an_instant_of_the_sessions_zone(session: Session, tmp_path: Path) -> None:
    noon = pa.array([pa.scalar(1_782_907_200_000_000_000, pa.timestamp("ns"))])  # 2026-07-01 12:00
    po.write_table(pa.table({"t": noon}), tmp_path / "hive.orc")
    found = session.read.orc(str(tmp_path / "hive.orc"))
    assert found.dtypes == [("t", "timestamp")]
    assert found.where("t = TIMESTAMP'2026-07-01 12:00:00'").count() == 1
    there = session.read.option("timeZone", "UTC").orc(str(tmp_path / "hive.orc"))
    assert there.where("t = TIMESTAMP'2026-07-01 12:00:00Z'").count() == 1
    as_local = session.read.schema("t timestamp_ntz").orc(str(tmp_path / "hive.orc"))
    assert as_local.where("t = TIMESTAMP_NTZ'2026-07-01 12:00:00'").count() == 1


def test_files_of_several_schemas_are_merged_when_asked(session: Session, tmp_path: Path) -> None:
    session.range(1).write.orc(str(tmp_path / "m" / "p=1"))
    session.sql("SELECT 'x' AS k").write.orc(str(tmp_path / "m" / "p=2"))
    assert session.read.orc(str(tmp_path / "m")).columns == ["id", "p"]
    merged = session.read.option("mergeSchema", True).orc(str(tmp_path / "m"))
    assert sorted(merged.collect(), key=repr) == [Row(id=0, k=None, p=1), Row(id=None, k="x", p=2)]
    session.sql("SELECT 'x' AS id").write.orc(str(tmp_path / "m" / "p=3"))
    with pytest.raises(AnalysisException, match="id is string"):
        session.read.option("mergeSchema", True).orc(str(tmp_path / "m"))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("INTERVAL '1' DAY", "cannot hold the column 'i'"),
        ("NULL", "cannot hold the column 'i'"),
        ("array(TIMESTAMP_NTZ'2026-01-01')", "cannot hold the column 'i'"),
        ("TIMESTAMP'3000-01-01'", "before 1677 or after 2262"),
    ],
)
def test_what_orc_cannot_hold_is_refused(session: Session, tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(StreamcoreError, match=reason):
        session.sql(f"SELECT {text} AS i").write.orc(str(tmp_path / "o"))


def test_a_file_that_is_no_orc_file_is_named(session: Session, tmp_path: Path) -> None:
    (tmp_path / "x.orc").write_bytes(b"ORC")
    with pytest.raises(AnalysisException, match=r"x\.orc is no orc file"):
        session.read.orc(str(tmp_path / "x.orc"))
