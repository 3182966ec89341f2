"""Search by cross-validation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from streamcore.errors import IllegalArgumentException, QueryExecutionException
from streamcore.models.ml.base import Estimator, Model
from streamcore.models.ml.evaluation import Evaluator
from streamcore.models.ml.param import Param, ParamMap, Params, TypeConverters, keyword_only
from streamcore.models.ml.param.shared import HasCollectSubModels, HasParallelism
from streamcore.models.ml.param.validators import at_least
from streamcore.models.ml.schemas import field_of
from streamcore.models.ml.tuning.params import SearchModel, ValidatorParams, evaluated, load_part, save_part
from streamcore.models.ml.tuning.splitting import HeldDataset
from streamcore.spi.types import IntegerType

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import NDArray

    from streamcore.sql.dataframe import DataFrame


class _CrossValidatorParams(ValidatorParams):
    """What cross-validation is told."""

    numFolds: Param[int] = Param(
        Params._dummy(), "numFolds", "the number of folds (>= 2)", TypeConverters.toInt, at_least(2)
    )
    foldCol: Param[str] = Param(
        Params._dummy(),
        "foldCol",
        "the column of whole numbers that tells each row's fold, from 0 to numFolds - 1; without one, the "
        "folds are drawn",
        TypeConverters.toString,
    )

    def __init__(self) -> None:
        super().__init__()
        self._setDefault(numFolds=3, foldCol="")

    def getNumFolds(self) -> int:
        """The value of `numFolds`, or its default."""
        return self.getOrDefault(self.numFolds)

    def getFoldCol(self) -> str:
        """The value of `foldCol`, or its default."""
        return self.getOrDefault(self.foldCol)


class CrossValidator(
    Estimator["CrossValidatorModel"], HasParallelism, HasCollectSubModels, _CrossValidatorParams
):
    """Tries every map of parameters on every fold, trained on the other folds, and fits the best on all rows.

    The same seed draws the same folds: Spark's, where its rows are in one partition.
    """

    @keyword_only
    def __init__(
        self,
        *,
        estimator: Estimator[Any] | None = None,
        estimatorParamMaps: list[ParamMap] | None = None,
        evaluator: Evaluator | None = None,
        numFolds: int = 3,
        seed: int | None = None,
        parallelism: int = 1,
        collectSubModels: bool = False,
        foldCol: str = "",
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
        numFolds: int = 3,
        seed: int | None = None,
        parallelism: int = 1,
        collectSubModels: bool = False,
        foldCol: str = "",
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

    def setNumFolds(self, value: int) -> Self:
        """Set `numFolds`."""
        return self._set(numFolds=value)

    def setFoldCol(self, value: str) -> Self:
        """Set `foldCol`."""
        return self._set(foldCol=value)

    def setSeed(self, value: int) -> Self:
        """Set `seed`."""
        return self._set(seed=value)

    def setParallelism(self, value: int) -> Self:
        """Set `parallelism`."""
        return self._set(parallelism=value)

    def setCollectSubModels(self, value: bool) -> Self:
        """Set `collectSubModels`."""
        return self._set(collectSubModels=value)

    def _fit(self, dataset: DataFrame) -> CrossValidatorModel:
        found = [
            evaluated(self, train, validation, self.getParallelism())
            for train, validation in self._kFold(dataset)
        ]
        metrics = np.array([[metric for metric, _ in fold] for fold in found])
        average, spread = metrics.mean(axis=0).tolist(), metrics.std(axis=0).tolist()
        best = self.getEstimator().fit(dataset, self.getEstimatorParamMaps()[self._best(average)])
        tried = [[model for _, model in fold] for fold in found] if self.getCollectSubModels() else None
        return self._copyValues(CrossValidatorModel(best, average, tried, spread))

    def _kFold(self, dataset: DataFrame) -> Iterator[tuple[DataFrame, DataFrame]]:
        """For each fold the rows of the others, and its own."""
        if self.getFoldCol() and not isinstance(
            field_of(dataset.schema, self.getFoldCol()).dataType, IntegerType
        ):
            kind = field_of(dataset.schema, self.getFoldCol()).dataType.simpleString()
            raise IllegalArgumentException(
                f"The specified foldCol column {self.getFoldCol()} must be integer type, but got {kind}."
            )
        held = HeldDataset(dataset)
        folds = self._folds(held)
        for fold in range(self.getNumFolds()):
            own = folds == fold
            for rows, what in ((~own, "training"), (own, "validation")):
                if self.getFoldCol() and not rows.any():
                    raise ValueError(f"The {what} data at fold {fold} is empty.")
            yield held.where(~own), held.where(own)

    def _folds(self, held: HeldDataset) -> NDArray[np.int64]:
        count = self.getNumFolds()
        if not self.getFoldCol():
            return np.floor(held.drawn(self.getSeed()) * count).astype(np.int64)
        folds = held.table.column(self.getFoldCol()).fill_null(-1).to_numpy()
        outside = (folds < 0) | (folds >= count)
        if outside.any():
            raise QueryExecutionException(
                f"[USER_RAISED_EXCEPTION] Fold number must be in range [0, {count}), but got "
                f"{folds[outside][0]} SQLSTATE: P0001"
            )
        checked: NDArray[np.int64] = folds.astype(np.int64)
        return checked


class CrossValidatorModel(SearchModel, _CrossValidatorParams):
    """The best model of a cross-validation.

    Parameters
    ----------
    bestModel
        The model by the best map, fitted on all rows.
    avgMetrics
        For each map of parameters the average of its metrics over the folds.
    subModels
        For each fold the model by each map, where they were to be collected.
    stdMetrics
        For each map the standard deviation of its metrics over the folds.
    """

    def __init__(
        self,
        bestModel: Model,
        avgMetrics: Sequence[float] | None = None,
        subModels: list[list[Any]] | None = None,
        stdMetrics: Sequence[float] | None = None,
    ) -> None:
        super().__init__()
        self.bestModel = bestModel
        self.avgMetrics = list(avgMetrics or ())
        self.subModels = subModels
        self.stdMetrics = list(stdMetrics or ())

    def copy(self, extra: ParamMap | None = None) -> Self:
        """A copy, of copies of all its models; the best one takes from `extra` what is its own."""
        tried = None if self.subModels is None else [[m.copy() for m in fold] for fold in self.subModels]
        that = type(self)(self.bestModel.copy(extra), self.avgMetrics, tried, self.stdMetrics)
        return self._copyValues(that._resetUid(self.uid), _own(self, extra))

    def without_sub_models(self) -> Self:
        """The same model without the models that were tried."""
        that = type(self)(self.bestModel, self.avgMetrics, None, self.stdMetrics)
        return self._copyValues(that._resetUid(self.uid))

    def _extra_metadata(self) -> dict[str, Any]:
        spread = {"stdMetrics": self.stdMetrics} if self.stdMetrics else {}
        return {"avgMetrics": self.avgMetrics, "persistSubModels": self.subModels is not None, **spread}

    def _save_parts(self, folder: Path) -> None:
        super()._save_parts(folder)
        for fold, models in enumerate(self.subModels or ()):
            for at, model in enumerate(models):
                save_part(model, folder / "subModels" / f"fold{fold}" / str(at))

    @classmethod
    def _load_parts(cls, folder: Path, metadata: Mapping[str, Any]) -> Self:
        tried = None
        if metadata.get("persistSubModels"):
            params = metadata["paramMap"]
            count = params.get("numFolds", metadata["defaultParamMap"].get("numFolds"))
            maps = len(params["estimatorParamMaps"])
            tried = [
                [load_part(folder / "subModels" / f"fold{fold}" / str(at)) for at in range(maps)]
                for fold in range(count)
            ]
        best = load_part(folder / "bestModel")
        model = cls(best, metadata["avgMetrics"], tried, metadata.get("stdMetrics"))
        return model._load_search(folder, metadata)


def _own(model: Params, extra: ParamMap | None) -> ParamMap:
    """What of `extra` is of the model itself, and not of what it is made of."""
    return {param: value for param, value in (extra or {}).items() if param.parent == model.uid}
