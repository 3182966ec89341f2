"""What a running measure is: settings, arrays that add up, and the figure that they make."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from streamcore.models.online.base import Answer, Arrays
from streamcore.models.online.matrix import Floats
from streamcore.spi.models import State
from streamcore.spi.specifications import Specification


@dataclass(frozen=True)
class Measure(Specification, ABC):
    """The states of parts of the rows join to the state of all rows."""

    key: ClassVar[str]
    """Under which name it is reported."""

    needs_probability: ClassVar[bool] = False
    """Whether it is defined only for models that predict probabilities."""

    @abstractmethod
    def initial_state(self) -> State:
        """Before any row."""

    @abstractmethod
    def of(self, labels: Floats, answer: Answer) -> State:
        """The state of these rows alone, of which each has a label and a prediction."""

    @abstractmethod
    def value(self, state: State) -> Any:
        """The figure as a JSON value; None when there are no rows that define it."""

    def update(self, state: State, labels: Floats, answer: Answer) -> Arrays:
        """The state with these rows as well."""
        return self.joined(state, self.of(labels, answer))

    def merge(self, states: Sequence[State]) -> State:
        """The state of the rows of all."""
        merged: State = self.initial_state()
        for state in states:
            merged = self.joined(merged, state)
        return merged

    def joined(self, left: State, right: State) -> Arrays:
        """The state of the rows of both: sums add up."""
        return {key: value + right[key] for key, value in left.items()}


def ratio(part: float, whole: float) -> float | None:
    """The part of the whole; None of nothing."""
    return part / whole if whole else None
