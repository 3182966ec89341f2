"""Avro and Protobuf by a real schema registry."""

from __future__ import annotations

import json
from collections.abc import Iterator
from uuid import uuid4

import pytest
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from streamcore import Session
from streamcore.errors import AnalysisException, MalformedRecordException, UnsupportedOperationException
from streamcore.sql.avro.functions import from_avro, to_avro
from streamcore.sql.protobuf.functions import from_protobuf
from tests.services.schema_registry import SchemaRegistry

pytestmark = pytest.mark.soak

FIRST = json.dumps({"type": "record", "name": "Sale", "fields": [{"name": "id", "type": "int"}]})
SECOND = json.dumps(
    {
        "type": "record",
        "name": "Sale",
        "fields": [{"name": "id", "type": "long"}, {"name": "item", "type": "string", "default": "?"}],
    }
)


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    made = Session.builder.master("local[2]").getOrCreate()
    yield made
    made.stop()


@pytest.fixture
def topic() -> str:
    return f"sales-{uuid4().hex}"


def test_what_another_client_wrote_by_two_schemas_is_read_into_the_latest(
    session: Session, schema_registry: SchemaRegistry, topic: str
) -> None:
    client = SchemaRegistryClient({"url": schema_registry.address})
    context = SerializationContext(topic, MessageField.VALUE)
    old = AvroSerializer(client, FIRST)({"id": 1}, context)
    new = AvroSerializer(client, SECOND)({"id": 2, "item": "x"}, context)
    table = session.createDataFrame([(bytearray(old),), (bytearray(new),), (None,)], "value binary")
    read = table.select(
        from_avro("value", None, None, f"{topic}-value", schema_registry.address).alias("sale")
    )
    assert [row.sale and tuple(row.sale) for row in read.collect()] == [(1, "?"), (2, "x"), None]


def test_what_is_written_another_client_reads(
    session: Session, schema_registry: SchemaRegistry, topic: str
) -> None:
    options = {"auto.register.schemas": "true"}
    rows = session.range(2).selectExpr("struct(id, 'x' AS item) AS sale")
    data = rows.select(to_avro("sale", SECOND, options, f"{topic}-value", schema_registry.address).alias("v"))
    read = AvroDeserializer(SchemaRegistryClient({"url": schema_registry.address}))
    context = SerializationContext(topic, MessageField.VALUE)
    assert [read(bytes(row.v), context) for row in data.collect()] == [
        {"id": 0, "item": "x"},
        {"id": 1, "item": "x"},
    ]


def test_unknown_ids_and_subjects_are_told_apart_from_a_registry_that_fails(
    session: Session, schema_registry: SchemaRegistry, topic: str
) -> None:
    client = SchemaRegistryClient({"url": schema_registry.address})
    client.register_schema(f"{topic}-value", Schema(FIRST, "AVRO"))
    read = from_avro("v", None, None, f"{topic}-value", schema_registry.address)
    with pytest.raises(MalformedRecordException, match="no schema of the id 2147483647"):
        session.sql("SELECT X'007fffffff02' AS v").select(read).collect()
    with pytest.raises(AnalysisException, match="has not the subject 'nope'"):
        from_avro("v", subject="nope", schemaRegistryAddress=schema_registry.address)


def test_a_protobuf_schema_that_comes_as_text_names_the_way_out(
    schema_registry: SchemaRegistry, topic: str
) -> None:
    client = SchemaRegistryClient({"url": schema_registry.address})
    text = 'syntax = "proto3"; package t; message Sale { int64 id = 1; }'
    client.register_schema(f"{topic}-value", Schema(text, "PROTOBUF"))
    options = {
        "schema.registry.address": schema_registry.address,
        "schema.registry.subject": f"{topic}-value",
    }
    with pytest.raises(UnsupportedOperationException, match="give descFilePath or binaryDescriptorSet"):
        from_protobuf("v", options=options)
