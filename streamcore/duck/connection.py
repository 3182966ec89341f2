"""DuckDB databases with our settings."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from streamcore.duck.quoting import string

if TYPE_CHECKING:
    from collections.abc import Mapping

_SETTINGS: Mapping[str, object] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    # Variables of a calling Python frame must never be found as tables.
    "python_enable_replacements": False,
    "preserve_insertion_order": True,
    "enable_progress_bar": False,
    # Every function that depends on a zone names it in the SQL text; results are in UTC.
    "TimeZone": "UTC",
}


def connect(threads: int = 1, memory_limit_bytes: int | None = None) -> duckdb.DuckDBPyConnection:
    """A new private in-memory database that uses `threads` cores.

    `memory_limit_bytes` bounds what it holds before it spills to the system's temporary folder; None
    leaves DuckDB's own bound (80 % of the machine's memory).
    """
    connection = duckdb.connect(":memory:", config={"threads": threads})
    for name, value in _SETTINGS.items():
        connection.execute(f"SET {name} = {str(value).lower() if isinstance(value, bool) else repr(value)}")
    spill = Path(tempfile.gettempdir()) / "streamcore-spill"
    # Written into the text: binding a parameter imports pandas where it is installed.
    connection.execute(f"SET temp_directory = {string(str(spill))}")
    if memory_limit_bytes is not None:
        connection.execute(f"SET memory_limit = '{memory_limit_bytes}B'")
    return connection
