"""What the built-in models share: rows read from Arrow once, a learner that works on copies of the state."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from streamcore.errors import AnalysisException, IllegalArgumentException, QueryExecutionException
from streamcore.models.online.matrix import Floats, Matrix
from streamcore.models.online.rows import (
    Rows,
    check_features,
    check_number,
    features_of,
    labels_of,
    numbers_of,
)
from streamcore.spi.models import BatchId, Columns, OnlineModel, State

if TYPE_CHECKING:
    from streamcore.models.online.chain import Chain

FeatureColumns: TypeAlias = str | tuple[str, ...]
"""One column of vectors or arrays, or columns of numbers."""

Arrays: TypeAlias = dict[str, npt.NDArray[Any]]
"""A state in the making."""


@dataclass(frozen=True, eq=False)
class Answer:
    """What a model says of some rows."""

    prediction: Floats
    """NaN where it cannot say anything yet; null in the output."""

    probability: Floats | None = None
    """Rows by classes, for classifiers."""


class Learner(ABC):
    """A model at work on one batch: it owns its arrays, and changes them."""

    @abstractmethod
    def learn(self, rows: Rows) -> None:
        """Learns from rows, in inner steps of its own."""

    @abstractmethod
    def state(self) -> Arrays:
        """The arrays as they are now; the learner is not used any more."""


class Predictor(Learner):
    """A learner that predicts."""

    @abstractmethod
    def predict(self, X: Matrix) -> Answer:
        """Its answer; called also before anything was learnt."""


class Transformer(Learner):
    """A learner that makes features of features."""

    @abstractmethod
    def transform(self, X: Matrix) -> Matrix:
        """The features for the next stage; the memory may be used again by the next call."""


class NumpyModel(OnlineModel):
    """Base of the models here: `update` and `predict` by a learner over a copy of the state.

    A class gives `initial_state`, `learner`, `inputs`, `output_fields` and `columns`.
    """

    evidence: ClassVar[tuple[str, ...]] = ()
    """The arrays that say how much was seen: `forget` scales them down."""

    transforms: ClassVar[bool] = False
    """Whether its learner is a Transformer: what may stand before another stage of a chain."""

    reads_batches: ClassVar[bool] = False
    """Whether it reads columns that are no numbers: it can only be the first stage of a chain."""

    @abstractmethod
    def learner(self, state: State) -> Learner:
        """A learner that goes on from the state, which it does not change."""

    @property
    def inner_step(self) -> int:
        """Rows after which it changes what it predicts; 0 when any number at once gives the same model."""
        return 0

    @property
    def gives_probability(self) -> bool:
        """Whether its answers have probabilities of classes."""
        return False

    @property
    def predicts_classes(self) -> bool:
        """Whether a prediction is right or wrong, and not near or far."""
        return self.gives_probability

    def features(self, batch: pa.Table) -> Matrix:
        """The features of a batch."""
        return features_of(batch, self.inputs.features)

    def rows(self, batch: pa.Table) -> Rows:
        """What it learns from: features, label, weight."""
        label, weight = self.inputs.label, self.inputs.weight
        return Rows(
            self.features(batch),
            None if label is None else labels_of(batch, label),
            None if weight is None else weights_of(batch, weight),
        )

    def check(self, schema: pa.Schema, learns: bool) -> None:
        self.check_features(schema)
        self.check_roles(schema, learns)

    def check_features(self, schema: pa.Schema) -> None:
        """Raises AnalysisException when a feature column is missing or of a type that does not fit."""
        check_features(schema, self.inputs.features)

    def check_roles(self, schema: pa.Schema, learns: bool) -> None:
        """Raises AnalysisException when label, weight or an output column does not fit."""
        label, weight = self.inputs.label, self.inputs.weight
        if learns and label is not None:
            check_number(schema, label, "label")
        if learns and weight is not None:
            check_number(schema, weight, "weight")
        for field in self.output_fields:
            if field.name in schema.names:
                raise AnalysisException(
                    f"the output column {field.name!r} of {self.name} exists already; give it another name"
                )

    def update(self, state: State, batch: pa.Table, at: BatchId) -> State:
        if not len(batch):
            return state
        learner = self.learner(state)
        learner.learn(self.rows(batch).labelled())
        return finite(self.name, learner.state())

    def answer(self, learner: Learner, X: Matrix) -> Answer:
        """What the learner says of the rows; IllegalArgumentException for what predicts nothing."""
        if not isinstance(learner, Predictor):
            raise IllegalArgumentException(f"{self.name} makes features, and predicts nothing")
        return learner.predict(X)

    def as_columns(self, answer: Answer) -> Columns:
        """An answer as the output columns."""
        return {self.output_fields[0].name: nullable(answer.prediction)}

    def columns(self, learner: Learner, X: Matrix) -> Columns:
        """The output columns for these features."""
        return self.as_columns(self.answer(learner, X))

    def predict(self, state: State, batch: pa.Table) -> Columns:
        if not len(batch):
            return {field.name: pa.array([], field.type) for field in self.output_fields}
        return self.columns(self.learner(state), self.features(batch))

    def predict_then_update(self, state: State, batch: pa.Table, at: BatchId) -> tuple[Columns, State]:
        if not len(batch):
            return self.predict(state, batch), state
        rows, learner = self.rows(batch), self.learner(state)
        predicted = self.columns(learner, rows.X)
        learner.learn(rows.labelled())
        return predicted, finite(self.name, learner.state())

    def forget(self, state: State, kept: float) -> State:
        """The state as if it had seen only the part `kept` of what it has seen; it adapts faster from there.

        Raises IllegalArgumentException for a model that does not remember how much it has seen.
        """
        self.check_forgets()
        return {name: array * kept if name in self.evidence else array for name, array in state.items()}

    def check_forgets(self) -> None:
        """Raises IllegalArgumentException unless `forget` is there."""
        if not self.evidence:
            raise IllegalArgumentException(
                f"{self.name} keeps no count of what it has seen that could weigh less: reset it on drift"
            )

    def metrics(self, state: State) -> dict[str, Any]:
        return {name: int(state[name]) for name in ("rows", "steps") if name in state}

    def __or__(self, other: NumpyModel) -> Chain:
        """This one, and then the other on what this one makes."""
        from streamcore.models.online.chain import Chain

        return Chain((*_stages(self), *_stages(other)))


def _stages(model: NumpyModel) -> tuple[NumpyModel, ...]:
    from streamcore.models.online.chain import Chain

    return model.stages if isinstance(model, Chain) else (model,)


def columns_named(names: FeatureColumns) -> tuple[str, ...]:
    """The columns of a setting that takes one name or several."""
    return (names,) if isinstance(names, str) else tuple(names)


def weights_of(batch: pa.Table, name: str) -> Floats:
    """The weights of rows; QueryExecutionException when one is negative."""
    weights = numbers_of(batch, name, "weight")
    if (weights < 0).any():
        raise QueryExecutionException(f"the weight column {name!r} has negative values")
    return weights


def steps(rows: int, size: int) -> Iterator[tuple[int, int]]:
    """Begin and end of each inner step; one step for all rows when `size` is 0."""
    for begin in range(0, rows, size or max(rows, 1)):
        yield begin, min(begin + (size or rows), rows)


def as_arrays(state: Mapping[str, Any]) -> Arrays:
    """With arrays for numpy's scalars, which sums of arrays without dimensions are."""
    return {name: np.asarray(value) for name, value in state.items()}


def finite(name: str, state: Arrays) -> State:
    """The state; QueryExecutionException when it has become useless."""
    for key, array in state.items():
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise QueryExecutionException(
                f"{name} has learnt {key} that are not finite: the batch has NaN or infinite features, "
                "labels or weights, or the steps are too large for features that are not scaled"
            )
    return as_arrays(state)


def sized(array: npt.NDArray[Any], columns: int, name: str) -> npt.NDArray[Any]:
    """A copy to work on, with the last dimension `columns` when it was not known before.

    Raises QueryExecutionException when it was known, and is another.
    """
    known = array.shape[-1]
    if known in (0, columns):
        return array.copy() if known else np.zeros((*array.shape[:-1], columns), dtype=array.dtype)
    raise QueryExecutionException(f"{name} has learnt from {known} features; these rows have {columns}")


def nullable(values: Floats) -> pa.Array:
    """As an Arrow column; NaN becomes null."""
    return pa.array(values, from_pandas=True)


def lists(values: Floats, unknown: npt.NDArray[np.bool_]) -> pa.Array:
    """A matrix as a column of arrays; null for the rows that are unknown."""
    rows, columns = values.shape
    missing = np.append(unknown, False) if unknown.any() else None
    offsets = pa.array(np.arange(rows + 1) * columns, pa.int32(), mask=missing)
    return pa.ListArray.from_arrays(offsets, pa.array(values.reshape(-1)))


# ---- settings ------------------------------------------------------------------------------------


def require(condition: bool, model: str, setting: str, value: object, allowed: str) -> None:
    """Raises IllegalArgumentException unless the condition holds; names the setting and what it may be."""
    if not condition:
        raise IllegalArgumentException(f"{model}: {setting}={value!r} must be {allowed}")


def require_choice(model: str, setting: str, value: str, allowed: Sequence[str]) -> None:
    """Raises IllegalArgumentException unless the value is one of those allowed."""
    require(value in allowed, model, setting, value, f"one of {', '.join(allowed)}")
