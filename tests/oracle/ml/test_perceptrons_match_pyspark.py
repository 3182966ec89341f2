"""Networks, and one class against the rest, are PySpark's (tests/oracle/ml/freeze_perceptrons)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from streamcore import Session
from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.classification import (
    DecisionTreeClassifier,
    GBTClassifier,
    MultilayerPerceptronClassificationModel,
    MultilayerPerceptronClassifier,
    OneVsRest,
    OneVsRestModel,
)
from streamcore.models.ml.linalg import Vectors
from tests.oracle.ml.perceptron_cases import NETWORKS, ROWS

HERE = Path(__file__).parent
ANSWERS: dict[str, Any] = json.loads((HERE / "perceptrons.json").read_text())


@pytest.fixture(scope="module")
def session() -> Session:
    return Session.builder.getOrCreate()


@pytest.fixture(scope="module")
def frame(session: Session) -> Any:
    return session.createDataFrame(
        [(label, Vectors.dense(row)) for label, row in ROWS], ["label", "features"]
    )


@pytest.mark.parametrize("case", range(len(NETWORKS)))
def test_a_network_is_trained_as_by_pyspark(frame: Any, case: int) -> None:
    answer = ANSWERS["networks"][case]
    model = MultilayerPerceptronClassifier(**NETWORKS[case]).fit(frame)
    np.testing.assert_allclose(model.weights.toArray(), answer["weights"], rtol=1e-7, atol=1e-9)
    assert model.summary().objectiveHistory == pytest.approx(answer["history"], rel=1e-9)
    rows = model.transform(frame.limit(5)).collect()
    np.testing.assert_allclose([row.rawPrediction.toArray() for row in rows], answer["raw"], rtol=1e-6)
    np.testing.assert_allclose([row.probability.toArray() for row in rows], answer["probability"], rtol=1e-6)
    assert model.summary().accuracy == pytest.approx(answer["accuracy"])


def test_a_network_is_saved_and_what_spark_saved_is_loaded(frame: Any, tmp_path: Path) -> None:
    of_spark = MultilayerPerceptronClassificationModel.load(str(HERE / "saved" / "mlp"))
    assert of_spark.getLayers() == [2, 3, 2]
    assert of_spark.predict(Vectors.dense([1.0, 3.0])) == 1.0
    assert of_spark.predictRaw(Vectors.dense([1.0, 3.0])).toArray() == pytest.approx(
        [-4.5818, 6.6384], abs=1e-4
    )
    model = MultilayerPerceptronClassifier(layers=[3, 3], maxIter=2).fit(frame)
    model.save(str(tmp_path / "network"))
    loaded = MultilayerPerceptronClassificationModel.load(str(tmp_path / "network"))
    assert loaded.weights == model.weights
    assert not loaded.hasSummary


def test_layers_that_do_not_fit_the_rows_are_refused(frame: Any) -> None:
    with pytest.raises(IllegalArgumentException, match="as wide as the features, of which there are 3"):
        MultilayerPerceptronClassifier(layers=[2, 3]).fit(frame)
    with pytest.raises(IllegalArgumentException, match="a place for each class"):
        MultilayerPerceptronClassifier(layers=[3, 2]).fit(frame)
    with pytest.raises(IllegalArgumentException, match="initialWeights has 1 weights"):
        MultilayerPerceptronClassifier(layers=[3, 3], initialWeights=Vectors.dense([1.0])).fit(frame)


@pytest.mark.parametrize("parallelism", [1, 3])
def test_one_class_against_the_rest_is_told_as_by_pyspark(frame: Any, parallelism: int) -> None:
    estimator = OneVsRest(classifier=DecisionTreeClassifier(maxDepth=3), parallelism=parallelism)
    rows = estimator.fit(frame).transform(frame).collect()
    assert [row.prediction for row in rows] == ANSWERS["rest"]["prediction"]
    assert [row.rawPrediction.toArray().tolist() for row in rows] == ANSWERS["rest"]["raw"]
    assert list(rows[0].asDict()) == ["label", "features", "rawPrediction", "prediction"]


def test_one_against_the_rest_is_saved_with_its_models(frame: Any, tmp_path: Path) -> None:
    of_spark = OneVsRestModel.load(str(HERE / "saved" / "ovr"))
    assert [type(model).__name__ for model in of_spark.models] == ["DecisionTreeClassificationModel"] * 2
    estimator = OneVsRest(classifier=DecisionTreeClassifier(maxDepth=2), predictionCol="told")
    estimator.save(str(tmp_path / "estimator"))
    loaded = OneVsRest.load(str(tmp_path / "estimator"))
    assert isinstance(loaded.getClassifier(), DecisionTreeClassifier)
    assert loaded.getPredictionCol() == "told"
    model = loaded.fit(frame)
    model.save(str(tmp_path / "model"))
    again = OneVsRestModel.load(str(tmp_path / "model"))
    assert again.transform(frame).collect() == model.transform(frame).collect()


def test_weights_that_the_classifier_does_not_take_are_told(frame: Any) -> None:
    class NoWeights(MultilayerPerceptronClassifier):
        """A classifier without weights."""

    weighed = frame.select("*", (frame.label + 1).alias("w"))
    with pytest.warns(UserWarning, match="weightCol is ignored"):
        OneVsRest(classifier=NoWeights(layers=[3, 2], maxIter=1), weightCol="w").fit(weighed)
    model = OneVsRest(classifier=GBTClassifier(maxIter=1, maxDepth=1), weightCol="w").fit(weighed)
    assert model.models[0].getWeightCol() == "w"
