"""Single trees and forests, from rows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.evaluation.weights import Doubles
from streamcore.models.ml.tree.binning import Binned, Matrix, binned
from streamcore.models.ml.tree.growing import grow
from streamcore.models.ml.tree.nodes import Tree
from streamcore.models.ml.tree.samples import drawn, sample_of
from streamcore.models.ml.tree.splitting import Rules

STRATEGIES = ("auto", "all", "onethird", "sqrt", "log2")


@dataclass(frozen=True)
class Settings:
    """How trees are grown, in the words of the estimators' parameters."""

    impurity: str
    maxDepth: int
    maxBins: int
    minInstancesPerNode: int
    minWeightFractionPerNode: float
    minInfoGain: float
    maxMemoryInMB: int
    seed: int
    pruneTree: bool = True
    subsamplingRate: float = 1.0
    featureSubsetStrategy: str = "all"
    bootstrap: bool = False


@dataclass(frozen=True)
class Rows:
    """What is learnt from; `classes` is 0 for numbers, `categories` the sizes of categorical features."""

    features: Matrix
    target: Doubles
    weight: Doubles
    categories: Mapping[int, int]
    classes: int


def fit_trees(rows: Rows, settings: Settings, count: int) -> tuple[Tree, ...]:
    """`count` trees, each of its own draw of the rows."""
    data = bins_of(rows, settings)
    per_node = features_per_node(
        settings.featureSubsetStrategy, rows.features.shape[1], trees=count, classes=rows.classes
    )
    return tuple(
        fit_tree(data, rows, rows.target, settings, per_node, generator(settings.seed, number))
        for number in range(count)
    )


def bins_of(rows: Rows, settings: Settings) -> Binned:
    """The features in bins."""
    if not rows.features.shape[0]:
        raise IllegalArgumentException(
            "requirement failed: DecisionTree requires size of input RDD > 0, but was given by empty one."
        )
    if not rows.features.shape[1]:
        raise IllegalArgumentException(
            "requirement failed: DecisionTree requires number of features > 0, but was given an empty "
            "features vector"
        )
    return binned(
        rows.features,
        rows.weight,
        categories=rows.categories,
        classes=rows.classes,
        maxBins=settings.maxBins,
        rng=generator(settings.seed),
    )


def fit_tree(
    data: Binned,
    rows: Rows,
    target: Doubles,
    settings: Settings,
    per_node: int,
    rng: np.random.Generator,
) -> Tree:
    """One tree that tells `target` from the binned features."""
    draw = drawn(data.rows, settings.subsamplingRate, replace=settings.bootstrap, rng=rng)
    return grow(
        data,
        sample_of(target, rows.weight, rows.classes, draw),
        Rules(
            impurity=settings.impurity,
            minInstancesPerNode=settings.minInstancesPerNode,
            minWeightPerNode=settings.minWeightFractionPerNode * float(rows.weight.sum()),
            minInfoGain=settings.minInfoGain,
        ),
        maxDepth=settings.maxDepth,
        maxMemoryInMB=settings.maxMemoryInMB,
        features_per_node=per_node,
        prune=settings.pruneTree,
        rng=rng,
    )


def generator(seed: int, *place: int) -> np.random.Generator:
    """Random numbers that depend on the seed and on what they are for."""
    return np.random.default_rng([seed % 2**64, *place])


def features_per_node(strategy: str, features: int, *, trees: int, classes: int) -> int:
    """How many features a node may be split on.

    >>> features_per_node("auto", 10, trees=20, classes=2), features_per_node("0.5", 10, trees=1, classes=0)
    (4, 5)
    """
    if strategy == "auto":
        strategy = "all" if trees == 1 else ("sqrt" if classes else "onethird")
    shares = {
        "all": features,
        "sqrt": math.ceil(math.sqrt(features)),
        "log2": max(1, math.ceil(math.log2(features))),
        "onethird": math.ceil(features / 3.0),
    }
    return shares[strategy] if strategy in shares else _features_told(strategy, features)


def _features_told(strategy: str, features: int) -> int:
    if strategy.isdecimal() and int(strategy) > 0:
        return min(int(strategy), features)
    try:
        share = float(strategy)
    except ValueError:
        share = 0.0
    if not 0 < share <= 1:
        raise IllegalArgumentException(f"Supported values: {', '.join(STRATEGIES)}, (0.0-1.0], [1-n].")
    return math.ceil(share * features)
