from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

from streamcore.checkpoint.records import OffsetRange, OperatorIntent
from streamcore.execution.stores.layout import StoreLayout
from streamcore.plan.logical import Relation
from streamcore.plan.stages import StagePlan
from streamcore.streaming.definition import QueryDefinition
from streamcore.streaming.planning import Position, closes_state, next_batch
from streamcore.streaming.trigger import ProcessingTime
from streamcore.streaming.watermark import WatermarkState

STATE = pa.schema([("k", pa.string()), ("expiry_us", pa.int64())])


def query(*, expires: bool | None = True, no_data_batches: bool = True) -> QueryDefinition:
    """`expires` None is a query without state."""
    operators: dict[str, Any] = {}
    if expires is not None:
        operators["aggregate-0"] = SimpleNamespace(layout=StoreLayout(STATE, (0,), 1 if expires else None))
    leaf = Relation("s", (), None, is_stream=True)
    return QueryDefinition(
        name=None,
        logical=leaf,
        plan=StagePlan((), (), {}),
        operators=operators,
        output_mode="append",
        trigger=ProcessingTime(),
        output_schema=pa.schema([]),
        pinned={"spark.sql.session.timeZone": "UTC"},
        state_partitions=4,
        no_data_batches=no_data_batches,
    )


HERE = Position(3, {"a": {"n": 5}, "b": {"n": 7}}, WatermarkState({"w": 60}, 60), evicted={"aggregate-0": 60})
NOTHING_NEW = {"a": {"n": 5}, "b": {"n": 7}}


def test_new_data_in_any_source_makes_a_batch_over_all_of_them() -> None:
    record = next_batch(query(), HERE, {"a": {"n": 9}, "b": {"n": 7}}, now_ms=1_000)
    assert record is not None
    assert record.batch_id == 3
    assert record.batch_time_ms == 1_000
    assert record.sources == {"a": OffsetRange({"n": 5}, {"n": 9}), "b": OffsetRange({"n": 7}, {"n": 7})}
    assert record.pinned == {"spark.sql.session.timeZone": "UTC"}
    assert record.operators["aggregate-0"].partitions == 4


def test_rows_are_late_by_the_watermark_that_closed_state_last() -> None:
    moved = replace(HERE, watermark=WatermarkState({"w": 90}, 90))
    record = next_batch(query(), moved, {"a": {"n": 9}, "b": {"n": 7}}, now_ms=1_000)
    assert record is not None
    assert record.watermark_ms == 90
    assert record.operators == {"aggregate-0": OperatorIntent(partitions=4, late_ms=60, evict_ms=90)}


def test_without_new_data_there_is_no_batch() -> None:
    assert next_batch(query(), HERE, NOTHING_NEW, now_ms=1_000) is None


def test_a_watermark_that_moved_makes_one_batch_without_data() -> None:
    moved = replace(HERE, watermark=WatermarkState({"w": 90}, 90))
    record = next_batch(query(), moved, NOTHING_NEW, now_ms=1_000)
    assert record is not None
    assert all(span.start == span.end for span in record.sources.values())
    settled = replace(moved, batch_id=4, evicted={"aggregate-0": record.operators["aggregate-0"].evict_ms})
    assert next_batch(query(), settled, NOTHING_NEW, now_ms=1_001) is None


@pytest.mark.parametrize(
    "definition", [query(expires=None), query(expires=False), query(no_data_batches=False)]
)
def test_a_query_with_nothing_to_close_runs_no_batch_without_data(definition: QueryDefinition) -> None:
    moved = replace(HERE, watermark=WatermarkState({"w": 90}, 90))
    assert not closes_state(definition, moved)
    assert next_batch(definition, moved, NOTHING_NEW, now_ms=1_000) is None


def test_a_query_without_state_logs_no_operators() -> None:
    record = next_batch(query(expires=None), HERE, {"a": {"n": 6}, "b": {"n": 7}}, now_ms=1_000)
    assert record is not None
    assert record.operators == {}
