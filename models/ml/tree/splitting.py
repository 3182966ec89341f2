"""The best split of every node by one feature, from a histogram over (node, bin)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from streamcore.models.ml.tree.binning import Binned, Categorical, Continuous
from streamcore.models.ml.tree.impurity import IMPURITIES, weight
from streamcore.models.ml.tree.samples import Sample

Doubles = NDArray[np.float64]
Places = NDArray[np.intp]
Bools = NDArray[np.bool_]

_NEVER = float(np.finfo(np.float64).max)


@dataclass(frozen=True)
class Rules:
    """What a split must satisfy."""

    impurity: str
    minInstancesPerNode: int
    minWeightPerNode: float
    minInfoGain: float


@dataclass(frozen=True)
class Candidates:
    """The rows of some nodes of one level; `node` counts from 0 within them, `impurity` is each node's."""

    data: Binned
    rows: Places
    node: Places
    impurity: Doubles

    @property
    def nodes(self) -> int:
        """How many nodes there are."""
        return len(self.impurity)


@dataclass(frozen=True)
class Sums:
    """Sums over the candidates' rows, which lie `here` in the sample; one of the statistics counts rows."""

    sample: Sample
    here: Places
    statistics: int


@dataclass
class Splits:
    """The best split of each node so far, with the sums of both sides.

    A gain that is not positive means none.
    """

    gain: Doubles
    feature: Places
    left: Doubles
    right: Doubles
    goes_left: Bools

    def improve(self, feature: int, other: Splits | None) -> None:
        """Takes what is better in `other`, a split of `feature`; the first of equals stays."""
        if other is None:
            return
        better = other.gain > self.gain
        self.gain[better] = other.gain[better]
        self.feature[better] = feature
        self.left[better] = other.left[better]
        self.right[better] = other.right[better]
        width = other.goes_left.shape[1]
        self.goes_left[better, :width] = other.goes_left[better]
        self.goes_left[better, width:] = False


def none_found(nodes: int, statistics: int, bins: int) -> Splits:
    """No split yet."""
    return Splits(
        gain=np.full(nodes, -np.inf),
        feature=np.full(nodes, -1, np.intp),
        left=np.zeros((nodes, statistics)),
        right=np.zeros((nodes, statistics)),
        goes_left=np.zeros((nodes, bins), np.bool_),
    )


def best_of_feature(
    candidates: Candidates, number: int, sums: Sums, asked: Bools, rules: Rules
) -> Splits | None:
    """The best split of each node by this feature, among the nodes that ask for it."""
    feature = candidates.data.features[number]
    if feature.bins < 2 or not asked.any():
        return None
    histogram = _histogram(candidates, number, sums, asked)
    if isinstance(feature, Categorical) and feature.unordered:
        divisions = feature.divisions()
        left = np.einsum("db,nbs->nds", divisions.astype(np.float64), histogram)
        gain = _gains(left, histogram.sum(axis=1), candidates.impurity, asked, rules)
        best = gain.argmax(axis=1)
        return _taken(gain, left, histogram.sum(axis=1), best, divisions[best])
    order = _order(feature, histogram[..., :-1], rules)
    cumulated = np.cumsum(np.take_along_axis(histogram, order[..., None], axis=1), axis=1)
    left, total = cumulated[:, :-1], cumulated[:, -1]
    gain = _gains(left, total, candidates.impurity, asked, rules)
    best = gain.argmax(axis=1)
    # The first bins of the order go left, up to the best split.
    return _taken(gain, left, total, best, np.argsort(order, axis=1) <= best[:, None])


def _histogram(candidates: Candidates, number: int, sums: Sums, asked: Bools) -> Doubles:
    """(node, bin, statistic) over the rows of the nodes that ask."""
    node, rows, here = candidates.node, candidates.rows, sums.here
    if not asked.all():
        kept = np.flatnonzero(asked[node])
        node, rows, here = node[kept], rows[kept], here[kept]
    width = candidates.data.features[number].bins
    key = np.asarray(node * width + candidates.data.bins[number][rows], np.intp)
    found = sums.sample.sums(here, key, candidates.nodes * width)
    return found.reshape(candidates.nodes, width, -1)


def _order(feature: Continuous | Categorical, statistics: Doubles, rules: Rules) -> Places:
    """(node, place) -> bin: thresholds ascend, categories by how their rows look in the node."""
    nodes, bins = statistics.shape[:2]
    if isinstance(feature, Continuous):
        return np.broadcast_to(np.arange(bins), (nodes, bins))
    heavy = weight(statistics, rules.impurity)
    if rules.impurity == "variance":
        centre = np.divide(statistics[..., 1], heavy, out=np.zeros_like(heavy), where=heavy != 0)
    elif statistics.shape[-1] > 2:
        centre = IMPURITIES[rules.impurity](statistics)
    else:
        centre = statistics[..., 1]
    return np.argsort(np.where(heavy != 0, centre, _NEVER), axis=1, kind="stable")


def _gains(left: Doubles, total: Doubles, parent: Doubles, asked: Bools, rules: Rules) -> Doubles:
    """(node, split) -> how much less mixed the sides are than the node; minus infinity breaks a rule."""
    impurity = IMPURITIES[rules.impurity]
    right = total[:, None] - left
    left_sums, right_sums = left[..., :-1], right[..., :-1]
    left_weight, right_weight = weight(left_sums, rules.impurity), weight(right_sums, rules.impurity)
    whole = left_weight + right_weight
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = (
            parent[:, None]
            - left_weight / whole * impurity(left_sums)
            - right_weight / whole * impurity(right_sums)
        )
    fewest, lightest = rules.minInstancesPerNode, rules.minWeightPerNode
    valid = (left[..., -1] >= fewest) & (right[..., -1] >= fewest) & (gain >= rules.minInfoGain)
    valid &= (left_weight >= lightest) & (right_weight >= lightest) & asked[:, None]
    return np.where(valid, gain, -np.inf)


def _taken(gain: Doubles, left: Doubles, total: Doubles, best: Places, goes_left: Bools) -> Splits:
    nodes = np.arange(len(best))
    chosen = left[nodes, best]
    return Splits(
        gain=gain[nodes, best],
        feature=np.zeros(len(best), np.intp),
        left=chosen,
        right=total - chosen,
        goes_left=goes_left,
    )
