"""Line searches: how far to go along a direction of descent.

Both follow the rules of Breeze, which Spark optimises with: the same steps give the same number of iterations
and the same history of the objective, which users compare.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

Along = Callable[[float], tuple[float, float]]
"""Value and slope of the objective at a step along the direction."""

ENOUGH_DECREASE = 1e-4
ENOUGH_CURVATURE = 0.9


class SearchFailedError(ArithmeticError):
    """No step along this direction satisfies the conditions of the search."""


class _Point(NamedTuple):
    step: float
    slope: float
    value: float


def strong_wolfe(along: Along, first: float) -> float:
    """A step of enough decrease and enough curvature: bracketed, then narrowed by cubic interpolation."""
    start = _point(along, 0.0)
    if start.slope > 0:
        raise SearchFailedError("not a direction of descent")
    low, step = start, first
    for tries in range(10):
        point = _point(along, step)
        if not np.isfinite(point.value):
            step /= 2.0
            continue
        if _too_high(point, start) or (point.value >= low.value and tries > 0):
            return _narrowed(along, start, low, point)
        if abs(point.slope) <= ENOUGH_CURVATURE * abs(start.slope):
            return point.step
        if point.slope >= 0:
            return _narrowed(along, start, point, low)
        low = point
        step *= 1.5
    raise SearchFailedError("the bracket did not close")


def _narrowed(along: Along, start: _Point, low: _Point, high: _Point) -> float:
    for _ in range(10):
        step = _cubic(high, low) if low.step > high.step else _cubic(low, high)
        point = _point(along, step)
        if _too_high(point, start) or point.value >= low.value:
            high = point
            continue
        if abs(point.slope) <= ENOUGH_CURVATURE * abs(start.slope):
            return point.step
        if point.slope * (high.step - low.step) >= 0:
            high = low
        low = point
    raise SearchFailedError("the bracket did not narrow")


def _point(along: Along, step: float) -> _Point:
    value, slope = along(step)
    return _Point(step, slope, value)


def _too_high(point: _Point, start: _Point) -> bool:
    return point.value > start.value + ENOUGH_DECREASE * point.step * start.slope


def _cubic(left: _Point, right: _Point) -> float:
    """Where the cubic through both points is lowest, kept off the ends of the interval."""
    width = right.step - left.step
    with np.errstate(all="ignore"):
        mean = left.slope + right.slope - 3 * (left.value - right.value) / (left.step - right.step)
        root = np.sqrt(np.float64(mean * mean - left.slope * right.slope))
        step = right.step - width * (right.slope + root - mean) / (right.slope - left.slope + 2 * root)
    lowest, highest = left.step + 0.1 * width, left.step + 0.9 * width
    return float(lowest if step < lowest else min(step, highest))


def backtracking(along: Along, first: float, value: float, shrink: float) -> float:
    """A step that satisfies the strong Wolfe conditions, found by shrinking and growing the first one.

    `value` stands for the objective at the first step until the step has been changed once: the penalty is
    not in it, so that a first step is seldom taken as it is.
    """
    start = along(0.0)
    step, (slope, here) = first, (along(first)[1], value)
    for _ in range(19):
        if here > start[0] + step * start[1] * ENOUGH_DECREASE:
            factor = shrink
        elif slope < ENOUGH_CURVATURE * start[1]:
            factor = 2.1
        elif slope > -ENOUGH_CURVATURE * start[1]:
            factor = shrink
        else:
            return step
        step *= factor
        if not 1e-10 <= step <= 1e10:
            raise SearchFailedError("the step under- or overflowed")
        here, slope = along(step)
    return step
