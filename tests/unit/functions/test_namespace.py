"""`streamcore.sql.functions` has PySpark's names with PySpark's signatures, and says which it has not."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from streamcore.errors import StreamcoreError, UnsupportedOperationException
from streamcore.spi.not_offered import gaps_of
from streamcore.sql import Column, Window, WindowSpec
from streamcore.sql import functions as F
from streamcore.sql.functions.missing import missing_functions
from streamcore.sql.session import Session
from tests.oracle import functions_api_programs as api
from tests.unit.functions.builtin_calls import CALLS, NEEDS
from tests.unit.functions.freeze_signatures import FROZEN, described

SIGNATURES: dict[str, dict[str, list[str]]] = json.loads(FROZEN.read_text())["signatures"]

# What PySpark's answers cannot be asked for (time, randomness), synonyms, and what raises when it runs.
MORE: dict[str, Callable[[], Any]] = {
    "acos": lambda: F.acos(F.lit(0.5)),
    "approxCountDistinct": lambda: F.approxCountDistinct("i"),
    "asc": lambda: F.asc("i"),
    "asc_nulls_first": lambda: F.asc_nulls_first("i"),
    "asc_nulls_last": lambda: F.asc_nulls_last("i"),
    "asinh": lambda: F.asinh("i"),
    "atan": lambda: F.atan("i"),
    "atanh": lambda: F.atanh(F.lit(0.5)),
    "bitwiseNOT": lambda: F.bitwiseNOT("i"),
    "character_length": lambda: F.character_length("s"),
    "chr": lambda: F.chr("i"),
    "column": lambda: F.column("i"),
    "cos": lambda: F.cos("i"),
    "cosh": lambda: F.cosh("i"),
    "csc": lambda: F.csc("i"),
    "curdate": F.curdate,
    "current_date": F.current_date,
    "current_timestamp": F.current_timestamp,
    "current_timezone": F.current_timezone,
    "desc_nulls_last": lambda: F.desc_nulls_last("i"),
    "lcase": lambda: F.lcase("s"),
    "localtimestamp": F.localtimestamp,
    "monotonically_increasing_id": F.monotonically_increasing_id,
    "now": F.now,
    "rand": lambda: F.rand(7),
    "randn": lambda: F.randn(7),
    "random": F.random,
    "sha": lambda: F.sha("s"),
    "shiftLeft": lambda: F.shiftLeft("i", 1),
    "shiftRight": lambda: F.shiftRight("i", 1),
    "shiftRightUnsigned": lambda: F.shiftRightUnsigned("i", 1),
    "sign": lambda: F.sign("i"),
    "sinh": lambda: F.sinh("i"),
    "spark_partition_id": F.spark_partition_id,
    "string_agg_distinct": lambda: F.string_agg_distinct("s"),
    "sumDistinct": lambda: F.sumDistinct("i"),
    "tan": lambda: F.tan("i"),
    "tanh": lambda: F.tanh("i"),
    "toDegrees": lambda: F.toDegrees("i"),
    "toRadians": lambda: F.toRadians("i"),
    "try_make_timestamp_ltz": lambda: F.try_make_timestamp_ltz("i", "i", "i", "i", "i", "i"),
    "try_make_timestamp_ntz": lambda: F.try_make_timestamp_ntz("i", "i", "i", "i", "i", "i"),
    "make_ym_interval": lambda: F.make_ym_interval("i", "i").cast("string"),
    "make_interval": lambda: F.make_interval("i", "i").cast("string"),
    "try_make_interval": lambda: F.try_make_interval("i", secs="i").cast("string"),
    "current_time": lambda: F.current_time(3),
    "make_time": lambda: F.make_time(F.lit(1), F.lit(2), F.lit(3)),
    "time_diff": lambda: F.time_diff(
        F.lit("hour"), F.make_time(F.lit(1), F.lit(2), F.lit(3)), F.current_time()
    ),
    "time_trunc": lambda: F.time_trunc(F.lit("hour"), F.make_time(F.lit(1), F.lit(2), F.lit(3))),
    "to_time": lambda: F.to_time(F.lit("10:11")),
    "try_to_time": lambda: F.try_to_time("s"),
    "make_dt_interval": lambda: F.make_dt_interval(hours="i"),
    "try_url_decode": lambda: F.try_url_decode("s"),
    "ucase": lambda: F.ucase("s"),
    "unbase64": lambda: F.unbase64(F.lit("YQ==")),
    "unhex": lambda: F.unhex(F.lit("4A")),
    "uuid": F.uuid,
    **CALLS,
}
ORDERS = {"asc", "asc_nulls_first", "asc_nulls_last", "desc_nulls_last"}
# Tested by name below, or in tests of their own.
ELSEWHERE = {
    "input_file_name",
    "arrow_udf",
    "udtf",
    "broadcast",
    "call_udf",
    "pandas_udf",
    "raise_error",
    "session_window",
    "udf",
}


@pytest.fixture(scope="module")
def table() -> Iterator[Any]:
    with Session.builder.master("local[2]").appName("namespace").create() as session:
        yield api.table(session)


@pytest.mark.parametrize("name", sorted(F.__all__))
def test_a_function_takes_pysparks_arguments(name: str) -> None:
    assert described(getattr(F, name)) == SIGNATURES["functions"][name]


@pytest.mark.parametrize("owner", [Column, Window, WindowSpec])
def test_methods_take_pysparks_arguments(owner: type) -> None:
    gaps = gaps_of(owner)
    wanted = {name: takes for name, takes in SIGNATURES[owner.__name__].items() if name not in gaps}
    assert {name: described(getattr(owner, name, print)) for name in wanted} == wanted


def test_every_name_of_pyspark_is_offered_or_declared_missing() -> None:
    assert set(F.__all__) | set(missing_functions()) == set(SIGNATURES["functions"])
    assert set(F.__all__) & set(missing_functions()) == set()


@pytest.mark.parametrize("name", sorted(missing_functions()))
def test_a_missing_function_says_so_when_it_is_called(name: str) -> None:
    with pytest.raises(UnsupportedOperationException, match=re.escape(f"functions.{name}() is not offered")):
        getattr(F, name)("a")


def test_a_name_that_pyspark_does_not_know_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'upperr'"):
        F.upperr  # noqa: B018 - reading it is the test


def test_every_function_is_run_somewhere() -> None:
    used = set(re.findall(r"F\.(\w+)", "\n".join(api.names())))
    assert set(F.__all__) <= used | set(MORE) | ELSEWHERE


@pytest.mark.parametrize("name", MORE)
def test_a_function_runs(table: Any, name: str) -> None:
    if name in NEEDS:
        pytest.importorskip(NEEDS[name])
    made = MORE[name]()
    rows = table.orderBy(made).collect() if name in ORDERS else table.select(made).collect()
    assert len(rows) in (1, 6)
    assert name in ORDERS or any(row[0] is not None for row in rows) or name.startswith("try_")


def test_raise_error_fails_the_query_with_its_message(table: Any) -> None:
    with pytest.raises(StreamcoreError, match="no such team"):
        table.select(F.raise_error(F.concat(F.lit("no such "), F.lit("team")))).collect()


def test_broadcast_gives_the_dataframe_back(table: Any) -> None:
    assert F.broadcast(table) is table


def test_a_value_where_a_column_belongs_is_refused_with_the_way_out() -> None:
    with pytest.raises(StreamcoreError, match=r"is written lit\(3\)"):
        F.upper(3)  # type: ignore[arg-type] # the mistake


@pytest.mark.parametrize(
    "mistake",
    [lambda: 1, lambda x, y, z: x, lambda *xs: xs[0], lambda x: 1],
    ids=["no parameter", "three", "any number", "no column"],
)
def test_a_lambda_of_the_wrong_shape_is_refused(mistake: Callable[..., Any]) -> None:
    with pytest.raises(StreamcoreError, match="HIGHER_ORDER_FUNCTION"):
        F.transform("xs", mistake)
