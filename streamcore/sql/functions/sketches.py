"""HLL, theta and KLL sketches (the extra `sketches`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.sql.functions.building import ColumnOrName, expression, function, given_literals

if TYPE_CHECKING:
    from streamcore.sql.column import Column


def hll_sketch_agg(col: ColumnOrName, lgConfigK: int | Column | None = None) -> Column:
    """The HLL sketch of the values."""
    return function("hll_sketch_agg", expression(col), *given_literals(lgConfigK))


def hll_union_agg(col: ColumnOrName, allowDifferentLgConfigK: bool | Column | None = None) -> Column:
    """The HLL sketch of what all sketches have seen."""
    return function("hll_union_agg", expression(col), *given_literals(allowDifferentLgConfigK))


def hll_sketch_estimate(col: ColumnOrName) -> Column:
    """How many distinct values an HLL sketch has seen."""
    return function("hll_sketch_estimate", expression(col))


def hll_union(col1: ColumnOrName, col2: ColumnOrName, allowDifferentLgConfigK: bool | None = None) -> Column:
    """The HLL sketch of what either has seen."""
    return function("hll_union", expression(col1), expression(col2), *given_literals(allowDifferentLgConfigK))


def theta_sketch_agg(col: ColumnOrName, lgNomEntries: int | Column | None = None) -> Column:
    """The theta sketch of the values."""
    return function("theta_sketch_agg", expression(col), *given_literals(lgNomEntries))


def theta_union_agg(col: ColumnOrName, lgNomEntries: int | Column | None = None) -> Column:
    """The theta sketch of what any has seen."""
    return function("theta_union_agg", expression(col), *given_literals(lgNomEntries))


def theta_intersection_agg(col: ColumnOrName) -> Column:
    """The theta sketch of what each has seen."""
    return function("theta_intersection_agg", expression(col))


def theta_sketch_estimate(col: ColumnOrName) -> Column:
    """How many distinct values a theta sketch has seen."""
    return function("theta_sketch_estimate", expression(col))


def theta_union(col1: ColumnOrName, col2: ColumnOrName, lgNomEntries: int | Column | None = None) -> Column:
    """The theta sketch of what either has seen."""
    return function("theta_union", expression(col1), expression(col2), *given_literals(lgNomEntries))


def theta_intersection(col1: ColumnOrName, col2: ColumnOrName) -> Column:
    """The theta sketch of what both have seen."""
    return function("theta_intersection", expression(col1), expression(col2))


def theta_difference(col1: ColumnOrName, col2: ColumnOrName) -> Column:
    """The theta sketch of what the first has seen, and not the second."""
    return function("theta_difference", expression(col1), expression(col2))


def kll_sketch_agg_bigint(col: ColumnOrName, k: int | Column | None = None) -> Column:
    """The KLL sketch of numbers of type bigint."""
    return function("kll_sketch_agg_bigint", expression(col), *given_literals(k))


def kll_merge_agg_bigint(col: ColumnOrName, k: int | Column | None = None) -> Column:
    """The KLL sketch (bigint) of what all have seen."""
    return function("kll_merge_agg_bigint", expression(col), *given_literals(k))


def kll_sketch_to_string_bigint(col: ColumnOrName) -> Column:
    """What a KLL sketch (bigint) says of itself."""
    return function("kll_sketch_to_string_bigint", expression(col))


def kll_sketch_get_n_bigint(col: ColumnOrName) -> Column:
    """How many numbers a KLL sketch (bigint) has seen."""
    return function("kll_sketch_get_n_bigint", expression(col))


def kll_sketch_merge_bigint(left: ColumnOrName, right: ColumnOrName) -> Column:
    """The KLL sketch (bigint) of what both have seen."""
    return function("kll_sketch_merge_bigint", expression(left), expression(right))


def kll_sketch_get_quantile_bigint(sketch: ColumnOrName, rank: ColumnOrName) -> Column:
    """The number of a rank, of a KLL sketch (bigint)."""
    return function("kll_sketch_get_quantile_bigint", expression(sketch), expression(rank))


def kll_sketch_get_rank_bigint(sketch: ColumnOrName, quantile: ColumnOrName) -> Column:
    """The rank of a number, in a KLL sketch (bigint)."""
    return function("kll_sketch_get_rank_bigint", expression(sketch), expression(quantile))


def kll_sketch_agg_float(col: ColumnOrName, k: int | Column | None = None) -> Column:
    """The KLL sketch of numbers of type float."""
    return function("kll_sketch_agg_float", expression(col), *given_literals(k))


def kll_merge_agg_float(col: ColumnOrName, k: int | Column | None = None) -> Column:
    """The KLL sketch (float) of what all have seen."""
    return function("kll_merge_agg_float", expression(col), *given_literals(k))


def kll_sketch_to_string_float(col: ColumnOrName) -> Column:
    """What a KLL sketch (float) says of itself."""
    return function("kll_sketch_to_string_float", expression(col))


def kll_sketch_get_n_float(col: ColumnOrName) -> Column:
    """How many numbers a KLL sketch (float) has seen."""
    return function("kll_sketch_get_n_float", expression(col))


def kll_sketch_merge_float(left: ColumnOrName, right: ColumnOrName) -> Column:
    """The KLL sketch (float) of what both have seen."""
    return function("kll_sketch_merge_float", expression(left), expression(right))


def kll_sketch_get_quantile_float(sketch: ColumnOrName, rank: ColumnOrName) -> Column:
    """The number of a rank, of a KLL sketch (float)."""
    return function("kll_sketch_get_quantile_float", expression(sketch), expression(rank))


def kll_sketch_get_rank_float(sketch: ColumnOrName, quantile: ColumnOrName) -> Column:
    """The rank of a number, in a KLL sketch (float)."""
    return function("kll_sketch_get_rank_float", expression(sketch), expression(quantile))


def kll_sketch_agg_double(col: ColumnOrName, k: int | Column | None = None) -> Column:
    """The KLL sketch of numbers of type double."""
    return function("kll_sketch_agg_double", expression(col), *given_literals(k))


def kll_merge_agg_double(col: ColumnOrName, k: int | Column | None = None) -> Column:
    """The KLL sketch (double) of what all have seen."""
    return function("kll_merge_agg_double", expression(col), *given_literals(k))


def kll_sketch_to_string_double(col: ColumnOrName) -> Column:
    """What a KLL sketch (double) says of itself."""
    return function("kll_sketch_to_string_double", expression(col))


def kll_sketch_get_n_double(col: ColumnOrName) -> Column:
    """How many numbers a KLL sketch (double) has seen."""
    return function("kll_sketch_get_n_double", expression(col))


def kll_sketch_merge_double(left: ColumnOrName, right: ColumnOrName) -> Column:
    """The KLL sketch (double) of what both have seen."""
    return function("kll_sketch_merge_double", expression(left), expression(right))


def kll_sketch_get_quantile_double(sketch: ColumnOrName, rank: ColumnOrName) -> Column:
    """The number of a rank, of a KLL sketch (double)."""
    return function("kll_sketch_get_quantile_double", expression(sketch), expression(rank))


def kll_sketch_get_rank_double(sketch: ColumnOrName, quantile: ColumnOrName) -> Column:
    """The rank of a number, in a KLL sketch (double)."""
    return function("kll_sketch_get_rank_double", expression(sketch), expression(quantile))
