"""The API of `pyspark.ml` over DataFrames."""

from __future__ import annotations

from streamcore.models.ml.base import (
    Estimator,
    Model,
    PredictionModel,
    Predictor,
    Transformer,
    UnaryTransformer,
)
from streamcore.models.ml.pipeline import Pipeline, PipelineModel

__all__ = [
    "Estimator",
    "Model",
    "Pipeline",
    "PipelineModel",
    "PredictionModel",
    "Predictor",
    "Transformer",
    "UnaryTransformer",
]
