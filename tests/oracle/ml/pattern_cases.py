"""Ratings and baskets that PySpark and we learn from; plain values only."""

from __future__ import annotations

from typing import Any

RATINGS = [(i % 7 - 2, (i * 5) % 11, float((i * 3) % 6 - 1)) for i in range(40)]
PAIRS = [(-2, 0), (4, 10), (99, 0), (0, 99)]
ALS: list[dict[str, Any]] = [
    {"rank": 3, "maxIter": 4, "seed": 7},
    {"rank": 3, "maxIter": 4, "seed": 7, "implicitPrefs": True, "alpha": 2.0},
    {"rank": 3, "maxIter": 4, "seed": 7, "nonnegative": True},
    {"rank": 3, "maxIter": 4, "seed": 7, "implicitPrefs": True, "nonnegative": True},
    {"rank": 12, "maxIter": 3, "seed": -5, "numUserBlocks": 2, "numItemBlocks": 3, "regParam": 0.5},
]

BASKETS = [
    ["r", "z", "h", "k", "p"], ["z", "y", "x", "w", "v", "u", "t", "s"], ["s", "x", "o", "n", "r"],
    ["x", "z", "y", "m", "t", "s", "q", "e"], ["z"], ["x", "z", "y", "r", "q", "t", "p"], None, [],
    ["z", None],
]  # fmt: skip
ASKED = [["t", "s"], ["p"], [], None, ["unheard"]]
GROWTH = [(0.2, 0.7), (0.3, 0.5), (0.5, 0.1), (1.0, 0.5)]

SEQUENCES = [
    [[1, 2], [3]], [[1], [3, 2], [1, 2]], [[1, 2], [5]], [[6]], None, [[3], [1, 2], [3, 5], [1]],
    [[5, 3], [3]],
]  # fmt: skip
SPANS = [(0.3, 5), (0.5, 5), (0.2, 2), (0.0, 3)]
