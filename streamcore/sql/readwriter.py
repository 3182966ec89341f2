"""DataFrameReader and DataFrameWriter under the path that PySpark gives them."""

from __future__ import annotations

from streamcore.sql.reader import DataFrameReader
from streamcore.sql.writer import DataFrameWriter
from streamcore.sql.writer_v2 import DataFrameWriterV2

__all__ = ["DataFrameReader", "DataFrameWriter", "DataFrameWriterV2"]
