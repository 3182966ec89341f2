"""The law of incremental aggregation: merged partial results equal the aggregate over all rows."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamcore.duck.engine import SlotEngine
from streamcore.duck.quoting import identifier
from streamcore.errors import UnsupportedOperationException
from streamcore.plan.attributes import NamedExpression, attribute, scope_of
from streamcore.plan.expressions import parse_expression
from streamcore.plan.partials.core import SplitAggregate
from streamcore.plan.partials.splitting import split
from streamcore.plan.resolution import Names
from streamcore.plan.translate import TranslationContext, to_duckdb
from streamcore.plan.typing import infer
from streamcore.spi.types import from_arrow_type

ARROW = pa.schema(
    {
        "g": pa.int32(),
        "i": pa.int32(),
        "d": pa.float64(),
        "m": pa.decimal128(9, 2),
        "s": pa.string(),
        "w": pa.decimal128(38, 2),
        "b": pa.int64(),
    }
)
COLUMNS = tuple(attribute(field.name, from_arrow_type(field.type)) for field in ARROW)
CONTEXT = TranslationContext()

ANY_ORDER = [
    "count(*)", "count(i)", "count(i, s)", "count(*) FILTER (WHERE i > 3)", "count_if(i > 2)", "sum(i)",
    "sum(d)", "sum(m)", "sum(i) FILTER (WHERE d > 0)", "avg(i)", "avg(d)", "avg(m)", "min(s)", "max(d)",
    "bool_and(i > 1)", "bool_or(i > 7)", "bit_xor(i)", "max_by(s, i * 1000 + g)", "stddev(d)", "var_pop(i)",
    "variance(d)", "stddev_pop(d) FILTER (WHERE i > 1)", "covar_pop(i, d)", "covar_samp(i, d)", "first(s)",
    "last(i, true)", "first(s) IGNORE NULLS", "collect_list(i)", "collect_set(i)", "array_agg(s)",
    "try_sum(w)", "try_avg(w)", "try_sum(b)", "avg(b)", "avg(w) FILTER (WHERE w BETWEEN -100 AND 100)",
    "sum(w) FILTER (WHERE w BETWEEN -100 AND 100)", "first(s) FILTER (WHERE i > 5)", "last(s) FILTER (WHERE i > 5)",
    "last(i)", "any_value(s)", "first_value(d, true)", "last_value(s, true) FILTER (WHERE i > 5)", "skewness(d)",
    "kurtosis(i)", "corr(i, d)", "regr_slope(i, d)", "regr_intercept(d, i)", "regr_r2(i, d)", "regr_avgx(i, d)",
    "regr_avgy(i, d)", "regr_sxx(i, d)", "regr_syy(i, d)", "regr_sxy(i, d)", "regr_count(i, d)",
    "max_by(s, i * 1000 + g, 2)", "min_by(i, d, 3)", "listagg(s, '-')", "string_agg(s) FILTER (WHERE i > 3)",
    "median(d)", "percentile(i, 0.3)", "percentile(d, array(0.0D, 0.25D, 1.0D))", "percentile_approx(i, 0.4)",
    "approx_percentile(m, array(0.1D, 0.5D))", "mode(s)", "mode(i) FILTER (WHERE d > 0)", "min(s)",
    "count(DISTINCT i)", "count(DISTINCT i, s)", "sum(DISTINCT m)", "avg(DISTINCT i)", "max(DISTINCT s)",
    "count(DISTINCT s) FILTER (WHERE i > 3)", "stddev(DISTINCT d)", "sum(DISTINCT w)", "product(d)",
    "bit_and(i)", "bit_or(i)", "every(i > 1)",
]  # fmt: skip

WIDEST = Decimal("9" * 36 + ".99")

rows = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.none() | st.integers(0, 9),
        st.none() | st.integers(-8, 8).map(lambda n: n / 4),
        st.none() | st.integers(-999, 999).map(lambda n: Decimal(n) / 100),
        st.none() | st.sampled_from(["", "a", "b", "é"]),
        st.none() | st.sampled_from([Decimal("1.23"), WIDEST, WIDEST.copy_negate(), Decimal(-5)]),
        st.none() | st.sampled_from([1, -5, 2**63 - 1, -(2**63)]),
    ),
    max_size=25,
)


@pytest.fixture(scope="module")
def engine() -> Iterator[SlotEngine]:
    with SlotEngine() as engine:
        yield engine


def listed(entries: Sequence[NamedExpression], columns: Sequence[Any]) -> str:
    scope = scope_of(columns)
    return ", ".join(
        f"{to_duckdb(entry.expression, scope, CONTEXT)} AS {identifier(entry.attribute.physical)}"
        for entry in entries
    )


def parts_table(chosen: list[tuple[Any, ...]]) -> pa.Table:
    columns = [[row[at] for row in chosen] for at in range(len(COLUMNS))]
    arrays = [pa.array(column, field.type) for column, field in zip(columns, ARROW, strict=True)]
    return pa.table(arrays, names=[column.physical for column in COLUMNS])


def merged(engine: SlotEngine, parts: list[list[tuple[Any, ...]]], taken: SplitAggregate) -> dict[int, Any]:
    g = identifier(COLUMNS[0].physical)
    state = None
    for part in parts:
        sql = f"SELECT {g} AS g, {listed(taken.partials, COLUMNS)} FROM t GROUP BY 1"
        partial = engine.run(sql, {"t": parts_table(part)})
        both = partial if state is None else pa.concat_tables([state, partial], promote_options="permissive")
        state = engine.run(f"SELECT g, {listed(taken.merges, taken.state)} FROM s GROUP BY 1", {"s": both})
    final = to_duckdb(taken.final, scope_of(taken.state), CONTEXT)
    found = engine.run(f"SELECT g, {final} AS x FROM s", {"s": state})
    return dict(zip(found["g"].to_pylist(), found["x"].to_pylist(), strict=True))


def direct(engine: SlotEngine, all_rows: list[tuple[Any, ...]], text: str) -> dict[int, Any]:
    scope = scope_of(COLUMNS)
    sql = to_duckdb(Names(COLUMNS).resolve(parse_expression(text)), scope, CONTEXT)
    g = identifier(COLUMNS[0].physical)
    found = engine.run(f"SELECT {g} AS g, {sql} AS x FROM t GROUP BY 1", {"t": parts_table(all_rows)})
    return dict(zip(found["g"].to_pylist(), found["x"].to_pylist(), strict=True))


def same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9) or (math.isnan(one) and math.isnan(other))
    return bool(one == other)


@pytest.mark.parametrize("text", ANY_ORDER)
@settings(max_examples=12, deadline=None)
@given(parts=st.lists(rows, min_size=1, max_size=4))
def test_merging_the_parts_gives_the_aggregate_over_all_rows(
    engine: SlotEngine, text: str, parts: list[list[tuple[Any, ...]]]
) -> None:
    taken = split(Names(COLUMNS).resolve(parse_expression(text)), scope_of(COLUMNS))
    expected = direct(engine, [row for part in parts for row in part], text)
    found = merged(engine, parts, taken)
    assert found.keys() == expected.keys()
    if text.startswith("collect_set"):
        found, expected = ({k: sorted(v) for k, v in side.items()} for side in (found, expected))
    assert all(same(found[key], expected[key]) for key in expected), (found, expected)


@pytest.mark.parametrize("text", ANY_ORDER)
def test_the_final_value_has_the_type_of_the_aggregate(text: str) -> None:
    call = Names(COLUMNS).resolve(parse_expression(text))
    taken = split(call, scope_of(COLUMNS))
    assert infer(taken.final, scope_of(taken.state))[0] == infer(call, scope_of(COLUMNS))[0]


@pytest.mark.parametrize("text", ANY_ORDER)
def test_a_merge_yields_the_state_it_reads(text: str) -> None:
    taken = split(Names(COLUMNS).resolve(parse_expression(text)), scope_of(COLUMNS))
    assert [merge.attribute for merge in taken.merges] == list(taken.state)
    for merge in taken.merges:
        assert infer(merge.expression, scope_of(taken.state))[0] == merge.attribute.data_type


@pytest.mark.parametrize("text", ["approx_count_distinct(i)"])
def test_an_aggregate_that_does_not_merge_is_refused(text: str) -> None:
    with pytest.raises(UnsupportedOperationException, match="incrementally"):
        split(Names(COLUMNS).resolve(parse_expression(text)), scope_of(COLUMNS))
