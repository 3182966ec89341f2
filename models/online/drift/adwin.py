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
        window, every, at = _Window(self, state), values.tolist(), 0
        while at < len(every):
            until_look = self.clock - window.ticks % self.clock
            taken = every[at : at + until_look]
            window.add(taken)
            at += len(taken)
            if len(taken) == until_look and window.changed():
                decisions[at - 1] = True
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

    def add(self, values: list[float]) -> None:
        """Takes values; each depends on the one before it: a loop over plain numbers."""
        totals, variances, most = self._totals[0], self._variances[0], self._detector.maxBuckets
        width, total, variance = self._width, self._total, self._variance
        for value in values:
            totals.append(value)
            variances.append(0.0)
            if width:
                apart = value - total / width
                variance += width * apart * apart / (width + 1.0)
            width += 1.0
            total += value
            if len(totals) > most:
                self._compress()
        self._width, self._total, self._variance = width, total, variance
        self.ticks += len(values)

    def changed(self) -> bool:
        """Whether there was a change; the oldest buckets are dropped until no two parts differ."""
        found = False
        while self._width > self._detector.gracePeriod and self._has_cut():
            found = True
            self._drop_oldest()
        return found

    def _compress(self) -> None:
        """Joins the two oldest buckets of a level that has too many, and so on upwards."""
        every, most = self._totals, self._detector.maxBuckets
        level, size = 0, 1.0
        while len(every[level]) > most:
            totals, variances = every[level], self._variances[level]
            level += 1
            if level == len(every):
                every.append([])
                self._variances.append([])
            apart = totals[0] / size - totals[1] / size
            every[level].append(totals[0] + totals[1])
            between = size * size * apart * apart / (size + size)
            self._variances[level].append(variances[0] + variances[1] + between)
            del totals[:2], variances[:2]
            size += size

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
        levels = range(len(self._totals) - 1, -1, -1)
        totals = np.array([total for level in levels for total in self._totals[level]])
        sizes = np.repeat([2.0**level for level in levels], [len(self._totals[level]) for level in levels])
        old, old_total = np.cumsum(sizes), np.cumsum(totals)
        new, new_total = self._width - old, np.subtract.accumulate([self._total, *totals])[1:]
        least = self._detector.minWindowLength
        long_enough = (old >= least) & (new >= least)
        if not long_enough.any():
            return False
        old, old_total, new, new_total = (part[long_enough] for part in (old, old_total, new, new_total))
        apart = np.abs(old_total / old - new_total / new)
        return bool((apart > self._allowed(old, new)).any())

    def _allowed(self, old: Floats, new: Floats) -> Floats:
        """How far the means of windows of these lengths may be apart."""
        least = self._detector.minWindowLength
        spread = math.log(2.0 * math.log(self._width) / self._detector.delta)
        inverse = 1.0 / (old - least + 1.0) + 1.0 / (new - least + 1.0)
        with np.errstate(invalid="ignore"):  # a variance of nothing may be rounded to less than nothing
            noise: Floats = np.sqrt(2.0 * inverse * (self._variance / self._width) * spread)
        return noise + 2.0 / 3.0 * spread * inverse


def _by_level(values: Floats, levels: object) -> list[list[float]]:
    assert isinstance(levels, np.ndarray)
    ends = np.cumsum(levels)[:-1]
    return [part.tolist() for part in np.split(values, ends)] or [[]]
