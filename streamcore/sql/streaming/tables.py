"""Tables that queries write: how a session reads them by name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamcore.errors import AnalysisException
from streamcore.execution.connectors import make_data_source, source_class
from streamcore.execution.leaves import BatchScan, scan_relation

if TYPE_CHECKING:
    from streamcore.spi.types import StructType
    from streamcore.sql.session import Session

_FILE_FORMATS = ("parquet", "json", "csv", "text")


def register_memory_table(session: Session, name: str, data_source: Any, schema: StructType) -> None:
    """Makes the memory sink's table readable under the query's name."""
    session.views.create(name, scan_relation(BatchScan(data_source, schema, "memory")), replace=True)


def table_folder(session: Session, name: str) -> str:
    """Where the table's files are: a folder of its name in the warehouse folder."""
    if not name or any(part in name for part in ("/", "\\", "..")):
        raise AnalysisException(f"{name!r} is not a table name")
    warehouse = str(session.conf.get("spark.sql.warehouse.dir"))
    return str(Path(warehouse.removeprefix("file://")) / name.lower())


def register_table(session: Session, name: str, folder: str, format: str, schema: StructType) -> None:
    """Makes the files of a table readable by name."""
    if format not in _FILE_FORMATS:
        raise AnalysisException(f"toTable writes {', '.join(_FILE_FORMATS)}; {format!r} has no table files")
    source = make_data_source(source_class(format), {"path": folder})
    session.views.create(name, scan_relation(BatchScan(source, schema, format)), replace=True)
