"""What both kinds of search share: their parameters, how models are compared, how they are saved."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.pool import ThreadPool
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.base import Estimator, Model, Transformer
from streamcore.models.ml.evaluation import Evaluator
from streamcore.models.ml.param import Param, ParamMap, Params
from streamcore.models.ml.param.shared import HasSeed
from streamcore.models.ml.persistence import decoded, encoded
from streamcore.models.ml.saved import Saved, SavedWriter
from streamcore.models.ml.util import DefaultParamsReader, MLWritable, named_values

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame

T = TypeVar("T")

_PARTS = ("estimator", "evaluator", "estimatorParamMaps")
NO_SUB_MODELS = (
    "When persisting tuning models, you can only set persistSubModels to true if the tuning was done with "
    "collectSubModels set to true. To save the sub-models, try rerunning fitting with collectSubModels set "
    "to true."
)


class ValidatorParams(HasSeed, Saved):
    """What is searched: an estimator, the parameter maps to try, and the evaluator that compares."""

    estimator: Param[Estimator[Any]] = Param(
        Params._dummy(), "estimator", "the estimator whose parameters are searched"
    )
    estimatorParamMaps: Param[list[ParamMap]] = Param(
        Params._dummy(), "estimatorParamMaps", "the maps of parameters to try"
    )
    evaluator: Param[Evaluator] = Param(
        Params._dummy(), "evaluator", "the evaluator whose metric tells which model is best"
    )

    def getEstimator(self) -> Estimator[Any]:
        """The value of `estimator`."""
        return self.getOrDefault(self.estimator)

    def getEstimatorParamMaps(self) -> list[ParamMap]:
        """The value of `estimatorParamMaps`."""
        return self.getOrDefault(self.estimatorParamMaps)

    def getEvaluator(self) -> Evaluator:
        """The value of `evaluator`."""
        return self.getOrDefault(self.evaluator)

    def copy(self, extra: ParamMap | None = None) -> Self:
        """A copy, of copies of its estimator and evaluator; each takes from `extra` what is its own."""
        that = Params.copy(self, extra)
        if self.isSet(self.estimator):
            that._set(estimator=self.getEstimator().copy(extra))
        if self.isSet(self.evaluator):
            that._set(evaluator=self.getEvaluator().copy(extra))
        return that

    def _best(self, metrics: Sequence[float]) -> int:
        """Which of the maps has the best metric; the first of equal ones. A NaN is never the best."""
        ahead: Callable[[float], float] = float if self.getEvaluator().isLargerBetter() else lambda it: -it
        return max(range(len(metrics)), key=lambda at: (metrics[at] == metrics[at], ahead(metrics[at]), -at))

    # ---- saving ----------------------------------------------------------------------------------

    def _json_params(self) -> dict[str, Any]:
        uids = set(_by_uid(self.getEstimator()))
        for param_map in self.getEstimatorParamMaps():
            for param in param_map:
                if param.parent not in uids:
                    raise ValueError(
                        "Validator save requires all Params in estimatorParamMaps to apply to its Estimator, "
                        f"An extraneous Param was found: {param!r}"
                    )
        # Defaults too: Spark reads them from here.
        plain = {param: value for param, value in self.extractParamMap().items() if param.name not in _PARTS}
        names = _names_of_parts(self.getEstimatorParamMaps())
        maps = [
            [_entry(param, value, names) for param, value in param_map.items()]
            for param_map in self.getEstimatorParamMaps()
        ]
        return {**named_values(plain), "estimatorParamMaps": maps}

    def _save_parts(self, folder: Path) -> None:
        save_part(self.getEvaluator(), folder / "evaluator")
        save_part(self.getEstimator(), folder / "estimator")
        for part, name in _names_of_parts(self.getEstimatorParamMaps()).values():
            save_part(part, folder / name)

    @classmethod
    def _load_parts(cls, folder: Path, metadata: Mapping[str, Any]) -> Self:
        return cls()._load_search(folder, metadata)

    def _load_search(self, folder: Path, metadata: Mapping[str, Any]) -> Self:
        evaluator, estimator = load_part(folder / "evaluator"), load_part(folder / "estimator")
        owners = {**_by_uid(estimator), evaluator.uid: evaluator}
        maps = [
            dict(_read_entry(entry, owners, folder) for entry in entries)
            for entries in metadata["paramMap"]["estimatorParamMaps"]
        ]
        return self._set(estimator=estimator, evaluator=evaluator, estimatorParamMaps=maps)

    def _set_saved(self, metadata: Mapping[str, Any]) -> None:
        DefaultParamsReader.getAndSetParams(self, metadata, _PARTS)


class SearchModelWriter(SavedWriter):
    """Writes the model of a search; `option("persistSubModels", "false")` leaves the models tried out."""

    def option(self, key: str, value: Any) -> Self:
        """Set `persistSubModels`, the one option there is."""
        if key.lower() != "persistsubmodels":
            return super().option(key, value)
        text = str(value).lower()
        if text not in ("true", "false"):
            raise ValueError(
                f"persistSubModels option value {value} is invalid, the possible values are True, 'True' or "
                "False, 'False'"
            )
        model = cast("SearchModel", self.instance)
        if text == "true" and model.subModels is None:
            raise ValueError(NO_SUB_MODELS)
        self.instance = model.without_sub_models() if text == "false" else model
        return self


class SearchModel(Model, ValidatorParams):
    """The best model of a search."""

    bestModel: Model
    subModels: Any

    def _transform(self, dataset: DataFrame) -> DataFrame:
        return self.bestModel.transform(dataset)

    def write(self) -> SearchModelWriter:
        """The writer."""
        return SearchModelWriter(self)

    def without_sub_models(self) -> Self:
        """The same model without the models that were tried."""
        raise NotImplementedError

    def _save_parts(self, folder: Path) -> None:
        super()._save_parts(folder)
        save_part(self.bestModel, folder / "bestModel")


def evaluated(
    search: ValidatorParams, train: DataFrame, validation: DataFrame, threads: int
) -> list[tuple[float, Any]]:
    """For each map of parameters the metric of its model on `validation`, and the model."""
    maps, evaluator = search.getEstimatorParamMaps(), search.getEvaluator()
    fitted = search.getEstimator().fitMultiple(train, maps)

    def one(_: int) -> tuple[int, float, Any]:
        index, model = next(fitted)
        return index, evaluator.evaluate(model.transform(validation, maps[index])), model

    if not maps:
        raise IllegalArgumentException("estimatorParamMaps is empty: give at least one map, such as [{}]")
    with ThreadPool(min(threads, len(maps))) as pool:
        found = sorted(pool.imap_unordered(one, range(len(maps))), key=lambda result: result[0])
    return [(metric, model) for _, metric, model in found]


def save_part(part: Any, folder: Path) -> None:
    """Save a part below what it is part of."""
    if not isinstance(part, MLWritable):
        raise ValueError(  # noqa: TRY004 - as PySpark
            f"Validator write will fail because it contains {part} which is not writable."
        )
    part.write().save(str(folder))


def load_part(folder: Path) -> Any:
    """What `save_part` saved."""
    return DefaultParamsReader.loadParamsInstance(str(folder), None)


def _by_uid(stage: Any) -> dict[str, Params]:
    """An estimator and all that it is made of, by uid."""
    inner: Sequence[Any] = []
    if stage.hasParam("stages"):
        inner = stage.getOrDefault("stages")
    elif stage.hasParam("classifier"):
        inner = [stage.getOrDefault("classifier")]
    found: dict[str, Params] = {stage.uid: stage}
    for part in inner:
        found.update(_by_uid(part))
    return found


def _names_of_parts(maps: Sequence[ParamMap]) -> dict[int, tuple[Any, str]]:
    """What is saved in a folder of its own among the values, by identity, with the folder's name."""
    found: dict[int, tuple[Any, str]] = {}
    for param_map in maps:
        for param, value in param_map.items():
            if isinstance(value, Estimator | Transformer | Evaluator) and id(value) not in found:
                found[id(value)] = (value, f"epm_{param.name}{len(found)}")
    return found


def _entry(param: Param[Any], value: Any, names: Mapping[int, tuple[Any, str]]) -> dict[str, str]:
    """A parameter and its value as Spark writes them: the value as JSON, or the name of its folder."""
    known = names.get(id(value))
    text = json.dumps(encoded(value) if known is None else known[1])
    kind = "true" if known is None else "false"
    return {"parent": param.parent, "name": param.name, "value": text, "isJson": kind}


def _read_entry(
    entry: Mapping[str, Any], owners: Mapping[str, Params], folder: Path
) -> tuple[Param[Any], Any]:
    owner = owners.get(entry["parent"])
    if owner is None:
        raise IllegalArgumentException(f"Resolve param in estimatorParamMaps failed: {entry['parent']}")
    param, value = owner.getParam(entry["name"]), json.loads(entry["value"])
    if str(entry.get("isJson", "true")).lower() == "true":
        return param, param.typeConverter(decoded(param, value))
    if Path(value).name != value:
        raise IllegalArgumentException(f"{value!r} is no folder beside the metadata of {folder}")
    return param, load_part(folder / value)
