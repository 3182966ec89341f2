"""Clustering over RDDs: what PySpark gives where it is deterministic, and what saved models keep."""

from __future__ import annotations

import numpy as np
import pytest

from streamcore import Session
from streamcore.errors import IllegalArgumentException
from streamcore.models.mllib.clustering import (
    LDA,
    BisectingKMeans,
    GaussianMixture,
    GaussianMixtureModel,
    KMeans,
    KMeansModel,
    LDAModel,
    PowerIterationClustering,
    PowerIterationClusteringModel,
)

ROWS = [[0.0, 0.0], [1.0, 1.0], [9.0, 8.0], [8.0, 9.0]]


@pytest.fixture(scope="module")
def sc():
    return Session.builder.getOrCreate().sparkContext


@pytest.fixture
def rows(sc):
    return sc.parallelize(ROWS, 2)


def test_k_means_finds_the_centres_and_keeps_them(sc, rows, tmp_path):
    model = KMeans.train(rows, 2, 10, "random", seed=5)
    assert sorted(center.tolist() for center in model.centers) == [[0.5, 0.5], [8.5, 8.5]]
    assert model.computeCost(rows) == 2.0
    assert model.predict(rows).collect() == [model.predict(row) for row in ROWS]
    model.save(sc, str(tmp_path / "model"))
    again = KMeansModel.load(sc, str(tmp_path / "model"))
    assert [center.tolist() for center in again.centers] == [center.tolist() for center in model.centers]


def test_k_means_begins_where_another_model_is(rows):
    given = KMeansModel([np.array([9.0, 9.0]), np.array([0.0, 0.0])])
    found = KMeans.train(rows, 2, maxIterations=0, initialModel=given)
    assert [center.tolist() for center in found.centers] == [[9.0, 9.0], [0.0, 0.0]]
    with pytest.raises(IllegalArgumentException, match="mismatched cluster count"):
        KMeans.train(rows, 3, initialModel=given)


def test_bisecting_k_means_has_the_leaves_of_pyspark(rows):
    model = BisectingKMeans.train(rows, 2)
    assert [center.tolist() for center in model.clusterCenters] == [[0.5, 0.5], [8.5, 8.5]]
    assert (model.computeCost(rows), model.computeCost([0.0, 1.0]), model.predict([0.0, 1.0])) == (
        2.0,
        0.5,
        0,
    )


def test_a_mixture_is_the_same_after_it_was_saved(sc, rows, tmp_path):
    model = GaussianMixture.train(sc.parallelize([[0.0], [1.0], [8.0], [9.0]]), 2, seed=1)
    model.save(sc, str(tmp_path / "model"))
    again = GaussianMixtureModel.load(sc, str(tmp_path / "model"))
    assert again.weights.tolist() == model.weights.tolist()
    assert again.gaussians == model.gaussians
    assert again.predictSoft([2.0]).tolist() == model.predictSoft([2.0]).tolist()


def test_vertices_keep_their_clusters(sc, tmp_path):
    edges = sc.parallelize([(0, 1, 1.0), (0, 2, 1.0), (1, 2, 1.0), (3, 4, 1.0), (3, 5, 1.0), (4, 5, 1.0)])
    model = PowerIterationClustering.train(edges, 2, 10)
    model.save(sc, str(tmp_path / "model"))
    again = PowerIterationClusteringModel.load(sc, str(tmp_path / "model"))
    assert again.k == 2
    assert again.assignments().collect() == model.assignments().collect()


def test_topics_are_the_same_after_they_were_saved(sc, tmp_path):
    documents = sc.parallelize([[0, [4.0, 0.0]], [1, [5.0, 0.0]], [2, [0.0, 9.0]]])
    model = LDA.train(documents, k=2, seed=1)
    model.save(sc, str(tmp_path / "model"))
    assert np.allclose(LDAModel.load(sc, str(tmp_path / "model")).topicsMatrix(), model.topicsMatrix())
    assert np.allclose(model.topicsMatrix().sum(axis=1), [9.0, 9.0])


def test_an_unknown_way_to_learn_is_refused(sc, rows):
    with pytest.raises(IllegalArgumentException, match="middle"):
        KMeans.train(rows, 2, initializationMode="middle")
    with pytest.raises(IllegalArgumentException, match="middle"):
        LDA.train(sc.parallelize([[0, [1.0, 2.0]]]), 2, optimizer="middle")
