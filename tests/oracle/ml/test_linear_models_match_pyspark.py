"""Linear models, naive Bayes and isotonic regression against what PySpark answered (`freeze_linear.py`)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from streamcore import Session
from streamcore.models.ml import classification, regression
from streamcore.models.ml.classification.bayes_fit import bayes_scores, fit_bayes
from streamcore.models.ml.classification.logistic_fit import LogisticSettings
from streamcore.models.ml.classification.svc_fit import SvcSettings
from streamcore.models.ml.linalg import Vectors
from streamcore.models.ml.regression.aft_fit import AftSettings
from streamcore.models.ml.regression.glm_fit import GlmSettings, response_of
from streamcore.models.ml.regression.isotonic_fit import fit_isotonic
from streamcore.models.ml.regression.linear_fit import LinearSettings
from tests.oracle.ml.linear_cases import COLUMNS, Case, cases, plain

FROZEN = json.loads(Path(__file__).with_name("linear.json").read_text())
BY_NAME = {case.name: case for case in cases()}
SETTINGS = {
    "solver": "solver",
    "fitIntercept": "intercept",
    "regParam": "penalty",
    "elasticNetParam": "l1_ratio",
    "standardization": "standardize",
    "tol": "tolerance",
    "maxIter": "iterations",
    "loss": "loss",
    "epsilon": "epsilon",
}
EXACT, OF_SPARK = 1e-9, 2e-5
"""How near answers must be: exactly the same way to the minimum, or the same minimum within Spark's tol."""

THROUGH_DATAFRAMES = [
    "linear/normal_weighted", "linear/lbfgs_net", "linear/huber", "logistic/weighted", "softmax/thresholds",
    "svc/unstandardized", "aft/plain", "isotonic/weighted", "bayes/thresholds", "glm/poisson_offset",
]  # fmt: skip


class Rows:
    """The arrays of a case."""

    def __init__(self, case: Case) -> None:
        data = FROZEN["data"][case.data]
        self.X, self.y = np.array(data["features"]), np.array(data["label"])
        self.w = np.array(data["weight"]) if "weightCol" in case.params else None
        self.offset = np.array(data["offset"]) if "offsetCol" in case.params else None
        self.censor = np.array(data.get("censor", []))
        self.settings: dict[str, Any] = {
            SETTINGS[key]: value for key, value in case.params.items() if key in SETTINGS
        }


def named(prefix: str) -> list[str]:
    """The cases of an estimator which PySpark answered."""
    return [name for name in BY_NAME if name.startswith(prefix) and "error" not in FROZEN["answers"][name]]


def near(found: Any, expected: Any, within: float = EXACT) -> None:
    np.testing.assert_allclose(found, np.asarray(expected, np.float64), rtol=within, atol=within)


@pytest.mark.parametrize("name", named("linear/"))
def test_linear_regression_has_the_same_coefficients_and_takes_the_same_way(name):
    rows, answer = Rows(BY_NAME[name]), FROZEN["answers"][name]
    fit = LinearSettings(**rows.settings).fit(rows.X, rows.y, rows.w)
    within = OF_SPARK if "huber" in name else EXACT
    near(fit.coefficients, answer["model"]["coefficients"], within)
    near(fit.intercept, answer["model"]["intercept"], within)
    near(fit.scale, answer["model"]["scale"], within)
    if "huber" not in name:
        near(fit.history, answer["summary"]["objectiveHistory"])


@pytest.mark.parametrize("name", [*named("logistic/"), *named("softmax/")])
def test_logistic_regression_has_the_same_coefficients_and_takes_the_same_way(name):
    case, rows, answer = BY_NAME[name], Rows(BY_NAME[name]), FROZEN["answers"][name]
    classes = int(rows.y.max()) + 1
    multinomial = classes > 2 or case.params.get("family") == "multinomial"
    fit = LogisticSettings(multinomial=multinomial, **rows.settings).fit(rows.X, rows.y, rows.w, classes)
    near(fit.coefficients, answer["model"]["coefficientMatrix"])
    near(fit.intercepts, answer["model"]["interceptVector"])
    near(fit.history, answer["summary"]["objectiveHistory"])


@pytest.mark.parametrize("name", named("svc/"))
def test_support_vectors_take_the_same_way(name):
    rows, answer = Rows(BY_NAME[name]), FROZEN["answers"][name]
    fit = SvcSettings(**rows.settings).fit(rows.X, rows.y, rows.w)
    near(fit.coefficients, answer["model"]["coefficients"])
    near(fit.intercept, answer["model"]["intercept"])
    near(fit.history, answer["summary"]["objectiveHistory"])


@pytest.mark.parametrize("name", named("aft/"))
def test_failure_times_have_the_same_scale(name):
    rows, answer = Rows(BY_NAME[name]), FROZEN["answers"][name]["model"]
    fit = AftSettings(**rows.settings).fit(rows.X, rows.y, rows.censor)
    near(fit.coefficients, answer["coefficients"])
    near([fit.intercept, fit.scale], [answer["intercept"], answer["scale"]])


@pytest.mark.parametrize("name", named("glm/"))
def test_generalized_models_have_the_same_coefficients_after_as_many_iterations(name):
    params, rows, answer = BY_NAME[name].params, Rows(BY_NAME[name]), FROZEN["answers"][name]
    powers = params.get("variancePower", 0.0), params.get("linkPower")
    response = response_of(params.get("family", "gaussian"), params.get("link"), *powers)
    fit = GlmSettings(response, **rows.settings).fit(rows.X, rows.y, rows.w, rows.offset)
    near(fit.coefficients, answer["model"]["coefficients"])
    near(fit.intercept, answer["model"]["intercept"])
    assert fit.iterations == answer["summary"]["numIterations"]


@pytest.mark.parametrize("name", named("isotonic/"))
def test_monotone_functions_have_the_same_boundaries(name):
    params, rows, answer = BY_NAME[name].params, Rows(BY_NAME[name]), FROZEN["answers"][name]["model"]
    x = rows.X[:, params.get("featureIndex", 0)]
    fit = fit_isotonic(x, rows.y, rows.w, rising=params.get("isotonic", True))
    near(fit.boundaries, answer["boundaries"])
    near(fit.predictions, answer["predictions"])


@pytest.mark.parametrize("name", named("bayes/"))
def test_naive_bayes_has_the_same_logarithms(name):
    params, rows, answer = BY_NAME[name].params, Rows(BY_NAME[name]), FROZEN["answers"][name]
    kind = params.get("modelType", "multinomial")
    fit = fit_bayes(kind, rows.X, rows.y, rows.w, params.get("smoothing", 1.0))
    near(fit.pi, answer["model"]["pi"])
    near(fit.theta, answer["model"]["theta"])
    near(bayes_scores(fit, rows.X[:12]), [row[1] for row in answer["rows"]])


@pytest.mark.parametrize("name", THROUGH_DATAFRAMES)
def test_columns_and_summaries_are_the_same_through_dataframes(name):
    case, answer = BY_NAME[name], FROZEN["answers"][name]
    within = OF_SPARK if "huber" in name else EXACT
    module: Any = regression if hasattr(regression, case.estimator) else classification
    dataset = frame(case.data)
    model = getattr(module, case.estimator)(**case.params).fit(dataset)
    predicted = model.transform(dataset)
    assert [column for column in COLUMNS if column in predicted.columns] == answer["columns"]
    rows = [[plain(value) for value in row] for row in predicted.select(*answer["columns"]).head(12)]
    for place in range(len(answer["columns"])):
        near([row[place] for row in rows], [row[place] for row in answer["rows"]], within)
    if "summary" in answer:
        summary: Any = model.summary() if callable(model.summary) else model.summary
        compare_summary(summary, answer, within, path="huber" not in name)


def compare_summary(summary: Any, answer: dict[str, Any], within: float, *, path: bool) -> None:
    for measure, expected in answer["summary"].items():
        found = getattr(summary, measure)
        if measure in ("objectiveHistory", "totalIterations") and not path:
            assert len(np.shape(found)) == len(np.shape(expected))
        elif isinstance(expected, str):
            assert found == expected
        else:
            near(found, expected, within)
    for curve, expected in answer.get("frames", {}).items():
        near([list(row) for row in getattr(summary, curve).collect()], expected, within)
    for kind, expected in answer.get("residuals", {}).items():
        near([row[0] for row in summary.residuals(kind).head(8)], expected, within)
    if "shown" in answer:
        assert repr(summary) == answer["shown"]


def frame(name: str) -> Any:
    data = FROZEN["data"][name]
    rows = [
        tuple(Vectors.dense(value) if isinstance(value, list) else value for value in row)
        for row in zip(*data.values(), strict=True)
    ]
    return Session.builder.getOrCreate().createDataFrame(rows, list(data))
