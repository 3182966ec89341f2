"""The law of incremental aggregation: merged partial results equal the aggregate over all rows."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cache
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamcore.duck.engine import SlotEngine
from streamcore.duck.quoting import identifier
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

SIMPLE = [
    "count(*)", "count(i)", "count(i, s)", "count(*) FILTER (WHERE i > 3)", "count_if(i > 2)", "min(s)",
    "max(d)", "bool_and(i > 1)", "bool_or(i > 7)", "every(i > 1)", "bit_and(i)", "bit_or(i)", "bit_xor(i)",
    "product(d)",
]  # fmt: skip
SUMS = [
    "sum(i)", "sum(d)", "sum(m)", "sum(i) FILTER (WHERE d > 0)", "avg(i)", "avg(d)", "avg(m)", "try_sum(w)",
    "try_avg(w)", "try_sum(b)", "avg(b)", "avg(w) FILTER (WHERE w BETWEEN -100 AND 100)",
    "sum(w) FILTER (WHERE w BETWEEN -100 AND 100)",
]  # fmt: skip
IN_ORDER = [
    "first(s)", "last(i)", "any_value(s)", "last(i, true)", "first(s) IGNORE NULLS", "first_value(d, true)",
    "first(s) FILTER (WHERE i > 5)", "last(s) FILTER (WHERE i > 5)",
    "last_value(s, true) FILTER (WHERE i > 5)", "collect_list(i)", "array_agg(s)", "listagg(s, '-')",
    "string_agg(s) FILTER (WHERE i > 3)",
]  # fmt: skip
BEST = [
    "max_by(s, i * 1000 + g)", "min_by(s, d)", "max_by(i, i, 2)", "min_by(d, d, 3)", "mode(s)",
    "mode(i) FILTER (WHERE d > 0)", "approx_count_distinct(i)", "approx_count_distinct(s, 0.2)",
    "approx_count_distinct(w)", "approx_count_distinct(d) FILTER (WHERE i > 3)",
]  # fmt: skip
MOMENTS = [
    "stddev(d)", "var_pop(i)", "variance(d)", "stddev_pop(d) FILTER (WHERE i > 1)", "skewness(d)",
    "kurtosis(i)", "covar_pop(i, d)", "covar_samp(i, d)", "corr(i, d)",
]  # fmt: skip
REGRESSIONS = [
    "regr_slope(i, d)", "regr_intercept(d, i)", "regr_r2(i, d)", "regr_avgx(i, d)", "regr_avgy(i, d)",
    "regr_sxx(i, d)", "regr_syy(i, d)", "regr_sxy(i, d)", "regr_count(i, d)",
]  # fmt: skip
PERCENTILES = [
    "median(d)", "percentile(i, 0.3)", "percentile(d, array(0.0D, 0.25D, 1.0D))",
    "percentile(d, 0.4, abs(i))", "percentile_approx(i, 0.4)", "approx_percentile(m, array(0.1D, 0.5D))",
    "percentile_approx(s, 0.5) FILTER (WHERE i > 3)",
]  # fmt: skip
DISTINCT = [
    "collect_set(i)", "count(DISTINCT i)", "count(DISTINCT i, s)", "count(DISTINCT 1)",
    "sum(DISTINCT m)", "avg(DISTINCT i)",
    "max(DISTINCT s)", "count(DISTINCT s) FILTER (WHERE i > 3)", "stddev(DISTINCT d)",
    "try_sum(DISTINCT w)",
]  # fmt: skip
FAMILIES = [SIMPLE, SUMS, IN_ORDER, BEST, MOMENTS, REGRESSIONS, PERCENTILES, DISTINCT]
ALL = [text for family in FAMILIES for text in family]

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


@cache
def taken_apart(text: str) -> SplitAggregate:
    return split(Names(COLUMNS).resolve(parse_expression(text)), scope_of(COLUMNS))


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


Answers = dict[int, list[Any]]


def by_group(found: pa.Table) -> Answers:
    return {g: list(values) for g, *values in zip(*(column.to_pylist() for column in found), strict=True)}


def merged(engine: SlotEngine, parts: list[list[tuple[Any, ...]]], family: Sequence[str]) -> Answers:
    taken = [taken_apart(text) for text in family]
    g, columns = identifier(COLUMNS[0].physical), [column for one in taken for column in one.state]
    partials = listed([entry for one in taken for entry in one.partials], COLUMNS)
    merges = listed([entry for one in taken for entry in one.merges], columns)
    finals = [to_duckdb(one.final, scope_of(one.state), CONTEXT) for one in taken]
    state = None
    for part in parts:
        partial = engine.run(f"SELECT {g} AS g, {partials} FROM t GROUP BY 1", {"t": parts_table(part)})
        both = partial if state is None else pa.concat_tables([state, partial], promote_options="permissive")
        state = engine.run(f"SELECT g, {merges} FROM s GROUP BY 1", {"s": both})
    named = ", ".join(f"{sql} AS x{at}" for at, sql in enumerate(finals))
    return by_group(engine.run(f"SELECT g, {named} FROM s", {"s": state}))


def direct(engine: SlotEngine, all_rows: list[tuple[Any, ...]], family: Sequence[str]) -> Answers:
    scope, names = scope_of(COLUMNS), Names(COLUMNS)
    calls = [to_duckdb(names.resolve(parse_expression(text)), scope, CONTEXT) for text in family]
    named = ", ".join(f"{sql} AS x{at}" for at, sql in enumerate(calls))
    g = identifier(COLUMNS[0].physical)
    return by_group(engine.run(f"SELECT {g} AS g, {named} FROM t GROUP BY 1", {"t": parts_table(all_rows)}))


def same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9) or (math.isnan(one) and math.isnan(other))
    return bool(one == other)


def comparable(text: str, value: Any) -> Any:
    return sorted(value) if text.startswith("collect_set") else value


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family[0])
@settings(max_examples=10, deadline=None)
@given(parts=st.lists(rows, min_size=1, max_size=4))
def test_merging_the_parts_gives_the_aggregate_over_all_rows(
    engine: SlotEngine, family: Sequence[str], parts: list[list[tuple[Any, ...]]]
) -> None:
    expected = direct(engine, [row for part in parts for row in part], family)
    found = merged(engine, parts, family)
    assert found.keys() == expected.keys()
    for group, answers in expected.items():
        for text, ours, whole in zip(family, found[group], answers, strict=True):
            assert same(comparable(text, ours), comparable(text, whole)), (text, ours, whole)


def test_a_part_of_no_rows_changes_nothing(engine: SlotEngine) -> None:
    chosen = [(0, 3, 1.5, None, "b", None, 1), (0, 5, -2.0, None, "a", None, 2)]
    for text in ALL:
        taken = taken_apart(text)
        partials, merges = listed(taken.partials, COLUMNS), listed(taken.merges, taken.state)
        parts = [engine.run(f"SELECT {partials} FROM t", {"t": parts_table(part)}) for part in (chosen, [])]
        state = engine.run(f"SELECT {merges} FROM s", {"s": pa.concat_tables(parts)})
        final = f"SELECT {to_duckdb(taken.final, scope_of(taken.state), CONTEXT)} AS x FROM s"
        alone, both = (engine.run(final, {"s": s})["x"].to_pylist() for s in (parts[0], state))
        assert alone == both, text


@pytest.mark.parametrize("text", ALL)
def test_the_final_value_has_the_type_of_the_aggregate(text: str) -> None:
    call, taken = Names(COLUMNS).resolve(parse_expression(text)), taken_apart(text)
    assert infer(taken.final, scope_of(taken.state))[0] == infer(call, scope_of(COLUMNS))[0]


@pytest.mark.parametrize("text", ALL)
def test_a_merge_yields_the_state_it_reads(text: str) -> None:
    taken = taken_apart(text)
    assert [merge.attribute for merge in taken.merges] == list(taken.state)
    for merge in taken.merges:
        assert infer(merge.expression, scope_of(taken.state))[0] == merge.attribute.data_type


@pytest.mark.parametrize(
    ("text", "values", "answer"),
    [
        ("corr(i, d)", (math.nan, 0.5), None),
        ("corr(d, i)", (math.nan, 0.5), None),
        ("corr(i, d)", (1e200, 2e200), None),
        ("corr(d, d)", (math.nan, 0.5), math.nan),
        ("regr_avgx(i, d)", (math.inf, 1.0), math.inf),
        ("regr_avgy(d, i)", (math.inf, 1.0), math.inf),
    ],
)
def test_pairs_that_are_not_finite_or_do_not_vary_merge_to_what_pyspark_gives(
    engine: SlotEngine, text: str, values: tuple[float, float], answer: float | None
) -> None:
    parts: list[list[tuple[Any, ...]]] = [[(0, 1, value, None, None, None, None)] for value in values]
    assert same(merged(engine, parts, [text])[0][0], answer)
