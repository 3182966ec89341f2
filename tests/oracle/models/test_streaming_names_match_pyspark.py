"""Spark's names for models of streams: the centres and weights that Spark has after each batch."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from streamcore.context import Context
from streamcore.errors import ArgumentTypeError, IllegalArgumentException
from streamcore.models.mllib.regression import LabeledPoint
from streamcore.models.mllib.streaming import (
    StreamingKMeans,
    StreamingLinearRegressionWithSGD,
    StreamingLogisticRegressionWithSGD,
)
from streamcore.models.mllib.streaming.kmeans import StreamingKMeansModel
from streamcore.spi.models import BatchId
from tests.oracle.models import freeze_answers as asked

_ANSWERS = json.loads(asked.ANSWERS.read_text())


class _Frame:
    """A batch DataFrame, as far as these models look at one."""

    def __init__(self, **columns: object) -> None:
        self._columns = columns

    def toArrow(self) -> pa.Table:
        return pa.table(self._columns)


def _latest(model: Any) -> Any:
    return model.latestModel()


@pytest.mark.parametrize(("unit", "decay"), asked.DECAYS)
def test_k_means_moves_its_centres_as_spark_does(unit, decay) -> None:
    model = StreamingKMeans(k=3).setDecayFactor(decay).setInitialCenters(asked.CENTERS, asked.WEIGHTS)
    model._unit = unit
    for batch, (centers, weights) in zip(
        asked.clustered(), _ANSWERS["clusters"][asked.DECAYS.index((unit, decay))], strict=True
    ):
        model.trainOn(_Frame(features=batch))
        latest = _latest(model)
        np.testing.assert_allclose(latest.centers, centers, rtol=1e-12)
        np.testing.assert_allclose(latest.clusterWeights, weights, rtol=1e-12)


def test_half_life_and_time_unit_are_set_together() -> None:
    model = StreamingKMeans(k=1).setHalfLife(4.0, "points").setRandomCenters(2, 1.0, seed=3)
    specification = model.specification(predictionCol="cluster")
    assert specification.decayFactor == pytest.approx(0.5**0.25)
    assert specification.timeUnit == "points"
    np.testing.assert_array_equal(specification.initialCenters, np.random.RandomState(3).randn(1, 2))
    with pytest.raises(IllegalArgumentException, match="timeUnit should be 'batches' or 'points', got days"):
        model.setHalfLife(4.0, "days")


@pytest.mark.parametrize(
    ("model", "loss"),
    [
        (StreamingLinearRegressionWithSGD(), "squared"),
        (StreamingLogisticRegressionWithSGD(regParam=0.01), "logistic"),
    ],
)
def test_regressions_reach_sparks_weights_after_each_batch(model, loss) -> None:
    model.setInitialWeights([0.0, 0.0])
    for (features, labels), weights in zip(asked.labelled(), _ANSWERS["weights"][loss], strict=True):
        targets = labels if loss == "squared" else [float(label > 0) for label in labels]
        model.trainOn(_Frame(features=features, label=targets))
        np.testing.assert_allclose(_latest(model).weights.toArray(), weights, rtol=1e-12)


def test_an_rdd_is_a_batch_and_predictions_keep_the_keys() -> None:
    with Context("local[1]") as context:
        model = StreamingKMeans(k=2).setInitialCenters([[0.0], [10.0]], [1.0, 1.0])
        model.trainOn(context.parallelize([[1.0], [11.0], [12.0]]))
        np.testing.assert_allclose(_latest(model).centers, [[0.5], [11.0]])
        assert model.predictOn(context.parallelize([[2.0], [9.0]])).collect() == [0, 1]
        assert model.predictOnValues(context.parallelize([("a", [9.0])])).collect() == [("a", 1)]
        classes = StreamingLogisticRegressionWithSGD().setInitialWeights([0.0])
        classes.trainOn(context.parallelize([LabeledPoint(1.0, [2.0]), LabeledPoint(0.0, [-2.0])]))
        classes.trainOn(context.parallelize([]))
        assert classes.predictOn(context.parallelize([[1.0], [-1.0]])).collect() == [1, 0]


def test_what_is_no_batch_is_refused() -> None:
    model = StreamingLinearRegressionWithSGD().setInitialWeights([0.0])
    for call in (model.trainOn, model.predictOn, model.predictOnValues):
        with pytest.raises(ArgumentTypeError, match="there are no DStreams"):
            call([1.0])


def test_a_model_without_a_beginning_is_refused() -> None:
    with pytest.raises(IllegalArgumentException, match="setInitialCenters or setRandomCenters"):
        StreamingKMeans().trainOn(_Frame(features=[[1.0]]))
    with pytest.raises(IllegalArgumentException, match="setInitialWeights"):
        StreamingLogisticRegressionWithSGD().trainOn(_Frame(features=[[1.0]], label=[1.0]))
    assert StreamingLinearRegressionWithSGD().latestModel() is None
    assert StreamingKMeans().latestModel() is None


def test_a_specification_learns_what_the_named_model_learns() -> None:
    named = StreamingLogisticRegressionWithSGD(stepSize=0.3).setInitialWeights([0.1, 0.2])
    model = named.specification(labelCol="label")
    features, labels = asked.labelled()[0]
    rows = {"features": features, "label": [float(label > 0) for label in labels]}
    named.trainOn(_Frame(**rows))
    state = model.update(model.initial_state(), pa.table(rows), BatchId("query", 0))
    np.testing.assert_array_equal(state["weights"], _latest(named).weights.toArray())
    assert _latest(named).predict([5.0, -5.0]) == 1


def test_centres_of_different_weights_are_no_specification() -> None:
    with pytest.raises(IllegalArgumentException, match="one weight for all"):
        StreamingKMeans().setInitialCenters([[0.0], [1.0]], [1.0, 2.0]).specification()


def test_a_model_of_centres_predicts_and_updates_by_itself() -> None:
    model = StreamingKMeansModel([[0.0], [4.0]], [1.0, 1.0])
    assert model.update(_Frame(features=[[8.0]]), 1.0, "batches").clusterWeights == [1.0, 2.0]
    assert (model.k, model.predict([5.0])) == (2, 1)
