"""Searches that Spark saved are loaded with all that was tried, and saved again they are the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from streamcore.models.ml.classification import LogisticRegression, LogisticRegressionModel
from streamcore.models.ml.pipeline import PipelineModel
from streamcore.models.ml.tuning import CrossValidatorModel, TrainValidationSplitModel

SAVED = Path(__file__).parent / "saved"


def again(owner: Any, name: str, folder: Path) -> list[Any]:
    """What Spark saved, loaded; and the same saved by us, loaded."""
    first = owner.load(str(SAVED / name))
    first.save(str(folder / name))
    return [first, owner.load(str(folder / name))]


def test_a_search_by_folds(tmp_path: Path) -> None:
    for model in again(CrossValidatorModel, "folds", tmp_path):
        assert model.avgMetrics == pytest.approx([0.5, 0.8385416666666667])
        assert (model.getNumFolds(), model.getSeed()) == (2, 1)
        assert isinstance(model.getEstimator(), LogisticRegression)
        tried = [list(one.values()) for one in model.getEstimatorParamMaps()]
        assert tried == [[0], [1]]
        assert [[type(one) for one in fold] for fold in model.subModels] == [
            [LogisticRegressionModel] * 2
        ] * 2
        assert model.subModels[0][1].coefficients != model.subModels[1][1].coefficients
        assert model.bestModel.coefficients.toArray() == pytest.approx([3.0697], abs=1e-4)


def test_a_search_by_one_split_of_a_pipeline(tmp_path: Path) -> None:
    for model in again(TrainValidationSplitModel, "split", tmp_path):
        assert (model.getTrainRatio(), model.subModels) == (0.75, None)
        assert isinstance(model.bestModel, PipelineModel)
        stages: list[Any] = model.bestModel.stages
        [stage] = stages
        assert stage.coefficients.toArray() == pytest.approx([3.0697], abs=1e-4)
        [param] = model.getEstimatorParamMaps()[1]
        assert model.getEstimator().getStages()[0].getParam("maxIter") == param
