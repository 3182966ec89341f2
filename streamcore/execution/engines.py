"""The DuckDB databases of the place where a task runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.duck.slot import KEY, one_thread

if TYPE_CHECKING:
    from streamcore.duck.engine import SlotEngine
    from streamcore.spi.kept import Keeper


def engine_of(place: Keeper, threads: int) -> SlotEngine:
    """The database of so many threads."""
    return slot_engine(place) if threads == 1 else wide_engine(place, threads)


def slot_engine(place: Keeper) -> SlotEngine:
    """The database of one thread, for work that is split by partitions."""
    return place.resource(KEY, one_thread)


def wide_engine(place: Keeper, threads: int) -> SlotEngine:
    """The database of `threads` threads, for a query that runs as one fragment."""

    def make() -> SlotEngine:
        from streamcore.duck.engine import SlotEngine

        return SlotEngine(threads)

    return place.resource((KEY, threads), make)
