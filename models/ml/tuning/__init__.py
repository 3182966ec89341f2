"""Search for the best parameters of an estimator."""

from __future__ import annotations

from streamcore.models.ml.tuning.cross_validator import CrossValidator, CrossValidatorModel
from streamcore.models.ml.tuning.grid import ParamGridBuilder
from streamcore.models.ml.tuning.train_validation import TrainValidationSplit, TrainValidationSplitModel

__all__ = [
    "CrossValidator",
    "CrossValidatorModel",
    "ParamGridBuilder",
    "TrainValidationSplit",
    "TrainValidationSplitModel",
]
