"""What the Kafka sink writes to a real broker, and what it says when it cannot."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pytest
from confluent_kafka import Producer

from streamcore.errors import (
    AnalysisException,
    CheckpointFenced,
    CommitFailed,
    IllegalArgumentException,
    QueryExecutionException,
)
from streamcore.kafka.errors import KafkaUnavailable
from streamcore.sinks.kafka.data_source import KafkaSink
from streamcore.sinks.kafka.decisions import ledger_partition
from streamcore.sinks.kafka.stream_writer import KafkaStreamWriter
from streamcore.spi import steps
from streamcore.spi.exactly_once import CommitRecord, Guarantee, QueryIdentity, guarantee_of
from streamcore.spi.options import Options
from streamcore.spi.types import parse_ddl
from tests.services.kafka_topics import KafkaTopics, Record

pytestmark = pytest.mark.integration

HEADERS = "headers ARRAY<STRUCT<key: STRING, value: BINARY>>"
# As `Utils.toPositive(Utils.murmur2(key)) % 7` of Kafka's Java client says.
JAVA_PARTITIONS = {
    "": 2, "a": 5, "user-1": 3, "user-2": 0, "ü": 0, "你好": 4, "0123456789abcdef": 6, "k7": 3,
}  # fmt: skip

Open = Callable[..., KafkaStreamWriter]


def sink(kafka: KafkaTopics, topic: str | None, **options: str) -> KafkaSink:
    given = {"kafka.bootstrap.servers": kafka.bootstrap, **({"topic": topic} if topic else {}), **options}
    return KafkaSink(Options(given))


@pytest.fixture
def opened(kafka: KafkaTopics) -> Iterator[Open]:
    writers: list[KafkaStreamWriter] = []

    def open_(
        topic: str, query: str = "", run: str = "run", ddl: str = "value BINARY", **options: str
    ) -> Any:
        writer = sink(kafka, topic, **options).streamWriter(parse_ddl(ddl), overwrite=False)
        assert isinstance(writer, KafkaStreamWriter)
        writers.append(writer)
        writer.open(QueryIdentity(query or f"query-of-{topic}", run, "append"))
        return writer

    yield open_
    for writer in writers:
        writer.close()


def values(*texts: str) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict({"value": pa.array([text.encode() for text in texts])})


def commit(writer: KafkaStreamWriter, batch_id: int, *rows: pa.RecordBatch, body: str = "{}") -> CommitRecord:
    query = writer._query
    assert query is not None
    record = CommitRecord(query.query_id, batch_id, body)
    writer.commit_batch([writer.write(iter([batch])) for batch in rows], record)
    return record


def seen(kafka: KafkaTopics, topic: str) -> list[str]:
    return sorted((record.value or b"").decode() for record in kafka.read(topic))


# ---- rows ----------------------------------------------------------------------------------------


def write_batch(to: KafkaSink, ddl: str, rows: list[tuple[Any, ...]]) -> None:
    from streamcore.spi.types import to_arrow_schema

    schema = parse_ddl(ddl)
    arrow = to_arrow_schema(schema)
    arrays = [pa.array([row[i] for row in rows], field.type) for i, field in enumerate(arrow)]
    writer = to.writer(schema, overwrite=False)
    writer.commit([writer.write(iter([pa.RecordBatch.from_arrays(arrays, schema=arrow)]))])


@pytest.mark.parametrize("transactional", ["true", "false"])
def test_every_column_arrives(kafka: KafkaTopics, transactional: str) -> None:
    one, other = kafka.new_topic(3), kafka.new_topic(1)
    headers = [{"key": "h", "value": b"1"}, {"key": "h", "value": None}]
    rows = [
        (b"k", "text", one, 2, headers),
        (b"", "", one, 1, []),
        (None, None, other, None, None),
    ]
    ddl = f"key BINARY, value STRING, topic STRING, partition INT, {HEADERS}"
    write_batch(sink(kafka, None, transactional=transactional), ddl, rows)
    found = [(r.key, r.value, r.partition, r.headers) for r in kafka.read(one)]
    assert found == [(b"", b"", 1, ()), (b"k", b"text", 2, (("h", b"1"), ("h", None)))]
    assert [(r.key, r.value) for r in kafka.read(other)] == [(None, None)]


def test_keys_land_where_java_clients_put_them(kafka: KafkaTopics) -> None:
    topic = kafka.new_topic(7)
    write_batch(sink(kafka, topic), "key STRING, value STRING", [(key, key) for key in JAVA_PARTITIONS])
    assert {(r.key or b"").decode(): r.partition for r in kafka.read(topic)} == JAVA_PARTITIONS


def test_rows_beyond_the_memory_for_staging_arrive(kafka: KafkaTopics, opened: Open) -> None:
    topic = kafka.new_topic()
    writer = opened(topic, stagingMemory="1000")
    commit(writer, 0, *(values(*(f"{n:050d}" for n in range(start, start + 100))) for start in (0, 100, 200)))
    assert seen(kafka, topic) == [f"{n:050d}" for n in range(300)]


# ---- what cannot be written ----------------------------------------------------------------------


def test_a_row_that_is_too_large_fails_the_batch_as_a_whole(kafka: KafkaTopics, opened: Open) -> None:
    """The library would commit the others without it."""
    topic = kafka.new_topic()
    writer = opened(topic)
    with pytest.raises(CommitFailed, match=r"2000000 of value was not sent.*kafka.max.request.size"):
        commit(writer, 0, values("first", "x" * 2_000_000, "last"))
    assert seen(kafka, topic) == []
    record = commit(writer, 0, values("again"))
    assert writer.last_committed() == record
    assert seen(kafka, topic) == ["again"]


def test_a_row_that_the_broker_refuses_fails_the_batch_as_a_whole(kafka: KafkaTopics, opened: Open) -> None:
    topic = kafka.new_topic(config={"max.message.bytes": "2000"})
    writer = opened(topic)
    with pytest.raises(CommitFailed, match=r"max.message.bytes of the topic"):
        commit(writer, 0, values("first", "x" * 10_000))
    assert seen(kafka, topic) == []
    commit(writer, 0, values("again"))
    assert seen(kafka, topic) == ["again"]


def test_a_partition_that_is_not_there_fails_the_batch(kafka: KafkaTopics, opened: Open) -> None:
    topic = kafka.new_topic(2)
    writer = opened(topic, ddl="value BINARY, partition INT")
    rows = pa.RecordBatch.from_pydict({"value": pa.array([b"a"]), "partition": pa.array([2], pa.int32())})
    with pytest.raises(CommitFailed, match="partition 2"):
        commit(writer, 0, rows)


def test_a_topic_that_is_not_there_fails_the_batch(
    kafka: KafkaTopics, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streamcore.sinks.kafka.sending._NEW_TOPIC", 0.2)
    with pytest.raises(CommitFailed, match=r"topic 'no-such-topic' cannot be written to.*create the topic"):
        commit(opened("no-such-topic"), 0, values("a"))


@pytest.mark.parametrize("transactional", ["true", "false"])
def test_properties_that_no_client_knows_are_refused(kafka: KafkaTopics, transactional: str) -> None:
    given = sink(kafka, "t", transactional=transactional, **{"kafka.no.such.property": "1"})
    writer: Any = given.streamWriter(parse_ddl("value BINARY"), overwrite=False)
    with pytest.raises(
        IllegalArgumentException, match=r"the options kafka\.\* are refused.*no\.such\.property"
    ):
        if transactional == "true":
            writer.open(QueryIdentity("q", "r", "append"))
        else:
            writer.commit([writer.write(iter([values("a")]))], 0)


def test_brokers_that_are_away_are_told_at_the_start() -> None:
    nowhere = KafkaTopics("127.0.0.1:1", "nothing")
    given = sink(nowhere, "t", **{"kafka.max.block.ms": "300"})
    writer: Any = given.streamWriter(parse_ddl("value BINARY"), overwrite=False)
    with pytest.raises(KafkaUnavailable, match=r"127.0.0.1:1"):
        writer.open(QueryIdentity("q", "r", "append"))


# ---- the ledger ----------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", ["delete", "compact,delete"])
def test_a_ledger_that_forgets_is_refused(kafka: KafkaTopics, opened: Open, policy: str) -> None:
    ledger = kafka.new_topic(16, config={"cleanup.policy": policy})
    with pytest.raises(AnalysisException, match=f"cleanup.policy is '{policy}'.*ledgerTopic"):
        opened("t", ledgerTopic=ledger)


def test_the_ledger_is_made_for_compaction_alone(kafka: KafkaTopics, opened: Open) -> None:
    from confluent_kafka.admin import ConfigResource, ResourceType

    ledger = f"ledger-{kafka.new_topic()}"
    opened("t", ledgerTopic=ledger)
    (answer,) = kafka.admin.describe_configs([ConfigResource(ResourceType.TOPIC, ledger)]).values()
    assert answer.result(10)["cleanup.policy"].value == "compact"
    assert len(kafka.admin.list_topics(ledger, 10).topics[ledger].partitions) == 16
    opened("t", ledgerTopic=ledger)


def test_more_partitions_of_the_ledger_change_nothing(kafka: KafkaTopics, opened: Open) -> None:
    topic = kafka.new_topic()
    ledger = f"ledger-{topic}"
    record = commit(opened(topic, ledgerTopic=ledger), 0, values("a"))
    kafka.add_partitions(ledger, 23)
    assert opened(topic, ledgerTopic=ledger).last_committed() == record


def test_a_commit_record_above_every_limit_of_a_message_comes_back(kafka: KafkaTopics, opened: Open) -> None:
    topic = kafka.new_topic()
    commit(opened(topic), 0, values("a"), body='"ü' + "x" * 3_000_000)
    large = commit(opened(topic), 1, values("b"), body='"ü' + "y" * 3_000_000)
    assert opened(topic).last_committed() == large


def test_the_record_is_found_behind_many_of_other_queries(kafka: KafkaTopics, opened: Open) -> None:
    topic = kafka.new_topic()
    record = commit(opened(topic), 0, values("a"))
    others = [Record(b"{}", key=b"other") for _ in range(6_000)]
    kafka.produce("streamcore_commits", others, partition=ledger_partition(record.query_id))
    assert opened(topic).last_committed() == record


def test_two_queries_write_into_one_topic(kafka: KafkaTopics, opened: Open) -> None:
    topic = kafka.new_topic()
    one, other = opened(topic, query=f"{topic}-1"), opened(topic, query=f"{topic}-2")
    for batch_id in range(3):
        commit(one, batch_id, values(f"one {batch_id}"))
        commit(other, batch_id, values(f"other {batch_id}"))
    assert seen(kafka, topic) == sorted([f"one {n}" for n in range(3)] + [f"other {n}" for n in range(3)])


def test_a_transaction_of_another_query_is_waited_for(kafka: KafkaTopics, opened: Open) -> None:
    """A reader of committed records stops before it, and may not yet see this query's newest batch."""
    topic = kafka.new_topic()
    record = commit(opened(topic), 0, values("a"))
    other = Producer(
        {"bootstrap.servers": kafka.bootstrap, "transactional.id": f"other-{topic}", "log_level": 0}
    )
    other.init_transactions(10)
    other.begin_transaction()
    other.produce("streamcore_commits", b"{}", b"other", ledger_partition(record.query_id))
    other.flush(10)
    with pytest.raises(KafkaUnavailable, match="another writer's transaction is open"):
        opened(topic, **{"kafka.max.block.ms": "1000"})
    other.abort_transaction(10)
    assert opened(topic).last_committed() == record


def test_a_rewind_says_what_can_be_done_instead(kafka: KafkaTopics, opened: Open) -> None:
    topic = kafka.new_topic()
    writer = opened(topic)
    first, second = commit(writer, 0, values("a")), commit(writer, 1, values("b"))
    writer.rewind(second)
    with pytest.raises(AnalysisException, match=r"go back to batch 0.*--undo.*new checkpoint"):
        writer.rewind(first)


# ---- runs of one query ---------------------------------------------------------------------------


def test_a_run_whose_producer_was_fenced_out_before_another_committed_goes_on(
    kafka: KafkaTopics, opened: Open
) -> None:
    """It is no proof of another run: a broker says the same when a transaction has timed out."""
    topic = kafka.new_topic()
    mine = opened(topic, run="mine")
    commit(mine, 0, values("a"))
    opened(topic, run="passing")
    with pytest.raises(CommitFailed):
        commit(mine, 1, values("b"))
    commit(mine, 1, values("b"))
    assert seen(kafka, topic) == ["a", "b"]


def test_a_run_that_lost_a_race_leaves_the_winner_alone(kafka: KafkaTopics, opened: Open) -> None:
    topic = kafka.new_topic()
    late = opened(topic, run="late")
    winner = opened(topic, run="winner")
    commit(winner, 0, values("winner"))
    with pytest.raises(CheckpointFenced, match="another run of this query"):
        commit(late, 0, values("late"))
    commit(winner, 1, values("again"))
    assert seen(kafka, topic) == ["again", "winner"]


@pytest.mark.soak
def test_a_transaction_that_took_too_long_is_told_from_another_run(kafka: KafkaTopics, opened: Open) -> None:
    topic = kafka.new_topic()
    writer = opened(topic, **{"kafka.transaction.timeout.ms": "1000"})
    commit(writer, 0, values("a"))
    # A broker looks for transactions whose time is up every ten seconds.
    steps.listen(lambda point: time.sleep(22) if point == "sink.kafka.record:before" else None)
    try:
        with pytest.raises(CommitFailed):
            commit(writer, 1, values("b"))
    finally:
        steps.listen(None)
    commit(writer, 1, values("b"))
    assert seen(kafka, topic) == ["a", "b"]


# ---- at least once -------------------------------------------------------------------------------


def test_without_transactions_a_stream_is_at_least_once(kafka: KafkaTopics) -> None:
    topic = kafka.new_topic()
    writer: Any = sink(kafka, topic, transactional="false").streamWriter(parse_ddl("value BINARY"), False)
    assert guarantee_of(writer) is Guarantee.AT_LEAST_ONCE
    for batch_id in range(2):
        writer.commit([writer.write(iter([values(f"{batch_id}")])), None], batch_id)
    writer.close()
    assert seen(kafka, topic) == ["0", "1"]


def test_without_transactions_a_row_that_is_not_delivered_fails_the_batch(kafka: KafkaTopics) -> None:
    topic = kafka.new_topic(config={"max.message.bytes": "2000"})
    writer: Any = sink(kafka, topic, transactional="false").streamWriter(parse_ddl("value BINARY"), False)
    with pytest.raises(QueryExecutionException, match=r"not every row was written.*max.message.bytes"):
        writer.commit([writer.write(iter([values("a", "x" * 10_000)]))], 0)
    writer.commit([writer.write(iter([values("b")]))], 0)
    assert "b" in seen(kafka, topic)
    writer.close()


def test_a_data_set_that_cannot_be_written_leaves_nothing(kafka: KafkaTopics) -> None:
    topic = kafka.new_topic(config={"max.message.bytes": "2000"})
    with pytest.raises(CommitFailed, match=r"the rows were not written.*max.message.bytes"):
        write_batch(sink(kafka, topic), "value STRING", [("a",), ("x" * 10_000,)])
    assert seen(kafka, topic) == []
