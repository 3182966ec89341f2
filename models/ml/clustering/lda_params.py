"""The parameters of topics."""

from __future__ import annotations

from streamcore.models.ml.param import Param, Params, TypeConverters
from streamcore.models.ml.param.shared import HasCheckpointInterval, HasFeaturesCol, HasMaxIter, HasSeed
from streamcore.models.ml.param.validators import at_least, greater


class LDAParams(HasMaxIter, HasFeaturesCol, HasSeed, HasCheckpointInterval):
    """The parameters of LDA and of its models."""

    k: Param[int] = Param(
        Params._dummy(), "k", "how many topics there are (> 1)", TypeConverters.toInt, greater(1)
    )
    maxIter: Param[int] = Param(
        Params._dummy(), "maxIter", "how many iterations there are (>= 0)", TypeConverters.toInt, at_least(0)
    )
    optimizer: Param[str] = Param(
        Params._dummy(), "optimizer", "how topics are learnt: 'online' from samples, or by 'em' from all",
        TypeConverters.toString, lambda value: value.lower() in ("online", "em"),
    )  # fmt: skip
    learningOffset: Param[float] = Param(
        Params._dummy(), "learningOffset", "(online) the larger, the less first iterations count (> 0)",
        TypeConverters.toFloat, greater(0),
    )  # fmt: skip
    learningDecay: Param[float] = Param(
        Params._dummy(), "learningDecay", "(online) how fast later iterations count less (> 0)",
        TypeConverters.toFloat, greater(0),
    )  # fmt: skip
    subsamplingRate: Param[float] = Param(
        Params._dummy(), "subsamplingRate", "(online) which share of documents an iteration has, in (0, 1]",
        TypeConverters.toFloat, lambda value: 0 < value <= 1,
    )  # fmt: skip
    optimizeDocConcentration: Param[bool] = Param(
        Params._dummy(), "optimizeDocConcentration", "(online) whether docConcentration is learnt",
        TypeConverters.toBoolean,
    )  # fmt: skip
    docConcentration: Param[list[float]] = Param(
        Params._dummy(), "docConcentration",
        "what is assumed of documents: a number, or one for each topic; -1: default",
        TypeConverters.toListFloat,
    )  # fmt: skip
    topicConcentration: Param[float] = Param(
        Params._dummy(), "topicConcentration", "what is assumed of the terms of topics; -1: default",
        TypeConverters.toFloat,
    )  # fmt: skip
    topicDistributionCol: Param[str] = Param(
        Params._dummy(), "topicDistributionCol", "the column with the shares of topics; zeros without terms",
        TypeConverters.toString,
    )  # fmt: skip
    keepLastCheckpoint: Param[bool] = Param(
        Params._dummy(), "keepLastCheckpoint", "(em) whether Spark keeps its last checkpoint; none is here",
        TypeConverters.toBoolean,
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(
            maxIter=20, checkpointInterval=10, k=10, optimizer="online", learningOffset=1024.0,
            learningDecay=0.51, subsamplingRate=0.05, optimizeDocConcentration=True,
            topicDistributionCol="topicDistribution", keepLastCheckpoint=True,
        )  # fmt: skip

    def getK(self) -> int:
        """How many topics there are."""
        return self.getOrDefault(self.k)

    def getOptimizer(self) -> str:
        """How topics are learnt."""
        return self.getOrDefault(self.optimizer)

    def getLearningOffset(self) -> float:
        """How little the first iterations count."""
        return self.getOrDefault(self.learningOffset)

    def getLearningDecay(self) -> float:
        """How fast later iterations count less."""
        return self.getOrDefault(self.learningDecay)

    def getSubsamplingRate(self) -> float:
        """Which share of the documents an iteration has."""
        return self.getOrDefault(self.subsamplingRate)

    def getOptimizeDocConcentration(self) -> bool:
        """Whether docConcentration is learnt too."""
        return self.getOrDefault(self.optimizeDocConcentration)

    def getDocConcentration(self) -> list[float]:
        """What is assumed of the shares of topics in a document."""
        return self.getOrDefault(self.docConcentration)

    def getTopicConcentration(self) -> float:
        """What is assumed of the shares of terms in a topic."""
        return self.getOrDefault(self.topicConcentration)

    def getTopicDistributionCol(self) -> str:
        """The column with the shares of topics."""
        return self.getOrDefault(self.topicDistributionCol)

    def getKeepLastCheckpoint(self) -> bool:
        """Whether Spark keeps its last checkpoint."""
        return self.getOrDefault(self.keepLastCheckpoint)
