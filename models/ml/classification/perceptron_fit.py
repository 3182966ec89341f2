"""A feed-forward network: sigmoid layers, a softmax on top, and the weights that tell classes best.

All weights lie in one vector, layer by layer: a matrix (outputs, inputs) by columns, then the biases.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamcore.jvm.java_random import XorShiftRandom
from streamcore.models.ml.optimize.quasi_newton import minimize

Doubles = NDArray[np.float64]

_ROWS_AT_ONCE = 1 << 16


@dataclass(frozen=True)
class Trained:
    """The weights, and the loss at the start and after each step."""

    weights: Doubles
    history: list[float]


@dataclass(frozen=True, eq=False)
class Network:
    """Layers of these sizes with these weights."""

    layers: tuple[int, ...]
    weights: Doubles

    def __call__(self, X: Any) -> Doubles:
        """What the top layer says of each row, before the softmax."""
        return np.asarray(self.outputs(X)[-1])

    def outputs(self, X: Any) -> list[Any]:
        """What each layer says of each row, the rows themselves first."""
        found = [X]
        parts = list(matrices(self.layers, self.weights))
        for number, (matrix, bias) in enumerate(parts, start=1):
            raw = np.asarray(found[-1] @ matrix.T + bias)
            found.append(raw if number == len(parts) else _sigmoid(raw))
        return found


def weight_count(layers: Sequence[int]) -> int:
    """How many weights a network of these layers has.

    >>> weight_count([2, 3, 2])
    17
    """
    return sum(outputs * (inputs + 1) for inputs, outputs in pairwise(layers))


def matrices(layers: Sequence[int], weights: Doubles) -> Iterator[tuple[Doubles, Doubles]]:
    """The matrix (outputs, inputs) and the biases of each layer, as views of the weights."""
    start = 0
    for inputs, outputs in pairwise(layers):
        end = start + inputs * outputs
        yield weights[start:end].reshape(inputs, outputs).T, weights[end : end + outputs]
        start = end + outputs


def first_weights(layers: Sequence[int], seed: int) -> Doubles:
    """Weights that Spark begins with, for the seed."""
    random = XorShiftRandom(seed)
    found = [
        (random.next_double() * 4.8 - 2.4) / math.sqrt(inputs)
        for inputs, outputs in pairwise(layers)
        for _ in range(outputs * (inputs + 1))
    ]
    return np.array(found)


def softmax(raw: Doubles) -> Doubles:
    """Shares of the classes; each row's sum is 1."""
    grown = np.exp(raw - raw.max(axis=1, keepdims=True, initial=-np.inf))
    return np.asarray(grown / grown.sum(axis=1, keepdims=True))


def _sigmoid(raw: Doubles) -> Doubles:
    with np.errstate(over="ignore"):
        return np.asarray(1.0 / (1.0 + np.exp(-raw)))


@dataclass(frozen=True, eq=False)
class CrossEntropy:
    """The mean loss of a network over rows with their classes, block by block as Spark weighs them."""

    layers: tuple[int, ...]
    features: Any
    label: NDArray[np.intp]
    blockSize: int

    def __call__(self, weights: Doubles) -> tuple[float, Doubles]:
        """The loss and its gradient."""
        network, shares = Network(self.layers, weights), _shares(len(self.label), self.blockSize)
        loss, gradient = 0.0, np.zeros(len(weights))
        for first in range(0, len(self.label), _ROWS_AT_ONCE):
            part = slice(first, first + _ROWS_AT_ONCE)
            loss += _add(network, self.features[part], self.label[part], shares[part], gradient)
        return loss, gradient


def _shares(rows: int, blockSize: int) -> Doubles:
    """How much each row counts: blocks count alike, so that rows of a short last block count more."""
    blocks = np.arange(rows) // blockSize
    sizes = np.bincount(blocks)
    return np.asarray(1.0 / (sizes[blocks] * len(sizes)))


def _add(network: Network, X: Any, label: NDArray[np.intp], shares: Doubles, gradient: Doubles) -> float:
    """Adds the gradient over some rows; returns their loss."""
    outputs = network.outputs(X)
    chances, rows = softmax(outputs[-1]), np.arange(len(label))
    with np.errstate(divide="ignore"):
        loss = -float(shares @ np.log(chances[rows, label]))
    chances[rows, label] -= 1.0
    delta = chances * shares[:, None]
    into = list(matrices(network.layers, gradient))
    for number in range(len(into) - 1, -1, -1):
        matrix, bias = into[number]
        matrix += np.asarray(delta.T @ outputs[number])
        bias += delta.sum(axis=0)
        if number:
            weights = list(matrices(network.layers, network.weights))[number][0]
            delta = (delta @ weights) * outputs[number] * (1.0 - outputs[number])
    return loss


def train(
    loss: CrossEntropy, start: Doubles, *, solver: str, maxIter: int, tol: float, stepSize: float
) -> Trained:
    """The weights that lessen the loss, by limited-memory BFGS or by plain steps against the gradient."""
    if solver == "l-bfgs":
        found = minimize(loss, start, iterations=maxIter, tolerance=tol)
        return Trained(found.point, found.history)
    return _descended(loss, start, maxIter, tol, stepSize)


def _descended(loss: CrossEntropy, start: Doubles, maxIter: int, tol: float, stepSize: float) -> Trained:
    weights, history = start, []
    for number in range(maxIter + 1):
        value, gradient = loss(weights)
        history.append(value)
        if number == maxIter:
            break
        before, weights = weights, weights - stepSize * gradient
        near = float(np.linalg.norm(weights - before)) < tol * max(float(np.linalg.norm(weights)), 1.0)
        if number and near:
            break
    return Trained(weights, history)
