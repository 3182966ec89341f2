"""The expected texts are PySpark 4.3's."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest

from streamcore.duck.engine import SlotEngine
from streamcore.errors import IllegalArgumentException
from streamcore.plan.attributes import attribute, scope_of
from streamcore.plan.expressions import parse_expression
from streamcore.plan.resolution import Names
from streamcore.plan.translate import TranslationContext, to_duckdb
from streamcore.spi.types import IntegerType

_ID = attribute("id", IntegerType())
_ROW = (
    "named_struct('t', timestamp'2024-01-02 03:04:05.123456', 'n', "
    "timestamp_ntz'2024-01-02 03:04:05.123456', 'd', date'2024-01-02', 'z', cast(null as int))"
)
_PLAIN = {"t": "2024-01-02T03:04:05.123+01:00", "n": "2024-01-02T03:04:05.123", "d": "2024-01-02"}


def _text(expression: str, zone: str = "Europe/Paris") -> str:
    resolved = Names((_ID,)).resolve(parse_expression(expression))
    sql = to_duckdb(resolved, scope_of([_ID]), TranslationContext(time_zone=zone))
    with SlotEngine() as engine:
        found = engine.run(
            f"SELECT {sql} AS x FROM t", {"t": pa.table({_ID.physical: pa.array([1], "int32")})}
        )
    return str(found["x"][0].as_py())


@pytest.mark.parametrize(
    ("options", "differs"),
    [
        ({}, {}),
        (
            {"timestampFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX"},
            {"t": "2024-01-02T03:04:05.123456+01:00"},
        ),
        ({"timestampNTZFormat": "yyyy/MM/dd HH"}, {"n": "2024/01/02 03"}),
        ({"dateFormat": "dd/MM/yyyy"}, {"d": "02/01/2024"}),
        ({"timeZone": "Asia/Kolkata"}, {"t": "2024-01-02T07:34:05.123+05:30"}),
        ({"ignoreNullFields": "false"}, {"z": None}),
    ],
)
def test_to_json_writes_times_in_the_zone_of_the_session_or_as_its_options_say(
    options: dict[str, str], differs: dict[str, str | None]
) -> None:
    given = ", ".join(f'"{part}"' for pair in options.items() for part in pair)
    text = _text(f"to_json({_ROW}, map({given}))" if options else f"to_json({_ROW})")
    assert json.loads(text) == {**_PLAIN, **differs}


def test_to_json_writes_keys_of_maps_and_numbers_as_spark_does() -> None:
    assert (
        _text("to_json(map(date'2024-01-01', array(1e10D, 1e-5D, null)))") == '{"19723":[1.0E10,1.0E-5,null]}'
    )


def test_to_json_refuses_an_option_that_it_does_not_know() -> None:
    with pytest.raises(IllegalArgumentException, match="'pretty'"):
        _text("to_json(named_struct('a', 1), map('pretty', 'true'))")
