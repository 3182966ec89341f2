"""Queries whose rows are used while they are computed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from streamcore.duck.batches import BATCH_ROWS
from streamcore.duck.engine import SlotEngine
from streamcore.duck.statements import Statement
from streamcore.errors import NumberFormatException

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS = 5 * BATCH_ROWS
_BROKEN_AT_THE_END = (
    f"SELECT CAST(CASE WHEN range = {_ROWS - 1} THEN 'x' ELSE '1' END AS INTEGER) FROM range({_ROWS})"
)


@pytest.fixture
def engine() -> Iterator[SlotEngine]:
    with SlotEngine() as made:
        yield made


def _count(batches: Iterator[pa.RecordBatch]) -> int:
    return sum(batch.num_rows for batch in batches)


def test_rows_come_in_batches_of_bounded_size(engine: SlotEngine) -> None:
    sizes = engine.run_in_batches(
        f"SELECT range FROM range({_ROWS})", {}, lambda batches: [batch.num_rows for batch in batches]
    )
    assert sum(sizes) == _ROWS
    assert max(sizes) <= 2 * BATCH_ROWS


def test_rows_that_turn_out_to_be_broken_are_used_again_by_the_careful_text(engine: SlotEngine) -> None:
    counts: list[int] = []

    def use(batches: Iterator[pa.RecordBatch]) -> int:
        counts.append(0)
        for batch in batches:
            counts[-1] += batch.num_rows
        return counts[-1]

    careful = Statement(f"SELECT 1 FROM range({_ROWS})", {})
    assert engine.run_in_batches(_BROKEN_AT_THE_END, {}, use, lambda: careful) == _ROWS
    assert len(counts) == 2
    assert counts[0] < _ROWS


def test_a_failure_that_the_user_wraps_is_still_that_of_the_query(engine: SlotEngine) -> None:
    def use(batches: Iterator[pa.RecordBatch]) -> int:
        try:
            return _count(batches)
        except Exception as error:
            raise OSError("the disk is full") from error

    with pytest.raises(NumberFormatException, match="CAST_INVALID_INPUT"):
        engine.run_in_batches(_BROKEN_AT_THE_END, {}, use)


def test_a_failure_of_the_user_is_raised_as_it_is_and_leaves_the_engine_ready(engine: SlotEngine) -> None:
    def use(batches: Iterator[pa.RecordBatch]) -> int:
        next(batches)
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="the disk is full"):
        engine.run_in_batches(f"SELECT range FROM range({_ROWS})", {}, use)
    assert engine.run("SELECT 7 AS x", {}).to_pydict() == {"x": [7]}
