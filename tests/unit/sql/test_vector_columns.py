"""Columns of vectors, and of objects of users' own types."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from streamcore import Session
from streamcore.errors import AnalysisException, IllegalArgumentException
from streamcore.models.ml.linalg import Matrices, MatrixUDT, SparseVector, Vectors, VectorUDT
from streamcore.spi.types import schema_from_json, type_from_json
from streamcore.sql import functions as F
from streamcore.sql.dataframe import DataFrame
from streamcore.sql.types import (
    ArrayType,
    DoubleType,
    StructField,
    StructType,
    TimestampType,
    UserDefinedType,
)
from streamcore.testing.memory_source import MemoryStream

DENSE, SPARSE = Vectors.dense(1.0, 2.0), Vectors.sparse(2, [0], [1.0])


class PointUDT(UserDefinedType):
    @classmethod
    def sqlType(cls):
        return StructType([StructField("x", DoubleType(), False), StructField("at", TimestampType())])

    @classmethod
    def module(cls):
        return __name__

    def serialize(self, obj):
        return (obj.x, obj.at)

    def deserialize(self, datum):
        return Point(datum[0], datum[1])


class Point:
    __UDT__ = PointUDT()

    def __init__(self, x, at=None):
        self.x, self.at = x, at

    def __eq__(self, other):
        return isinstance(other, Point) and (self.x, self.at) == (other.x, other.at)

    def __hash__(self):
        return hash(self.x)


@pytest.fixture(scope="module")
def vectors(session: Session) -> DataFrame:
    rows = [(1.0, "a", DENSE), (0.0, "b", SPARSE), (2.0, "c", None)]
    return session.createDataFrame(rows, ["label", "name", "features"])


def first(frame: DataFrame) -> Any:
    return [row[0] for row in frame.collect()]


def test_the_type_is_inferred_from_what_the_class_says(vectors: DataFrame):
    assert vectors.schema["features"].dataType == VectorUDT()
    assert vectors.dtypes == [("label", "double"), ("name", "string"), ("features", "vector")]
    assert " |-- features: vector (nullable = true)\n" in vectors.schema.treeString()
    assert vectors.schema.toDDL().endswith(
        "features STRUCT<type: TINYINT NOT NULL, size: INT, indices: ARRAY<INT>, values: ARRAY<DOUBLE>>"
    )


def test_vectors_are_collected_as_they_were_given(vectors: DataFrame):
    found = first(vectors.select("features"))
    assert found == [DENSE, SPARSE, None]
    assert isinstance(found[1], SparseVector)
    found[0].array[0] = 9.0  # arrays of its own
    assert first(vectors.select("features"))[0] == DENSE


def test_a_slice_of_several_parts_gives_the_vectors_of_its_rows(session: Session):
    rows = [
        (float(n), Vectors.sparse(3, [n % 3], [float(n)]) if n % 2 else Vectors.dense(n)) for n in range(9)
    ]
    frame = session.createDataFrame(rows, ["n", "v"]).repartition(4).filter("n >= 2 and n < 8")
    assert sorted((row.n, str(row.v)) for row in frame.collect()) == [(n, str(v)) for n, v in rows[2:8]]


def test_show_and_casts_write_vectors_as_spark_does(vectors: DataFrame, session: Session, capsys):
    vectors.select("features").show()
    assert capsys.readouterr().out == (
        "+-------------+\n|     features|\n+-------------+\n"
        "|    [1.0,2.0]|\n|(2,[0],[1.0])|\n|         NULL|\n+-------------+\n\n"
    )
    odd = session.createDataFrame([([Vectors.dense(1e20, 1e-7, float("nan"))], {"a": SPARSE})], ["l", "m"])
    odd.show(truncate=False)
    shown = capsys.readouterr().out.splitlines()[3]
    assert shown == "|[[1.0E20,1.0E-7,NaN]]|{a -> (2,[0],[1.0])}|"
    assert first(vectors.selectExpr("cast(features as string)")) == ["[1.0,2.0]", "(2,[0],[1.0])", None]


def test_show_writes_matrices_as_spark_does(session: Session, capsys):
    matrices = Matrices.dense(1, 2, [1.0, 2.0]), Matrices.sparse(2, 1, [0, 1], [1], [3.0])
    session.createDataFrame([matrices], ["a", "b"]).show(truncate=False)
    assert capsys.readouterr().out.splitlines()[3] == "|1.0  2.0  |2 x 1 CSCMatrix\\n(1,0) 3.0|"


def test_the_type_passes_through_relational_operations(vectors: DataFrame):
    v = vectors.select("label", "features")
    assert first(v.select("features").union(v.select("features")).distinct().filter("features is null")) == [
        None
    ]
    assert v.select(F.array("features").alias("a")).dtypes == [("a", "array<vector>")]
    assert first(v.agg(F.collect_list("features"))) == [[DENSE, SPARSE]]
    assert first(v.filter("label = 1").agg(F.first("features"))) == [DENSE]
    assert first(v.filter("label < 2").select(F.struct("features", "label").alias("s")))[0].features == DENSE
    assert first(v.select(F.when(F.col("label") > 0, F.col("features")))) == [DENSE, None, None]
    assert first(v.filter("label = 0").select(F.create_map("label", "features"))) == [{0.0: SPARSE}]
    assert v.join(v.withColumnRenamed("label", "other"), "features").count() == 2
    assert {str(row.features): row["count"] for row in v.groupBy("features").count().collect()} == {
        "[1.0,2.0]": 1, "(2,[0],[1.0])": 1, "None": 1,
    }  # fmt: skip


def test_columns_that_are_no_vectors_do_not_join_them_in_a_union(vectors: DataFrame):
    with pytest.raises(AnalysisException, match="INCOMPATIBLE_COLUMN_TYPE"):
        vectors.select("features").union(vectors.select("label")).collect()


def test_what_is_stored_is_not_open_to_expressions(vectors: DataFrame):
    for text in ("features.values", "size(features)", "cast(features as int)"):
        with pytest.raises(AnalysisException):
            vectors.selectExpr(text)
    assert first(vectors.selectExpr("typeof(features)"))[0].startswith("struct<type:tinyint,size:int,")


def test_json_is_written_of_what_is_stored(vectors: DataFrame):
    assert vectors.select("features").toJSON().collect() == [
        '{"features":{"type":1,"values":[1.0,2.0]}}',
        '{"features":{"type":0,"size":2,"indices":[0],"values":[1.0]}}',
        "{}",
    ]


def test_pandas_holds_the_vectors_and_gives_them_back(vectors: DataFrame, session: Session):
    frame = vectors.toPandas()
    assert frame["features"].tolist() == [DENSE, SPARSE, None]
    again = session.createDataFrame(frame)
    assert again.schema["features"].dataType == VectorUDT()
    assert again.collect() == vectors.collect()
    alone = session.createDataFrame(frame[["features"]], vectors.select("features").schema)
    assert first(alone) == [DENSE, SPARSE, None]


def test_arrow_tables_carry_the_type(vectors: DataFrame, session: Session):
    table = vectors.select("features").toArrow()
    assert [field.name for field in table.schema.field(0).type] == ["type", "size", "indices", "values"]
    assert session.createDataFrame(table).dtypes == [("features", "vector")]


def test_rdds_hold_the_vectors_and_give_them_back(vectors: DataFrame, session: Session):
    assert vectors.rdd.map(lambda row: row.features).collect() == [DENSE, SPARSE, None]
    frame = session.sparkContext.parallelize([(1, DENSE)]).toDF(["n", "v"])
    assert (frame.dtypes[1], frame.first().v) == (("v", "vector"), DENSE)


def test_parquet_keeps_the_type_and_the_metadata_of_columns(
    vectors: DataFrame, session: Session, tmp_path: Path
):
    path = str(tmp_path / "v")
    vectors.select(
        "features", F.col("label").alias("label", metadata={"ml_attr": {"vals": ["x"]}})
    ).write.parquet(path)
    again = session.read.parquet(path)
    assert (again.dtypes[0], again.schema["label"].metadata) == (
        ("features", "vector"),
        {"ml_attr": {"vals": ["x"]}},
    )
    assert first(again.orderBy(F.col("label").desc())) == [None, DENSE, SPARSE]
    assert first(
        session.read.schema(vectors.select("features").schema).parquet(path).filter("features is null")
    ) == [None]


def test_parquet_tells_spark_the_type(vectors: DataFrame, tmp_path: Path):
    vectors.select("features").write.parquet(str(tmp_path / "v"))
    part = next((tmp_path / "v").glob("part-*"))
    said = json.loads(pq.read_schema(part).metadata[b"org.apache.spark.sql.parquet.row.metadata"])
    assert said["fields"][0]["type"]["pyClass"] == "pyspark.ml.linalg.VectorUDT"


def test_a_file_with_a_type_that_is_not_here_is_read_as_what_is_stored(session: Session, tmp_path: Path):
    udt = {"type": "udt", "pyClass": "somewhere.ElseUDT", "sqlType": "double"}
    told = {"type": "struct", "fields": [{"name": "x", "type": udt, "nullable": True, "metadata": {}}]}
    table = pa.table({"x": [1.0]}).replace_schema_metadata(
        {"org.apache.spark.sql.parquet.row.metadata": json.dumps(told)}
    )
    pq.write_table(table, tmp_path / "x.parquet")
    assert session.read.parquet(str(tmp_path / "x.parquet")).dtypes == [("x", "double")]


def test_a_schema_survives_its_json(vectors: DataFrame):
    assert schema_from_json(vectors.schema.json()) == vectors.schema
    assert type_from_json(ArrayType(MatrixUDT()).jsonValue()) == ArrayType(MatrixUDT())
    assert type_from_json(PointUDT().jsonValue()) == PointUDT()


def test_a_schema_never_has_a_module_imported():
    with pytest.raises(
        IllegalArgumentException, match=r"antigravity\.FlyUDT: import the module of its class first"
    ):
        type_from_json({"type": "udt", "pyClass": "antigravity.FlyUDT", "sqlType": "double"})
    with pytest.raises(IllegalArgumentException, match=r"json\.JSONDecoder"):
        type_from_json({"type": "udt", "pyClass": "json.JSONDecoder", "sqlType": "double"})


def test_a_type_of_a_user_is_stored_and_given_back(session: Session):
    point = Point(1.5, dt.datetime(2024, 1, 2, 3, 4, 5))  # noqa: DTZ001 - as rows give them
    frame = session.createDataFrame([(1, point), (2, None)], ["n", "p"])
    assert frame.schema["p"].dataType == PointUDT()
    assert [row.p for row in frame.collect()] == [point, None]
    assert frame.toPandas()["p"].tolist() == [point, None]


def test_values_of_another_class_do_not_fit(session: Session):
    schema = StructType([StructField("features", VectorUDT())])
    with pytest.raises(
        AnalysisException, match=r"field features: x is not an instance of type VectorUDT\(\)"
    ):
        session.createDataFrame([("x",)], schema)
    with pytest.raises(AnalysisException, match="FIELD_TYPE_MISMATCH_WITH_NAME"):
        session.createDataFrame([([1.0, 2.0],)], schema)


def test_vectors_have_no_literal():
    with pytest.raises(AnalysisException, match="UNSUPPORTED_LITERAL"):
        F.lit(DENSE)


def test_a_stream_carries_vectors(session: Session):
    source = MemoryStream("n long")
    source.addData([(1,), (2,)])
    static = session.createDataFrame([(DENSE,)], ["features"])
    joined = source.toDF(session).crossJoin(static)
    query = joined.writeStream.format("memory").queryName("carried").trigger(availableNow=True).start()
    query.awaitTermination()
    assert session.table("carried").dtypes == [("n", "bigint"), ("features", "vector")]
    assert first(session.table("carried").select("features")) == [DENSE, DENSE]
    session.catalog.dropTempView("carried")


def test_columns_that_are_missing_are_null_vectors(vectors: DataFrame):
    some = vectors.select("label").unionByName(vectors.select("label", "features"), allowMissingColumns=True)
    assert some.dtypes == [("label", "double"), ("features", "vector")]
    assert first(some.select("features")) == [None, None, None, DENSE, SPARSE, None]


def test_a_cast_to_the_type_itself_changes_nothing(vectors: DataFrame):
    found = vectors.select(
        F.col("features").cast(VectorUDT()).alias("f"), F.lit(None).cast(VectorUDT()).alias("n")
    )
    assert found.dtypes == [("f", "vector"), ("n", "vector")]
    assert found.collect() == [(DENSE, None), (SPARSE, None), (None, None)]
    with pytest.raises(AnalysisException, match="CAST_WITHOUT_SUGGESTION"):
        vectors.select(F.col("label").cast(VectorUDT()))


def test_rows_with_vectors_are_added_to_a_table(vectors: DataFrame, session: Session):
    vectors.write.saveAsTable("kept_vectors")
    try:
        vectors.write.mode("append").saveAsTable("kept_vectors")
        assert (
            session.table("kept_vectors").filter("label = 1").select("features").collect() == [(DENSE,)] * 2
        )
    finally:
        session.sql("DROP TABLE kept_vectors")


def test_a_stream_groups_by_vectors_and_keeps_them_as_state(session: Session):
    frame = session.createDataFrame([(DENSE,), (SPARSE,), (DENSE,)], ["v"])
    source = MemoryStream(frame.schema, max_rows_per_batch=2)
    source.addData(frame.toArrow())
    query = (
        source.toDF(session).groupBy("v").count().writeStream.format("memory").queryName("grouped_vectors")
    )
    query.outputMode("complete").trigger(availableNow=True).start().awaitTermination()
    found = {str(row.v): row["count"] for row in session.table("grouped_vectors").collect()}
    assert found == {"[1.0,2.0]": 2, "(2,[0],[1.0])": 1}
    session.catalog.dropTempView("grouped_vectors")
