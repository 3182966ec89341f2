"""Recommendations of RDDs of ratings."""

from __future__ import annotations

import array
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.persistence import read_table, write_table
from streamcore.models.ml.recommendation.factors import Factors, Settings, best, factorised
from streamcore.models.ml.recommendation.rating import factors_of, table_of, whole_numbers
from streamcore.models.mllib.saving import SavedFolder
from streamcore.rdd.rdd import RDD
from streamcore.sql.dataframe import DataFrame

if TYPE_CHECKING:
    from typing import Self

    from streamcore.context import Context

__all__ = ["ALS", "MatrixFactorizationModel", "Rating"]

_ROWS_AT_ONCE = 4096


class Rating(NamedTuple):
    """What a user thinks of a product.

    >>> Rating(1, 2, 5.0).rating
    5.0
    """

    user: int
    product: int
    rating: float


class MatrixFactorizationModel(SavedFolder):
    """The factors of users and products; rates pairs of them, and recommends."""

    def __init__(self, sc: Context, users: Factors, products: Factors) -> None:
        self._sc, self._users, self._products = sc, users, products

    @property
    def rank(self) -> int:
        """How many numbers stand for a user or a product."""
        return int(self._users.vectors.shape[1])

    def predict(self, user: int, product: int) -> float:
        """The rating of a pair; IllegalArgumentException where one of them is not known."""
        return _rated(_vector(self._users, user, "userId"), _vector(self._products, product, "productId"))

    def predictAll(self, user_product: RDD[Any]) -> RDD[Rating]:
        """The ratings of those pairs whose user and product are known."""
        if len(user_product.first()) != 2:
            raise TypeError("user_product should be RDD of (user, product)")
        users, products = _by_id(self._users), _by_id(self._products)

        def ratings(pair: tuple[int, int]) -> list[Rating]:
            user, product = int(pair[0]), int(pair[1])
            if user not in users or product not in products:
                return []
            return [Rating(user, product, _rated(users[user], products[product]))]

        return user_product.flatMap(ratings)

    def userFeatures(self) -> RDD[tuple[int, array.array[float]]]:
        """Each user with its factors."""
        return self._features(self._users)

    def productFeatures(self) -> RDD[tuple[int, array.array[float]]]:
        """Each product with its factors."""
        return self._features(self._products)

    def recommendUsers(self, product: int, num: int) -> list[Rating]:
        """The `num` users of the highest rating for a product, the highest first."""
        source = _one(self._products, product, "productId")
        return [
            Rating(user, product, rating) for _, found in _best(source, self._users, num)
            for user, rating in found
        ]  # fmt: skip

    def recommendProducts(self, user: int, num: int) -> list[Rating]:
        """The `num` products of the highest rating for a user, the highest first."""
        source = _one(self._users, user, "userId")
        return [
            Rating(user, product, rating) for _, found in _best(source, self._products, num)
            for product, rating in found
        ]  # fmt: skip

    def recommendProductsForUsers(self, num: int) -> RDD[tuple[int, tuple[Rating, ...]]]:
        """`recommendProducts` for each user."""
        return self._sc.parallelize(
            [
                (user, tuple(Rating(user, product, rating) for product, rating in found))
                for user, found in _best(self._users, self._products, num)
            ]
        )

    def recommendUsersForProducts(self, num: int) -> RDD[tuple[int, tuple[Rating, ...]]]:
        """`recommendUsers` for each product."""
        return self._sc.parallelize(
            [
                (product, tuple(Rating(user, product, rating) for user, rating in found))
                for product, found in _best(self._products, self._users, num)
            ]
        )

    def _features(self, factors: Factors) -> RDD[tuple[int, array.array[float]]]:
        pairs = zip(factors.ids.tolist(), factors.vectors.tolist(), strict=True)
        return self._sc.parallelize([(own, array.array("d", vector)) for own, vector in pairs])

    def _about(self) -> dict[str, Any]:
        return {"rank": self.rank}

    def _write(self, folder: Path) -> None:
        for name, factors in (("user", self._users), ("product", self._products)):
            table = table_of(factors)
            kind = pa.list_(pa.field("element", pa.float64(), nullable=False))
            write_table(folder / "data", table.set_column(1, "features", table.column(1).cast(kind)), name)

    @classmethod
    def _read(cls, sc: Context, metadata: dict[str, Any], folder: Path) -> Self:
        users, products = (read_table(folder / "data", name) for name in ("user", "product"))
        rank = int(metadata["rank"])
        return cls(sc, factors_of(users, rank), factors_of(products, rank))


class ALS:
    """Learns factors of users and products whose products are their ratings, by alternating least squares.

    The same ratings, blocks and seed lead to the same factors as in Spark.
    """

    @classmethod
    def train(
        cls,
        ratings: RDD[Any] | DataFrame,
        rank: int,
        iterations: int = 5,
        lambda_: float = 0.01,
        blocks: int = -1,
        nonnegative: bool = False,
        seed: int | None = None,
    ) -> MatrixFactorizationModel:
        """Learn from ratings (user, product, rating); without a seed the clock is one."""
        return _trained(ratings, rank, iterations, lambda_, blocks, None, nonnegative, seed)

    @classmethod
    def trainImplicit(
        cls,
        ratings: RDD[Any] | DataFrame,
        rank: int,
        iterations: int = 5,
        lambda_: float = 0.01,
        blocks: int = -1,
        alpha: float = 0.01,
        nonnegative: bool = False,
        seed: int | None = None,
    ) -> MatrixFactorizationModel:
        """As `train`, of ratings that are how sure a preference is; sureness grows by `alpha`."""
        return _trained(ratings, rank, iterations, lambda_, blocks, alpha, nonnegative, seed)


def _trained(
    ratings: Any,
    rank: int,
    iterations: int,
    regularization: float,
    blocks: int,
    alpha: float | None,
    nonnegative: bool,
    seed: int | None,
) -> MatrixFactorizationModel:
    data = _rdd_of(ratings)
    _require(rank > 0, f"Rank of the feature matrices must be positive but got {rank}")
    _require(iterations >= 0, f"Number of iterations must be nonnegative but got {iterations}")
    _require(regularization >= 0, f"Regularization parameter must be nonnegative but got {regularization}")
    _require(blocks == -1 or blocks > 0, f"Number of blocks must be -1 or positive but got {blocks}")
    if blocks == -1:
        blocks = max(data.context.defaultParallelism, data.getNumPartitions() // 2)
    settings = Settings(
        rank=rank,
        maxIter=iterations,
        regParam=float(regularization),
        alpha=1.0 if alpha is None else float(alpha),
        implicitPrefs=alpha is not None,
        nonnegative=nonnegative,
        numUserBlocks=blocks,
        numItemBlocks=blocks,
        seed=time.time_ns() if seed is None else seed,
    )
    users, products, given = zip(*data.map(_three).collect(), strict=True)
    user = whole_numbers(pa.chunked_array([pa.array(users)]), "user")
    product = whole_numbers(pa.chunked_array([pa.array(products)]), "product")
    found = factorised(user, product, np.array(given, np.float32), settings)
    return MatrixFactorizationModel(data.context, *found)


def _rdd_of(ratings: Any) -> RDD[Any]:
    if not isinstance(ratings, RDD | DataFrame):
        raise TypeError(
            f"Ratings should be represented by either an RDD or a DataFrame, but got {type(ratings)}."
        )
    data: RDD[Any] = ratings if isinstance(ratings, RDD) else ratings.rdd
    first = data.first()
    if not isinstance(first, tuple | list):
        raise TypeError(f"Expect a Rating or a tuple/list, but got {type(first)}.")
    return data


def _three(row: Any) -> tuple[int, int, float]:
    user, product, rating = row
    return user, product, float(rating)


def _require(fine: bool, message: str) -> None:
    if not fine:
        raise IllegalArgumentException(f"requirement failed: {message}")


def _by_id(factors: Factors) -> dict[int, Any]:
    return dict(zip(factors.ids.tolist(), factors.vectors, strict=True))


def _one(factors: Factors, own: int, name: str) -> Factors:
    """The factors of one id; IllegalArgumentException where it is not known."""
    here = factors.ids == int(own)
    _require(bool(here.any()), f"{name}: {own} not found in the model")
    return Factors(factors.ids[here], factors.vectors[here])


def _vector(factors: Factors, own: int, name: str) -> Any:
    return _one(factors, own, name).vectors[0]


def _rated(left: Any, right: Any) -> float:
    return float(left.astype(np.float64) @ right.astype(np.float64))


def _best(source: Factors, other: Factors, count: int) -> list[tuple[int, list[tuple[int, float]]]]:
    """For each id of `source` the ids of `other` with the highest ratings, and these."""
    if count < 1:
        return []
    ids, _ = best(source.vectors, other, count, rows_at_once=_ROWS_AT_ONCE)
    vectors = _by_id(other)
    return [
        (own, [(found, _rated(vector, vectors[found])) for found in row])
        for own, vector, row in zip(source.ids.tolist(), source.vectors, ids.tolist(), strict=True)
    ]
