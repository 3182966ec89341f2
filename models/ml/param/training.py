"""Parameters of training."""

from __future__ import annotations

from streamcore.models.ml.names import spark_class_of
from streamcore.models.ml.param import Param, Params, TypeConverters
from streamcore.models.ml.param.validators import at_least, greater, one_of, within


def stable_seed(owner: type) -> int:
    """The seed of a class where none is given: Spark's, the hash of the class's name on the JVM."""
    name = spark_class_of(owner)
    value = 0
    for character in name:
        value = (31 * value + ord(character)) & 0xFFFFFFFF
    return value - (1 << 32) if value >= 1 << 31 else value


def _thresholds_fit(values: list[float]) -> bool:
    return all(value >= 0 for value in values) and values.count(0) <= 1


class HasNumFeatures(Params):
    """Has the parameter `numFeatures`."""

    numFeatures: Param[int] = Param(
        Params._dummy(),
        "numFeatures",
        "the number of features (> 0).",
        TypeConverters.toInt,
        greater(0),
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(numFeatures=262144)

    def getNumFeatures(self) -> int:
        """The value of `numFeatures`, or its default."""
        return self.getOrDefault(self.numFeatures)


class HasCheckpointInterval(Params):
    """Has the parameter `checkpointInterval`."""

    checkpointInterval: Param[int] = Param(
        Params._dummy(),
        "checkpointInterval",
        "after how many iterations intermediate results are checkpointed (>= 1), or -1 for never.",
        TypeConverters.toInt,
        lambda value: value == -1 or value >= 1,
    )

    def getCheckpointInterval(self) -> int:
        """The value of `checkpointInterval`, or its default."""
        return self.getOrDefault(self.checkpointInterval)


class HasSeed(Params):
    """Has the parameter `seed`."""

    seed: Param[int] = Param(
        Params._dummy(),
        "seed",
        "the seed of what is random.",
        TypeConverters.toInt,
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(seed=stable_seed(type(self)))

    def getSeed(self) -> int:
        """The value of `seed`, or its default."""
        return self.getOrDefault(self.seed)


class HasRelativeError(Params):
    """Has the parameter `relativeError`."""

    relativeError: Param[float] = Param(
        Params._dummy(),
        "relativeError",
        "the relative precision of approximate quantiles, in [0, 1].",
        TypeConverters.toFloat,
        within(0, 1),
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(relativeError=0.001)

    def getRelativeError(self) -> float:
        """The value of `relativeError`, or its default."""
        return self.getOrDefault(self.relativeError)


class HasThresholds(Params):
    """Has the parameter `thresholds`."""

    thresholds: Param[list[float]] = Param(
        Params._dummy(),
        "thresholds",
        "for each class by what its probability is divided before the highest wins: as many as "
        "classes, none negative, at most one zero.",
        TypeConverters.toListFloat,
        _thresholds_fit,
    )

    def getThresholds(self) -> list[float]:
        """The value of `thresholds`, or its default."""
        return self.getOrDefault(self.thresholds)


class HasThreshold(Params):
    """Has the parameter `threshold`."""

    threshold: Param[float] = Param(
        Params._dummy(),
        "threshold",
        "from which probability on the positive class is predicted, in [0, 1].",
        TypeConverters.toFloat,
        within(0, 1),
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(threshold=0.5)

    def getThreshold(self) -> float:
        """The value of `threshold`, or its default."""
        return self.getOrDefault(self.threshold)


class HasAggregationDepth(Params):
    """Has the parameter `aggregationDepth`."""

    aggregationDepth: Param[int] = Param(
        Params._dummy(),
        "aggregationDepth",
        "the depth of the tree of partial sums (>= 2).",
        TypeConverters.toInt,
        at_least(2),
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(aggregationDepth=2)

    def getAggregationDepth(self) -> int:
        """The value of `aggregationDepth`, or its default."""
        return self.getOrDefault(self.aggregationDepth)


class HasParallelism(Params):
    """Has the parameter `parallelism`."""

    parallelism: Param[int] = Param(
        Params._dummy(),
        "parallelism",
        "how many threads run parallel algorithms (>= 1).",
        TypeConverters.toInt,
        at_least(1),
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(parallelism=1)

    def getParallelism(self) -> int:
        """The value of `parallelism`, or its default."""
        return self.getOrDefault(self.parallelism)


class HasCollectSubModels(Params):
    """Has the parameter `collectSubModels`."""

    collectSubModels: Param[bool] = Param(
        Params._dummy(),
        "collectSubModels",
        "whether all models of a search are kept, and not only the best; they may need much memory.",
        TypeConverters.toBoolean,
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(collectSubModels=False)

    def getCollectSubModels(self) -> bool:
        """The value of `collectSubModels`, or its default."""
        return self.getOrDefault(self.collectSubModels)


class HasDistanceMeasure(Params):
    """Has the parameter `distanceMeasure`."""

    distanceMeasure: Param[str] = Param(
        Params._dummy(),
        "distanceMeasure",
        "how distance is measured: euclidean or cosine.",
        TypeConverters.toString,
        one_of("euclidean", "cosine"),
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(distanceMeasure="euclidean")

    def getDistanceMeasure(self) -> str:
        """The value of `distanceMeasure`, or its default."""
        return self.getOrDefault(self.distanceMeasure)


class HasBlockSize(Params):
    """Has the parameter `blockSize`."""

    blockSize: Param[int] = Param(
        Params._dummy(),
        "blockSize",
        "how many rows go into one block of a partition (> 0).",
        TypeConverters.toInt,
        greater(0),
    )

    def getBlockSize(self) -> int:
        """The value of `blockSize`, or its default."""
        return self.getOrDefault(self.blockSize)


class HasMaxBlockSizeInMB(Params):
    """Has the parameter `maxBlockSizeInMB`."""

    maxBlockSizeInMB: Param[float] = Param(
        Params._dummy(),
        "maxBlockSizeInMB",
        "how many MB one block of a partition may take (>= 0); 0.0 leaves it to the algorithm.",
        TypeConverters.toFloat,
        at_least(0),
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(maxBlockSizeInMB=0.0)

    def getMaxBlockSizeInMB(self) -> float:
        """The value of `maxBlockSizeInMB`, or its default."""
        return self.getOrDefault(self.maxBlockSizeInMB)


class HasIntermediateStorageLevel(Params):
    """Has the parameter `intermediateStorageLevel`."""

    intermediateStorageLevel: Param[str] = Param(
        Params._dummy(),
        "intermediateStorageLevel",
        "the storage level of intermediate results; not NONE.",
        TypeConverters.toString,
        lambda value: value != "NONE",
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(intermediateStorageLevel="MEMORY_AND_DISK")

    def getIntermediateStorageLevel(self) -> str:
        """The value of `intermediateStorageLevel`, or its default."""
        return self.getOrDefault(self.intermediateStorageLevel)
