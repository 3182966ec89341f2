"""What linear models do beside agreeing with PySpark: columns, thresholds, bounds, refusals, saving."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from streamcore.errors import (
    IllegalArgumentException,
    QueryExecutionException,
    UnsupportedOperationException,
)
from streamcore.models.ml.classification import (
    FMClassificationModel,
    FMClassifier,
    LinearSVC,
    LinearSVCModel,
    LogisticRegression,
    LogisticRegressionModel,
    NaiveBayes,
    NaiveBayesModel,
)
from streamcore.models.ml.feature import VectorAssembler
from streamcore.models.ml.linalg import DenseMatrix, DenseVector, SparseMatrix, Vectors
from streamcore.models.ml.optimize.moments import blocks, dense_blocks, moments
from streamcore.models.ml.regression import (
    AFTSurvivalRegression,
    AFTSurvivalRegressionModel,
    FMRegressor,
    GeneralizedLinearRegression,
    GeneralizedLinearRegressionModel,
    IsotonicRegression,
    IsotonicRegressionModel,
    LinearRegression,
    LinearRegressionModel,
)
from streamcore.models.ml.stored import compact_rows


@pytest.fixture(scope="module")
def two(session):
    drawn = np.random.default_rng(3).normal(size=(40, 2))
    rows = [
        (float(x[0] + 0.5 * x[1] > 0) if at % 7 else float(at % 2), Vectors.dense(x.tolist()), 1.0 + at % 3)
        for at, x in enumerate(drawn)
    ]
    return session.createDataFrame(rows, ["label", "features", "w"])


@pytest.fixture(scope="module")
def three(session):
    rows = [(float(at % 3), Vectors.dense([1.0 + at, float(at % 3)])) for at in range(9)]
    return session.createDataFrame(rows, ["label", "features"])


def test_a_classifier_adds_raw_predictions_probabilities_and_classes_with_their_metadata(two):
    schema = LogisticRegression().fit(two).transform(two).schema
    assert schema.names[3:] == ["rawPrediction", "probability", "prediction"]
    assert schema["probability"].metadata == {"ml_attr": {"num_attrs": 2}}
    assert schema["prediction"].metadata == {"ml_attr": {"type": "nominal", "num_vals": 2}}
    assert not schema["prediction"].nullable


def test_a_column_without_a_name_is_not_added(two):
    model = LogisticRegression().fit(two)
    silent = model.copy({model.rawPredictionCol: "", model.predictionCol: ""})
    assert silent.transform(two).columns[3:] == ["probability"]


def test_a_model_predicts_one_row_as_it_predicts_a_column(two):
    model = LogisticRegression(regParam=0.1).fit(two)
    row: Any = model.transform(two).first()
    assert model.predict(row.features) == row.prediction
    np.testing.assert_allclose(model.predictRaw(row.features).toArray(), row.rawPrediction.toArray())
    np.testing.assert_allclose(model.predictProbability(row.features).toArray(), row.probability.toArray())


def test_sparse_features_give_the_model_of_the_same_dense_ones(session, two):
    sparse = session.createDataFrame(
        [
            (row.label, Vectors.sparse(4, [1, 3], row.features.toArray().tolist()), row.w)
            for row in two.collect()
        ],
        ["label", "features", "w"],
    )
    dense = LogisticRegression(weightCol="w").fit(two)
    model = LogisticRegression(weightCol="w").fit(sparse)
    np.testing.assert_allclose(model.coefficientMatrix.toArray()[0, [1, 3]], dense.coefficients.toArray())
    assert model.coefficientMatrix.toArray()[0, [0, 2]].tolist() == [0.0, 0.0]


def test_one_threshold_and_thresholds_of_two_classes_say_the_same():
    logistic = LogisticRegression(threshold=0.75)
    assert logistic.getThresholds() == [0.25, 0.75]
    assert LogisticRegression(thresholds=[0.25, 0.75]).getThreshold() == 0.75
    assert not logistic.setThresholds([0.4, 0.6]).isSet("threshold")
    with pytest.raises(ValueError, match="inconsistent values"):
        LogisticRegression(threshold=0.5, thresholds=[0.2, 0.8])


def test_a_threshold_of_zero_or_one_predicts_one_class_only(two):
    model = LogisticRegression().fit(two)
    assert {row.prediction for row in model.setThreshold(0.0).transform(two).collect()} == {1.0}
    assert {row.prediction for row in model.setThreshold(1.0).transform(two).collect()} == {0.0}


def test_labels_of_one_class_give_a_model_that_is_sure(session, two):
    ones = two.filter("label = 1")
    model = LogisticRegression().fit(ones)
    assert model.intercept == math.inf
    assert model.coefficients == DenseVector([0.0, 0.0])
    assert model.summary.objectiveHistory == [0.0]
    softmax = LogisticRegression(family="multinomial").fit(ones)
    assert softmax.predictProbability(Vectors.dense(0.0, 0.0)) == DenseVector([0.0, 1.0])


def test_coefficients_stay_within_their_bounds(two):
    model = LogisticRegression(
        lowerBoundsOnCoefficients=DenseMatrix(1, 2, [3.0, -1.0]),
        upperBoundsOnIntercepts=Vectors.dense([-0.25]),
        regParam=0.1,
    ).fit(two)
    assert model.coefficients.toArray()[0] == pytest.approx(3.0)
    assert model.intercept == pytest.approx(-0.25)
    free = LogisticRegression(regParam=0.1).fit(two)
    wide = LogisticRegression(lowerBoundsOnCoefficients=DenseMatrix(1, 2, [-99.0, -99.0]), regParam=0.1).fit(
        two
    )
    np.testing.assert_allclose(wide.coefficients.toArray(), free.coefficients.toArray(), atol=1e-4)


@pytest.mark.parametrize(
    ("estimator", "message"),
    [
        (LogisticRegression(lowerBoundsOnCoefficients=DenseMatrix(1, 1, [0.0])), "but found: \\(1, 1\\)"),
        (LogisticRegression(lowerBoundsOnIntercepts=Vectors.dense([0.0]), fitIntercept=False), "set bounds"),
        (LogisticRegression(thresholds=[0.1, 0.2, 0.7]), "numClasses=2, but thresholds has length 3"),
        (LogisticRegression(regParam=-1.0), "regParam given invalid value -1.0"),
        (LinearRegression(loss="huber", elasticNetParam=0.5, regParam=0.1), "only supports L2"),
        (LinearRegression(loss="huber", solver="normal"), "doesn't support normal solver"),
        (GeneralizedLinearRegression(family="poisson", link="logit"), "does not support logit link"),
        (GeneralizedLinearRegression(family="tweedie", link="log", variancePower=1.5), "linkPower"),
        (GeneralizedLinearRegression(family="poisson", variancePower=1.5), "belong to the tweedie family"),
        (GeneralizedLinearRegression(family="gamma"), "Gamma family should be positive, but got 0.0"),
        (IsotonicRegression(featureIndex=5), "featureIndex=5 is beyond the 2 features"),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_refused_in_sparks_words(two, estimator, message):
    with pytest.raises(IllegalArgumentException, match=message):
        estimator.fit(two)


@pytest.mark.parametrize(
    ("estimator", "label", "message"),
    [
        (LogisticRegression(), "label + 0.5", "Labels MUST be Integers, but got 0.5"),
        (LinearSVC(), "label * 2", r"Labels MUST be in \{0, 1\}, but got 2.0"),
        (FMClassifier(), "label * 2", r"Labels MUST be in \{0, 1\}, but got 2.0"),
        (NaiveBayes(), "label", "Vector values MUST NOT be Negative"),
        (NaiveBayes(modelType="bernoulli"), "label", r"Vector values MUST be in \{0, 1\}"),
        (AFTSurvivalRegression(censorCol="w"), "label + 1", r"Censors MUST be in \{0, 1\}, but got 2.0"),
        (AFTSurvivalRegression(censorCol="label"), "label", "must be greater than zero, but got 0.0"),
    ],
)
def test_rows_that_a_model_does_not_take_are_refused_with_a_value(two, estimator, label, message):
    rows = two.selectExpr(f"double({label}) AS label", "features", "w")
    with pytest.raises(QueryExecutionException, match=message):
        estimator.fit(rows)


def test_no_rows_are_refused(two):
    with pytest.raises(IllegalArgumentException, match="Nothing has been added"):
        LogisticRegression().fit(two.limit(0))


def test_features_of_another_size_are_refused(session, two):
    model = LinearRegression().fit(two)
    with pytest.raises(IllegalArgumentException, match=r"x\.size = 1, y\.size = 2"):
        model.predict(Vectors.dense(1.0))
    narrow = session.createDataFrame([(Vectors.dense(1.0),)], ["features"])
    with pytest.raises(Exception, match=r"x\.size = 1, y\.size = 2"):
        model.transform(narrow).collect()


def test_binomial_coefficients_of_a_multinomial_model_are_refused(three):
    model = LogisticRegression().fit(three)
    assert model.numClasses == 3
    with pytest.raises(UnsupportedOperationException, match="coefficientMatrix"):
        _ = model.coefficients


def test_standard_errors_are_told_only_where_the_normal_equations_were_solved(two):
    model = LinearRegression().fit(two)
    assert len(model.summary.coefficientStandardErrors) == 3
    with pytest.raises(UnsupportedOperationException, match="No p-value available"):
        _ = model.evaluate(two).pValues
    with pytest.raises(UnsupportedOperationException, match="No t-statistic available"):
        _ = LinearRegression(solver="l-bfgs").fit(two).summary.tValues


@pytest.mark.parametrize(
    ("estimator", "kind"),
    [
        (LinearRegression(regParam=0.1), LinearRegressionModel),
        (GeneralizedLinearRegression(linkPredictionCol="eta"), GeneralizedLinearRegressionModel),
        (AFTSurvivalRegression(censorCol="label", labelCol="w"), AFTSurvivalRegressionModel),
        (IsotonicRegression(featureIndex=1), IsotonicRegressionModel),
        (LogisticRegression(threshold=0.3), LogisticRegressionModel),
        (LinearSVC(maxIter=5), LinearSVCModel),
        (NaiveBayes(modelType="gaussian"), NaiveBayesModel),
        (FMClassifier(maxIter=2, factorSize=2), FMClassificationModel),
    ],
)
def test_a_saved_model_predicts_the_same(two, tmp_path, estimator: Any, kind: Any):
    model = estimator.fit(two)
    model.save(str(tmp_path / "model"))
    loaded = kind.load(str(tmp_path / "model"))
    assert loaded.uid == model.uid == estimator.uid
    assert loaded.transform(two).collect() == model.transform(two).collect()
    if hasattr(loaded, "hasSummary"):
        assert not loaded.hasSummary


def test_factorization_machines_start_and_step_as_sparks_do(session):
    """PySpark's answer for these rows: seed 11, five steps of AdamW."""
    import random

    random.seed(1)
    rows = [(float(at % 2), Vectors.dense([random.random() + at % 2, random.random()])) for at in range(40)]
    dataset = session.createDataFrame(rows, ["label", "features"])
    model = FMClassifier(maxIter=5, seed=11, stepSize=0.1).fit(dataset)
    np.testing.assert_allclose(model.linear.toArray(), [0.4908, -0.4845], atol=5e-5)
    assert model.intercept == pytest.approx(-0.20793151783283442, abs=1e-9)
    expected = [
        0.693122054163336, 0.6637973372747978, 0.6246170591552516,
        0.5886324847307537, 0.552344387815044, 0.5160413803824568,
    ]  # fmt: skip
    np.testing.assert_allclose(model.summary().objectiveHistory, expected, atol=1e-9)
    falling = FMRegressor(
        maxIter=7, seed=-3, stepSize=0.1, factorSize=2, regParam=0.1, solver="gd", fitLinear=False
    ).fit(dataset)
    assert falling.intercept == pytest.approx(0.2840228058323456, abs=1e-9)


def test_blocks_of_sparse_rows_hold_as_many_entries_and_not_as_many_columns():
    from scipy.sparse import csr_matrix

    wide = csr_matrix((np.ones(1000), (np.arange(1000), np.arange(1000))), shape=(1000, 1 << 18))
    assert len(list(blocks(wide))) == 1
    assert len(list(dense_blocks(wide))) == 1000
    few = moments(wide[:, :3], np.arange(1000.0))
    np.testing.assert_allclose(few.mean * few.weight, [0.0, 1.0, 2.0])
    assert few.std[0] == 0.0  # its only entry is in a row of weight zero


def test_a_lasso_keeps_few_coefficients_sparsely_and_loads_them_again(three, tmp_path):
    intercepts = DenseVector([0.0, 1.0, 0.0])
    none = LogisticRegressionModel(compact_rows(np.zeros((3, 9))), intercepts, 3, multinomial=True)
    assert isinstance(none.coefficientMatrix, SparseMatrix)
    fitted = LogisticRegression(maxIter=10, regParam=9.0, elasticNetParam=1.0).fit(three)
    assert not fitted.coefficientMatrix.toArray().any()
    none.save(str(tmp_path / "model"))
    loaded = LogisticRegressionModel.load(str(tmp_path / "model"))
    assert loaded.coefficientMatrix == none.coefficientMatrix
    assert loaded.predict(Vectors.zeros(9)) == 1.0


def test_a_summary_names_features_as_their_metadata_do(session):
    rows = session.createDataFrame([(1.0, 0.0), (2.0, 1.0), (4.0, 2.0)], ["y", "x"])
    named = VectorAssembler(inputCols=["x"], outputCol="features").transform(rows)
    shown = repr(GeneralizedLinearRegression(labelCol="y").fit(named).summary)
    assert shown.splitlines()[3].split()[0] == "x"
