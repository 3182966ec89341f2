"""session_window() in batch queries: what PySpark 4.3 answers."""

from __future__ import annotations

from typing import Any

import pytest

from streamcore import Session
from streamcore.errors import AnalysisException
from streamcore.sql import functions as F


@pytest.fixture(scope="module")
def session() -> Session:
    session = Session.builder.getOrCreate().newSession()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    return session


@pytest.fixture(scope="module")
def rows(session: Session) -> Any:
    return session.sql(
        "select timestamp_seconds(ts) ts, k, v from values (1,'a',1), (6,'a',2), (6,'b',1), (20,'a',3), "
        "(null,'a',9), (30,null,4), (33,null,5) as t(ts, k, v)"
    )


def spans(frame: Any, *columns: str) -> list[tuple[Any, ...]]:
    """Start and end in seconds, and these columns."""
    seconds = [F.unix_timestamp(f"session_window.{bound}") for bound in ("start", "end")]
    return sorted((tuple(row) for row in frame.select(*seconds, *columns).collect()), key=repr)


def test_rows_within_the_gap_share_a_session_and_sessions_that_touch_are_one(rows: Any) -> None:
    counted = rows.groupBy(F.session_window("ts", "5 seconds"), "k").agg(F.sum("v").alias("s"))
    assert spans(counted, "k", "s") == [(1, 11, "a", 3), (20, 25, "a", 3), (30, 38, None, 9), (6, 11, "b", 1)]


def test_without_other_keys_all_rows_share_their_sessions(rows: Any) -> None:
    counted = rows.groupBy(F.session_window("ts", "5 seconds")).count()
    assert spans(counted, "count") == [(1, 11, 3), (20, 25, 1), (30, 38, 2)]


def test_the_gap_may_differ_from_row_to_row(rows: Any) -> None:
    gap = F.when(F.col("k") == "a", "3 seconds").otherwise("30 seconds")
    counted = rows.groupBy(F.session_window("ts", gap), "k").count()
    assert spans(counted, "k", "count") == [
        (1, 4, "a", 1),
        (20, 23, "a", 1),
        (30, 63, None, 2),
        (6, 36, "b", 1),
        (6, 9, "a", 1),
    ]


@pytest.mark.parametrize("gap", ["0 seconds", "-1 seconds"])
def test_a_row_without_a_gap_belongs_to_no_session(rows: Any, gap: str) -> None:
    assert rows.groupBy(F.session_window("ts", gap), "k").count().collect() == []
    assert rows.select(F.session_window("ts", F.lit(gap))).collect() == []


def test_every_aggregate_sees_the_rows_of_its_session(rows: Any) -> None:
    counted = rows.groupBy(F.session_window("ts", "5 minutes"), "k").agg(
        F.countDistinct("v").alias("d"), F.collect_list("v").alias("all")
    )
    assert spans(counted, "k", "d", "all") == [
        (1, 320, "a", 3, [1, 2, 3]),
        (30, 333, None, 2, [4, 5]),
        (6, 306, "b", 1, [1]),
    ]


def test_a_select_gives_each_row_its_own_window(rows: Any) -> None:
    assert spans(rows.where("k is null").select(F.session_window("ts", "5 seconds"))) == [(30, 35), (33, 38)]


def test_sessions_are_spoken_in_sql(session: Session, rows: Any) -> None:
    rows.createOrReplaceTempView("visits")
    found = session.sql(
        "select session_window(ts, '5 seconds').end as until, count(*) n from visits "
        "group by session_window(ts, '5 seconds') having count(*) > 1 order by n"
    )
    assert [(row.until.minute * 60 + row.until.second, row.n) for row in found.collect()] == [
        (38, 2),
        (11, 3),
    ]


def test_two_kinds_of_windows_in_one_grouping_are_refused(rows: Any) -> None:
    with pytest.raises(AnalysisException, match="Multiple time/session window expressions"):
        rows.groupBy(F.session_window("ts", "5 seconds"), F.window("ts", "10 seconds")).count()


def test_a_gap_that_is_no_text_is_refused(rows: Any) -> None:
    with pytest.raises(AnalysisException, match="gap must be a text"):
        rows.groupBy(F.session_window("ts", F.col("v")), "k").count().collect()
