"""ADWIN: a window that grows while its parts have the same mean, kept as sums of powers of two of values."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from streamcore.models.online.base import Arrays, require
from streamcore.models.online.drift.base import Decisions, DriftDetector
from streamcore.models.online.matrix import Floats
from streamcore.spi.models import State


@dataclass(frozen=True, kw_only=True)
class ADWIN(DriftDetector):
    """A change is where two parts of the window have means too far apart for the significance `delta`.

    Parts shorter than `minWindowLength` are not compared, nor is a window of `gracePeriod` values or fewer;
    every `clock`-th value looks for a change.  A bucket of level i sums 2^i values; more than `maxBuckets`
    of a level become one of the next.
    """

    name: ClassVar[str] = "ADWIN"

    delta: float = 0.002
    clock: int = 32
    maxBuckets: int = 5
    minWindowLength: int = 5
    gracePeriod: int = 10

    def __post_init__(self) -> None:
        super().__post_init__()
        require(0 < self.delta < 1, self.name, "delta", self.delta, "in (0, 1)")
        for setting in ("clock", "maxBuckets", "minWindowLength"):
            value = getattr(self, setting)
            require(value >= 1, self.name, setting, value, "at least 1")
        require(self.gracePeriod >= 0, self.name, "gracePeriod", self.gracePeriod, "at least 0")

    def initial_state(self) -> State:
        return _Window(self).state()

    def update(self, state: State, values: Floats) -> tuple[Arrays, Decisions]:
        decisions = np.zeros(len(values), dtype=np.bool_)
        window = _Window(self, state)
        for place, value in enumerate(values.tolist()):
            window.add(value)
            if window.ticks % self.clock == 0 and window.changed():
                decisions[place] = True
                window = _Window(self)
        return window.state(), decisions


class _Window:
    """Buckets by level, the oldest of a level first; level 0 has the newest values."""

    def __init__(self, detector: ADWIN, state: State | None = None) -> None:
        self._detector = detector
        self._totals: list[list[float]] = [[]]
        self._variances: list[list[float]] = [[]]
        self._width, self._total, self._variance, self.ticks = 0.0, 0.0, 0.0, 0
        if state is not None:
            self._totals = _by_level(state["bucketTotals"], state["levels"])
            self._variances = _by_level(state["bucketVariances"], state["levels"])
            self._width, self._total, self._variance = state["window"].tolist()
            self.ticks = int(state["ticks"])

    def state(self) -> Arrays:
        return {
            "bucketTotals": np.array([total for level in self._totals for total in level]),
            "bucketVariances": np.array([variance for level in self._variances for variance in level]),
            "levels": np.array([len(level) for level in self._totals]),
            "window": np.array([self._width, self._total, self._variance]),
            "ticks": np.array(self.ticks),
        }

    def add(self, value: float) -> None:
        self.ticks += 1
        self._totals[0].append(value)
        self._variances[0].append(0.0)
        self._width += 1.0
        if self._width > 1.0:
            before = self._width - 1.0
            apart = value - self._total / before
            self._variance += before * apart * apart / self._width
        self._total += value
        if len(self._totals[0]) > self._detector.maxBuckets:
            self._compress()

    def changed(self) -> bool:
        """Whether there was a change; the oldest buckets are dropped until no two parts differ."""
        found = False
        while self._width > self._detector.gracePeriod and self._has_cut():
            found = True
            self._drop_oldest()
        return found

    def _compress(self) -> None:
        for level, (totals, variances) in enumerate(zip(self._totals, self._variances, strict=True)):
            if len(totals) <= self._detector.maxBuckets:
                return
            if level + 1 == len(self._totals):
                self._totals.append([])
                self._variances.append([])
            size = float(2**level)
            apart = totals[0] / size - totals[1] / size
            between = size * size * apart * apart / (size + size)
            self._totals[level + 1].append(totals[0] + totals[1])
            self._variances[level + 1].append(variances[0] + variances[1] + between)
            del totals[:2], variances[:2]

    def _drop_oldest(self) -> None:
        size = float(2 ** (len(self._totals) - 1))
        total, variance = self._totals[-1].pop(0), self._variances[-1].pop(0)
        self._width -= size
        self._total -= total
        apart = total / size - self._total / self._width
        self._variance -= variance + size * self._width * apart * apart / (size + self._width)
        if not self._totals[-1]:
            self._totals.pop()
            self._variances.pop()

    def _has_cut(self) -> bool:
        """Whether the values before and after the end of some bucket have means that differ."""
        old, old_total = 0.0, 0.0
        new, new_total = self._width, self._total
        least = self._detector.minWindowLength
        for level in range(len(self._totals) - 1, -1, -1):
            size = float(2**level)
            for total in self._totals[level]:
                old, old_total = old + size, old_total + total
                new, new_total = new - size, new_total - total
                if (
                    old >= least
                    and new >= least
                    and self._differ(old, new, old_total / old - new_total / new)
                ):
                    return True
        return False

    def _differ(self, old: float, new: float, apart: float) -> bool:
        least = self._detector.minWindowLength
        spread = math.log(2.0 * math.log(self._width) / self._detector.delta)
        inverse = 1.0 / (old - least + 1.0) + 1.0 / (new - least + 1.0)
        variance = self._variance / self._width
        return abs(apart) > math.sqrt(2.0 * inverse * variance * spread) + 2.0 / 3.0 * spread * inverse


def _by_level(values: Floats, levels: object) -> list[list[float]]:
    assert isinstance(levels, np.ndarray)
    ends = np.cumsum(levels)[:-1]
    return [part.tolist() for part in np.split(values, ends)] or [[]]
