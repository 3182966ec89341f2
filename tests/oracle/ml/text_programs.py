"""What PySpark and streamcore must say alike of text, of hashing, of clusters and of statistics.

Each program takes a session and the modules `feature`, `clustering`, `stat`, `linalg` of either library, by
name, and returns what JSON can hold. Nothing of streamcore is imported here.
"""

from __future__ import annotations

import datetime as dt
import decimal
import random
from collections.abc import Callable
from typing import Any

Program = Callable[[Any, Any], Any]
PROGRAMS: dict[str, Program] = {}
REFUSED: dict[str, Program] = {}

TEXTS = ["", " ", "A  b ", "İSTANBUL ΣΑΣ x", "a\u00a0b\x0bc\x1cd\u2003e", "a\n", " lead", "x1,y22;;z"]
WORDS = [["I", "a", "B", "the", "İ", "x"], ["a", "x", "a", "a", "The"], ["é", "日本語", "😀", ""], []]


def program(function: Program) -> Program:
    PROGRAMS[function.__name__] = function
    return function


def refused(function: Program) -> Program:
    REFUSED[function.__name__] = function
    return function


def told(value: Any) -> Any:
    """Vectors, matrices and rows as JSON holds them."""
    name = type(value).__name__
    if name == "SparseVector":
        return {"size": value.size, "indices": value.indices.tolist(), "values": told(value.values.tolist())}
    if name == "DenseVector":
        return told(value.toArray().tolist())
    if name == "DenseMatrix":
        return told(value.toArray().tolist())
    if isinstance(value, float):
        return repr(value) if value != value else round(value, 9)  # noqa: PLR0124 - NaN
    if isinstance(value, list | tuple):
        return [told(item) for item in value]
    return value.item() if hasattr(value, "item") else value


def out(frame: Any, column: str = "o") -> Any:
    return [told(row[0]) for row in frame.select(column).collect()]


def texts(s: Any) -> Any:
    return s.createDataFrame([(text,) for text in TEXTS], "t string")


def words(s: Any) -> Any:
    return s.createDataFrame([(one,) for one in WORDS], "t array<string>")


def counted(s: Any) -> Any:
    rows = [["b", "a", "b", "c"], ["c", "a", "d", "d", "d"], ["e", "a"], []]
    return s.createDataFrame([(row,) for row in rows], "t array<string>")


# ---- text ----------------------------------------------------------------------------------------


@program
def tokenizer(s: Any, ml: Any) -> Any:
    return out(ml.feature.Tokenizer(inputCol="t", outputCol="o").transform(texts(s)))


@program
def regex_tokenizer(s: Any, ml: Any) -> Any:
    settings: list[dict[str, Any]] = [
        {}, {"minTokenLength": 0}, {"minTokenLength": 3, "toLowercase": False}, {"pattern": ""},
        {"gaps": False, "pattern": "\\w+"}, {"gaps": False, "pattern": "\\w*", "minTokenLength": 0},
        {"pattern": "[,;]"}, {"pattern": "(?<=\\d)[,;]", "minTokenLength": 0}, {"pattern": "\\p{Punct}+"},
    ]  # fmt: skip
    make = ml.feature.RegexTokenizer
    return [out(make(inputCol="t", outputCol="o", **one).transform(texts(s))) for one in settings]


@program
def stop_words(s: Any, ml: Any) -> Any:
    make = ml.feature.StopWordsRemover
    few = {"inputCol": "t", "outputCol": "o", "stopWords": ["i", "b"]}
    return [
        out(make(inputCol="t", outputCol="o", locale="en").transform(words(s))),
        out(make(**few, caseSensitive=True).transform(words(s))),
        out(make(**few, locale="tr").transform(words(s))),
        out(make(inputCols=["t", "t"], outputCols=["p", "o"], locale="en").transform(words(s))),
    ]


@program
def stop_words_of_every_language(s: Any, ml: Any) -> Any:
    languages = (
        "danish dutch english finnish french german hungarian italian norwegian portuguese russian spanish"
    )
    return {
        name: ml.feature.StopWordsRemover.loadDefaultStopWords(name)
        for name in [*languages.split(), "swedish", "turkish"]
    }


@program
def ngrams(s: Any, ml: Any) -> Any:
    rows = s.createDataFrame([(["a", None, "b"],)], "t array<string>")
    runs = [out(ml.feature.NGram(inputCol="t", outputCol="o", n=n).transform(words(s))) for n in (1, 2, 3, 9)]
    return [*runs, out(ml.feature.NGram(inputCol="t", outputCol="o").transform(rows))]


# ---- hashing -------------------------------------------------------------------------------------


@program
def hashing_tf(s: Any, ml: Any) -> Any:
    make = ml.feature.HashingTF
    return [
        out(make(inputCol="t", outputCol="o").transform(words(s))),
        out(make(inputCol="t", outputCol="o", numFeatures=7, binary=True).transform(words(s))),
        [make().indexOf(term) for term in ["a", "日本", "", None, 1, 2**40, 1.5, True]],
    ]


@program
def hashed_terms_of_other_types(s: Any, ml: Any) -> Any:
    cases: list[tuple[str, list[Any]]] = [
        ("int", [1, 2, 1]), ("bigint", [1, 2**40]), ("double", [1.5, 0.0, -0.0]), ("float", [1.5]),
        ("boolean", [True, False]), ("smallint", [3]), ("string", ["a", None]),
    ]  # fmt: skip
    make = ml.feature.HashingTF(inputCol="t", outputCol="o", numFeatures=1000)
    return [out(make.transform(s.createDataFrame([(v,)], f"t array<{kind}>"))) for kind, v in cases]


@program
def feature_hasher(s: Any, ml: Any) -> Any:
    rows = [
        (2.0, True, "1", "foo", 5, decimal.Decimal("1.50"), 2**40),
        (3.0, False, "2", "bär", None, None, None),
        (None, None, None, "日本語x", 7, decimal.Decimal(2), 3),
        (1e10, True, "", "x", 0, decimal.Decimal(0), 0),
    ]
    kinds = "real double, flag boolean, a string, b string, i int, d decimal(10,2), l long"
    frame = s.createDataFrame(rows, kinds)
    make = ml.feature.FeatureHasher
    numbers = ["real", "i", "d", "l"]
    settings: list[dict[str, Any]] = [{}, {"categoricalCols": numbers}, {"numFeatures": 3}]
    return [out(make(inputCols=frame.columns, outputCol="o", **one).transform(frame)) for one in settings]


@program
def hashing_metadata(s: Any, ml: Any) -> Any:
    made = ml.feature.HashingTF(inputCol="t", outputCol="o", numFeatures=20).transform(words(s))
    return made.schema["o"].metadata


# ---- counting ------------------------------------------------------------------------------------


@program
def count_vectorizer(s: Any, ml: Any) -> Any:
    settings: list[dict[str, Any]] = [
        {}, {"minDF": 2.0}, {"minDF": 0.5}, {"maxDF": 2.0}, {"maxDF": 0.5}, {"minTF": 2.0}, {"minTF": 0.5},
        {"binary": True}, {"vocabSize": 2}, {"minDF": 10.0},
    ]  # fmt: skip
    models = [
        ml.feature.CountVectorizer(inputCol="t", outputCol="o", **one).fit(counted(s)) for one in settings
    ]
    return [[model.vocabulary, out(model.transform(counted(s)))] for model in models]


@program
def a_vocabulary_of_ties(s: Any, ml: Any) -> Any:
    many = [f"w{i}" for i in range(12) for _ in range(1 + i % 3)]
    rows = s.createDataFrame([(many,)], "t array<string>")
    return ml.feature.CountVectorizer(inputCol="t", outputCol="o").fit(rows).vocabulary


@program
def count_vectorizer_of_a_vocabulary(s: Any, ml: Any) -> Any:
    make = ml.feature.CountVectorizerModel.from_vocabulary
    return out(make(["x", "a"], inputCol="t", outputCol="o", minTF=2).transform(words(s)))


@program
def idf(s: Any, ml: Any) -> Any:
    v = ml.linalg.Vectors
    dense = [(v.dense(1.0, 2.0, 0.0),), (v.sparse(3, [1], [1.0]),), (v.sparse(3, [0, 2], [0.0, 3.0]),)]
    rows = s.createDataFrame(dense, ["v"])
    models = [ml.feature.IDF(inputCol="v", outputCol="o", minDocFreq=n).fit(rows) for n in (0, 2)]
    return [[told(model.idf), model.docFreq, model.numDocs, out(model.transform(rows))] for model in models]


# ---- locality-sensitive hashing ------------------------------------------------------------------


def points(s: Any, ml: Any) -> Any:
    rows = [((i * 7 % 11) / 3.0 - 1, (i * 5 % 13) / 4.0 - 1, i * 0.1) for i in range(12)]
    return s.createDataFrame([(i, ml.linalg.Vectors.dense(row)) for i, row in enumerate(rows)], ["id", "v"])


def sets(s: Any, ml: Any) -> Any:
    rows = [sorted({i % 10, (i * 3) % 10, (i * 7 + 1) % 10}) for i in range(12)]
    vectors = [(i, ml.linalg.Vectors.sparse(10, row, [1.0] * len(row))) for i, row in enumerate(rows)]
    return s.createDataFrame(vectors, ["id", "v"])


def _neighbours(model: Any, rows: Any, key: Any, limit: float) -> Any:
    near = [round(row.distCol, 9) for row in model.approxNearestNeighbors(rows, key, 3).collect()]
    joined = model.approxSimilarityJoin(rows, rows, limit).select("datasetA.id", "datasetB.id", "distCol")
    return [out(model.transform(rows)), near, sorted(told([list(row) for row in joined.collect()]))]


@program
def random_projections(s: Any, ml: Any) -> Any:
    make = ml.feature.BucketedRandomProjectionLSH
    lsh = make(inputCol="v", outputCol="o", seed=12345, bucketLength=1.0, numHashTables=3)
    rows = points(s, ml)
    return _neighbours(lsh.fit(rows), rows, ml.linalg.Vectors.dense(0.5, 0.5, 0.5), 1.0)


@program
def min_hashes(s: Any, ml: Any) -> Any:
    lsh = ml.feature.MinHashLSH(inputCol="v", outputCol="o", seed=12345, numHashTables=3)
    rows = sets(s, ml)
    return _neighbours(lsh.fit(rows), rows, ml.linalg.Vectors.sparse(10, [1, 2], [1.0, 1.0]), 0.6)


# ---- clusters ------------------------------------------------------------------------------------


def blobs(s: Any, ml: Any, shift: float = 0.0) -> Any:
    corners = [(0, 0), (10, 0), (0, 10), (10, 10)] * 6
    rows = [
        ((x + (i % 5) * 0.1 + shift, y + (i % 3) * 0.2 + shift, (i * 7 % 4) * 0.1 + shift), 1.0 + (i % 4))
        for i, (x, y) in enumerate(corners)
    ]
    made = [(ml.linalg.Vectors.dense(row), weight) for row, weight in rows]
    return s.createDataFrame(made, ["features", "w"]).coalesce(1)


@program
def k_means(s: Any, ml: Any) -> Any:
    settings: list[dict[str, Any]] = [{}, {"weightCol": "w"}]
    return [_k_means(ml.clustering.KMeans(k=4, **{"seed": 1, **one}).fit(blobs(s, ml))) for one in settings]


@program
def k_means_by_cosine(s: Any, ml: Any) -> Any:
    return _k_means(ml.clustering.KMeans(k=3, seed=1, distanceMeasure="cosine").fit(blobs(s, ml, 1.0)))


def _k_means(model: Any) -> Any:
    centers = sorted(told(center.tolist()) for center in model.clusterCenters())
    return [centers, sorted(model.summary.clusterSizes), told(model.summary.trainingCost), model.summary.k]


@program
def k_means_of_fewer_rows_than_clusters(s: Any, ml: Any) -> Any:
    rows = s.createDataFrame([(ml.linalg.Vectors.dense(float(i % 2)),) for i in range(4)], ["features"])
    return _k_means(ml.clustering.KMeans(k=3, seed=1).fit(rows))


@program
def bisecting_k_means(s: Any, ml: Any) -> Any:
    settings: list[dict[str, Any]] = [
        {"k": 2}, {"k": 3}, {"k": 4}, {"k": 5}, {"k": 7}, {"k": 4, "weightCol": "w"},
        {"k": 4, "minDivisibleClusterSize": 0.6},
    ]  # fmt: skip
    rows = blobs(s, ml)
    answers = []
    for one in settings:
        model = ml.clustering.BisectingKMeans(seed=1, **one).fit(rows)
        centers = told([center.tolist() for center in model.clusterCenters()])
        summary = [model.summary.clusterSizes, told(model.summary.trainingCost), model.summary.numIter]
        answers.append([centers, summary, out(model.transform(rows), "prediction")])
    return answers


@program
def bisecting_k_means_by_cosine(s: Any, ml: Any) -> Any:
    model = ml.clustering.BisectingKMeans(k=3, seed=1, distanceMeasure="cosine").fit(blobs(s, ml, 1.0))
    centers = told([center.tolist() for center in model.clusterCenters()])
    return [centers, model.summary.clusterSizes, told(model.summary.trainingCost)]


@program
def gaussian_mixture(s: Any, ml: Any) -> Any:
    rows = blobs(s, ml)
    answers = []
    for one in ({}, {"weightCol": "w"}):
        model = ml.clustering.GaussianMixture(k=2, seed=1, tol=1e-9, **one).fit(_two_clouds(s, ml))
        parts = zip(model.weights, model.gaussians, strict=True)
        found = sorted([round(w, 5), told(g.mean), told(g.cov)] for w, g in parts)
        likelihood = round(model.summary.logLikelihood, 5)
        answers.append([_rounded(found, 5), sorted(model.summary.clusterSizes), likelihood])
    return [answers, model.transform(rows.limit(0)).columns]


def _two_clouds(s: Any, ml: Any) -> Any:
    draw = random.Random(3)
    rows = [((draw.gauss(c, 1), draw.gauss(-c, 0.5)), 1.0 + i % 3) for i in range(60) for c in (0, 8)]
    made = [(ml.linalg.Vectors.dense(row), weight) for row, weight in rows]
    return s.createDataFrame(made, ["features", "w"]).coalesce(1)


def _rounded(value: Any, digits: int) -> Any:
    if isinstance(value, list):
        return [_rounded(item, digits) for item in value]
    return round(value, digits) + 0.0


@program
def power_iteration_clustering(s: Any, ml: Any) -> Any:
    within = [(i, j, 1.0) for i in range(5) for j in range(i)]
    beside = [(10 + i, 10 + j, 1.0) for i in range(4) for j in range(i)]
    graph = s.createDataFrame([*within, *beside, (4, 10, 0.1)], ["src", "dst", "weight"])
    make = ml.clustering.PowerIterationClustering
    groups = []
    for mode in ("random", "degree"):
        found = make(k=2, weightCol="weight", initMode=mode, maxIter=10).assignClusters(graph).collect()
        by_cluster: dict[int, list[int]] = {}
        for row in sorted(found):
            by_cluster.setdefault(row.cluster, []).append(row.id)
        groups.append(sorted(by_cluster.values()))
    return groups


# ---- statistics ----------------------------------------------------------------------------------


def observed(s: Any, ml: Any) -> Any:
    v = ml.linalg.Vectors
    rows = [
        (v.dense([1, 0, 0, -2]), 1.0, 0.0, 0.5), (v.dense([4, 5, 0, 3]), 2.0, 1.0, 1.5),
        (v.dense([6, 7, 0, 8]), 0.0, 0.0, -1.0), (v.sparse(4, [0, 3], [9.0, 1.0]), 3.0, 1.0, 2.5),
        (v.dense([4, 1, 0, 3]), 1.0, 2.0, 0.1),
    ]  # fmt: skip
    return s.createDataFrame(rows, ["f", "w", "label", "x"])


@program
def correlation(s: Any, ml: Any) -> Any:
    methods = ("pearson", "spearman")
    found = [ml.stat.Correlation.corr(observed(s, ml), "f", method) for method in methods]
    return [[frame.columns, told(frame.head()[0])] for frame in found]


@program
def chi_square_test(s: Any, ml: Any) -> Any:
    whole = ml.stat.ChiSquareTest.test(observed(s, ml), "f", "label").head()
    flat = ml.stat.ChiSquareTest.test(observed(s, ml), "f", "label", True)
    return [told(list(whole)), flat.columns, sorted(told([list(row) for row in flat.collect()]))]


@program
def kolmogorov_smirnov_test(s: Any, ml: Any) -> Any:
    many = s.createDataFrame([((i * 37 % 101) / 25.0 - 1.9,) for i in range(101)], ["x"])
    test = ml.stat.KolmogorovSmirnovTest.test
    rows = observed(s, ml)
    found = [test(rows, "x", "norm", 0.0, 1.0), test(rows, "x", "norm"), test(many, "x", "norm", 0.0, 1.2)]
    return [[_rounded(row.pValue, 7), told(row.statistic)] for row in (frame.head() for frame in found)]


METRICS = ("mean", "sum", "variance", "std", "count", "numNonZeros", "max", "min", "normL2", "normL1")


@program
def summaries(s: Any, ml: Any) -> Any:
    rows = observed(s, ml)
    build = ml.stat.Summarizer.metrics(*METRICS).summary
    whole = [rows.select(build(rows.f).alias("s")), rows.select(build(rows.f, rows.w).alias("s"))]
    found = [[told(list(row)) for row in frame.select("s.*").collect()] for frame in whole]
    single = [rows.select(getattr(ml.stat.Summarizer, name)(rows.f)) for name in METRICS]
    return [found, [[frame.columns, told(frame.head()[0])] for frame in single]]


@program
def summaries_of_groups(s: Any, ml: Any) -> Any:
    rows = observed(s, ml)
    found = rows.groupBy("label").agg(ml.stat.Summarizer.mean(rows.f, rows.w)).sort("label").collect()
    return [told(list(row)) for row in found]


# ---- what is refused -----------------------------------------------------------------------------


@refused
def tokens_of_numbers(s: Any, ml: Any) -> Any:
    rows = s.createDataFrame([(1,)], "t int")
    return ml.feature.Tokenizer(inputCol="t", outputCol="o").transform(rows)


@refused
def an_output_that_exists(s: Any, ml: Any) -> Any:
    return ml.feature.Tokenizer(inputCol="t", outputCol="t").transform(texts(s))


@refused
def a_column_that_is_missing(s: Any, ml: Any) -> Any:
    return ml.feature.Tokenizer(inputCol="zz", outputCol="o").transform(texts(s))


@refused
def stop_words_of_no_language(s: Any, ml: Any) -> Any:
    return ml.feature.StopWordsRemover.loadDefaultStopWords("klingon")


@refused
def stop_words_of_text(s: Any, ml: Any) -> Any:
    return ml.feature.StopWordsRemover(inputCol="t", outputCol="o").transform(texts(s))


@refused
def runs_of_text(s: Any, ml: Any) -> Any:
    return ml.feature.NGram(inputCol="t", outputCol="o").transform(texts(s))


@refused
def term_counts_of_text(s: Any, ml: Any) -> Any:
    return ml.feature.HashingTF(inputCol="t", outputCol="o").transform(texts(s))


@refused
def hashed_dates(s: Any, ml: Any) -> Any:
    rows = s.createDataFrame([(dt.date(2020, 1, 1),)], "d date")
    return ml.feature.FeatureHasher(inputCols=["d"], outputCol="o").transform(rows)


@refused
def fewer_rows_at_most_than_at_least(s: Any, ml: Any) -> Any:
    return ml.feature.CountVectorizer(inputCol="t", outputCol="o", minDF=3.0, maxDF=2.0).fit(counted(s))


@refused
def counted_numbers(s: Any, ml: Any) -> Any:
    rows = s.createDataFrame([([1],)], "t array<int>")
    return ml.feature.CountVectorizer(inputCol="t", outputCol="o").fit(rows)


@refused
def frequencies_of_text(s: Any, ml: Any) -> Any:
    return ml.feature.IDF(inputCol="t", outputCol="o").fit(texts(s))


@refused
def no_neighbours(s: Any, ml: Any) -> Any:
    model = ml.feature.MinHashLSH(inputCol="v", outputCol="o", seed=1).fit(sets(s, ml))
    return model.approxNearestNeighbors(sets(s, ml), ml.linalg.Vectors.sparse(10, [1], [1.0]), 0)


@refused
def neighbours_of_nothing(s: Any, ml: Any) -> Any:
    model = ml.feature.MinHashLSH(inputCol="v", outputCol="o", seed=1).fit(sets(s, ml))
    return model.approxNearestNeighbors(sets(s, ml), ml.linalg.Vectors.sparse(10, [], []), 1).collect()


@refused
def an_unknown_correlation(s: Any, ml: Any) -> Any:
    return ml.stat.Correlation.corr(observed(s, ml), "f", "kendall")


@refused
def a_correlation_of_one_row(s: Any, ml: Any) -> Any:
    return ml.stat.Correlation.corr(observed(s, ml).limit(1), "f")


@refused
def an_unknown_distribution(s: Any, ml: Any) -> Any:
    return ml.stat.KolmogorovSmirnovTest.test(observed(s, ml), "x", "exp", 0.0)


@refused
def a_distribution_without_its_deviation(s: Any, ml: Any) -> Any:
    return ml.stat.KolmogorovSmirnovTest.test(observed(s, ml), "x", "norm", 0.0)


@refused
def an_unknown_metric(s: Any, ml: Any) -> Any:
    return ml.stat.Summarizer.metrics("foo")


@refused
def no_metric(s: Any, ml: Any) -> Any:
    return ml.stat.Summarizer.metrics()
