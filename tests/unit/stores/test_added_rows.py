"""A store that only adds rows holds, of each key, all that came until they expire; none is written again."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamcore.checkpoint.run_index import AT_ONCE
from streamcore.errors import CheckpointMismatch
from streamcore.execution.stores import merging
from streamcore.execution.stores.blocks import HashedRows
from streamcore.execution.stores.layout import StoreLayout
from streamcore.execution.stores.ordering import distinct
from streamcore.execution.stores.store import Store, StoreChange
from streamcore.storage.memory import MemoryStorage
from tests.unit.stores.kit import SCHEMA, AtOnce, CollidingLayout, Later, files_in

LASTING = StoreLayout(SCHEMA, (0,), only_adds=True)
EXPIRING = StoreLayout(SCHEMA, (0,), 2, only_adds=True)
COLLIDING = CollidingLayout(SCHEMA, (0,), 2, only_adds=True)

Row = tuple[int | None, str, int | None]
ROWS = st.tuples(st.none() | st.integers(0, 12), st.sampled_from("xyz"), st.none() | st.integers(1, 60))
BATCHES = st.lists(
    st.tuples(st.lists(ROWS, max_size=8), st.integers(0, 9), st.booleans(), st.booleans()), max_size=14
)
"""Rows added, how far the watermark moves, whether merges end, whether the driver restarts."""


def table(rows: list[Row]) -> pa.Table:
    columns = [[row[n] for row in rows] for n in range(3)]
    return pa.table([pa.array(c, f.type) for c, f in zip(columns, SCHEMA, strict=True)], schema=SCHEMA)


def rows_of(found: pa.Table) -> list[Row]:
    return sorted((tuple(row.values()) for row in found.to_pylist()), key=repr)


def add(store: Store, version: int, rows: list[Row], watermark: int | None = None) -> None:
    content, layout = table(rows), store.layout
    due = None if watermark is None else store.view.due(watermark)
    change = StoreChange(HashedRows(layout.hashes_of(content), content), due=due)
    store.adopt(store.stage(change, version))


@pytest.mark.parametrize("layout", [LASTING, EXPIRING, COLLIDING], ids=["lasting", "expiring", "colliding"])
@settings(max_examples=60, deadline=None)
@given(batches=BATCHES, block_rows=st.sampled_from([2, 5, 1 << 18]))
def test_a_store_holds_every_row_that_was_added_and_has_not_expired(
    layout: StoreLayout, batches: list[Any], block_rows: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(merging, "BLOCK_ROWS", block_rows)
        check(layout, batches)


def check(layout: StoreLayout, batches: list[Any]) -> None:
    storage, merger, floor = MemoryStorage(), Later(), AT_ONCE
    model: list[Row] = []
    store = Store(layout, files_in(storage), merger)
    expires = layout.expiry_column is not None
    for version, (drawn, step, merges, restarts) in enumerate(batches):
        watermark = max(floor, 0) + step if step and expires else None
        if watermark is not None:
            due = [row for row in model if row[2] is not None and row[2] <= watermark]
            assert rows_of(store.view.due(watermark).found.rows) == sorted(due, key=repr)
            floor = watermark
        fresh = [row for row in drawn if row[2] is None or row[2] > floor or not expires]
        add(store, version, fresh, watermark)
        model = [row for row in model if row[2] is None or row[2] > floor or not expires] + fresh
        if merges:
            merger.run()
        if restarts:
            chain = [run.file for run in store.view.runs]
            store = Store.load(layout, files_in(storage, version + 2), merger, chain, floor)
        assert store.view.living == len(model)
        asked = distinct(layout.hashes_of(table([(key, "", None) for key in (None, 0, 3, 6)])))
        found = [row for row in rows_of(store.view.lookup(asked).rows) if row[0] in (None, 0, 3, 6)]
        assert found == sorted((row for row in model if row[0] in (None, 0, 3, 6)), key=repr)
        assert rows_of(store.view.rows()) == sorted(model, key=repr)


def test_a_row_more_of_a_key_with_many_rows_writes_one_row() -> None:
    storage = MemoryStorage()
    store = Store(LASTING, files_in(storage), Later())
    add(store, 0, [(1, "x", None)] * 5_000)
    add(store, 1, [(1, "y", None)])
    assert [run.file.rows for run in store.view.runs] == [5_000, 1]
    assert len(store.view.lookup(distinct(LASTING.hashes_of(table([(1, "", None)]))))) == 5_001


def test_runs_whose_rows_have_all_expired_go_wherever_they_are_in_the_chain() -> None:
    storage = MemoryStorage()
    store = Store(EXPIRING, files_in(storage), Later())
    for version, expiry in enumerate((100, 20, 100, 30)):
        add(store, version, [(version, "x", expiry)])
    add(store, 4, [], 50)
    assert [run.file.version for run in store.view.runs if run.file.rows] == [0, 2]
    chain = [run.file for run in store.view.runs]
    assert Store.load(EXPIRING, files_in(storage, 2), Later(), chain, 50).view.living == 2


@pytest.mark.parametrize("only_adds", [False, True])
def test_the_rows_of_a_run_that_expired_as_a_whole_are_not_counted_after_a_restart(only_adds: bool) -> None:
    layout, storage = StoreLayout(SCHEMA, (0,), 2, only_adds), MemoryStorage()
    store = Store(layout, files_in(storage), AtOnce())
    add(store, 0, [(1, "x", 55), (2, "x", 55)])
    add(store, 1, [(3, "x", 100)])
    add(store, 2, [], 60)
    chain = [run.file for run in store.view.runs]
    assert Store.load(layout, files_in(storage, 2), AtOnce(), chain, 60).view.living == 1


def test_rows_that_are_replaced_are_not_taken_for_rows_that_are_added() -> None:
    storage = MemoryStorage()
    store = Store(EXPIRING, files_in(storage), Later())
    add(store, 0, [(1, "x", 55)])
    chain = [run.file for run in store.view.runs]
    with pytest.raises(CheckpointMismatch):
        Store.load(StoreLayout(SCHEMA, (0,), 2), files_in(storage, 2), Later(), chain, 0)
