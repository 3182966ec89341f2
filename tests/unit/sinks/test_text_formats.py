"""The expected lines are what PySpark 4.3 writes, but that CSV keeps microseconds where there are any."""

# ruff: noqa: DTZ001 - times without a zone are a type of their own

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from streamcore.errors import AnalysisException, IllegalArgumentException
from streamcore.execution.connectors import sink_class
from streamcore.spi.types import from_arrow_schema


def _written(folder: Path, name: str, table: pa.Table, **options: Any) -> str:
    kind: Any = sink_class(name)
    sink = kind({"path": str(folder / "out"), **options})
    writer = sink.writer(from_arrow_schema(table.schema), overwrite=True)
    writer.commit([writer.write(iter(table.to_batches()))])
    (file,) = (folder / "out").glob("part-*")
    return file.read_bytes().decode()


def _values() -> pa.Table:
    stamps = [dt.datetime(2020, 1, 2, 3, 4, 5, us, dt.UTC) for us in (0, 123000, 123456)]
    return pa.table(
        {
            "a": pa.array([1, None, None], pa.int32()),
            "c": pa.array([[1, 2, None], [], None], pa.list_(pa.int32())),
            "d": pa.array(
                [{"x": 1, "y": None}, {"x": None, "y": None}, None],
                pa.struct([("x", pa.int32()), ("y", pa.string())]),
            ),
            "e": pa.array([[("k", 1), ("j", None)], [], None], pa.map_(pa.string(), pa.int32())),
            "f": pa.array([b"ab\n\xff", b"", None]),
            "g": pa.array(stamps, pa.timestamp("us", "UTC")),
            "h": pa.array([dt.date(2020, 1, 2), None, None]),
            "i": pa.array([Decimal("1.100"), None, None], pa.decimal128(10, 3)),
            "j": pa.array([1.5, float("nan"), -float("inf")]),
            "m": pa.array([True, False, None]),
            "n": pa.array([dt.datetime(2020, 1, 2, 3, 4, 5, 120000), None, None], pa.timestamp("us")),
        }
    )


def test_json_objects_are_written_as_spark_writes_them(tmp_path: Path) -> None:
    assert _written(tmp_path, "json", _values()).splitlines() == [
        (
            '{"a":1,"c":[1,2,null],"d":{"x":1},"e":{"k":1,"j":null},"f":"YWIK/w==",'
            '"g":"2020-01-02T03:04:05.000Z",'
            '"h":"2020-01-02","i":1.100,"j":1.5,"m":true,"n":"2020-01-02T03:04:05.120"}'
        ),
        '{"c":[],"d":{},"e":{},"f":"","g":"2020-01-02T03:04:05.123Z","j":"NaN","m":false}',
        '{"g":"2020-01-02T03:04:05.123Z","j":"-Infinity"}',
    ]


@pytest.mark.parametrize(
    ("zone", "offsets"),
    [
        ("UTC", ("Z", "Z", "Z")),
        ("+05:30", ("+05:30",) * 3),
        ("Europe/London", ("Z", "+01:00", "-00:01:15")),
    ],
)
def test_json_instants_bear_the_offset_of_the_zone(
    zone: str, offsets: tuple[str, ...], tmp_path: Path
) -> None:
    days = [dt.datetime(*day, 12, tzinfo=dt.UTC) for day in ((2024, 1, 2), (2024, 7, 2), (1800, 1, 2))]
    table = pa.table({"t": pa.array(days, pa.timestamp("us", "UTC"))})
    lines = _written(tmp_path, "json", table, timeZone=zone).splitlines()
    texts = [json.loads(line)["t"] for line in lines]
    assert [text[23:] for text in texts] == list(offsets)
    assert [dt.datetime.fromisoformat(text) for text in texts] == days


def test_a_json_pattern_writes_local_times_and_their_offset(tmp_path: Path) -> None:
    table = _values().select(["g"]).slice(2)
    options = {"timestampFormat": "yyyy-MM-dd HH:mm:ss.SSSSSS xx VV", "timeZone": "America/New_York"}
    written = _written(tmp_path, "json", table, **options)
    assert written == '{"g":"2020-01-01 22:04:05.123456 -0500 America/New_York"}\n'


def test_json_numbers_and_keys_of_maps_are_written_as_spark_writes_them(tmp_path: Path) -> None:
    day = dt.date(2024, 1, 1)
    table = pa.table(
        {
            "d": pa.array([[1e10, 1e-5, 1e5, 0.1, -0.0, 1e7, 9999999.0, 1e300]]),
            "f": pa.array([[1e10, 16777216.0]], pa.list_(pa.float32())),
            "m": pa.array([[(day, 1)]], pa.map_(pa.date32(), pa.int32())),
            "k": pa.array([[(1e10, 1)]], pa.map_(pa.float64(), pa.int32())),
        }
    )
    assert _written(tmp_path, "json", table) == (
        '{"d":[1.0E10,1.0E-5,100000.0,0.1,-0.0,1.0E7,9999999.0,1.0E300],"f":[1.0E10,1.6777216E7],'
        '"m":{"19723":1},"k":{"1.0E10":1}}\n'
    )


def test_json_keeps_nulls_when_asked(tmp_path: Path) -> None:
    table = _values().select(["a", "d"]).slice(1)
    assert _written(tmp_path, "json", table, ignoreNullFields="false").splitlines() == [
        '{"a":null,"d":{"x":null,"y":null}}',
        '{"a":null,"d":null}',
    ]


def test_json_strings_are_escaped(tmp_path: Path) -> None:
    table = pa.table({'a"b': ['é"\\/\u0001\n\t\u2028\x7f你😀', "it's"]})
    assert _written(tmp_path, "json", table) == (
        '{"a\\"b":"é\\"\\\\/\\u0001\\n\\t\u2028\x7f你😀"}\n{"a\\"b":"it\'s"}\n'
    )


def test_json_nulls_in_nested_structs_are_left_out_but_never_those_of_arrays_and_maps(tmp_path: Path) -> None:
    inner = pa.struct([("a", pa.string()), ("b", pa.int32())])
    table = pa.table(
        {
            "x": pa.array([[{"a": None, "b": 1}, None]], pa.list_(inner)),
            "y": pa.array([[("k", {"a": None, "b": None})]], pa.map_(pa.string(), inner)),
            "w": pa.array([None], pa.null()),
        }
    )
    assert _written(tmp_path, "json", table) == '{"x":[{"b":1},null],"y":{"k":{}}}\n'


_TEXTS = [
    "a", "", "  pad  ", "a,b", 'q"q', "b\\s", 'b\\"s', "nl\nx", "cr\rx", None, "#c", "'", "\\", '"', "tab\tx",
    "a\\", "\u00a0x",
]  # fmt: skip
_PLAIN = [
    "a", '""', "pad", '"a,b"', '"q\\"q"', "b\\s", '"b\\\\\\"s"', '"nl\nx"', '"cr\rx"', "", '"#c"', "'", "\\",
    '"\\""', "tab\tx", "a\\", "\u00a0x",
]  # fmt: skip
_NOT_TRIMMED = {"ignoreLeadingWhiteSpace": "false", "ignoreTrailingWhiteSpace": "false"}


@pytest.mark.parametrize(
    ("options", "differs"),
    [
        ({}, {}),
        ({"escape": '"'}, {4: '"q""q"', 6: '"b\\""s"', 13: '""""'}),
        ({"nullValue": "N,A", "emptyValue": "E"}, {1: "E", 9: '"N,A"'}),
        (_NOT_TRIMMED, {2: "  pad  "}),
    ],
)
def test_csv_values_are_quoted_as_spark_quotes_them(
    options: dict[str, str], differs: dict[int, str], tmp_path: Path
) -> None:
    table = pa.table({"s": pa.array(_TEXTS), "i": range(len(_TEXTS))})
    expected = "".join(f"{differs.get(number, text)},{number}\n" for number, text in enumerate(_PLAIN))
    assert _written(tmp_path, "csv", table, **options) == expected


def test_csv_with_every_value_quoted_and_a_header(tmp_path: Path) -> None:
    table = pa.table({"s": ["a", None, "", "b\\s"], "c,2": [0, 1, None, 3]})
    text = _written(tmp_path, "csv", table, header="true", quoteAll="true")
    assert text == '"s","c,2"\n"a","0"\n"","1"\n"",""\n"b\\\\s","3"\n'


def test_csv_writes_times_numbers_and_bytes(tmp_path: Path) -> None:
    table = _values().select(["f", "g", "h", "i", "j", "m", "n"])
    assert _written(tmp_path, "csv", table).splitlines() == [
        "[61 62 0A FF],2020-01-02T03:04:05.000Z,2020-01-02,1.100,1.5,true,2020-01-02T03:04:05.120",
        "[],2020-01-02T03:04:05.123Z,,,NaN,false,",
        ",2020-01-02T03:04:05.123456Z,,,-Infinity,,",
    ]


def test_times_follow_the_patterns_that_are_asked_for(tmp_path: Path) -> None:
    table = _values().select(["g", "h"]).slice(0, 1)
    patterns = {"timestampFormat": "dd/MM/yyyy 'at' HH:mm:ss.SSSSSS", "dateFormat": "yyyyMMdd"}
    assert _written(tmp_path, "csv", table, **patterns) == "02/01/2020 at 03:04:05.000000,20200102\n"


def test_a_pattern_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IllegalArgumentException, match="'QQQ'"):
        _written(tmp_path, "csv", _values().select(["g"]), timestampFormat="yyyy-QQQ")


def test_text_lines_hold_one_string_and_null_is_an_empty_line(tmp_path: Path) -> None:
    assert _written(tmp_path, "text", pa.table({"x": ["a", None, "b"]})) == "a\n\nb\n"
    with pytest.raises(AnalysisException, match="exactly one string column"):
        _written(tmp_path, "text", pa.table({"x": ["a"], "y": ["b"]}))


def test_a_nested_column_in_csv_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(AnalysisException, match="'c'"):
        _written(tmp_path, "csv", _values().select(["c"]))
