"""Parameters of optimizers, and of the losses that they make small."""

from __future__ import annotations

from streamcore.models.ml.param import Param, Params, TypeConverters
from streamcore.models.ml.param.validators import at_least, greater, within


class HasMaxIter(Params):
    """Has the parameter `maxIter`."""

    maxIter: Param[int] = Param(
        Params._dummy(),
        "maxIter",
        "the highest number of iterations (>= 0).",
        TypeConverters.toInt,
        at_least(0),
    )

    def getMaxIter(self) -> int:
        """The value of `maxIter`, or its default."""
        return self.getOrDefault(self.maxIter)


class HasRegParam(Params):
    """Has the parameter `regParam`."""

    regParam: Param[float] = Param(
        Params._dummy(),
        "regParam",
        "the weight of the regularization (>= 0).",
        TypeConverters.toFloat,
        at_least(0),
    )

    def getRegParam(self) -> float:
        """The value of `regParam`, or its default."""
        return self.getOrDefault(self.regParam)


class HasTol(Params):
    """Has the parameter `tol`."""

    tol: Param[float] = Param(
        Params._dummy(),
        "tol",
        "how small a step ends an iterative algorithm (>= 0).",
        TypeConverters.toFloat,
        at_least(0),
    )

    def getTol(self) -> float:
        """The value of `tol`, or its default."""
        return self.getOrDefault(self.tol)


class HasStepSize(Params):
    """Has the parameter `stepSize`."""

    stepSize: Param[float] = Param(
        Params._dummy(),
        "stepSize",
        "the length of a step of the optimization (> 0).",
        TypeConverters.toFloat,
        greater(0),
    )

    def getStepSize(self) -> float:
        """The value of `stepSize`, or its default."""
        return self.getOrDefault(self.stepSize)


class HasElasticNetParam(Params):
    """Has the parameter `elasticNetParam`."""

    elasticNetParam: Param[float] = Param(
        Params._dummy(),
        "elasticNetParam",
        "the mix of the penalties, in [0, 1]: 0 is L2 alone, 1 is L1 alone.",
        TypeConverters.toFloat,
        within(0, 1),
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(elasticNetParam=0.0)

    def getElasticNetParam(self) -> float:
        """The value of `elasticNetParam`, or its default."""
        return self.getOrDefault(self.elasticNetParam)


class HasFitIntercept(Params):
    """Has the parameter `fitIntercept`."""

    fitIntercept: Param[bool] = Param(
        Params._dummy(),
        "fitIntercept",
        "whether there is an intercept to fit.",
        TypeConverters.toBoolean,
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(fitIntercept=True)

    def getFitIntercept(self) -> bool:
        """The value of `fitIntercept`, or its default."""
        return self.getOrDefault(self.fitIntercept)


class HasStandardization(Params):
    """Has the parameter `standardization`."""

    standardization: Param[bool] = Param(
        Params._dummy(),
        "standardization",
        "whether features are brought to one scale before the model is fitted.",
        TypeConverters.toBoolean,
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(standardization=True)

    def getStandardization(self) -> bool:
        """The value of `standardization`, or its default."""
        return self.getOrDefault(self.standardization)


class HasSolver(Params):
    """Has the parameter `solver`."""

    solver: Param[str] = Param(
        Params._dummy(),
        "solver",
        "the algorithm that optimizes.",
        TypeConverters.toString,
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(solver="auto")

    def getSolver(self) -> str:
        """The value of `solver`, or its default."""
        return self.getOrDefault(self.solver)


class HasLoss(Params):
    """Has the parameter `loss`."""

    loss: Param[str] = Param(
        Params._dummy(),
        "loss",
        "the loss that is made small.",
        TypeConverters.toString,
    )

    def getLoss(self) -> str:
        """The value of `loss`, or its default."""
        return self.getOrDefault(self.loss)


class HasNumTrainWorkers(Params):
    """Has the parameter `numTrainWorkers`."""

    numTrainWorkers: Param[int] = Param(
        Params._dummy(),
        "numTrainWorkers",
        "how many workers train.",
        TypeConverters.toInt,
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(numTrainWorkers=1)

    def getNumTrainWorkers(self) -> int:
        """The value of `numTrainWorkers`, or its default."""
        return self.getOrDefault(self.numTrainWorkers)


class HasBatchSize(Params):
    """Has the parameter `batchSize`."""

    batchSize: Param[int] = Param(
        Params._dummy(),
        "batchSize",
        "how many rows make one batch of training.",
        TypeConverters.toInt,
    )

    def getBatchSize(self) -> int:
        """The value of `batchSize`, or its default."""
        return self.getOrDefault(self.batchSize)


class HasLearningRate(Params):
    """Has the parameter `learningRate`."""

    learningRate: Param[float] = Param(
        Params._dummy(),
        "learningRate",
        "how fast training learns.",
        TypeConverters.toFloat,
    )

    def getLearningRate(self) -> float:
        """The value of `learningRate`, or its default."""
        return self.getOrDefault(self.learningRate)


class HasMomentum(Params):
    """Has the parameter `momentum`."""

    momentum: Param[float] = Param(
        Params._dummy(),
        "momentum",
        "the momentum of the optimizer.",
        TypeConverters.toFloat,
    )

    def getMomentum(self) -> float:
        """The value of `momentum`, or its default."""
        return self.getOrDefault(self.momentum)
