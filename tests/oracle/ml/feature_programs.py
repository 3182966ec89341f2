"""Programs over `pyspark.ml.feature` that PySpark and streamcore must answer alike: numbers and categories.

Each takes a session, the module `feature` and the class `Vectors` of either library, and returns a DataFrame,
or one with what the model knows. Nothing of streamcore is imported here: the same file runs under PySpark to
freeze its answers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Program = Callable[[Any, Any, Any], Any]
PROGRAMS: dict[str, Program] = {}
REFUSED: dict[str, Program] = {}
SAVED: dict[str, Program] = {}
"""Programs that give something that can be saved, and a dataset that it transforms."""

INF, NAN = float("inf"), float("nan")


def program(function: Program) -> Program:
    PROGRAMS[function.__name__] = function
    return function


def refused(function: Program) -> Program:
    REFUSED[function.__name__] = function
    return function


def saved(function: Program) -> Program:
    SAVED[function.__name__] = function
    return function


def dense(s: Any, V: Any) -> Any:
    rows = [
        [2.0, 18.0, 0.0, -1.0],
        [4.5, 20.0, 0.0, 3.25],
        [-1.0, 19.5, 0.0, 0.5],
        [0.0, 21.0, 0.0, 7.0],
        [3.0, 18.0, 0.0, -2.5],
        [8.0, 23.0, 0.0, 0.125],
    ]
    return s.createDataFrame([(n, V.dense(row)) for n, row in enumerate(rows)], ["id", "v"])


def sparse(s: Any, V: Any) -> Any:
    rows = [
        V.sparse(5, {1: 2.0, 4: 3.0}),
        V.sparse(5, {0: -1.0, 1: 4.0}),
        V.sparse(5, {}),
        V.sparse(5, {1: 6.0, 3: 0.5, 4: -3.0}),
    ]
    return s.createDataFrame([(n, row) for n, row in enumerate(rows)], ["id", "v"])


def mixed(s: Any, V: Any) -> Any:
    rows = [
        V.dense([1.0, 0.0, 3.0]),
        V.sparse(3, {2: 5.0}),
        V.dense([0.0, 0.0, 0.0]),
        V.sparse(3, {0: 2.0, 1: -1.0}),
    ]
    return s.createDataFrame([(n, row) for n, row in enumerate(rows)], ["id", "v"])


def holed(s: Any) -> Any:
    rows = [(1.0, 3, 2.5), (None, 4, NAN), (5.0, None, 1.5), (NAN, 3, 1.5), (2.0, 9, None)]
    return s.createDataFrame(rows, "a double, b int, c float")


def words(s: Any) -> Any:
    rows = [
        (0, "a", "x", 1.0, True),
        (1, "b", "y", 0.0, False),
        (2, "c", "y", 1.0, True),
        (3, "a", "z", 0.0, True),
        (4, "a", "y", 1.0, False),
        (5, "c", "z", 5.0, False),
    ]
    return s.createDataFrame(rows, "id int, w string, u string, n double, flag boolean")


def words_with_null(s: Any) -> Any:
    rows = [("a", 1.0), (None, 2.0), ("b", NAN), ("zz", None), ("a", 1.0)]
    return s.createDataFrame(rows, "w string, n double")


def categories(s: Any) -> Any:
    rows = [(0.0, 1, 1.0), (1.0, 0, 0.0), (2.0, 1, 1.0), (0.0, 2, 0.0), (2.0, 2, 1.0)]
    return s.createDataFrame(rows, "a double, b int, label double")


def labelled(s: Any, V: Any) -> Any:
    rows = [
        ([1.7, 4.4, 7.6, 5.8, 9.6, 2.3], 3.0, 4.6),
        ([8.8, 7.3, 5.7, 7.3, 2.2, 4.1], 2.0, 6.6),
        ([1.2, 9.5, 2.5, 3.1, 8.7, 2.5], 1.0, 5.1),
        ([3.7, 9.2, 6.1, 4.1, 7.5, 3.8], 2.0, 7.6),
        ([8.9, 5.2, 7.8, 8.3, 5.2, 3.0], 4.0, 9.0),
        ([7.9, 8.5, 9.2, 4.0, 9.4, 2.1], 4.0, 9.0),
        ([7.0, 8.1, 9.0, 4.5, 9.9, 2.2], 4.0, 8.5),
        ([2.0, 9.0, 6.0, 4.0, 7.0, 3.5], 2.0, 7.0),
    ]
    return s.createDataFrame([(V.dense(v), y, r) for v, y, r in rows], ["features", "label", "target"])


def counted(s: Any, V: Any) -> Any:
    rows = [
        ([0.0, 0.0, 18.0, 1.0], 1.0),
        ([0.0, 1.0, 12.0, 0.0], 0.0),
        ([1.0, 0.0, 15.0, 0.1], 0.0),
        ([0.0, 1.0, 18.0, 1.0], 1.0),
        ([1.0, 1.0, 12.0, 0.0], 0.0),
    ]
    return s.createDataFrame([(V.dense(v), y) for v, y in rows], ["features", "label"])


# ---- scalers -------------------------------------------------------------------------------------


@program
def standard_scaler_scales_by_the_unbiased_deviation(s: Any, F: Any, V: Any) -> Any:
    df = dense(s, V)
    model = F.StandardScaler(inputCol="v", outputCol="o").fit(df)
    return model.transform(df), {"mean": model.mean, "std": model.std}


@program
def standard_scaler_with_mean(s: Any, F: Any, V: Any) -> Any:
    df = dense(s, V)
    return F.StandardScaler(inputCol="v", outputCol="o", withMean=True).fit(df).transform(df)


@program
def standard_scaler_with_mean_alone(s: Any, F: Any, V: Any) -> Any:
    df = mixed(s, V)
    return F.StandardScaler(inputCol="v", outputCol="o", withMean=True, withStd=False).fit(df).transform(df)


@program
def standard_scaler_keeps_sparse_vectors_sparse(s: Any, F: Any, V: Any) -> Any:
    df = sparse(s, V)
    model = F.StandardScaler(inputCol="v", outputCol="o").fit(df)
    return model.transform(df), {"mean": model.mean, "std": model.std}


@program
def standard_scaler_without_anything(s: Any, F: Any, V: Any) -> Any:
    df = mixed(s, V)
    return F.StandardScaler(inputCol="v", outputCol="o", withStd=False).fit(df).transform(df)


@program
def min_max_scaler(s: Any, F: Any, V: Any) -> Any:
    df = dense(s, V)
    model = F.MinMaxScaler(inputCol="v", outputCol="o").fit(df)
    return model.transform(df), {"min": model.originalMin, "max": model.originalMax}


@program
def min_max_scaler_to_a_range(s: Any, F: Any, V: Any) -> Any:
    df = sparse(s, V)
    return F.MinMaxScaler(inputCol="v", outputCol="o", min=-1.0, max=3.0).fit(df).transform(df)


@program
def min_max_scaler_leaves_nan(s: Any, F: Any, V: Any) -> Any:
    df = s.createDataFrame([(V.dense([1.0, NAN]),), (V.dense([NAN, 3.0]),), (V.dense([3.0, 4.0]),)], ["v"])
    model = F.MinMaxScaler(inputCol="v", outputCol="o").fit(df)
    return model.transform(df), {"min": model.originalMin, "max": model.originalMax}


@program
def max_abs_scaler(s: Any, F: Any, V: Any) -> Any:
    df = mixed(s, V)
    model = F.MaxAbsScaler(inputCol="v", outputCol="o").fit(df)
    return model.transform(df), {"maxAbs": model.maxAbs}


@program
def max_abs_scaler_of_zeros(s: Any, F: Any, V: Any) -> Any:
    df = dense(s, V)
    return F.MaxAbsScaler(inputCol="v", outputCol="o").fit(df).transform(df)


@program
def robust_scaler(s: Any, F: Any, V: Any) -> Any:
    df = dense(s, V)
    model = F.RobustScaler(inputCol="v", outputCol="o").fit(df)
    return model.transform(df), {"median": list(model.median.toArray()), "range": list(model.range.toArray())}


@program
def robust_scaler_centred(s: Any, F: Any, V: Any) -> Any:
    df = dense(s, V)
    scaler = F.RobustScaler(inputCol="v", outputCol="o", withCentering=True, lower=0.1, upper=0.9)
    model = scaler.fit(df)
    return model.transform(df), {"median": list(model.median.toArray()), "range": list(model.range.toArray())}


@program
def robust_scaler_of_sparse_vectors(s: Any, F: Any, V: Any) -> Any:
    df = sparse(s, V)
    model = F.RobustScaler(inputCol="v", outputCol="o").fit(df)
    return model.transform(df), {"median": list(model.median.toArray()), "range": list(model.range.toArray())}


@program
def robust_scaler_passes_over_nan(s: Any, F: Any, V: Any) -> Any:
    df = s.createDataFrame([(V.dense([1.0, NAN]),), (V.dense([NAN, 3.0]),), (V.dense([3.0, 4.0]),)], ["v"])
    model = F.RobustScaler(inputCol="v", outputCol="o").fit(df)
    return model.transform(df), {"median": list(model.median.toArray()), "range": list(model.range.toArray())}


@program
def normalizer_by_several_norms(s: Any, F: Any, V: Any) -> Any:
    df = mixed(s, V)
    for name, p in [("two", 2.0), ("one", 1.0), ("three", 3.0), ("most", INF)]:
        df = F.Normalizer(inputCol="v", outputCol=name, p=p).transform(df)
    return df


# ---- vectors -------------------------------------------------------------------------------------


@program
def assembler_of_numbers_and_vectors(s: Any, F: Any, V: Any) -> Any:
    df = s.createDataFrame(
        [(1, 2.5, True, V.dense([0.0, 7.0])), (0, 0.0, False, V.sparse(2, {1: 3.0}))], ["i", "d", "f", "v"]
    )
    return F.VectorAssembler(inputCols=["i", "d", "f", "v"], outputCol="o").transform(df)


@program
def assembler_packs_rows_of_many_zeros(s: Any, F: Any, V: Any) -> Any:
    rows = [
        (0.0, V.sparse(6, {2: 4.0})),
        (1.0, V.dense([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])),
        (0.0, V.sparse(6, {})),
    ]
    return F.VectorAssembler(inputCols=["d", "v"], outputCol="o").transform(
        s.createDataFrame(rows, ["d", "v"])
    )


@program
def assembler_names_what_it_assembles(s: Any, F: Any, V: Any) -> Any:
    df = F.StringIndexer(inputCol="w", outputCol="wi").fit(words(s)).transform(words(s))
    df = F.OneHotEncoder(inputCol="wi", outputCol="wv").fit(df).transform(df)
    df = F.VectorAssembler(inputCols=["n", "wi"], outputCol="first").transform(df)
    return F.VectorAssembler(inputCols=["wi", "n", "wv", "first", "id"], outputCol="o").transform(df)


@program
def assembler_keeps_what_is_invalid(s: Any, F: Any, V: Any) -> Any:
    return F.VectorAssembler(inputCols=["a", "b", "c"], outputCol="o", handleInvalid="keep").transform(
        holed(s)
    )


@program
def assembler_skips_what_is_invalid(s: Any, F: Any, V: Any) -> Any:
    return F.VectorAssembler(inputCols=["a", "b", "c"], outputCol="o", handleInvalid="skip").transform(
        holed(s)
    )


@program
def assembler_keeps_null_vectors_of_a_known_size(s: Any, F: Any, V: Any) -> Any:
    df = s.createDataFrame([(1, V.dense([1.0, 2.0])), (2, None), (3, V.dense([NAN, 1.0]))], ["id", "v"])
    hinted = F.VectorSizeHint(inputCol="v", size=2, handleInvalid="optimistic").transform(df)
    return F.VectorAssembler(inputCols=["id", "v"], outputCol="o", handleInvalid="keep").transform(hinted)


@program
def assembler_skips_null_vectors(s: Any, F: Any, V: Any) -> Any:
    df = s.createDataFrame([(1, V.dense([1.0, 2.0])), (2, None), (3, V.dense([NAN, 1.0]))], ["id", "v"])
    return F.VectorAssembler(inputCols=["id", "v"], outputCol="o", handleInvalid="skip").transform(df)


@program
def slicer_by_indices(s: Any, F: Any, V: Any) -> Any:
    return F.VectorSlicer(inputCol="v", outputCol="o", indices=[3, 1]).transform(dense(s, V))


@program
def slicer_of_sparse_vectors(s: Any, F: Any, V: Any) -> Any:
    return F.VectorSlicer(inputCol="v", outputCol="o", indices=[4, 2, 1]).transform(sparse(s, V))


@program
def slicer_by_names(s: Any, F: Any, V: Any) -> Any:
    df = F.VectorAssembler(inputCols=["id", "n", "flag"], outputCol="v").transform(words(s))
    return F.VectorSlicer(inputCol="v", outputCol="o", indices=[1], names=["flag", "id"]).transform(df)


@program
def size_hint_of_vectors_of_that_size(s: Any, F: Any, V: Any) -> Any:
    return F.VectorSizeHint(inputCol="v", size=4).transform(dense(s, V))


@program
def size_hint_skips_others(s: Any, F: Any, V: Any) -> Any:
    df = s.createDataFrame([(1, V.dense([1.0, 2.0])), (2, None), (3, V.dense([1.0]))], ["id", "v"])
    return F.VectorSizeHint(inputCol="v", size=2, handleInvalid="skip").transform(df)


@program
def size_hint_is_optimistic(s: Any, F: Any, V: Any) -> Any:
    df = s.createDataFrame([(1, V.dense([1.0, 2.0])), (2, None), (3, V.dense([1.0]))], ["id", "v"])
    return F.VectorSizeHint(inputCol="v", size=2, handleInvalid="optimistic").transform(df)


@program
def elementwise_product(s: Any, F: Any, V: Any) -> Any:
    weights = V.dense([2.0, 0.0, -1.0])
    return F.ElementwiseProduct(inputCol="v", outputCol="o", scalingVec=weights).transform(mixed(s, V))


@program
def interaction_of_numbers_and_vectors(s: Any, F: Any, V: Any) -> Any:
    rows = [
        (2, V.dense([1.0, 3.0]), V.dense([0.0, 5.0, 1.0])),
        (-1, V.dense([0.0, 4.0]), V.sparse(3, {0: 2.0})),
    ]
    df = s.createDataFrame(rows, ["n", "v", "w"])
    df = F.VectorAssembler(inputCols=["v"], outputCol="vv").transform(df)
    df = F.VectorAssembler(inputCols=["w"], outputCol="ww").transform(df)
    return F.Interaction(inputCols=["n", "vv", "ww"], outputCol="o").transform(df)


@program
def interaction_of_categories(s: Any, F: Any, V: Any) -> Any:
    df = F.StringIndexer(inputCols=["w", "u"], outputCols=["wi", "ui"]).fit(words(s)).transform(words(s))
    df = F.VectorAssembler(inputCols=["id", "n"], outputCol="v").transform(df)
    df = F.Interaction(inputCols=["wi", "v"], outputCol="o").transform(df)
    return F.Interaction(inputCols=["wi", "ui", "n"], outputCol="p").transform(df)


@program
def polynomial_expansion(s: Any, F: Any, V: Any) -> Any:
    df = mixed(s, V)
    for degree in (1, 2, 3):
        df = F.PolynomialExpansion(inputCol="v", outputCol=f"o{degree}", degree=degree).transform(df)
    return df


@program
def discrete_cosine_transform(s: Any, F: Any, V: Any) -> Any:
    df = F.DCT(inputCol="v", outputCol="o").transform(mixed(s, V))
    return F.DCT(inputCol="v", outputCol="back", inverse=True).transform(df)


@program
def principal_components(s: Any, F: Any, V: Any) -> Any:
    df = dense(s, V)
    model = F.PCA(inputCol="v", outputCol="o", k=3).fit(df)
    return model.transform(df), {"pc": model.pc.toArray().tolist(), "variance": model.explainedVariance}


@program
def principal_components_of_sparse_vectors(s: Any, F: Any, V: Any) -> Any:
    df = sparse(s, V)
    model = F.PCA(inputCol="v", outputCol="o", k=2).fit(df)
    return model.transform(df), {"pc": model.pc.toArray().tolist(), "variance": model.explainedVariance}


# ---- buckets -------------------------------------------------------------------------------------


@program
def binarizer_of_a_column(s: Any, F: Any, V: Any) -> Any:
    return F.Binarizer(inputCol="n", outputCol="o", threshold=0.5).transform(words(s))


@program
def binarizer_of_vectors(s: Any, F: Any, V: Any) -> Any:
    df = F.Binarizer(inputCol="v", outputCol="o", threshold=1.5).transform(mixed(s, V))
    return F.Binarizer(inputCol="v", outputCol="low", threshold=-0.5).transform(df)


@program
def binarizer_of_several_columns(s: Any, F: Any, V: Any) -> Any:
    df = categories(s)
    df = F.Binarizer(inputCols=["a", "label"], outputCols=["x", "y"], thresholds=[1.5, 0.5]).transform(df)
    return F.Binarizer(inputCols=["a", "label"], outputCols=["x1", "y1"], threshold=0.0).transform(df)


@program
def binarizer_of_nulls(s: Any, F: Any, V: Any) -> Any:
    return F.Binarizer(inputCol="a", outputCol="x", threshold=1.5).transform(holed(s).select("a"))


@program
def bucketizer_keeps_nan(s: Any, F: Any, V: Any) -> Any:
    df = holed(s).select("a")
    return F.Bucketizer(
        inputCol="a", outputCol="o", splits=[0.0, 1.0, 2.0, 5.0], handleInvalid="keep"
    ).transform(df)


@program
def bucketizer_leaves_null(s: Any, F: Any, V: Any) -> Any:
    df = s.createDataFrame([(None,), (1.0,)], "a double")
    return F.Bucketizer(inputCol="a", outputCol="o", splits=[0.0, 1.0, 2.0]).transform(df)


@program
def bucketizer_skips_nan_and_null(s: Any, F: Any, V: Any) -> Any:
    return F.Bucketizer(inputCol="a", outputCol="o", splits=[-INF, 2.0, INF], handleInvalid="skip").transform(
        holed(s)
    )


@program
def bucketizer_of_several_columns(s: Any, F: Any, V: Any) -> Any:
    splits = [[-INF, 2.0, 4.0, INF], [0.0, 3.0, 4.0, 9.0]]
    return F.Bucketizer(
        inputCols=["a", "b"], outputCols=["x", "y"], splitsArray=splits, handleInvalid="keep"
    ).transform(holed(s))


@program
def quantile_discretizer(s: Any, F: Any, V: Any) -> Any:
    df = s.createDataFrame([(float(n % 7),) for n in range(40)], ["x"])
    model = F.QuantileDiscretizer(inputCol="x", outputCol="o", numBuckets=4).fit(df)
    return model.transform(df), {"splits": model.getSplits()}


@program
def quantile_discretizer_of_few_values(s: Any, F: Any, V: Any) -> Any:
    df = s.createDataFrame([(1.0,), (1.0,), (1.0,), (3.0,), (None,), (NAN,)], ["x"])
    model = F.QuantileDiscretizer(inputCol="x", outputCol="o", numBuckets=10, handleInvalid="keep").fit(df)
    return model.transform(df), {"splits": model.getSplits()}


@program
def quantile_discretizer_of_several_columns(s: Any, F: Any, V: Any) -> Any:
    df = s.createDataFrame([(float(n), n * n % 11) for n in range(20)], ["x", "y"])
    model = F.QuantileDiscretizer(inputCols=["x", "y"], outputCols=["o", "p"], numBucketsArray=[3, 5]).fit(df)
    return model.transform(df), {"splits": model.getSplitsArray()}


@program
def quantile_discretizer_of_several_columns_with_one_number(s: Any, F: Any, V: Any) -> Any:
    df = s.createDataFrame([(float(n), n * n % 11) for n in range(20)], ["x", "y"])
    model = F.QuantileDiscretizer(inputCols=["x", "y"], outputCols=["o", "p"], numBuckets=4).fit(df)
    return model.transform(df), {"splits": model.getSplitsArray()}


@program
def imputer_by_mean(s: Any, F: Any, V: Any) -> Any:
    model = F.Imputer(inputCols=["a", "b", "c"], outputCols=["x", "y", "z"]).fit(holed(s))
    return model.transform(holed(s)), {"surrogate": [list(row) for row in model.surrogateDF.collect()]}


@program
def imputer_by_median(s: Any, F: Any, V: Any) -> Any:
    imputer = F.Imputer(inputCols=["a", "b", "c"], outputCols=["x", "y", "z"], strategy="median")
    model = imputer.fit(holed(s))
    return model.transform(holed(s)), {"surrogate": [list(row) for row in model.surrogateDF.collect()]}


@program
def imputer_by_mode(s: Any, F: Any, V: Any) -> Any:
    imputer = F.Imputer(inputCols=["a", "b", "c"], outputCols=["x", "y", "z"], strategy="mode")
    model = imputer.fit(holed(s))
    return model.transform(holed(s)), {"surrogate": [list(row) for row in model.surrogateDF.collect()]}


@program
def imputer_of_a_missing_value(s: Any, F: Any, V: Any) -> Any:
    df = s.createDataFrame([(1.0,), (9.0,), (4.0,), (None,)], "a double")
    return F.Imputer(inputCol="a", outputCol="o", missingValue=9.0).fit(df).transform(df)


# ---- categories ----------------------------------------------------------------------------------


@program
def string_indexer_by_every_order(s: Any, F: Any, V: Any) -> Any:
    df = words(s)
    labels = {}
    for order in ("frequencyDesc", "frequencyAsc", "alphabetDesc", "alphabetAsc"):
        model = F.StringIndexer(inputCol="u", outputCol=order, stringOrderType=order).fit(df)
        df = model.transform(df)
        labels[order] = model.labels
    return df, labels


@program
def string_indexer_of_several_columns(s: Any, F: Any, V: Any) -> Any:
    model = F.StringIndexer(inputCols=["w", "u", "n"], outputCols=["a", "b", "c"]).fit(words(s))
    return model.transform(words(s)), {"labels": model.labelsArray}


@program
def string_indexer_of_whole_numbers(s: Any, F: Any, V: Any) -> Any:
    df = s.createDataFrame([(10,), (9,), (9,), (2,)], "n int")
    model = F.StringIndexer(inputCol="n", outputCol="o", stringOrderType="alphabetAsc").fit(df)
    return model.transform(df), {"labels": model.labels}


@program
def string_indexer_keeps_what_it_has_not_seen(s: Any, F: Any, V: Any) -> Any:
    model = F.StringIndexer(inputCol="w", outputCol="o", handleInvalid="keep").fit(words(s))
    return model.transform(words_with_null(s)), {"labels": model.labels}


@program
def string_indexer_skips_what_it_has_not_seen(s: Any, F: Any, V: Any) -> Any:
    model = F.StringIndexer(inputCol="w", outputCol="o", handleInvalid="skip").fit(words(s))
    return model.transform(words_with_null(s)), {"labels": model.labels}


@program
def string_indexer_passes_over_null_when_it_skips(s: Any, F: Any, V: Any) -> Any:
    model = F.StringIndexer(inputCol="w", outputCol="o", handleInvalid="skip").fit(words_with_null(s))
    return model.transform(words_with_null(s)), {"labels": model.labels}


@program
def string_indexer_model_from_labels(s: Any, F: Any, V: Any) -> Any:
    model = F.StringIndexerModel.from_labels(
        ["c", "b", "a"], inputCol="w", outputCol="o", handleInvalid="error"
    )
    return model.transform(words(s)), {"labels": model.labels}


@program
def string_indexer_model_from_arrays_of_labels(s: Any, F: Any, V: Any) -> Any:
    made = F.StringIndexerModel.from_arrays_of_labels
    model = made(
        [["c", "b", "a"], ["z", "y", "q"]], inputCols=["w", "u"], outputCols=["o", "p"], handleInvalid="skip"
    )
    return model.transform(words(s)), {"labels": model.labelsArray}


@program
def string_indexer_model_leaves_out_a_missing_column(s: Any, F: Any, V: Any) -> Any:
    model = F.StringIndexer(inputCols=["w", "u"], outputCols=["a", "b"]).fit(words(s))
    return model.transform(words(s).drop("u"))


@program
def index_to_string_by_metadata(s: Any, F: Any, V: Any) -> Any:
    df = F.StringIndexer(inputCol="w", outputCol="i").fit(words(s)).transform(words(s))
    return F.IndexToString(inputCol="i", outputCol="o").transform(df)


@program
def index_to_string_by_labels(s: Any, F: Any, V: Any) -> Any:
    return F.IndexToString(inputCol="a", outputCol="o", labels=["p", "q", "r"]).transform(categories(s))


@program
def one_hot_encoder(s: Any, F: Any, V: Any) -> Any:
    model = F.OneHotEncoder(inputCols=["a", "b"], outputCols=["x", "y"]).fit(categories(s))
    return model.transform(categories(s)), {"sizes": list(model.categorySizes)}


@program
def one_hot_encoder_of_all_categories(s: Any, F: Any, V: Any) -> Any:
    return (
        F.OneHotEncoder(inputCol="a", outputCol="x", dropLast=False)
        .fit(categories(s))
        .transform(categories(s))
    )


@program
def one_hot_encoder_takes_names_of_metadata(s: Any, F: Any, V: Any) -> Any:
    df = F.StringIndexer(inputCol="w", outputCol="i").fit(words(s)).transform(words(s))
    df = F.OneHotEncoder(inputCol="i", outputCol="x").fit(df).transform(df)
    return F.OneHotEncoder(inputCol="i", outputCol="y", dropLast=False).fit(df).transform(df)


@program
def one_hot_encoder_keeps_what_is_invalid(s: Any, F: Any, V: Any) -> Any:
    df = s.createDataFrame([(0.0,), (5.0,), (-1.0,), (2.0,)], ["a"])
    result = df
    for last in (True, False):
        encoder = F.OneHotEncoder(inputCol="a", outputCol=f"x{last}", dropLast=last, handleInvalid="keep")
        result = encoder.fit(categories(s)).transform(result)
    return result


@program
def one_hot_encoder_keeps_with_metadata(s: Any, F: Any, V: Any) -> Any:
    df = F.StringIndexer(inputCol="w", outputCol="i").fit(words(s)).transform(words(s))
    return F.OneHotEncoder(inputCol="i", outputCol="x", handleInvalid="keep").fit(df).transform(df)


@program
def target_encoder_of_a_binary_label(s: Any, F: Any, V: Any) -> Any:
    encoder = F.TargetEncoder(inputCols=["a", "b"], outputCols=["x", "y"], labelCol="label")
    return encoder.fit(categories(s)).transform(categories(s))


@program
def target_encoder_smoothed(s: Any, F: Any, V: Any) -> Any:
    encoder = F.TargetEncoder(inputCol="a", outputCol="x", labelCol="label", smoothing=1.5)
    return encoder.fit(categories(s)).transform(categories(s))


@program
def target_encoder_of_a_continuous_label(s: Any, F: Any, V: Any) -> Any:
    df = s.createDataFrame(
        [(0.0, 1.5), (1.0, 2.0), (0.0, 4.0), (None, 8.0), (1.0, None), (1.0, NAN)], ["a", "label"]
    )
    encoder = F.TargetEncoder(inputCol="a", outputCol="x", targetType="continuous", smoothing=1.0)
    return encoder.fit(df).transform(df)


@program
def target_encoder_keeps_what_it_has_not_seen(s: Any, F: Any, V: Any) -> Any:
    df = s.createDataFrame([(0.0,), (9.0,), (None,)], "a double")
    encoder = F.TargetEncoder(inputCol="a", outputCol="x", labelCol="label", handleInvalid="keep")
    return encoder.fit(categories(s)).transform(df)


@program
def vector_indexer(s: Any, F: Any, V: Any) -> Any:
    df = dense(s, V)
    model = F.VectorIndexer(inputCol="v", outputCol="o", maxCategories=4).fit(df)
    return model.transform(df), {
        "maps": {str(k): v for k, v in model.categoryMaps.items()},
        "n": model.numFeatures,
    }


@program
def vector_indexer_puts_zero_first(s: Any, F: Any, V: Any) -> Any:
    df = mixed(s, V)
    model = F.VectorIndexer(inputCol="v", outputCol="o").fit(df)
    return model.transform(df), {"maps": {str(k): v for k, v in model.categoryMaps.items()}}


@program
def vector_indexer_keeps_what_it_has_not_seen(s: Any, F: Any, V: Any) -> Any:
    new = s.createDataFrame([(V.dense([1.0, 8.0, 3.0]),), (V.sparse(3, {0: 7.0}),)], ["v"])
    return F.VectorIndexer(inputCol="v", outputCol="o", handleInvalid="keep").fit(mixed(s, V)).transform(new)


@program
def vector_indexer_skips_what_it_has_not_seen(s: Any, F: Any, V: Any) -> Any:
    new = s.createDataFrame([(V.dense([1.0, 8.0, 3.0]),), (V.sparse(3, {0: 2.0}),)], ["v"])
    return F.VectorIndexer(inputCol="v", outputCol="o", handleInvalid="skip").fit(mixed(s, V)).transform(new)


@program
def vector_indexer_keeps_names(s: Any, F: Any, V: Any) -> Any:
    df = F.VectorAssembler(inputCols=["id", "n", "flag"], outputCol="v").transform(words(s))
    return F.VectorIndexer(inputCol="v", outputCol="o", maxCategories=3).fit(df).transform(df)


# ---- selectors -----------------------------------------------------------------------------------


def _chosen(selector: Any, df: Any) -> Any:
    model = selector.fit(df)
    return model.transform(df), {"selected": sorted(model.selectedFeatures)}


@program
def chi_squared_selector(s: Any, F: Any, V: Any) -> Any:
    return _chosen(F.ChiSqSelector(numTopFeatures=2, outputCol="o"), counted(s, V))


@program
def chi_squared_selector_by_percentile(s: Any, F: Any, V: Any) -> Any:
    return _chosen(F.ChiSqSelector(selectorType="percentile", percentile=0.5, outputCol="o"), counted(s, V))


@program
def chi_squared_selector_by_fpr(s: Any, F: Any, V: Any) -> Any:
    return _chosen(F.ChiSqSelector(selectorType="fpr", fpr=0.2, outputCol="o"), counted(s, V))


@program
def chi_squared_selector_by_fdr(s: Any, F: Any, V: Any) -> Any:
    return _chosen(F.ChiSqSelector(selectorType="fdr", fdr=0.2, outputCol="o"), counted(s, V))


@program
def chi_squared_selector_by_fwe(s: Any, F: Any, V: Any) -> Any:
    return _chosen(F.ChiSqSelector(selectorType="fwe", fwe=0.5, outputCol="o"), counted(s, V))


def _univariate(
    F: Any, features: str, label: str, mode: str, threshold: float | None = None, **more: Any
) -> Any:
    selector = F.UnivariateFeatureSelector(outputCol="o", selectionMode=mode, **more)
    selector.setFeatureType(features).setLabelType(label)
    return selector if threshold is None else selector.setSelectionThreshold(threshold)


@program
def univariate_selector_by_anova(s: Any, F: Any, V: Any) -> Any:
    return _chosen(_univariate(F, "continuous", "categorical", "numTopFeatures", 2), labelled(s, V))


@program
def univariate_selector_by_anova_and_fdr(s: Any, F: Any, V: Any) -> Any:
    return _chosen(_univariate(F, "continuous", "categorical", "fdr", 0.1), labelled(s, V))


@program
def univariate_selector_by_regression(s: Any, F: Any, V: Any) -> Any:
    selector = _univariate(F, "continuous", "continuous", "fpr", 0.3, labelCol="target")
    return _chosen(selector, labelled(s, V))


@program
def univariate_selector_by_regression_and_fwe(s: Any, F: Any, V: Any) -> Any:
    selector = _univariate(F, "continuous", "continuous", "fwe", 0.9, labelCol="target")
    return _chosen(selector, labelled(s, V))


@program
def univariate_selector_by_chi_squared(s: Any, F: Any, V: Any) -> Any:
    return _chosen(_univariate(F, "categorical", "categorical", "percentile", 0.5), counted(s, V))


@program
def univariate_selector_has_a_default_for_every_mode(s: Any, F: Any, V: Any) -> Any:
    chosen = {}
    for mode in ("numTopFeatures", "percentile", "fpr", "fdr", "fwe"):
        selector = _univariate(F, "continuous", "categorical", mode)
        chosen[mode] = sorted(selector.fit(labelled(s, V)).selectedFeatures)
    return labelled(s, V), chosen


@program
def variance_threshold_selector(s: Any, F: Any, V: Any) -> Any:
    return _chosen(
        F.VarianceThresholdSelector(featuresCol="v", outputCol="o", varianceThreshold=5.0), dense(s, V)
    )


@program
def variance_threshold_selector_of_all_that_varies(s: Any, F: Any, V: Any) -> Any:
    return _chosen(F.VarianceThresholdSelector(featuresCol="v", outputCol="o"), sparse(s, V))


@program
def selector_keeps_names(s: Any, F: Any, V: Any) -> Any:
    df = F.VectorAssembler(inputCols=["id", "n", "flag"], outputCol="features").transform(words(s))
    return _chosen(F.VarianceThresholdSelector(outputCol="o", varianceThreshold=1.0), df)


# ---- statements and formulas ---------------------------------------------------------------------


@program
def sql_transformer(s: Any, F: Any, V: Any) -> Any:
    return F.SQLTransformer(statement="SELECT *, id * n AS o FROM __THIS__ WHERE id > 1").transform(words(s))


@program
def sql_transformer_aggregates(s: Any, F: Any, V: Any) -> Any:
    statement = "SELECT w, sum(n) AS total FROM __THIS__ AS t GROUP BY w ORDER BY w"
    return F.SQLTransformer(statement=statement).transform(words(s))


FORMULAS = {
    "numbers": "n ~ id",
    "a_string": "n ~ w",
    "a_string_with_no_intercept": "n ~ w + u - 1",
    "no_intercept_written_as_zero": "n ~ w + u + 0",
    "everything": "n ~ .",
    "everything_but": "n ~ . - id - flag",
    "an_interaction": "n ~ id:w",
    "an_interaction_of_strings": "n ~ w:u",
    "an_interaction_with_its_parts": "n ~ w + u + w:u",
    "a_product": "n ~ w*id",
    "a_power": "n ~ (w + id + u)^2",
    "a_flag": "n ~ flag",
    "columns_and_the_constant": "n ~ id - w - 1 + 0",
    "a_constant_taken_away_and_given_back": "n ~ w - 1 + 1",
    "no_constant_and_an_interaction": "n ~ w - 1 + id:u - u",
    "a_column_with_itself": "n ~ w:w + id:id",
    "no_label": "~ id",
    "three_columns_at_once": "n ~ id:w:u",
    "a_product_of_sums": "n ~ (id + w)*u",
    "a_power_in_an_interaction": "n ~ w:(id + u)^2",
    "a_constant_in_an_interaction": "n ~ (w + 1):id",
    "a_column_taken_away": "n ~ id - id",
    "no_constant_alone": "n ~ 0",
    "spaces_left_out": "n~id+w:id",
    "a_string_label": "w ~ id + n",
    "a_label_of_flags": "flag ~ id",
    "no_terms": "n ~ 1",
    "parentheses": "n ~ (id + w):u",
    "parentheses_taken_away": "n ~ (id + w + u) - (id + u)",
    "a_name_twice": "n ~ id + id",
    "everything_and_an_interaction": "n ~ . + w:id",
}


def _formula(text: str) -> Program:
    def run(s: Any, F: Any, V: Any) -> Any:
        return F.RFormula(formula=text).fit(words(s)).transform(words(s))

    return run


PROGRAMS.update({f"formula_of_{name}": _formula(text) for name, text in FORMULAS.items()})


@program
def formula_by_every_order(s: Any, F: Any, V: Any) -> Any:
    df = words(s)
    for order in ("frequencyDesc", "frequencyAsc", "alphabetDesc", "alphabetAsc"):
        formula = F.RFormula(
            formula="n ~ w + u", stringIndexerOrderType=order, featuresCol=order, labelCol="n"
        )
        df = formula.fit(df).transform(df)
    return df


@program
def formula_forces_the_index_of_its_label(s: Any, F: Any, V: Any) -> Any:
    return F.RFormula(formula="n ~ id", forceIndexLabel=True).fit(words(s)).transform(words(s))


@program
def formula_without_a_label_column(s: Any, F: Any, V: Any) -> Any:
    return F.RFormula(formula="n ~ w + id").fit(words(s)).transform(words(s).drop("n"))


@program
def formula_of_a_vector(s: Any, F: Any, V: Any) -> Any:
    df = F.VectorAssembler(inputCols=["id", "n"], outputCol="v").transform(words(s))
    return F.RFormula(formula="n ~ v + w:v").fit(df).transform(df)


@program
def formula_keeps_what_it_has_not_seen(s: Any, F: Any, V: Any) -> Any:
    model = F.RFormula(formula="n ~ w + id", handleInvalid="keep").fit(words(s))
    new = s.createDataFrame([(1, "zz", 1.0), (2, "a", 2.0), (3, None, 3.0)], "id int, w string, n double")
    return model.transform(new)


@program
def formula_skips_what_it_has_not_seen(s: Any, F: Any, V: Any) -> Any:
    model = F.RFormula(formula="n ~ w + id", handleInvalid="skip").fit(words(s))
    new = s.createDataFrame([(1, "zz", 1.0), (2, "a", 2.0), (3, None, 3.0)], "id int, w string, n double")
    return model.transform(new)


# ---- what is refused -----------------------------------------------------------------------------


@refused
def an_output_column_that_exists(s: Any, F: Any, V: Any) -> Any:
    return F.Binarizer(inputCol="n", outputCol="id").transform(words(s))


@refused
def an_assembler_output_that_exists(s: Any, F: Any, V: Any) -> Any:
    return F.VectorAssembler(inputCols=["n"], outputCol="id").transform(words(s))


@refused
def a_scaler_output_that_exists(s: Any, F: Any, V: Any) -> Any:
    return F.StandardScaler(inputCol="v", outputCol="id").fit(dense(s, V))


@refused
def a_scaler_of_numbers(s: Any, F: Any, V: Any) -> Any:
    return F.StandardScaler(inputCol="n", outputCol="o").fit(words(s))


@refused
def a_column_that_is_missing(s: Any, F: Any, V: Any) -> Any:
    return F.StandardScaler(inputCol="nope", outputCol="o").fit(words(s))


@refused
def a_binarizer_of_words(s: Any, F: Any, V: Any) -> Any:
    return F.Binarizer(inputCol="w", outputCol="o").transform(words(s))


@refused
def an_assembler_of_words(s: Any, F: Any, V: Any) -> Any:
    return F.VectorAssembler(inputCols=["w", "n"], outputCol="o").transform(words(s))


@refused
def an_assembler_of_nulls(s: Any, F: Any, V: Any) -> Any:
    return F.VectorAssembler(inputCols=["a"], outputCol="o").transform(holed(s)).collect()


@refused
def an_assembler_of_nan(s: Any, F: Any, V: Any) -> Any:
    df = s.createDataFrame([(NAN, 1.0)], ["a", "b"])
    return F.VectorAssembler(inputCols=["a", "b"], outputCol="o").transform(df).collect()


@refused
def an_assembler_that_keeps_vectors_of_unknown_size(s: Any, F: Any, V: Any) -> Any:
    return (
        F.VectorAssembler(inputCols=["v"], outputCol="o", handleInvalid="keep")
        .transform(dense(s, V))
        .collect()
    )


@refused
def an_assembler_of_a_missing_column(s: Any, F: Any, V: Any) -> Any:
    return F.VectorAssembler(inputCols=["nope", "n"], outputCol="o").transform(words(s))


@refused
def an_unknown_way_with_invalid_rows(s: Any, F: Any, V: Any) -> Any:
    return F.StringIndexer(inputCol="w", outputCol="o", handleInvalid="drop").fit(words(s))


@refused
def an_unknown_order(s: Any, F: Any, V: Any) -> Any:
    return F.StringIndexer(inputCol="w", outputCol="o", stringOrderType="sideways").fit(words(s))


@refused
def an_unseen_label(s: Any, F: Any, V: Any) -> Any:
    model = F.StringIndexer(inputCol="w", outputCol="o").fit(words(s))
    return model.transform(s.createDataFrame([("zz",)], ["w"])).collect()


@refused
def a_null_label(s: Any, F: Any, V: Any) -> Any:
    model = F.StringIndexer(inputCol="w", outputCol="o").fit(words(s))
    return model.transform(s.createDataFrame([(None,)], "w string")).collect()


@refused
def one_column_and_several(s: Any, F: Any, V: Any) -> Any:
    return F.StringIndexer(inputCol="w", outputCol="o", inputCols=["w"], outputCols=["x"]).fit(words(s))


@refused
def several_columns_without_as_many_outputs(s: Any, F: Any, V: Any) -> Any:
    return F.StringIndexer(inputCols=["w", "u"], outputCols=["x"]).fit(words(s))


@refused
def no_column_at_all(s: Any, F: Any, V: Any) -> Any:
    return F.StringIndexer().fit(words(s))


@refused
def an_index_of_no_label(s: Any, F: Any, V: Any) -> Any:
    return F.IndexToString(inputCol="a", outputCol="o", labels=["p"]).transform(categories(s)).collect()


@refused
def an_index_of_words(s: Any, F: Any, V: Any) -> Any:
    return F.IndexToString(inputCol="w", outputCol="o", labels=["p"]).transform(words(s))


@refused
def encoding_a_category_not_seen(s: Any, F: Any, V: Any) -> Any:
    model = F.OneHotEncoder(inputCol="a", outputCol="x").fit(categories(s))
    return model.transform(s.createDataFrame([(7.0,)], ["a"])).collect()


@refused
def encoding_a_negative_category(s: Any, F: Any, V: Any) -> Any:
    return F.OneHotEncoder(inputCol="a", outputCol="x").fit(s.createDataFrame([(-1.0,)], ["a"]))


@refused
def encoding_a_fraction(s: Any, F: Any, V: Any) -> Any:
    return F.OneHotEncoder(inputCol="a", outputCol="x").fit(s.createDataFrame([(0.5,)], ["a"]))


@refused
def encoding_words(s: Any, F: Any, V: Any) -> Any:
    return F.OneHotEncoder(inputCol="w", outputCol="x").fit(words(s))


@refused
def a_target_that_is_not_binary(s: Any, F: Any, V: Any) -> Any:
    df = s.createDataFrame([(0.0, 3.0)], ["a", "label"])
    return F.TargetEncoder(inputCol="a", outputCol="x").fit(df)


@refused
def a_target_of_a_category_not_seen(s: Any, F: Any, V: Any) -> Any:
    model = F.TargetEncoder(inputCol="a", outputCol="x").fit(categories(s))
    return model.transform(s.createDataFrame([(7.0,)], ["a"])).collect()


@refused
def a_target_of_a_fraction(s: Any, F: Any, V: Any) -> Any:
    df = s.createDataFrame([(0.5, 1.0)], ["a", "label"])
    return F.TargetEncoder(inputCol="a", outputCol="x").fit(df)


@refused
def buckets_out_of_order(s: Any, F: Any, V: Any) -> Any:
    return F.Bucketizer(inputCol="a", outputCol="o", splits=[1.0, 0.0, 2.0]).transform(holed(s))


@refused
def too_few_buckets(s: Any, F: Any, V: Any) -> Any:
    return F.Bucketizer(inputCol="a", outputCol="o", splits=[1.0, 2.0]).transform(holed(s))


@refused
def a_value_outside_of_the_buckets(s: Any, F: Any, V: Any) -> Any:
    df = s.createDataFrame([(9.0,)], ["a"])
    return F.Bucketizer(inputCol="a", outputCol="o", splits=[0.0, 1.0, 2.0]).transform(df).collect()


@refused
def a_nan_without_a_bucket(s: Any, F: Any, V: Any) -> Any:
    df = s.createDataFrame([(NAN,)], ["a"])
    return F.Bucketizer(inputCol="a", outputCol="o", splits=[0.0, 1.0, 2.0]).transform(df).collect()


@refused
def one_bucket_of_quantiles(s: Any, F: Any, V: Any) -> Any:
    return F.QuantileDiscretizer(inputCol="n", outputCol="o", numBuckets=1).fit(words(s))


@refused
def imputing_words(s: Any, F: Any, V: Any) -> Any:
    return F.Imputer(inputCol="w", outputCol="o").fit(words(s))


@refused
def imputing_by_an_unknown_strategy(s: Any, F: Any, V: Any) -> Any:
    return F.Imputer(inputCol="n", outputCol="o", strategy="guess").fit(words(s))


@refused
def imputing_from_nothing(s: Any, F: Any, V: Any) -> Any:
    return F.Imputer(inputCol="a", outputCol="o").fit(s.createDataFrame([(None,), (NAN,)], "a double"))


@refused
def more_components_than_features(s: Any, F: Any, V: Any) -> Any:
    return F.PCA(inputCol="v", outputCol="o", k=9).fit(dense(s, V))


@refused
def no_components(s: Any, F: Any, V: Any) -> Any:
    return F.PCA(inputCol="v", outputCol="o", k=0).fit(dense(s, V))


@refused
def a_slice_of_nothing(s: Any, F: Any, V: Any) -> Any:
    return F.VectorSlicer(inputCol="v", outputCol="o").transform(dense(s, V))


@refused
def a_slice_twice(s: Any, F: Any, V: Any) -> Any:
    return F.VectorSlicer(inputCol="v", outputCol="o", indices=[1, 1]).transform(dense(s, V))


@refused
def a_slice_beyond_the_vector(s: Any, F: Any, V: Any) -> Any:
    return F.VectorSlicer(inputCol="v", outputCol="o", indices=[9]).transform(dense(s, V)).collect()


@refused
def a_vector_of_another_size(s: Any, F: Any, V: Any) -> Any:
    return F.VectorSizeHint(inputCol="v", size=3).transform(dense(s, V)).collect()


@refused
def a_null_vector_of_a_hinted_size(s: Any, F: Any, V: Any) -> Any:
    df = s.createDataFrame([(V.dense([1.0, 2.0]),), (None,)], ["v"])
    return F.VectorSizeHint(inputCol="v", size=2).transform(df).collect()


@refused
def a_size_against_the_metadata(s: Any, F: Any, V: Any) -> Any:
    df = F.VectorAssembler(inputCols=["id", "n"], outputCol="v").transform(words(s))
    return F.VectorSizeHint(inputCol="v", size=3).transform(df)


@refused
def a_size_that_is_negative(s: Any, F: Any, V: Any) -> Any:
    return F.VectorSizeHint(inputCol="v", size=-1).transform(dense(s, V))


@refused
def a_product_with_a_vector_of_another_size(s: Any, F: Any, V: Any) -> Any:
    product = F.ElementwiseProduct(inputCol="v", outputCol="o", scalingVec=V.dense([1.0]))
    return product.transform(dense(s, V)).collect()


@refused
def an_interaction_of_nulls(s: Any, F: Any, V: Any) -> Any:
    return F.Interaction(inputCols=["a", "b"], outputCol="o").transform(holed(s)).collect()


@refused
def an_interaction_of_one_column(s: Any, F: Any, V: Any) -> Any:
    return F.Interaction(inputCols=["a"], outputCol="o").transform(holed(s)).collect()


@refused
def a_polynomial_of_no_degree(s: Any, F: Any, V: Any) -> Any:
    return F.PolynomialExpansion(inputCol="v", outputCol="o", degree=0).transform(dense(s, V))


@refused
def a_norm_below_one(s: Any, F: Any, V: Any) -> Any:
    return F.Normalizer(inputCol="v", outputCol="o", p=0.5).transform(dense(s, V))


@refused
def an_unknown_vector_category(s: Any, F: Any, V: Any) -> Any:
    new = s.createDataFrame([(V.dense([1.0, 8.0, 3.0]),)], ["v"])
    return F.VectorIndexer(inputCol="v", outputCol="o").fit(mixed(s, V)).transform(new).collect()


@refused
def a_vector_of_another_size_to_index(s: Any, F: Any, V: Any) -> Any:
    new = s.createDataFrame([(V.dense([1.0, 8.0]),)], ["v"])
    return F.VectorIndexer(inputCol="v", outputCol="o").fit(mixed(s, V)).transform(new).collect()


@refused
def too_few_categories(s: Any, F: Any, V: Any) -> Any:
    return F.VectorIndexer(inputCol="v", outputCol="o", maxCategories=1).fit(mixed(s, V))


@refused
def a_range_upside_down(s: Any, F: Any, V: Any) -> Any:
    return F.MinMaxScaler(inputCol="v", outputCol="o", min=1.0, max=0.0).fit(dense(s, V))


@refused
def quantiles_upside_down(s: Any, F: Any, V: Any) -> Any:
    return F.RobustScaler(inputCol="v", outputCol="o", lower=0.9, upper=0.1).fit(dense(s, V))


@refused
def a_selector_of_an_unknown_kind(s: Any, F: Any, V: Any) -> Any:
    return F.ChiSqSelector(selectorType="luck", outputCol="o").fit(counted(s, V))


@refused
def a_univariate_selector_without_a_type(s: Any, F: Any, V: Any) -> Any:
    return F.UnivariateFeatureSelector(outputCol="o").fit(counted(s, V))


@refused
def a_univariate_selector_of_an_untested_pair(s: Any, F: Any, V: Any) -> Any:
    return _univariate(F, "categorical", "continuous", "fpr").fit(counted(s, V))


@refused
def a_univariate_selector_of_half_a_feature(s: Any, F: Any, V: Any) -> Any:
    return _univariate(F, "continuous", "categorical", "numTopFeatures", 1.5).fit(labelled(s, V))


@refused
def a_univariate_selector_beyond_one(s: Any, F: Any, V: Any) -> Any:
    return _univariate(F, "continuous", "categorical", "fpr", 1.5).fit(labelled(s, V))


@refused
def a_formula_without_a_tilde(s: Any, F: Any, V: Any) -> Any:
    return F.RFormula(formula="n + id").fit(words(s))


@refused
def a_formula_not_set(s: Any, F: Any, V: Any) -> Any:
    return F.RFormula().fit(words(s))


@refused
def a_formula_with_two_labels(s: Any, F: Any, V: Any) -> Any:
    return F.RFormula(formula="w + n ~ id").fit(words(s))


@refused
def a_formula_with_another_operator(s: Any, F: Any, V: Any) -> Any:
    return F.RFormula(formula="n ~ id / w").fit(words(s))


@refused
def a_formula_with_a_number(s: Any, F: Any, V: Any) -> Any:
    return F.RFormula(formula="n ~ 2").fit(words(s))


@refused
def a_formula_with_a_sign(s: Any, F: Any, V: Any) -> Any:
    return F.RFormula(formula="n ~ -1").fit(words(s))


@refused
def a_formula_that_ends_early(s: Any, F: Any, V: Any) -> Any:
    return F.RFormula(formula="n ~ id +").fit(words(s))


@refused
def a_formula_with_a_quoted_name(s: Any, F: Any, V: Any) -> Any:
    return F.RFormula(formula="n ~ `id`").fit(words(s))


@refused
def a_formula_of_an_unknown_column(s: Any, F: Any, V: Any) -> Any:
    return F.RFormula(formula="n ~ nope").fit(words(s))


@refused
def a_formula_that_calls(s: Any, F: Any, V: Any) -> Any:
    return F.RFormula(formula="n ~ log(id)").fit(words(s))


@refused
def a_formula_whose_features_exist(s: Any, F: Any, V: Any) -> Any:
    return F.RFormula(formula="n ~ id", featuresCol="w").fit(words(s))


@refused
def a_formula_of_an_unseen_label(s: Any, F: Any, V: Any) -> Any:
    model = F.RFormula(formula="n ~ w + id").fit(words(s))
    return model.transform(s.createDataFrame([(1, "zz", 1.0)], "id int, w string, n double")).collect()


# ---- what is saved -------------------------------------------------------------------------------


@saved
def standard_scaler_model(s: Any, F: Any, V: Any) -> Any:
    return F.StandardScaler(inputCol="v", outputCol="o", withMean=True).fit(dense(s, V)), dense(s, V)


@saved
def min_max_scaler_model(s: Any, F: Any, V: Any) -> Any:
    return F.MinMaxScaler(inputCol="v", outputCol="o", max=2.0).fit(dense(s, V)), dense(s, V)


@saved
def max_abs_scaler_model(s: Any, F: Any, V: Any) -> Any:
    return F.MaxAbsScaler(inputCol="v", outputCol="o").fit(dense(s, V)), dense(s, V)


@saved
def robust_scaler_model(s: Any, F: Any, V: Any) -> Any:
    return F.RobustScaler(inputCol="v", outputCol="o").fit(dense(s, V)), dense(s, V)


@saved
def string_indexer_model(s: Any, F: Any, V: Any) -> Any:
    return F.StringIndexer(inputCols=["w", "u"], outputCols=["a", "b"]).fit(words(s)), words(s)


@saved
def one_hot_encoder_model(s: Any, F: Any, V: Any) -> Any:
    return F.OneHotEncoder(inputCols=["a", "b"], outputCols=["x", "y"]).fit(categories(s)), categories(s)


@saved
def target_encoder_model(s: Any, F: Any, V: Any) -> Any:
    return F.TargetEncoder(inputCols=["a", "b"], outputCols=["x", "y"]).fit(categories(s)), categories(s)


@saved
def vector_indexer_model(s: Any, F: Any, V: Any) -> Any:
    return F.VectorIndexer(inputCol="v", outputCol="o").fit(mixed(s, V)), mixed(s, V)


@saved
def imputer_model(s: Any, F: Any, V: Any) -> Any:
    return F.Imputer(inputCols=["a", "b"], outputCols=["x", "y"]).fit(holed(s)), holed(s)


@saved
def pca_model(s: Any, F: Any, V: Any) -> Any:
    return F.PCA(inputCol="v", outputCol="o", k=2).fit(dense(s, V)), dense(s, V)


@saved
def chi_squared_selector_model(s: Any, F: Any, V: Any) -> Any:
    return F.ChiSqSelector(numTopFeatures=2, outputCol="o").fit(counted(s, V)), counted(s, V)


@saved
def univariate_selector_model(s: Any, F: Any, V: Any) -> Any:
    return _univariate(F, "continuous", "categorical", "fdr", 0.1).fit(labelled(s, V)), labelled(s, V)


@saved
def variance_threshold_selector_model(s: Any, F: Any, V: Any) -> Any:
    return F.VarianceThresholdSelector(featuresCol="v", outputCol="o").fit(dense(s, V)), dense(s, V)


@saved
def formula_model(s: Any, F: Any, V: Any) -> Any:
    return F.RFormula(formula="w ~ u*id + n - 1").fit(words(s)), words(s)


@saved
def product_with_a_sparse_vector(s: Any, F: Any, V: Any) -> Any:
    weights = V.sparse(3, {1: 2.0})
    return F.ElementwiseProduct(inputCol="v", outputCol="o", scalingVec=weights), mixed(s, V)


@saved
def bucketizer_to_infinity(s: Any, F: Any, V: Any) -> Any:
    return F.Bucketizer(inputCol="n", outputCol="o", splits=[-INF, 0.5, INF]), words(s)
