"""Intervals as columns: what Python gets, what is printed, sums, groups, order, and casts."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from streamcore.errors import ParseException, QueryExecutionException, UnsupportedOperationException
from streamcore.spi.types import DayTimeIntervalType, StructField, StructType, YearMonthIntervalType
from streamcore.sql import functions as F
from streamcore.sql.session import Session

DAY = dt.timedelta(days=1)


def test_day_time_intervals_are_timedeltas_in_python_and_durations_in_arrow(session: Session) -> None:
    frame = session.createDataFrame([(DAY,), (None,)], "span interval day to second")
    doubled = frame.select((F.col("span") * 2).alias("twice"))
    assert [row.twice for row in doubled.collect()] == [2 * DAY, None]
    assert doubled.toArrow().schema.field("twice").type == pa.duration("us")
    assert doubled.schema["twice"].dataType == DayTimeIntervalType()


def test_a_year_month_interval_has_no_python_value(session: Session) -> None:
    frame = session.sql("SELECT INTERVAL '1-2' YEAR TO MONTH AS span")
    assert frame.schema["span"].dataType == YearMonthIntervalType()
    with pytest.raises(UnsupportedOperationException, match=r"\[NOT_IMPLEMENTED\] YearMonthIntervalType"):
        frame.collect()
    with pytest.raises(UnsupportedOperationException, match="not supported in conversion to Arrow"):
        frame.toArrow()


def test_intervals_are_shown_with_the_units_of_their_type(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    days = StructType([StructField("span", DayTimeIntervalType(0, 1))])
    session.createDataFrame([(DAY * 1.5,)], days).select(
        "span", F.expr("array(INTERVAL -14 MONTHS) AS months"), F.make_interval(F.lit(1)).alias("calendar")
    ).show(truncate=False)
    assert capsys.readouterr().out.splitlines()[3] == (
        "|INTERVAL '1 12' DAY TO HOUR|[INTERVAL '-14' MONTH]|1 years |"
    )


def test_intervals_are_summed_averaged_grouped_and_sorted(session: Session) -> None:
    frame = session.sql(
        "SELECT s, count(*) AS n, sum(s) AS total, avg(s) AS mean, max(s) AS most FROM VALUES "
        "(INTERVAL 1 DAY), (INTERVAL 24 HOURS), (INTERVAL 3 DAYS), (NULL) AS t(s) GROUP BY s ORDER BY s"
    )
    assert [tuple(row) for row in frame.collect()] == [
        (None, 1, None, None, None),
        (DAY, 2, 2 * DAY, DAY, DAY),
        (3 * DAY, 1, 3 * DAY, 3 * DAY, 3 * DAY),
    ]
    assert frame.schema["total"].dataType == DayTimeIntervalType(0, 1)
    assert frame.schema["mean"].dataType == DayTimeIntervalType()


def test_the_average_of_months_is_rounded_half_up(session: Session) -> None:
    frame = session.sql("SELECT avg(s) AS mean FROM VALUES (INTERVAL 1 MONTH), (INTERVAL 2 MONTHS) AS t(s)")
    assert frame.selectExpr("CAST(mean AS STRING)").collect()[0][0] == "INTERVAL '0-2' YEAR TO MONTH"


def test_columns_of_text_are_cast_to_intervals(session: Session) -> None:
    texts = session.createDataFrame([("1 02:03",), ("INTERVAL '-1 2:3' DAY TO MINUTE",), ("1 24:00",)], ["t"])
    spans = texts.select(F.expr("TRY_CAST(t AS INTERVAL DAY TO MINUTE)").alias("s")).collect()
    wanted = dt.timedelta(days=1, hours=2, minutes=3)
    assert [row.s for row in spans] == [wanted, -wanted, None]


def test_an_interval_survives_parts_and_durations_of_other_units(session: Session) -> None:
    table = pa.table({"span": pa.array([1_500_000_000, None], pa.duration("ns"))})
    frame = session.createDataFrame(table).repartition(2)
    spans = [row.span for row in frame.collect()]
    assert sorted(spans, key=str) == [dt.timedelta(seconds=1.5), None]


@pytest.mark.parametrize(
    "text",
    [
        "INTERVAL 1 MONTH 2 DAYS",
        "INTERVAL '1 25' DAY TO HOUR",
        "INTERVAL '1-2' MONTH TO YEAR",
        "INTERVAL '1'",
    ],
)
def test_what_is_no_interval_is_refused_where_it_is_parsed(session: Session, text: str) -> None:
    with pytest.raises(ParseException, match=r"\[INVALID_INTERVAL_FORMAT\]"):
        session.sql(f"SELECT {text}")


def test_intervals_are_named_as_they_would_be_written(session: Session) -> None:
    frame = session.sql(
        "SELECT INTERVAL 3 days 4 hours, 2 * INTERVAL '5' SECOND, DATE '2024-01-31' + INTERVAL 1 MONTH"
    )
    assert frame.columns == [
        "INTERVAL '3 04' DAY TO HOUR",
        "(INTERVAL '05' SECOND * 2)",
        "DATE '2024-01-31' + INTERVAL '1' MONTH",
    ]


def test_intervals_are_kept_in_parquet_with_their_units(session: Session, tmp_path: Path) -> None:
    frame = session.sql("SELECT INTERVAL '1 02' DAY TO HOUR AS d, INTERVAL 14 MONTHS AS m")
    frame.write.parquet(str(tmp_path / "spans"))
    found = session.read.parquet(str(tmp_path / "spans"))
    assert found.schema.simpleString() == frame.schema.simpleString()
    assert tuple(found.select("d", F.col("m").cast("string")).collect()[0]) == (
        dt.timedelta(days=1, hours=2),
        "INTERVAL '14' MONTH",
    )


def test_durations_in_a_file_that_are_no_microseconds_are_refused(session: Session, tmp_path: Path) -> None:
    pq.write_table(pa.table({"d": pa.array([1], pa.duration("ns"))}), str(tmp_path / "d.parquet"))
    with pytest.raises(QueryExecutionException, match="PARQUET_COLUMN_DATA_TYPE_MISMATCH"):
        session.read.parquet(str(tmp_path / "d.parquet")).collect()
