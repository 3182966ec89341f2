"""Data and settings of the trees that PySpark and we grow, where Spark draws nothing by chance."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

_draw = random.Random(11)


def _rows(count: int, classes: int) -> list[tuple[list[float], float, float, float, bool]]:
    """Features (continuous, few values, categories of 3, 4 and 9), class, number, weight, held out."""
    rows = []
    for _ in range(count):
        a, b = round(_draw.gauss(0, 2), 3), round(_draw.uniform(0, 10), 2)
        c, d = float(_draw.randrange(3)), float(_draw.randrange(4))
        e, f = float(_draw.randrange(9)), float(_draw.choice([0, 0, 0, 1, 2]))
        score = a + (d == 2) * 3 - (c == 1) * 2 + b / 5 + (e in {1, 4, 7}) * 2.5 + _draw.gauss(0, 1.0)
        label = float(min(classes - 1, max(0, int(score))))
        weight = round(_draw.uniform(0.3, 2.5), 2)
        rows.append(([a, b, f, c, d, e], label, round(score, 3), weight, _draw.random() < 0.25))
    return rows


DATA = {"two": _rows(90, 2), "three": _rows(120, 3), "many": _rows(400, 2), "few": _rows(7, 2)}
CATEGORIES = {3: 3, 4: 4, 5: 9}
SCHEMA = "features array<double>, label double, number double, weight double, held boolean"


@dataclass(frozen=True)
class Case:
    """An estimator, its settings, its data, and whether it knows which features are categorical."""

    estimator: str
    data: str
    settings: dict[str, Any] = field(default_factory=dict)
    categorical: bool = True

    @property
    def name(self) -> str:
        """What the case is called in the file of answers."""
        told = ",".join(f"{key}={value}" for key, value in self.settings.items())
        return f"{self.estimator}({told}) {self.data}{'' if self.categorical else ' plain'}"


_TREES = [
    Case("DecisionTreeClassifier", "two"),
    Case("DecisionTreeClassifier", "two", {"impurity": "entropy", "maxDepth": 3}),
    Case("DecisionTreeClassifier", "two", {"pruneTree": False}),
    Case("DecisionTreeClassifier", "two", {"weightCol": "weight", "minWeightFractionPerNode": 0.05}),
    Case("DecisionTreeClassifier", "two", {"minInstancesPerNode": 6, "minInfoGain": 0.02}),
    Case("DecisionTreeClassifier", "two", {"maxDepth": 0}),
    Case("DecisionTreeClassifier", "two", categorical=False),
    Case("DecisionTreeClassifier", "three"),
    Case("DecisionTreeClassifier", "three", {"impurity": "entropy", "maxDepth": 8}),
    Case("DecisionTreeClassifier", "three", {"maxBins": 10}),
    Case("DecisionTreeClassifier", "many", {"maxBins": 9, "maxDepth": 4}),
    Case("DecisionTreeClassifier", "few", categorical=False),
    Case("DecisionTreeRegressor", "two"),
    Case("DecisionTreeRegressor", "two", {"weightCol": "weight", "varianceCol": "variance"}),
    Case("DecisionTreeRegressor", "many", {"maxDepth": 7}),
    Case("DecisionTreeRegressor", "many", {"maxBins": 12, "minInstancesPerNode": 20}, categorical=False),
]
_WHOLE = {"featureSubsetStrategy": "all", "bootstrap": False}
_FORESTS = [
    Case("RandomForestClassifier", "three", {"numTrees": 2, "maxDepth": 3, **_WHOLE}),
    Case("RandomForestRegressor", "two", {"numTrees": 3, "maxDepth": 2, **_WHOLE}),
]
_BOOSTED = [
    Case("GBTClassifier", "two", {"maxIter": 4, "maxDepth": 3}),
    Case("GBTClassifier", "many", {"maxIter": 5, "stepSize": 0.3, "maxDepth": 2}, categorical=False),
    Case(
        "GBTClassifier",
        "many",
        {"maxIter": 30, "maxDepth": 4, "validationIndicatorCol": "held", "validationTol": 0.01},
    ),
    Case("GBTRegressor", "two", {"maxIter": 3, "maxDepth": 3}),
    Case("GBTRegressor", "two", {"maxIter": 4, "maxDepth": 2, "lossType": "absolute", "weightCol": "weight"}),
    Case(
        "GBTRegressor",
        "many",
        {"maxIter": 30, "maxDepth": 5, "validationIndicatorCol": "held", "validationTol": 0.05},
    ),
]
CASES = [*_TREES, *_FORESTS, *_BOOSTED]
