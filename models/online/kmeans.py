"""k-means over a stream, by Spark's rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from streamcore.models.online.base import (
    Answer,
    Arrays,
    FeatureColumns,
    Learner,
    NumpyModel,
    Predictor,
    columns_named,
    require,
    require_choice,
    sized,
    steps,
)
from streamcore.models.online.matrix import Floats, Matrix, dense
from streamcore.models.online.rows import Rows
from streamcore.spi.models import Columns, ModelInputs, State

_ROWS_AT_ONCE = 8192
_DYING = 1e-8
"""A cluster whose weight is below this part of the heaviest one's is given up."""


@dataclass(frozen=True, kw_only=True)
class KMeans(NumpyModel):
    """Centres move to the mean of what they were and of the rows that are nearest to them.

    With n the weight of a centre c, and m rows of the sum s nearest to it: `w = n * a + m`,
    `c' = (c * n * a + s) / w`.  The discount a is `decayFactor` per batch (`timeUnit="batches"`) or per row
    (`"points"`); `halfLife` gives it as the batches or rows after which what was learnt counts half.  A
    centre that nothing is nearest to any more takes half of the heaviest one's weight, and its place.

    The first centres are `initialCenters` with the weight `initialWeight` each, or, without them,
    k rows of the first batch, drawn with `seed`.  `innerStep` rows are learnt at once; 0 is the whole batch.
    """

    name: ClassVar[str] = "KMeans"
    evidence: ClassVar[tuple[str, ...]] = ("weights",)

    k: int = 2
    decayFactor: float | None = None
    halfLife: float | None = None
    timeUnit: str = "batches"
    initialCenters: tuple[tuple[float, ...], ...] | None = None
    initialWeight: float = 0.0
    seed: int = 0
    innerStep: int = 0
    featuresCol: FeatureColumns = "features"
    predictionCol: str = "prediction"
    distanceCol: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.k >= 1, self.name, "k", self.k, "at least 1")
        require_choice(self.name, "timeUnit", self.timeUnit, ("batches", "points"))
        require(
            self.decayFactor is None or self.halfLife is None,
            self.name,
            "halfLife",
            self.halfLife,
            "None when decayFactor is given: they say the same",
        )
        require(0 <= self.discount <= 1, self.name, "decayFactor", self.decayFactor, "in [0, 1]")
        require(self.initialWeight >= 0, self.name, "initialWeight", self.initialWeight, "at least 0")
        require(self.innerStep >= 0, self.name, "innerStep", self.innerStep, "at least 0")
        centers = self.initialCenters
        given = centers is not None or not self.initialWeight
        require(given, self.name, "initialWeight", self.initialWeight, "0 without initialCenters")
        fits = centers is None or (len(centers) == self.k and len({len(center) for center in centers}) == 1)
        require(fits, self.name, "initialCenters", centers, f"{self.k} centres of one size")

    @property
    def discount(self) -> float:
        """What is left of a weight after one batch or point."""
        if self.halfLife is not None:
            require(self.halfLife > 0, self.name, "halfLife", self.halfLife, "above 0")
            return float(0.5 ** (1.0 / self.halfLife))
        return 1.0 if self.decayFactor is None else self.decayFactor

    @property
    def inner_step(self) -> int:
        return self.innerStep

    @property
    def inputs(self) -> ModelInputs:
        return ModelInputs(columns_named(self.featuresCol))

    @property
    def output_fields(self) -> tuple[pa.Field, ...]:
        nearest = pa.field(self.predictionCol, pa.int32())
        return (nearest,) if self.distanceCol is None else (nearest, pa.field(self.distanceCol, pa.float64()))

    def initial_state(self) -> State:
        if self.initialCenters is None:
            return {"centers": np.zeros((self.k, 0)), "weights": np.zeros(self.k)}
        return {
            "centers": np.array(self.initialCenters, dtype=np.float64),
            "weights": np.full(self.k, float(self.initialWeight)),
        }

    def learner(self, state: State) -> Predictor:
        return _Centers(self, state)

    def columns(self, learner: Learner, X: Matrix) -> Columns:
        assert isinstance(learner, _Centers)
        numbers, squares = learner.nearest(dense(X))
        found = {self.predictionCol: pa.array(numbers, mask=np.isnan(squares))}
        if self.distanceCol is not None:
            found[self.distanceCol] = pa.array(np.sqrt(squares), from_pandas=True)
        return found

    def metrics(self, state: State) -> dict[str, Any]:
        """The weight of each cluster."""
        return {"clusterWeights": state["weights"].tolist()}


class _Centers(Predictor):
    def __init__(self, model: KMeans, state: State) -> None:
        self._model = model
        self._centers, self._weights = state["centers"].copy(), state["weights"].copy()

    def learn(self, rows: Rows) -> None:
        X = dense(rows.X)
        if not len(X):
            return
        if not self._centers.shape[1]:
            self._centers = self._drawn(X)
        for begin, end in steps(len(X), self._model.innerStep):
            self._step(X[begin:end])

    def predict(self, X: Matrix) -> Answer:
        numbers, squares = self.nearest(dense(X))
        return Answer(np.where(np.isnan(squares), np.nan, numbers))

    def nearest(self, X: Floats) -> tuple[npt.NDArray[np.int32], Floats]:
        """The nearest centre of each row, and the square of the distance to it; NaN without centres."""
        numbers, squares = np.zeros(len(X), dtype=np.int32), np.full(len(X), np.nan)
        if not self._centers.shape[1]:
            return numbers, squares
        sized(self._centers, X.shape[1], self._model.name)
        # Around the middle of the centres, so that data far from 0 lose no digits to their squares.
        middle = self._centers.mean(axis=0)
        centers = self._centers - middle
        lengths = np.einsum("ij,ij->i", centers, centers)
        for begin, end in steps(len(X), _ROWS_AT_ONCE):
            taken = X[begin:end]
            apart = lengths - 2.0 * ((taken - middle) @ centers.T)
            numbers[begin:end] = apart.argmin(axis=1)
            difference = taken - self._centers[numbers[begin:end]]
            squares[begin:end] = np.einsum("ij,ij->i", difference, difference)
        return numbers, squares

    def state(self) -> Arrays:
        return {"centers": self._centers, "weights": self._weights}

    def _drawn(self, X: Floats) -> Floats:
        key = np.array([self._model.seed % 2**64, 0], dtype=np.uint64)
        draw = np.random.Generator(np.random.Philox(key=key))
        k = self._model.k
        return X[np.sort(draw.choice(len(X), k, replace=len(X) < k))]

    def _step(self, X: Floats) -> None:
        numbers, _ = self.nearest(X)
        counts = np.bincount(numbers, minlength=self._model.k).astype(np.float64)
        sums = np.zeros_like(self._centers)
        for begin, end in steps(len(X), _ROWS_AT_ONCE):
            member = np.arange(self._model.k)[:, None] == numbers[begin:end]
            sums += member.astype(np.float64) @ X[begin:end]
        discount = self._model.discount
        self._weights *= discount if self._model.timeUnit == "batches" else discount ** len(X)
        found = counts > 0
        grown = self._weights[found] + counts[found]
        kept = self._weights[found] / grown
        self._centers[found] = self._centers[found] * kept[:, None] + sums[found] / grown[:, None]
        self._weights[found] = grown
        self._split_a_dying_one()

    def _split_a_dying_one(self) -> None:
        heaviest, lightest = int(self._weights.argmax()), int(self._weights.argmin())
        if self._weights[lightest] >= _DYING * self._weights[heaviest]:
            return
        self._weights[[heaviest, lightest]] = (self._weights[heaviest] + self._weights[lightest]) / 2.0
        center = self._centers[heaviest].copy()
        apart = 1e-14 * np.maximum(np.abs(center), 1.0)
        self._centers[heaviest], self._centers[lightest] = center + apart, center - apart
