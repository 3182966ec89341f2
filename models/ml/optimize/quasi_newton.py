"""Limited-memory BFGS, and its orthant-wise form for an L1 penalty (Andrew and Gao, 2007)."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from streamcore.models.ml.optimize.line_search import SearchFailedError, backtracking, strong_wolfe

Vector = np.ndarray
Objective = Callable[[Vector], tuple[float, Vector]]
"""Value and gradient at a point."""

MEMORY = 10
"""Pairs of step and change of gradient that stand for the curvature."""

LOOKED_BACK = 20
"""The objective has converged when it hardly fell over as many iterations."""


@dataclass(frozen=True)
class Minimum:
    """Where the minimisation ended, and the objective after each iteration, the start included."""

    point: Vector
    history: list[float]


@dataclass(frozen=True)
class _State:
    """A point of the path: `value` and `gradient` are smooth, `total` and `slope` have the L1 penalty."""

    point: Vector
    value: float
    gradient: Vector
    total: float
    slope: Vector
    iteration: int = 0
    pairs: tuple[tuple[Vector, Vector], ...] = ()
    failed: bool = False
    seen: deque[float] = field(default_factory=lambda: deque([np.inf], LOOKED_BACK))


def minimize(
    objective: Objective,
    start: Vector,
    *,
    iterations: int,
    tolerance: float,
    l1: Vector | None = None,
    memory: int = MEMORY,
) -> Minimum:
    """Minimise a smooth objective, plus `sum(l1 * abs(point))` where `l1` is given.

    `memory` steps with their changes of the gradient stand for the curvature.

    It ends when the gradient is small against the objective, when the objective hardly fell over the last
    twenty iterations, or when no step leads down any more.

    >>> bowl = lambda point: (float(((point - 3) ** 2).sum()), 2 * (point - 3))
    >>> minimize(bowl, np.zeros(2), iterations=50, tolerance=1e-9).point
    array([3., 3.])
    >>> minimize(bowl, np.zeros(2), iterations=50, tolerance=1e-9, l1=np.array([8.0, 2.0])).point.round(6)
    array([0., 2.])
    """
    path = _Path(_remembered(objective), l1, memory)
    states = path.states(start)
    first = state = next(states)
    history = [state.total]
    while not _ended(state, first, iterations, tolerance):
        state = next(states)
        history.append(state.total)
    return Minimum(state.point, history)


def _ended(state: _State, first: _State, iterations: int, tolerance: float) -> bool:
    flat = len(state.seen) >= 2 and abs(state.total - max(state.seen)) <= tolerance * abs(first.total)
    level = float(np.linalg.norm(state.slope)) <= max(tolerance * abs(state.total), 1e-8)
    return state.iteration >= iterations or flat or level or state.failed


def _remembered(objective: Objective) -> Objective:
    """The objective, asked once for a point that is looked at twice in a row: it reads all rows."""
    last: list[tuple[Vector, tuple[float, Vector]]] = []

    def ask(point: Vector) -> tuple[float, Vector]:
        if not last or not np.array_equal(last[0][0], point):
            last[:] = [(point.copy(), objective(point))]
        return last[0][1]

    return ask


@dataclass(frozen=True)
class _Path:
    objective: Objective
    l1: Vector | None
    memory: int

    def states(self, start: Vector) -> Iterator[_State]:
        """The start and the state after every iteration; a failed search forgets the curvature, once."""
        state, again = self._at(start), False
        yield state
        while True:
            try:
                state, again = self._next(state), False
            except SearchFailedError:
                state = replace(state, failed=True) if again else replace(state, pairs=())
                again = True
            yield state

    def _at(self, point: Vector) -> _State:
        value, gradient = self.objective(point)
        total, slope = self._penalized(point, value, gradient)
        return _State(point, value, gradient, total, slope)

    def _next(self, state: _State) -> _State:
        direction = _newton(state.pairs, state.slope)
        if self.l1 is not None:
            direction = np.where(direction * state.slope < 0, direction, 0.0)
        after = self._at(self._stepped(state, direction, self._step(state, direction)))
        pair = (after.point - state.point, after.gradient - state.gradient)
        return replace(
            after,
            iteration=state.iteration + 1,
            pairs=(pair, *state.pairs)[: self.memory],
            seen=deque([*state.seen, after.total], LOOKED_BACK),
        )

    def _step(self, state: _State, direction: Vector) -> float:
        def along(step: float) -> tuple[float, float]:
            at = self._at(self._stepped(state, direction, step))
            return at.total, float(at.slope @ direction)

        new = state.iteration < 1
        if self.l1 is not None:
            first = 0.5 / float(np.linalg.norm(state.gradient)) if new else 1.0
            return backtracking(along, first, state.value, 0.1 if new else 0.5)
        step = strong_wolfe(along, 1.0 / float(np.linalg.norm(direction)) if new else 1.0)
        if step * float(np.linalg.norm(state.gradient)) < 1e-10:
            raise SearchFailedError("the step underflowed")
        return step

    def _stepped(self, state: _State, direction: Vector, step: float) -> Vector:
        """The point after a step; under an L1 penalty no coordinate changes its sign in one step."""
        stepped = state.point + step * direction
        if self.l1 is None:
            return stepped
        orthant = np.where(state.point != 0, np.sign(state.point), np.sign(-state.slope))
        return np.where(np.sign(stepped) == orthant, stepped, 0.0)

    def _penalized(self, point: Vector, value: float, gradient: Vector) -> tuple[float, Vector]:
        if self.l1 is None:
            return value, gradient
        up, down = gradient + self.l1, gradient - self.l1
        at_zero = np.where(down > 0, down, np.where(up < 0, up, 0.0))
        slope = np.where(point == 0, at_zero, gradient + np.sign(point) * self.l1)
        return value + float(np.abs(self.l1 * point).sum()), slope


def _newton(pairs: tuple[tuple[Vector, Vector], ...], gradient: Vector) -> Vector:
    """The direction of descent: the inverse curvature of the last steps applied to the gradient."""
    direction = gradient.copy()
    scale, weights = 1.0, []
    if pairs:
        step, change = pairs[0]
        bend = float(step @ change)
        if not bend >= 0:
            raise SearchFailedError("the curvature is not positive")
        scale = bend / float(change @ change)
    with np.errstate(all="ignore"):
        for step, change in pairs:
            bend = float(step @ change)
            weight = np.float64(step @ direction) / bend
            weights.append((weight, bend))
            direction -= weight * change
        direction *= scale
        for (step, change), (weight, bend) in zip(reversed(pairs), reversed(weights), strict=True):
            direction += (weight - np.float64(change @ direction) / bend) * step
    if not np.isfinite(direction).all():
        raise SearchFailedError("the curvature is not a number")
    return -direction
