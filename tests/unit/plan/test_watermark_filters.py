"""Filters moved below a watermark: the same columns come out, and nothing is computed twice for it."""

from __future__ import annotations

from typing import Any

import pytest

from streamcore import Session
from streamcore.plan.codegen import fragment_sql
from streamcore.plan.logical import Filter, LogicalPlan, Relation, Watermark
from streamcore.plan.rules import optimize
from streamcore.plan.translate import TranslationContext
from streamcore.plan.watermark_filters import settle_filters
from streamcore.sql import functions as F
from streamcore.testing.memory_source import MemoryStream


@pytest.fixture(scope="module")
def session() -> Session:
    return Session.builder.getOrCreate()


@pytest.fixture
def rows(session: Session) -> Any:
    stream = MemoryStream("ts timestamp, k string, value string")
    return stream.toDF(session).withWatermark("ts", "1 second")


def filters_below_the_watermark(plan: LogicalPlan) -> int:
    watermark = next(node for node in plan.walk() if isinstance(node, Watermark))
    return sum(isinstance(node, Filter) for node in watermark.child.walk())


@pytest.mark.parametrize(
    ("condition", "moved"),
    [
        ("k = 'a'", 1),
        ("k = 'a' AND ts > '2020-01-01'", 1),
        ("k = 'a' OR ts > '2020-01-01'", 0),
        ("k = 'a' AND value = 'b'", 2),
        ("rand() < 0.5", 0),
    ],
)
def test_a_filter_moves_as_far_as_it_leaves_the_event_time_alone(
    rows: Any, condition: str, moved: int
) -> None:
    assert filters_below_the_watermark(settle_filters(rows.where(condition).plan)) == moved


@pytest.mark.parametrize(
    ("projections", "moved"),
    [
        (["upper(k) AS u", "ts AS t"], 1),
        (["date_trunc('hour', ts) AS u"], 0),
        (["concat(k, uuid()) AS u"], 0),
    ],
)
def test_a_filter_of_what_a_projection_computes_moves_with_it(
    rows: Any, projections: list[str], moved: int
) -> None:
    frame = rows.selectExpr(*projections).where("u = 'A'")
    settled = settle_filters(frame.plan)
    assert filters_below_the_watermark(settled) == moved
    assert settled.output == frame.plan.output


def test_a_filter_of_parsed_fields_parses_each_record_once(rows: Any) -> None:
    parsed = rows.select("ts", F.from_json("value", "a string, b bigint").alias("row")).select("ts", "row.*")
    plan = optimize(settle_filters(parsed.where("a = 'x'").groupBy("b").count().plan))
    assert filters_below_the_watermark(plan) == 1
    key = next(node.key for node in plan.walk() if isinstance(node, Relation))
    assert fragment_sql(plan, {key: '"t"'}, TranslationContext()).count("from_json(") == 1


def test_a_plan_without_a_watermark_stays_as_it_is(session: Session) -> None:
    plan = MemoryStream("k string").toDF(session).where("k = 'a'").plan
    assert settle_filters(plan) is plan
