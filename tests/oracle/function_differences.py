"""Where streamcore knowingly answers otherwise than PySpark, with the reason."""

from __future__ import annotations

_BEFORE_YEAR_1 = "the text of a date before the year 1"
_FLOAT_TEXT = "Java 17 writes more digits of a float than it takes to tell it from its neighbours"

DIFFERENCES: dict[str, str] = {
    "add_months(date'0001-01-01', -1)": _BEFORE_YEAR_1,
    "date'0001-01-01' - interval 1 day": _BEFORE_YEAR_1,
    "date_sub(date'0001-01-01', 31)": _BEFORE_YEAR_1,
    "cast(123456789.125D as float)": _FLOAT_TEXT,
    "window(cast(null as timestamp), '10 minutes').start": "a row without a time is dropped by the plan",
}

_DIGITS_OF_A_LITERAL = "a literal is a decimal of as many digits as it has, a column of integers one of ten"
_COMMENT = "two minus signs begin a comment"

# What PySpark answers for constants, and both otherwise where the value stands in a column.
ONLY_AS_CONSTANTS: dict[str, str] = {
    "0 + 1.5": _DIGITS_OF_A_LITERAL,
    "1 + 1.5": _DIGITS_OF_A_LITERAL,
    "(-7) + 1.5": _DIGITS_OF_A_LITERAL,
    "0 * 1.25": _DIGITS_OF_A_LITERAL,
    "1 * 1.25": _DIGITS_OF_A_LITERAL,
    "(-7) * 1.25": _DIGITS_OF_A_LITERAL,
    "--2.345": _COMMENT,
}

_FOLDABLE = "PySpark, too, wants it to be known before the rows are read"
_PATTERN = "Java's patterns are rewritten for the engine, which needs their text"

# The functions that take a literal where PySpark, unless it says so, takes a column too.
LITERAL_ARGUMENTS: dict[str, str] = {
    "named_struct": _FOLDABLE,
    "round": _FOLDABLE,
    "bround": _FOLDABLE,
    "from_json": _FOLDABLE,
    "window": _FOLDABLE,
    "format_string": _PATTERN,
    "format_number": _PATTERN,
    "get_json_object": "a path is read when the query is planned",
}
