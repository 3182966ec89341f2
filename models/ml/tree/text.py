"""Trees as text, as Spark writes them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from streamcore.models.ml.tree.nodes import Tree


def tree_text(tree: Tree, indent: int) -> str:
    """The rules of a tree, a line each."""
    return "".join(line + "\n" for line in _lines(tree, 0, indent))


def forest_text(trees: Sequence[Tree], weights: Sequence[float]) -> str:
    """The rules of all trees with their weights."""
    return "".join(
        f"  Tree {number} (weight {weight}):\n{tree_text(tree, 4)}"
        for number, (tree, weight) in enumerate(zip(trees, weights, strict=True))
    )


def _lines(tree: Tree, node: int, indent: int) -> Iterator[str]:
    space = " " * indent
    if tree.feature[node] < 0:
        yield f"{space}Predict: {_number(tree.prediction[node])}"
        return
    yes, no = _conditions(tree, node)
    yield f"{space}If ({yes})"
    yield from _lines(tree, int(tree.left[node]), indent + 1)
    yield f"{space}Else ({no})"
    yield from _lines(tree, int(tree.right[node]), indent + 1)


def _conditions(tree: Tree, node: int) -> tuple[str, str]:
    name = f"feature {tree.feature[node]}"
    if tree.arity[node] <= 0:
        threshold = _number(tree.threshold[node])
        return f"{name} <= {threshold}", f"{name} > {threshold}"
    listed = ",".join(_number(category) for category in tree.left_categories[node])
    return f"{name} in {{{listed}}}", f"{name} not in {{{listed}}}"


def _number(value: float) -> str:
    return java_double(float(value))


def java_double(value: float) -> str:
    """A double as Java writes it.

    >>> java_double(0.5), java_double(-1e-5), java_double(12345678.0)
    ('0.5', '-1.0E-5', '1.2345678E7')
    """
    if math.isnan(value) or math.isinf(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value)
    shortest = next(f"{value:.{n}e}" for n in range(1, 18) if float(f"{value:.{n}e}") == value)
    digits, _, exponent = shortest.partition("e")
    return f"{digits}E{int(exponent)}"
