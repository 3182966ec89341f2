"""Times without a zone in text files are in the session's time zone, or in the option's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from streamcore.sql.session import Session

TEXTS = [
    "2024-07-01 12:00:00",
    "2024-10-27 02:30:00",
    "2024-10-27T02:30:00Z",
    "2024-10-27 02:30:00 Europe/Paris",
]
# As PySpark 4.3 reads them; of the hour that occurs twice in Berlin the first is meant.
BERLIN = [1719828000, 1729989000, 1729996200, 1729989000]
NEW_YORK = [1719849600, 1730010600, 1729996200, 1729989000]


@pytest.fixture
def berlin(session: Session) -> Iterator[Session]:
    session.conf.set("spark.sql.session.timeZone", "Europe/Berlin")
    yield session
    session.conf.set("spark.sql.session.timeZone", "UTC")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for kind, line in (("csv", "{}\n"), ("json", '{{"t": "{}"}}\n')):
        (tmp_path / kind).mkdir()
        (tmp_path / kind / f"a.{kind}").write_text("".join(line.format(text) for text in TEXTS))
    return tmp_path


@pytest.mark.parametrize("kind", ["csv", "json"])
@pytest.mark.parametrize(("zone", "expected"), [(None, BERLIN), ("America/New_York", NEW_YORK)])
def test_a_batch_read_takes_the_zone_of_the_session_or_the_option(
    berlin: Session, folder: Path, kind: str, zone: str | None, expected: list[int]
) -> None:
    options = {} if zone is None else {"timeZone": zone}
    read = berlin.read.schema("t timestamp").options(**options).format(kind).load(str(folder / kind))
    assert [row.s for row in read.selectExpr("unix_seconds(t) s").collect()] == expected


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_a_stream_takes_the_zone_of_the_session(berlin: Session, folder: Path, kind: str) -> None:
    read = berlin.readStream.schema("t timestamp").format(kind).load(str(folder / kind))
    name = f"times_of_{kind}"
    query = read.selectExpr("unix_seconds(t) s").writeStream.format("memory").queryName(name)
    query.trigger(availableNow=True).start().awaitTermination()
    assert [row.s for row in berlin.table(name).collect()] == BERLIN


def test_text_is_cast_as_it_is_read(berlin: Session) -> None:
    frame = berlin.createDataFrame([(text,) for text in TEXTS], "t string")
    casts = frame.selectExpr("unix_seconds(cast(t as timestamp)) a", "unix_seconds(to_timestamp(t)) b")
    assert [tuple(row) for row in casts.collect()] == [(second, second) for second in BERLIN]


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_times_before_zones_had_whole_minutes_are_read_as_they_were_written(
    berlin: Session, tmp_path: Path, kind: str
) -> None:
    times = berlin.sql("select timestamp'1800-01-01 12:00:00.123' t, timestamp'2024-07-01 12:00:00.123' u")
    times.write.format(kind).save(str(tmp_path / kind))
    read = berlin.read.schema("t timestamp, u timestamp").format(kind).load(str(tmp_path / kind))
    assert read.collect() == times.collect()
