"""The parameters of ALS and of its models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.models.ml.param import Param, Params, TypeConverters
from streamcore.models.ml.param.shared import (
    HasBlockSize,
    HasCheckpointInterval,
    HasIntermediateStorageLevel,
    HasMaxIter,
    HasPredictionCol,
    HasRegParam,
    HasSeed,
)
from streamcore.models.ml.param.validators import at_least, either_case

if TYPE_CHECKING:
    from typing import Self


class _ALSModelParams(HasPredictionCol, HasBlockSize):
    """Which columns are read and written, and what becomes of unknown ids."""

    userCol: Param[str] = Param(
        Params._dummy(),
        "userCol",
        "the column with the ids of users: whole numbers of 32 bits.",
        TypeConverters.toString,
    )
    itemCol: Param[str] = Param(
        Params._dummy(),
        "itemCol",
        "the column with the ids of items: whole numbers of 32 bits.",
        TypeConverters.toString,
    )
    coldStartStrategy: Param[str] = Param(
        Params._dummy(),
        "coldStartStrategy",
        "what is predicted for users and items that were not learnt: nan, or drop for no row at all.",
        TypeConverters.toString,
        either_case("nan", "drop"),
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(blockSize=4096, userCol="user", itemCol="item", coldStartStrategy="nan")

    def getUserCol(self) -> str:
        """The value of `userCol`, or its default."""
        return self.getOrDefault(self.userCol)

    def getItemCol(self) -> str:
        """The value of `itemCol`, or its default."""
        return self.getOrDefault(self.itemCol)

    def getColdStartStrategy(self) -> str:
        """The value of `coldStartStrategy`, or its default."""
        return self.getOrDefault(self.coldStartStrategy)

    def setUserCol(self, value: str) -> Self:
        """Set `userCol`."""
        return self._set(userCol=value)

    def setItemCol(self, value: str) -> Self:
        """Set `itemCol`."""
        return self._set(itemCol=value)

    def setColdStartStrategy(self, value: str) -> Self:
        """Set `coldStartStrategy`."""
        return self._set(coldStartStrategy=value)

    def setPredictionCol(self, value: str) -> Self:
        """Set `predictionCol`."""
        return self._set(predictionCol=value)

    def setBlockSize(self, value: int) -> Self:
        """Set `blockSize`."""
        return self._set(blockSize=value)


class _ALSParams(
    _ALSModelParams, HasMaxIter, HasRegParam, HasCheckpointInterval, HasSeed, HasIntermediateStorageLevel
):
    """How ratings are factorised.

    Factors stay in memory while they are learnt, so that storage levels and checkpoints have nothing to do.
    """

    rank: Param[int] = Param(
        Params._dummy(),
        "rank",
        "how many numbers stand for a user or an item.",
        TypeConverters.toInt,
        at_least(1),
    )
    numUserBlocks: Param[int] = Param(
        Params._dummy(),
        "numUserBlocks",
        "in how many blocks of users the first factors are drawn.",
        TypeConverters.toInt,
        at_least(1),
    )
    numItemBlocks: Param[int] = Param(
        Params._dummy(),
        "numItemBlocks",
        "in how many blocks of items the first factors are drawn.",
        TypeConverters.toInt,
        at_least(1),
    )
    implicitPrefs: Param[bool] = Param(
        Params._dummy(),
        "implicitPrefs",
        "whether ratings are how sure a preference is, and not what was said.",
        TypeConverters.toBoolean,
    )
    alpha: Param[float] = Param(
        Params._dummy(),
        "alpha",
        "how much sureness grows with a rating, when preferences are implicit.",
        TypeConverters.toFloat,
        at_least(0),
    )
    ratingCol: Param[str] = Param(
        Params._dummy(),
        "ratingCol",
        "the column with the ratings; an empty name takes 1.0 for every row.",
        TypeConverters.toString,
    )
    nonnegative: Param[bool] = Param(
        Params._dummy(),
        "nonnegative",
        "whether factors may not be negative.",
        TypeConverters.toBoolean,
    )
    finalStorageLevel: Param[str] = Param(
        Params._dummy(),
        "finalStorageLevel",
        "the storage level of the factors, which stay in memory anyway.",
        TypeConverters.toString,
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(
            rank=10,
            maxIter=10,
            regParam=0.1,
            numUserBlocks=10,
            numItemBlocks=10,
            implicitPrefs=False,
            alpha=1.0,
            ratingCol="rating",
            nonnegative=False,
            checkpointInterval=10,
            finalStorageLevel="MEMORY_AND_DISK",
        )

    def getRank(self) -> int:
        """The value of `rank`, or its default."""
        return self.getOrDefault(self.rank)

    def getNumUserBlocks(self) -> int:
        """The value of `numUserBlocks`, or its default."""
        return self.getOrDefault(self.numUserBlocks)

    def getNumItemBlocks(self) -> int:
        """The value of `numItemBlocks`, or its default."""
        return self.getOrDefault(self.numItemBlocks)

    def getImplicitPrefs(self) -> bool:
        """The value of `implicitPrefs`, or its default."""
        return self.getOrDefault(self.implicitPrefs)

    def getAlpha(self) -> float:
        """The value of `alpha`, or its default."""
        return self.getOrDefault(self.alpha)

    def getRatingCol(self) -> str:
        """The value of `ratingCol`, or its default."""
        return self.getOrDefault(self.ratingCol)

    def getNonnegative(self) -> bool:
        """The value of `nonnegative`, or its default."""
        return self.getOrDefault(self.nonnegative)

    def getFinalStorageLevel(self) -> str:
        """The value of `finalStorageLevel`, or its default."""
        return self.getOrDefault(self.finalStorageLevel)
