"""TIME columns: Python values, Arrow, files of the session, and what is refused."""

from __future__ import annotations

import datetime as dt

import pytest

from streamcore.errors import AnalysisException, IllegalArgumentException
from streamcore.spi.types import TimeType
from streamcore.sql import functions as F
from streamcore.sql.session import Session


def test_times_of_day_are_pythons_times(session: Session) -> None:
    frame = session.createDataFrame([(dt.time(10, 11, 12, 500),), (None,)], "t time(6)")
    later = frame.select((F.col("t") + F.expr("INTERVAL 1 HOUR")).alias("t"), F.hour("t").alias("h"))
    assert [tuple(row) for row in later.collect()] == [(dt.time(11, 11, 12, 500), 10), (None, None)]
    assert later.schema["t"].dataType == TimeType(6)


def test_a_time_of_another_precision_is_cut(session: Session) -> None:
    frame = session.sql("SELECT CAST(TIME '10:11:12.129' AS TIME(2)) AS t")
    assert frame.collect()[0].t == dt.time(10, 11, 12, 120000)
    assert frame.schema["t"].dataType == TimeType(2)


def test_a_timestamp_is_made_of_a_date_and_a_time_or_of_parts_and_never_of_both(session: Session) -> None:
    made = F.make_timestamp(date=F.lit(dt.date(2024, 1, 2)), time=F.expr("TIME '03:04'"))
    assert session.range(1).select(made.cast("string")).collect()[0][0] == "2024-01-02 03:04:00"
    with pytest.raises(IllegalArgumentException, match=r"\[CANNOT_SET_TOGETHER\]"):
        F.make_timestamp(F.lit(1), date=F.lit(dt.date(2024, 1, 2)))


def test_the_unit_of_timestampadd_is_a_word_and_no_text(session: Session) -> None:
    moved = session.sql("SELECT CAST(timestampadd(MONTH, 1, DATE '2024-01-31') AS STRING)")
    assert moved.collect()[0][0] == "2024-02-29 00:00:00"
    with pytest.raises(AnalysisException, match=r"\[INVALID_PARAMETER_VALUE.DATETIME_UNIT\]"):
        session.sql("SELECT timestampadd('MONTH', 1, DATE '2024-01-31')").collect()


def test_the_column_of_dateadd_by_a_unit_is_named_by_what_it_is(session: Session) -> None:
    assert session.sql("SELECT dateadd(month, 1, DATE '2024-01-31')").columns == [
        "timestampadd(month, 1, DATE '2024-01-31')"
    ]


def test_words_stand_for_moments_in_literals_and_not_in_columns(session: Session) -> None:
    row = session.sql(
        "SELECT TIMESTAMP 'epoch' = timestamp_seconds(0), DATE ' Tomorrow ' - current_date(), "
        "CAST('yesterday' AS TIMESTAMP) < TIMESTAMP 'today', TIMESTAMP 'now' = current_timestamp(), "
        "CAST(TIMESTAMP_NTZ 'epoch' AS STRING), TRY_CAST(t AS TIMESTAMP) FROM VALUES ('epoch') AS v(t)"
    ).collect()[0]
    assert tuple(row) == (True, dt.timedelta(days=1), True, True, "1970-01-01 00:00:00", None)


def test_a_time_of_python_is_a_literal_without_its_zone(session: Session) -> None:
    times = [dt.time(6, 30, 45, 887000), dt.time(6, 30, tzinfo=dt.UTC)]
    found = session.range(1).select(*map(F.lit, times))
    assert found.columns == ["TIME '06:30:45.887'", "TIME '06:30:00'"]
    assert tuple(found.collect()[0]) == (dt.time(6, 30, 45, 887000), dt.time(6, 30))
