"""Random choice of records, reproducible from a seed: those that PySpark's Python samplers pick."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LOG_DOMAIN_FROM = 20.0


def generator_for(seed: int, split: int) -> random.Random:
    """Return the generator of a partition; the first draws, alike in neighbours, are left out."""
    generator = random.Random(seed ^ split)
    for _ in range(10):
        generator.randint(0, 1)
    return generator


def poisson(generator: random.Random, mean: float) -> int:
    """Return a Poisson-distributed number (Knuth's method; in logarithms where the product would vanish)."""
    count = 0
    if mean < _LOG_DOMAIN_FROM:
        bound, product = math.exp(-mean), generator.random()
        while product > bound:
            count += 1
            product *= generator.random()
        return count
    waited = generator.expovariate(mean)
    while waited < 1.0:
        count += 1
        waited += generator.expovariate(mean)
    return count


def sample_with(fraction: float, seed: int, split: int, records: Iterator[Any]) -> Iterator[Any]:
    """Yield each record a Poisson-distributed number of times."""
    generator = generator_for(seed, split)
    for record in records:
        for _ in range(poisson(generator, fraction)):
            yield record


def sample_between(low: float, high: float, seed: int, split: int, records: Iterator[Any]) -> Iterator[Any]:
    """Yield the records whose draw from [0, 1) lies in [low, high)."""
    draw = generator_for(seed, split).random
    return (record for record in records if low <= draw() < high)


def sample_keys_with(
    fractions: Mapping[Any, float], seed: int, split: int, records: Iterator[Any]
) -> Iterator[Any]:
    """Yield each pair a Poisson-distributed number of times, by the fraction of its key."""
    generator = generator_for(seed, split)
    for key, value in records:
        for _ in range(poisson(generator, fractions[key])):
            yield key, value


def sample_keys_without(
    fractions: Mapping[Any, float], seed: int, split: int, records: Iterator[Any]
) -> Iterator[Any]:
    """Yield each pair with the probability that is given for its key."""
    draw = generator_for(seed, split).random
    return ((key, value) for key, value in records if draw() < fractions[key])
