"""Hashes are found in a block however many are wanted, and however often each stands there."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamcore.execution.stores.blocks import Block, HashedRows, make_block
from tests.unit.stores.kit import LASTING


def block_of(hashes: list[int]) -> Block:
    rows = pa.Table.from_arrays(
        [pa.nulls(len(hashes), field.type) for field in LASTING.schema], schema=LASTING.schema
    )
    return make_block(HashedRows(np.array(sorted(hashes), dtype=np.uint64), rows), LASTING)


@given(
    st.lists(st.integers(0, 400), min_size=1, max_size=300),
    st.sets(st.integers(0, 400), min_size=1, max_size=40),
    st.sampled_from([1, 17, 64]),
)
def test_the_places_are_those_of_the_wanted_hashes(hashes: list[int], wanted: set[int], often: int) -> None:
    block = block_of(hashes * often)
    asked = sorted(one for one in wanted if one <= max(hashes))
    is_here, places = block.find(np.array(asked, dtype=np.uint64))
    assert is_here.tolist() == [one in hashes for one in asked]
    assert places.tolist() == [at for at, one in enumerate(block.hashes.tolist()) if one in asked]


@pytest.mark.parametrize("rows", [64, 79, 80, 81, 5000])
def test_one_hash_is_found_wherever_it_stands(rows: int) -> None:
    block = block_of(list(range(rows)))
    for at in (0, 1, 15, 16, 17, rows - 2, rows - 1):
        is_here, places = block.find(np.array([at], dtype=np.uint64))
        assert (is_here.tolist(), places.tolist()) == ([True], [at])
