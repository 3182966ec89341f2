"""Detectors of change decide for every row as river's do, whatever batches the rows come in."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest

from streamcore import models
from streamcore.models.online.drift.base import DriftDetector
from streamcore.models.online.drift.kswin import distance, least_distance

drift = pytest.importorskip("river.drift")


def _documented() -> list[float]:
    """The stream of river's documentation: zeros and ones, from row 1000 on the numbers 4 to 7."""
    draw = random.Random(12345)
    return [float(value) for value in draw.choices([0, 1], k=1000) + draw.choices(range(4, 8), k=1000)]


def _drawn(seed: int) -> list[float]:
    """A stream whose mean and deviation change a few times."""
    draw = np.random.default_rng(seed)
    sizes = draw.integers(50, 500, size=3)
    parts = [draw.normal(draw.normal(), draw.random() + 0.1, size=size) for size in sizes]
    found: list[float] = np.concatenate(parts).tolist()
    return found


def _changes(detector: DriftDetector, values: list[float], size: int) -> list[int]:
    state, found = detector.initial_state(), []
    for begin in range(0, len(values), size):
        state, decisions = detector.update(state, np.array(values[begin : begin + size]))
        found += [begin + int(place) for place in np.flatnonzero(decisions)]
    return found


def _changes_of_river(detector: Any, values: list[float]) -> list[int]:
    found = []
    for place, value in enumerate(values):
        detector.update(value)
        if detector.drift_detected:
            found.append(place)
    return found


@pytest.mark.parametrize("size", [1, 64, 2000])
@pytest.mark.parametrize(
    ("detector", "row"),
    [
        (models.ADWIN(), 1023),
        (models.PageHinkley(), 1006),
        (models.KSWIN(alpha=0.0001, seed=42), 1016),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_the_documented_change_is_found_at_the_documented_row(detector, row, size) -> None:
    assert _changes(detector, _documented(), size) == [row]


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (models.ADWIN(), drift.ADWIN),
        (
            models.ADWIN(delta=0.05, clock=1, maxBuckets=3, gracePeriod=5, minWindowLength=8),
            lambda: drift.ADWIN(delta=0.05, clock=1, max_buckets=3, grace_period=5, min_window_length=8),
        ),
        (models.PageHinkley(threshold=5.0), lambda: drift.PageHinkley(threshold=5.0)),
        (
            models.PageHinkley(threshold=3.0, mode="down", delta=0.1, minInstances=5),
            lambda: drift.PageHinkley(threshold=3.0, mode="down", delta=0.1, min_instances=5),
        ),
        (
            models.PageHinkley(threshold=3.0, mode="up", alpha=0.99),
            lambda: drift.PageHinkley(threshold=3.0, mode="up", alpha=0.99),
        ),
        (models.KSWIN(alpha=0.001, seed=7), lambda: drift.KSWIN(alpha=0.001, seed=7)),
    ],
)
def test_every_decision_is_rivers(ours, theirs, seed) -> None:
    values = _drawn(seed)
    expected = _changes_of_river(theirs(), values)
    assert _changes(ours, values, size=97) == expected
    if seed == 0:
        assert expected, "the stream shows no change"


def test_the_least_distance_is_where_the_exact_test_rejects() -> None:
    stats = pytest.importorskip("scipy.stats")
    for size, alpha in ((10, 0.05), (30, 0.001), (50, 0.01)):
        least = least_distance(size, alpha)
        for apart in (least - 1, least):
            left = np.arange(size, dtype=float)
            right = left + apart - 0.5
            assert distance(left, right) == apart
            p = stats.ks_2samp(left, right, method="exact").pvalue
            assert (p <= alpha) == (apart >= least)


def test_no_distance_is_enough_for_few_values_and_a_small_alpha() -> None:
    assert least_distance(3, 1e-6) == 4


def test_a_window_of_equal_values_shows_no_change() -> None:
    for detector in (models.ADWIN(), models.KSWIN(), models.PageHinkley()):
        assert _changes(detector, [0.25] * 600, size=100) == []
        assert all(not math.isnan(float(array.sum())) for array in detector.initial_state().values())
