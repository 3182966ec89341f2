"""How a gradient changes weights: plain steps, AdaGrad, FTRL; each works in place on arrays of one shape."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from streamcore.models.online.matrix import Floats

Slots = Mapping[str, Floats]
"""The accumulators of an optimiser by name, each of the shape of the weights."""


@dataclass(frozen=True)
class Optimizer(ABC):
    """A rule with its step size and penalties: `l1 * |w| + l2 / 2 * w^2`."""

    rate: float
    l1: float = 0.0
    l2: float = 0.0

    slots: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def step(self, weights: Floats, gradient: Floats, slots: Slots) -> None:
        """Changes weights and slots; the gradient's memory is used up."""


class Sgd(Optimizer):
    """Steps of one size; the penalty l1 by soft thresholds."""

    def step(self, weights: Floats, gradient: Floats, slots: Slots) -> None:
        if self.l2:
            gradient += self.l2 * weights
        gradient *= self.rate
        weights -= gradient
        if self.l1:
            _towards_zero(weights, self.rate * self.l1)


class AdaGrad(Optimizer):
    """Steps that become smaller with what a weight's gradients have summed up to."""

    slots = ("squares",)

    def step(self, weights: Floats, gradient: Floats, slots: Slots) -> None:
        if self.l2:
            gradient += self.l2 * weights
        squares = slots["squares"]
        squares += gradient * gradient
        rates = self.rate / np.sqrt(squares + 1e-8)
        gradient *= rates
        weights -= gradient
        if self.l1:
            _towards_zero(weights, rates * self.l1)


class Ftrl(Optimizer):
    """Follow the regularised leader, by coordinate: exact zeros under l1."""

    slots = ("leaders", "squares")

    def step(self, weights: Floats, gradient: Floats, slots: Slots) -> None:
        leaders, squares = slots["leaders"], slots["squares"]
        grown = squares + gradient * gradient
        roots = np.sqrt(grown)
        leaders += gradient - (roots - np.sqrt(squares)) / self.rate * weights
        squares[...] = grown
        distance = np.maximum(np.abs(leaders) - self.l1, 0.0)
        weights[...] = -np.sign(leaders) * distance / ((1.0 + roots) / self.rate + self.l2)


OPTIMIZERS: Mapping[str, type[Optimizer]] = {"adagrad": AdaGrad, "ftrl": Ftrl, "sgd": Sgd}


def _towards_zero(weights: Floats, distance: Floats | float) -> None:
    weights[...] = np.sign(weights) * np.maximum(np.abs(weights) - distance, 0.0)
