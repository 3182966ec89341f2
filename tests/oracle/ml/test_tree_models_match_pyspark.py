"""Tree models answer as PySpark's, column by column, and load what Spark saved."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from streamcore import Session
from streamcore.errors import IllegalArgumentException, QueryExecutionException
from streamcore.models.ml import classification, regression
from streamcore.models.ml.linalg import Vectors, VectorUDT
from streamcore.sql.types import BooleanType, DoubleType, StructField, StructType
from tests.oracle.ml.tree_cases import CASES, CATEGORIES, DATA, Case

HERE = Path(__file__).parent
ANSWERS: dict[str, Any] = json.loads((HERE / "trees.json").read_text())["answers"]
ATTRIBUTES = {
    "nominal": [{"idx": i, "vals": [str(v) for v in range(n)]} for i, n in CATEGORIES.items()],
    "numeric": [{"idx": i} for i in range(6) if i not in CATEGORIES],
}
SAMPLE = [case for case in CASES if case.settings or not case.categorical][::2]


@pytest.fixture(scope="module")
def session() -> Session:
    return Session.builder.getOrCreate()


def _frame(session: Session, case: Case) -> Any:
    told = {"ml_attr": {"attrs": ATTRIBUTES, "num_attrs": 6}} if case.categorical else {}
    numbers = [StructField(name, DoubleType()) for name in ("label", "number", "weight")]
    fields = [
        StructField("features", VectorUDT(), metadata=told),
        *numbers,
        StructField("held", BooleanType()),
    ]
    rows = [(Vectors.dense(features), *rest) for features, *rest in DATA[case.data]]
    return session.createDataFrame(rows, StructType(fields))


def _fitted(session: Session, case: Case) -> tuple[Any, Any]:
    home = classification if "Class" in case.estimator else regression
    label = "label" if home is classification else "number"
    frame = _frame(session, case)
    estimator = getattr(home, case.estimator)(labelCol=label, leafCol="leaf", seed=5, **case.settings)
    return estimator.fit(frame), frame


@pytest.mark.parametrize("case", SAMPLE, ids=lambda case: case.name)
def test_models_of_trees_answer_as_pyspark(session: Session, case: Case) -> None:
    answer = ANSWERS[case.name]
    model, frame = _fitted(session, case)
    assert repr(model).replace(model.uid, "UID") == answer["header"]
    rows = model.transform(frame.limit(12)).collect()
    for column in ("prediction", "rawPrediction", "probability", "variance", "leaf"):
        assert (column in answer) == (column in rows[0].asDict())
        if column in answer:
            found = [row[column] if isinstance(row[column], float) else row[column].toArray() for row in rows]
            np.testing.assert_allclose(found, answer[column], rtol=1e-9, atol=1e-9)
    if case.estimator == "GBTRegressor":
        assert model.evaluateEachIteration(frame, "squared") == pytest.approx(answer["evaluated"], rel=1e-9)
    if case.estimator == "GBTClassifier":
        assert model.evaluateEachIteration(frame) == pytest.approx(answer["evaluated"], rel=1e-9)


def test_thresholds_move_the_decision_and_not_the_probabilities(session: Session) -> None:
    model, frame = _fitted(session, Case("DecisionTreeClassifier", "two", {"maxDepth": 1}))
    before = model.transform(frame).select("probability", "prediction").collect()
    after = model.setThresholds([0.05, 0.95]).transform(frame).select("probability", "prediction").collect()
    assert [row.probability for row in after] == [row.probability for row in before]
    assert sum(row.prediction for row in after) < sum(row.prediction for row in before)
    with pytest.raises(IllegalArgumentException, match="numClasses=2, but thresholds has length 3"):
        model.setThresholds([0.1, 0.2, 0.7]).transform(frame)


def test_one_row_is_told_as_the_rows_of_a_dataset_are(session: Session) -> None:
    model, frame = _fitted(session, CASES[0])
    row = model.transform(frame).first()
    assert model.predict(row.features) == row.prediction
    assert model.predictRaw(row.features) == row.rawPrediction
    assert model.predictProbability(row.features) == row.probability
    assert model.predictLeaf(row.features) == row.leaf


def test_a_forest_depends_on_its_seed_alone_and_learns(session: Session) -> None:
    frame = _frame(session, CASES[0])
    forest = classification.RandomForestClassifier(numTrees=7, seed=3, featureSubsetStrategy="2")
    first, second = forest.fit(frame), forest.fit(frame)
    assert first.toDebugString.split("\n", 1)[1] == second.toDebugString.split("\n", 1)[1]
    assert forest.setSeed(4).fit(frame).toDebugString != first.toDebugString
    assert first.summary.accuracy > 0.85
    measures: Any = first.evaluate(frame)
    assert measures.areaUnderROC > 0.9
    assert first.getNumTrees == 7 == len(first.trees)
    assert sum(tree.numNodes for tree in first.trees) == first.totalNumNodes


def test_a_tree_of_sparse_rows_is_the_tree_of_dense_ones(session: Session) -> None:
    dense = [
        (float(i % 3), Vectors.dense([0.0] * 9 + [float(i % 3 == 0), float(i % 5), float(i % 3)]))
        for i in range(30)
    ]
    sparse = [
        (label, Vectors.sparse(12, [(i, v) for i, v in enumerate(row.toArray()) if v]))
        for label, row in dense
    ]
    estimator = classification.DecisionTreeClassifier()
    of_dense = estimator.fit(session.createDataFrame(dense, ["label", "features"]))
    frame = session.createDataFrame(sparse, ["label", "features"])
    of_sparse = estimator.fit(frame)
    assert of_sparse.toDebugString == of_dense.toDebugString
    assert [row.prediction for row in of_sparse.transform(frame).collect()] == [label for label, _ in dense]


@pytest.mark.parametrize("name", ["dtc", "dtr", "rfc", "gbtc", "gbtr"])
def test_what_spark_saved_is_loaded_and_saved_as_it_was(session: Session, name: str, tmp_path: Path) -> None:
    home = classification if name.endswith("c") else regression
    kind = {"dt": "DecisionTree", "rf": "RandomForest", "gbt": "GBT"}[name[:-1]]
    role = "ClassificationModel" if name.endswith("c") else "RegressionModel"
    model: Any = getattr(home, kind + role).load(str(HERE / "saved" / name))
    high, low = Vectors.dense([3.0, 1.0]), Vectors.sparse(2, [], [])
    if home is classification:
        assert model.predictProbability(high)[1] > model.predictProbability(low)[1]
    else:
        assert model.predict(high) > model.predict(low)
    model.save(str(tmp_path / "again"))
    again: Any = type(model).load(str(tmp_path / "again"))
    assert again.toDebugString == model.toDebugString
    assert again.uid == model.uid
    assert again.featureImportances == model.featureImportances
    assert {p.name: v for p, v in again.extractParamMap().items()} == {
        p.name: v for p, v in model.extractParamMap().items()
    }


def test_labels_that_are_no_classes_are_refused(session: Session) -> None:
    rows = [(0.5, Vectors.dense([1.0])), (1.0, Vectors.dense([0.0]))]
    frame = session.createDataFrame(rows, ["label", "features"])
    with pytest.raises(QueryExecutionException, match=r"Labels MUST be Integers, but got 0\.5"):
        classification.DecisionTreeClassifier().fit(frame)
    with pytest.raises(QueryExecutionException, match=r"Labels MUST be in \{0, 1\}"):
        classification.GBTClassifier().fit(frame)


def test_a_category_beyond_those_told_is_refused(session: Session) -> None:
    told = {"ml_attr": {"attrs": {"nominal": [{"idx": 0, "num_vals": 2}]}, "num_attrs": 1}}
    schema = StructType(
        [StructField("label", DoubleType()), StructField("features", VectorUDT(), metadata=told)]
    )
    frame = session.createDataFrame([(1.0, Vectors.dense([2.0])), (0.0, Vectors.dense([0.0]))], schema)
    with pytest.raises(IllegalArgumentException, match="Feature 0 is categorical"):
        classification.DecisionTreeClassifier().fit(frame)


def test_one_class_alone_and_classes_beyond_a_hundred_are_refused(session: Session) -> None:
    alone = session.createDataFrame(
        [(0.0, Vectors.dense([1.0])), (0.0, Vectors.dense([0.0]))], ["label", "features"]
    )
    with pytest.raises(IllegalArgumentException, match="must have numClasses >= 2, but numClasses = 1"):
        classification.DecisionTreeClassifier().fit(alone)
    many = session.createDataFrame(
        [(100.0, Vectors.dense([1.0])), (0.0, Vectors.dense([0.0]))], ["label", "features"]
    )
    with pytest.raises(IllegalArgumentException, match=r"exceeded the max numClasses \(100\)"):
        classification.RandomForestClassifier().fit(many)
