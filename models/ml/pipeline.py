"""Stages in a row, fitted and applied as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from streamcore.models.ml.base import Estimator, Model, Transformer
from streamcore.models.ml.param import Param, ParamMap, Params, keyword_only
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.util import DefaultParamsReader, MLWritable

if TYPE_CHECKING:
    from typing import Self

    from streamcore.sql.dataframe import DataFrame

__all__ = ["Pipeline", "PipelineModel"]

PipelineStage: TypeAlias = Estimator[Any] | Transformer


class Pipeline(Estimator["PipelineModel"], Saved):
    """An estimator of stages: each is a transformer, or an estimator whose model takes its place.

    Every stage sees the dataset as the stages before it have left it. Without stages, it changes nothing.
    """

    stages: Param[list[PipelineStage]] = Param(Params._dummy(), "stages", "a list of pipeline stages", list)

    @keyword_only
    def __init__(self, *, stages: Sequence[PipelineStage] | None = None) -> None:
        super().__init__()
        self.setParams(**self._input_kwargs)

    @keyword_only
    def setParams(self, *, stages: Sequence[PipelineStage] | None = None) -> Self:
        """Set the parameters given."""
        return self._set(**self._input_kwargs)

    def setStages(self, value: Sequence[PipelineStage]) -> Self:
        """Set `stages`."""
        return self._set(stages=value)

    def getStages(self) -> list[PipelineStage]:
        """The value of `stages`."""
        return self.getOrDefault(self.stages)

    def _fit(self, dataset: DataFrame) -> PipelineModel:
        stages = self.getStages()
        for stage in stages:
            if not isinstance(stage, Estimator | Transformer):
                raise TypeError(f"Cannot recognize a pipeline stage of type {type(stage)}.")
        last = max((at for at, stage in enumerate(stages) if isinstance(stage, Estimator)), default=-1)
        fitted: list[Transformer] = []
        for at, stage in enumerate(stages):
            transformer = stage.fit(dataset) if isinstance(stage, Estimator) else stage
            fitted.append(transformer)
            if at < last:  # what comes behind the last estimator has nobody to learn from it
                dataset = transformer.transform(dataset)
        return PipelineModel(fitted)

    def copy(self, extra: ParamMap | None = None) -> Self:
        """A copy, of copies of its stages; each takes from `extra` what is its own."""
        that = Params.copy(self, extra)
        return that.setStages([stage.copy(extra) for stage in that.getStages()])

    def _json_params(self) -> dict[str, Any]:
        return _uids(self.getStages())

    def _save_parts(self, folder: Path) -> None:
        _save_stages(self.getStages(), folder)

    @classmethod
    def _load_parts(cls, folder: Path, metadata: Mapping[str, Any]) -> Self:
        return cls(stages=_load_stages(folder, metadata))

    def _set_saved(self, metadata: Mapping[str, Any]) -> None:
        """Nothing: its stages are all that it has."""


class PipelineModel(Model, Saved):
    """Transformers in a row."""

    def __init__(self, stages: Sequence[Transformer]) -> None:
        super().__init__()
        self.stages = list(stages)

    def _transform(self, dataset: DataFrame) -> DataFrame:
        for stage in self.stages:
            dataset = stage.transform(dataset)
        return dataset

    def copy(self, extra: ParamMap | None = None) -> Self:
        """A copy, of copies of its stages; each takes from `extra` what is its own."""
        that = type(self)([stage.copy(extra) for stage in self.stages])
        return that._resetUid(self.uid)

    def _json_params(self) -> dict[str, Any]:
        return _uids(self.stages)

    def _save_parts(self, folder: Path) -> None:
        _save_stages(self.stages, folder)

    @classmethod
    def _load_parts(cls, folder: Path, metadata: Mapping[str, Any]) -> Self:
        return cls(_load_stages(folder, metadata))

    def _set_saved(self, metadata: Mapping[str, Any]) -> None:
        """Nothing: its stages are all that it has."""


def _uids(stages: Sequence[PipelineStage]) -> dict[str, Any]:
    return {"stageUids": [stage.uid for stage in stages]}


def _place(folder: Path, uid: str, at: int, count: int) -> Path:
    return folder / "stages" / f"{str(at).zfill(len(str(count)))}_{uid}"


def _save_stages(stages: Sequence[PipelineStage], folder: Path) -> None:
    for stage in stages:
        if not isinstance(stage, MLWritable):
            raise ValueError(  # noqa: TRY004 - as PySpark
                "Pipeline write will fail on this pipeline because stage "
                f"{stage.uid} of type {type(stage)} is not MLWritable"
            )
    for at, stage in enumerate(stages):
        stage.write().save(str(_place(folder, stage.uid, at, len(stages))))  # type: ignore[union-attr]


def _load_stages(folder: Path, metadata: Mapping[str, Any]) -> list[Any]:
    uids = metadata["paramMap"]["stageUids"]
    return [
        DefaultParamsReader.loadParamsInstance(str(_place(folder, uid, at, len(uids))), None)
        for at, uid in enumerate(uids)
    ]
