"""The rows of a scan that a partition offers, in each way in which it may be run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from streamcore.duck.engine import SlotEngine
from streamcore.duck.statements import Statement
from streamcore.spi.scan import SqlScan

if TYPE_CHECKING:
    import pyarrow as pa


def scan_rows(engine: SlotEngine, scan: SqlScan) -> pa.Table:
    """The rows of its fast text, or of the careful one where that fails."""
    return engine.run(scan.sql, {}, _careful(scan))


def split_rows(engine: SlotEngine, scan: SqlScan) -> list[pa.Table]:
    """The rows of its two statements; none when it is not cut."""
    if scan.split is None:
        return []
    rows, sql = scan.split.rows, scan.split.over('"rows"')
    return [engine.run_split(rows, "rows", sql, {}, _careful(scan))[0]]


def _careful(scan: SqlScan) -> Callable[[], Statement] | None:
    if scan.careful is None:
        return None
    found = scan.careful()
    return lambda: Statement(found.sql, found.inputs)
