"""KSWIN: the newest values of a window against values drawn from the rest of it."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from streamcore.models.online.base import Arrays, require
from streamcore.models.online.drift.base import Decisions, DriftDetector
from streamcore.models.online.matrix import Floats
from streamcore.spi.models import State

_LEAST_DISTANCE = 0.1
"""Distributions that are nearer than this are the same, whatever their number of values says."""


@dataclass(frozen=True, kw_only=True)
class KSWIN(DriftDetector):
    """Two samples of `statSize` values, tested with Kolmogorov and Smirnov at the significance `alpha`.

    The samples are the newest values of the last `windowSize` ones, and values drawn from the others with
    `seed`; the generator of the draws is Python's, and is part of the state.
    """

    name: ClassVar[str] = "KSWIN"

    alpha: float = 0.005
    windowSize: int = 100
    statSize: int = 30
    seed: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        require(0 < self.alpha < 1, self.name, "alpha", self.alpha, "in (0, 1)")
        require(self.statSize >= 1, self.name, "statSize", self.statSize, "at least 1")
        window, least = self.windowSize, 2 * self.statSize
        require(window >= least, self.name, "windowSize", window, f"at least twice statSize, {least}")

    def initial_state(self) -> State:
        return {"window": np.empty(0), "generator": _as_array(random.Random(self.seed))}

    def update(self, state: State, values: Floats) -> tuple[Arrays, Decisions]:
        draw, window = _as_generator(state["generator"]), state["window"]
        decisions = np.zeros(len(values), dtype=np.bool_)
        size, newest = self.windowSize, self.statSize
        least = least_distance(newest, self.alpha)
        at = 0
        while at < len(values):
            every = np.concatenate([window, values[at:]])
            change = self._first_change(every, max(len(window) + 1, size), least, draw)
            if change is None:
                return {"window": every[-size:], "generator": _as_array(draw)}, decisions
            at += change - len(window)
            decisions[at - 1] = True
            window, draw = np.empty(0), random.Random(self.seed)
        return {"window": window, "generator": _as_array(draw)}, decisions

    def _first_change(self, every: Floats, first: int, least: int, draw: random.Random) -> int | None:
        """The end of the first window that ends at `first` or later and shows a change."""
        older, newest = range(self.windowSize - self.statSize), self.statSize
        for end in range(first, len(every) + 1):
            window = every[end - self.windowSize : end]
            drawn = window[draw.sample(older, newest)]
            if distance(drawn, window[-newest:]) >= least:
                return end
        return None


def distance(left: Floats, right: Floats) -> int:
    """How far the two distributions are apart at most, in values; both have the same number of them."""
    left, right = np.sort(left), np.sort(right)
    both = np.concatenate([left, right])
    apart = left.searchsorted(both, side="right") - right.searchsorted(both, side="right")
    return int(np.abs(apart).max())


@cache
def least_distance(size: int, alpha: float) -> int:
    """The least distance of two samples of `size` values whose probability is at most `alpha`.

    Exact, for samples of one distribution without ties: the part of all paths from corner to corner of a
    square of `size` steps that leave the diagonal by that much.  `size + 1`, which no samples reach, when
    even the greatest distance is too probable.
    """
    least = math.floor(_LEAST_DISTANCE * size) + 1
    for apart in range(least, size + 1):
        if _probability(size, apart) <= alpha:
            return apart
    return size + 1


def _probability(size: int, apart: int) -> float:
    """By reflection at both borders, in whole numbers."""
    paths = sum(
        (-1) ** (turns + 1) * math.comb(2 * size, size - turns * apart)
        for turns in range(1, size // apart + 1)
    )
    return float(min(1.0, 2 * paths / math.comb(2 * size, size)))


def _as_array(generator: random.Random) -> npt.NDArray[np.uint32]:
    return np.array(generator.getstate()[1], dtype=np.uint32)


def _as_generator(words: npt.NDArray[np.uint32]) -> random.Random:
    generator = random.Random()
    generator.setstate((3, tuple(words.tolist()), None))
    return generator
