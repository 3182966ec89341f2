"""What evaluators are."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from streamcore.models.ml.param import ParamMap, Params

if TYPE_CHECKING:
    from streamcore.sql.dataframe import DataFrame


class Evaluator(Params, ABC):
    """Something that tells by one number how good predictions are."""

    @abstractmethod
    def _evaluate(self, dataset: DataFrame) -> float:
        """The metric of a dataset, by the parameters as they are."""

    def evaluate(self, dataset: DataFrame, params: ParamMap | None = None) -> float:
        """The metric of a dataset of labels and predictions; `params` count before the evaluator's own."""
        if params is not None and not isinstance(params, dict):
            raise TypeError(f"Params must be a param map but got {type(params)}.")
        evaluator = self.copy(params) if params else self
        evaluator._require_valid()
        return evaluator._evaluate(dataset)

    def isLargerBetter(self) -> bool:
        """Whether a higher metric is a better one."""
        return True
