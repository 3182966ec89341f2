"""Naive Bayes and scaling as scikit-learn and river have them, k-means from its first batch on."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from river import preprocessing
from sklearn import naive_bayes

from streamcore import models
from streamcore.errors import AnalysisException, IllegalArgumentException, QueryExecutionException
from streamcore.spi.models import BatchId, OnlineModel, State

_DRAW = np.random.default_rng(2)
_COUNTS = _DRAW.poisson(2.0, size=(200, 5)).astype(np.float64)
_LABELS = (_COUNTS[:, 0] > _COUNTS[:, 1]) + 1.0 * (_COUNTS[:, 2] > 3)
_WEIGHTS = _DRAW.random(200) + 0.5
_ROWS = pa.table({"features": _COUNTS.tolist(), "label": _LABELS, "weight": _WEIGHTS})


def _learnt(model: OnlineModel, *batches: pa.Table) -> State:
    state = model.initial_state()
    for number, batch in enumerate(batches):
        state = model.update(state, batch, BatchId("query", number))
    return state


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (
            models.MultinomialNaiveBayes(numClasses=3, smoothing=0.5, weightCol="weight"),
            naive_bayes.MultinomialNB(alpha=0.5),
        ),
        (models.GaussianNaiveBayes(numClasses=3, weightCol="weight"), naive_bayes.GaussianNB()),
    ],
    ids=["multinomial", "gaussian"],
)
def test_probabilities_are_those_of_scikit_learn(ours, theirs) -> None:
    state = _learnt(ours, _ROWS.slice(0, 70), _ROWS.slice(70))
    found = ours.predict(state, _ROWS)
    theirs.fit(_COUNTS, _LABELS, sample_weight=_WEIGHTS)
    probability = found["probability"].flatten().to_numpy().reshape(-1, 3)
    np.testing.assert_allclose(probability, theirs.predict_proba(_COUNTS), rtol=1e-6, atol=1e-9)
    np.testing.assert_array_equal(found["prediction"].to_numpy(), theirs.predict(_COUNTS))


def test_a_negative_count_is_refused() -> None:
    with pytest.raises(QueryExecutionException, match="a feature is negative"):
        _learnt(models.MultinomialNaiveBayes(), pa.table({"features": [[-1.0]], "label": [0.0]}))


def test_forgotten_counts_weigh_less_than_new_ones() -> None:
    model = models.MultinomialNaiveBayes()
    state = _learnt(model, pa.table({"features": [[1.0]] * 100, "label": [0.0] * 100}))
    after = model.update(
        model.forget(state, 0.1), pa.table({"features": [[1.0]] * 30, "label": [1.0] * 30}), BatchId("q", 1)
    )
    np.testing.assert_allclose(after["counts"], [10.0, 30.0])


def test_scaled_features_are_those_of_river() -> None:
    scaler, river = models.StandardScaler(outputCol="scaled"), preprocessing.StandardScaler()
    rows = _ROWS.slice(0, 40)
    state = _learnt(scaler, rows.slice(0, 17), rows.slice(17))
    named = [dict(enumerate(row)) for row in _COUNTS[:40].tolist()]
    for row in named:
        river.learn_one(row)
    expected = [list(river.transform_one(row).values()) for row in named]
    scaled = scaler.predict(state, rows)["scaled"].to_pylist()
    np.testing.assert_allclose(scaled, expected, rtol=1e-9, atol=1e-12)


def test_a_feature_that_never_changes_is_scaled_to_zero() -> None:
    scaler = models.StandardScaler(outputCol="scaled")
    rows = pa.table({"features": [[0.1, float(number)] for number in range(1000)]})
    scaled = scaler.predict(_learnt(scaler, rows, rows), rows)["scaled"].to_pylist()
    assert {row[0] for row in scaled} == {0.0}


def test_values_far_from_zero_keep_their_deviation() -> None:
    scaler = models.StandardScaler(outputCol="scaled")
    values = 1e9 + np.arange(1000) % 7
    state = _learnt(scaler, pa.table({"features": values[:, None].tolist()}))
    np.testing.assert_allclose(state["squares"] / 1000, [values.var()], rtol=1e-9)


def test_mean_and_deviation_can_be_left_as_they_are() -> None:
    rows = pa.table({"features": [[1.0], [3.0]]})
    for scaler, expected in (
        (models.StandardScaler(outputCol="scaled", withMean=False), [[1.0], [3.0]]),
        (models.StandardScaler(outputCol="scaled", withStd=False), [[-1.0], [1.0]]),
    ):
        assert scaler.predict(_learnt(scaler, rows), rows)["scaled"].to_pylist() == expected


def test_predictions_stay_what_they_were_while_the_model_goes_on() -> None:
    scaler = models.StandardScaler(outputCol="scaled")
    state = _learnt(scaler, _ROWS.slice(0, 50))
    expected = scaler.predict(state, _ROWS)["scaled"].to_pylist()
    found, _ = scaler.predict_then_update(state, _ROWS, BatchId("query", 1))
    assert found["scaled"].to_pylist() == expected


def test_a_scaler_by_itself_needs_a_new_column() -> None:
    with pytest.raises(AnalysisException, match="output column 'features' of StandardScaler exists already"):
        models.StandardScaler().check(_ROWS.schema, learns=True)


def test_stages_of_a_chain_must_name_the_same_column() -> None:
    with pytest.raises(IllegalArgumentException, match="reads features, and StandardScaler"):
        models.StandardScaler(outputCol="scaled") | models.LogisticRegression()


def test_the_first_centres_are_rows_drawn_by_the_seed() -> None:
    batch = pa.table({"features": [[float(number), 0.0] for number in range(50)]})
    drawn = {seed: _learnt(models.KMeans(k=3, seed=seed, decayFactor=0.0), batch) for seed in (1, 1, 2)}
    again = _learnt(models.KMeans(k=3, seed=1, decayFactor=0.0), batch)
    np.testing.assert_array_equal(drawn[1]["centers"], again["centers"])
    assert (drawn[1]["centers"] != drawn[2]["centers"]).any()


def test_clusters_are_null_before_the_first_row_and_distances_are_true_then() -> None:
    model = models.KMeans(k=1, distanceCol="distance")
    rows = pa.table({"features": [[0.0, 0.0], [6.0, 8.0]]})
    before = model.predict(model.initial_state(), rows)
    assert before["prediction"].to_pylist() == before["distance"].to_pylist() == [None, None]
    after = model.predict(_learnt(model, rows), rows)
    assert after["prediction"].to_pylist() == [0, 0]
    assert after["distance"].to_pylist() == [5.0, 5.0]


@pytest.mark.parametrize(
    "model",
    [
        models.KMeans(),
        models.StandardScaler(outputCol="scaled"),
        models.GaussianNaiveBayes(),
        models.MultinomialNaiveBayes(),
        models.SoftmaxRegression(numClasses=2),
        models.BatchGradientDescent(),
    ],
    ids=lambda model: model.name,
)
def test_another_number_of_features_than_learnt_is_refused(model) -> None:
    state = _learnt(model, pa.table({"features": [[1.0, 2.0], [3.0, 4.0]], "label": [0.0, 1.0]}))
    other = pa.table({"features": [[1.0, 2.0, 3.0]], "label": [0.0]})
    for call in (
        lambda: model.predict(state, other),
        lambda: model.update(state, other, BatchId("query", 1)),
    ):
        with pytest.raises(QueryExecutionException, match=r"learnt from 2 features; these rows have 3"):
            call()


def test_clusters_far_from_zero_are_told_apart() -> None:
    model = models.KMeans(k=2, initialCenters=((1e9, 0.0), (1e9 + 1.0, 0.0)), initialWeight=1.0)
    rows = pa.table({"features": [[1e9 + 0.1, 0.0], [1e9 + 0.9, 0.0], [1e9 - 3.0, 0.0]]})
    assert model.predict(model.initial_state(), rows)["prediction"].to_pylist() == [0, 1, 0]


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"k": 0}, "k=0 must be at least 1"),
        ({"timeUnit": "seconds"}, "timeUnit='seconds' must be one of batches, points"),
        ({"decayFactor": 0.5, "halfLife": 2.0}, "they say the same"),
        ({"decayFactor": 1.5}, r"decayFactor=1.5 must be in \[0, 1\]"),
        ({"initialWeight": 2.0}, "initialWeight=2.0 must be 0 without initialCenters"),
        ({"halfLife": 0.0}, "halfLife=0.0 must be above 0"),
        ({"initialCenters": ((0.0,),)}, "must be 2 centres of one size"),
    ],
)
def test_a_setting_of_k_means_outside_its_domain_is_refused(settings, complaint) -> None:
    with pytest.raises(IllegalArgumentException, match=complaint):
        models.KMeans(**settings)


def test_what_makes_no_features_is_the_last_stage() -> None:
    with pytest.raises(IllegalArgumentException, match="LinearRegression makes no features"):
        models.LinearRegression() | models.KMeans(featuresCol="prediction")


def test_a_hasher_is_the_first_stage() -> None:
    with pytest.raises(IllegalArgumentException, match="FeatureHasher reads the columns of the batch"):
        models.StandardScaler() | models.FeatureHasher(inputCols="features", outputCol="hashed")


def test_rows_with_unknown_features_are_predicted_as_unknown() -> None:
    rows = pa.table({"features": [[1.0, 0.0], [float("nan"), 0.0], [0.0, 2.0]], "label": [0.0, 1.0, 1.0]})
    for model in (
        models.LogisticRegression(),
        models.LinearRegression(),
        models.SoftmaxRegression(numClasses=2),
        models.GaussianNaiveBayes(),
        models.KMeans(k=2),
    ):
        state = _learnt(model, pa.concat_tables([rows.slice(0, 1), rows.slice(2)]))
        assert model.predict(state, rows)["prediction"].is_null().to_pylist() == [False, True, False]
