"""Which types operands meet in, and what casts make of values: the questions that PySpark has answered.

The answers are in data/typing.json; `python -m tests.oracle.freeze_typing_answers` asks anew.
"""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Iterator
from typing import Any

ANSI = "spark.sql.ansi.enabled"
ZONE = "America/Los_Angeles"
MODES = {"ansi": "true", "lenient": "false"}

VALUES = {
    "tinyint": "1Y", "int": "1", "bigint": "1L", "float": "1.5F", "double": "1.5D", "decimal": "1.25BD",
    "string": "'1'", "binary": "X'31'", "boolean": "true", "date": "DATE'2020-01-01'",
    "timestamp": "TIMESTAMP'2020-01-01 00:00:00'", "void": "NULL", "array": "array(1)", "map": "map(1, 2)",
}  # fmt: skip
OPERATORS = {
    "+": "{} + {}", "*": "{} * {}", "/": "{} / {}", "%": "{} % {}", "div": "{} div {}", "&": "{} & {}",
    "=": "{} = {}", "<": "{} < {}", "and": "{} AND {}", "in": "{} IN ({})", "coalesce": "coalesce({}, {})",
    "array": "array({}, {})", "concat": "concat({}, {})", "greatest": "greatest({}, {})",
}  # fmt: skip
REFUSED = "-"

TARGETS = (
    "tinyint", "int", "bigint", "float", "double", "decimal(3,1)", "decimal(38,10)", "string", "binary",
    "boolean", "date", "timestamp", "array<string>", "map<string,string>", "struct<x:string,y:int>",
)  # fmt: skip
SOURCES = (
    "300S", "70000", "5000000000L", "-9223372036854775808L", "float('NaN')", "float('1e20')", "-2.7D",
    "double('NaN')", "double('-Infinity')", "1e20D", "123456789.125D", "1e-4D", "-1.50BD",
    "99999999999999999999BD", "128BD", "5.678BD", "'1'", "' 1 '", "'abc'", "''", "'1.5'", "'1e3'", "'T'",
    "'2020-01-01'", "'NaN'", "'inf'", "'128'", "'+5'", "'.5'", "'5.'", "'-'", "'99999999999999999999'",
    "X'31'", "X'FFFE'", "true", "DATE'2020-01-01'", "TIMESTAMP'2020-01-01 01:02:03.456'",
    "TIMESTAMP'1969-12-31 12:00:00.5'", "NULL", "array(1, NULL)", "array('1', NULL, 'x')",
    "map('a', 1, 'b', NULL)", "named_struct('a', 1, 'b', 'x')",
)  # fmt: skip


def expression(operator: str, left: str, right: str) -> str:
    """The operator over constants of two types."""
    return OPERATORS[operator].format(VALUES[left], VALUES[right])


def casts(mode: str) -> Iterator[list[str]]:
    """Casts of every value, a list for each type: what fails under ANSI is asked as TRY_CAST."""
    word = "TRY_CAST" if mode == "ansi" else "CAST"
    for target in TARGETS:
        yield [f"{word}({source} AS {target})" for source in SOURCES]


def plain(value: Any) -> Any:
    """A value as JSON has it, the same on both sides."""
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).hex()
    if isinstance(value, dict):
        return [[plain(key), plain(item)] for key, item in value.items()]
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    is_written = isinstance(value, (decimal.Decimal, dt.date, dt.datetime))
    return str(value) if is_written else value
