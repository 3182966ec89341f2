"""Measures of predicted numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from streamcore.models.online.base import Answer, Arrays
from streamcore.models.online.matrix import Floats
from streamcore.models.online.metrics.base import Measure, ratio
from streamcore.spi.models import State


@dataclass(frozen=True)
class MAE(Measure):
    """The mean of the absolute errors."""

    name: ClassVar[str] = "MAE"
    key: ClassVar[str] = "mae"

    def initial_state(self) -> State:
        return {"sums": np.zeros(2)}

    def of(self, labels: Floats, answer: Answer) -> State:
        return {"sums": np.array([len(labels), np.abs(labels - answer.prediction).sum()])}

    def value(self, state: State) -> float | None:
        rows, errors = state["sums"].tolist()
        return ratio(errors, rows)


@dataclass(frozen=True)
class RMSE(Measure):
    """The root of the mean of the squared errors."""

    name: ClassVar[str] = "RMSE"
    key: ClassVar[str] = "rmse"

    def initial_state(self) -> State:
        return {"sums": np.zeros(2)}

    def of(self, labels: Floats, answer: Answer) -> State:
        errors = labels - answer.prediction
        return {"sums": np.array([len(labels), np.dot(errors, errors)])}

    def value(self, state: State) -> float | None:
        rows, squares = state["sums"].tolist()
        mean = ratio(squares, rows)
        return None if mean is None else math.sqrt(mean)


@dataclass(frozen=True)
class R2(Measure):
    """The part of the labels' variance that is explained; None while all labels are the same."""

    name: ClassVar[str] = "R2"
    key: ClassVar[str] = "r2"

    def initial_state(self) -> State:
        return {"moments": np.zeros(3), "errors": np.zeros(())}

    def of(self, labels: Floats, answer: Answer) -> State:
        errors = labels - answer.prediction
        mean = float(labels.mean()) if len(labels) else 0.0
        squares = float(np.square(labels - mean).sum())
        return {"moments": np.array([len(labels), mean, squares]), "errors": np.array(np.dot(errors, errors))}

    def joined(self, left: State, right: State) -> Arrays:
        """The moments by the formula for two samples."""
        (rows, mean, squares), (more, other, others) = left["moments"].tolist(), right["moments"].tolist()
        part = more / max(rows + more, 1.0)
        apart = other - mean
        moments = [rows + more, mean + apart * part, squares + others + apart * apart * rows * part]
        return {"moments": np.array(moments), "errors": left["errors"] + right["errors"]}

    def value(self, state: State) -> float | None:
        explained = ratio(float(state["errors"]), float(state["moments"][2]))
        return None if explained is None else 1.0 - explained
