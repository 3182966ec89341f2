"""DataFrameReader and DataFrameWriter under the path that PySpark gives them."""

from __future__ import annotations

from streamcore.sql.reader import DataFrameReader
from streamcore.sql.writer import DataFrameWriter

__all__ = ["DataFrameReader", "DataFrameWriter"]
