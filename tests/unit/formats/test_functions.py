"""The functions within queries: batches, streams, SQL, and PySpark's names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from streamcore import Session
from streamcore.errors import (
    AnalysisException,
    ArgumentTypeError,
    MalformedRecordException,
    StreamingQueryException,
    UnsupportedOperationException,
)
from streamcore.sql import functions as F
from streamcore.sql.avro.functions import from_avro, to_avro
from streamcore.sql.protobuf.functions import from_protobuf, to_protobuf
from tests.unit.formats.protobuf_files import descriptor_set

SCHEMA = (
    '{"type": "record", "name": "Sale", "fields": [{"name": "id", "type": "long"}, '
    '{"name": "item", "type": "string"}]}'
)
FILES = descriptor_set({"Sale": ["int64 id", "string item"]})


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    made = Session.builder.master("local[2]").getOrCreate()
    yield made
    made.stop()


def test_many_batches_of_avro_come_back_as_they_were(session: Session) -> None:
    rows = session.range(10_000).selectExpr("struct(id, concat('item ', id) AS item) AS sale")
    again = rows.select("sale", from_avro(to_avro("sale", SCHEMA), SCHEMA).alias("read"))
    assert again.filter("sale.id = read.id AND sale.item = read.item").count() == 10_000


def test_many_batches_of_protobuf_come_back_as_they_were(session: Session) -> None:
    rows = session.range(1, 5_000).selectExpr("struct(id, concat('item ', id) AS item) AS sale")
    data = to_protobuf("sale", "Sale", binaryDescriptorSet=FILES)
    again = rows.select("sale", from_protobuf(data, "Sale", binaryDescriptorSet=FILES).alias("read"))
    assert again.filter("sale.id = read.id AND sale.item = read.item").count() == 4_999


def test_sql_calls_them_by_name(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "sale.desc"
    path.write_bytes(FILES)
    session.range(1).selectExpr("struct(7L AS id, 'x' AS item) AS sale").createOrReplaceTempView("sales")
    (row,) = session.sql(
        f"SELECT from_avro(to_avro(sale, '{SCHEMA}'), '{SCHEMA}', map('mode', 'PERMISSIVE')) AS a, "
        f"from_protobuf(to_protobuf(sale, 'Sale', '{path}'), 't.Sale', '{path}', map()) AS p FROM sales"
    ).collect()
    assert (row.a.id, row.a.item, row.p.id, row.p.item) == (7, "x", 7, "x")


def test_a_stream_reads_avro_and_a_malformed_record_stops_it(session: Session, tmp_path: Path) -> None:
    good = session.range(3).select(to_avro(F.struct("id", F.lit("x").alias("item")), SCHEMA).alias("value"))
    good.write.parquet(str(tmp_path / "in"))
    stream = session.readStream.schema("value binary").parquet(str(tmp_path / "in"))
    read = stream.select(from_avro("value", SCHEMA).alias("sale")).select("sale.*")
    query = read.writeStream.format("memory").queryName("sales_read").option(
        "checkpointLocation", str(tmp_path / "checkpoint")
    ).start()  # fmt: skip
    query.processAllAvailable()
    assert [row.id for row in session.table("sales_read").orderBy("id").collect()] == [0, 1, 2]
    session.sql("SELECT X'ff' AS value").write.mode("append").parquet(str(tmp_path / "in"))
    with pytest.raises(StreamingQueryException, match="Malformed records are detected"):
        query.processAllAvailable()


def test_a_malformed_record_fails_a_batch_and_is_null_in_permissive_mode(session: Session) -> None:
    table = session.sql("SELECT X'ff' AS data")
    with pytest.raises(MalformedRecordException, match="field id: the bytes end within a number"):
        table.select(from_avro("data", SCHEMA)).collect()
    read = table.select(from_avro("data", SCHEMA, {"mode": "PERMISSIVE"}).alias("sale"))
    assert read.collect()[0].sale == (None, None)


def test_protobuf_without_a_descriptor_is_refused(session: Session) -> None:
    with pytest.raises(UnsupportedOperationException, match="descriptor file or binaryDescriptorSet"):
        session.sql("SELECT X'08' AS data").select(from_protobuf("data", "com.example.Sale")).collect()


def test_a_descriptor_file_that_is_not_there_is_named(session: Session) -> None:
    with pytest.raises(AnalysisException, match=r"PROTOBUF_DESCRIPTOR_FILE_NOT_FOUND.*nowhere\.desc"):
        session.sql("SELECT from_protobuf(X'08', 'Sale', 'nowhere.desc')").collect()


def test_what_is_no_binary_is_refused(session: Session) -> None:
    with pytest.raises(AnalysisException, match="must be BINARY, not STRING"):
        session.sql("SELECT 'a' AS data").select(from_avro("data", '"int"')).collect()


@pytest.mark.parametrize(("data", "schema"), [(1, '"int"'), ("data", 1)])
def test_arguments_of_another_kind_are_refused_by_name(data: object, schema: object) -> None:
    call: Any = from_avro
    with pytest.raises(ArgumentTypeError, match="INVALID_TYPE"):
        call(data, schema)


def test_the_functions_stand_under_the_names_of_pyspark() -> None:
    from streamcore.pyspark import activate, deactivate

    activate()
    try:
        from pyspark.sql.avro.functions import from_avro as avro
        from pyspark.sql.protobuf.functions import from_protobuf as protobuf
    finally:
        deactivate()
    found: list[object] = [avro, protobuf]
    assert found == [from_avro, from_protobuf]
