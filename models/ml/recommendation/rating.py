"""Ratings and factors between tables and numpy's arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from streamcore.errors import IllegalArgumentException, QueryExecutionException
from streamcore.models.ml.matrices import named
from streamcore.models.ml.recommendation.factors import Bools, Factors, Floats, Ids, Places, products
from streamcore.models.ml.schemas import require_numeric
from streamcore.spi.computed import Computed

if TYPE_CHECKING:
    from streamcore.sql.dataframe import DataFrame

_LOWEST, _HIGHEST = -(1 << 31), (1 << 31) - 1


def ratings_of(dataset: DataFrame, user: str, item: str, rating: str) -> tuple[Ids, Ids, Floats]:
    """Users, items and ratings of a dataset; an empty name of the rating's column stands for 1.0."""
    asked = [user, item, *([rating] if rating else [])]
    for name in asked:
        require_numeric(dataset.schema, name)
    columns = [named(dataset, user), named(dataset, item)]
    if rating:
        columns.append(named(dataset, rating).cast("float"))
    table = dataset.select(*columns).toArrow()
    if not table.num_rows:
        raise IllegalArgumentException("requirement failed: No ratings available: the dataset has no row")
    users, items = whole_numbers(table.column(0), user), whole_numbers(table.column(1), item)
    found = table.column(2).to_numpy() if rating else np.ones(len(users))
    if np.isnan(found).any():
        raise QueryExecutionException("Ratings MUST NOT be Null or NaN")
    return users, items, found.astype(np.float32)


def ids_of(dataset: DataFrame, column: str) -> Ids:
    """The ids of a column."""
    require_numeric(dataset.schema, column)
    table = dataset.select(named(dataset, column)).distinct().toArrow()
    return whole_numbers(table.column(0), column)


def whole_numbers(column: pa.ChunkedArray, name: str) -> Ids:
    """A column of ids; QueryExecutionException for one that is null, has a fraction or more than 32 bits."""
    if column.null_count:
        raise QueryExecutionException(f"{name} Ids MUST NOT be Null")
    if pa.types.is_int32(column.type):
        return np.asarray(column.to_numpy(), np.int32)
    values = np.asarray(column.cast(pa.float64(), safe=False).to_numpy(), np.float64)
    wrong = values[~((values == np.floor(values)) & (values >= _LOWEST) & (values <= _HIGHEST))]
    if len(wrong):
        raise QueryExecutionException(
            "ALS only supports non-Null values in Integer range and without fractional part for column "
            f"{name}, but got {wrong[0]}"
        )
    return values.astype(np.int32)


@dataclass(frozen=True, eq=False)
class Rated:
    """The rating of each pair of a user and an item; NaN, or no row, where one of them is unknown."""

    users: Factors
    items: Factors
    user: str
    item: str
    drop: bool

    def __call__(self, rows: pa.Table) -> Computed:
        """One column of floats."""
        user, knows_user = _places(self.users.ids, whole_numbers(rows.column(0), self.user))
        item, knows_item = _places(self.items.ids, whole_numbers(rows.column(1), self.item))
        known = knows_user & knows_item
        ratings = np.full(rows.num_rows, np.nan, np.float32)
        ratings[known] = products(self.users.vectors[user[known]], self.items.vectors[item[known]])
        return Computed([pa.array(ratings)], pa.array(~np.isnan(ratings)) if self.drop else None)


def _places(ids: Ids, asked: Ids) -> tuple[Places, Bools]:
    places = np.minimum(np.searchsorted(ids, asked), len(ids) - 1)
    return places, ids[places] == asked


def table_of(factors: Factors) -> pa.Table:
    """Factors as rows (id, features)."""
    rows, rank = factors.vectors.shape
    offsets = pa.array(np.arange(rows + 1, dtype=np.int32) * rank)
    kind = pa.list_(pa.field("element", pa.float32(), nullable=False))
    vectors = pa.ListArray.from_arrays(offsets, pa.array(factors.vectors.ravel()), type=kind)
    fields = [pa.field("id", pa.int32(), nullable=False), pa.field("features", kind)]
    return pa.table([pa.array(factors.ids), vectors], schema=pa.schema(fields))


def factors_of(table: pa.Table, rank: int) -> Factors:
    """Factors of rows (id, features), in any order."""
    ids = np.asarray(table.column("id").to_numpy(), np.int32)
    flat = table.column("features").combine_chunks()
    values = pa.concat_arrays(flat.chunks).flatten() if isinstance(flat, pa.ChunkedArray) else flat.flatten()
    vectors = np.asarray(values.to_numpy(), np.float32)
    if len(vectors) != len(ids) * rank:
        raise IllegalArgumentException(f"Factors of rank {rank} have another number of entries in the file")
    order = np.argsort(ids, kind="stable")
    return Factors(ids[order], vectors.reshape(len(ids), rank)[order])


def recommendations(source: Ids, ids: Ids, ratings: Floats, own: str, other: str) -> pa.Table:
    """Rows (id, recommendations), these a list of (id, rating)."""
    rows, count = ids.shape
    pairs = pa.StructArray.from_arrays(
        [pa.array(ids.ravel()), pa.array(ratings.ravel())],
        fields=[pa.field(other, pa.int32()), pa.field("rating", pa.float32())],
    )
    lists = pa.ListArray.from_arrays(pa.array(np.arange(rows + 1, dtype=np.int32) * count), pairs)
    fields = [pa.field(own, pa.int32(), nullable=False), pa.field("recommendations", lists.type)]
    return pa.table([pa.array(source), lists], schema=pa.schema(fields))
