"""k-means, descent over batches and hashed features answer as Spark does; its answers are frozen."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest

from streamcore import models
from streamcore.spi.models import BatchId, OnlineModel, State
from tests.oracle.models import freeze_answers as asked

_ANSWERS = json.loads(asked.ANSWERS.read_text())


def _states(model: OnlineModel, batches: list[pa.Table]) -> list[State]:
    """The state after each batch."""
    states = [model.initial_state()]
    for number, batch in enumerate(batches):
        states.append(model.update(states[-1], batch, BatchId("query", number)))
    return states[1:]


@pytest.mark.parametrize(("unit", "decay"), asked.DECAYS)
def test_centres_move_and_split_as_those_of_streaming_k_means(unit, decay) -> None:
    centers = tuple(tuple(center) for center in asked.CENTERS)
    model = models.KMeans(k=3, decayFactor=decay, timeUnit=unit, initialCenters=centers)
    state: State = {**model.initial_state(), "weights": np.array(asked.WEIGHTS)}
    answers = _ANSWERS["clusters"][asked.DECAYS.index((unit, decay))]
    for number, (batch, (expected, weights)) in enumerate(zip(asked.clustered(), answers, strict=True)):
        state = model.update(state, pa.table({"features": batch}), BatchId("query", number))
        np.testing.assert_allclose(state["centers"], expected, rtol=1e-12)
        np.testing.assert_allclose(state["weights"], weights, rtol=1e-12)


def test_half_life_is_the_decay_that_halves() -> None:
    batches = [pa.table({"features": batch}) for batch in asked.clustered()]
    centers = tuple(tuple(center) for center in asked.CENTERS)
    by_half_life = models.KMeans(k=3, halfLife=2.0, initialCenters=centers)
    by_factor = models.KMeans(k=3, decayFactor=0.5**0.5, initialCenters=centers)
    last, expected = _states(by_half_life, batches)[-1], _states(by_factor, batches)[-1]
    np.testing.assert_array_equal(last["centers"], expected["centers"])


@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_a_batch_of_descent_ends_at_sparks_weights(loss) -> None:
    model = models.BatchGradientDescent(loss=loss, regParam=0.01 if loss == "logistic" else 0.0)
    batches = [
        pa.table({"features": x, "label": y if loss == "squared" else [float(label > 0) for label in y]})
        for x, y in asked.labelled()
    ]
    found = [state["weights"] for state in _states(model, batches)]
    np.testing.assert_allclose(found, _ANSWERS["weights"][loss], rtol=1e-12)


@pytest.mark.parametrize(("size", "categorical"), asked.HASHINGS)
def test_features_are_hashed_to_sparks_places(size, categorical) -> None:
    names = ("real", "flag", "num", "text", "whole")
    columns = zip(*asked.HASHED, strict=True)
    rows = pa.table({name: list(values) for name, values in zip(names, columns, strict=True)})
    hasher = models.FeatureHasher(inputCols=names, numFeatures=size, categoricalCols=tuple(categorical))
    hasher.check(rows.schema, learns=True)
    vectors = hasher.predict(hasher.initial_state(), rows)["features"].to_pylist()
    answers = _ANSWERS["hashed"][asked.HASHINGS.index((size, categorical))]
    assert [[vector["indices"], vector["values"]] for vector in vectors] == answers
    assert {(vector["type"], vector["size"]) for vector in vectors} == {(0, size)}
