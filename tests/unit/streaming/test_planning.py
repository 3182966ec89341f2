from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest

from streamcore.checkpoint.records import OffsetRange, OperatorIntent
from streamcore.execution.stores.layout import StoreLayout
from streamcore.plan.logical import Distinct, Relation
from streamcore.plan.stages import Fragment, Stage, StagePlan
from streamcore.streaming.definition import QueryDefinition
from streamcore.streaming.planning import Position, closes_state, next_batch, watermarks_in
from streamcore.streaming.stateful.operator import OnePortOperator
from streamcore.streaming.trigger import ProcessingTime
from streamcore.streaming.watermark import WatermarkState

STATE = pa.schema([("k", pa.string()), ("expiry_us", pa.int64())])


class Keeps(OnePortOperator):
    """An operator whose rows are `behind_ms` behind the watermark by which it closes state."""

    def __init__(self, *, expires: bool, behind_ms: int = 0) -> None:
        self.layout = StoreLayout(STATE, (0,), 1 if expires else None)
        self._behind_ms = behind_ms

    def watermark_out(self, watermark_ms: int) -> int:
        return watermark_ms - self._behind_ms


def stage(id_: str, *inputs: str | None) -> Stage:
    """One port for each input: a source (None), or another stage."""
    leaf = Relation("s", (), None, is_stream=True)
    return Stage(id_, Distinct(leaf, ()), tuple((Fragment(leaf, leaf, found),) for found in inputs))


def definition(stages: tuple[Stage, ...], operators: dict[str, Any], **settings: Any) -> QueryDefinition:
    return QueryDefinition(
        name=None,
        logical=Relation("s", (), None, is_stream=True),
        plan=StagePlan(stages, (), {}),
        operators=operators,
        output_mode="append",
        trigger=ProcessingTime(),
        output_schema=pa.schema([]),
        pinned={"spark.sql.session.timeZone": "UTC"},
        state_partitions=4,
        **settings,
    )


def query(*, expires: bool | None = True, no_data_batches: bool = True) -> QueryDefinition:
    """`expires` None is a query without state."""
    if expires is None:
        return definition((), {}, no_data_batches=no_data_batches)
    operators = {"aggregate-0": Keeps(expires=expires)}
    return definition((stage("aggregate-0", None),), operators, no_data_batches=no_data_batches)


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


@pytest.mark.parametrize("asked", [query(expires=None), query(expires=False), query(no_data_batches=False)])
def test_a_query_with_nothing_to_close_runs_no_batch_without_data(asked: QueryDefinition) -> None:
    moved = replace(HERE, watermark=WatermarkState({"w": 90}, 90))
    assert not closes_state(asked, moved, now_ms=0)
    assert next_batch(asked, moved, NOTHING_NEW, now_ms=1_000) is None


def test_a_query_without_state_logs_no_operators() -> None:
    record = next_batch(query(expires=None), HERE, {"a": {"n": 6}, "b": {"n": 7}}, now_ms=1_000)
    assert record is not None
    assert record.operators == {}


def test_an_operator_has_the_smallest_watermark_of_what_it_reads() -> None:
    stages = (
        stage("slow", None),
        stage("quick", None),
        stage("both", "slow", "quick"),
        stage("next", "both"),
    )
    operators = {
        "slow": Keeps(expires=True, behind_ms=30),
        "quick": Keeps(expires=True, behind_ms=10),
        "both": Keeps(expires=True, behind_ms=5),
        "next": Keeps(expires=True),
    }
    found = watermarks_in(definition(stages, operators), 100)
    assert found == {"slow": 100, "quick": 100, "both": 70, "next": 65}


def test_a_chain_is_settled_only_when_its_last_operator_has_closed_state() -> None:
    asked = definition(
        (stage("first", None), stage("then", "first")),
        {"first": Keeps(expires=False, behind_ms=30), "then": Keeps(expires=True)},
    )
    moved = Position(1, {}, WatermarkState({"w": 90}, 90), evicted={"first": 90, "then": 50})
    assert closes_state(asked, moved, now_ms=0)
    assert not closes_state(asked, replace(moved, evicted={"first": 90, "then": 60}), now_ms=0)
