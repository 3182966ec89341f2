"""What mllib is asked, in one program for PySpark and for streamcore."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

MODULES = ("classification", "evaluation", "linalg", "regression", "stat", "util")


def answers(sc: Any, mllib: SimpleNamespace) -> dict[str, Any]:
    """The answers by name, as JSON can hold them."""
    return {name: ask(sc, mllib) for name, ask in ASKED.items()}


def points(sc: Any, mllib: SimpleNamespace, data: str, *, scaled: bool = True) -> Any:
    """A data set of linear.json as an RDD of labeled points, its features standardized."""
    rows = json.loads(Path(__file__).with_name("linear.json").read_text())["data"][data]
    X = np.array(rows["features"])
    if scaled:
        X = np.round((X - X.mean(0)) / X.std(0), 3)
    made = [mllib.regression.LabeledPoint(y, x) for y, x in zip(rows["label"], X, strict=True)]
    return sc.parallelize(made, 2)


def _linear(module: str, trainer: str, data: str, **settings: Any) -> Callable[[Any, SimpleNamespace], Any]:
    def ask(sc: Any, mllib: SimpleNamespace) -> Any:
        train = getattr(getattr(mllib, module), trainer).train
        rows = points(sc, mllib, data)
        model = train(rows, **settings)
        told = [model.weights.toArray().tolist(), model.intercept, repr(model)[:24]]
        features = rows.map(lambda point: point.features)
        return [*told, [float(value) for value in model.predict(features).take(6)]]

    return ask


def _bayes(sc: Any, mllib: SimpleNamespace) -> Any:
    rows = points(sc, mllib, "whole", scaled=False)
    model = mllib.classification.NaiveBayes.train(rows, 0.5)
    told = [np.asarray(part).tolist() for part in (model.labels, model.pi, model.theta)]
    return [told, model.predict(rows.map(lambda point: point.features)).collect()]


def _isotonic(sc: Any, mllib: SimpleNamespace) -> Any:
    rows = [(1.0, 0.0, 1.0), (3.0, 1.0, 1.0), (2.0, 2.0, 2.0), (2.0, 2.0, 1.0), (6.0, 3.0, 1.0)]
    model = mllib.regression.IsotonicRegression.train(sc.parallelize(rows))
    predicted = [model.predict(value) for value in (-1.0, 0.5, 1.5, 2.5, 9.0)]
    return [np.asarray(model.boundaries).tolist(), np.asarray(model.predictions).tolist(), predicted]


def _vectors(sc: Any, mllib: SimpleNamespace) -> Any:
    make = mllib.linalg.Vectors
    sparse = make.sparse(4, {0: 6.0, 2: 8.0, 3: 1.0})
    return sc.parallelize([make.dense([2, 0, 0, -2]), make.dense([4, 5, 0, 3]), sparse], 2)


def _columns(sc: Any, mllib: SimpleNamespace) -> Any:
    found = mllib.stat.Statistics.colStats(_vectors(sc, mllib))
    names = ("mean", "variance", "numNonzeros", "max", "min", "normL1", "normL2")
    return [found.count(), *(np.asarray(getattr(found, name)()).tolist() for name in names)]


def _correlations(sc: Any, mllib: SimpleNamespace) -> Any:
    corr, vectors = mllib.stat.Statistics.corr, _vectors(sc, mllib)
    x, y = sc.parallelize([1.0, 0.0, -2.0, 5.0], 2), sc.parallelize([4.0, 5.0, 3.0, 3.5], 2)
    matrices = [np.asarray(corr(vectors, method=method)).tolist() for method in ("pearson", "spearman")]
    return [*matrices, corr(x, y), corr(x, y, "spearman")]


def _told(result: Any) -> Any:
    lines = str(result).splitlines()
    numbers = [result.pValue, result.degreesOfFreedom, result.statistic]
    return [*numbers, result.nullHypothesis, lines[0], lines[-1]]


def _tests(sc: Any, mllib: SimpleNamespace) -> Any:
    test, dense = mllib.stat.Statistics.chiSqTest, mllib.linalg.Vectors.dense
    table = [40.0, 56.0, 31.0, 30.0, 24.0, 30.0, 2.0, 10.0, 5.0, 6.0, 7.0, 9.0]
    return [
        _told(test(dense([4, 6, 5]))),
        _told(test(dense([21, 38, 43, 80]), dense([3, 5, 7, 20]))),
        _told(test(mllib.linalg.Matrices.dense(3, 4, table))),
        *(_told(found) for found in test(points(sc, mllib, "whole", scaled=False))),
    ]


def _distributions(sc: Any, mllib: SimpleNamespace) -> Any:
    test = mllib.stat.Statistics.kolmogorovSmirnovTest
    density = mllib.stat.KernelDensity()
    density.setSample(sc.parallelize([0.0, 1.0, 2.5]))
    density.setBandwidth(0.7)
    return [
        _told(test(sc.parallelize([-1.0, 0.0, 1.0, 0.3, 2.0]), "norm")),
        _told(test(sc.parallelize([2.0, 3.0, 4.0, 9.0]), "norm", 3.0, 1.0)),
        list(map(float, density.estimate([-1.0, 0.0, 1.0, 3.0]))),
    ]


def _metrics(sc: Any, mllib: SimpleNamespace) -> Any:
    scores = [(0.1, 0.0), (0.1, 1.0), (0.4, 0.0), (0.6, 0.0), (0.6, 1.0), (0.6, 1.0), (0.8, 1.0)]
    binary = mllib.evaluation.BinaryClassificationMetrics(sc.parallelize(scores, 2))
    called = [(0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (2.0, 1.0), (2.0, 2.0)]
    many = mllib.evaluation.MulticlassMetrics(sc.parallelize(called, 2))
    regression = mllib.evaluation.RegressionMetrics(
        sc.parallelize([(2.5, 3.0), (0.0, -0.5), (2.0, 2.0), (8.0, 7.0)])
    )
    return [
        binary.areaUnderROC,
        binary.areaUnderPR,
        many.confusionMatrix().toArray().tolist(),
        [many.fMeasure(0.0, 2.0), many.precision(1.0), many.weightedFMeasure(), many.accuracy],
        [regression.r2, regression.meanAbsoluteError, regression.explainedVariance],
    ]


ASKED: dict[str, Callable[[Any, SimpleNamespace], Any]] = {
    "linear": _linear("regression", "LinearRegressionWithSGD", "numbers", iterations=20, step=0.5),
    "linear l2": _linear(
        "regression", "LinearRegressionWithSGD", "numbers",
        iterations=15, step=0.3, intercept=True, regParam=0.1, regType="l2",
        initialWeights=[1.0, 0.0, 0.0, 0.0],
    ),
    "lasso": _linear(
        "regression", "LassoWithSGD", "numbers", iterations=15, step=0.3, regParam=0.5, intercept=True
    ),
    "ridge": _linear("regression", "RidgeRegressionWithSGD", "numbers", iterations=15, step=0.3),
    "logistic": _linear(
        "classification", "LogisticRegressionWithSGD", "binary", iterations=20, intercept=True
    ),
    "svm": _linear("classification", "SVMWithSGD", "binary", iterations=20, intercept=True),
    "lbfgs": _linear("classification", "LogisticRegressionWithLBFGS", "binary", intercept=True),
    "lbfgs l1": _linear(
        "classification", "LogisticRegressionWithLBFGS", "binary", regParam=0.1, regType="l1", intercept=True
    ),
    "lbfgs three": _linear(
        "classification", "LogisticRegressionWithLBFGS", "three", numClasses=3, regParam=0.1, intercept=True
    ),
    "bayes": _bayes,
    "isotonic": _isotonic,
    "columns": _columns,
    "correlations": _correlations,
    "tests": _tests,
    "distributions": _distributions,
    "metrics": _metrics,
}  # fmt: skip
