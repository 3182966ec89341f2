"""What an online model is: settings, a state of arrays, and pure functions between them.

    state' = update(state, batch, at)

The state holds everything that is needed to go on: weights, the optimiser's accumulators, step counters,
scalers, drift detectors, running metrics.  An equal state, batch and batch id give equal bytes, in any
process with the same libraries on processors of one kind: that is what lets a model commit with the batch
that made it, and a replay make it again.  (Numpy's linear algebra cuts long sums by its threads: their number
is part of what must be the same.)
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from streamcore.errors import IllegalArgumentException, UnsupportedOperationException
from streamcore.spi.specifications import Description, Specification, specified
from streamcore.spi.types import from_arrow_type

# Named as text: the contract knows nothing of DataFrames, and imports none before one is there.
_STREAMS = "streamcore.models.streams"

State = Mapping[str, npt.NDArray[Any]]
"""Flat: name -> array of a fixed-width numpy type, never of objects. Whoever gets one does not change it."""

Columns = Mapping[str, pa.Array]
"""Output columns by name, in the order of `OnlineModel.output_fields`, as long as the batch."""


@dataclass(frozen=True)
class BatchId:
    """Which batch of which query a model is updated with; the same after a replay."""

    query: str
    batch: int

    def generator(self, seed: int) -> np.random.Generator:
        """Random numbers that depend on the seed and the number of the batch only.

        The query does not count, so that two queries over the same batches make the same model.

        >>> here, there = BatchId("a", 7).generator(42), BatchId("b", 7).generator(42)
        >>> bool(here.random() == there.random())
        True
        """
        counter = np.array([0, 0, 0, self.batch], dtype=np.uint64)
        key = np.array([seed % 2**64, 0], dtype=np.uint64)
        return np.random.Generator(np.random.Philox(key=key, counter=counter))


@dataclass(frozen=True)
class ModelInputs:
    """The columns that a model reads."""

    features: tuple[str, ...]
    """Numeric columns in the order of the weights, or one column of vectors or arrays of numbers."""

    label: str | None = None
    """Read by `update` only; None for a model that learns without labels."""

    weight: str | None = None
    """The weight of each row, read by `update` only; None when all weigh the same."""

    def to_predict(self) -> tuple[str, ...]:
        """The columns that `predict` reads, each once."""
        return tuple(dict.fromkeys(self.features))

    def to_learn(self) -> tuple[str, ...]:
        """The columns that `update` reads, each once."""
        named = (*self.features, self.label, self.weight)
        return tuple(dict.fromkeys(name for name in named if name is not None))


class OnlineModel(Specification, ABC):
    """The contract: a specification with pure functions over its state.

    Make one with a frozen dataclass that inherits this, gives `name`, and implements the abstract methods.
    `streamcore.testing.model_contract` holds the laws that it must keep.
    """

    mergeable: ClassVar[bool] = False
    """Whether `merge` is there: states of parts of the rows make the state of all rows."""

    @property
    def split_invariant(self) -> bool:
        """Whether rows in the same order make the same model however they are cut into batches.

        True also where the order of floating-point sums differs.
        """
        return False

    @property
    @abstractmethod
    def inputs(self) -> ModelInputs:
        """The columns that it reads."""

    @property
    @abstractmethod
    def output_fields(self) -> tuple[pa.Field, ...]:
        """The columns that `predict` makes."""

    def schema(self) -> dict[str, Any]:
        """The columns that it learns from, and those that it predicts with their types, as JSON values."""
        predicted = [[field.name, from_arrow_type(field.type).simpleString()] for field in self.output_fields]
        return {"input": list(self.inputs.to_learn()), "output": predicted}

    @abstractmethod
    def check(self, schema: pa.Schema, learns: bool) -> None:
        """Raises AnalysisException unless a batch of this schema fits `predict`, and `update` if `learns`."""

    @abstractmethod
    def initial_state(self) -> State:
        """The state of a model that has seen no rows; sizes that the first rows tell are 0 until then."""

    @abstractmethod
    def update(self, state: State, batch: pa.Table, at: BatchId) -> State:
        """The state after learning from a batch, which may be empty; neither argument is changed."""

    @abstractmethod
    def predict(self, state: State, batch: pa.Table) -> Columns:
        """The output columns for the rows of a batch; a model that has seen no rows answers as well."""

    def predict_then_update(self, state: State, batch: pa.Table, at: BatchId) -> tuple[Columns, State]:
        """What `state` predicts for the batch, and then the state that has learnt from it."""
        return self.predict(state, batch), self.update(state, batch, at)

    def metrics(self, state: State) -> Mapping[str, Any]:
        """What is worth reporting of a state, as JSON values; a figure without a value yet is None."""
        return {}

    def fitStream(self, dataset: Any) -> Any:
        """The rows of a streaming DataFrame with what the model says of each before it learns from them.

        The query that writes the result trains the model, batch by batch, and keeps it in its checkpoint;
        see `streamcore.models.streams.fit_stream`.
        """
        return import_module(_STREAMS).fit_stream(dataset, self)

    def merge(self, states: Sequence[State]) -> State:
        """One state of states that learnt from parts of the rows, each from `initial_state`."""
        raise UnsupportedOperationException(
            f"{self.name} learns row after row: what it learnt from parts of the rows cannot be merged"
        )


def model_of(description: Description, allow_pickle: bool = False) -> OnlineModel:
    """The model that was described; see `specified` for what is refused."""
    found = specified(description, allow_pickle)
    if not isinstance(found, OnlineModel):
        raise IllegalArgumentException(f"{found.name} is no online model")
    return found
