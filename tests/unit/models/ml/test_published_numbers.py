"""Numbers that scikit-learn publishes for its data sets, computed here."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.model_selection import StratifiedKFold

from streamcore.models.ml.classification import LogisticRegression
from streamcore.models.ml.matrices import vectors_of
from streamcore.models.ml.optimize.least_squares import LeastSquares, Sums
from streamcore.models.ml.optimize.moments import moments
from streamcore.models.ml.regression import LinearRegression


@pytest.fixture(scope="module")
def diabetes() -> tuple[Any, Any]:
    X, y = load_diabetes(return_X_y=True)
    return X, y


def dataset(session: Any, X: Any, y: Any) -> Any:
    import pyarrow as pa

    from streamcore.models.ml.linalg import VectorUDT
    from streamcore.spi.types import DoubleType, StructField, StructType

    schema = StructType([StructField("features", VectorUDT()), StructField("label", DoubleType())])
    table = pa.table({"features": vectors_of(X), "label": np.asarray(y, np.float64)})
    return session.createDataFrame(table, schema)


def test_least_squares_of_diabetes(session, diabetes):
    model = LinearRegression().fit(dataset(session, *diabetes))
    assert model.summary.r2 == pytest.approx(0.51774842, abs=5e-9)
    assert model.intercept == pytest.approx(152.13348416, abs=5e-9)


def test_least_squares_of_diabetes_as_sums_over_seven_partitions(session, diabetes):
    """Each partition sums x xT and x y of rows [x, 1]; the sums are added up as a tree."""
    X, y = diabetes
    rows = session.sparkContext.parallelize(list(zip(X.tolist(), y.tolist(), strict=True)), 7)
    assert rows.getNumPartitions() == 7

    def add(sums: Any, row: Any) -> Any:
        x = np.array([*row[0], 1.0])
        return sums[0] + np.outer(x, x), sums[1] + x * row[1]

    zero = np.zeros((11, 11)), np.zeros(11)
    gram, moment = rows.treeAggregate(zero, add, lambda a, b: (a[0] + b[0], a[1] + b[1]))
    coefficients = np.linalg.solve(gram, moment)
    away = y - X @ coefficients[:-1] - coefficients[-1]
    assert 1 - (away @ away) / ((y - y.mean()) @ (y - y.mean())) == pytest.approx(0.51774842, abs=5e-9)
    assert coefficients[-1] == pytest.approx(152.13348416, abs=5e-9)


def test_weighted_sums_are_those_of_repeated_rows(diabetes):
    X, y = diabetes
    times = np.arange(len(y)) % 3
    once = LeastSquares(penalty=0.1).solve(Sums.of(X, y, times.astype(np.float64), centred=True))
    repeated = LeastSquares(penalty=0.1).fit(np.repeat(X, times, axis=0), np.repeat(y, times))
    np.testing.assert_allclose(once.coefficients, repeated.coefficients, rtol=1e-9)


def test_five_folds_of_breast_cancer(session):
    """cross_val_score(make_pipeline(StandardScaler(), LogisticRegression())): 0.98069.

    scikit-learn's C=1 on the sum of the losses is regParam=1/n on their mean; its scaler divides by the
    standard deviation of the population, and its penalty counts scaled features as they are.
    """
    X, y = load_breast_cancer(return_X_y=True)
    scores = []
    for train, test in StratifiedKFold(5).split(X, y):
        of_train = moments(X[train])
        std = of_train.std * np.sqrt((len(train) - 1) / len(train))
        scaled = (X - of_train.mean) / std
        estimator = LogisticRegression(regParam=1 / len(train), standardization=False)
        model = estimator.fit(dataset(session, scaled[train], y[train]))
        scores.append(model.evaluate(dataset(session, scaled[test], y[test])).accuracy)
    assert np.mean(scores) == pytest.approx(0.98069, abs=5e-6)
