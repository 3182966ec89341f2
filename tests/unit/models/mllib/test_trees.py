"""Trees, forests and boosted trees of the RDD API."""

from __future__ import annotations

import pytest

from streamcore import Session
from streamcore.errors import IllegalArgumentException, QueryExecutionException
from streamcore.models.mllib.regression import LabeledPoint
from streamcore.models.mllib.tree import (
    DecisionTree,
    DecisionTreeModel,
    GradientBoostedTrees,
    GradientBoostedTreesModel,
    RandomForest,
    RandomForestModel,
)

ROWS = [
    (0, [0.0, 1.0]), (1, [1.0, 2.0]), (1, [2.0, 0.0]), (0, [0.0, 5.0]), (1, [1.0, 6.0]), (0, [2.0, 7.0]),
    (1, [2.0, 1.0]),
]  # fmt: skip
LABELS = [float(label) for label, _ in ROWS]
# As PySpark 4 tells it.
RULES = """  If (feature 0 in {0.0})
   Predict: 0.0
  Else (feature 0 not in {0.0})
   If (feature 1 <= 6.5)
    Predict: 1.0
   Else (feature 1 > 6.5)
    Predict: 0.0
"""


@pytest.fixture(scope="module")
def sc():
    return Session.builder.getOrCreate().sparkContext


@pytest.fixture(scope="module")
def points(sc):
    return sc.parallelize([LabeledPoint(label, features) for label, features in ROWS], 2)


@pytest.fixture(scope="module")
def vectors(sc):
    return sc.parallelize([features for _, features in ROWS], 2)


def test_a_tree_tells_classes_by_sparks_rules(points, vectors):
    model = DecisionTree.trainClassifier(points, 2, {0: 3})
    assert repr(model) == "DecisionTreeModel classifier of depth 2 with 5 nodes"
    assert model.toDebugString() == f"{model!r}\n{RULES}"
    assert (model.numNodes(), model.depth()) == (5, 2)
    assert model.predict(vectors).collect() == LABELS
    assert model.predict([5.0, 0.0]) == 1.0  # a category that no split lists goes right


def test_a_tree_tells_numbers_and_survives_saving(sc, points, vectors, tmp_path):
    model = DecisionTree.trainRegressor(points, {0: 3}, maxDepth=2)
    model.save(sc, str(tmp_path / "tree"))
    loaded = DecisionTreeModel.load(sc, str(tmp_path / "tree"))
    assert loaded.toDebugString() == f"DecisionTreeModel regressor of depth 2 with 5 nodes\n{RULES}"
    assert loaded.predict(vectors).collect() == LABELS


def test_a_forest_votes_as_before_after_saving(sc, points, vectors, tmp_path):
    model = RandomForest.trainClassifier(points, 2, {}, 5, seed=1)
    model.save(sc, str(tmp_path / "forest"))
    loaded = RandomForestModel.load(sc, str(tmp_path / "forest"))
    assert (loaded.numTrees(), loaded.totalNumNodes()) == (5, model.totalNumNodes())
    assert loaded.toDebugString() == model.toDebugString()
    assert loaded.predict(vectors).collect() == model.predict(vectors).collect()
    assert set(model.predict(vectors).collect()) <= {0.0, 1.0}
    with pytest.raises(IllegalArgumentException, match="RandomForestModel"):
        GradientBoostedTreesModel.load(sc, str(tmp_path / "forest"))


def test_a_forest_of_numbers_tells_the_mean_of_its_trees(points):
    model = RandomForest.trainRegressor(points, {}, 4, seed=1, maxDepth=2)
    assert 4 * model.predict([0.0, 1.0]) == pytest.approx(
        sum(told.tree.prediction[told.tree.leaves(_row())[0]] for told in model._told)
    )


def _row():
    import numpy as np

    return np.array([[0.0, 1.0]])


def test_boosted_trees_are_sparks(sc, points, vectors, tmp_path):
    model = GradientBoostedTrees.trainClassifier(points, {0: 3}, numIterations=3, maxDepth=2)
    text = model.toDebugString()
    assert text.startswith(
        "TreeEnsembleModel classifier with 3 trees\n\n  Tree 0:\n    If (feature 0 in {0.0})"
    )
    assert "Predict: -0.47681168808847" in text
    model.save(sc, str(tmp_path / "gbt"))
    loaded = GradientBoostedTreesModel.load(sc, str(tmp_path / "gbt"))
    assert loaded.predict(vectors).collect() == model.predict(vectors).collect() == LABELS
    numbers = GradientBoostedTrees.trainRegressor(points, {0: 3}, "leastAbsoluteError", 3, maxDepth=2)
    assert numbers.toDebugString().endswith("  Tree 1:\n    Predict: 1.0\n  Tree 2:\n    Predict: -1.0\n")


def test_impossible_settings_are_refused_by_name(sc, points):
    with pytest.raises(IllegalArgumentException, match="invalid impurity for Classification"):
        DecisionTree.trainClassifier(points, 2, {}, impurity="variance")
    with pytest.raises(IllegalArgumentException, match="maxDepth <= 30"):
        DecisionTree.trainRegressor(points, {}, maxDepth=31)
    with pytest.raises(ValueError, match="featureSubsetStrategy"):
        RandomForest.trainClassifier(points, 2, {}, 2, featureSubsetStrategy="x")
    with pytest.raises(IllegalArgumentException, match="Loss name"):
        GradientBoostedTrees.trainRegressor(points, {}, loss="x")
    with pytest.raises(QueryExecutionException, match="labels are 0 to 1"):
        DecisionTree.trainClassifier(sc.parallelize([LabeledPoint(2.0, [1.0])]), 2, {})
