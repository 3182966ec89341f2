"""The engine of a task slot: inputs swapped between runs, errors in Spark's terms, careful texts."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pytest

from streamcore.duck.engine import SlotEngine
from streamcore.duck.errors import raise_sql
from streamcore.duck.quoting import identifier, literal, string
from streamcore.duck.statements import Statement
from streamcore.errors import (
    AnalysisException,
    ArithmeticException,
    DateTimeException,
    NumberFormatException,
    StreamcoreError,
)


@pytest.fixture
def engine() -> Iterator[SlotEngine]:
    with SlotEngine() as engine:
        yield engine


def test_the_same_statement_reads_whatever_its_input_holds_now(engine: SlotEngine) -> None:
    for rows in ([1, 2], [], [5], [7, 8, 9]):
        table = pa.table({"x": pa.array(rows, pa.int64())})
        assert engine.run("SELECT x FROM t", {"t": table})["x"].to_pylist() == rows


def test_an_input_may_change_its_columns_between_runs(engine: SlotEngine) -> None:
    for values in ([1, 2], ["a"], [2.5]):
        for _ in range(3):
            assert engine.run("SELECT x FROM t", {"t": pa.table({"x": values})})["x"].to_pylist() == values


def test_a_statement_reads_its_input_after_hundreds_of_others_have_come_and_gone(engine: SlotEngine) -> None:
    def ask(name: str, values: list[int]) -> list[int]:
        found: list[int] = engine.run(f"SELECT x FROM {name}", {name: pa.table({"x": values})})[
            "x"
        ].to_pylist()
        return found

    for number in range(3):
        assert ask("t", [number]) == [number]
    for number in range(300):
        assert ask(f"t{number}", [number]) == [number]
    for number in range(3):
        assert ask("t", [number]) == [number]


def test_a_scan_in_two_statements_gives_its_rows_and_how_many_were_read(engine: SlotEngine) -> None:
    scan = "SELECT range AS x FROM range(5)"
    for _ in range(3):
        table, read = engine.run_split(scan, "rows", 'SELECT x FROM "rows" WHERE x > 2', {})
        assert (table["x"].to_pylist(), read) == ([3, 4], 5)


@pytest.mark.parametrize("broken", ["rows", "sql"])
def test_either_of_two_statements_may_fail_on_its_data(engine: SlotEngine, broken: str) -> None:
    bad = {"rows": "x", "sql": "x"} | {broken: "CAST('z' || x AS BIGINT)"}
    again = Statement("SELECT 7 AS x", {})
    table, _ = engine.run_split(
        f"SELECT {bad['rows']} AS x FROM range(2) r(x)",
        "r",
        f"SELECT {bad['sql']} AS x FROM r",
        {},
        lambda: again,
    )
    assert table["x"].to_pylist() == [7]


def test_an_input_is_let_go_after_the_run(engine: SlotEngine) -> None:
    engine.run("SELECT x FROM t", {"t": pa.table({"x": [1]})})
    with pytest.raises(StreamcoreError):
        engine.run("SELECT x FROM t", {})


def test_the_careful_text_answers_where_the_data_break_the_fast_one(engine: SlotEngine) -> None:
    table = pa.table({"j": ['{"a":1}', "{"]})
    fast, careful = (f"""SELECT {text}.a AS a FROM t""" for text in (
        """from_json(j, '{"a":"INTEGER"}')""", """TRY(from_json(j, '{"a":"INTEGER"}'))"""))  # fmt: skip
    assert engine.run(fast, {"t": table}, lambda: Statement(careful, {}))["a"].to_pylist() == [1, None]


def test_a_wrong_statement_is_not_tried_carefully(engine: SlotEngine) -> None:
    with pytest.raises(AnalysisException, match="nosuch"):
        engine.run("SELECT nosuch(1)", {}, lambda: Statement("SELECT 1", {}))


def test_variables_of_the_caller_are_no_tables(engine: SlotEngine) -> None:
    secret = pa.table({"x": [1]})
    assert secret.num_rows == 1
    with pytest.raises(AnalysisException):
        engine.run("SELECT * FROM secret", {})


@pytest.mark.parametrize(
    ("sql", "error", "condition"),
    [
        ("2147483647::INTEGER + 1::INTEGER", ArithmeticException, "ARITHMETIC_OVERFLOW"),
        ("CAST(300 AS TINYINT)", ArithmeticException, "CAST_OVERFLOW"),
        ("CAST('x' AS INTEGER)", NumberFormatException, "CAST_INVALID_INPUT"),
        ("CAST('2020-13-01' AS DATE)", DateTimeException, "CAST_INVALID_DATETIME"),
        ("CAST('x' AS DATE)", DateTimeException, "CAST_INVALID_INPUT"),
        (raise_sql("DIVIDE_BY_ZERO", "'Division by zero.'"), ArithmeticException, "DIVIDE_BY_ZERO"),
    ],
)
def test_errors_bear_sparks_conditions(
    engine: SlotEngine, sql: str, error: type[StreamcoreError], condition: str
) -> None:
    with pytest.raises(error, match=rf"^\[{condition}\]"):
        engine.run(f"SELECT {sql}", {})


@pytest.mark.parametrize("text", ["", "it's", 'a "b"', "a\0b", "\\", "é😀\n"])
def test_text_comes_back_from_a_literal(engine: SlotEngine, text: str) -> None:
    assert engine.run(f"SELECT {string(text)} AS x", {})["x"].to_pylist() == [text]


@pytest.mark.parametrize("name", ["a b", 'say "hi"', "; DROP TABLE t", "ünï", "select"])
def test_any_name_can_be_a_column(engine: SlotEngine, name: str) -> None:
    assert engine.run(f"SELECT 1 AS {identifier(name)}", {}).column_names == [name]


@pytest.mark.parametrize("value", [None, True, -1, 2**40, 1.5, float("inf"), b"\0\xff"])
def test_values_come_back_from_literals(engine: SlotEngine, value: object) -> None:
    assert engine.run(f"SELECT {literal(value)} AS x", {})["x"].to_pylist() == [value]
