"""Transformers of vectors and texts over RDDs: what PySpark gives."""

from __future__ import annotations

import numpy as np
import pytest

from streamcore import Session
from streamcore.errors import IllegalArgumentException
from streamcore.models.mllib.feature import (
    IDF,
    PCA,
    ChiSqSelector,
    ElementwiseProduct,
    HashingTF,
    Normalizer,
    StandardScaler,
    Word2Vec,
    Word2VecModel,
)
from streamcore.models.mllib.linalg import Vectors
from streamcore.models.mllib.regression import LabeledPoint


@pytest.fixture(scope="module")
def sc():
    return Session.builder.getOrCreate().sparkContext


@pytest.fixture
def rows(sc):
    return sc.parallelize([[1.0, 2.0, 0.0], [3.0, 5.0, 0.0], [-1.0, 0.0, 0.0]], 2)


def test_a_scaler_keeps_sparse_vectors_sparse_unless_the_mean_is_taken_away(rows):
    sparse = Vectors.sparse(3, {0: 1.0, 2: 4.0})
    assert StandardScaler().fit(rows).transform(sparse) == Vectors.sparse(3, {0: 0.5, 2: 0.0})
    both = StandardScaler(withMean=True).fit(rows).transform(Vectors.sparse(3, {0: 1.0}))
    assert np.allclose(both.toArray(), [0.0, -0.92717265, 0.0])


def test_rdds_are_transformed_as_single_vectors_are(rows):
    for transformer in (Normalizer(1), ElementwiseProduct([1.0, 2.0, 3.0]), StandardScaler().fit(rows)):
        assert transformer.transform(rows).collect() == [transformer.transform(row) for row in rows.collect()]


def test_terms_have_the_places_that_pyspark_gives_them():
    assert HashingTF().transform(["0.0", "0.0"]) == Vectors.sparse(1 << 20, {136293: 2.0})
    assert HashingTF().setBinary(True).transform(["0.0", "0.0"]) == Vectors.sparse(1 << 20, {136293: 1.0})


def test_terms_of_too_few_documents_weigh_nothing(rows):
    model = IDF(minDocFreq=2).fit(rows)
    assert (model.docFreq(), model.numDocs()) == ([2, 2, 0], 3)
    assert np.allclose(model.transform([0.0, 1.0, 2.0]).toArray(), [0.0, 0.28768207, 0.0])


def test_a_vector_of_another_size_is_refused(rows):
    for transformer in (ElementwiseProduct([1.0]), IDF().fit(rows), PCA(1).fit(rows)):
        with pytest.raises(IllegalArgumentException, match="size"):
            transformer.transform([1.0, 2.0])


def test_a_selector_takes_the_features_that_tell_most_of_the_label(sc):
    points = [(0.0, [8.0, 7.0, 0.0]), (1.0, [0.0, 9.0, 6.0]), (1.0, [0.0, 9.0, 8.0]), (2.0, [8.0, 9.0, 5.0])]
    data = sc.parallelize([LabeledPoint(label, features) for label, features in points])
    model = ChiSqSelector(numTopFeatures=1).fit(data)
    assert model.transform([8.0, 9.0, 6.0]) == Vectors.dense([8.0])
    assert model.transform(Vectors.sparse(3, {0: 8.0, 1: 9.0})) == Vectors.sparse(1, {0: 8.0})
    with pytest.raises(IllegalArgumentException, match="bad"):
        ChiSqSelector(selectorType="bad").fit(data)


def test_vectors_of_words_are_the_same_after_they_were_saved(sc, tmp_path):
    model = Word2Vec().setVectorSize(3).setSeed(7).fit(sc.parallelize([["a", "b", "c"]] * 9))
    model.save(sc, str(tmp_path / "words"))
    again = Word2VecModel.load(sc, str(tmp_path / "words"))
    assert again.getVectors() == model.getVectors()
    assert list(again.findSynonyms("a", 2)) == list(model.findSynonyms("a", 2))
    with pytest.raises(ValueError, match="zz not found"):
        again.transform("zz")
