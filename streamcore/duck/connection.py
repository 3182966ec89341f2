"""DuckDB databases with our settings."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import duckdb

from streamcore.duck.cardinality import register_functions
from streamcore.duck.quoting import string

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_SETTINGS: Mapping[str, object] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    # Variables of a calling Python frame must never be found as tables.
    "python_enable_replacements": False,
    "preserve_insertion_order": True,
    # A constant in ORDER BY orders nothing, as in Spark.
    "order_by_non_integer_literal": True,
    # Every function that depends on a zone names it in the SQL text; results are in UTC.
    "TimeZone": "UTC",
}


def connect(threads: int, spill: Path) -> duckdb.DuckDBPyConnection:
    """A new private in-memory database that uses `threads` cores.

    What does not fit into its memory goes to the folder `spill`, which is made when it is needed, and is
    gone when the database is closed.
    """
    connection = duckdb.connect(":memory:", config={"threads": threads})
    for name, value in _SETTINGS.items():
        connection.execute(f"SET {name} = {str(value).lower() if isinstance(value, bool) else repr(value)}")
    # A notebook without ipywidgets cannot show a bar, and refuses to be told not to.
    with contextlib.suppress(duckdb.InvalidInputException):
        connection.execute("SET enable_progress_bar = false")
    register_functions(connection)
    # Written into the text: binding a parameter imports pandas where it is installed.
    connection.execute(f"SET temp_directory = {string(str(spill))}")
    return connection
