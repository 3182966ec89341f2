"""Features scaled by the mean and deviation of all rows so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa

from streamcore.models.online.base import (
    Arrays,
    FeatureColumns,
    Learner,
    NumpyModel,
    Transformer,
    as_arrays,
    columns_named,
    lists,
    sized,
)
from streamcore.models.online.matrix import Floats, Matrix, dense
from streamcore.models.online.rows import Rows
from streamcore.spi.models import Columns, ModelInputs, State


@dataclass(frozen=True, kw_only=True)
class StandardScaler(NumpyModel):
    """Each feature less its mean, by its standard deviation (of the population), over all rows learnt from.

    A feature that has had one value only becomes 0. Sparse rows are written out. `withMean` is true unless
    it is said otherwise: Spark's default for data at rest is false.
    """

    name: ClassVar[str] = "StandardScaler"
    mergeable: ClassVar[bool] = True
    transforms: ClassVar[bool] = True
    evidence: ClassVar[tuple[str, ...]] = ("rows", "squares")

    inputCol: FeatureColumns = "features"
    outputCol: str = "features"
    withMean: bool = True
    withStd: bool = True

    @property
    def split_invariant(self) -> bool:
        return True

    @property
    def inputs(self) -> ModelInputs:
        return ModelInputs(columns_named(self.inputCol))

    @property
    def output_fields(self) -> tuple[pa.Field, ...]:
        return (pa.field(self.outputCol, pa.list_(pa.float64())),)

    def initial_state(self) -> State:
        return {"rows": np.zeros(()), "mean": np.zeros(0), "squares": np.zeros(0)}

    def learner(self, state: State) -> Transformer:
        return _Scaling(self, state)

    def columns(self, learner: Learner, X: Matrix) -> Columns:
        assert isinstance(learner, Transformer)
        scaled = dense(learner.transform(X)).copy()  # the learner uses its memory again
        return {self.outputCol: lists(scaled, np.zeros(len(scaled), dtype=np.bool_))}

    def merge(self, states: Sequence[State]) -> State:
        """By the formula for two samples, one state after the other."""
        filled = [state for state in states if state["rows"]]
        if not filled:
            return self.initial_state()
        merged = filled[0]
        for state in filled[1:]:
            merged = _merged(merged, state)
        return as_arrays(merged)


def _merged(left: State, right: State) -> State:
    rows = left["rows"] + right["rows"]
    apart = right["mean"] - left["mean"]
    between = apart * apart * (left["rows"] * right["rows"] / rows)
    return {
        "rows": rows,
        "mean": left["mean"] + apart * (right["rows"] / rows),
        "squares": left["squares"] + right["squares"] + between,
    }


class _Scaling(Transformer):
    def __init__(self, model: StandardScaler, state: State) -> None:
        self._model, self._state = model, state
        self._rows = float(state["rows"])
        self._mean: Floats | None = None
        self._squares = np.empty(0)
        self._scratch, self._output = _Room(), _Room()

    def learn(self, rows: Rows) -> None:
        """Sums of distances from the mean so far: exact for features that never change."""
        X = dense(rows.X)
        if not len(X):
            return
        mean = self._sized(X.shape[1])
        if not self._rows:
            mean[:] = X[0]
        apart = self._scratch.like(X)
        np.subtract(X, mean, out=apart)
        ones = np.ones(len(X))
        sums = ones @ apart
        np.multiply(apart, apart, out=apart)
        self._squares += ones @ apart
        self._rows += len(X)
        moved = sums / self._rows
        sums *= moved
        self._squares -= sums
        np.maximum(self._squares, 0.0, out=self._squares)
        mean += moved

    def transform(self, X: Matrix) -> Matrix:
        values = dense(X)
        if not len(values):
            return values
        mean = self._sized(values.shape[1])
        scaled = self._output.like(values)
        if self._model.withMean:
            np.subtract(values, mean, out=scaled)
        else:
            np.copyto(scaled, values)
        if self._model.withStd:
            scaled *= self._scales()
        return scaled

    def state(self) -> Arrays:
        if self._mean is None:
            return dict(self._state)
        return {"rows": np.array(self._rows), "mean": self._mean, "squares": self._squares}

    def _scales(self) -> Floats:
        deviations = np.sqrt(self._squares / max(self._rows, 1.0))
        return np.divide(1.0, deviations, out=np.zeros_like(deviations), where=deviations > 0)

    def _sized(self, columns: int) -> Floats:
        if self._mean is None or self._mean.shape != (columns,):
            self._squares = sized(self._state["squares"], columns, self._model.name)
            self._mean = sized(
                self._state["mean"] if self._mean is None else self._mean, columns, self._model.name
            )
        return self._mean


class _Room:
    """Memory that is used again in the next step: pages once touched cost nothing any more."""

    def __init__(self) -> None:
        self._memory = np.empty((0, 0))

    def like(self, X: Floats) -> Floats:
        """Room of the shape of X, with anything in it."""
        if self._memory.shape[0] < len(X) or self._memory.shape[1] != X.shape[1]:
            self._memory = np.empty(X.shape)
        return self._memory[: len(X)]
