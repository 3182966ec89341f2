"""Local times and instants: hours that occur twice, hours that are left out."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from streamcore.duck.engine import SlotEngine
from streamcore.duck.text_times import UNUSUAL, read_instant
from streamcore.duck.zones import first_instant, to_instant

TIMES = [
    ("Europe/Berlin", "2024-10-27 01:59:59.999999"),
    ("Europe/Berlin", "2024-10-27 02:00:00"),
    ("Europe/Berlin", "2024-10-27 02:30:00"),
    ("Europe/Berlin", "2024-10-27 03:00:00"),
    ("Europe/Berlin", "2024-03-31 02:30:00"),
    ("Europe/Berlin", "2024-07-01 12:00:00"),
    ("America/New_York", "2024-11-03 01:30:00"),
    ("Australia/Lord_Howe", "2024-04-07 01:45:00"),
    ("Africa/Casablanca", "2024-03-10 02:30:00"),
    ("Asia/Kolkata", "2024-10-27 02:30:00"),
    ("+02:00", "2024-10-27 02:30:00"),
]


def instant(sql: str) -> datetime:
    with SlotEngine() as engine:
        found = engine.run(f"SELECT {sql} AS t", {}).column("t")[0].as_py()
    assert isinstance(found, datetime)
    return found.astimezone(UTC)


def meant(zone: str, local: str) -> datetime:
    """Python's `fold=0`: the first of two, and a time that is left out by the offset before."""
    region = datetime.fromisoformat(f"2000-01-01T00:00{zone}").tzinfo if zone[0] in "+-" else ZoneInfo(zone)
    return datetime.fromisoformat(local).replace(tzinfo=region).astimezone(UTC)


@pytest.mark.parametrize(("zone", "local"), TIMES)
def test_of_an_hour_that_occurs_twice_the_first_is_meant(zone: str, local: str) -> None:
    assert instant(to_instant(f"TIMESTAMP '{local}'", zone)) == meant(zone, local)


@pytest.mark.parametrize(("zone", "local"), [time for time in TIMES if time[0] != "+02:00"])
def test_a_zone_given_by_sql_means_the_same(zone: str, local: str) -> None:
    assert instant(first_instant(f"TIMESTAMP '{local}'", f"'{zone}'")) == meant(zone, local)


@pytest.mark.parametrize(("zone", "local"), TIMES)
@pytest.mark.parametrize("unusual", [None, f"CAST({UNUSUAL} AS TIMESTAMPTZ)"])
def test_text_without_a_zone_is_in_the_given_one(zone: str, local: str, unusual: str | None) -> None:
    assert instant(read_instant(f"'{local}'", zone, unusual=unusual)) == meant(zone, local)
    assert instant(read_instant(f"'{local}Z'", zone, unusual=unusual)) == meant("+00:00", local)


@pytest.mark.parametrize(("zone", "local"), [time for time in TIMES if time[0] != "+02:00"])
def test_text_that_names_a_region_is_in_that_one(zone: str, local: str) -> None:
    assert instant(read_instant(f"'{local} {zone}'", "UTC")) == meant(zone, local)


def test_text_that_names_no_region_there_is_has_no_time() -> None:
    with SlotEngine() as engine:
        sql = read_instant("'2024-01-01 10:00:00 Nowhere/Land'", "UTC")
        assert engine.run(f"SELECT {sql} AS t", {}).column("t").to_pylist() == [None]
