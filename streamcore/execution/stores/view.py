"""A store's partition at one version: immutable, so a failed attempt leaves nothing behind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from streamcore.checkpoint.run_index import AT_ONCE, NEVER
from streamcore.execution.stores.arrays import flags, integers
from streamcore.execution.stores.blocks import Block, HashedRows
from streamcore.execution.stores.merging import merged
from streamcore.execution.stores.ordering import Places, distinct, is_among
from streamcore.execution.stores.runs import Run

if TYPE_CHECKING:
    from streamcore.execution.stores.hashing import Hashes
    from streamcore.execution.stores.layout import StoreLayout


@dataclass(frozen=True)
class DueRows:
    """The rows that a watermark closes, and that watermark."""

    watermark_us: int
    found: HashedRows


@dataclass(frozen=True)
class StoreView:
    """The rows of one partition after one batch.

    runs
        Oldest first.  The newest run that holds a hash holds all rows of it; where rows are only added,
        every run that holds a hash has some of its rows.
    floor_us
        Rows that expire at this time or before are gone.
    living
        How many rows there are.
    """

    layout: StoreLayout
    runs: tuple[Run, ...] = ()
    floor_us: int = AT_ONCE
    living: int = 0
    _due_from: tuple[npt.NDArray[np.int64], ...] = ()

    @classmethod
    def of(cls, layout: StoreLayout, runs: Sequence[Run], floor_us: int) -> StoreView:
        """The view of the runs that a commit names; `floor_us` is the eviction watermark of its batch."""
        if not runs:
            return cls(layout, floor_us=floor_us)
        newest = runs[-1].index
        due_from = tuple(run.earliest() for run in runs) if layout.expiry_column is not None else ()
        view = cls(layout, tuple(runs), newest.floor_us, newest.living, due_from)
        if layout.expiry_column is None or floor_us <= newest.floor_us:
            return view
        return view.evicted(view.due(floor_us))

    @property
    def memory_bytes(self) -> int:
        """What the partition takes of the memory; see `Run.memory_bytes`."""
        return sum(run.memory_bytes for run in self.runs)

    @property
    def file_bytes(self) -> int:
        """What the partition takes where the checkpoint is."""
        return sum(run.file.size for run in self.runs)

    @property
    def earliest_us(self) -> int | None:
        """When the first row expires, or earlier, but after `floor_us`; None when none ever does."""
        times = [int(due_from.min()) for due_from in self._due_from if len(due_from)]
        earliest = min(times, default=NEVER)
        # Just loaded, a block is known by its earliest row, which may be gone.
        return None if earliest == NEVER else max(earliest, self.floor_us + 1)

    @property
    def version(self) -> int:
        """The newest batch whose changes are here; -1 when there are none."""
        return self.runs[-1].file.version if self.runs else -1

    # ---- reading ---------------------------------------------------------------------------------

    def lookup(self, wanted: Hashes) -> HashedRows:
        """All rows whose keys have one of these hashes: the candidates.  For sorted, `distinct` hashes."""
        found: list[tuple[Block, Places]] = []
        for run in reversed(self.runs):
            if not len(wanted):
                break
            is_here, places = run.find(wanted)
            if places:
                found += places
                if not self.layout.only_adds:
                    wanted = wanted[~is_here]
        return self._taken(found)

    def due(self, watermark_us: int) -> DueRows:
        """The rows that expire at the watermark or before."""
        if self.layout.expiry_column is None or watermark_us <= self.floor_us:
            return DueRows(watermark_us, self._taken([]))
        found: list[tuple[Block, Places]] = []
        for place, (run, due_from) in enumerate(zip(self.runs, self._due_from, strict=True)):
            for number in np.flatnonzero(due_from <= watermark_us).tolist():
                block = run.block(number)
                places = block.due_between(self.floor_us, watermark_us)
                found.append((block, self._newest(block, places, self.runs[place + 1 :])))
        return DueRows(watermark_us, self._taken(found))

    def rows(self, without: Hashes | None = None) -> pa.Table:
        """All rows but those with these (sorted, distinct) hashes."""
        tables, gone = [], np.zeros(0, dtype=np.uint64) if without is None else without
        for content in self.pieces():
            rows = content.rows
            if len(gone):
                rows = rows.filter(flags(~is_among(content.hashes, gone)))
            tables.append(rows)
        return pa.concat_tables(tables) if tables else self._taken([]).rows

    def pieces(self) -> Iterator[HashedRows]:
        """All rows, sorted by hash, in pieces of about the size of a block."""
        return merged(self.runs, self.layout, self.floor_us, is_oldest=True)

    def _newest(self, block: Block, places: Places, newer: Sequence[Run]) -> Places:
        """Those of `places` whose hashes no newer run replaces."""
        for run in () if self.layout.only_adds else newer:
            if not len(places):
                break
            hashes = block.hashes[places]
            wanted = distinct(hashes)
            is_newer, _ = run.find(wanted)
            places = places[~is_newer[wanted.searchsorted(hashes)]]
        return places

    def _taken(self, found: Iterable[tuple[Block, Places]]) -> HashedRows:
        hashes, batches = [np.zeros(0, dtype=np.uint64)], list[pa.RecordBatch]()
        for block, places in found:
            alive = block.living(places, self.floor_us)
            if len(alive):
                hashes.append(block.hashes[alive])
                batches.append(block.rows.take(integers(alive)))
        # One piece: what reads them next starts anew for each.
        rows = pa.Table.from_batches(batches, self.layout.schema).combine_chunks()
        return HashedRows(np.concatenate(hashes), rows)

    # ---- the next version ------------------------------------------------------------------------

    def with_run(self, run: Run, living: int) -> StoreView:
        """With one more run on top."""
        due_from = (*self._due_from, run.earliest()) if self.layout.expiry_column is not None else ()
        return replace(self, runs=(*self.runs, run), living=living, _due_from=due_from)

    def of_run(self, run: Run, living: int) -> StoreView:
        """With this run in the place of all others."""
        return replace(self, runs=(), _due_from=()).with_run(run, living)

    def evicted(self, due: DueRows) -> StoreView:
        """Without the rows that `due`, asked of this view, has found; whole runs go as they empty."""
        if self.layout.expiry_column is None or due.watermark_us <= self.floor_us:
            return self
        floor = due.watermark_us
        kept = self._not_empty_after(floor)
        return replace(
            self,
            runs=tuple(self.runs[place] for place in kept),
            floor_us=floor,
            living=self.living - len(due.found),
            _due_from=tuple(self.runs[place].later_than(self._due_from[place], floor) for place in kept),
        )

    def _not_empty_after(self, floor_us: int) -> Sequence[int]:
        """The places of the runs without those that nobody needs when all rows due at `floor_us` are gone.

        An expired row may hide an older one of its hash, except where rows are only added.
        """
        places = range(len(self.runs))
        lasting = [place for place in places if self.runs[place].index.latest > floor_us]
        if self.layout.only_adds:
            return lasting
        return places[lasting[0] :] if lasting else ()

    def with_merged(self, inputs: Sequence[Run], run: Run) -> StoreView:
        """With `run` in the place of those of `inputs` that are still here; the same view when none is."""
        gone = {id(old) for old in inputs}
        places = [n for n, old in enumerate(self.runs) if id(old) in gone]
        if not places:
            return self
        first, last = places[0], places[-1] + 1
        runs = (*self.runs[:first], run, *self.runs[last:])
        if self.layout.expiry_column is None:
            return replace(self, runs=runs)
        times = run.later_than(run.earliest(), self.floor_us)
        return replace(self, runs=runs, _due_from=(*self._due_from[:first], times, *self._due_from[last:]))
