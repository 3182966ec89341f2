"""However rows are put, removed, evicted, merged and loaded again, a store holds what a dict would."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamcore.checkpoint.run_index import AT_ONCE
from streamcore.execution.stores import merging
from streamcore.execution.stores.layout import StoreLayout
from streamcore.execution.stores.ordering import distinct
from streamcore.execution.stores.store import Store
from streamcore.storage.memory import MemoryStorage
from tests.unit.stores.kit import (
    COLLIDING,
    EXPIRING,
    LASTING,
    Content,
    Later,
    commit,
    content_of,
    files_in,
    hashes_of,
)

KEYS = st.none() | st.integers(0, 25)
VALUES = st.tuples(st.integers(0, 99), st.none() | st.integers(1, 60))
BATCHES = st.lists(
    st.tuples(
        st.dictionaries(KEYS, VALUES, max_size=10),
        st.sets(KEYS, max_size=4),
        st.integers(0, 6),
        st.booleans(),
        st.booleans(),
    ),
    max_size=14,
)
"""Rows put, keys removed, how far the watermark moves, whether merges end, whether the driver restarts."""


@pytest.mark.parametrize("layout", [LASTING, EXPIRING, COLLIDING], ids=["lasting", "expiring", "colliding"])
@settings(max_examples=60, deadline=None)
@given(batches=BATCHES, block_rows=st.sampled_from([2, 5, 1 << 18]))
def test_a_store_holds_what_a_dict_would(layout: StoreLayout, batches: list[Any], block_rows: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(merging, "BLOCK_ROWS", block_rows)
        check(layout, batches)


def check(layout: StoreLayout, batches: list[Any]) -> None:
    storage, model, floor = MemoryStorage(), Content(), AT_ONCE
    merger = Later()
    store = Store(layout, files_in(storage), merger)
    expires = layout.expiry_column is not None
    for version, (drawn, removed, step, merges, restarts) in enumerate(batches):
        watermark = max(floor, 0) + step if step and expires else None
        floor = floor if watermark is None else watermark
        put = {k: (v, e) for k, (v, e) in drawn.items() if e is None or e > floor or not expires}
        if watermark is not None:
            due = {k for k, (_, e) in model.items() if e is not None and e <= floor}
            assert set(content_of(store.view.due(watermark).found.rows)) == due
            model = {k: value for k, value in model.items() if k not in due}
        commit(store, version, put, removed - set(put), watermark)
        model = {k: value for k, value in model.items() if k not in removed} | put
        assert store.view.living == len(model)
        if merges:
            merger.run()
        if restarts:
            chain = [run.file for run in store.view.runs]
            store = Store.load(layout, files_in(storage, version + 2), merger, chain, floor)
            assert store.view.living == len(model)
        keys = [key for key in [None, *range(0, 25, 3)] if key is not None or key in model]
        asked = distinct(hashes_of(layout, keys))
        found = content_of(store.view.lookup(asked).rows)
        assert {k: v for k, v in found.items() if k in keys} == {k: model[k] for k in keys if k in model}
        assert content_of(store.view.rows()) == model
