"""The Kinesis sink against a server: every row is put, in order per key, in batches and streams."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from streamcore import Session
from streamcore.errors import AnalysisException, GuaranteeRefused, QueryExecutionException, StreamcoreError
from tests.services.kinesis_streams import KinesisStreams

pytestmark = pytest.mark.integration


@pytest.fixture
def session() -> Any:
    return Session.builder.getOrCreate()


def writer_of(frame: Any, kinesis: KinesisStreams, stream: str) -> Any:
    return (
        frame.write.format("kinesis")
        .mode("append")
        .options(**kinesis.options, **{"kinesis.streamName": stream})
    )


def test_every_row_is_put_in_the_order_of_its_key(session: Any, kinesis: KinesisStreams) -> None:
    stream = kinesis.new_stream(shards=2)
    frame = session.range(1200).selectExpr(
        "CAST(id AS STRING) AS data", "concat('key ', CAST(id % 3 AS STRING)) AS partitionKey"
    )
    writer_of(frame.coalesce(1), kinesis, stream).save()
    found = [(one["PartitionKey"], int(one["Data"])) for one in kinesis.records(stream)]
    assert sorted(n for _, n in found) == list(range(1200))
    for key in ("key 0", "key 1", "key 2"):
        numbers = [n for k, n in found if k == key]
        assert numbers == sorted(numbers)


def test_an_explicit_hash_key_chooses_the_shard(session: Any, kinesis: KinesisStreams) -> None:
    stream = kinesis.new_stream(shards=2)
    last = kinesis.open_shards(stream)[1]
    key = last["HashKeyRange"]["EndingHashKey"]
    frame = session.sql(f"SELECT X'00ff' AS data, 'k' AS partitionKey, '{key}' AS explicitHashKey")
    writer_of(frame, kinesis, stream).save()
    at = {"StreamName": stream, "ShardId": last["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
    iterator = kinesis.client.get_shard_iterator(**at)["ShardIterator"]
    (record,) = kinesis.client.get_records(ShardIterator=iterator)["Records"]
    assert record["Data"] == b"\x00\xff"


def test_a_stream_is_copied_into_another(session: Any, kinesis: KinesisStreams, tmp_path: Path) -> None:
    source, target = kinesis.new_stream(shards=2), kinesis.new_stream()
    kinesis.put(source, [(f"key {n}", f"{n}".encode()) for n in range(50)])
    reader = session.readStream.format("aws-kinesis").options(
        **kinesis.options, **{"kinesis.streamName": source, "kinesis.startingPosition": "TRIM_HORIZON"}
    )
    writer = reader.load().select("data", "partitionKey").writeStream.format("aws-kinesis")
    writer = writer.options(**kinesis.options, **{"kinesis.streamName": target})
    writer = writer.option("checkpointLocation", str(tmp_path / "checkpoint"))
    query = writer.trigger(availableNow=True).start()
    query.awaitTermination()
    assert sorted(int(one["Data"]) for one in kinesis.records(target)) == list(range(50))
    assert query.lastProgress["sources"][0]["metrics"] == {"maxMillisBehindLatest": "0"}


def test_exactly_once_into_kinesis_is_refused(session: Any, kinesis: KinesisStreams, tmp_path: Path) -> None:
    rate = session.readStream.format("rate").load()
    frame = rate.selectExpr("CAST(value AS STRING) AS data", "'k' AS partitionKey")
    writer = frame.writeStream.format("kinesis").options(**kinesis.options, **{"kinesis.streamName": "s"})
    with pytest.raises(GuaranteeRefused):
        writer.option("checkpointLocation", str(tmp_path)).option("deliveryGuarantee", "exactly-once").start()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT 'a' AS data", "missing: partitionKey"),
        ("SELECT 1 AS data, 'k' AS partitionKey", "must be a string or binary"),
        ("SELECT 'a' AS data, 'k' AS partitionKey, 1 AS n", "no place for the columns n"),
    ],
)
def test_columns_that_do_not_fit_are_refused_before_anything_is_put(
    session: Any, kinesis: KinesisStreams, query: str, said: str
) -> None:
    with pytest.raises(AnalysisException, match=said):
        writer_of(session.sql(query), kinesis, "nowhere").save()


def test_a_row_without_data_fails_the_write(session: Any, kinesis: KinesisStreams) -> None:
    stream = kinesis.new_stream()
    frame = session.sql("SELECT CAST(NULL AS STRING) AS data, 'k' AS partitionKey")
    with pytest.raises(StreamcoreError, match="a row has no data"):
        writer_of(frame, kinesis, stream).save()


def test_a_stream_that_is_not_there_is_named(session: Any, kinesis: KinesisStreams) -> None:
    frame = session.sql("SELECT 'a' AS data, 'k' AS partitionKey")
    with pytest.raises(QueryExecutionException, match="nowhere"):
        writer_of(frame, kinesis, "nowhere").save()
