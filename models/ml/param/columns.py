"""Parameters that name columns, and say what to do with what is in them."""

from __future__ import annotations

from streamcore.models.ml.param import Param, Params, TypeConverters
from streamcore.models.ml.param.validators import one_of


class HasFeaturesCol(Params):
    """Has the parameter `featuresCol`."""

    featuresCol: Param[str] = Param(
        Params._dummy(),
        "featuresCol",
        "the column with the vectors of features.",
        TypeConverters.toString,
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(featuresCol="features")

    def getFeaturesCol(self) -> str:
        """The value of `featuresCol`, or its default."""
        return self.getOrDefault(self.featuresCol)


class HasLabelCol(Params):
    """Has the parameter `labelCol`."""

    labelCol: Param[str] = Param(
        Params._dummy(),
        "labelCol",
        "the column with the labels.",
        TypeConverters.toString,
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(labelCol="label")

    def getLabelCol(self) -> str:
        """The value of `labelCol`, or its default."""
        return self.getOrDefault(self.labelCol)


class HasPredictionCol(Params):
    """Has the parameter `predictionCol`."""

    predictionCol: Param[str] = Param(
        Params._dummy(),
        "predictionCol",
        "the column that the predictions go to.",
        TypeConverters.toString,
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(predictionCol="prediction")

    def getPredictionCol(self) -> str:
        """The value of `predictionCol`, or its default."""
        return self.getOrDefault(self.predictionCol)


class HasProbabilityCol(Params):
    """Has the parameter `probabilityCol`."""

    probabilityCol: Param[str] = Param(
        Params._dummy(),
        "probabilityCol",
        "the column that the probabilities of the classes go to; they tell confidence, and not every "
        "model calibrates them.",
        TypeConverters.toString,
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(probabilityCol="probability")

    def getProbabilityCol(self) -> str:
        """The value of `probabilityCol`, or its default."""
        return self.getOrDefault(self.probabilityCol)


class HasRawPredictionCol(Params):
    """Has the parameter `rawPredictionCol`."""

    rawPredictionCol: Param[str] = Param(
        Params._dummy(),
        "rawPredictionCol",
        "the column that the raw predictions (confidences) go to.",
        TypeConverters.toString,
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(rawPredictionCol="rawPrediction")

    def getRawPredictionCol(self) -> str:
        """The value of `rawPredictionCol`, or its default."""
        return self.getOrDefault(self.rawPredictionCol)


class HasInputCol(Params):
    """Has the parameter `inputCol`."""

    inputCol: Param[str] = Param(
        Params._dummy(),
        "inputCol",
        "the input column.",
        TypeConverters.toString,
    )

    def getInputCol(self) -> str:
        """The value of `inputCol`, or its default."""
        return self.getOrDefault(self.inputCol)


class HasInputCols(Params):
    """Has the parameter `inputCols`."""

    inputCols: Param[list[str]] = Param(
        Params._dummy(),
        "inputCols",
        "the input columns.",
        TypeConverters.toListString,
    )

    def getInputCols(self) -> list[str]:
        """The value of `inputCols`, or its default."""
        return self.getOrDefault(self.inputCols)


class HasOutputCol(Params):
    """Has the parameter `outputCol`."""

    outputCol: Param[str] = Param(
        Params._dummy(),
        "outputCol",
        "the output column.",
        TypeConverters.toString,
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(outputCol=self.uid + "__output")

    def getOutputCol(self) -> str:
        """The value of `outputCol`, or its default."""
        return self.getOrDefault(self.outputCol)


class HasOutputCols(Params):
    """Has the parameter `outputCols`."""

    outputCols: Param[list[str]] = Param(
        Params._dummy(),
        "outputCols",
        "the output columns.",
        TypeConverters.toListString,
    )

    def getOutputCols(self) -> list[str]:
        """The value of `outputCols`, or its default."""
        return self.getOrDefault(self.outputCols)


class HasWeightCol(Params):
    """Has the parameter `weightCol`."""

    weightCol: Param[str] = Param(
        Params._dummy(),
        "weightCol",
        "the column with the rows' weights; without one, or with an empty name, every row weighs 1.0.",
        TypeConverters.toString,
    )

    def getWeightCol(self) -> str:
        """The value of `weightCol`, or its default."""
        return self.getOrDefault(self.weightCol)


class HasVarianceCol(Params):
    """Has the parameter `varianceCol`."""

    varianceCol: Param[str] = Param(
        Params._dummy(),
        "varianceCol",
        "the column that the biased sample variance of a prediction goes to.",
        TypeConverters.toString,
    )

    def getVarianceCol(self) -> str:
        """The value of `varianceCol`, or its default."""
        return self.getOrDefault(self.varianceCol)


class HasValidationIndicatorCol(Params):
    """Has the parameter `validationIndicatorCol`."""

    validationIndicatorCol: Param[str] = Param(
        Params._dummy(),
        "validationIndicatorCol",
        "the column that is false where a row trains and true where it validates.",
        TypeConverters.toString,
    )

    def getValidationIndicatorCol(self) -> str:
        """The value of `validationIndicatorCol`, or its default."""
        return self.getOrDefault(self.validationIndicatorCol)


class HasHandleInvalid(Params):
    """Has the parameter `handleInvalid`."""

    handleInvalid: Param[str] = Param(
        Params._dummy(),
        "handleInvalid",
        "what happens to invalid entries: skip (their rows are dropped) or error.",
        TypeConverters.toString,
        one_of("skip", "error"),
    )

    def getHandleInvalid(self) -> str:
        """The value of `handleInvalid`, or its default."""
        return self.getOrDefault(self.handleInvalid)


class HasFeatureSizes(Params):
    """Has the parameter `featureSizes`."""

    featureSizes: Param[list[int]] = Param(
        Params._dummy(),
        "featureSizes",
        "for each input column how many features its vectors have.",
        TypeConverters.toListInt,
    )

    def getFeatureSizes(self) -> list[int]:
        """The value of `featureSizes`, or its default."""
        return self.getOrDefault(self.featureSizes)
