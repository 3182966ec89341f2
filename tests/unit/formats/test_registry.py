"""Messages with the header of a schema registry, over the client's own registry in memory."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.schema_registry import Schema
from confluent_kafka.schema_registry.error import SchemaRegistryError

from streamcore import Session
from streamcore.errors import (
    AnalysisException,
    IllegalArgumentException,
    MalformedRecordException,
    QueryExecutionException,
    UnsupportedOperationException,
)
from streamcore.formats.protobuf.descriptors import protobuf
from streamcore.formats.registry.connections import connect, connection
from streamcore.formats.registry.options import RegistryOptions, registry_options
from streamcore.sql.avro.functions import from_avro, to_avro
from streamcore.sql.protobuf.functions import from_protobuf, to_protobuf
from tests.unit.formats.protobuf_files import descriptor_set

FIRST = json.dumps({"type": "record", "name": "Sale", "fields": [{"name": "id", "type": "int"}]})
SECOND = json.dumps(
    {
        "type": "record", "name": "Sale",
        "fields": [{"name": "id", "type": "long"}, {"name": "item", "type": "string", "default": "?"}],
    }
)  # fmt: skip
FILES = descriptor_set({"Other": ["int32 x"], "Sale": ["int64 id", "string item"]})


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    made = Session.builder.master("local[2]").getOrCreate()
    yield made
    made.stop()


@pytest.fixture
def address(request: pytest.FixtureRequest) -> str:
    """The address of a registry of the test's own."""
    return f"mock://{request.node.name}"


def register(address: str, subject: str, text: str, kind: str = "AVRO") -> int:
    client = connect(RegistryOptions(address)).client
    return int(client.register_schema(subject, Schema(text, kind)))


def _serialized(files: bytes) -> str:
    (file,) = protobuf("descriptor_pb2").FileDescriptorSet.FromString(files).file
    return base64.b64encode(file.SerializeToString()).decode()


def test_each_message_is_read_by_the_schema_that_wrote_it_into_the_latest(
    session: Session, address: str
) -> None:
    old = register(address, "sales-value", FIRST)
    rows = session.range(3).selectExpr(
        "id", "struct(CAST(id AS INT) AS id) AS a", "struct(id, 'x' AS item) AS b"
    )
    by_first = to_avro("a", subject="sales-value", schemaRegistryAddress=address)
    data = rows.select("id", by_first.alias("a"), "b")
    register(address, "sales-value", SECOND)
    by_second = to_avro("b", subject="sales-value", schemaRegistryAddress=address)
    data = data.selectExpr("id", "a", "b").select("id", "a", by_second.alias("b"))
    assert data.collect()[1].a == b"\0" + struct.pack(">I", old) + b"\2"
    mixed = data.selectExpr("CASE WHEN id % 2 = 0 THEN a ELSE b END AS value")
    read = mixed.select(
        from_avro("value", subject="sales-value", schemaRegistryAddress=address).alias("sale")
    )
    assert [tuple(row.sale) for row in read.collect()] == [(0, "?"), (1, "x"), (2, "?")]


def test_the_schema_that_is_given_is_read_into(session: Session, address: str) -> None:
    register(address, "s", SECOND)
    table = session.sql("SELECT struct(7L AS id, 'x' AS item) AS sale").select(
        to_avro("sale", subject="s", schemaRegistryAddress=address).alias("value")
    )
    wanted = json.dumps({"type": "record", "name": "Sale", "fields": [{"name": "item", "type": "string"}]})
    read = table.select(from_avro("value", wanted, schemaRegistryAddress=address).alias("sale"))
    assert read.schema["sale"].dataType.simpleString() == "struct<item:string>"
    assert read.collect()[0].sale == ("x",)


def test_a_schema_is_asked_for_once_by_its_id(session: Session, address: str) -> None:
    number = register(address, "s", '"long"')
    found = connect(RegistryOptions(address))
    asked: list[int] = []
    ask = found.client.get_schema

    def counted(schema_id: int, *args: Any, **settings: Any) -> Any:
        asked.append(schema_id)
        return ask(schema_id, *args, **settings)

    found.client.get_schema = counted
    data = session.range(9_000).select(to_avro("id", subject="s", schemaRegistryAddress=address).alias("v"))
    read = data.select(from_avro("v", subject="s", schemaRegistryAddress=address).alias("v"))
    assert read.selectExpr("sum(v)").collect()[0][0] == sum(range(9_000))
    assert asked == [number]


def test_messages_without_a_header_and_of_unknown_ids_are_malformed(session: Session, address: str) -> None:
    register(address, "s", FIRST)
    table = session.sql(
        "SELECT * FROM VALUES (X'00'), (X'0100000001ff'), (X'000000270f02'), (X'000000000102') AS t(v)"
    )
    read = from_avro("v", None, {"mode": "PERMISSIVE"}, "s", address).alias("sale")
    assert [row.sale and row.sale.id for row in table.select(read).collect()] == [None, None, None, 1]
    with pytest.raises(MalformedRecordException, match="row 0 of its batch, 1 bytes are too few"):
        table.select(from_avro("v", subject="s", schemaRegistryAddress=address)).collect()


def test_a_registry_that_fails_makes_no_nulls(session: Session, address: str) -> None:
    register(address, "s", FIRST)

    def fail(*_: Any, **__: Any) -> Any:
        raise SchemaRegistryError(500, 50001, "out of order")

    connect(RegistryOptions(address)).client.get_schema = fail
    read = from_avro("v", None, {"mode": "PERMISSIVE"}, "s", address)
    with pytest.raises(QueryExecutionException, match=r"did not give the schema of the id 1: .*out of order"):
        session.sql("SELECT X'000000000102' AS v").select(read).collect()


def test_a_subject_that_is_not_there_is_named(address: str) -> None:
    with pytest.raises(AnalysisException, match="has not the subject 'nope'"):
        from_avro("v", subject="nope", schemaRegistryAddress=address)


def test_a_schema_to_write_by_must_be_there_unless_it_may_be_registered(address: str) -> None:
    with pytest.raises(AnalysisException, match=r"auto\.register\.schemas"):
        to_avro("v", FIRST, subject="s", schemaRegistryAddress=address)
    to_avro("v", FIRST, {"auto.register.schemas": "true"}, "s", address)
    to_avro("v", FIRST, subject="s", schemaRegistryAddress=address)


def test_protobuf_is_read_and_written_by_the_message_of_its_subject(session: Session, address: str) -> None:
    register(address, "p", _serialized(FILES), "PROTOBUF")
    options = {
        "schema.registry.address": address,
        "schema.registry.subject": "p",
        "schema.registry.protobuf.name": "Sale",
    }
    rows = session.range(1, 4).selectExpr("struct(id, 'x' AS item) AS sale")
    data = rows.select(to_protobuf("sale", options=options).alias("v"))
    assert data.collect()[0].v[:7] == b"\0\0\0\0\1\2\2", "one place, the second message of the file"
    read = data.select(from_protobuf("v", options=options).alias("sale"))
    assert [tuple(row.sale) for row in read.collect()] == [(1, "x"), (2, "x"), (3, "x")]
    other = from_protobuf("v", options={**options, "schema.registry.protobuf.name": "Other"})
    with pytest.raises(MalformedRecordException, match=r"a message of t\.Sale, and not of t\.Other"):
        data.select(other).collect()


def test_of_several_messages_one_must_be_chosen(address: str) -> None:
    register(address, "p", _serialized(FILES), "PROTOBUF")
    with pytest.raises(AnalysisException, match=r"Other, Sale.*schema\.registry\.protobuf\.name"):
        from_protobuf("v", options={"schema.registry.address": address, "schema.registry.subject": "p"})


def test_a_descriptor_beside_the_address_is_read_behind_the_header(session: Session, address: str) -> None:
    table = session.sql("SELECT X'000000000100080a' AS v")
    read = from_protobuf("v", "Other", None, {"schema.registry.address": address}, FILES).alias("o")
    assert table.select(read).collect()[0].o.x == 10


def test_a_protobuf_schema_that_comes_as_text_names_the_way_out(address: str) -> None:
    register(address, "p", 'syntax = "proto3"; message A { int32 a = 1; }', "PROTOBUF")
    with pytest.raises(UnsupportedOperationException, match="give descFilePath or binaryDescriptorSet"):
        from_protobuf("v", options={"schema.registry.address": address, "schema.registry.subject": "p"})


def test_credentials_stay_out_of_what_a_query_shows(session: Session, address: str) -> None:
    options = {"confluent.schema.registry.basic.auth.user.info": "ann:geheim"}
    said, rest = registry_options(options, address, "s")
    assert said is not None
    assert (rest, dict(said.secrets)) == ({}, {"basic.auth.user.info": "ann:geheim"})
    connect(said).client.register_schema("s", Schema(FIRST, "AVRO"))
    read = session.sql("SELECT X'000000000102' AS v").select(
        from_avro("v", None, options, "s", address).alias("x")
    )
    assert "geheim" not in repr(said) + said.reference + str(read.columns) + str(read._plan)
    assert "ann" in said.reference
    assert read.collect()[0].x.id == 1


def test_credentials_in_an_address_are_taken_out_of_it() -> None:
    said, _ = registry_options({}, "https://ann:geheim@registry:8081/api", None)
    assert said is not None
    assert (said.address, said.secrets) == (
        "https://registry:8081/api",
        {"basic.auth.user.info": "ann:geheim"},
    )


def test_a_process_without_the_credentials_says_where_they_are() -> None:
    reference = RegistryOptions("mock://elsewhere", secrets={"basic.auth.user.info": "bob:geheim"}).reference
    with pytest.raises(QueryExecutionException, match=r"credentials of bob .* run the query with local\[n\]"):
        connection(reference)


def test_settings_reach_the_client_as_it_takes_them(tmp_path: Path) -> None:
    said, _ = registry_options(
        {
            "confluent.schema.registry.bearer.auth.credentials.source": "STATIC_TOKEN",
            "confluent.schema.registry.bearer.auth.token": "geheim", "max.retries": "1", "timeout": "2.5",
        },
        "http://localhost:1", None,
    )  # fmt: skip
    assert said is not None
    assert "geheim" not in said.reference
    assert connect(said).client is connection(said.reference).client
    wrong, _ = registry_options({"ssl.ca.location": str(tmp_path / "no.pem")}, "https://localhost:1", None)
    assert wrong is not None
    with pytest.raises(
        IllegalArgumentException, match="settings of the schema registry at https://localhost:1"
    ):
        connect(wrong)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"bearer.auth.credentials.source": "OAUTHBEARER"}, "offered as STATIC_TOKEN only"),
        ({"confluent.schema.registry.nonsense": "1"}, "does not know the option"),
        ({"confluent.schema.registry.ssl.truststore.location": "x"}, "store of Java's"),
        ({"avroSchemaEvolutionMode": "restart"}, "offered as 'none' only"),
        ({"schema.registry.url": "mock://other"}, "Several addresses"),
    ],
)
def test_options_that_cannot_be_kept_are_refused(options: dict[str, str], reason: str) -> None:
    with pytest.raises((IllegalArgumentException, UnsupportedOperationException), match=reason):
        registry_options(options, "mock://one", None)
