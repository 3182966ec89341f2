"""Search by one split of the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamcore.models.ml.base import Estimator, Model
from streamcore.models.ml.evaluation import Evaluator
from streamcore.models.ml.param import Param, ParamMap, Params, TypeConverters, keyword_only
from streamcore.models.ml.param.shared import HasCollectSubModels, HasParallelism
from streamcore.models.ml.param.validators import within
from streamcore.models.ml.tuning.params import SearchModel, ValidatorParams, evaluated, load_part, save_part
from streamcore.models.ml.tuning.splitting import HeldDataset

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame


class _TrainValidationSplitParams(ValidatorParams):
    """What the split is told."""

    trainRatio: Param[float] = Param(
        Params._dummy(),
        "trainRatio",
        "the share of the rows that train, in [0, 1]; the others validate",
        TypeConverters.toFloat,
        within(0, 1),
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(trainRatio=0.75)

    def getTrainRatio(self) -> float:
        """The value of `trainRatio`, or its default."""
        return self.getOrDefault(self.trainRatio)


class TrainValidationSplit(
    Estimator["TrainValidationSplitModel"], HasParallelism, HasCollectSubModels, _TrainValidationSplitParams
):
    """Trains every map of parameters on a part of the rows, compares on the others, fits the best on all.

    The same seed draws the same rows: Spark's, where its rows are in one partition.
    """

    @keyword_only
    def __init__(
        self,
        *,
        estimator: Estimator[Any] | None = None,
        estimatorParamMaps: list[ParamMap] | None = None,
        evaluator: Evaluator | None = None,
        trainRatio: float = 0.75,
        parallelism: int = 1,
        collectSubModels: bool = False,
        seed: int | None = None,
    ) -> None:
        super().__init__()
        self._set(**self._input_kwargs)

    @keyword_only
    def setParams(
        self,
        *,
        estimator: Estimator[Any] | None = None,
        estimatorParamMaps: list[ParamMap] | None = None,
        evaluator: Evaluator | None = None,
        trainRatio: float = 0.75,
        parallelism: int = 1,
        collectSubModels: bool = False,
        seed: int | None = None,
    ) -> Self:
        """Set the parameters given."""
        return self._set(**self._input_kwargs)

    def setEstimator(self, value: Estimator[Any]) -> Self:
        """Set `estimator`."""
        return self._set(estimator=value)

    def setEstimatorParamMaps(self, value: list[ParamMap]) -> Self:
        """Set `estimatorParamMaps`."""
        return self._set(estimatorParamMaps=value)

    def setEvaluator(self, value: Evaluator) -> Self:
        """Set `evaluator`."""
        return self._set(evaluator=value)

    def setTrainRatio(self, value: float) -> Self:
        """Set `trainRatio`."""
        return self._set(trainRatio=value)

    def setSeed(self, value: int) -> Self:
        """Set `seed`."""
        return self._set(seed=value)

    def setParallelism(self, value: int) -> Self:
        """Set `parallelism`."""
        return self._set(parallelism=value)

    def setCollectSubModels(self, value: bool) -> Self:
        """Set `collectSubModels`."""
        return self._set(collectSubModels=value)

    def _fit(self, dataset: DataFrame) -> TrainValidationSplitModel:
        held = HeldDataset(dataset)
        validates = held.drawn(self.getSeed()) >= self.getTrainRatio()
        found = evaluated(self, held.where(~validates), held.where(validates), self.getParallelism())
        metrics = [metric for metric, _ in found]
        best = self.getEstimator().fit(dataset, self.getEstimatorParamMaps()[self._best(metrics)])
        tried = [model for _, model in found] if self.getCollectSubModels() else None
        return self._copyValues(TrainValidationSplitModel(best, metrics, tried))


class TrainValidationSplitModel(SearchModel, _TrainValidationSplitParams):
    """The best model of a search by one split.

    Parameters
    ----------
    bestModel
        The model by the best map, fitted on all rows.
    validationMetrics
        The metric of each map of parameters.
    subModels
        The model by each map, where they were to be collected.
    """

    def __init__(
        self,
        bestModel: Model,
        validationMetrics: Sequence[float] | None = None,
        subModels: list[Any] | None = None,
    ) -> None:
        super().__init__()
        self.bestModel = bestModel
        self.validationMetrics = list(validationMetrics or ())
        self.subModels = subModels

    def copy(self, extra: ParamMap | None = None) -> Self:
        """A copy, of copies of all its models; the best one takes from `extra` what is its own."""
        tried = None if self.subModels is None else [model.copy() for model in self.subModels]
        that = type(self)(self.bestModel.copy(extra), self.validationMetrics, tried)
        own = {param: value for param, value in (extra or {}).items() if param.parent == self.uid}
        return self._copyValues(that._resetUid(self.uid), own)

    def without_sub_models(self) -> Self:
        """The same model without the models that were tried."""
        that = type(self)(self.bestModel, self.validationMetrics)
        return self._copyValues(that._resetUid(self.uid))

    def _extra_metadata(self) -> dict[str, Any]:
        return {
            "validationMetrics": self.validationMetrics,
            "persistSubModels": self.subModels is not None,
        }

    def _save_parts(self, folder: Path) -> None:
        super()._save_parts(folder)
        for at, model in enumerate(self.subModels or ()):
            save_part(model, folder / "subModels" / str(at))

    @classmethod
    def _load_parts(cls, folder: Path, metadata: Mapping[str, Any]) -> Self:
        tried = None
        if metadata.get("persistSubModels"):
            count = len(metadata["paramMap"]["estimatorParamMaps"])
            tried = [load_part(folder / "subModels" / str(at)) for at in range(count)]
        model = cls(load_part(folder / "bestModel"), metadata["validationMetrics"], tried)
        return model._load_search(folder, metadata)
