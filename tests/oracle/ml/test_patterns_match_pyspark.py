"""Factors, itemsets, rules and sequences are PySpark's (tests/oracle/ml/freeze_patterns)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from streamcore import Session
from streamcore.errors import IllegalArgumentException, QueryExecutionException
from streamcore.models.ml import recommendation
from streamcore.models.ml.fpm import FPGrowth, FPGrowthModel, PrefixSpan
from streamcore.models.ml.recommendation import ALSModel
from tests.oracle.ml.pattern_cases import ALS, ASKED, BASKETS, GROWTH, PAIRS, RATINGS, SEQUENCES, SPANS

ANSWERS: dict[str, Any] = json.loads(Path(__file__).with_name("patterns.json").read_text())


@pytest.fixture(scope="module")
def session() -> Session:
    return Session.builder.getOrCreate()


@pytest.mark.parametrize("case", range(len(ALS)))
def test_ratings_are_factorised_as_by_pyspark(session: Session, case: int) -> None:
    answer, settings = ANSWERS["als"][case], ALS[case]
    # PySpark solves for factors that may not be negative by steps which end near the answer.
    near: dict[str, Any] = {"rtol": 1e-5, "atol": 1e-6}
    if "nonnegative" in settings:
        near = {"rtol": 1e-3, "atol": 2e-3}
    model = recommendation.ALS(**settings).fit(
        session.createDataFrame(RATINGS, "user int, item int, rating double")
    )
    for frame, expected in ((model.userFactors, answer["users"]), (model.itemFactors, answer["items"])):
        rows = sorted((row.id, row.features) for row in frame.collect())
        assert [row[0] for row in rows] == [row[0] for row in expected]
        np.testing.assert_allclose([row[1] for row in rows], [row[1] for row in expected], **near)
    pairs = session.createDataFrame(PAIRS, "user int, item int")
    predicted = [row.prediction for row in model.transform(pairs).collect()]
    in_any_order = np.sort([float(text) for text in answer["predicted"]])
    np.testing.assert_allclose(np.sort(predicted), in_any_order, **near)
    assert len(model.setColdStartStrategy("drop").transform(pairs).collect()) == 2
    for row in model.recommendForAllUsers(3).collect():
        best = answer["best"][str(row.user)]
        assert [r.item for r in row.recommendations] == [item for item, _ in best]
        np.testing.assert_allclose(
            [r.rating for r in row.recommendations], [rating for _, rating in best], **near
        )


def test_recommendations_for_some_are_those_for_all(session: Session) -> None:
    ratings = session.createDataFrame(RATINGS, "user int, item int, rating double")
    model = recommendation.ALS(rank=2, maxIter=2).fit(ratings)
    some = session.createDataFrame([(3, 1), (3, 2), (77, 3)], "user int, item int")
    of_all = {row.user: row.recommendations for row in model.recommendForAllUsers(2).collect()}
    of_some = {row.user: row.recommendations for row in model.recommendForUserSubset(some, 2).collect()}
    assert of_some.keys() == {3}
    assert [r.item for r in of_some[3]] == [r.item for r in of_all[3]]
    assert [r.rating for r in of_some[3]] == pytest.approx([r.rating for r in of_all[3]], rel=1e-6)
    items = {row.item for row in model.recommendForItemSubset(some, 1).collect()}
    assert items == {1, 2, 3}


def test_factors_are_saved_and_loaded(session: Session, tmp_path: Path) -> None:
    ratings = session.createDataFrame(RATINGS, "user int, item int, rating double")
    model = recommendation.ALS(rank=2, maxIter=2).fit(ratings).setPredictionCol("rated")
    model.save(str(tmp_path / "als"))
    loaded = ALSModel.load(str(tmp_path / "als"))
    assert loaded.transform(ratings).collect() == model.transform(ratings).collect()
    assert repr(loaded) == repr(model) == f"ALSModel: uid={model.uid}, rank=2"


def test_ids_with_a_fraction_or_without_a_value_are_refused(session: Session) -> None:
    half = session.createDataFrame([(0.5, 1, 1.0)], "user double, item int, rating double")
    with pytest.raises(QueryExecutionException, match="without fractional part for column user"):
        recommendation.ALS().fit(half)
    nobody = session.createDataFrame([(None, 1, 1.0)], "user int, item int, rating double")
    with pytest.raises(QueryExecutionException, match="user Ids MUST NOT be Null"):
        recommendation.ALS().fit(nobody)


@pytest.mark.parametrize("case", range(len(GROWTH)))
def test_itemsets_and_rules_are_those_of_pyspark(session: Session, case: int) -> None:
    answer, (support, confidence) = ANSWERS["growth"][case], GROWTH[case]
    baskets = session.createDataFrame([(row,) for row in BASKETS], "items array<string>")
    model = FPGrowth(minSupport=support, minConfidence=confidence).fit(baskets)
    found = {frozenset(row["items"]): row.freq for row in model.freqItemsets.collect()}
    assert found == {frozenset(items): freq for items, freq in answer["itemsets"]}
    rules = {(frozenset(r[0]), r[1][0]): list(r[2:]) for r in model.associationRules.collect()}
    expected = {(frozenset(r[0]), r[1][0]): r[2:] for r in answer["rules"]}
    assert rules.keys() == expected.keys()
    for rule, numbers in expected.items():
        assert rules[rule] == pytest.approx(numbers, rel=1e-12)
    asked = session.createDataFrame([(row,) for row in ASKED], "items array<string>")
    predicted = [set(row.prediction) for row in model.transform(asked).collect()]
    assert predicted == [set(consequents) for consequents in answer["predicted"]]


def test_itemsets_are_saved_and_loaded_with_what_lift_needs(session: Session, tmp_path: Path) -> None:
    baskets = session.createDataFrame([(row,) for row in BASKETS], "items array<string>")
    model = FPGrowth(minSupport=0.3).fit(baskets)
    model.save(str(tmp_path / "growth"))
    loaded = FPGrowthModel.load(str(tmp_path / "growth"))
    assert loaded.associationRules.collect() == model.associationRules.collect()
    assert loaded.freqItemsets.collect() == model.freqItemsets.collect()


def test_an_item_twice_in_one_row_is_refused(session: Session) -> None:
    baskets = session.createDataFrame([(["a", "b", "a"],)], "items array<string>")
    with pytest.raises(QueryExecutionException, match="Items in a transaction must be unique"):
        FPGrowth().fit(baskets)


@pytest.mark.parametrize("case", range(len(SPANS)))
def test_sequences_are_those_of_pyspark(session: Session, case: int) -> None:
    support, longest = SPANS[case]
    rows = session.createDataFrame([(row,) for row in SEQUENCES], "sequence array<array<int>>")
    found = PrefixSpan(minSupport=support, maxPatternLength=longest).findFrequentSequentialPatterns(rows)
    assert _counted([list(row) for row in found.collect()]) == _counted(ANSWERS["spans"][case])


def _counted(rows: list[Any]) -> dict[Any, int]:
    return {tuple(frozenset(itemset) for itemset in sequence): freq for sequence, freq in rows}


def test_a_support_that_is_no_share_is_refused(session: Session) -> None:
    rows = session.createDataFrame([([[1]],)], "sequence array<array<int>>")
    with pytest.raises(IllegalArgumentException, match=r"must be in \[0, 1\], but got 2.0"):
        PrefixSpan(minSupport=2.0).findFrequentSequentialPatterns(rows)


def test_factors_and_itemsets_that_spark_saved_are_loaded() -> None:
    saved = Path(__file__).parent / "saved"
    factors = ALSModel.load(str(saved / "als"))
    rated = factors.transform(_pairs([(0, 0), (2, 2)])).collect()
    assert [row.prediction for row in rated] == pytest.approx([3.909, 4.902], abs=2e-3)
    itemsets = FPGrowthModel.load(str(saved / "fpg"))
    lifts = {(tuple(r.antecedent), r.consequent[0]): r.lift for r in itemsets.associationRules.collect()}
    assert lifts[("b",), "a"] == pytest.approx(1.5)


def _pairs(pairs: list[tuple[int, int]]) -> Any:
    return Session.builder.getOrCreate().createDataFrame(pairs, "user int, item int")
