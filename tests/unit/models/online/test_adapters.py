"""Estimators of scikit-learn and river learn what they learn by themselves; pickle needs two yeses."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from river import linear_model as river_linear
from river import optim, preprocessing
from sklearn import cluster, linear_model, naive_bayes, neural_network, tree

from streamcore import models
from streamcore.errors import IllegalArgumentException, QueryExecutionException, UnsupportedOperationException
from streamcore.spi.models import BatchId, OnlineModel, State, model_of
from tests.unit.models.online.published import table_of

_DRAW = np.random.default_rng(3)
_FEATURES = _DRAW.normal(size=(300, 3))
_LABELS = (_FEATURES @ [1.0, -2.0, 0.5] > 0).astype(np.float64)
_ROWS = pa.table({"features": _FEATURES.tolist(), "label": _LABELS})


def _learnt(model: OnlineModel, rows: pa.Table = _ROWS, size: int = 100) -> State:
    state = model.initial_state()
    for number, begin in enumerate(range(0, len(rows), size)):
        state = model.update(state, rows.slice(begin, size), BatchId("query", number))
    return state


@pytest.mark.parametrize(
    "estimator",
    [
        linear_model.SGDClassifier(loss="log_loss", random_state=1),
        linear_model.SGDClassifier(loss="modified_huber", average=10, random_state=1),
        linear_model.Perceptron(random_state=1),
        naive_bayes.GaussianNB(),
        naive_bayes.BernoulliNB(),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_an_estimator_learns_what_it_learns_by_itself(estimator) -> None:
    model = models.SklearnEstimator.of(estimator, numClasses=2)
    found = model.predict(_learnt(model), _ROWS)["prediction"].to_numpy()
    for begin in range(0, 300, 100):
        estimator.partial_fit(
            _FEATURES[begin : begin + 100], _LABELS[begin : begin + 100], classes=[0.0, 1.0]
        )
    np.testing.assert_array_equal(found, estimator.predict(_FEATURES))


def test_clusters_are_learnt_without_labels() -> None:
    model = models.SklearnEstimator.of(cluster.MiniBatchKMeans(2, n_init=1), labelCol=None)
    assert model.inputs.to_learn() == ("features",)
    assert set(model.predict(_learnt(model), _ROWS)["prediction"].to_pylist()) == {0.0, 1.0}


def test_the_parameters_that_differ_from_the_defaults_are_kept() -> None:
    model = models.SklearnEstimator.of(linear_model.SGDRegressor(alpha=0.5, average=True))
    assert model.params == (("alpha", 0.5), ("average", True))
    assert model_of(model.describe()) == model
    assert not model.holds_pickle


def test_what_is_no_array_is_refused_by_name_until_pickle_is_allowed() -> None:
    model = models.SklearnEstimator.of(neural_network.MLPClassifier((4,)), numClasses=2)
    with pytest.raises(UnsupportedOperationException, match=r"_\w+ is of .*allowPickle=True"):
        _learnt(model)
    assert _learnt(model.replace(allowPickle=True)).keys() == {"pickle"}


def test_who_reads_a_pickled_model_must_allow_it_too() -> None:
    model = models.SklearnEstimator.of(neural_network.MLPClassifier((4,)), numClasses=2, allowPickle=True)
    river = models.RiverModel.of(river_linear.LinearRegression(), allowPickle=True)
    for pickled in (model, river, models.Prequential(model=model)):
        with pytest.raises(IllegalArgumentException, match="allow_pickle=True"):
            model_of(pickled.describe())
        assert model_of(pickled.describe(), allow_pickle=True) == pickled


def test_a_pickle_in_the_state_of_a_model_without_one_is_not_opened() -> None:
    model = models.SklearnEstimator.of(naive_bayes.GaussianNB(), numClasses=2)
    with pytest.raises(KeyError):
        model.predict({"pickle": np.frombuffer(b"cos\nsystem\n.", dtype=np.uint8)}, _ROWS)


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        ("os.system", "must be the path of a class of sklearn"),
        ("sklearn.linear_model.NoSuchModel", "has no such class"),
        ("sklearn.no_such_module.Model", "has no such class"),
        ("sklearn.base.clone", "is no estimator"),
        ("sklearn.tree.DecisionTreeClassifier", "has no partial_fit"),
        ("sklearn.decomposition.IncrementalPCA", "has no predict"),
    ],
)
def test_only_estimators_that_learn_batch_by_batch_and_predict_are_trained(path, complaint) -> None:
    with pytest.raises(IllegalArgumentException, match=complaint):
        models.SklearnEstimator(estimator=path, numClasses=2).check(_ROWS.schema, learns=True)


def test_an_estimator_without_partial_fit_is_refused_at_once() -> None:
    with pytest.raises(IllegalArgumentException, match="has no partial_fit"):
        models.SklearnEstimator.of(tree.DecisionTreeClassifier(), numClasses=2)


def test_a_classifier_must_say_how_many_classes() -> None:
    with pytest.raises(IllegalArgumentException, match="numClasses"):
        models.SklearnEstimator.of(naive_bayes.GaussianNB())
    model = models.SklearnEstimator.of(naive_bayes.GaussianNB(), numClasses=2)
    with pytest.raises(QueryExecutionException, match="the label 2 is not one of the classes 0 to 1"):
        _learnt(model, pa.table({"features": [[1.0]], "label": [2.0]}))


def test_a_model_of_river_reaches_what_river_documents() -> None:
    datasets = pytest.importorskip("river.datasets")
    names, rows = table_of(datasets.Phishing())
    pipeline = preprocessing.StandardScaler() | river_linear.LogisticRegression(optim.SGD(0.1))
    model = models.RiverModel.of(pipeline, numClasses=2, featuresCol=names, allowPickle=True)
    state = _learnt(models.Prequential(model=model, measures=(models.Accuracy(),), every=1), rows, size=500)
    metrics = models.Prequential(model=model, measures=(models.Accuracy(),), every=1).metrics(state)
    assert f"{metrics['accuracy']:.2%}" == "88.96%"


def test_a_model_of_river_needs_pickle() -> None:
    with pytest.raises(IllegalArgumentException, match="allowPickle=True"):
        models.RiverModel.of(river_linear.LinearRegression())


def test_what_is_no_model_of_river_is_refused() -> None:
    with pytest.raises(IllegalArgumentException, match="int is no model of river"):
        models.RiverModel.of(3, allowPickle=True)
