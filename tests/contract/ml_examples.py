"""A tiny example of every estimator, transformer and evaluator of the ml API."""

from __future__ import annotations

import math
from collections.abc import Callable
from importlib import import_module
from typing import Any

from streamcore import Session
from streamcore.models.ml.linalg import Vectors
from streamcore.sql.dataframe import DataFrame
from streamcore.testing.estimator_laws import StageCase

SCHEMA = (
    "id long, label double, y double, censor double, number double, holed double, code double, "
    "category string, text string, words array<string>, user int, item int, items array<string>"
)


def rows(session: Session) -> DataFrame:
    """Twelve rows with a column of every kind that something learns from."""
    found = []
    for n in range(12):
        label, code = float(n % 2), float(n % 3)
        first, second, third = 1.0 + n % 4, 0.5 * (n % 5), float(n % 3 == 0)
        features = (
            Vectors.sparse(3, [0, 1, 2], [first, second, third])
            if n % 4 == 1
            else Vectors.dense(first, second, third)
        )
        words = [["red", "green"], ["green", "blue", "the"], ["red", "red", "blue"]][n % 3]
        found.append(
            (
                n, label, 1.0 + first + 2 * second + 0.25 * n, 1.0 - label * (n % 3 == 0), 0.5 * n,
                math.nan if n == 5 else float(n), code, "abc"[n % 3], " ".join(words).title(), words,
                n % 4, n % 3, sorted(set(words)), features,
            )
        )  # fmt: skip
    names = [part.split()[0] for part in SCHEMA.split(", ")]
    typed = session.createDataFrame([row[:-1] for row in found], SCHEMA).schema
    typed.add("features", session.createDataFrame([found[0][-1:]], ["features"]).schema["features"].dataType)
    assert typed.names[:-1] == names
    return session.createDataFrame(found, typed)


def predictions(session: Session) -> DataFrame:
    """Predictions of every kind, to be evaluated."""
    found = [
        (
            n, float(n % 2), float(n % 3 == 1), Vectors.dense(1.0 - n / 8, n / 8), float(n % 2),
            [0.0, float(n % 2)], [float(n % 3), 1.0], Vectors.dense(n % 2, n / 10),
        )
        for n in range(8)
    ]  # fmt: skip
    names = ["id", "label", "prediction", "rawPrediction", "cluster", "wanted", "got", "features"]
    return session.createDataFrame(found, names)


def graph(session: Session) -> DataFrame:
    return session.createDataFrame([(0, 1, 1.0), (1, 2, 1.0), (3, 4, 1.0)], ["src", "dst", "weight"])


def sequences(session: Session) -> DataFrame:
    return session.createDataFrame([(0, [["a"], ["b"]]), (1, [["a"], ["a", "b"]])], ["id", "sequence"])


def _made(path: str, **params: Any) -> Callable[[], Any]:
    module, _, name = path.rpartition(".")
    return lambda: getattr(import_module(f"streamcore.models.ml.{module}".rstrip(".")), name)(**params)


def _on(column: str, **more: Any) -> dict[str, Any]:
    return {"inputCol": column, "outputCol": "out", **more}


def _search(kind: str) -> Callable[[], Any]:
    def make() -> Any:
        regression = _made("regression.LinearRegression", labelCol="y", maxIter=2)()
        evaluator = _made("evaluation.RegressionEvaluator", labelCol="y")()
        maps = [{regression.regParam: 0.1}, {regression.regParam: 1.0}]
        made = _made(
            f"tuning.{kind}", estimator=regression, estimatorParamMaps=maps, evaluator=evaluator, seed=1
        )
        return made()

    return make


def _pipeline() -> Any:
    linear = _made("regression.LinearRegression", labelCol="y", maxIter=2, predictionCol="linear")()
    isotonic = _made("regression.IsotonicRegression", featuresCol="linear", labelCol="y")()
    return _made("pipeline.Pipeline", stages=[linear, isotonic])()


def _univariate() -> Any:
    selector = _made("feature.UnivariateFeatureSelector", featuresCol="features", outputCol="out")()
    return selector.setFeatureType("categorical").setLabelType("categorical").setSelectionThreshold(1)


def _one_vs_rest() -> Any:
    classifier = _made("classification.LogisticRegression", maxIter=2)()
    return _made("classification.OneVsRest", classifier=classifier, labelCol="code")()


def _of(path: str, *params: dict[str, Any]) -> dict[str, list[Callable[[], Any]]]:
    return {path: [_made(path, **given) for given in params]}


_TREE: dict[str, Any] = {"maxDepth": 2, "seed": 1}
_IN_ROWS: dict[str, list[Callable[[], Any]]] = {
    **_of("feature.Binarizer", _on("number", threshold=2.0)),
    **_of("feature.BucketedRandomProjectionLSH", _on("features", bucketLength=2.0, numHashTables=2, seed=1)),
    **_of("feature.Bucketizer", _on("number", splits=[-math.inf, 1.0, 3.0, math.inf])),
    **_of("feature.ChiSqSelector", {"numTopFeatures": 1, "outputCol": "out"}),
    **_of("feature.CountVectorizer", _on("words")),
    **_of("feature.DCT", _on("features")),
    **_of("feature.ElementwiseProduct", _on("features", scalingVec=Vectors.dense(1.0, 2.0, 3.0))),
    **_of(
        "feature.FeatureHasher", {"inputCols": ["number", "category"], "outputCol": "out", "numFeatures": 16}
    ),
    **_of("feature.HashingTF", _on("words", numFeatures=16)),
    **_of("feature.IDF", _on("features")),
    **_of("feature.Imputer", {"inputCols": ["holed"], "outputCols": ["out"]}),
    **_of("feature.IndexToString", _on("code", labels=["x", "y", "z"])),
    **_of("feature.Interaction", {"inputCols": ["number", "code"], "outputCol": "out"}),
    **_of("feature.MaxAbsScaler", _on("features")),
    **_of("feature.MinHashLSH", _on("features", numHashTables=2, seed=1)),
    **_of("feature.MinMaxScaler", _on("features")),
    **_of("feature.NGram", _on("words")),
    **_of("feature.Normalizer", _on("features")),
    **_of("feature.OneHotEncoder", {"inputCols": ["code"], "outputCols": ["out"]}),
    **_of("feature.PCA", _on("features", k=2)),
    **_of("feature.PolynomialExpansion", _on("features")),
    **_of("feature.QuantileDiscretizer", _on("number", numBuckets=2)),
    **_of("feature.RFormula", {"formula": "y ~ number + category", "featuresCol": "f", "labelCol": "l"}),
    **_of("feature.RegexTokenizer", _on("text", pattern="\\W")),
    **_of("feature.RobustScaler", _on("features")),
    **_of("feature.SQLTransformer", {"statement": "SELECT *, number * 2 AS out FROM __THIS__"}),
    **_of("feature.StandardScaler", _on("features", withMean=True)),
    **_of("feature.StopWordsRemover", _on("words")),
    **_of("feature.StringIndexer", _on("category")),
    **_of("feature.TargetEncoder", {"inputCols": ["code"], "outputCols": ["out"]}),
    **_of("feature.Tokenizer", _on("text")),
    "feature.UnivariateFeatureSelector": [_univariate],
    **_of("feature.VarianceThresholdSelector", {"outputCol": "out", "varianceThreshold": 0.5}),
    **_of("feature.VectorAssembler", {"inputCols": ["number", "code"], "outputCol": "out"}),
    **_of("feature.VectorIndexer", _on("features", maxCategories=2)),
    **_of("feature.VectorSizeHint", {"inputCol": "features", "size": 3}),
    **_of("feature.VectorSlicer", _on("features", indices=[2, 0])),
    **_of("feature.Word2Vec", _on("words", vectorSize=2, minCount=0, maxIter=1, seed=1)),
    **_of("classification.DecisionTreeClassifier", _TREE),
    **_of("classification.FMClassifier", {"maxIter": 2, "seed": 1, "factorSize": 2}),
    **_of("classification.GBTClassifier", {**_TREE, "maxIter": 2}),
    **_of("classification.LinearSVC", {"maxIter": 2}),
    **_of("classification.LogisticRegression", {"maxIter": 2}, {"maxIter": 2, "labelCol": "code"}),
    **_of("classification.MultilayerPerceptronClassifier", {"layers": [3, 2], "maxIter": 2, "seed": 1}),
    **_of("classification.NaiveBayes", {}, {"modelType": "gaussian"}),
    "classification.OneVsRest": [_one_vs_rest],
    **_of("classification.RandomForestClassifier", {**_TREE, "numTrees": 2}),
    **_of("regression.AFTSurvivalRegression", {"labelCol": "y", "censorCol": "censor", "maxIter": 2}),
    **_of("regression.DecisionTreeRegressor", {**_TREE, "labelCol": "y"}),
    **_of("regression.FMRegressor", {"labelCol": "y", "maxIter": 2, "seed": 1, "factorSize": 2}),
    **_of("regression.GBTRegressor", {**_TREE, "labelCol": "y", "maxIter": 2}),
    **_of("regression.GeneralizedLinearRegression", {"labelCol": "y", "linkPredictionCol": "link"}),
    **_of("regression.IsotonicRegression", {"labelCol": "y"}),
    **_of("regression.LinearRegression", {"labelCol": "y", "regParam": 0.1}),
    **_of("regression.RandomForestRegressor", {**_TREE, "labelCol": "y", "numTrees": 2}),
    **_of("clustering.BisectingKMeans", {"k": 2, "seed": 1}),
    **_of("clustering.GaussianMixture", {"k": 2, "seed": 1, "maxIter": 2}),
    **_of("clustering.KMeans", {"k": 2, "seed": 1, "maxIter": 2}),
    **_of("clustering.LDA", *({"k": 2, "seed": 1, "maxIter": 2, "optimizer": it} for it in ("online", "em"))),
    **_of(
        "recommendation.ALS",
        {"userCol": "user", "itemCol": "item", "ratingCol": "y", "rank": 2, "maxIter": 2, "seed": 1},
    ),
    **_of("fpm.FPGrowth", {"minSupport": 0.3, "minConfidence": 0.5}),
    "pipeline.Pipeline": [_pipeline],
    "tuning.CrossValidator": [_search("CrossValidator")],
    "tuning.TrainValidationSplit": [_search("TrainValidationSplit")],
}
_IN_PREDICTIONS: dict[str, list[Callable[[], Any]]] = {
    **_of("evaluation.BinaryClassificationEvaluator", {}),
    **_of("evaluation.ClusteringEvaluator", {"predictionCol": "cluster"}),
    **_of("evaluation.MulticlassClassificationEvaluator", {}),
    **_of("evaluation.MultilabelClassificationEvaluator", {"labelCol": "wanted", "predictionCol": "got"}),
    **_of("evaluation.RankingEvaluator", {"labelCol": "wanted", "predictionCol": "got", "k": 1}),
    **_of("evaluation.RegressionEvaluator", {}),
}
_IN_OTHERS: dict[str, tuple[Callable[[Session], DataFrame], list[Callable[[], Any]]]] = {
    "clustering.PowerIterationClustering": (graph, [_made("clustering.PowerIterationClustering", k=2)]),
    "fpm.PrefixSpan": (sequences, [_made("fpm.PrefixSpan", minSupport=0.5)]),
}
EXAMPLES: dict[str, tuple[Callable[[Session], DataFrame], list[Callable[[], Any]]]] = {
    **{name: (rows, makes) for name, makes in _IN_ROWS.items()},
    **{name: (predictions, makes) for name, makes in _IN_PREDICTIONS.items()},
    **_IN_OTHERS,
}
NOT_IN_STREAMS: dict[str, str] = {}


def case_of(name: str, at: int, datasets: dict[str, DataFrame], session: Session) -> StageCase:
    """One example, over a dataset that all examples of its kind share."""
    make_rows, makes = EXAMPLES[name]
    if make_rows.__name__ not in datasets:
        datasets[make_rows.__name__] = make_rows(session)
    return StageCase(makes[at](), datasets[make_rows.__name__], NOT_IN_STREAMS.get(name))
