"""What toPandas() hands out, kind by kind: the same as PySpark 4.3 does by Arrow, its default."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

from streamcore.sql.session import Session

ZONE = "spark.sql.session.timeZone"
NEW_YEAR = pd.Timestamp("2020-01-01 00:00:00")


@pytest.fixture
def far(session: Session) -> Iterator[Session]:
    session.conf.set(ZONE, "America/New_York")
    yield session
    session.conf.unset(ZONE)


def only(session: Session, expression: str) -> Any:
    return session.sql(f"SELECT {expression} AS v").toPandas()["v"]


def test_times_are_microseconds_in_the_sessions_zone(far: Session) -> None:
    for text in ("timestamp'2020-01-01 00:00:00'", "timestamp_ntz'2020-01-01 00:00:00'"):
        found = only(far, text)
        assert (str(found.dtype), found[0]) == ("datetime64[us]", NEW_YEAR)


def test_pandas_times_come_back_as_they_went_in(far: Session) -> None:
    frame = pd.DataFrame({"at": pd.to_datetime(["2020-06-01 12:00:00", None]).astype("datetime64[us]")})
    assert far.createDataFrame(frame).toPandas().equals(frame)


def test_structs_and_maps_are_dicts_and_arrays_are_ndarrays(session: Session) -> None:
    assert only(session, "named_struct('a', 1, 'b', 'x')")[0] == {"a": 1, "b": "x"}
    assert only(session, "map('k', named_struct('a', 1))")[0] == {"k": {"a": 1}}
    found = only(session, "array(1, 2)")[0]
    assert isinstance(found, np.ndarray)
    assert (str(found.dtype), found.tolist()) == ("int32", [1, 2])
    assert only(session, "array(array(1))")[0][0].tolist() == [1]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("named_struct('at', {time})", {"at": NEW_YEAR}),
        ("map('k', {time})", {"k": NEW_YEAR}),
        ("array(named_struct('at', {time}), null)", [{"at": NEW_YEAR}, None]),
        ("array({time}, null)", [NEW_YEAR, pd.NaT]),
    ],
)
def test_times_inside_values_are_in_the_sessions_zone_too(
    far: Session, expression: str, expected: Any
) -> None:
    for kind in ("timestamp", "timestamp_ntz"):
        found = only(far, expression.format(time=f"{kind}'2020-01-01 00:00:00'"))[0]
        assert list(found) == list(expected)
        assert repr(found if isinstance(found, dict) else list(found)) == repr(expected)


def test_a_missing_value_is_missing(session: Session) -> None:
    for kind in ("array<timestamp>", "struct<a: timestamp>", "map<string, timestamp>"):
        assert only(session, f"cast(null AS {kind})")[0] is None
