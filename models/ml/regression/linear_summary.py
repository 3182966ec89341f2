"""How well a linear regression fits."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from streamcore.errors import UnsupportedOperationException
from streamcore.models.ml.evaluation.regression_metrics import RegressionMetrics
from streamcore.models.ml.matrices import numbers_of
from streamcore.models.ml.needs import needed
from streamcore.models.ml.predicting import weight_of
from streamcore.models.ml.regression.linear_fit import LinearFit

if TYPE_CHECKING:
    from streamcore.models.ml.regression.linear import LinearRegressionModel
    from streamcore.sql.dataframe import DataFrame


class LinearRegressionSummary:
    """Measures of a linear regression over a dataset; read when first asked."""

    def __init__(self, model: LinearRegressionModel, dataset: DataFrame) -> None:
        self._model = model
        self._dataset = dataset

    @cached_property
    def predictions(self) -> DataFrame:
        """The dataset with the predictions of the model."""
        return self._model.transform(self._dataset)

    @property
    def predictionCol(self) -> str:
        """The column of the predictions."""
        return self._model.getPredictionCol()

    @property
    def labelCol(self) -> str:
        """The column of the labels."""
        return self._model.getLabelCol()

    @property
    def featuresCol(self) -> str:
        """The column of the features."""
        return self._model.getFeaturesCol()

    @cached_property
    def _rows(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Predictions, labels and weights."""
        weight = weight_of(self._model)
        names = [self.predictionCol, self.labelCol, *([weight] if weight else [])]
        columns = numbers_of(self.predictions, names)
        return columns[0], columns[1], columns[2] if weight else np.ones(len(columns[0]))

    @cached_property
    def _metrics(self) -> RegressionMetrics:
        prediction, label, weight = self._rows
        return RegressionMetrics.of(
            prediction, label, weight, throughOrigin=not self._model.getFitIntercept()
        )

    @property
    def explainedVariance(self) -> float:
        """How much the predictions spread around the mean of the labels."""
        return self._metrics.explainedVariance

    @property
    def meanAbsoluteError(self) -> float:
        """The mean size of the error."""
        return self._metrics.meanAbsoluteError

    @property
    def meanSquaredError(self) -> float:
        """The mean of the squared error."""
        return self._metrics.meanSquaredError

    @property
    def rootMeanSquaredError(self) -> float:
        """The root of the mean squared error."""
        return self._metrics.rootMeanSquaredError

    @property
    def r2(self) -> float:
        """The coefficient of determination."""
        return self._metrics.r2

    @property
    def r2adj(self) -> float:
        """The coefficient of determination, adjusted by the number of features."""
        intercept = int(self._model.getFitIntercept())
        rows = self.numInstances
        left = rows - self._model.numFeatures - intercept
        return 1 - (1 - self.r2) * (rows - intercept) / left

    @property
    def residuals(self) -> DataFrame:
        """Labels minus predictions, in the column `residuals`."""
        predictions = self.predictions
        difference = predictions[self.labelCol] - predictions[self.predictionCol]
        return predictions.select(difference.alias("residuals"))

    @property
    def numInstances(self) -> int:
        """How many rows there are."""
        return len(self._rows[0])

    @property
    def degreesOfFreedom(self) -> int:
        """Rows less coefficients, the intercept among them."""
        return self.numInstances - self._model.numFeatures - int(self._model.getFitIntercept())

    @property
    def devianceResiduals(self) -> list[float]:
        """The lowest and the highest weighted residual."""
        prediction, label, weight = self._rows
        weighted = np.sqrt(weight) * (label - prediction)
        return [float(weighted.min()), float(weighted.max())]

    @property
    def coefficientStandardErrors(self) -> list[float]:
        """Standard errors of the coefficients, the intercept last: of the normal equations only."""
        return list(map(float, self._errors("Std. Error of coefficients")))

    @property
    def tValues(self) -> list[float]:
        """Coefficients divided by their standard errors, the intercept last: of the normal equations only."""
        return list(map(float, self._t_values("t-statistic")))

    @property
    def pValues(self) -> list[float]:
        """Two-sided p-values of the coefficients, the intercept last: of the normal equations only."""
        stats = needed("scipy.stats", "LinearRegressionSummary.pValues")
        sizes = np.abs(self._t_values("p-value"))
        values: list[float] = (2.0 * stats.t.sf(sizes, self.degreesOfFreedom)).tolist()
        return values

    def _t_values(self, what: str) -> np.ndarray:
        estimates = self._model.coefficients.toArray()
        if self._model.getFitIntercept():
            estimates = np.append(estimates, self._model.intercept)
        return np.asarray(estimates / self._errors(what))

    def _errors(self, what: str) -> np.ndarray:
        diagonal = self._inverse_diagonal()
        if diagonal is None or (len(diagonal) == 1 and diagonal[0] == 0):
            raise UnsupportedOperationException(f"No {what} available for this LinearRegressionModel")
        prediction, label, weight = self._rows
        squares = float(weight @ (label - prediction) ** 2)
        return np.sqrt(diagonal * squares / self.degreesOfFreedom)

    def _inverse_diagonal(self) -> np.ndarray | None:
        """Known only of the rows that the model was trained on."""
        return None


class LinearRegressionTrainingSummary(LinearRegressionSummary):
    """Measures of a linear regression over the rows that it was trained on."""

    def __init__(self, model: LinearRegressionModel, dataset: DataFrame, fit: LinearFit) -> None:
        super().__init__(model, dataset)
        self._fit = fit

    @property
    def objectiveHistory(self) -> list[float]:
        """The objective at the start and after each iteration; [0.0] where none was needed."""
        return list(self._fit.history)

    @property
    def totalIterations(self) -> int:
        """How many iterations there were."""
        return len(self._fit.history) - 1

    def _inverse_diagonal(self) -> np.ndarray | None:
        return self._fit.inverse_diagonal
