"""Running measures are those of the whole, and a change is answered by the policy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sklearn import metrics

from streamcore import models
from streamcore.errors import IllegalArgumentException
from streamcore.models.online.base import Answer
from streamcore.spi.models import BatchId, OnlineModel, State

_DRAW = np.random.default_rng(4)
_LABELS = (_DRAW.random(500) > 0.4).astype(np.float64)
_ONES = 0.3 * _LABELS + 0.7 * _DRAW.random(500)
_CLASSES = Answer((_ONES > 0.5).astype(np.float64), np.column_stack([1 - _ONES, _ONES]))
_NUMBERS = Answer(_LABELS + _DRAW.normal(size=500))


def _measured(measure: Any, answer: Answer) -> Any:
    """The value over parts of the rows, of which two are merged."""
    states = []
    for part in (slice(0, 200), slice(200, 201), slice(201, 500)):
        probability = None if answer.probability is None else answer.probability[part]
        of_part = Answer(answer.prediction[part], probability)
        states.append(measure.update(measure.initial_state(), _LABELS[part], of_part))
    return measure.value(measure.merge([states[0], measure.merge(states[1:])]))


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        (models.Accuracy(), lambda: metrics.accuracy_score(_LABELS, _CLASSES.prediction)),
        (models.LogLoss(), lambda: metrics.log_loss(_LABELS, _ONES)),
        (models.F1(), lambda: metrics.f1_score(_LABELS, _CLASSES.prediction)),
        (models.MacroF1(), lambda: metrics.f1_score(_LABELS, _CLASSES.prediction, average="macro")),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_measures_of_classes_are_those_of_scikit_learn(measure, expected) -> None:
    assert _measured(measure, _CLASSES) == pytest.approx(expected())


def test_a_confusion_matrix_has_labels_by_predictions() -> None:
    expected = metrics.confusion_matrix(_LABELS, _CLASSES.prediction).tolist()
    assert _measured(models.ConfusionMatrix(), _CLASSES) == expected


def test_the_area_under_the_curve_is_that_of_rounded_probabilities() -> None:
    exact = metrics.roc_auc_score(_LABELS, _ONES)
    assert _measured(models.AUC(bins=100_000), _CLASSES) == pytest.approx(exact, abs=1e-4)
    rounded = metrics.roc_auc_score(_LABELS, np.floor(_ONES * 20))
    assert _measured(models.AUC(bins=20), _CLASSES) == pytest.approx(rounded, abs=0.01)


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        (models.MAE(), metrics.mean_absolute_error),
        (models.RMSE(), metrics.root_mean_squared_error),
        (models.R2(), metrics.r2_score),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_measures_of_numbers_are_those_of_scikit_learn(measure, expected) -> None:
    assert _measured(measure, _NUMBERS) == pytest.approx(expected(_LABELS, _NUMBERS.prediction))


def test_a_measure_of_no_rows_has_no_value() -> None:
    for measure in (
        models.Accuracy(),
        models.LogLoss(),
        models.AUC(),
        models.F1(),
        models.MAE(),
        models.R2(),
    ):
        assert measure.value(measure.initial_state()) is None


# ---- test, then train ----------------------------------------------------------------------------


def _rows(labels: Any) -> pa.Table:
    return pa.table({"features": [[1.0]] * len(labels), "label": np.asarray(labels, dtype=np.float64)})


def _after(model: OnlineModel, *batches: pa.Table) -> State:
    state = model.initial_state()
    for number, batch in enumerate(batches):
        state = model.update(state, batch, BatchId("query", number))
    return state


def _settling(**settings: Any) -> models.Prequential:
    """A model that says what most labels were, watched for changes."""
    return models.Prequential(
        model=models.GaussianNaiveBayes(), measures=(models.Accuracy(),), drift=models.ADWIN(), **settings
    )


def test_a_whole_batch_is_predicted_before_any_of_it_is_learnt() -> None:
    model = models.Prequential(
        model=models.LinearRegression(stepSize=0.1, innerStep=1), measures=(models.MAE(),)
    )
    rows = _rows([1.0, 1.0])
    columns, state = model.predict_then_update(model.initial_state(), rows, BatchId("query", 0))
    assert columns["prediction"].to_pylist() == [0.0, 0.0]
    assert model.metrics(state) == {"evaluated": 2, "mae": 1.0, "rows": 2, "steps": 2}
    by_rows = model.replace(every=1)
    columns, state = by_rows.predict_then_update(by_rows.initial_state(), rows, BatchId("query", 0))
    assert columns["prediction"].to_pylist()[1] > 0.0


def test_rows_without_a_label_are_predicted_and_not_measured() -> None:
    model = models.Prequential(model=models.LinearRegression(), measures=(models.MAE(),))
    rows = pa.table({"features": [[1.0]] * 3, "label": pa.array([2.0, None, 4.0])})
    columns, state = model.predict_then_update(model.initial_state(), rows, BatchId("query", 0))
    assert len(columns["prediction"]) == 3
    assert model.metrics(state)["evaluated"] == 2
    assert model.metrics(state)["mae"] == 3.0


_BEFORE, _CHANGED = [0.0] * 300, [1.0] * 300


def test_a_change_is_reported_where_it_is_found() -> None:
    model = _settling()
    state = _after(model, _rows([0.0]), _rows(_BEFORE), _rows(_CHANGED[:200]))
    drift = model.metrics(state)["drift"]
    assert drift["changes"] == 1
    assert 300 < drift["lastAtRow"] < 400
    assert model.metrics(model.initial_state())["drift"] == {"changes": 0, "lastAtRow": None}


def test_no_policy_leaves_the_model_as_it_is() -> None:
    watched = _settling()
    state = _after(watched, _rows(_BEFORE), _rows(_CHANGED))
    assert state["model.counts"].tolist() == [300.0, 300.0]


def test_a_reset_model_has_learnt_from_the_row_of_the_change_on() -> None:
    model = _settling(onDrift="reset")
    state = _after(model, _rows([0.0]), _rows(_BEFORE), _rows(_CHANGED))
    last = model.metrics(state)["drift"]["lastAtRow"]
    assert state["model.counts"].tolist() == [0.0, 600.0 - last]


def test_a_decayed_model_keeps_a_part_of_what_it_has_learnt() -> None:
    model = _settling(onDrift="decay", kept=0.1)
    state = _after(model, _rows([0.0]), _rows(_BEFORE), _rows(_CHANGED))
    last = model.metrics(state)["drift"]["lastAtRow"]
    np.testing.assert_allclose(state["model.counts"], [30.1, 600.0 - last])


def test_a_reset_model_is_right_sooner() -> None:
    batches = [_rows([0.0]), _rows(_BEFORE), *[_rows(_CHANGED[:50])] * 8]
    kept, reset = (_settling(onDrift=policy) for policy in ("none", "reset"))
    right = [model.metrics(_after(model, *batches))["accuracy"] for model in (kept, reset)]
    assert right[1] > right[0] + 0.1


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"onDrift": "restart"}, "onDrift='restart' must be one of none, reset, decay"),
        ({"onDrift": "reset"}, "onDrift='reset' needs a detector"),
        ({"every": 0}, "every=0 must be at least 1"),
        ({"kept": 0.5}, "kept=0.5 must be None unless onDrift='decay'"),
        ({"onDrift": "decay", "drift": models.ADWIN()}, "keeps no count of what it has seen"),
        ({"measures": (models.AUC(),)}, "AUC is of probabilities, and LinearRegression predicts none"),
        ({"model": models.KMeans()}, "KMeans learns without labels"),
        ({"model": models.ADWIN()}, "must be a model of streamcore.models"),
        ({"drift": models.MAE()}, "must be a detector, or None"),
        ({"measures": (models.ADWIN(),)}, "must be measures"),
        ({"measures": (models.MAE(), models.MAE())}, r"measures=\['mae', 'mae'\] must be different ones"),
    ],
)
def test_what_does_not_fit_together_is_refused(settings, complaint) -> None:
    with pytest.raises(IllegalArgumentException, match=complaint):
        models.Prequential(**{"model": models.LinearRegression(), **settings})


def test_errors_of_classes_are_right_or_wrong_however_they_are_predicted() -> None:
    perceptron = models.SklearnEstimator(
        estimator="sklearn.linear_model.Perceptron", numClasses=5, featuresCol=("x",)
    )
    watched = models.Prequential(model=perceptron, drift=models.PageHinkley())
    rows = pa.table({"x": [1.0, 1.0], "label": [0.0, 4.0]})
    state = watched.update(watched.initial_state(), rows.slice(0, 1), BatchId("query", 0))
    state = watched.update(state, rows.slice(1, 1), BatchId("query", 1))
    count, mean_error = state["drift.sums"][:2]
    assert (count, mean_error) == (1.0, 1.0)


def test_decay_needs_to_know_how_much_is_kept() -> None:
    with pytest.raises(IllegalArgumentException, match=r"kept=None must be in \[0, 1\) with onDrift='decay'"):
        _settling(onDrift="decay")
