"""What a detector of change is: settings, a state of arrays, and a decision for each value."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from streamcore.models.online.base import Arrays
from streamcore.models.online.matrix import Floats
from streamcore.spi.models import State
from streamcore.spi.specifications import Specification

Decisions = npt.NDArray[np.bool_]
"""For each value whether a change was detected at it."""


@dataclass(frozen=True)
class DriftDetector(Specification, ABC):
    """Values one after the other, however they are split into calls; after a change it begins anew."""

    @abstractmethod
    def initial_state(self) -> State:
        """The state before any value."""

    @abstractmethod
    def update(self, state: State, values: Floats) -> tuple[Arrays, Decisions]:
        """The state after the values, and for each of them whether there is a change; `state` stays."""
