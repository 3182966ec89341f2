"""Where streamcore knowingly answers otherwise than PySpark, with the reason."""

from __future__ import annotations

_BEFORE_YEAR_1 = "the text of a date before the year 1"
_FLOAT_TEXT = "Java 17 writes more digits of a float than it takes to tell it from its neighbours"

DIFFERENCES: dict[str, str] = {
    "add_months(date'0001-01-01', -1)": _BEFORE_YEAR_1,
    "date'0001-01-01' - interval 1 day": _BEFORE_YEAR_1,
    "date_sub(date'0001-01-01', 31)": _BEFORE_YEAR_1,
    "cast(123456789.125D as float)": _FLOAT_TEXT,
    "levenshtein('ünï€😀', 'abc')": "DuckDB counts bytes, Spark characters",
    "window(cast(null as timestamp), '10 minutes').start": "a row without a time is dropped by the plan",
}
