"""Gradient steps: those of river where river has the rule, and the same over sparse and dense rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from river import linear_model, optim

from streamcore import models
from streamcore.errors import IllegalArgumentException, QueryExecutionException
from streamcore.spi.models import BatchId, OnlineModel, State

_DRAW = np.random.default_rng(11)
_FEATURES = np.round(_DRAW.normal(size=(260, 4)), 3)
_NUMBERS = _FEATURES @ [1.0, -2.0, 0.0, 0.5] + 3.0
_CLASSES = (_NUMBERS > 3.0).astype(np.float64)
_WEIGHTS = np.round(_DRAW.random(260) + 0.5, 3)


def _rows(labels: np.ndarray) -> pa.Table:
    return pa.table({"features": _FEATURES.tolist(), "label": labels, "weight": _WEIGHTS})


def _learnt(model: OnlineModel, rows: pa.Table) -> State:
    return model.update(model.initial_state(), rows, BatchId("query", 0))


@pytest.mark.parametrize(("size", "rows"), [(1, 50), (100, 260)])
@pytest.mark.parametrize(
    ("settings", "optimizer", "penalty"),
    [
        ({"stepSize": 0.05}, lambda: optim.SGD(0.05), {}),
        ({"stepSize": 0.05, "regParam": 0.1}, lambda: optim.SGD(0.05), {"l2": 0.1}),
        ({"optimizer": "adagrad", "stepSize": 0.1}, lambda: optim.AdaGrad(0.1), {}),
    ],
)
def test_weights_are_those_of_river(settings, optimizer, penalty, size, rows) -> None:
    for ours, theirs, labels in (
        (models.LinearRegression, linear_model.LinearRegression, _NUMBERS),
        (models.LogisticRegression, linear_model.LogisticRegression, _CLASSES),
    ):
        state = _learnt(ours(innerStep=size, weightCol="weight", **settings), _rows(labels).slice(0, rows))
        model = theirs(optimizer(), **penalty)
        for begin in range(0, rows, size):
            part = slice(begin, min(begin + size, rows))
            features = pd.DataFrame(_FEATURES[part], columns=list("abcd"))
            model.learn_many(features, pd.Series(labels[part]), pd.Series(_WEIGHTS[part]))
        np.testing.assert_allclose(state["weights"], [model.weights[name] for name in "abcd"], rtol=1e-9)
        np.testing.assert_allclose(state["intercept"], model.intercept, rtol=1e-9)


def test_ftrl_leaves_features_with_little_effect_at_zero() -> None:
    weights = []
    for penalty in (0.0, 3.0):
        model = models.LinearRegression(optimizer="ftrl", regParam=penalty, elasticNetParam=1.0, stepSize=0.1)
        weights.append(_learnt(model, _rows(_FEATURES @ [1.0, -2.0, 0.0, 0.1]))["weights"])
    assert np.count_nonzero(weights[0]) == 4
    assert np.flatnonzero(weights[1]).tolist() == [0, 1]


def test_soft_thresholds_leave_weights_at_zero() -> None:
    model = models.LinearRegression(stepSize=0.05, regParam=0.4, elasticNetParam=1.0, innerStep=10)
    weights = _learnt(model, pa.concat_tables([_rows(_NUMBERS)] * 20))["weights"]
    assert weights[2] == 0.0
    assert abs(weights[1]) > 1.0


@pytest.mark.parametrize("optimizer", ["sgd", "adagrad", "ftrl"])
def test_sparse_rows_learn_what_dense_rows_learn(optimizer) -> None:
    vectors = [{"type": 0, "size": 4, "indices": [0, 1, 2, 3], "values": row} for row in _FEATURES.tolist()]
    kind = pa.struct(
        [
            ("type", pa.int8()),
            ("size", pa.int32()),
            ("indices", pa.list_(pa.int32())),
            ("values", pa.list_(pa.float64())),
        ]
    )
    dense = _rows(_CLASSES)
    sparse = dense.set_column(0, "features", pa.array(vectors, kind))
    model = models.LogisticRegression(optimizer=optimizer, regParam=0.01, weightCol="weight")
    expected, found = _learnt(model, dense), _learnt(model, sparse)
    for name, array in expected.items():
        np.testing.assert_allclose(found[name], array, rtol=1e-9)
    probability = model.predict(expected, dense)["probability"].flatten().to_numpy()
    np.testing.assert_allclose(model.predict(found, sparse)["probability"].flatten(), probability)


def test_a_step_over_sparse_rows_touches_the_features_that_they_name() -> None:
    hasher = models.FeatureHasher(inputCols=("word",), numFeatures=1000, outputCol="h")
    chain = hasher | models.LogisticRegression(featuresCol="h", regParam=0.1, innerStep=1)
    state = _learnt(chain, pa.table({"word": ["a", "b"], "label": [1.0, 0.0]}))
    assert np.count_nonzero(state["1.weights"]) == 2


def test_inner_steps_reach_what_one_step_per_batch_does_not() -> None:
    draw = np.random.default_rng(1)
    features = draw.normal(size=(10_000, 5))
    labels = (draw.random(10_000) < 1 / (1 + np.exp(-features @ [2, -2, 1, 0, 3]))).astype(float)
    rows = pa.table({"features": features.tolist(), "label": labels})
    losses = []
    for size in (100, 10_000):
        model = models.LogisticRegression(stepSize=0.5, innerStep=size)
        state = _learnt(model, rows)
        probability = model.predict(state, rows)["probability"].flatten().to_numpy().reshape(-1, 2)
        losses.append(float(-np.log(probability[np.arange(10_000), labels.astype(int)]).mean()))
    assert losses[0] < 0.32
    assert losses[1] > 0.5


def test_rows_without_a_label_are_predicted_and_not_learnt() -> None:
    model, rows = models.LinearRegression(innerStep=1, weightCol="weight"), _rows(_NUMBERS)
    known = np.arange(260) % 3 > 0
    partly = rows.set_column(1, "label", pa.array(_NUMBERS, mask=~known))
    state = _learnt(model, partly)
    expected = _learnt(model, rows.filter(pa.array(known)))
    np.testing.assert_array_equal(state["weights"], expected["weights"])
    assert model.predict(state, partly)["prediction"].null_count == 0


def test_what_became_infinite_is_refused() -> None:
    rows = pa.table({"features": [[1.0, float("nan")]], "label": [1.0]})
    with pytest.raises(QueryExecutionException, match="has learnt weights that are not finite"):
        _learnt(models.LinearRegression(), rows)


def test_another_number_of_features_is_refused() -> None:
    model = models.LinearRegression()
    state = _learnt(model, _rows(_NUMBERS))
    narrow = pa.table({"features": [[1.0]], "label": [1.0]})
    with pytest.raises(QueryExecutionException, match="has learnt from 4 features; these rows have 1"):
        model.update(state, narrow, BatchId("query", 1))
    with pytest.raises(QueryExecutionException, match="has learnt from 4 features; these rows have 1"):
        model.predict(state, narrow)


def test_a_label_that_is_no_class_is_refused() -> None:
    rows = pa.table({"features": [[1.0], [2.0]], "label": [1.0, 0.5]})
    with pytest.raises(QueryExecutionException, match=r"the label 0.5 is not one of the classes 0 to 1"):
        _learnt(models.LogisticRegression(), rows)


def test_a_class_that_was_never_seen_has_no_probability() -> None:
    model = models.SoftmaxRegression(numClasses=3)
    rows = pa.table({"features": [[1.0], [-1.0]], "label": [0.0, 2.0]})
    before = model.predict(model.initial_state(), rows)
    assert before["prediction"].to_pylist() == before["probability"].to_pylist() == [None, None]
    after = model.predict(_learnt(model, rows), rows)["probability"].to_pylist()
    assert [row[1] for row in after] == [0.0, 0.0]
    np.testing.assert_allclose([sum(row) for row in after], 1.0)


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"optimizer": "adam"}, "optimizer='adam' must be one of adagrad, ftrl, sgd"),
        ({"stepSize": 0.0}, "stepSize=0.0 must be above 0"),
        ({"interceptStepSize": -1.0}, "interceptStepSize=-1.0 must be at least 0"),
        ({"regParam": -1.0}, "regParam=-1.0 must be at least 0"),
        ({"elasticNetParam": 2.0}, r"elasticNetParam=2.0 must be in \[0, 1\]"),
        ({"innerStep": 0}, "innerStep=0 must be at least 1"),
        ({"threshold": 1.5}, r"threshold=1.5 must be in \[0, 1\]"),
    ],
)
def test_a_setting_outside_its_domain_is_refused_by_name(settings, complaint) -> None:
    with pytest.raises(IllegalArgumentException, match=f"LogisticRegression: {complaint}"):
        models.LogisticRegression(**settings)
