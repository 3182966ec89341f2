"""The database of one thread that stays with a task slot; DuckDB is imported when the first is made."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from streamcore.spi.kept import kept

if TYPE_CHECKING:
    from streamcore.duck.engine import SlotEngine

KEY = "duckdb"
"""What slots keep it under."""


def one_thread() -> SlotEngine:
    """A new database of one thread: partitions are the unit of parallelism."""
    from streamcore.duck.engine import SlotEngine

    return SlotEngine(1)


def engine_here() -> AbstractContextManager[SlotEngine]:
    """The database of the slot that this thread holds; without a slot a new one, closed after the block."""
    return kept(KEY, one_thread)
