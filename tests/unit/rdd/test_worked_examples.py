"""The examples that every introduction to RDDs works through."""

from __future__ import annotations

import math
from collections import Counter
from operator import add

import numpy as np
import pytest

PAIRS = [("a", 2), ("b", 1), ("a", 1), ("c", 2), ("b", 3), ("a", 2), ("c", 4)]


@pytest.fixture
def numbers(sc):
    return sc.parallelize([3, 4, 1, 3], 2)


def test_map(numbers):
    assert numbers.map(lambda x: x + 1).collect() == [4, 5, 2, 4]


def test_filter(numbers):
    assert numbers.filter(lambda x: x % 3 != 0).collect() == [4, 1]


def test_flat_map(numbers):
    assert numbers.flatMap(range).collect() == [0, 1, 2, 0, 1, 2, 3, 0, 0, 1, 2]


def test_distinct(numbers):
    assert sorted(numbers.distinct().collect()) == [1, 3, 4]


def test_reduce_count_first_take(numbers):
    assert numbers.reduce(lambda a, b: a * b) == 36
    assert numbers.count() == 4
    assert numbers.first() == 3
    assert numbers.take(2) == [3, 4]


def test_group_by_key(sc):
    grouped = sc.parallelize(PAIRS, 3).groupByKey().mapValues(list).collectAsMap()
    assert grouped == {"a": [2, 1, 2], "b": [1, 3], "c": [2, 4]}


def test_reduce_by_key(sc):
    assert sc.parallelize(PAIRS, 3).reduceByKey(add).collectAsMap() == {"a": 5, "b": 4, "c": 6}


def test_operations_on_two_sets(sc):
    left, right = sc.parallelize([1, 2, 3]), sc.parallelize([2, 4, 5])
    assert left.union(right).collect() == [1, 2, 3, 2, 4, 5]
    assert left.intersection(right).collect() == [2]
    assert sorted(left.subtract(right).collect()) == [1, 3]
    assert sorted(left.cartesian(right).collect()) == [(a, b) for a in (1, 2, 3) for b in (2, 4, 5)]


def test_mean_by_map_and_reduce(sc):
    pairs = sc.parallelize([1, 2, 1]).map(lambda x: (x, 1.0))
    assert pairs.reduce(lambda a, b: (a[0] + b[0], a[1] + b[1])) == (4, 3.0)


def test_word_count_over_a_file(sc, tmp_path):
    text = "to be or not to be\nthat is the question\n" * 50
    path = tmp_path / "hamlet.txt"
    path.write_text(text)
    words = sc.textFile(str(path), 4).flatMap(str.split)
    assert words.map(lambda word: (word, 1)).reduceByKey(add).collectAsMap() == Counter(text.split())


def test_linear_regression_as_two_passes(sc):
    true = np.array([2.0, -1.0, 0.5])
    xs = np.random.default_rng(1).normal(size=(300, 3))
    points = sc.parallelize([(x, float(x @ true)) for x in xs], 4)
    xx = points.map(lambda p: np.outer(p[0], p[0])).reduce(add)
    xy = points.map(lambda p: p[0] * p[1]).reduce(add)
    np.testing.assert_allclose(np.linalg.solve(xx, xy), true)


def test_logistic_regression_on_a_cached_rdd(sc):
    generator = np.random.default_rng(2)
    labels = generator.choice([-1.0, 1.0], size=400)
    points = [(label, generator.normal(size=2) + label) for label in labels]
    cached = sc.parallelize(points, 4).cache()
    weights = np.zeros(2)
    for _ in range(20):
        gradient = cached.map(
            lambda p, w=weights: (1 / (1 + math.exp(-p[0] * (w @ p[1]))) - 1) * p[0] * p[1]
        ).reduce(add)
        weights = weights - 0.01 * gradient
    right = cached.filter(lambda p: p[0] * (weights @ p[1]) > 0).count()
    cached.unpersist()
    assert right > 360


def test_sum_of_numeric_cards_per_suit_over_four_partitions(sc):
    ranks = [*map(str, range(2, 11)), "J", "Q", "K", "A"]
    deck = sc.parallelize([(suit, rank) for suit in "SHDC" for rank in ranks], 4)
    sums = deck.filter(lambda card: card[1].isdigit()).mapValues(int).reduceByKey(add)
    assert sums.collectAsMap() == dict.fromkeys("SHDC", sum(range(2, 11)))
