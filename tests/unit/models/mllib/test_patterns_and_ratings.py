"""Frequent patterns and recommendations of the RDD API."""

from __future__ import annotations

from typing import Any

import pytest

from streamcore import Session
from streamcore.errors import IllegalArgumentException, QueryExecutionException
from streamcore.models.mllib.fpm import FPGrowth, FPGrowthModel, PrefixSpan
from streamcore.models.mllib.recommendation import ALS, MatrixFactorizationModel, Rating

TRANSACTIONS = [["a", "b", "c"], ["a", "b", "d", "e"], ["a", "c", "e"], ["a", "c", "f"]]
RATINGS = [(1, 1, 1.0), (1, 2, 2.0), (2, 1, 2.0)]


@pytest.fixture(scope="module")
def sc():
    return Session.builder.getOrCreate().sparkContext


@pytest.fixture(scope="module")
def model(sc):
    return ALS.train(sc.parallelize(RATINGS), 2, seed=3, lambda_=0.01)


def test_frequent_itemsets_come_with_their_counts_and_survive_saving(sc, tmp_path):
    model = FPGrowth.train(sc.parallelize(TRANSACTIONS, 2), 0.6, 2)
    model.save(sc, str(tmp_path / "fp"))
    for found in (model, FPGrowthModel.load(sc, str(tmp_path / "fp"))):
        sets = {tuple(sorted(some.items)): some.freq for some in found.freqItemsets().collect()}
        assert sets == {("a",): 4, ("c",): 3, ("a", "c"): 3}


def test_transactions_without_any_item_have_no_itemsets(sc):
    assert FPGrowth.train(sc.parallelize([[]]), 0.6).freqItemsets().collect() == []


def test_an_item_twice_in_a_transaction_and_items_of_several_types_are_refused(sc):
    with pytest.raises(QueryExecutionException, match="must be unique"):
        FPGrowth.train(sc.parallelize([["a", "a"]]))
    with pytest.raises(IllegalArgumentException, match="one type"):
        FPGrowth.train(sc.parallelize([["a", 1]]))


def test_frequent_sequences_come_with_their_counts(sc):
    rows = [[["a", "b"], ["c"]], [["a"], ["c", "b"], ["a", "b"]], [["a", "b"], ["e"]], [["f"]]]
    found = sorted(PrefixSpan.train(sc.parallelize(rows, 2), 0.5).freqSequences().collect())
    assert found[0] == PrefixSpan.FreqSequence([["a"]], 3)
    assert [["a"], ["c"]] in [pattern.sequence for pattern in found]


def test_impossible_shares_and_lengths_are_refused_by_name(sc):
    with pytest.raises(IllegalArgumentException, match="Minimal support"):
        FPGrowth.train(sc.parallelize(TRANSACTIONS), 1.5)
    with pytest.raises(IllegalArgumentException, match="pattern length"):
        PrefixSpan.train(sc.parallelize([[["a"]]]), maxPatternLength=0)


def test_ratings_that_were_given_are_predicted_and_unknown_pairs_are_left_out(sc, model):
    assert model.predict(1, 2) == pytest.approx(2.0, abs=0.05)
    found = model.predictAll(sc.parallelize([(1, 2), (1, 1), (9, 9)])).collect()
    assert [(one.user, one.product) for one in found] == [(1, 2), (1, 1)]
    assert found[0].rating == model.predict(1, 2)
    with pytest.raises(IllegalArgumentException, match="userId: 9 not found"):
        model.predict(9, 1)


def test_recommendations_are_the_highest_predictions_first(model):
    assert model.recommendUsers(1, 1) == [Rating(2, 1, model.predict(2, 1))]
    assert [found.product for found in model.recommendProducts(1, 5)] == [2, 1]
    assert dict(model.recommendProductsForUsers(1).collect())[1] == (Rating(1, 2, model.predict(1, 2)),)
    assert dict(model.recommendUsersForProducts(1).collect())[1][0].user == 2


def test_a_saved_factorization_predicts_as_before(sc, model, tmp_path):
    model.save(sc, str(tmp_path / "mf"))
    loaded = MatrixFactorizationModel.load(sc, str(tmp_path / "mf"))
    assert loaded.rank == 2
    assert loaded.userFeatures().collect() == model.userFeatures().collect()
    assert loaded.predict(2, 2) == model.predict(2, 2)


def test_implicit_ratings_and_frames_are_learnt_from(sc):
    frame = Session.builder.getOrCreate().createDataFrame(RATINGS, ["user", "product", "rating"])
    assert len(ALS.trainImplicit(frame, 1, seed=10).productFeatures().first()[1]) == 1


def test_what_is_no_rating_is_refused(sc):
    wrong: Any = RATINGS
    with pytest.raises(TypeError, match="RDD or a DataFrame"):
        ALS.train(wrong, 2)
    with pytest.raises(IllegalArgumentException, match="Rank"):
        ALS.train(sc.parallelize(RATINGS), 0)
