"""Bitmaps, histograms, vectors, digests and ciphers."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from streamcore.sql.functions.building import ColumnOrName, expression, function, given_columns, literal

if TYPE_CHECKING:
    from sqlglot import exp

    from streamcore.sql.column import Column


def bitmap_bit_position(col: ColumnOrName) -> Column:
    """The bit of a number within its bitmap."""
    return function("bitmap_bit_position", expression(col))


def bitmap_bucket_number(col: ColumnOrName) -> Column:
    """The bitmap that a number belongs to."""
    return function("bitmap_bucket_number", expression(col))


def bitmap_construct_agg(col: ColumnOrName) -> Column:
    """The bitmap in which the bits of all rows are set."""
    return function("bitmap_construct_agg", expression(col))


def bitmap_count(col: ColumnOrName) -> Column:
    """How many bits of a bitmap are set."""
    return function("bitmap_count", expression(col))


def bitmap_or_agg(col: ColumnOrName) -> Column:
    """The bits set in any bitmap."""
    return function("bitmap_or_agg", expression(col))


def bitmap_and_agg(col: ColumnOrName) -> Column:
    """The bits set in every bitmap."""
    return function("bitmap_and_agg", expression(col))


def vector_cosine_similarity(left: ColumnOrName, right: ColumnOrName) -> Column:
    """The cosine of the angle between two arrays of floats."""
    return function("vector_cosine_similarity", expression(left), expression(right))


def vector_inner_product(left: ColumnOrName, right: ColumnOrName) -> Column:
    """The sum of the products of two arrays of floats."""
    return function("vector_inner_product", expression(left), expression(right))


def vector_l2_distance(left: ColumnOrName, right: ColumnOrName) -> Column:
    """The Euclidean distance of two arrays of floats."""
    return function("vector_l2_distance", expression(left), expression(right))


def vector_avg(col: ColumnOrName) -> Column:
    """The average of arrays of floats, by place."""
    return function("vector_avg", expression(col))


def vector_sum(col: ColumnOrName) -> Column:
    """The sum of arrays of floats, by place."""
    return function("vector_sum", expression(col))


def vector_norm(vector: ColumnOrName, degree: ColumnOrName | None = None) -> Column:
    """The norm of an array of floats."""
    return function("vector_norm", expression(vector), *given_columns(degree))


def vector_normalize(vector: ColumnOrName, degree: ColumnOrName | None = None) -> Column:
    """An array of floats divided by its norm."""
    return function("vector_normalize", expression(vector), *given_columns(degree))


def histogram_numeric(col: ColumnOrName, nBins: Column) -> Column:
    """Bins of numbers, so many: where each stands and how many it holds."""
    return function("histogram_numeric", expression(col), expression(nBins))


def collect_union(col: ColumnOrName) -> Column:
    """The distinct elements of all arrays."""
    return function("collect_union", expression(col))


def count_min_sketch(
    col: ColumnOrName, eps: Column | float, confidence: Column | float, seed: Column | int | None = None
) -> Column:
    """A sketch of how often values occur, as Spark writes it; without a seed one is drawn."""
    given = random.randrange(1 << 31) if seed is None else seed
    return function("count_min_sketch", expression(col), literal(eps), literal(confidence), literal(given))


def hmac(key: ColumnOrName, message: ColumnOrName, algorithm: ColumnOrName | None = None) -> Column:
    """The keyed digest of a message."""
    return function("hmac", expression(key), expression(message), *given_columns(algorithm))


def aes_encrypt(
    input: ColumnOrName,
    key: ColumnOrName,
    mode: ColumnOrName | None = None,
    padding: ColumnOrName | None = None,
    iv: ColumnOrName | None = None,
    aad: ColumnOrName | None = None,
) -> Column:
    """The value under a key, by AES (the extra `crypto`)."""
    given = _with_defaults((mode, "GCM"), (padding, "DEFAULT"), (iv, ""), (aad, ""))
    return function("aes_encrypt", expression(input), expression(key), *given)


def aes_decrypt(
    input: ColumnOrName,
    key: ColumnOrName,
    mode: ColumnOrName | None = None,
    padding: ColumnOrName | None = None,
    aad: ColumnOrName | None = None,
) -> Column:
    """What `aes_encrypt` was given."""
    given = _with_defaults((mode, "GCM"), (padding, "DEFAULT"), (aad, ""))
    return function("aes_decrypt", expression(input), expression(key), *given)


def try_aes_decrypt(
    input: ColumnOrName,
    key: ColumnOrName,
    mode: ColumnOrName | None = None,
    padding: ColumnOrName | None = None,
    aad: ColumnOrName | None = None,
) -> Column:
    """As `aes_decrypt`; null where it fails."""
    given = _with_defaults((mode, "GCM"), (padding, "DEFAULT"), (aad, ""))
    return function("try_aes_decrypt", expression(input), expression(key), *given)


def _with_defaults(*given: tuple[ColumnOrName | None, str]) -> list[exp.Expression]:
    return [literal(default) if one is None else expression(one) for one, default in given]
