"""Every built-in online model keeps the laws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pytest
from river import linear_model as river_linear
from river import preprocessing
from sklearn import cluster, linear_model, naive_bayes, neural_network

from streamcore import models
from streamcore.spi.models import OnlineModel
from streamcore.testing.model_contract import ModelHarness, OnlineModelContract

_adapted = models.SklearnEstimator.of
_SCALER = models.StandardScaler()
_LOGISTIC = models.LogisticRegression(stepSize=0.1)
_MODELS: dict[str, OnlineModel] = {
    "linear": models.LinearRegression(weightCol="weight"),
    "linear by rows": models.LinearRegression(innerStep=1, regParam=0.1, elasticNetParam=0.5),
    "linear adagrad": models.LinearRegression(optimizer="adagrad", regParam=0.01),
    "logistic": _LOGISTIC,
    "logistic ftrl": models.LogisticRegression(optimizer="ftrl", regParam=0.01, elasticNetParam=1.0),
    "logistic by rows": _LOGISTIC.replace(innerStep=1),
    "descent": models.BatchGradientDescent(miniBatchFraction=0.5, stepSize=0.01),
    "logistic descent": models.BatchGradientDescent(loss="logistic", regParam=0.1, weightCol="weight"),
    "hashed": models.FeatureHasher(inputCols=("text", "whole", "number"), outputCol="f", numFeatures=50)
    | models.LogisticRegression(featuresCol="f", optimizer="adagrad"),
    "hashed counts": models.FeatureHasher(inputCols=("text", "whole"), outputCol="f", numFeatures=20)
    | models.MultinomialNaiveBayes(featuresCol="f"),
    "sklearn classes": _adapted(linear_model.SGDClassifier(loss="log_loss"), numClasses=2, innerStep=100),
    "sklearn numbers": _adapted(linear_model.SGDRegressor(eta0=1e-3, average=True), weightCol="weight"),
    "sklearn bayes": _adapted(naive_bayes.GaussianNB(), numClasses=2),
    "sklearn clusters": _adapted(cluster.MiniBatchKMeans(3, n_init=1), labelCol=None),
    "sklearn pickled": _adapted(
        neural_network.MLPClassifier((4,)), numClasses=2, allowPickle=True, probabilityCol="p"
    ),
    "river classes": models.RiverModel.of(
        preprocessing.StandardScaler() | river_linear.LogisticRegression(), numClasses=2, allowPickle=True
    ),
    "river numbers": models.RiverModel.of(
        river_linear.LinearRegression(), allowPickle=True, featuresCol=("whole", "number")
    ),
    "softmax": models.SoftmaxRegression(numClasses=3, stepSize=0.1),
    "softmax by rows": models.SoftmaxRegression(numClasses=2, optimizer="ftrl", innerStep=1),
    "kmeans": models.KMeans(k=3, decayFactor=0.9, distanceCol="distance"),
    "kmeans of points": models.KMeans(k=2, halfLife=50.0, timeUnit="points", innerStep=10),
    "multinomial": models.MultinomialNaiveBayes(weightCol="weight"),
    "gaussian": models.GaussianNaiveBayes(weightCol="weight"),
    "scaler": models.StandardScaler(outputCol="scaled"),
    "chain": _SCALER | _LOGISTIC,
    "chain by rows": _SCALER | models.LinearRegression(innerStep=1),
    "prequential": models.Prequential(
        model=_SCALER | _LOGISTIC,
        measures=(models.Accuracy(), models.LogLoss(), models.AUC(), models.F1(), models.ConfusionMatrix()),
        drift=models.ADWIN(),
        onDrift="reset",
    ),
    "prequential by rows": models.Prequential(
        model=models.LinearRegression(innerStep=1),
        measures=(models.MAE(), models.RMSE(), models.R2()),
        drift=models.PageHinkley(),
        every=1,
    ),
    "prequential with decay": models.Prequential(
        model=models.GaussianNaiveBayes(),
        measures=(models.MacroF1(),),
        drift=models.KSWIN(alpha=0.05),
        onDrift="decay",
        kept=0.1,
    ),
}


@dataclass(frozen=True)
class _Harness(ModelHarness):
    name: str

    def model(self) -> OnlineModel:
        return _MODELS[self.name]

    def rows(self, count: int, seed: int) -> pa.Table:
        draw = np.random.default_rng(seed)
        features = draw.poisson(3.0, size=(count, 4)).astype(np.float64)
        labels = (features @ [1.0, -1.0, 0.5, 0.0] + draw.normal(size=count) > 1.0).astype(np.float64)
        vectors = pa.FixedSizeListArray.from_arrays(pa.array(features.reshape(-1)), 4)
        weights = draw.random(count) + 0.5
        words = pa.array([f"word{number:g}" for number in features[:, 0]])
        columns = {"text": words, "whole": features[:, 1].astype(np.int64), "number": features[:, 2]}
        return pa.table({"features": vectors, "label": labels, "weight": weights, **columns})


class TestOnlineModels(OnlineModelContract):
    @pytest.fixture(params=sorted(_MODELS))
    def harness(self, request) -> ModelHarness:
        return _Harness(request.param)
