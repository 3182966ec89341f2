"""Naive Bayes: counts per class, or a mean and a variance of each feature per class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from streamcore.errors import QueryExecutionException
from streamcore.models.online.base import Answer, Arrays, Predictor, require, sized
from streamcore.models.online.matrix import Floats, Matrix, SparseRows, dense
from streamcore.models.online.rows import Rows
from streamcore.models.online.supervised import Classifier, answer_of_scores, class_numbers
from streamcore.spi.models import State


@dataclass(frozen=True, kw_only=True)
class _Counts(Classifier):
    """What both kinds share: classes with their counts, sums that can be merged."""

    mergeable: ClassVar[bool] = True

    numClasses: int = 2

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.numClasses >= 2, self.name, "numClasses", self.numClasses, "at least 2")

    @property
    def split_invariant(self) -> bool:
        return True


@dataclass(frozen=True, kw_only=True)
class MultinomialNaiveBayes(_Counts):
    """Features are counts; the probability of a feature in a class is its part of all counts, smoothed."""

    name: ClassVar[str] = "MultinomialNaiveBayes"
    evidence: ClassVar[tuple[str, ...]] = ("counts", "sums")

    smoothing: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.smoothing > 0, self.name, "smoothing", self.smoothing, "above 0")

    def initial_state(self) -> State:
        return {"counts": np.zeros(self.numClasses), "sums": np.zeros((self.numClasses, 0))}

    def learner(self, state: State) -> Predictor:
        return _Multinomial(self, state)

    def merge(self, states: Sequence[State]) -> State:
        return _sums_of(states, self)


class _Multinomial(Predictor):
    def __init__(self, model: MultinomialNaiveBayes, state: State) -> None:
        self._model = model
        self._counts, self._sums = state["counts"].copy(), state["sums"]

    def learn(self, rows: Rows) -> None:
        assert rows.y is not None
        if not len(rows):
            return
        values = rows.X.data if isinstance(rows.X, SparseRows) else rows.X
        if (values < 0).any():
            raise QueryExecutionException(f"{self._model.name} learns from counts; a feature is negative")
        member = _members(self._model, rows, rows.y)
        self._sums = sized(self._sums, rows.X.shape[1], self._model.name)
        self._counts += member.sum(axis=1)
        if isinstance(rows.X, SparseRows):
            numbers = rows.X.row_numbers()
            classes = rows.y.astype(np.int64)
            weights = rows.X.data if rows.w is None else rows.X.data * rows.w[numbers]
            np.add.at(self._sums, (classes[numbers], rows.X.indices), weights)
        else:
            self._sums += member @ rows.X

    def predict(self, X: Matrix) -> Answer:
        sums = sized(self._sums, X.shape[1], self._model.name)
        smoothing, seen = self._model.smoothing, self._counts > 0
        weights = np.log(sums + smoothing)
        weights -= np.log(sums.sum(axis=1, keepdims=True) + smoothing * sums.shape[1])
        scores = np.column_stack([X @ row if isinstance(X, np.ndarray) else X.dot(row) for row in weights])
        return answer_of_scores(scores + _priors(self._counts), seen)

    def state(self) -> Arrays:
        return {"counts": self._counts, "sums": self._sums}


@dataclass(frozen=True, kw_only=True)
class GaussianNaiveBayes(_Counts):
    """Features are normal within a class; `varianceSmoothing` of the largest variance is added to all."""

    name: ClassVar[str] = "GaussianNaiveBayes"
    evidence: ClassVar[tuple[str, ...]] = ("counts", "squares")

    varianceSmoothing: float = 1e-9

    def __post_init__(self) -> None:
        super().__post_init__()
        smoothing = self.varianceSmoothing
        require(smoothing > 0, self.name, "varianceSmoothing", smoothing, "above 0")

    def initial_state(self) -> State:
        empty = np.zeros((self.numClasses, 0))
        return {"counts": np.zeros(self.numClasses), "means": empty, "squares": empty}

    def learner(self, state: State) -> Predictor:
        return _Gaussian(self, state)

    def merge(self, states: Sequence[State]) -> State:
        merged = self.initial_state()
        for state in states:
            merged = _together(merged, state, self.name)
        return merged


class _Gaussian(Predictor):
    def __init__(self, model: GaussianNaiveBayes, state: State) -> None:
        self._model, self._state = model, state

    def learn(self, rows: Rows) -> None:
        """The moments of these rows by class, joined with those there were."""
        assert rows.y is not None
        if not len(rows):
            return
        X, member = dense(rows.X), _members(self._model, rows, rows.y)
        counts = member.sum(axis=1)
        means = member @ X / np.maximum(counts, np.finfo(np.float64).tiny)[:, None]
        apart = X - means[rows.y.astype(np.int64)]
        own: State = {"counts": counts, "means": means, "squares": member @ (apart * apart)}
        self._state = _together(self._state, own, self._model.name)

    def predict(self, X: Matrix) -> Answer:
        values = dense(X)
        counts, seen = self._state["counts"], self._state["counts"] > 0
        means, squares = (
            sized(self._state[key], X.shape[1], self._model.name) for key in ("means", "squares")
        )
        variances = squares / np.maximum(counts, 1.0)[:, None]
        largest = float(variances.max(initial=0.0)) or 1.0
        variances += self._model.varianceSmoothing * largest
        scores = np.empty((len(values), len(counts)))
        for number, (mean, variance) in enumerate(zip(means, variances, strict=True)):
            distances = ((values - mean) ** 2 / variance).sum(axis=1)
            scores[:, number] = -0.5 * (np.log(2.0 * np.pi * variance).sum() + distances)
        return answer_of_scores(scores + _priors(counts), seen)

    def state(self) -> Arrays:
        return dict(self._state)


def _members(model: _Counts, rows: Rows, y: Floats) -> Floats:
    """Classes by rows: the weight of the row in the line of its class, 0 in the others."""
    classes: npt.NDArray[np.int64] = class_numbers(model.name, y, model.numClasses)
    member: Floats = (np.arange(model.numClasses)[:, None] == classes).astype(np.float64)
    return member if rows.w is None else member * rows.w


def _priors(counts: Floats) -> Floats:
    return np.log(np.maximum(counts, np.finfo(np.float64).tiny) / max(float(counts.sum()), 1.0))


def _sums_of(states: Sequence[State], model: MultinomialNaiveBayes) -> State:
    columns = max((state["sums"].shape[1] for state in states), default=0)
    merged = dict(model.initial_state())
    for state in states:
        merged["counts"] = merged["counts"] + state["counts"]
        merged["sums"] = sized(merged["sums"], columns, model.name) + sized(
            state["sums"], columns, model.name
        )
    return merged


def _together(left: State, right: State, name: str) -> State:
    columns = max(left["means"].shape[1], right["means"].shape[1])
    lefts, rights = (
        {key: sized(part[key], columns, name) for key in ("means", "squares")} for part in (left, right)
    )
    counts = left["counts"] + right["counts"]
    part = (right["counts"] / np.maximum(counts, np.finfo(np.float64).tiny))[:, None]
    apart = rights["means"] - lefts["means"]
    return {
        "counts": counts,
        "means": lefts["means"] + apart * part,
        "squares": lefts["squares"] + rights["squares"] + apart * apart * part * left["counts"][:, None],
    }
