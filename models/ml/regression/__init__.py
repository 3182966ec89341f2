"""Regressors."""

from __future__ import annotations

from streamcore.models.ml.regression.aft import (
    AFTSurvivalRegression,
    AFTSurvivalRegressionModel,
)
from streamcore.models.ml.regression.base import RegressionModel, Regressor
from streamcore.models.ml.regression.decision_tree import DecisionTreeRegressionModel, DecisionTreeRegressor
from streamcore.models.ml.regression.fm import (
    FMRegressionModel,
    FMRegressor,
)
from streamcore.models.ml.regression.gbt import GBTRegressionModel, GBTRegressor
from streamcore.models.ml.regression.glm import (
    GeneralizedLinearRegression,
    GeneralizedLinearRegressionModel,
)
from streamcore.models.ml.regression.glm_summary import (
    GeneralizedLinearRegressionSummary,
    GeneralizedLinearRegressionTrainingSummary,
)
from streamcore.models.ml.regression.isotonic import (
    IsotonicRegression,
    IsotonicRegressionModel,
)
from streamcore.models.ml.regression.linear import (
    LinearRegression,
    LinearRegressionModel,
)
from streamcore.models.ml.regression.linear_summary import (
    LinearRegressionSummary,
    LinearRegressionTrainingSummary,
)
from streamcore.models.ml.regression.random_forest import RandomForestRegressionModel, RandomForestRegressor

__all__ = [
    "AFTSurvivalRegression",
    "AFTSurvivalRegressionModel",
    "DecisionTreeRegressionModel",
    "DecisionTreeRegressor",
    "FMRegressionModel",
    "FMRegressor",
    "GBTRegressionModel",
    "GBTRegressor",
    "GeneralizedLinearRegression",
    "GeneralizedLinearRegressionModel",
    "GeneralizedLinearRegressionSummary",
    "GeneralizedLinearRegressionTrainingSummary",
    "IsotonicRegression",
    "IsotonicRegressionModel",
    "LinearRegression",
    "LinearRegressionModel",
    "LinearRegressionSummary",
    "LinearRegressionTrainingSummary",
    "RandomForestRegressionModel",
    "RandomForestRegressor",
    "RegressionModel",
    "Regressor",
]
