"""Page-Hinkley: the sum of what values are above (or below) their mean leaves its extreme behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from streamcore.models.online.base import Arrays, require, require_choice
from streamcore.models.online.drift.base import Decisions, DriftDetector
from streamcore.models.online.matrix import Floats
from streamcore.spi.models import State

_BEFORE = (0.0, 0.0, 0.0, 0.0, float("inf"), -1.0)
"""Count, mean, sum upwards, sum downwards, least and greatest sum, before the first value."""


@dataclass(frozen=True, kw_only=True)
class PageHinkley(DriftDetector):
    """A change is where a sum of deviations is `threshold` away from its least (or greatest) value.

    `delta` is what a deviation may be without counting, `alpha` what is kept of a sum from value to value;
    `mode` looks for means that go "up", "down" or "both".
    """

    name: ClassVar[str] = "PageHinkley"

    minInstances: int = 30
    delta: float = 0.005
    threshold: float = 50.0
    alpha: float = 1.0 - 0.0001
    mode: str = "both"

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.minInstances >= 1, self.name, "minInstances", self.minInstances, "at least 1")
        require(self.threshold > 0, self.name, "threshold", self.threshold, "above 0")
        require(0 < self.alpha <= 1, self.name, "alpha", self.alpha, "in (0, 1]")
        require_choice(self.name, "mode", self.mode, ("up", "down", "both"))

    def initial_state(self) -> State:
        return {"sums": np.array(_BEFORE)}

    def update(self, state: State, values: Floats) -> tuple[Arrays, Decisions]:
        decisions = np.zeros(len(values), dtype=np.bool_)
        sums, at = state["sums"], 0
        while at < len(values):
            sums, used, changed = self._until_change(sums, values[at:])
            at += used
            if changed:
                decisions[at - 1], sums = True, np.array(_BEFORE)
        return {"sums": sums}, decisions

    def _until_change(self, sums: Floats, values: Floats) -> tuple[Floats, int, bool]:
        """The sums after the values up to a change, how many these are, and whether there is one.

        Each value depends on the one before it by a product: a loop over plain numbers.
        """
        count, mean, upwards, downwards, least, greatest = sums.tolist()
        alpha, delta, least_count = self.alpha, self.delta, self.minInstances
        up = self.threshold if self.mode in ("up", "both") else float("inf")
        down = self.threshold if self.mode in ("down", "both") else float("inf")
        used = 0
        for value in values.tolist():
            used += 1
            count += 1.0
            mean += (1.0 / count) * (value - mean)
            apart = value - mean
            upwards = alpha * upwards + apart - delta
            downwards = alpha * downwards + apart + delta
            least, greatest = min(least, upwards), max(greatest, downwards)
            if count >= least_count and (upwards - least > up or greatest - downwards > down):
                return sums, used, True
        return np.array([count, mean, upwards, downwards, least, greatest]), used, False
