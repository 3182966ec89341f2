"""What PySpark's linear models are asked: data, estimators with params, and what of each model is kept."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np

Rows = dict[str, list[Any]]


class Case(NamedTuple):
    """One estimator with its params, fitted to one of the data sets."""

    name: str
    estimator: str
    data: str
    params: dict[str, Any]


def datasets() -> dict[str, Rows]:
    """The data sets by name; each column is a list, features are lists of floats."""
    rng = np.random.default_rng(7)
    n, d = 60, 4
    X = np.round(rng.normal(size=(n, d)) * [1.0, 3.0, 0.5, 2.0] + [0.0, 10.0, -1.0, 5.0], 3)
    w = np.round(rng.uniform(0.5, 3.0, n), 2)
    z = (X - X.mean(0)) / X.std(0) @ [1.0, -0.7, 0.4, 0.0]
    y = np.round(2.0 + 3.0 * z + rng.normal(size=n), 3)
    y[3] += 25.0
    flip = (z + rng.normal(size=n) > 0.2).astype(float)
    three = np.digitize(z + rng.normal(size=n) * 0.7, [-0.8, 0.7]).astype(float)
    positive = np.round(np.exp(0.4 * z + rng.normal(size=n) * 0.3), 3)
    counts = rng.poisson(np.exp(0.5 + 0.4 * z)).astype(float)
    whole = rng.poisson(2.0, size=(n, d)).astype(float)
    whole[three == 1, 1] += 3
    whole[three == 2, 2] += 2
    shared = {"features": X.tolist(), "weight": w.tolist()}
    constant = X.copy()
    constant[:, 2] = 1.5
    return {
        "numbers": {**shared, "label": y.tolist()},
        "constant": {"features": constant.tolist(), "weight": w.tolist(), "label": y.tolist()},
        "binary": {**shared, "label": flip.tolist()},
        "three": {**shared, "label": three.tolist()},
        "positive": {
            **shared,
            "label": positive.tolist(),
            "censor": (rng.uniform(size=n) > 0.3).astype(float).tolist(),
            "offset": np.round(rng.normal(size=n) * 0.2, 3).tolist(),
        },
        "counts": {
            **shared,
            "label": counts.tolist(),
            "offset": np.round(rng.normal(size=n) * 0.2, 3).tolist(),
        },
        "whole": {"features": whole.tolist(), "weight": w.tolist(), "label": three.tolist()},
        "bits": {
            "features": (whole > 2).astype(float).tolist(),
            "weight": w.tolist(),
            "label": three.tolist(),
        },
        "steps": {
            "features": [[float(v)] for v in rng.integers(0, 12, n)],
            "weight": w.tolist(),
            "label": np.round(rng.normal(size=n) + np.arange(n) * 0.1, 3).tolist(),
        },
    }


def _linear() -> Iterator[Case]:
    named: dict[str, dict[str, Any]] = {
        "plain": {},
        "normal_weighted": {"solver": "normal", "weightCol": "weight"},
        "normal_no_intercept": {"solver": "normal", "fitIntercept": False},
        "normal_ridge": {"solver": "normal", "regParam": 0.3},
        "normal_ridge_unstandardized": {"solver": "normal", "regParam": 0.3, "standardization": False},
        "normal_net": {"solver": "normal", "regParam": 0.3, "elasticNetParam": 0.5, "tol": 1e-10},
        "lbfgs": {"solver": "l-bfgs"},
        "lbfgs_weighted_ridge": {"solver": "l-bfgs", "weightCol": "weight", "regParam": 0.2},
        "lbfgs_no_intercept": {"solver": "l-bfgs", "fitIntercept": False, "regParam": 0.1},
        "lbfgs_net": {"solver": "l-bfgs", "regParam": 0.3, "elasticNetParam": 0.8},
        "lbfgs_net_unstandardized": {
            "solver": "l-bfgs",
            "regParam": 0.3,
            "elasticNetParam": 0.5,
            "standardization": False,
        },
        "lbfgs_lasso_weighted": {
            "solver": "l-bfgs",
            "regParam": 0.5,
            "elasticNetParam": 1.0,
            "weightCol": "weight",
            "tol": 1e-10,
        },
        "huber": {"loss": "huber"},
        "huber_ridge": {"loss": "huber", "epsilon": 1.8, "regParam": 0.1, "weightCol": "weight"},
        "huber_unstandardized": {"loss": "huber", "regParam": 0.1, "standardization": False},
        "huber_no_intercept": {"loss": "huber", "fitIntercept": False},
    }
    for name, params in named.items():  # fmt: skip
        yield Case(f"linear/{name}", "LinearRegression", "numbers", params)
    yield Case("linear/constant_feature", "LinearRegression", "constant", {})
    yield Case("linear/constant_feature_lbfgs", "LinearRegression", "constant", {"solver": "l-bfgs"})


def _logistic() -> Iterator[Case]:
    named: dict[str, dict[str, Any]] = {
        "plain": {},
        "tight": {"tol": 1e-12, "maxIter": 500},
        "ridge": {"regParam": 0.1},
        "ridge_unstandardized": {"regParam": 0.1, "standardization": False},
        "net": {"regParam": 0.05, "elasticNetParam": 0.5},
        "lasso_unstandardized": {"regParam": 0.05, "elasticNetParam": 1.0, "standardization": False},
        "weighted": {"weightCol": "weight", "regParam": 0.01},
        "no_intercept": {"fitIntercept": False, "regParam": 0.01},
        "threshold": {"threshold": 0.3},
        "thresholds": {"thresholds": [0.2, 0.8]},
        "multinomial": {"family": "multinomial", "regParam": 0.1},
        "few_iterations": {"maxIter": 3},
    }
    for name, params in named.items():
        yield Case(f"logistic/{name}", "LogisticRegression", "binary", params)
    named = {
        "plain": {},
        "ridge": {"regParam": 0.1},
        "ridge_unstandardized": {"regParam": 0.1, "standardization": False},
        "net": {"regParam": 0.05, "elasticNetParam": 0.5},
        "weighted_no_intercept": {"weightCol": "weight", "regParam": 0.05, "fitIntercept": False},
        "thresholds": {"thresholds": [0.2, 0.5, 0.3], "regParam": 0.1},
    }
    for name, params in named.items():
        yield Case(f"softmax/{name}", "LogisticRegression", "three", params)
    yield Case("logistic/constant_feature", "LogisticRegression", "binary_constant", {})


def _others() -> Iterator[Case]:
    named: dict[str, dict[str, Any]] = {
        "plain": {},
        "ridge": {"regParam": 0.1},
        "unstandardized": {"regParam": 0.1, "standardization": False, "weightCol": "weight"},
        "no_intercept": {"regParam": 0.1, "fitIntercept": False, "threshold": 0.2},
    }
    for name, params in named.items():
        yield Case(f"svc/{name}", "LinearSVC", "binary", params)
    named = {"plain": {}, "no_intercept": {"fitIntercept": False}}
    for name, params in named.items():
        yield Case(
            f"aft/{name}", "AFTSurvivalRegression", "positive", {**params, "quantilesCol": "quantiles"}
        )
    named = {
        "rising": {},
        "falling": {"isotonic": False},
        "weighted": {"weightCol": "weight"},
    }
    for name, params in named.items():
        yield Case(f"isotonic/{name}", "IsotonicRegression", "steps", params)
    yield Case(
        "isotonic/second_feature", "IsotonicRegression", "numbers", {"featureIndex": 1, "isotonic": False}
    )
    kinds = {"multinomial": "whole", "complement": "whole", "bernoulli": "bits", "gaussian": "numbers_three"}
    for kind, data in kinds.items():
        yield Case(f"bayes/{kind}", "NaiveBayes", data, {"modelType": kind})
        weighted = {"modelType": kind, "weightCol": "weight", "smoothing": 0.5}
        yield Case(f"bayes/{kind}_weighted", "NaiveBayes", data, weighted)
    yield Case("bayes/thresholds", "NaiveBayes", "whole", {"thresholds": [0.2, 0.7, 0.1]})


def _generalized() -> Iterator[Case]:
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("gaussian", "numbers", {}),
        ("gaussian_ridge", "numbers", {"regParam": 0.2, "weightCol": "weight"}),
        ("gaussian_log", "positive", {"link": "log"}),
        ("gaussian_inverse", "positive", {"link": "inverse", "maxIter": 50}),
        ("gaussian_offset", "positive", {"offsetCol": "offset"}),
        ("binomial", "binary", {"family": "binomial"}),
        ("binomial_probit", "binary", {"family": "binomial", "link": "probit"}),
        ("binomial_cloglog", "binary", {"family": "binomial", "link": "cloglog", "regParam": 0.1}),
        ("binomial_weighted", "binary", {"family": "binomial", "weightCol": "weight"}),
        ("poisson", "counts", {"family": "poisson"}),
        ("poisson_sqrt", "counts", {"family": "poisson", "link": "sqrt"}),
        ("poisson_offset", "counts", {"family": "poisson", "offsetCol": "offset", "weightCol": "weight"}),
        ("gamma", "positive", {"family": "gamma"}),
        ("gamma_log", "positive", {"family": "gamma", "link": "log", "regParam": 0.05}),
        ("gamma_identity", "positive", {"family": "gamma", "link": "identity"}),
        ("tweedie", "positive", {"family": "tweedie", "variancePower": 1.6, "linkPower": 0.0}),
        ("tweedie_default_link", "positive", {"family": "tweedie", "variancePower": 1.5}),
        ("tweedie_counts", "counts", {"family": "tweedie", "variancePower": 1.2, "linkPower": 0.0}),
        ("tweedie_gaussian", "numbers", {"family": "tweedie"}),
    ]
    for name, data, params in asked:
        full = {**params, "linkPredictionCol": "eta"}
        yield Case(f"glm/{name}", "GeneralizedLinearRegression", data, full)


def cases() -> list[Case]:
    """All cases, in a fixed order."""
    return [*_linear(), *_logistic(), *_others(), *_generalized()]


MODEL = [
    "coefficients", "intercept", "scale", "coefficientMatrix", "interceptVector", "boundaries", "predictions",
    "pi", "theta", "sigma", "numClasses", "numFeatures",
]  # fmt: skip
SUMMARY = [
    "objectiveHistory", "totalIterations", "r2", "r2adj", "explainedVariance", "meanAbsoluteError",
    "meanSquaredError", "rootMeanSquaredError", "degreesOfFreedom", "devianceResiduals", "numInstances",
    "coefficientStandardErrors", "tValues", "pValues", "labels", "truePositiveRateByLabel",
    "falsePositiveRateByLabel", "precisionByLabel", "recallByLabel", "accuracy", "weightedTruePositiveRate",
    "weightedFalsePositiveRate", "weightedRecall", "weightedPrecision", "areaUnderROC", "rank",
    "residualDegreeOfFreedom", "residualDegreeOfFreedomNull", "nullDeviance", "deviance", "dispersion", "aic",
    "numIterations", "solver", "scoreCol", "labelCol", "predictionCol", "weightCol", "probabilityCol",
    "featuresCol",
]  # fmt: skip
FRAMES = ["roc", "pr", "fMeasureByThreshold", "precisionByThreshold", "recallByThreshold"]
COLUMNS = ["prediction", "rawPrediction", "probability", "eta", "quantiles"]


def all_datasets() -> dict[str, Rows]:
    """The data sets, with those that mix the columns of two."""
    sets = datasets()
    sets["binary_constant"] = {**sets["constant"], "label": sets["binary"]["label"]}
    sets["numbers_three"] = {**sets["numbers"], "label": sets["three"]["label"]}
    return sets


def plain(value: Any) -> Any:
    """A vector, matrix or number as what JSON can hold."""
    if hasattr(value, "numRows"):
        return np.asarray(value.toArray()).tolist()
    if hasattr(value, "toArray"):
        return value.toArray().tolist()
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return value


def asked(source: Any, names: list[str]) -> dict[str, Any]:
    """Those attributes of a model or a summary which it has and can tell."""
    answers = {name: told(partial(getattr, source, name)) for name in names}
    return {name: answer for name, answer in answers.items() if answer is not None}


def told(tell: Callable[[], Any]) -> Any:
    """What is told, as JSON can hold it; None where the model cannot tell it."""
    try:
        value = tell()
    except Exception:  # not every model has every measure
        return None
    return None if callable(value) or hasattr(value, "schema") else plain(value)
