"""Models that Spark saved are loaded, and answer as Spark did; saved again they are the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from streamcore.models.ml import clustering, feature
from streamcore.models.ml.linalg import Vectors
from streamcore.sql.session import Session

SAVED = Path(__file__).parent / "saved_by_spark"
DOCUMENTS = [
    [1, 2, 6, 0, 2, 3, 1, 1, 0, 0, 3], [1, 3, 0, 1, 3, 0, 0, 2, 0, 0, 1], [1, 4, 1, 0, 0, 4, 9, 0, 1, 2, 0],
    [2, 1, 0, 3, 0, 0, 5, 0, 2, 3, 9], [3, 1, 1, 9, 3, 0, 2, 0, 0, 1, 3], [4, 2, 0, 3, 4, 5, 1, 1, 1, 4, 0],
    [0] * 11,
]  # fmt: skip


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session.builder.master("local[2]").appName("oracle").create() as made:
        yield made


def again(owner: Any, name: str, folder: Path) -> list[Any]:
    """What Spark saved, loaded; and the same saved by us, loaded."""
    first = owner.load(str(SAVED / name))
    first.save(str(folder / name))
    return [first, owner.load(str(folder / name))]


def test_a_vocabulary(tmp_path: Path) -> None:
    for model in again(feature.CountVectorizerModel, "cv", tmp_path):
        assert (model.vocabulary, model.getOutputCol()) == (["a", "d", "b", "c", "e"], "o")


def test_document_frequencies(tmp_path: Path) -> None:
    for model in again(feature.IDFModel, "idf", tmp_path):
        assert model.idf.toArray() == pytest.approx([0.693147181, 0.287682072, 0.693147181])
        assert (model.docFreq, model.numDocs) == ([1, 2, 1], 3)


def test_vectors_of_words(session: Session, tmp_path: Path) -> None:
    texts = session.createDataFrame([(["a", "c"],), (["zz"],), ([],)], "t array<string>")
    for model in again(feature.Word2VecModel, "w2v", tmp_path):
        found = [row["o"].toArray() for row in model.transform(texts).collect()]
        assert found[0] == pytest.approx([0.1983, 0.1291, -0.054, -0.0006, 0.1365], abs=1e-4)
        assert [one.tolist() for one in found[1:]] == [[0.0] * 5] * 2
        (first, second) = model.findSynonymsArray("a", 2)
        assert (first[0], second[0]) == ("b", "c")
        assert [first[1], second[1]] == pytest.approx([0.015859870240092278, -0.5680796504020691], abs=1e-6)


def test_hash_functions(session: Session, tmp_path: Path) -> None:
    sets = session.createDataFrame([(Vectors.sparse(10, [0, 1], [1.0, 1.0]),)], ["v"])
    for model in again(feature.MinHashLSHModel, "mh", tmp_path):
        assert model.transform(sets).head()["h"][0].toArray().tolist() == [617966841.0]
    points = session.createDataFrame([(Vectors.dense(1.0, 2.0, -3.0),)], ["v"])
    for model in again(feature.BucketedRandomProjectionLSHModel, "brp", tmp_path):
        found = [bucket[0] for bucket in model.transform(points).head()["h"]]
        assert found == [1.0, 1.0]


def test_centres(tmp_path: Path) -> None:
    for model in again(clustering.KMeansModel, "km", tmp_path):
        assert sorted(round(float(center[0]), 6) for center in model.clusterCenters()) == [
            0.166667, 0.2, 10.183333, 10.216667,
        ]  # fmt: skip
        assert (model.getK(), model.numFeatures, model.hasSummary) == (4, 3, False)


def test_a_tree_of_clusters(tmp_path: Path) -> None:
    for model in again(clustering.BisectingKMeansModel, "bkm", tmp_path):
        assert [model.predict(Vectors.dense(x, y, 0.0)) for x, y in [(0, 0), (10, 10), (0.4, 0.4)]] == [
            0,
            4,
            1,
        ]


def test_a_mixture(tmp_path: Path) -> None:
    for model in again(clustering.GaussianMixtureModel, "gmm", tmp_path):
        probability = model.predictProbability(Vectors.dense(4.0, -4.0)).toArray()
        assert sorted(probability) == pytest.approx([0.499318047, 0.500681953], abs=1e-8)


def documents(session: Session) -> Any:
    counts = [(Vectors.sparse(11, [(at, float(c)) for at, c in enumerate(row) if c]),) for row in DOCUMENTS]
    return session.createDataFrame(counts, ["features"])


def test_topics(session: Session, tmp_path: Path) -> None:
    rows = documents(session)
    for model in again(clustering.LocalLDAModel, "lda", tmp_path):
        assert model.logLikelihood(rows) == pytest.approx(-362.135097149951, abs=1e-3)
        assert model.logPerplexity(rows) == pytest.approx(2.8970807771996077, abs=1e-5)
        assert [row.termIndices for row in model.describeTopics(3).collect()] == [
            [0, 2, 7],
            [6, 1, 5],
            [10, 8, 9],
        ]
        shares = [row.topicDistribution.toArray() for row in model.transform(rows).collect()]
        assert shares[0] == pytest.approx([0.33627, 0.64381, 0.01992], abs=1e-4)
        assert shares[-1].tolist() == [0.0, 0.0, 0.0]


def test_topics_learnt_by_em_are_those_that_spark_learns_in_one_partition(session: Session) -> None:
    model = clustering.LDA(k=3, seed=1, optimizer="em").fit(documents(session))
    assert isinstance(model, clustering.DistributedLDAModel)
    saved = clustering.DistributedLDAModel.load(str(SAVED / "em"))
    assert model.topicsMatrix().toArray() == pytest.approx(saved.topicsMatrix().toArray())
    assert model.trainingLogLikelihood() == pytest.approx(saved.trainingLogLikelihood())


def test_topics_with_their_documents(tmp_path: Path) -> None:
    for model in again(clustering.DistributedLDAModel, "em", tmp_path):
        assert model.trainingLogLikelihood() == pytest.approx(-284.32079459891924)
        assert model.logPrior() == pytest.approx(-340.77745680514346)
        assert (model.isDistributed(), model.toLocal().isDistributed()) == (True, False)
