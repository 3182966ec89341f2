"""Every aggregate function over a stream: calls, and three micro-batches of rows to ask them of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.oracle.streaming.scenarios import NAN, Row, row

INF = float("inf")

BATCHES: Sequence[Sequence[Row]] = (
    [
        *(row(1, "many", v, x) for v, x in [(3, 1.5), (1, -2.25), (None, 4.0), (3, None), (7, 0.5)]),
        row(2, "one", 5, 2.5),
        row(2, "null", None, NAN),
        row(2, None, 1, 1.0),
        row(3, "nan", 1, NAN),
        row(3, "zero", 0, -0.0),
        row(3, "far", 1, 1e9 + 1),
        row(4, "far", 2, 1e9 + 2),
        row(4, "same", 4, 4.0),
    ],
    [
        *(row(5, "many", v, x) for v, x in [(9, 1.5), (None, None), (-4, 8.0), (1, 8.0)]),
        row(6, "nan", 2, 0.0),
        row(6, "zero", 0, 0.0),
        row(6, "far", 3, 1e9 + 4),
        row(6, None, 2, -1.0),
        row(7, "same", 4, 4.0),
        *(row(7, "wide", v, v / 8) for v in range(40)),
    ],
    [
        *(row(8, "many", v, x) for v, x in [(2, 6.5), (3, -7.0)]),
        row(9, "null", None, None),
        row(9, "nan", 3, INF),
        row(9, "far", 4, 1e9 + 16),
        *(row(9, "wide", v, v / 8) for v in range(30, 90)),
        row(9, "new", 2, 2.0),
    ],
)

COLUMNS = (
    "ts", "k", "v", "x", "CAST(v AS INT) AS i", "CAST(v AS SMALLINT) AS h", "CAST(x AS FLOAT) AS f",
    "try_cast(v AS DECIMAL(10,2)) AS m", "try_cast(v AS DECIMAL(38,2)) AS w", "v % 2 = 1 AS b",
    "'s' || v AS s", "CAST('s' || v AS BINARY) AS bin", "date_add(DATE'2026-01-01', CAST(v AS INT)) AS d",
    "IF(v IS NULL, NULL, array(v, 1)) AS a", "IF(v IS NULL, NULL, named_struct('p', v, 'q', x)) AS st",
)  # fmt: skip
"""The columns that the calls are made over, from those of the scenarios."""


def each(template: str, *names: str) -> list[str]:
    """The call for every function or column name."""
    return [template.format(name) for name in names]


CASES: tuple[str, ...] = (
    "count(*)", "count(v)", "count(v, x)", "count_if(v > 2)", "count(*) FILTER (WHERE v > 2)",
    *each("sum({})", *"vxmwif"), *each("avg({})", *"vxmwif"), "mean(x)", *each("try_sum({})", *"vxm"),
    *each("try_avg({})", *"vxm"), "sum(v) FILTER (WHERE x > 1)", "avg(x) FILTER (WHERE v > 1)",
    *each("min({})", *"vxmsbda", "ts", "bin", "st"), *each("max({})", *"vxmsbda", "ts", "bin", "st"),
    *each("first({})", *"vsa"), *each("last({})", *"vs", "st"), "first(v, true)", "last(v, true)",
    "first(v) IGNORE NULLS", "last(x) IGNORE NULLS", "first_value(v)", "last_value(v)", "any_value(v)",
    "any_value(v, true)", "first(v) FILTER (WHERE x > 5)", "last_value(v, true)", "first_value(x, true)",
    *each("max_by({}, x)", "v", "s", "st"), *each("min_by({}, x)", "v", "s", "a"), "max_by(s, v)",
    "min_by(x, v)", "max_by(s, ts)", "min_by(s, ts)", "max_by(v, x) FILTER (WHERE v > 1)",
    "max_by(s, v, 2)", "min_by(s, v, 3)", "min_by(x, v, 2)",
    *each("collect_list({})", *"vxsa", "st"), *each("collect_set({})", *"vxsa", "st"), "array_agg(v)",
    "collect_list(v) FILTER (WHERE v > 2)", "collect_set(x) FILTER (WHERE v > 2)",
    *each("{}(x)", "stddev", "std", "stddev_samp", "stddev_pop", "variance", "var_samp", "var_pop",
          "skewness", "kurtosis"),
    "stddev(v)", "var_pop(m)", "skewness(v)", "kurtosis(i)", "variance(x) FILTER (WHERE v > 1)",
    *each("{}(v, x)", "corr", "covar_pop", "covar_samp", "regr_avgx", "regr_avgy", "regr_count",
          "regr_intercept", "regr_r2", "regr_slope", "regr_sxx", "regr_sxy", "regr_syy"),
    "regr_slope(x, v)", "corr(x, v) FILTER (WHERE v > 1)", "regr_count(v, x) FILTER (WHERE v > 1)",
    *each("approx_count_distinct({})", *"vxmwifsbd", "ts", "bin"), "approx_count_distinct(v, 0.01D)",
    "approx_count_distinct(v, 0.2D)", "approx_count_distinct(v) FILTER (WHERE v > 2)",
    *each("percentile_approx({}, 0.5D)", *"vxmid", "ts"), "approx_percentile(v, array(0.25D, 0.5D, 1.0D))",
    "percentile_approx(v, 0.3D, 100)", "percentile_approx(v, 0.0D)",
    *each("percentile({}, 0.3D)", *"vxmi"), "percentile(v, array(0.1D, 0.9D))", "percentile(x, 0.5D, i * i)",
    *each("median({})", *"vxm"), "median(v) FILTER (WHERE v > 1)",
    "percentile_cont(0.4D) WITHIN GROUP (ORDER BY v)", "percentile_disc(0.4D) WITHIN GROUP (ORDER BY v)",
    "percentile_cont(0.4D) WITHIN GROUP (ORDER BY v DESC)",
    *each("mode({}, true)", *"vxs"), "mode(v)", "mode() WITHIN GROUP (ORDER BY v)",
    *each("bit_and({})", *"vi"), *each("bit_or({})", *"vi"), *each("bit_xor({})", *"vh"),
    *each("{}(b)", "bool_and", "bool_or", "every", "some", "any"), "bool_or(b) FILTER (WHERE x > 1)",
    "listagg(s)", "listagg(s, ',')", "string_agg(s, '-')", "listagg(bin)", "listagg(v, ',')",
    "listagg(s, ',') WITHIN GROUP (ORDER BY s)", "listagg(s, ',') WITHIN GROUP (ORDER BY x DESC, v)",
    "listagg(s, ',') FILTER (WHERE v > 2)",
    "histogram_numeric(x, 5)", "hex(count_min_sketch(v, 0.5D, 0.5D, 1))",
    "hll_sketch_estimate(hll_sketch_agg(v))",
    "hll_sketch_estimate(hll_union_agg(CASE WHEN k = '' THEN X'00' END))",
    "bitmap_count(bitmap_construct_agg(bitmap_bit_position(abs(v))))", "hex(bitmap_or_agg(bin))",
    "hex(bitmap_and_agg(bin))", "approx_top_k(v, 3)", "approx_top_k_accumulate(v)",
    "approx_top_k_combine(approx_top_k_accumulate(v))", "collect_union(a)",
    "theta_sketch_estimate(theta_sketch_agg(v))", "theta_sketch_estimate(theta_union_agg(bin))",
    "theta_sketch_estimate(theta_intersection_agg(bin))",
    *each("kll_sketch_get_n_{0}(kll_sketch_agg_{0}(v))", "bigint", "double", "float"),
    *each("kll_sketch_get_n_{0}(kll_merge_agg_{0}(bin))", "bigint", "double", "float"),
    *each("hex(tuple_sketch_agg_{}(v, i))", "double", "integer"),
    *each("hex(tuple_union_agg_{}(bin))", "double", "integer"),
    *each("hex(tuple_intersection_agg_{}(bin))", "double", "integer"),
    "schema_of_variant_agg(parse_json(s))", "grouping(k)", "grouping_id()", "measure(v)",
    "count(DISTINCT v)", "count(DISTINCT v, x)", "sum(DISTINCT v)", "avg(DISTINCT x)", "max(DISTINCT v)",
    "collect_list(DISTINCT v)", "listagg(DISTINCT s, ',')", "stddev(DISTINCT x)", "sum(DISTINCT m)",
    "count(DISTINCT v) FILTER (WHERE v > 2)",
)  # fmt: skip

API_CASES: dict[str, Any] = {
    "product": lambda F: F.product("x"),
    "sum_distinct": lambda F: F.sum_distinct("v"),
    "count_distinct": lambda F: F.count_distinct("v", "x"),
    "string_agg_distinct": lambda F: F.string_agg_distinct("s"),
    "listagg_distinct": lambda F: F.listagg_distinct("s", ","),
}
"""Calls that SQL has no text for."""
