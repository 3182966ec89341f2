"""The DuckDB databases of a task slot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.duck.slot import KEY, one_thread

if TYPE_CHECKING:
    from streamcore.duck.engine import SlotEngine
    from streamcore.scheduler.slots import Slot


def slot_engine(slot: Slot) -> SlotEngine:
    """The slot's database of one thread, for work that is split by partitions."""
    return slot.resource(KEY, one_thread)


def wide_engine(slot: Slot, threads: int) -> SlotEngine:
    """The slot's database of `threads` threads, for a query that runs as one fragment."""

    def make() -> SlotEngine:
        from streamcore.duck.engine import SlotEngine

        return SlotEngine(threads)

    return slot.resource((KEY, threads), make)
