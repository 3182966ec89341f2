"""What regressors share."""

from __future__ import annotations

from abc import ABC
from typing import TypeVar

from streamcore.models.ml.base import PredictionModel, Predictor, Transformer, _PredictorParams

T = TypeVar("T")
M = TypeVar("M", bound=Transformer)


class Regressor(Predictor[M], _PredictorParams, ABC):
    """A predictor of numbers."""


class RegressionModel(PredictionModel[T], _PredictorParams, ABC):
    """A model that predicts a number."""
