"""One partition of a store as this driver keeps it: the committed view, and what happens beside it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pyarrow as pa

from streamcore.errors import StreamcoreError
from streamcore.execution.stores.arrays import integers
from streamcore.execution.stores.blocks import Block, HashedRows, make_block
from streamcore.execution.stores.merging import BLOCK_BYTES, BLOCK_ROWS, merged, runs_to_merge
from streamcore.execution.stores.ordering import Places, order_of
from streamcore.execution.stores.run_file import RunContent, RunData, RunFiles
from streamcore.execution.stores.runs import Run
from streamcore.execution.stores.view import DueRows, StoreView
from streamcore.spi.interruption import raise_if_interrupted
from streamcore.spi.steps import declare, reached

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streamcore.checkpoint.state_files import StateFile
    from streamcore.execution.stores.hashing import Hashes
    from streamcore.execution.stores.layout import StoreLayout

MERGE = declare("merge-state", owner="streamcore.execution.stores")
_MOST_RUNS = 40
_LOOK_SECONDS = 0.1
_log = logging.getLogger("streamcore.execution")


@dataclass(frozen=True)
class StoreChange:
    """What one attempt of a batch wants to change.

    put
        Rows with the hashes of their keys.  All rows that a store keeps under one of these hashes go: who
        puts a row of a hash puts every other candidate of it again.
    replaced
        How many living rows of the store go so, those in `due` left out.
    due
        The rows that the batch's watermark closes, as asked of the view; None when nothing is closed.
    removed
        Hashes whose rows go and have none in `put`; those rows count in `replaced`.

    Where rows are only added, `put` are the new ones, and nothing is replaced or removed.
    """

    put: HashedRows
    replaced: int = 0
    due: DueRows | None = None
    removed: Hashes = field(default_factory=lambda: np.zeros(0, dtype=np.uint64))


class Merger(Protocol):
    """Where merges run; see `streamcore.execution.stores.background`."""

    def submit(self, merge: Callable[[], None]) -> None:
        """Runs it some time, or never."""

    @property
    def is_stopping(self) -> bool:
        """Whether a merge under way is no longer wanted."""


class _Abandoned(Exception):
    """The merge under way is no longer wanted."""


class Store:
    """Used by one batch at a time; merges of its runs happen beside it."""

    def __init__(
        self, layout: StoreLayout, files: RunFiles, merger: Merger, view: StoreView | None = None
    ) -> None:
        self.layout = layout
        self._files = files
        self._merger = merger
        self._view = view or StoreView(layout)
        self._merging: tuple[Run, ...] = ()
        self._result: list[Run] = []
        self._merge_ended = threading.Event()

    @classmethod
    def load(
        cls, layout: StoreLayout, files: RunFiles, merger: Merger, chain: Sequence[StateFile], floor_us: int
    ) -> Store:
        """The store after the batch whose commit names `chain`; `floor_us` is its eviction watermark.

        Maps the files and reads their indexes, nothing more.  Raises CheckpointCorrupted for a missing or
        damaged file, CheckpointMismatch when the rows do not have the layout.
        """
        runs = [Run(RunData(file, files.map(file), layout, is_known=False)) for file in chain]
        return cls(layout, files, merger, StoreView.of(layout, runs, floor_us))

    @property
    def view(self) -> StoreView:
        """The rows after the last committed batch."""
        return self._view

    def stage(self, change: StoreChange, version: int) -> StoreView:
        """The view after a batch, its run written durably; this store's own view stays as it is."""
        self._take_merged()
        # Here and not after a batch: the last one would leave a merge that the query's end waits for.
        self._merge_if_worth_while()
        self._wait_where_runs_are_many()
        view = self._view
        if change.due is not None:
            view = view.evicted(change.due)
        if not len(change.put) and not len(change.removed) and not _forgets(self._view, view):
            return view
        living = view.living - change.replaced + len(change.put)
        content = RunContent(self.layout, _blocks(change, self.layout), view.floor_us, living)
        run = self._written(version, version, content)
        if self.layout.has_one_key and (len(change.put) or len(change.removed)):
            # The newest run that has a key has all its rows: nothing lives in those before it.
            return view.of_run(run, living)
        return view.with_run(run, living)

    def adopt(self, view: StoreView) -> None:
        """The batch that staged `view` has committed."""
        self._view = view

    # ---- merging ---------------------------------------------------------------------------------

    def _merge_if_worth_while(self) -> None:
        view = self._view
        chosen = runs_to_merge([run.index.rows for run in view.runs])
        if chosen is None or self._merging:
            return
        self._merging = view.runs[chosen]
        self._merge_ended.clear()
        is_oldest = chosen.start == 0
        self._merger.submit(lambda: self._merge_noted(view, self._merging, is_oldest=is_oldest))

    def _merge_noted(self, view: StoreView, runs: tuple[Run, ...], *, is_oldest: bool) -> None:
        try:
            self._merge(view, runs, is_oldest=is_oldest)
        except Exception:
            self._merging = ()
            raise
        finally:
            self._merge_ended.set()

    def _wait_where_runs_are_many(self) -> None:
        """Lets the merge under way end when batches have got too far ahead of it."""
        if self._merging and len(self._view.runs) >= _MOST_RUNS:
            while not self._merge_ended.wait(_LOOK_SECONDS) and not self._merger.is_stopping:
                raise_if_interrupted()
            self._take_merged()

    def _merge(self, view: StoreView, runs: tuple[Run, ...], *, is_oldest: bool) -> None:
        """Writes the runs as one file, which counts once a later commit names it."""
        newest = runs[-1]
        reached(f"{MERGE}:before")
        pieces = merged(runs, self.layout, view.floor_us, is_oldest=is_oldest)
        # What had expired for the view is no longer in the file: its floor and its count are the view's.
        content = RunContent(self.layout, self._while_wanted(pieces), view.floor_us, view.living)
        try:
            run = self._written(runs[0].file.since, newest.file.version, content)
        except _Abandoned:
            return
        except StreamcoreError:
            # The files that were to be merged are as good as before: whatever is wrong with the place or
            # with one of them stops the batch that comes to it.
            _log.warning("state files of %s were not merged", newest.file.path, exc_info=True)
            self._merging = ()
            return
        reached(f"{MERGE}:after")
        self._result.append(run)

    def _while_wanted(self, pieces: Iterator[HashedRows]) -> Iterator[Block]:
        for piece in pieces:
            if self._merger.is_stopping:
                raise _Abandoned
            yield make_block(piece, self.layout)

    def _take_merged(self) -> None:
        if not self._result:
            return
        run, inputs = self._result.pop(), self._merging
        self._merging = ()
        before = self._view
        self._view = before.with_merged(inputs, run)
        if self._view is before:
            self._files.remove(run.file)

    def _written(self, since: int, version: int, content: RunContent) -> Run:
        file = self._files.write(since, version, content)
        return Run(RunData(file, self._files.map(file), self.layout, is_known=True))


def _forgets(before: StoreView, after: StoreView) -> bool:
    """Whether runs went that the count of rows in a run's index still counts: the next one says it anew."""
    kept = {id(run) for run in after.runs}
    return bool(kept) and any(run.index.rows for run in before.runs if id(run) not in kept)


def _blocks(change: StoreChange, layout: StoreLayout) -> Iterator[Block]:
    """The change sorted by hash, in blocks."""
    put, removed = change.put, change.removed
    hashes, rows = put.hashes, put.rows
    if len(removed):
        hashes = np.concatenate([hashes, removed])
        rows = pa.concat_tables([rows, _nulls(layout.schema, len(removed))])
    is_removed = np.arange(len(hashes)) >= len(put)
    order = order_of(hashes)
    step = max(1, min(BLOCK_ROWS, BLOCK_BYTES * len(hashes) // max(1, rows.nbytes)))
    rows = rows.combine_chunks()
    for start in range(0, len(order), step):
        places = order[start : start + step]
        yield make_block(HashedRows(hashes[places], _taken(rows, places), is_removed[places]), layout)


def _taken(rows: pa.Table, places: Places) -> pa.Table:
    if (np.diff(places) == 1).all():
        return rows.slice(int(places[0]), len(places))
    return rows.take(integers(places))


def _nulls(schema: pa.Schema, count: int) -> pa.Table:
    return pa.Table.from_arrays([pa.nulls(count, field.type) for field in schema], schema=schema)
