"""A store in another number of partitions: every row is there once, and in the partition of its hash."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamcore.checkpoint.run_index import AT_ONCE
from streamcore.checkpoint.state_access import StateAccess
from streamcore.errors import CheckpointCorrupted
from streamcore.execution.stores import merging
from streamcore.execution.stores.blocks import HashedRows
from streamcore.execution.stores.hashing import partitions_of
from streamcore.execution.stores.layout import StoreLayout
from streamcore.execution.stores.repartitioning import hash_range, repartitioned
from streamcore.execution.stores.store import Store, StoreChange
from streamcore.execution.stores.view import StoreView
from streamcore.execution.stores.warm import StoreRef, state_of
from streamcore.storage.memory import MemoryStorage
from tests.unit.stores.kit import EXPIRING, SCHEMA, AtOnce, Content, change_to, table

ADDING = StoreLayout(SCHEMA, (0,), 2, only_adds=True)


def loaded(ref: StoreRef, layout: StoreLayout) -> StoreView:
    return Store.load(layout, ref.files, AtOnce(), ref.state.chain, ref.state.floor_us).view


def rows_of(refs: list[StoreRef], layout: StoreLayout) -> list[Any]:
    rows = [row for ref in refs for row in loaded(ref, layout).rows().to_pylist()]
    return sorted((tuple(row.values()) for row in rows), key=repr)


def filled(
    access: StateAccess, layout: StoreLayout, batches: list[Content], partitions: int
) -> list[StoreRef]:
    """A store that took each batch as a run, and whose rows up to the time 20 have expired."""
    found = []
    for number in range(partitions):
        files = access.partition("op", number)
        store = Store(layout, files, AtOnce())
        for version, batch in enumerate(batches):
            hashes = layout.hashes_of(table(batch))
            here = [
                key for key, of in zip(batch, partitions_of(hashes, partitions), strict=True) if of == number
            ]
            put = {key: batch[key] for key in here}
            store.adopt(store.stage(changed(store, put, version), version))
        found.append(StoreRef("op", "default", number, state_of(store.view), files))
    return found


def changed(store: Store, put: Content, version: int) -> StoreChange:
    watermark = 10 * version
    if not store.layout.only_adds:
        return change_to(store.view, put, {3}, watermark)
    rows = table(put)
    return StoreChange(HashedRows(store.layout.hashes_of(rows), rows), due=store.view.due(watermark))


KEYS = st.none() | st.integers(0, 60)
VALUES = st.tuples(st.integers(0, 9), st.none() | st.integers(1, 60))
BATCHES = st.lists(st.dictionaries(KEYS, VALUES, max_size=25), max_size=3)


@pytest.mark.parametrize("layout", [EXPIRING, ADDING], ids=["replacing", "adding"])
@given(
    batches=BATCHES, before=st.integers(1, 5), after=st.integers(1, 9), block=st.sampled_from([3, 1 << 18])
)
@settings(max_examples=40, deadline=None)
def test_every_row_is_kept_once(
    layout: StoreLayout, batches: list[Content], before: int, after: int, block: int
) -> None:
    access = StateAccess(MemoryStorage(), 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(merging, "BLOCK_ROWS", block)
        old = filled(access, layout, batches, before)
        new = repartitioned(old, layout, after, lambda number: access.partition("op", number))
    assert len(new) == after
    assert rows_of(new, layout) == rows_of(old, layout)
    assert sum(loaded(ref, layout).living for ref in new) == len(rows_of(old, layout))
    for ref in new:
        hashes = layout.hashes_of(loaded(ref, layout).rows())
        assert (partitions_of(hashes, after) == ref.partition).all()
        assert len(ref.state.chain) <= 1


@pytest.mark.parametrize("partitions", [1, 2, 3, 7, 200])
def test_partitions_are_the_ranges_that_rows_are_sent_to(partitions: int) -> None:
    ranges = [hash_range(number, partitions) for number in range(partitions)]
    assert (ranges[0][0], ranges[-1][1]) == (0, (1 << 64) - 1)
    bounds = np.array(ranges, dtype=np.uint64)
    for number, ends in enumerate(bounds):
        assert partitions_of(ends, partitions).tolist() == [number, number]


def test_the_old_files_stay_as_they_are() -> None:
    storage = MemoryStorage()
    access = StateAccess(storage, 1)
    old = filled(access, EXPIRING, [{key: (key, None) for key in range(40)}], 2)
    before = {file.path: bytes(ref.files.map(file)) for ref in old for file in ref.state.chain}
    repartitioned(old, EXPIRING, 3, lambda number: access.partition("op", number))
    assert {path: storage.get(path) for path in before} == before


def test_a_damaged_file_is_found_before_anything_counts() -> None:
    storage = MemoryStorage()
    access = StateAccess(storage, 1)
    old = filled(access, EXPIRING, [{key: (key, None) for key in range(40)}], 1)
    (file,) = old[0].state.chain
    data = bytearray(storage.get(file.path))
    data[len(data) // 3] ^= 1
    storage.replace(file.path, bytes(data))
    with pytest.raises(CheckpointCorrupted, match="is damaged"):
        repartitioned(old, EXPIRING, 2, lambda number: access.partition("op", number))


def test_a_store_without_rows_has_no_files() -> None:
    access = StateAccess(MemoryStorage(), 1)
    files = access.partition("op", 0)
    old = [StoreRef("op", "default", 0, state_of(StoreView(EXPIRING, floor_us=AT_ONCE)), files)]
    new = repartitioned(old, EXPIRING, 4, lambda number: access.partition("op", number))
    assert [ref.state.chain for ref in new] == [()] * 4
    assert rows_of(new, EXPIRING) == pa.table({}).to_pylist()


def test_rows_live_on_that_are_due_in_a_partition_which_has_not_come_so_far() -> None:
    access = StateAccess(MemoryStorage(), 1)
    old = []
    for number, floor in ((0, 30), (1, 10)):
        files = access.partition("op", number)
        store = Store(EXPIRING, files, AtOnce())
        rows = table({key: (key, 20) for key in range(40)})
        hashes = EXPIRING.hashes_of(rows)
        here = partitions_of(hashes, 2) == number
        put = HashedRows(hashes[here], rows.filter(pa.array(here)))
        store.adopt(store.stage(StoreChange(put), 0))
        store.adopt(store.stage(change_to(store.view, {}, set(), floor), 1))
        old.append(StoreRef("op", "default", number, state_of(store.view), files))
    new = repartitioned(old, EXPIRING, 3, lambda number: access.partition("op", number))
    assert rows_of(new, EXPIRING) == rows_of(old, EXPIRING) != []
