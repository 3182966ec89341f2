"""Stores that stay warm between batches, and the values by which tasks refer to them.

A store is known by its chain of files, never by a batch: an attempt that was given up may have left
another version warm.  What is not warm, or warm at another version, is loaded from its chain.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import finalize

from streamcore.checkpoint.run_index import AT_ONCE
from streamcore.execution.stores.background import BackgroundMerger
from streamcore.execution.stores.store import Store

if TYPE_CHECKING:
    from streamcore.checkpoint.state_files import StateFile
    from streamcore.execution.stores.layout import StoreLayout
    from streamcore.execution.stores.run_file import RunFiles
    from streamcore.execution.stores.store import StoreChange
    from streamcore.execution.stores.view import StoreView


@dataclass(frozen=True)
class StoreState:
    """One partition of a store at some version, as a value.

    chain, floor_us
        The version: its files, oldest first, and the time up to which rows have expired.
    living, memory_bytes
        How many rows there are, and what they take of the memory where they are warm.
    earliest_us
        When the first row expires, or earlier; None when none ever does.
    """

    chain: tuple[StateFile, ...] = ()
    floor_us: int = AT_ONCE
    living: int = 0
    memory_bytes: int = 0
    earliest_us: int | None = None

    @property
    def file_bytes(self) -> int:
        """What it takes where the checkpoint is."""
        return sum(file.size for file in self.chain)

    def is_same_version(self, other: StoreState) -> bool:
        """Whether both hold the same rows, as far as files can tell."""
        return self.floor_us == other.floor_us and self.chain == other.chain


@dataclass(frozen=True)
class StoreRef:
    """Where a task finds one partition of a store: the version that it begins with, and the files."""

    operator: str
    store: str
    partition: int
    state: StoreState
    files: RunFiles


class WarmStore:
    """One partition of a store at one version, for one task at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.state = state_of(store.view)
        """The version, as the driver knows it: a merge may have other files hold the same rows."""
        self._staged: tuple[StoreState, StoreView] | None = None

    def goes_to(self, state: StoreState) -> bool:
        """Puts it at this version where it is the last one staged; whether it is at it now."""
        if self._staged is not None and self._staged[0].is_same_version(state):
            self.state, view = self._staged
            self._staged = None
            self._store.adopt(view)
        return self.state.is_same_version(state)

    @property
    def view(self) -> StoreView:
        """The rows."""
        return self._store.view

    def stage(self, change: StoreChange, version: int) -> StoreState:
        """The next version, its run written durably; until it is asked for, `view` is as it was."""
        view = self._store.stage(change, version)
        staged = state_of(view)
        self._staged = staged, view
        return staged


class WarmStores:
    """The stores of one query that one process keeps; a copy that was pickled begins empty.

    Several tasks may use it at once, each of them other partitions.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stores: dict[tuple[str, str, int], WarmStore] = {}
        self._merger = BackgroundMerger()
        # A worker process only drops what is shared no more.
        self._closing = finalize(self, self._merger.close)
        self._closing.atexit = False

    def at(self, ref: StoreRef, layout: StoreLayout) -> WarmStore:
        """The partition at the version that the task begins with.

        Raises CheckpointCorrupted for a missing or damaged file, CheckpointMismatch for rows that do not have
        the layout.
        """
        key = (ref.operator, ref.store, ref.partition)
        with self._lock:
            warm = self._stores.get(key)
        if warm is None or not warm.goes_to(ref.state):
            asked = ref.state
            warm = WarmStore(Store.load(layout, ref.files, self._merger, asked.chain, asked.floor_us))
            with self._lock:
                self._stores[key] = warm
        return warm

    def close(self) -> None:
        """Ends the merges, and lets everything go."""
        self._closing()
        self._stores.clear()

    def __reduce__(self) -> tuple[Any, ...]:
        return WarmStores, ()


def state_of(view: StoreView) -> StoreState:
    """A view as a value."""
    chain = tuple(run.file for run in view.runs)
    return StoreState(chain, view.floor_us, view.living, view.memory_bytes, view.earliest_us)
