"""Labeled points, vectors, saved models and random numbers of the RDD API."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from streamcore import Session
from streamcore.errors import AnalysisException, IllegalArgumentException, QueryExecutionException
from streamcore.models.ml import linalg as ml
from streamcore.models.mllib.classification import (
    LogisticRegressionModel,
    LogisticRegressionWithLBFGS,
    LogisticRegressionWithSGD,
    NaiveBayes,
    NaiveBayesModel,
    SVMModel,
)
from streamcore.models.mllib.linalg import DenseVector, SparseVector, Vectors, VectorUDT
from streamcore.models.mllib.random import RandomRDDs
from streamcore.models.mllib.regression import (
    IsotonicRegressionModel,
    LabeledPoint,
    LinearRegressionModel,
    LinearRegressionWithSGD,
)
from streamcore.models.mllib.stat import Statistics
from streamcore.models.mllib.util import LinearDataGenerator, MLUtils


@pytest.fixture(scope="module")
def session() -> Session:
    return Session.builder.getOrCreate()


@pytest.fixture(scope="module")
def sc(session):
    return session.sparkContext


POINTS = [LabeledPoint(float(at % 2), [float(at % 2) + 0.1 * at, 1.0]) for at in range(8)]


def test_points_go_to_libsvm_and_come_back(sc, tmp_path):
    sparse = LabeledPoint(1.5, Vectors.sparse(3, [0, 2], [1.25, 4.5]))
    dense = LabeledPoint(0.0, [1.0, 0.0, 3.0])
    MLUtils.saveAsLibSVMFile(sc.parallelize([sparse, dense], 1), str(tmp_path / "points"))
    assert (tmp_path / "points" / "part-00000").read_text() == "1.5 1:1.25 3:4.5\n0.0 1:1.0 2:0.0 3:3.0\n"
    loaded = MLUtils.loadLibSVMFile(sc, str(tmp_path / "points")).collect()
    assert loaded == [sparse, dense]
    assert len(MLUtils.loadLibSVMFile(sc, str(tmp_path / "points"), 7).first().features) == 7


def test_points_and_vectors_are_read_from_their_texts(sc, tmp_path):
    texts = [str(LabeledPoint(1.0, [0.5, 2.0])), str(LabeledPoint(0.0, Vectors.sparse(3, [1], [2.0])))]
    (tmp_path / "points").write_text("\n".join(texts))
    first, second = MLUtils.loadLabeledPoints(sc, str(tmp_path / "points")).collect()
    assert first == LabeledPoint(1.0, [0.5, 2.0])
    assert isinstance(second.features, SparseVector)
    (tmp_path / "vectors").write_text("[1.0,2.0]\n(2,[0],[3.0])\n")
    assert MLUtils.loadVectors(sc, str(tmp_path / "vectors")).collect() == [
        DenseVector([1.0, 2.0]),
        SparseVector(2, [0], [3.0]),
    ]


def test_columns_of_vectors_change_between_mllib_and_ml(session):
    old = session.createDataFrame([(Vectors.dense([1.0]), 1)], ["v", "i"])
    assert old.schema["v"].dataType == VectorUDT()
    new = MLUtils.convertVectorColumnsToML(old)
    assert new.schema["v"].dataType == ml.VectorUDT()
    assert new.columns == ["v", "i"]
    assert isinstance(new.collect()[0].v, ml.DenseVector)
    assert isinstance(MLUtils.convertVectorColumnsFromML(new, "v").collect()[0].v, DenseVector)
    with pytest.raises(IllegalArgumentException, match="Column i must be a vector column"):
        MLUtils.convertVectorColumnsToML(old, "i")


def test_a_bias_stands_behind_the_entries():
    assert MLUtils.appendBias(Vectors.sparse(3, {1: 2.0})) == SparseVector(4, {1: 2.0, 3: 1.0})
    assert MLUtils.appendBias([2.0]) == DenseVector([2.0, 1.0])


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        (LinearRegressionModel([1.0, -2.0], 0.5), LinearRegressionModel),
        (LogisticRegressionModel([1.0, -2.0], 0.5, 2, 2), LogisticRegressionModel),
        (LogisticRegressionModel([1.0, -2.0, 0.5, 0.5, 1.0, 0.0], 0.0, 2, 3), LogisticRegressionModel),
        (SVMModel([1.0, -2.0], 0.5), SVMModel),
        (IsotonicRegressionModel(np.array([0.0, 1.0]), np.array([2.0, 3.0]), True), IsotonicRegressionModel),
        (NaiveBayesModel(np.arange(2.0), np.zeros(2), np.array([[0.5, 1.0], [1.0, 0.5]])), NaiveBayesModel),
    ],
)  # fmt: skip
def test_a_saved_model_predicts_the_same_and_no_other_class_loads_it(sc, tmp_path, model: Any, kind: Any):
    model.save(sc, str(tmp_path / "model"))
    loaded = kind.load(sc, str(tmp_path / "model"))
    for x in ([3.0, 1.0], [0.0, 1.0], [0.5, 0.25]):
        assert loaded.predict(x) == model.predict(x)
    other = SVMModel if kind is not SVMModel else NaiveBayesModel
    with pytest.raises(IllegalArgumentException, match="holds a"):
        other.load(sc, str(tmp_path / "model"))
    with pytest.raises(AnalysisException, match="already exists"):
        model.save(sc, str(tmp_path / "model"))


def test_without_a_threshold_scores_are_predicted(sc):
    model = LogisticRegressionModel([2.0], 0.0, 1, 2)
    assert model.predict([1.0]) == 1
    model.clearThreshold()
    assert model.predict(sc.parallelize([[1.0], [-1.0]])).collect() == pytest.approx(
        [0.8807970779778823, 0.11920292202211755]
    )


def test_labels_and_rows_that_do_not_fit_are_refused(sc):
    three = sc.parallelize([*POINTS, LabeledPoint(2.0, [0.0, 0.0])])
    with pytest.raises(QueryExecutionException, match=r"labels are 0 to 1, but there is 2\.0"):
        LogisticRegressionWithSGD.train(three)
    with pytest.raises(QueryExecutionException, match=r"labels are 0 to 1, but there is 2\.0"):
        LogisticRegressionWithLBFGS.train(three)
    with pytest.raises(TypeError, match="should be an RDD of LabeledPoint"):
        LinearRegressionWithSGD.train(sc.parallelize([1, 2]))
    with pytest.raises(IllegalArgumentException, match="regType"):
        LinearRegressionWithSGD.train(sc.parallelize(POINTS), regType="x")
    with pytest.raises(IllegalArgumentException, match="initialWeights has 1 entries"):
        LinearRegressionWithSGD.train(sc.parallelize(POINTS), initialWeights=[1.0])
    with pytest.raises(QueryExecutionException, match="MUST NOT be Negative"):
        NaiveBayes.train(sc.parallelize([LabeledPoint(0.0, [-1.0])]))


def test_random_numbers_repeat_with_their_seed_and_spread_over_partitions(sc):
    drawn = RandomRDDs.normalRDD(sc, 1001, 3, seed=7)
    assert [len(part) for part in drawn.glom().collect()] == [333, 334, 334]
    assert drawn.collect() == RandomRDDs.normalRDD(sc, 1001, 3, seed=7).collect()
    assert drawn.collect() != RandomRDDs.normalRDD(sc, 1001, 3, seed=8).collect()
    assert abs(drawn.mean()) < 0.1
    vectors = RandomRDDs.gammaVectorRDD(sc, 2.0, 3.0, 500, 4, seed=2)
    assert [type(row) for row in vectors.take(2)] == [np.ndarray, np.ndarray]
    np.testing.assert_allclose(Statistics.colStats(vectors).mean(), 6.0, atol=0.6)
    with pytest.raises(IllegalArgumentException, match="Positive RDD size required"):
        RandomRDDs.uniformRDD(sc, 0)


def test_a_generated_line_is_found_again(sc):
    points = LinearDataGenerator.generateLinearInput(0.0, [2.0, -1.0], [0.0, 0.0], [1.0, 1.0], 200, 3, 0.01)
    model = LinearRegressionWithSGD.train(sc.parallelize(points), iterations=200)
    np.testing.assert_allclose(model.weights.toArray(), [2.0, -1.0], atol=0.02)


def test_correlations_refuse_another_method_and_another_length(sc):
    numbers = sc.parallelize([1.0, 2.0])
    with pytest.raises(IllegalArgumentException, match="no correlation 'kendall'"):
        Statistics.corr(numbers, numbers, "kendall")
    with pytest.raises(IllegalArgumentException, match="2 and 3 numbers"):
        Statistics.corr(numbers, sc.parallelize([1.0, 2.0, 3.0]))
