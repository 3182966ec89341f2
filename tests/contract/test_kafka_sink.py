"""The Kafka sink keeps the laws of exactly-once sinks, over a real broker."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pyarrow as pa
import pytest

from streamcore.sinks.kafka.data_source import KafkaSink
from streamcore.spi.datasource import WriterCommitMessage
from streamcore.spi.exactly_once import CommitRecord, ExactlyOnceStreamWriter, QueryIdentity
from streamcore.spi.options import Options
from streamcore.spi.types import parse_ddl
from streamcore.testing.sink_contract import Attempt, Rows, SinkContract, SinkHarness, every_type
from tests.services.kafka_topics import KafkaTopics

pytestmark = pytest.mark.integration


class RowsAsValues(ExactlyOnceStreamWriter):
    """Any rows into the Kafka sink: each is the value of one record.

    Queries of this test are not those of another: all share one ledger, as queries of a cluster do.
    """

    def __init__(self, writer: ExactlyOnceStreamWriter, test: str) -> None:
        self._writer = writer
        self._test = test

    def write(self, iterator: Iterator[pa.RecordBatch]) -> WriterCommitMessage:
        return self._writer.write(_as_values(rows) for rows in iterator)

    def open(self, query: QueryIdentity) -> None:
        self._writer.open(replace(query, query_id=self._test + query.query_id))

    def last_committed(self) -> CommitRecord | None:
        record = self._writer.last_committed()
        return record and replace(record, query_id=record.query_id.removeprefix(self._test))

    def commit_batch(self, messages: list[WriterCommitMessage], record: CommitRecord) -> None:
        self._writer.commit_batch(messages, replace(record, query_id=self._test + record.query_id))

    def abort(self, messages: list[WriterCommitMessage | None], batchId: int) -> None:
        self._writer.abort(messages, batchId)

    def rewind(self, record: CommitRecord | None) -> None:
        self._writer.rewind(record and replace(record, query_id=self._test + record.query_id))

    def close(self) -> None:
        self._writer.close()


def _as_values(rows: pa.RecordBatch) -> pa.RecordBatch:
    values = [pickle.dumps(tuple(row.values())) for row in rows.to_pylist()]
    return pa.RecordBatch.from_pydict({"value": pa.array(values, pa.binary())})


class KafkaHarness:
    output_modes: Sequence[str] = ("append", "update", "complete")
    updates_by_key = False
    refuses_other_queries = False
    rewinds = False
    columns_of_every_type: Sequence[str] = every_type().column_names

    def __init__(self, kafka: KafkaTopics) -> None:
        self._kafka = kafka
        self._topic = kafka.new_topic(2)
        self._writers: list[RowsAsValues] = []

    def writer(self, schema: pa.Schema, options: dict[str, str] | None = None) -> ExactlyOnceStreamWriter:
        given = {
            "kafka.bootstrap.servers": self._kafka.bootstrap,
            "topic": self._topic,
            **(options or {}),
        }
        writer = KafkaSink(Options(given)).streamWriter(parse_ddl("value BINARY"), overwrite=False)
        assert isinstance(writer, ExactlyOnceStreamWriter)
        self._writers.append(RowsAsValues(writer, self._topic))
        return self._writers[-1]

    def visible(self, schema: pa.Schema) -> Rows:
        return [pickle.loads(record.value or b"") for record in self._kafka.read(self._topic)]

    def close(self) -> None:
        for writer in self._writers:
            writer.close()


class TestKafkaSink(SinkContract):
    @pytest.fixture
    def harness(self, kafka: KafkaTopics) -> Iterator[KafkaHarness]:
        harness = KafkaHarness(kafka)
        yield harness
        harness.close()

    def test_complete_mode_replaces_everything(self, harness: SinkHarness) -> None:
        """A topic keeps what was written: as with Spark's sink, the newest result comes after the others."""
        start = Attempt(harness, mode="complete")
        start.commit(0, [("a", 1), ("b", 1)])
        start.commit(1, [("c", 2)])
        start.sees(("a", 1), ("b", 1), ("c", 2))
