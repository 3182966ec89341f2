"""The best split of every node by one feature, from a histogram over (node, bin)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from streamcore.models.ml.tree.binning import Binned, Categorical
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

    def improve(self, other: Splits) -> None:
        """Takes what is better in `other`; of equals the split of the first feature stays."""
        earlier = (other.gain == self.gain) & (other.feature < self.feature)
        better = (other.gain > self.gain) | earlier
        self.gain[better] = other.gain[better]
        self.feature[better] = other.feature[better]
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


def best_of_continuous(
    candidates: Candidates, numbers: Places, sums: Sums, asked: Bools, rules: Rules
) -> Splits:
    """The best split of each node by these features, which rise and have the same number of bins."""
    nodes, count = candidates.nodes, len(numbers)
    width = candidates.data.features[int(numbers[0])].bins
    if count == 1:
        found = _sums_by_bin(candidates, int(numbers[0]), sums, asked[:, numbers[0]])
    else:
        bins = np.stack([candidates.data.bins[number][candidates.rows] for number in numbers.tolist()])
        blocks = np.arange(count)[:, None] * nodes + candidates.node
        key = np.asarray(blocks * width + bins, np.intp).ravel()
        found = sums.sample.sums(np.tile(sums.here, count), key, count * nodes * width)
    cumulated = np.cumsum(found.reshape(count * nodes, width, -1), axis=1)
    left, total = cumulated[:, :-1], cumulated[:, -1]
    gain = _gains(left, total, np.tile(candidates.impurity, count), asked[:, numbers].T.ravel(), rules)
    best = gain.argmax(axis=1)
    feature = gain.max(axis=1).reshape(count, nodes).argmax(axis=0)
    at = feature * nodes + np.arange(nodes)
    goes_left = np.arange(width) <= best[at][:, None]
    return _taken(gain[at], left[at], total[at], best[at], goes_left, numbers[feature])


def best_of_categorical(
    candidates: Candidates, number: int, feature: Categorical, sums: Sums, asked: Bools, rules: Rules
) -> Splits:
    """The best split of each node by this feature, among the nodes that ask for it."""
    histogram = _sums_by_bin(candidates, number, sums, asked).reshape(candidates.nodes, feature.bins, -1)
    numbers = np.full(candidates.nodes, number)
    if feature.unordered:
        divisions = feature.divisions()
        left, total = np.einsum("db,nbs->nds", divisions.astype(np.float64), histogram), histogram.sum(axis=1)
        gain = _gains(left, total, candidates.impurity, asked, rules)
        best = gain.argmax(axis=1)
        return _taken(gain, left, total, best, divisions[best], numbers)
    order = _order(histogram[..., :-1], rules)
    cumulated = np.cumsum(np.take_along_axis(histogram, order[..., None], axis=1), axis=1)
    left, total = cumulated[:, :-1], cumulated[:, -1]
    gain = _gains(left, total, candidates.impurity, asked, rules)
    best = gain.argmax(axis=1)
    # The first categories of the order go left, up to the best split.
    return _taken(gain, left, total, best, np.argsort(order, axis=1) <= best[:, None], numbers)


def _sums_by_bin(candidates: Candidates, number: int, sums: Sums, asked: Bools) -> Doubles:
    """(node and bin, statistic) of one feature, over the rows of the nodes that ask."""
    node, rows, here = candidates.node, candidates.rows, sums.here
    if not asked.all():
        kept = np.flatnonzero(asked[node])
        node, rows, here = node[kept], rows[kept], here[kept]
    width = candidates.data.features[number].bins
    key = np.asarray(node * width + candidates.data.bins[number][rows], np.intp)
    return sums.sample.sums(here, key, candidates.nodes * width)


def _order(statistics: Doubles, rules: Rules) -> Places:
    """(node, place) -> category: by how their rows look in the node, those without rows last."""
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


def _taken(
    gain: Doubles, left: Doubles, total: Doubles, best: Places, goes_left: Bools, feature: Places
) -> Splits:
    nodes = np.arange(len(best))
    chosen = left[nodes, best]
    return Splits(gain[nodes, best], feature, chosen, total - chosen, goes_left)
