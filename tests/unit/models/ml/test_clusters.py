"""Clusters are found from where Spark starts; what cannot be clustered is refused."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from streamcore.errors import IllegalArgumentException, QueryExecutionException
from streamcore.models.ml.clustering.bisecting import BisectingSettings, bisected, descend
from streamcore.models.ml.clustering.distances import Cosine, Euclidean, nearest
from streamcore.models.ml.clustering.lloyd import KMeansSettings, initial_centers, k_means
from streamcore.models.ml.clustering.mixtures import fit_mixture
from streamcore.models.ml.clustering.power_iteration import clusters_of
from streamcore.models.ml.clustering.topics import OnlineSettings, Topics, distributions, learn_online


def blobs(apart=10.0, count=40):
    """Rows around four corners, one corner after the other."""
    corners = np.array([[0, 0], [apart, 0], [0, apart], [apart, apart]])
    return corners[np.arange(count) % 4] + np.random.default_rng(1).normal(scale=0.3, size=(count, 2))


@pytest.mark.parametrize("seed", range(4))
def test_clusters_that_lie_apart_are_found_from_any_seed(seed) -> None:
    found = k_means(blobs(), None, KMeansSettings(4, seed=seed))
    assert found.sizes == [10] * 4
    assert found.labels.tolist() == found.labels[:4].tolist() * 10


def test_centres_start_where_spark_starts_them_in_one_partition() -> None:
    corners = [(0, 0), (10, 0), (0, 10), (10, 10)] * 6
    rows = np.array(
        [(x + (i % 5) * 0.1, y + (i % 3) * 0.2, (i * 7 % 4) * 0.1) for i, (x, y) in enumerate(corners)]
    )
    starts = [
        [10.216667, 0.2, 0.3], [0.2, 10.2, 0.2], [10.266667, 10.233333, 0.1], [0.183333, 0.166667, 0.0],
    ]  # fmt: skip
    assert initial_centers(rows, KMeansSettings(4, seed=1), Euclidean()) == pytest.approx(
        np.array(starts), abs=1e-6
    )
    rows = np.repeat([[0.0], [0.1], [0.2], [9.0], [9.1], [9.2]], 3, axis=1)
    assert k_means(rows, None, KMeansSettings(2, seed=1)).centers == pytest.approx(
        np.array([[9.1] * 3, [0.1] * 3])
    )


def test_sparse_rows_give_the_clusters_of_dense_ones() -> None:
    dense, settings = blobs(), KMeansSettings(4, seed=3)
    for measure in ("euclidean", "cosine"):
        known = KMeansSettings(4, seed=3, distanceMeasure=measure) if measure == "cosine" else settings
        one, other = k_means(dense + 1, None, known), k_means(sparse.csr_matrix(dense + 1), None, known)
        assert one.labels.tolist() == other.labels.tolist()
        assert one.cost == pytest.approx(other.cost)


def test_a_row_of_weight_three_counts_like_three_rows() -> None:
    rows, weights = blobs(), np.array([1.0, 2.0, 3.0, 1.0] * 10)
    weighed = k_means(rows, weights, KMeansSettings(4))
    repeated = k_means(np.repeat(rows, weights.astype(int), axis=0), None, KMeansSettings(4))
    assert np.sort(weighed.centers, axis=0) == pytest.approx(np.sort(repeated.centers, axis=0))
    assert weighed.cost == pytest.approx(repeated.cost)


def test_a_row_without_weight_changes_nothing() -> None:
    rows = np.vstack([blobs(), [[500.0, 500.0]]])
    weights = np.append(np.ones(40), 0.0)
    leaves = bisected(rows, weights, BisectingSettings(4, seed=1)).leaves
    known = bisected(blobs(), None, BisectingSettings(4, seed=1)).leaves
    assert np.stack([leaf.center for leaf in leaves]) == pytest.approx(
        np.stack([leaf.center for leaf in known])
    )
    mixtures = [fit_mixture(rows, weights, 2, 20, 0.01, 3), fit_mixture(blobs(), None, 2, 20, 0.01, 3)]
    assert mixtures[0].mixture.means == pytest.approx(mixtures[1].mixture.means)


def test_a_row_of_length_zero_has_no_angle() -> None:
    with pytest.raises(IllegalArgumentException, match="zero-length"):
        k_means(np.zeros((3, 2)), None, KMeansSettings(2, distanceMeasure="cosine"))


def test_the_first_of_several_nearest_centres_is_taken() -> None:
    labels, costs = nearest(np.array([[0.0]]), np.array([[1.0], [-1.0]]), Euclidean())
    assert (labels.tolist(), costs.tolist()) == ([0], [1.0])


def test_rows_in_one_point_are_not_split() -> None:
    rows = np.full((50, 3), 1234.567)
    assert len(bisected(rows, None, BisectingSettings(4)).leaves) == 1


def test_rows_go_down_the_tree_into_the_leaves_that_they_made() -> None:
    rows = blobs()
    root = bisected(rows, None, BisectingSettings(6, seed=2))
    sizes = np.bincount(descend(root, rows, Euclidean()), minlength=6)
    assert sizes.tolist() == [leaf.size for leaf in root.leaves]
    assert [leaf.index for leaf in root.leaves] == list(range(6))


def test_directions_of_sparse_rows_are_those_of_dense_ones() -> None:
    rows = np.array([[3.0, 4.0], [0.0, 2.0]])
    assert Cosine().prepared(sparse.csr_matrix(rows)).toarray() == pytest.approx(Cosine().prepared(rows))


def test_a_mixture_explains_no_row_worse_after_more_iterations() -> None:
    rows = blobs(apart=3.0)
    likelihoods = [fit_mixture(rows, None, 3, most, 0.0, seed=5).log_likelihood for most in (1, 3, 9, 27)]
    assert likelihoods == sorted(likelihoods)


def test_a_similarity_below_zero_is_refused() -> None:
    with pytest.raises(QueryExecutionException, match="Weights MUST NOT be"):
        clusters_of(np.array([0]), np.array([1]), np.array([-1.0]), 2, 5, "random")


def test_a_graph_of_edges_to_themselves_has_no_clusters() -> None:
    ids, labels = clusters_of(np.array([3]), np.array([3]), np.array([1.0]), 2, 5, "random")
    assert (ids.tolist(), labels.tolist()) == ([], [])


def test_topics_learnt_online_tell_two_kinds_of_documents_apart() -> None:
    kinds = np.array([[9, 8, 7, 0, 0, 0], [0, 0, 0, 7, 9, 8]])
    documents = sparse.csr_matrix(kinds[np.arange(30) % 2].astype(float))
    settings = OnlineSettings(2, 40, 10.0, 0.7, 1.0, optimizeDocConcentration=True, seed=4)
    topics = learn_online(documents, np.full(2, 0.5), 0.5, settings)
    most = distributions(documents, topics).argmax(axis=1)
    assert (most[::2] == most[0]).all()
    assert (most[1::2] == 1 - most[0]).all()


def test_what_a_document_is_about_depends_on_no_other_document() -> None:
    topics = Topics(np.array([[5.0, 1.0], [4.0, 2.0], [1.0, 6.0]]), np.array([0.4, 0.6]), 0.5)
    documents = sparse.csr_matrix(np.array([[3.0, 0, 1], [0, 0, 0], [0, 2, 7], [9, 9, 0]]))
    together = distributions(documents, topics)
    alone = np.vstack([distributions(documents[[at]], topics) for at in range(4)])
    assert (together == alone).all()
    assert together[1].tolist() == [0.0, 0.0]
