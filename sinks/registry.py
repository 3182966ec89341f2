"""Built-in sinks by short name; a sink's module is imported when a query first asks for it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from streamcore.spi.datasource import DataSource

SINKS = {
    "parquet": "streamcore.sinks.files.data_source:ParquetSink",
    "json": "streamcore.sinks.files.data_source:JsonSink",
    "csv": "streamcore.sinks.files.data_source:CsvSink",
    "text": "streamcore.sinks.files.data_source:TextSink",
    "database": "streamcore.sinks.database.data_source:DatabaseSink",
    "memory": "streamcore.sinks.memory:MemorySink",
    "console": "streamcore.sinks.console:ConsoleSink",
    "noop": "streamcore.sinks.noop:NoopSink",
}


def find_sink(name: str) -> type[DataSource] | None:
    """The built-in sink called `name` (compared without case); None when there is none.

    >>> find_sink("Noop").name()
    'noop'
    """
    target = SINKS.get(name.lower())
    if target is None:
        return None
    module, _, attribute = target.partition(":")
    return cast("type[DataSource]", getattr(import_module(module), attribute))
