"""Trees are the ones that PySpark grows (tests/oracle/ml/freeze_trees), split by split."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from streamcore.models.ml.tree.boosting import Boosting, boost, errors_by_iteration
from streamcore.models.ml.tree.fitting import Rows, Settings, fit_trees
from streamcore.models.ml.tree.nodes import Tree, importances
from streamcore.models.ml.tree.text import forest_text, tree_text
from tests.oracle.ml.tree_cases import CASES, CATEGORIES, DATA, Case

ANSWERS: dict[str, Any] = json.loads(Path(__file__).with_name("trees.json").read_text())["answers"]
NUMBER = re.compile(r"-?\d+\.\d+(?:E-?\d+)?")
DEFAULTS: dict[str, Any] = {
    "maxDepth": 5,
    "maxBins": 32,
    "minInstancesPerNode": 1,
    "minWeightFractionPerNode": 0.0,
    "minInfoGain": 0.0,
    "maxMemoryInMB": 256,
    "seed": 5,
}


def _rows(case: Case, *, boosted: bool) -> tuple[Rows, np.ndarray[Any, Any]]:
    features, label, number, weight, held = zip(*DATA[case.data], strict=True)
    classifies = "Class" in case.estimator
    target = np.array(label if classifies else number)
    return Rows(
        features=np.array(features),
        target=2 * target - 1 if boosted and classifies else target,
        weight=np.array(weight) if "weightCol" in case.settings else np.ones(len(target)),
        categories=CATEGORIES if case.categorical else {},
        classes=int(target.max()) + 1 if classifies and not boosted else 0,
    ), np.array(held)


def _settings(case: Case) -> Settings:
    impurity = "gini" if "Class" in case.estimator and "GBT" not in case.estimator else "variance"
    told = {name: value for name, value in case.settings.items() if name in Settings.__dataclass_fields__}
    return Settings(**{"impurity": impurity, **DEFAULTS, **told})


def _some(rows: Rows, kept: np.ndarray[Any, Any]) -> Rows:
    return Rows(rows.features[kept], rows.target[kept], rows.weight[kept], rows.categories, rows.classes)


def _grown(case: Case) -> tuple[Rows, tuple[Tree, ...], tuple[float, ...], str]:
    boosted = "GBT" in case.estimator
    rows, held = _rows(case, boosted=boosted)
    if not boosted:
        trees = fit_trees(rows, _settings(case), case.settings.get("numTrees", 1))
        return rows, trees, (1.0,) * len(trees), ""
    loss = "logistic" if "Class" in case.estimator else case.settings.get("lossType", "squared")
    boosting = Boosting(
        loss,
        case.settings["maxIter"],
        case.settings.get("stepSize", 0.1),
        case.settings.get("validationTol", 0.01),
    )
    if "validationIndicatorCol" in case.settings:
        grown = boost(_some(rows, ~held), _settings(case), boosting, _some(rows, held))
    else:
        grown = boost(rows, _settings(case), boosting)
    return rows, *grown, loss


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_tree_is_grown_as_by_pyspark(case: Case) -> None:
    rows, trees, weights, loss = _grown(case)
    answer = ANSWERS[case.name]
    text = tree_text(trees[0], 2) if "DecisionTree" in case.estimator else forest_text(trees, weights)
    expected = answer["text"].strip("\n")
    assert NUMBER.sub("#", text.strip("\n")) == NUMBER.sub("#", expected)
    np.testing.assert_allclose(_numbers(text), _numbers(expected), rtol=1e-12, atol=1e-12)
    found = importances(trees, 6, per_tree=not loss)
    np.testing.assert_allclose(found, _dense(answer["importances"]), atol=1e-12)
    if "evaluated" in answer:
        loss = "squared" if "Regressor" in case.estimator else loss
        found_errors = errors_by_iteration(trees, weights, rows, loss)
        np.testing.assert_allclose(found_errors, answer["evaluated"], rtol=1e-10)


def _numbers(text: str) -> list[float]:
    return [float(number) for number in NUMBER.findall(text)]


def _dense(sparse: str) -> np.ndarray[Any, Any]:
    size, places, values = json.loads("[" + sparse.strip("()") + "]")
    dense = np.zeros(size)
    dense[places] = values
    return dense
