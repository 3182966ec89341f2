"""Alternating least squares as an estimator, and its model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.base import Estimator, Model
from streamcore.models.ml.columns import computed
from streamcore.models.ml.param import keyword_only
from streamcore.models.ml.persistence import read_table, write_table
from streamcore.models.ml.recommendation.factors import Factors, Settings, best, factorised
from streamcore.models.ml.recommendation.params import _ALSModelParams, _ALSParams
from streamcore.models.ml.recommendation.rating import (
    Rated,
    factors_of,
    ids_of,
    ratings_of,
    recommendations,
    table_of,
)
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.schemas import require_numeric
from streamcore.spi.types import FloatType, StructField

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame


class ALS(_ALSParams, Estimator["ALSModel"], Saved):
    """Learns vectors of users and items whose products are their ratings.

    The same ratings and the same seed lead to the same factors as in Spark.

    >>> from streamcore import Session
    >>> rows = [(0, 0, 4.0), (0, 1, 2.0), (1, 1, 3.0), (1, 2, 4.0), (2, 1, 1.0), (2, 2, 5.0)]
    >>> ratings = Session.builder.getOrCreate().createDataFrame(rows, ["user", "item", "rating"])
    >>> model = ALS(rank=10, maxIter=5, seed=0).fit(ratings)
    >>> round(model.transform(ratings).first().prediction, 3)
    3.91
    """

    @keyword_only
    def __init__(
        self,
        *,
        rank: int = 10,
        maxIter: int = 10,
        regParam: float = 0.1,
        numUserBlocks: int = 10,
        numItemBlocks: int = 10,
        implicitPrefs: bool = False,
        alpha: float = 1.0,
        userCol: str = "user",
        itemCol: str = "item",
        seed: int | None = None,
        ratingCol: str = "rating",
        nonnegative: bool = False,
        checkpointInterval: int = 10,
        intermediateStorageLevel: str = "MEMORY_AND_DISK",
        finalStorageLevel: str = "MEMORY_AND_DISK",
        coldStartStrategy: str = "nan",
        blockSize: int = 4096,
    ) -> None:
        super().__init__()
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        rank: int = 10,
        maxIter: int = 10,
        regParam: float = 0.1,
        numUserBlocks: int = 10,
        numItemBlocks: int = 10,
        implicitPrefs: bool = False,
        alpha: float = 1.0,
        userCol: str = "user",
        itemCol: str = "item",
        seed: int | None = None,
        ratingCol: str = "rating",
        nonnegative: bool = False,
        checkpointInterval: int = 10,
        intermediateStorageLevel: str = "MEMORY_AND_DISK",
        finalStorageLevel: str = "MEMORY_AND_DISK",
        coldStartStrategy: str = "nan",
        blockSize: int = 4096,
    ) -> Self:
        """Set the parameters given."""
        return self._set(**self._input_kwargs)

    def setRank(self, value: int) -> Self:
        """Set `rank`."""
        return self._set(rank=value)

    def setMaxIter(self, value: int) -> Self:
        """Set `maxIter`."""
        return self._set(maxIter=value)

    def setRegParam(self, value: float) -> Self:
        """Set `regParam`."""
        return self._set(regParam=value)

    def setNumUserBlocks(self, value: int) -> Self:
        """Set `numUserBlocks`."""
        return self._set(numUserBlocks=value)

    def setNumItemBlocks(self, value: int) -> Self:
        """Set `numItemBlocks`."""
        return self._set(numItemBlocks=value)

    def setImplicitPrefs(self, value: bool) -> Self:
        """Set `implicitPrefs`."""
        return self._set(implicitPrefs=value)

    def setAlpha(self, value: float) -> Self:
        """Set `alpha`."""
        return self._set(alpha=value)

    def setSeed(self, value: int) -> Self:
        """Set `seed`."""
        return self._set(seed=value)

    def setRatingCol(self, value: str) -> Self:
        """Set `ratingCol`."""
        return self._set(ratingCol=value)

    def setNonnegative(self, value: bool) -> Self:
        """Set `nonnegative`."""
        return self._set(nonnegative=value)

    def setCheckpointInterval(self, value: int) -> Self:
        """Set `checkpointInterval`."""
        return self._set(checkpointInterval=value)

    def setIntermediateStorageLevel(self, value: str) -> Self:
        """Set `intermediateStorageLevel`."""
        return self._set(intermediateStorageLevel=value)

    def setFinalStorageLevel(self, value: str) -> Self:
        """Set `finalStorageLevel`."""
        return self._set(finalStorageLevel=value)

    def setNumBlocks(self, value: int) -> Self:
        """Set `numUserBlocks` and `numItemBlocks`."""
        return self._set(numUserBlocks=value, numItemBlocks=value)

    def _fit(self, dataset: DataFrame) -> ALSModel:
        users, items, ratings = ratings_of(dataset, self.getUserCol(), self.getItemCol(), self.getRatingCol())
        settings = Settings(
            rank=self.getRank(),
            maxIter=self.getMaxIter(),
            regParam=self.getRegParam(),
            alpha=self.getAlpha(),
            implicitPrefs=self.getImplicitPrefs(),
            nonnegative=self.getNonnegative(),
            numUserBlocks=self.getNumUserBlocks(),
            numItemBlocks=self.getNumItemBlocks(),
            seed=self.getSeed(),
        )
        model = ALSModel(*factorised(users, items, ratings, settings))
        return self._copyValues(model._resetUid(self.uid))


class ALSModel(Model, _ALSModelParams, Saved):
    """The factors of users and items; rates pairs of them, and recommends."""

    def __init__(self, users: Factors, items: Factors) -> None:
        super().__init__()
        self._users = users
        self._items = items

    def __repr__(self) -> str:
        return f"ALSModel: uid={self.uid}, rank={self.rank}"

    @property
    def rank(self) -> int:
        """How many numbers stand for a user or an item."""
        return int(self._users.vectors.shape[1])

    @property
    def userFactors(self) -> DataFrame:
        """A row (id, features) for each user."""
        return _frame(table_of(self._users))

    @property
    def itemFactors(self) -> DataFrame:
        """A row (id, features) for each item."""
        return _frame(table_of(self._items))

    def recommendForAllUsers(self, numItems: int) -> DataFrame:
        """For every user the `numItems` items of the highest rating."""
        return self._recommended(self._users, self._items, numItems, self.getUserCol(), self.getItemCol())

    def recommendForAllItems(self, numUsers: int) -> DataFrame:
        """For every item the `numUsers` users of the highest rating."""
        return self._recommended(self._items, self._users, numUsers, self.getItemCol(), self.getUserCol())

    def recommendForUserSubset(self, dataset: DataFrame, numItems: int) -> DataFrame:
        """As `recommendForAllUsers`, for the users of the dataset that are known."""
        users = _only(self._users, dataset, self.getUserCol())
        return self._recommended(users, self._items, numItems, self.getUserCol(), self.getItemCol())

    def recommendForItemSubset(self, dataset: DataFrame, numUsers: int) -> DataFrame:
        """As `recommendForAllItems`, for the items of the dataset that are known."""
        items = _only(self._items, dataset, self.getItemCol())
        return self._recommended(items, self._users, numUsers, self.getItemCol(), self.getUserCol())

    def _recommended(self, source: Factors, other: Factors, count: int, own: str, named: str) -> DataFrame:
        if count < 1:
            raise IllegalArgumentException(f"Recommendations are asked for by a number above 0, not {count}")
        ids, ratings = best(source.vectors, other, count, rows_at_once=self.getBlockSize())
        return _frame(recommendations(source.ids, ids, ratings, own, named))

    def _transform(self, dataset: DataFrame) -> DataFrame:
        for name in (self.getUserCol(), self.getItemCol()):
            require_numeric(dataset.schema, name)
        if self.getPredictionCol() in dataset.columns:
            raise IllegalArgumentException(
                f"requirement failed: Column {self.getPredictionCol()} already exists."
            )
        rated = Rated(
            self._users,
            self._items,
            self.getUserCol(),
            self.getItemCol(),
            self.getColdStartStrategy().lower() == "drop",
        )
        output = StructField(self.getPredictionCol(), FloatType(), nullable=False)
        return computed(dataset, [self.getUserCol(), self.getItemCol()], [output], rated)

    def _extra_metadata(self) -> dict[str, Any]:
        return {"rank": self.rank}

    def _save_parts(self, folder: Path) -> None:
        write_table(folder, table_of(self._users), "userFactors")
        write_table(folder, table_of(self._items), "itemFactors")

    @classmethod
    def _load_parts(cls, folder: Path, metadata: Mapping[str, Any]) -> Self:
        rank = int(metadata["rank"])
        return cls(
            factors_of(read_table(folder, "userFactors"), rank),
            factors_of(read_table(folder, "itemFactors"), rank),
        )


def _only(factors: Factors, dataset: DataFrame, column: str) -> Factors:
    kept = np.isin(factors.ids, ids_of(dataset, column))
    return Factors(factors.ids[kept], factors.vectors[kept])


def _frame(table: Any) -> DataFrame:
    from streamcore.sql.session import Session

    return Session.active().createDataFrame(table)
