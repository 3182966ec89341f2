"""Weights at work: gradient steps of a linear score over dense and sparse rows, without memory per step."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from streamcore.models.online.base import Arrays, sized, steps
from streamcore.models.online.linear.settings import GradientSteps
from streamcore.models.online.matrix import Floats, Matrix, SparseRows, summed
from streamcore.models.online.rows import Rows
from streamcore.spi.models import State

Errors = Callable[[Floats, Floats], None]
"""Turns scores into the derivative of the loss by the score, in place, given the labels."""


def initial_weights(model: GradientSteps) -> Arrays:
    """Weights of a model that does not know yet how many features there are."""
    return {
        "weights": np.zeros(0),
        "intercept": np.zeros(()),
        "rows": np.zeros((), dtype=np.int64),
        "steps": np.zeros((), dtype=np.int64),
        **{slot: np.zeros(0) for slot in model.rule.slots},
    }


class LinearWeights:
    """The weights of one score, and what is needed to change them."""

    def __init__(self, model: GradientSteps, state: State) -> None:
        self._model, self._rule, self._state = model, model.rule, state
        self._intercept = float(state["intercept"])
        self._weights: Floats | None = None
        self._slots: dict[str, Floats] = {}
        self._rows, self._steps = int(state["rows"]), int(state["steps"])

    def scores(self, X: Matrix) -> Floats:
        """The score of each row; the intercept alone before anything was learnt."""
        weights = self._sized(X.shape[1])
        found = X @ weights if isinstance(X, np.ndarray) else X.dot(weights)
        found += self._intercept
        return found

    def learn(self, rows: Rows, errors: Errors) -> None:
        """Steps along the mean gradient of each inner step."""
        if not len(rows):
            return
        self._sized(rows.X.shape[1])
        with np.errstate(over="ignore", invalid="ignore"):
            if isinstance(rows.X, np.ndarray):
                self._learn_dense(rows, rows.X, errors)
            else:
                self._learn_sparse(rows, rows.X, errors)
        self._rows += len(rows)

    def state(self) -> Arrays:
        """The arrays as they are now."""
        return {
            **self._state,
            **self._slots,
            **({} if self._weights is None else {"weights": self._weights}),
            "intercept": np.array(self._intercept),
            "rows": np.array(self._rows),
            "steps": np.array(self._steps),
        }

    def _sized(self, columns: int) -> Floats:
        if self._weights is None or self._weights.shape != (columns,):
            name = self._model.name
            self._weights = sized(
                self._state["weights"] if self._weights is None else self._weights, columns, name
            )
            self._slots = {slot: sized(self._state[slot], columns, name) for slot in self._rule.slots}
        return self._weights

    def _learn_dense(self, rows: Rows, X: Floats, errors: Errors) -> None:
        """The arrays of a step exist before the loop: at a hundred rows a step, memory would be the cost."""
        assert rows.y is not None
        weights, slots, step, size = self._weights, self._slots, self._rule.step, self._model.innerStep
        assert weights is not None
        rate, intercept = self._model.intercept_rate, self._intercept
        y, w = rows.y, rows.w
        scores, gradient, ones = np.empty(size), np.empty(len(weights)), np.ones(size)
        for begin, end in steps(len(X), size):
            taken, count = X[begin:end], end - begin
            wrong = scores[:count]
            np.dot(taken, weights, out=wrong)
            if intercept:
                wrong += intercept
            errors(wrong, y[begin:end])
            if w is not None:
                wrong *= w[begin:end]
            if rate:
                intercept -= rate * float(np.dot(wrong, ones[:count])) / count
            np.dot(wrong, taken, out=gradient)
            gradient /= count
            step(weights, gradient, slots)
        self._intercept = intercept
        self._steps += -(-len(X) // size)

    def _learn_sparse(self, rows: Rows, X: SparseRows, errors: Errors) -> None:
        """A step touches the columns that its rows name, and no others: penalties as well."""
        assert rows.y is not None
        assert self._weights is not None
        for begin, end in steps(X.shape[0], self._model.innerStep):
            taken, count = X.rows(begin, end), end - begin
            columns, places = np.unique(taken.indices, return_inverse=True)
            numbers = taken.row_numbers()
            weights = self._weights[columns]
            wrong = summed(numbers, taken.data * weights[places], count) + self._intercept
            errors(wrong, rows.y[begin:end])
            if rows.w is not None:
                wrong *= rows.w[begin:end]
            self._intercept -= self._model.intercept_rate * float(wrong.sum()) / count
            gradient = summed(places, taken.data * wrong[numbers], len(columns)) / count
            slots = {name: slot[columns] for name, slot in self._slots.items()}
            self._rule.step(weights, gradient, slots)
            self._weights[columns] = weights
            for name, changed in slots.items():
                self._slots[name][columns] = changed
            self._steps += 1
