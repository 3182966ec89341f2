"""Rows and settings of the networks that PySpark and we train; plain values only."""

from __future__ import annotations

import random
from typing import Any

_draw = random.Random(5)


def _row() -> tuple[float, list[float]]:
    a, b = round(_draw.gauss(0, 1), 3), round(_draw.gauss(0, 1), 3)
    return float((a * b > 0) + (a + b > 1.5)), [a, b, round(a * a, 3)]


ROWS = [_row() for _ in range(150)]
NETWORKS: list[dict[str, Any]] = [
    {"layers": [3, 4, 3], "seed": 11, "maxIter": 15},
    {"layers": [3, 4, 3], "seed": 11, "maxIter": 12, "blockSize": 64},
    {"layers": [3, 3], "seed": 2, "maxIter": 100, "tol": 1e-4},
    {"layers": [3, 5, 3], "seed": 3, "solver": "gd", "maxIter": 8, "stepSize": 0.5},
    {"layers": [3, 5, 3], "seed": 3, "solver": "gd", "maxIter": 60, "stepSize": 0.9, "tol": 1e-2},
    {"layers": [3, 2, 3], "initialWeights": [0.01 * place for place in range(17)], "maxIter": 10},
]
