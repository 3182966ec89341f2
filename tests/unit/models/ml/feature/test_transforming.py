"""What transformers of features do beside what PySpark's answers show."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from streamcore.errors import IllegalArgumentException, QueryExecutionException
from streamcore.models.ml import Pipeline
from streamcore.models.ml.attributes import (
    Attribute,
    AttributeGroup,
    attribute_of,
    group_of,
    nominal,
    size_of,
)
from streamcore.models.ml.feature import (
    PCA,
    Binarizer,
    Bucketizer,
    IndexToString,
    Interaction,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    RobustScaler,
    StandardScaler,
    StringIndexer,
    VectorAssembler,
    VectorIndexer,
    VectorSizeHint,
    VectorSlicer,
)
from streamcore.models.ml.feature.interaction import _products
from streamcore.models.ml.linalg import DenseVector, SparseVector, Vectors
from streamcore.spi.types import DoubleType, StructField
from streamcore.testing.memory_source import MemoryStream


@pytest.fixture
def people(session):
    return session.createDataFrame([("a", 1.0), ("b", 2.0), ("a", 4.0)], "team string, age double")


def test_what_is_told_of_features_is_read_as_it_was_written():
    group = AttributeGroup(3, (Attribute(), nominal("team", ["a", "b"]), Attribute("binary", "old")))
    assert group_of(StructField("v", DoubleType(), metadata=group.of_column())) == group
    attribute = Attribute("numeric", "age", others=(("min", 0.0),))
    assert attribute_of(StructField("age", DoubleType(), metadata=attribute.of_column())) == attribute


def test_a_stream_becomes_what_a_batch_becomes(session, people):
    stages: list[Any] = [
        StringIndexer(inputCol="team", outputCol="index"),
        OneHotEncoder(inputCol="index", outputCol="encoded", dropLast=False),
        VectorAssembler(inputCols=["encoded", "age"], outputCol="features"),
        StandardScaler(inputCol="features", outputCol="scaled", withMean=True),
    ]
    model = Pipeline(stages=stages).fit(people)
    stream = MemoryStream(people.schema)
    query = (
        model.transform(stream.toDF(session)).writeStream.format("memory").queryName("transformed").start()
    )
    try:
        for row in people.collect():
            stream.addData([tuple(row)])
            query.processAllAvailable()
    finally:
        query.stop()
    assert session.table("transformed").collect() == model.transform(people).collect()


def test_a_stream_of_vectors_says_that_it_needs_their_size(session):
    vectors = session.createDataFrame([(Vectors.dense([1.0]),)], ["v"])
    streamed = MemoryStream(vectors.schema).toDF(session)
    assembler = VectorAssembler(inputCols=["v"], outputCol="o")
    with pytest.raises(IllegalArgumentException, match=r"VectorSizeHint to add metadata for columns: \[v\]"):
        assembler.transform(streamed)
    hinted = VectorSizeHint(inputCol="v", size=1).transform(streamed)
    assert size_of(assembler.transform(hinted).schema["o"]) == 1


@pytest.mark.parametrize("invalid", ["error", "skip", "optimistic"])
def test_a_hint_keeps_the_names_that_are_known(people, invalid):
    named = VectorAssembler(inputCols=["age"], outputCol="v").transform(people)
    hinted = VectorSizeHint(inputCol="v", size=1, handleInvalid=invalid).transform(named)
    assert hinted.schema["v"].metadata == named.schema["v"].metadata
    assert (hinted.columns, hinted.collect()) == (named.columns, named.collect())


def test_vectors_of_another_size_than_the_first_are_refused(session):
    rows = [(Vectors.dense([1.0]),), (Vectors.dense([1.0, 2.0]),)]
    made = VectorAssembler(inputCols=["v"], outputCol="o").transform(session.createDataFrame(rows, ["v"]))
    with pytest.raises(QueryExecutionException, match="Vectors of column v have size 2, and not 1"):
        made.collect()


@pytest.mark.parametrize(
    ("invalid", "wanted"), [("skip", ["(4,[1],[5.0])"]), ("keep", ["(4,[1],[5.0])", "[nan,nan,nan,7.0]"])]
)
def test_sparse_vectors_that_are_null_are_skipped_or_full_of_nan(session, invalid, wanted):
    frame = session.createDataFrame([(Vectors.sparse(3, {1: 5.0}), 0.0), (None, 7.0)], ["v", "n"])
    hinted = VectorSizeHint(inputCol="v", size=3, handleInvalid="optimistic").transform(frame)
    assembler = VectorAssembler(inputCols=["v", "n"], outputCol="o", handleInvalid=invalid)
    assert [str(row.o) for row in assembler.transform(hinted).collect()] == wanted


def test_a_model_refuses_vectors_of_a_size_that_it_has_not_learned(session):
    frame = session.createDataFrame([(Vectors.dense([1.0, 2.0]),)], ["v"])
    model = StandardScaler(inputCol="v", outputCol="o", withMean=True).fit(frame)
    with pytest.raises(QueryExecutionException, match="size 2 but got 3"):
        model.transform(session.createDataFrame([(Vectors.dense([1.0, 2.0, 3.0]),)], ["v"])).collect()


@pytest.mark.parametrize(
    "estimator", [StandardScaler, MinMaxScaler, MaxAbsScaler, RobustScaler, VectorIndexer, PCA]
)
def test_nothing_is_learned_from_no_rows(session, estimator):
    frame = session.createDataFrame([(Vectors.dense([1.0]), 1)], ["v", "n"]).where("n > 1")
    with pytest.raises(QueryExecutionException, match="no rows to learn from: the column v is empty"):
        estimator(inputCol="v", outputCol="o").fit(frame)


def test_what_belongs_to_one_column_is_refused_for_several(session, people):
    bucketizer = Bucketizer(inputCols=["age"], outputCol="o", splits=[0.0, 1.0, 9.0])
    with pytest.raises(IllegalArgumentException) as error:
        bucketizer.transform(people)
    assert str(error.value) == (
        f"Bucketizer {bucketizer.uid} has the inputCols Param set for multi-column transform. The following "
        "Params are not applicable and should not be set: outputCol, splits. The following Params must be "
        "defined but are not set: outputCols, splitsArray."
    )


def test_thresholds_go_with_as_many_columns(people):
    binarizer = Binarizer(inputCols=["age"], outputCols=["o"], thresholds=[1.0, 2.0])
    with pytest.raises(IllegalArgumentException, match="1 input columns and 2 thresholds"):
        binarizer.transform(people)


def test_a_threshold_for_several_columns_is_refused_for_one(people):
    binarizer = Binarizer(inputCol="age", outputCol="o", thresholds=[1.0])
    with pytest.raises(IllegalArgumentException, match="not applicable and should not be set: thresholds"):
        binarizer.transform(people)


def test_labels_that_nobody_tells_are_asked_for(people):
    with pytest.raises(IllegalArgumentException, match="metadata of column age tell no labels: set `labels`"):
        IndexToString(inputCol="age", outputCol="o").transform(people)


def test_a_name_that_no_feature_has_is_refused(people):
    vectors = VectorAssembler(inputCols=["age"], outputCol="v").transform(people)
    slicer = VectorSlicer(inputCol="v", outputCol="o", names=["size"])
    with pytest.raises(IllegalArgumentException, match="no feature with name size in column v"):
        slicer.transform(vectors)


def test_text_does_not_interact(people):
    with pytest.raises(IllegalArgumentException, match="column team to interact must be numbers or vectors"):
        Interaction(inputCols=["team", "age"], outputCol="o").transform(people)


def test_products_of_sparse_rows_are_those_of_their_arrays():
    from scipy import sparse

    left, right = sparse.random(20, 4, 0.5, "csr", rng=1), sparse.random(20, 3, 0.4, "csr", rng=2)
    wanted = (left.toarray()[:, :, None] * right.toarray()[:, None, :]).reshape(20, 12)
    assert (_products(left, right).toarray() == wanted).all()


def test_dense_and_sparse_rows_interact_alike_and_none_at_all_too(session):
    rows = [
        (Vectors.sparse(2, {1: 3.0}), 2.0),
        (Vectors.dense([0.0, 3.0]), 2.0),
        (Vectors.sparse(2, {}), 1.0),
    ]
    vectors = session.createDataFrame(rows, ["v", "n"])
    named = VectorAssembler(inputCols=["v"], outputCol="w").transform(vectors)
    made = Interaction(inputCols=["n", "w"], outputCol="o").transform(named)
    assert [row.o.toArray().tolist() for row in made.collect()] == [[0.0, 6.0], [0.0, 6.0], [0.0, 0.0]]
    assert made.where("n > 5").collect() == []
    assert Interaction(inputCols=["n", "w"], outputCol="o").transform(named.where("n > 5")).collect() == []


def test_numbers_count_as_their_text_and_leave_no_column_behind(session):
    frame = session.createDataFrame([(10,), (9,)], "n int")
    model = StringIndexer(inputCol="n", outputCol="i").fit(frame)
    made = model.transform(frame)
    assert (model.labels, made.columns) == (["10", "9"], ["n", "i"])


def test_a_kernel_takes_any_part_of_the_rows(session):
    """Without rows there are no columns to learn a type from."""
    frame = session.createDataFrame([("a", 1.0)], "team string, age double").where("age > 5")
    made = VectorAssembler(inputCols=["age"], outputCol="o").transform(frame)
    assert made.toArrow().num_rows == 0
    assert pa.types.is_struct(made.toArrow().schema.field("o").type)


def test_what_is_scaled_to_a_range_is_sparse_where_most_of_it_is_zero(session):
    rows = [(Vectors.dense([0, 0, 0, 0, 9]),), (Vectors.sparse(5, [0, 1, 2], [1.0, 2.0, 3.0]),)]
    df = session.createDataFrame([*rows, (Vectors.dense([1, 2, 3, 4, 5]),)], ["v"])
    model = MinMaxScaler(inputCol="v", outputCol="o").fit(df)
    assert model.originalMin == Vectors.sparse(5, [], [])
    assert isinstance(model.originalMin, SparseVector)
    assert [row.o for row in model.transform(df).collect()] == [
        Vectors.sparse(5, [4], [1.0]),
        Vectors.dense([1.0, 1.0, 1.0, 0.0, 0.0]),
        Vectors.dense([1.0, 1.0, 1.0, 1.0, 5 / 9]),
    ]
    kinds = [type(row.o) for row in model.transform(df).collect()]
    assert kinds == [SparseVector, DenseVector, DenseVector]


def test_what_is_learned_of_features_is_sparse_where_most_of_it_is_zero(session):
    rows = [(Vectors.sparse(5, [2], [float(n)]),) for n in range(3)]
    df = session.createDataFrame(rows, ["v"])
    robust = RobustScaler(inputCol="v", outputCol="o").fit(df)
    standard = StandardScaler(inputCol="v", outputCol="o").fit(df)
    greatest = MaxAbsScaler(inputCol="v", outputCol="o").fit(df)
    learned = [robust.median, standard.mean, standard.std, greatest.maxAbs]
    assert list(map(repr, learned)) == [repr(Vectors.sparse(5, [2], [n])) for n in (1.0, 1.0, 1.0, 2.0)]
    assert isinstance(robust.range, SparseVector)
