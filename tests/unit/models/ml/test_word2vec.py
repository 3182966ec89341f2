"""Words that stand among the same words get vectors that are alike."""

from __future__ import annotations

import numpy as np
import pytest

from streamcore.models.ml.feature.skip_gram import SkipGramSettings, learn, paths_of


def settings(**given):
    known = {
        "vectorSize": 12,
        "windowSize": 3,
        "maxIter": 4,
        "stepSize": 0.05,
        "maxSentenceLength": 50,
        "seed": 7,
    }
    return SkipGramSettings(**{**known, **given})


def two_topics():
    """Sentences of words 0 to 3, and sentences of words 4 to 7."""
    random = np.random.default_rng(5)
    sentences = np.repeat(np.arange(200), 10)
    return random.integers(0, 4, len(sentences)) + np.where(sentences % 2, 4, 0), sentences


def alike(vectors):
    directions = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return directions @ directions.T


def test_the_words_of_a_topic_are_more_alike_than_those_of_two() -> None:
    words, sentences = two_topics()
    found = alike(learn(words, sentences, np.bincount(words), settings()))
    within = np.minimum(found[:4, :4].min(), found[4:, 4:].min())
    assert within > found[:4, 4:].max() + 0.3


def test_the_same_seed_gives_the_same_vectors_and_another_one_others() -> None:
    words, sentences = two_topics()
    counts = np.bincount(words)
    first = learn(words, sentences, counts, settings())
    assert (learn(words, sentences, counts, settings()) == first).all()
    assert (learn(words, sentences, counts, settings(seed=8)) != first).any()


def test_words_of_different_sentences_are_not_near_each_other() -> None:
    words = np.array([0, 1] * 300)
    apart = learn(words, np.arange(600), np.bincount(words), settings(maxIter=1))
    cut = learn(words, np.zeros(600, np.int64), np.bincount(words), settings(maxIter=1, maxSentenceLength=1))
    assert (apart == cut).all()
    assert np.abs(apart).max() < 0.5 / 12


@pytest.mark.parametrize("counts", [[5], [1, 1], [9, 4, 2, 2, 1]])
def test_the_way_to_a_word_is_its_own_and_short_for_frequent_ones(counts) -> None:
    paths = paths_of(np.array(counts))
    lengths = paths.known.sum(axis=1)
    assert lengths[0] == lengths.min()
    ways = {tuple(zip(*way, strict=True)) for way in zip(paths.nodes, paths.turns, paths.known, strict=True)}
    assert len(ways) == len(counts)
