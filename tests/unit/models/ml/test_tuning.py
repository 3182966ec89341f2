"""Searches for the best parameters."""

from __future__ import annotations

import json
import math
import threading
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from streamcore import Session
from streamcore.errors import IllegalArgumentException, QueryExecutionException
from streamcore.models.ml import Estimator, Model, Pipeline
from streamcore.models.ml.evaluation import Evaluator
from streamcore.models.ml.param import Param, Params, TypeConverters
from streamcore.models.ml.saved import Saved
from streamcore.models.ml.tuning import (
    CrossValidator,
    CrossValidatorModel,
    ParamGridBuilder,
    TrainValidationSplit,
    TrainValidationSplitModel,
)
from streamcore.models.ml.tuning.splitting import HeldDataset
from streamcore.sql import functions as F
from streamcore.sql.dataframe import DataFrame


class HasShift(Params):
    shift: Param[float] = Param(Params._dummy(), "shift", "", TypeConverters.toFloat)
    helper: Param[Any] = Param(Params._dummy(), "helper", "")

    def __init__(self):
        super().__init__()
        self._setDefault(shift=0.0)


class Mean(Estimator["MeanModel"], HasShift, Saved):
    """Predicts the mean of n, and something beside."""

    def _fit(self, dataset):
        values = [row.n for row in dataset.collect()]
        return self._copyValues(MeanModel(float(np.mean(values))))


class MeanModel(Model, HasShift, Saved):
    def __init__(self, mean=0.0):
        super().__init__()
        self.mean = mean

    def _transform(self, dataset):
        return dataset.withColumn("p", F.lit(self.mean + self.getOrDefault(self.shift)))

    def _data(self):
        return pa.table({"mean": [self.mean]})

    @classmethod
    def _of_data(cls, uid, data):
        return cls(data.column("mean")[0].as_py())


class Error(Evaluator, Saved):
    def _evaluate(self, dataset):
        return float(np.mean([abs(row.n - row.p) for row in dataset.collect()]))

    def isLargerBetter(self):
        return False


class Larger(Error):
    def isLargerBetter(self):
        return True


@pytest.fixture(scope="module")
def rows(session: Session) -> DataFrame:
    return session.createDataFrame([(float(n), n % 3) for n in range(30)], "n double, fold int")


def search(kind: Any, evaluator: Any = None, shifts: Any = (50.0, 0.0, -50.0), **params: Any) -> Any:
    estimator = Mean()
    grid = ParamGridBuilder().addGrid(estimator.shift, list(shifts)).build()
    return kind(estimator=estimator, estimatorParamMaps=grid, evaluator=evaluator or Error(), **params)


def test_a_grid_is_every_combination_of_its_values():
    thing = Mean()
    grid = ParamGridBuilder().baseOn([thing.helper, "h"]).addGrid(thing.shift, [1, 2]).build()
    assert grid == [{thing.helper: "h", thing.shift: 1.0}, {thing.helper: "h", thing.shift: 2.0}]
    assert ParamGridBuilder().build() == [{}]
    wrong: Any = "shift"
    with pytest.raises(TypeError, match="param must be an instance of Param"):
        ParamGridBuilder().addGrid(wrong, [1])


def test_the_best_map_over_all_folds_wins_and_is_fitted_on_all_rows(rows: DataFrame):
    model = search(CrossValidator).fit(rows)
    assert (model.bestModel.mean, model.bestModel.getOrDefault("shift")) == (14.5, 0.0)
    assert model.avgMetrics[1] == min(model.avgMetrics)
    assert len(model.stdMetrics) == 3
    assert model.subModels is None
    assert search(CrossValidator, Larger()).fit(rows).bestModel.getOrDefault("shift") != 0.0


def test_folds_can_be_given(rows: DataFrame):
    model = search(CrossValidator, foldCol="fold", collectSubModels=True).fit(rows)
    means = [fold[0].mean for fold in model.subModels]
    assert means == [15.0, 14.5, 14.0]
    assert [[m.getOrDefault("shift") for m in fold] for fold in model.subModels] == [[50.0, 0.0, -50.0]] * 3


def test_folds_that_do_not_fit_are_refused(rows: DataFrame):
    with pytest.raises(QueryExecutionException, match=r"Fold number must be in range \[0, 2\), but got 2"):
        search(CrossValidator, foldCol="fold", numFolds=2).fit(rows)
    with pytest.raises(ValueError, match="The validation data at fold 3 is empty"):
        search(CrossValidator, foldCol="fold", numFolds=4).fit(rows)
    with pytest.raises(IllegalArgumentException, match="must be integer type, but got double"):
        search(CrossValidator, foldCol="n").fit(rows)
    with pytest.raises(IllegalArgumentException, match="parameter numFolds given invalid value 1"):
        search(CrossValidator, numFolds=1).fit(rows)


def test_rows_are_drawn_as_spark_draws_them_in_one_partition(rows: DataFrame):
    drawn = HeldDataset(rows).drawn(5)
    assert drawn[:3].tolist() == [0.02390696427502892, 0.09509767744084452, 0.7705061443410145]


def test_the_same_seed_draws_the_same_folds(rows: DataFrame):
    metrics = [search(CrossValidator, seed=seed).fit(rows).avgMetrics for seed in (1, 1, 2)]
    assert metrics[0] == metrics[1] != metrics[2]


def test_every_row_validates_once(rows: DataFrame):
    folds = list(search(CrossValidator, seed=5)._kFold(rows))
    validated = sorted(row.n for _, validation in folds for row in validation.collect())
    assert validated == [float(n) for n in range(30)]
    assert all(train.count() + validation.count() == 30 for train, validation in folds)


def test_one_split_trains_on_its_share_and_validates_on_the_rest(rows: DataFrame):
    model = search(TrainValidationSplit, trainRatio=0.5, seed=3, collectSubModels=True).fit(rows)
    assert (model.bestModel.mean, model.bestModel.getOrDefault("shift")) == (14.5, 0.0)
    assert model.validationMetrics[1] == min(model.validationMetrics)
    assert len({m.mean for m in model.subModels}) == 1
    assert model.subModels[0].mean != 14.5


def test_models_are_compared_in_as_many_threads_as_asked(rows: DataFrame):
    together = threading.Barrier(3)

    class Meeting(Error):
        def _evaluate(self, dataset):
            together.wait(timeout=30)  # passes when three are there
            return super()._evaluate(dataset)

    found = search(CrossValidator, Meeting(), parallelism=3).fit(rows).avgMetrics
    assert found == search(CrossValidator).fit(rows).avgMetrics


def test_no_map_to_try_is_refused(rows: DataFrame):
    with pytest.raises(IllegalArgumentException, match="estimatorParamMaps is empty"):
        CrossValidator(estimator=Mean(), estimatorParamMaps=[], evaluator=Error()).fit(rows)


def test_a_metric_that_is_no_number_never_wins():
    validator = search(CrossValidator)
    assert validator._best([math.nan, 2.0, 1.0]) == 2
    assert search(CrossValidator, Larger())._best([math.nan, 1.0, 2.0, 2.0]) == 2


@pytest.mark.parametrize("kind", [CrossValidator, TrainValidationSplit])
def test_a_search_is_saved_as_spark_saves_it_and_comes_back(kind: Any, rows: DataFrame, tmp_path):
    validator = search(kind, seed=7)
    path = str(tmp_path / "search")
    validator.save(path)
    found = json.loads((tmp_path / "search/metadata/part-00000").read_text())
    assert found["class"] == f"org.apache.spark.ml.tuning.{kind.__name__}"
    uid = validator.getEstimator().uid
    assert found["paramMap"]["estimatorParamMaps"][0] == [
        {"parent": uid, "name": "shift", "value": "50.0", "isJson": "true"}
    ]
    again = kind.load(path)
    assert (again.uid, again.getSeed(), again.getEstimator().uid) == (validator.uid, 7, uid)
    assert again.getEstimatorParamMaps() == validator.getEstimatorParamMaps()
    assert again.fit(rows).bestModel.mean == 14.5


@pytest.mark.parametrize(
    ("kind", "model_kind"),
    [(CrossValidator, CrossValidatorModel), (TrainValidationSplit, TrainValidationSplitModel)],
)
def test_the_model_of_a_search_comes_back_with_all_that_was_tried(
    kind: Any, model_kind: Any, rows: DataFrame, tmp_path
):
    model = search(kind, collectSubModels=True).fit(rows)
    model.save(str(tmp_path / "all"))
    again = model_kind.load(str(tmp_path / "all"))
    assert (again.uid, again.bestModel.mean) == (model.uid, 14.5)
    assert model.transform(rows).collect() == again.transform(rows).collect()
    assert str(np.vectorize(lambda m: m.mean)(again.subModels)) == str(
        np.vectorize(lambda m: m.mean)(model.subModels)
    )
    model.write().option("persistSubModels", "false").save(str(tmp_path / "best"))
    assert model_kind.load(str(tmp_path / "best")).subModels is None
    with pytest.raises(ValueError, match="collectSubModels set to true"):
        search(kind).fit(rows).write().option("persistSubModels", True)


def test_a_copy_has_copies_of_all_that_it_is_made_of(rows: DataFrame):
    validator = search(CrossValidator, collectSubModels=True)
    estimator = validator.getEstimator()
    other = validator.copy({estimator.shift: 3.0})
    assert (other.getEstimator().getOrDefault("shift"), estimator.getOrDefault("shift")) == (3.0, 0.0)
    model = validator.fit(rows)
    again = model.copy()
    assert (again.uid, again.avgMetrics) == (model.uid, model.avgMetrics)
    assert again.subModels[0][0] is not model.subModels[0][0]


def test_parameters_of_stages_of_a_pipeline_are_searched_and_saved(rows: DataFrame, tmp_path):
    inner = Mean()
    grid = ParamGridBuilder().addGrid(inner.shift, [9.0, 0.0]).build()
    validator = CrossValidator(
        estimator=Pipeline(stages=[inner]), estimatorParamMaps=grid, evaluator=Error(), numFolds=2
    )
    best: Any = validator.fit(rows).bestModel
    assert best.stages[0].getOrDefault("shift") == 0.0
    validator.save(str(tmp_path / "p"))
    assert CrossValidator.load(str(tmp_path / "p")).getEstimatorParamMaps() == grid


def test_values_that_are_estimators_are_saved_in_folders_of_their_own(tmp_path):
    outer, helper = Mean(), Mean()._set(shift=4.0)
    grid = ParamGridBuilder().addGrid(outer.helper, [helper]).build()
    CrossValidator(estimator=outer, estimatorParamMaps=grid, evaluator=Error()).save(str(tmp_path / "c"))
    [found] = CrossValidator.load(str(tmp_path / "c")).getEstimatorParamMaps()
    [loaded] = found.values()
    assert (loaded.uid, loaded.getOrDefault("shift")) == (helper.uid, 4.0)


def test_a_map_with_a_parameter_of_something_else_cannot_be_saved(tmp_path):
    stranger = Mean()
    validator = CrossValidator(
        estimator=Mean(), estimatorParamMaps=[{stranger.shift: 1.0}], evaluator=Error()
    )
    with pytest.raises(ValueError, match="An extraneous Param was found"):
        validator.save(str(tmp_path / "c"))
