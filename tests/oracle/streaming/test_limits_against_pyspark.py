"""Limits over streams, batch by batch as PySpark ran them: how many rows, state, watermarks.

Which rows come first out of an operator with keys is open; of rows in order of arrival it is not.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from streamcore import Session
from streamcore.errors import AnalysisException
from tests.oracle.streaming.limit_scenarios import LIMITS
from tests.oracle.streaming.test_against_pyspark import answers, run, shown
from tests.oracle.streaming.test_chains_against_pyspark import states

ANSWERS = answers("streaming_limits.json")
BY_NAME = {scenario.name: scenario for scenario in LIMITS}
ANY_ORDER = ("limit of windows",)


@pytest.fixture(scope="module")
def session() -> Session:
    session = Session.builder.master("local[2]").getOrCreate().newSession()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    return session


@pytest.mark.parametrize("name", BY_NAME)
def test_every_batch_under_a_limit_gives_what_pyspark_gives(
    session: Session, tmp_path: Path, name: str
) -> None:
    expected, found = ANSWERS[name], run(session, BY_NAME[name], tmp_path, partitions=1, restarts=False)
    if name in ANY_ORDER:
        assert [len(b["rows"]) for b in found] == [len(b["rows"]) for b in expected]
    else:
        assert shown(found, is_sorted=False) == shown(expected, is_sorted=False)
    assert [b["state"] and states(b) for b in found] == [b["state"] and states(b) for b in expected]
    assert [b["eventTime"].get("watermark") for b in found] == [
        b["eventTime"].get("watermark") for b in expected
    ]


@pytest.mark.parametrize("name", ["limit in a later batch", "limit of a limit"])
def test_a_limit_holds_over_restarts_and_over_partitions_of_state(
    session: Session, tmp_path: Path, name: str
) -> None:
    found = run(session, BY_NAME[name], tmp_path, partitions=3, restarts=True)
    assert shown(found, is_sorted=False) == shown(ANSWERS[name], is_sorted=False)


@pytest.mark.parametrize(
    ("mode", "build", "said"),
    [
        ("update", lambda s: s.limit(3), "Limits are not supported .* in Update output mode"),
        ("update", lambda s: s.groupBy("value").count().limit(3), "Limits are not supported"),
        ("append", lambda s: s.offset(3), "Offset is not supported"),
        ("complete", lambda s: s.groupBy("value").count().offset(2), "Offset is not supported"),
    ],
)
def test_a_limit_that_spark_refuses_is_refused(session: Session, mode: str, build: Any, said: str) -> None:
    stream = session.readStream.format("rate").load()
    with pytest.raises(AnalysisException, match=said):
        build(stream).writeStream.format("noop").outputMode(mode).start()
