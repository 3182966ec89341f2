"""DataStreamReader and DataStreamWriter under the path that PySpark gives them."""

from __future__ import annotations

from streamcore.sql.streaming.reader import DataStreamReader
from streamcore.sql.streaming.writer import DataStreamWriter

__all__ = ["DataStreamReader", "DataStreamWriter"]
