"""The Kafka sink takes and refuses columns and options as PySpark's does."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from streamcore.errors import AnalysisException, IllegalArgumentException, QueryExecutionException
from streamcore.kafka.rows import COLUMNS
from streamcore.sinks.kafka.columns import sent_columns, sent_rows
from streamcore.sinks.kafka.data_source import KafkaSink
from streamcore.sinks.kafka.settings import read_settings
from streamcore.spi.options import Options
from streamcore.spi.types import StructType, parse_ddl, to_arrow_schema

BROKER = {"kafka.bootstrap.servers": "127.0.0.1:1"}
HEADERS = "headers ARRAY<STRUCT<key: STRING, value: BINARY>>"


def columns(ddl: str, **options: str) -> list[str]:
    return list(sent_columns(parse_ddl(ddl), read_settings(Options({**BROKER, **options}))))


# As PySpark 4.3 said it, with spark-sql-kafka-0-10 4.2.0.
REFUSED = [
    ("topic STRING", {}, "Required attribute 'value' not found"),
    ("VALUE STRING", {"topic": "t"}, "Required attribute 'value' not found"),
    (
        "value STRING",
        {},
        (
            "topic option required when no 'topic' attribute is present. Use the topic option for setting a "
            "topic."
        ),
    ),
    (
        "value INT",
        {"topic": "t"},
        "value attribute unsupported type int. value must be a(n) string or binary",
    ),
    (
        "value STRING, key INT",
        {"topic": "t"},
        "key attribute unsupported type int. key must be a(n) string or binary",
    ),
    (
        "value VOID",
        {"topic": "t"},
        "value attribute unsupported type void. value must be a(n) string or binary",
    ),
    (
        "value STRING, topic BINARY",
        {},
        "topic attribute unsupported type binary. topic must be a(n) string",
    ),
    (
        "value STRING, partition BIGINT",
        {"topic": "t"},
        "partition attribute unsupported type bigint. partition must be a(n) int",
    ),
    (
        "value STRING, headers ARRAY<STRUCT<key: STRING, value: STRING>>",
        {"topic": "t"},
        (
            "headers attribute unsupported type array<struct<key:string,value:string>>. headers must be a(n) "
            "array<struct<key:string,value:binary>>"
        ),
    ),
    (
        "value STRING, headers ARRAY<STRUCT<k: STRING, v: BINARY>>",
        {"topic": "t"},
        (
            "headers attribute unsupported type array<struct<k:string,v:binary>>. headers must be a(n) "
            "array<struct<key:string,value:binary>>"
        ),
    ),
]


@pytest.mark.parametrize(("ddl", "options", "message"), REFUSED)
def test_columns_are_refused_in_the_words_of_spark(ddl: str, options: dict[str, str], message: str) -> None:
    with pytest.raises(AnalysisException) as refused:
        columns(ddl, **options)
    assert str(refused.value) == message


def test_columns_that_mean_nothing_here_are_left_out() -> None:
    """As in Spark: what the Kafka source reads can be written as it is, its offsets and times are not."""
    read = f"key BINARY, value BINARY, topic STRING, partition INT, offset BIGINT, ts TIMESTAMP, {HEADERS}"
    assert columns(read) == ["topic", "key", "value", "headers", "partition"]
    assert columns(read, topic="t") == ["key", "value", "headers", "partition"]


def test_texts_of_limited_length_are_strings() -> None:
    assert columns("value VARCHAR(3), key CHAR(2)", topic="t") == ["key", "value"]


@pytest.mark.parametrize(
    ("ddl", "asked", "said"),
    [
        ("value STRING", "true", "has no column 'headers'"),
        (f"value STRING, {HEADERS}", "false", "drop the column"),
    ],
)
def test_headers_that_are_asked_for_and_are_not_there_are_refused(ddl: str, asked: str, said: str) -> None:
    with pytest.raises(AnalysisException, match=said):
        columns(ddl, topic="t", includeHeaders=asked)
    other = {"true": "false", "false": "true"}[asked]
    assert columns(ddl, topic="t", includeHeaders=other) == columns(ddl, topic="t")


def sent(schema: StructType, rows: list[tuple[Any, ...]], **options: str) -> pa.RecordBatch:
    arrow = to_arrow_schema(schema)
    arrays = [pa.array([row[i] for row in rows], field.type) for i, field in enumerate(arrow)]
    at = sent_columns(schema, read_settings(Options({**BROKER, **options})))
    return sent_rows(pa.RecordBatch.from_arrays(arrays, schema=arrow), at)


def test_text_becomes_bytes_and_nulls_stay() -> None:
    schema = parse_ddl(f"key STRING, value STRING, topic STRING, partition INT, {HEADERS}, rest INT")
    found = sent(
        schema, [("ü", None, "a", None, [{"key": "h", "value": None}], 1), (None, "", "b", 3, None, 2)]
    )
    assert {name: found.schema.field(name).type for name in found.schema.names} == COLUMNS
    assert found.column("key").to_pylist() == ["ü".encode(), None]
    assert found.column("value").to_pylist() == [None, b""]
    assert found.column("headers").to_pylist() == [[{"key": "h", "value": None}], None]


@pytest.mark.parametrize(
    ("ddl", "row", "message"),
    [
        (
            "value STRING, topic STRING",
            ("a", None),
            (
                "The Kafka message data sent to the producer contains a null topic. Use the `topic` option "
                "for setting a default topic."
            ),
        ),
        ("value STRING, topic STRING", ("a", ""), "a row has an empty topic"),
        (
            "topic STRING, value STRING, partition INT",
            ("t", "a", -1),
            "Invalid partition: -1. Partition number should always be non-negative or null.",
        ),
        (
            f"topic STRING, value STRING, {HEADERS}",
            ("t", "a", [{"key": None, "value": b""}]),
            "a header that is null or has no name",
        ),
    ],
)
def test_rows_that_no_producer_may_be_given_are_refused(ddl: str, row: tuple[Any, ...], message: str) -> None:
    with pytest.raises(QueryExecutionException) as refused:
        sent(parse_ddl(ddl), [row])
    assert message in str(refused.value)


# ---- options -------------------------------------------------------------------------------------


def test_java_names_of_producer_properties_are_translated() -> None:
    given = {"kafka.max.request.size": "5000000", "kafka.buffer.memory": "33554432", "kafka.acks": "all"}
    client = read_settings(Options({**BROKER, **given})).client
    assert client["message.max.bytes"] == "5000000"
    assert client["queue.buffering.max.kbytes"] == "32768"
    assert client["acks"] == "all"


def test_max_block_ms_is_how_long_brokers_are_waited_for() -> None:
    settings = read_settings(Options({**BROKER, "kafka.max.block.ms": "1500"}))
    assert settings.patience == 1.5
    assert "max.block.ms" not in settings.client
    assert read_settings(Options(BROKER)).patience == 60


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            {"kafka.key.serializer": "x"},
            "Kafka option 'key.serializer' is not supported as keys are serialized with ByteArraySerializer.",
        ),
        (
            {"kafka.value.serializer": "x"},
            (
                "Kafka option 'value.serializer' is not supported as value are serialized with "
                "ByteArraySerializer."
            ),
        ),
        ({"kafka.transactional.id": "x"}, "set the option transactional=false"),
        ({"kafka.partitioner.class": "x"}, "Java classes cannot run here"),
        ({"kafka.isolation.level": "read_committed"}, "it belongs to consumers"),
        ({"kafka.buffer.memory": "much"}, "kafka.buffer.memory='much' is not an integer"),
        ({"topic": " "}, "the option topic is empty"),
        ({"subscribe": "x"}, "does not know the option 'subscribe'"),
        ({"transactional": "maybe"}, "must be true or false"),
        ({"transactional": "false", "ledgerTopic": "l"}, "leave one of the two out"),
    ],
)
def test_options_that_cannot_be_kept_are_refused(options: dict[str, str], said: str) -> None:
    with pytest.raises(IllegalArgumentException) as refused:
        KafkaSink(Options({**BROKER, **options}))
    assert said in str(refused.value)


def test_a_sink_without_brokers_is_refused() -> None:
    with pytest.raises(
        IllegalArgumentException, match=r"the kafka sink needs the option 'kafka.bootstrap.servers'"
    ):
        KafkaSink(Options({"topic": "t"}))


@pytest.mark.parametrize(("mode", "word"), [("overwrite", "Overwrite"), ("ignore", "Ignore")])
def test_save_modes_that_would_replace_or_skip_are_refused(mode: str, word: str) -> None:
    with pytest.raises(AnalysisException) as refused:
        KafkaSink(Options(BROKER)).check_save_mode(mode)
    assert str(refused.value) == (
        f"Save mode {word} not allowed for Kafka. Allowed save modes are Append and ErrorIfExists (default)."
    )


def test_no_secret_is_shown() -> None:
    sink = KafkaSink(Options({**BROKER, "topic": "t", "kafka.sasl.password": "hunter2"}))
    assert "hunter2" not in f"{sink!r} {sink.describe()} {read_settings(Options(sink.options))!r}"
