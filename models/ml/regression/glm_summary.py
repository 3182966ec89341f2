"""How well a generalized linear regression fits."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from streamcore.errors import UnsupportedOperationException
from streamcore.models.ml.matrices import numbers_of
from streamcore.models.ml.needs import needed
from streamcore.models.ml.predicting import (
    weight_of,
)
from streamcore.models.ml.regression.glm_fit import GlmFit
from streamcore.models.ml.regression.glm_measures import GlmMeasures
from streamcore.models.ml.regression.glm_text import table_text
from streamcore.spi.types import DoubleType, StructField, StructType

if TYPE_CHECKING:
    from streamcore.models.ml.regression.glm import GeneralizedLinearRegressionModel
    from streamcore.sql.dataframe import DataFrame


_RESIDUALS = ("deviance", "pearson", "working", "response")


class GeneralizedLinearRegressionSummary:
    """Measures of a generalized linear regression over a dataset; read when first asked."""

    def __init__(self, model: GeneralizedLinearRegressionModel, dataset: DataFrame) -> None:
        # Predictions need a name: without one they get `prediction`, as in Spark.
        named = model.getPredictionCol() or f"prediction_{model.uid}"
        self._model = model.copy({model.predictionCol: named})
        self._dataset = dataset

    @cached_property
    def predictions(self) -> DataFrame:
        """The dataset with the predictions of the model."""
        return self._model.transform(self._dataset)

    @property
    def predictionCol(self) -> str:
        """The column of the predictions."""
        return self._model.getPredictionCol()

    @cached_property
    def _measures(self) -> GlmMeasures:
        model = self._model
        weight, offset = weight_of(model), model._offset
        names = [model.getLabelCol(), self.predictionCol, *(name for name in (weight, offset) if name)]
        label, mean, *rest = numbers_of(self.predictions, names)
        return GlmMeasures(
            response=model._response(),
            y=label,
            mu=mean,
            w=rest[0] if weight else np.ones(len(label)),
            offset=rest[-1] if offset else None,
            intercept=model.getFitIntercept(),
            rank=self.rank,
        )

    @property
    def numInstances(self) -> int:
        """How many rows there are."""
        return len(self._measures.y)

    @property
    def rank(self) -> int:
        """How many coefficients there are, the intercept among them."""
        return self._model.numFeatures + int(self._model.getFitIntercept())

    @property
    def degreesOfFreedom(self) -> int:
        """Rows less coefficients."""
        return self.numInstances - self.rank

    @property
    def residualDegreeOfFreedom(self) -> int:
        """Rows less coefficients."""
        return self.degreesOfFreedom

    @property
    def residualDegreeOfFreedomNull(self) -> int:
        """Rows less the intercept, if there is one."""
        return self.numInstances - int(self._model.getFitIntercept())

    def residuals(self, residualsType: str = "deviance") -> DataFrame:
        """The residuals, in a column: of the type deviance, pearson, working or response."""
        if residualsType not in _RESIDUALS:
            raise UnsupportedOperationException(
                f"The residuals type {residualsType} is not supported by Generalized Linear Regression."
            )
        import pyarrow as pa

        name = f"{residualsType}Residuals"
        table = pa.table({name: np.asarray(self._measures.residuals(residualsType))})
        return self._dataset.session.createDataFrame(table, StructType([StructField(name, DoubleType())]))

    @property
    def nullDeviance(self) -> float:
        """The deviance of a model which knows no features."""
        return self._measures.null_deviance

    @property
    def deviance(self) -> float:
        """The deviance of the model."""
        return self._measures.deviance

    @property
    def dispersion(self) -> float:
        """One for binomial and poisson, estimated from Pearson's residuals for the others."""
        return self._measures.dispersion

    @property
    def aic(self) -> float:
        """Akaike's information criterion; UnsupportedOperationException for tweedie."""
        return self._measures.aic


class GeneralizedLinearRegressionTrainingSummary(GeneralizedLinearRegressionSummary):
    """Measures of a generalized linear regression over the rows that it was trained on."""

    def __init__(self, model: GeneralizedLinearRegressionModel, dataset: DataFrame, fit: GlmFit) -> None:
        super().__init__(model, dataset)
        self._fit = fit

    @property
    def numIterations(self) -> int:
        """How many iterations there were."""
        return self._fit.iterations

    @property
    def solver(self) -> str:
        """How the coefficients were found."""
        return self._model.getSolver()

    @property
    def coefficientStandardErrors(self) -> list[float]:
        """Standard errors of the coefficients, the intercept last."""
        return list(map(float, self._errors("Std. Error of coefficients")))

    @property
    def tValues(self) -> list[float]:
        """Coefficients divided by their standard errors, the intercept last."""
        return list(map(float, self._t_values("t-statistic")))

    @property
    def pValues(self) -> list[float]:
        """Two-sided p-values of the coefficients, the intercept last."""
        stats = needed("scipy.stats", "GeneralizedLinearRegressionTrainingSummary.pValues")
        sizes = np.abs(self._t_values("p-value"))
        estimated = self._measures.response.family.has_dispersion
        tails = stats.t.sf(sizes, self.degreesOfFreedom) if estimated else stats.norm.sf(sizes)
        values: list[float] = (2.0 * tails).tolist()
        return values

    def _t_values(self, what: str) -> np.ndarray:
        estimates = self._model.coefficients.toArray()
        if self._model.getFitIntercept():
            estimates = np.append(estimates, self._model.intercept)
        return np.asarray(estimates / self._errors(what))

    def _errors(self, what: str) -> np.ndarray:
        diagonal = self._fit.inverse_diagonal
        if diagonal is None or (len(diagonal) == 1 and diagonal[0] == 0):
            raise UnsupportedOperationException(
                f"No {what} available for this GeneralizedLinearRegressionModel"
            )
        return np.sqrt(diagonal * self.dispersion)

    def __repr__(self) -> str:
        return table_text(self)
