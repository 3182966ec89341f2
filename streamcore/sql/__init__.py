"""PySpark's SQL API: Session, DataFrame, Column, functions, types, Window."""

from __future__ import annotations

from importlib import import_module

_HOME_OF = {
    "Catalog": "streamcore.sql.catalog",
    "Column": "streamcore.sql.column",
    "DataFrame": "streamcore.sql.dataframe",
    "DataFrameNaFunctions": "streamcore.sql.dataframe.missing_values",
    "DataFrameReader": "streamcore.sql.readwriter",
    "DataFrameStatFunctions": "streamcore.sql.dataframe.statistics",
    "DataFrameWriter": "streamcore.sql.readwriter",
    "GroupedData": "streamcore.sql.group",
    "Observation": "streamcore.sql.observation",
    "Row": "streamcore.spi.row",
    "Session": "streamcore.sql.session",
    "Window": "streamcore.sql.window",
    "WindowSpec": "streamcore.sql.window",
}
__all__ = [*_HOME_OF]  # noqa: PLE0604


def __getattr__(name: str) -> object:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'streamcore.sql' has no attribute {name!r}")
    value: object = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME_OF})
