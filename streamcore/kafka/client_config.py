"""Options `kafka.*` as librdkafka properties: Java's names translated, what Spark forbids refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from streamcore.errors import IllegalArgumentException, UnsupportedOperationException
from streamcore.kafka.jaas import credentials

ClientConfig = dict[str, str]

BOOTSTRAP = "bootstrap.servers"
DEADLINE = "default.api.timeout.ms"

_RENAMED: Final = {
    "receive.buffer.bytes": "socket.receive.buffer.bytes",
    "send.buffer.bytes": "socket.send.buffer.bytes",
    "request.timeout.ms": "socket.timeout.ms",
    "ssl.truststore.certificates": "ssl.ca.pem",
    "ssl.keystore.certificate.chain": "ssl.certificate.pem",
    "ssl.keystore.key": "ssl.key.pem",
}


@dataclass(frozen=True)
class ClientKind:
    """What differs between the options of a reader and of a writer.

    `owner` is whom messages name. `renamed` holds librdkafka's names of Java's properties, `converted` how
    values change with it, `ours` what is no property of the library but read elsewhere. `refused` says why a
    property may not be set; `words` is how that is put, as Spark puts it where Spark says it.
    """

    owner: str
    renamed: Mapping[str, str]
    refused: Mapping[str, str]
    words: str
    ours: frozenset[str]
    converted: Mapping[str, Callable[[str], str]]


CONSUMER: Final = ClientKind(
    owner="source",
    renamed={
        **_RENAMED,
        "fetch.max.wait.ms": "fetch.wait.max.ms",
        "max.partition.fetch.bytes": "fetch.message.max.bytes",
    },
    refused={
        "auto.offset.reset": "set the option startingOffsets to say where a query starts",
        "key.deserializer": "keys are read as bytes; convert them with DataFrame operations",
        "value.deserializer": "values are read as bytes; convert them with DataFrame operations",
        "key.serializer": "keys are bytes or strings",
        "value.serializer": "values are bytes or strings",
        "enable.auto.commit": "the checkpoint keeps the offsets; see also the option commitOffsetsToGroup",
        "enable.auto.offset.store": "the checkpoint keeps the offsets; see also the option "
        "commitOffsetsToGroup",
        "interceptor.classes": "Java classes cannot run here",
        "partition.assignment.strategy": "partitions are assigned by the query, not by a consumer group",
        "max.poll.records": "it has no effect here; the option maxOffsetsPerTrigger limits a micro-batch",
        "enable.partition.eof": "the source sets it for itself",
    },
    words="the option kafka.{key} is not supported: {why}",
    ours=frozenset({DEADLINE}),
    converted={},
)

MAX_BLOCK: Final = "max.block.ms"

PRODUCER: Final = ClientKind(
    owner="sink",
    renamed={
        **_RENAMED,
        "max.request.size": "message.max.bytes",
        "buffer.memory": "queue.buffering.max.kbytes",
    },
    refused={
        "key.serializer": "keys are serialized with ByteArraySerializer.",
        "value.serializer": "value are serialized with ByteArraySerializer.",
        "transactional.id": "each query has its own, by which its earlier runs are fenced out. To write "
        "without transactions set the option transactional=false",
        "interceptor.classes": "Java classes cannot run here",
        "metric.reporters": "Java classes cannot run here",
        "partitioner.class": "Java classes cannot run here. Keys go to the partitions of Java's default "
        "partitioner; the column partition, or kafka.partitioner with a name of librdkafka's, changes that",
        "delivery.report.only.error": "the sink sets it for itself",
        **dict.fromkeys(
            ("group.id", "isolation.level", "auto.offset.reset", "enable.auto.commit"),
            "it belongs to consumers, and would have no effect",
        ),
    },
    words="Kafka option '{key}' is not supported as {why}",
    ours=frozenset({MAX_BLOCK}),
    converted={"buffer.memory": lambda text: str(max(1, int(text) // 1024))},
)

_JAVA_ONLY: Final = {
    "ssl.truststore.location": "Java key stores cannot be read here; export the certificates as PEM and set "
    "kafka.ssl.ca.location",
    "ssl.truststore.password": "PEM certificates have no password; set kafka.ssl.ca.location",
    "ssl.truststore.type": "set kafka.ssl.ca.location to a PEM file",
    "sasl.login.callback.handler.class": "Java classes cannot run here; see kafka.sasl.oauthbearer.method",
    "sasl.client.callback.handler.class": "Java classes cannot run here",
}


def client_config(options: Mapping[str, str], kind: ClientKind = CONSUMER) -> ClientConfig:
    """The librdkafka properties in the options `kafka.*`.

    >>> client_config({"kafka.bootstrap.servers": "a:9092", "kafka.fetch.max.wait.ms": "5", "subscribe": "t"})
    {'bootstrap.servers': 'a:9092', 'fetch.wait.max.ms': '5'}
    >>> client_config({"kafka.bootstrap.servers": "a:9092", "kafka.buffer.memory": "33554432"}, PRODUCER)
    {'bootstrap.servers': 'a:9092', 'queue.buffering.max.kbytes': '32768'}
    """
    given = {
        key[len("kafka.") :].lower(): v for key, v in options.items() if key.lower().startswith("kafka.")
    }
    if BOOTSTRAP not in given:
        raise IllegalArgumentException(
            f"the kafka {kind.owner} needs the option 'kafka.bootstrap.servers' (host:port of one or more "
            "brokers)"
        )
    config: ClientConfig = {}
    for key, value in _pem_stores(given).items():
        _refuse(key, kind)
        config.update(_translated(key, value, kind))
    return config


def _refuse(key: str, kind: ClientKind) -> None:
    if key in kind.refused:
        raise IllegalArgumentException(kind.words.format(key=key, why=kind.refused[key]))
    if key in _JAVA_ONLY:
        raise UnsupportedOperationException(f"the option kafka.{key} belongs to Java: {_JAVA_ONLY[key]}")


def _translated(key: str, value: str, kind: ClientKind) -> ClientConfig:
    if key == "sasl.jaas.config":
        user, password = credentials(value)
        return {"sasl.username": user, "sasl.password": password}
    if key in kind.ours:
        return {}
    convert = kind.converted.get(key, str)
    try:
        return {kind.renamed.get(key, key): convert(value)}
    except ValueError:
        raise IllegalArgumentException(f"option kafka.{key}={value!r} is not an integer") from None


def _pem_stores(given: Mapping[str, str]) -> dict[str, str]:
    """PEM stores under librdkafka's names; other stores are left to be passed on or refused."""
    rest = dict(given)
    if rest.get("ssl.truststore.type", "").upper() == "PEM":
        del rest["ssl.truststore.type"]
        if "ssl.truststore.location" in rest:
            rest["ssl.ca.location"] = rest.pop("ssl.truststore.location")
    kind = rest.pop("ssl.keystore.type", "PKCS12").upper()
    if kind == "PEM" and "ssl.keystore.location" in rest:
        # Java keeps key and certificate in one file; librdkafka reads each from a file of its own choice.
        location = rest.pop("ssl.keystore.location")
        rest["ssl.key.location"] = rest["ssl.certificate.location"] = location
    elif kind == "JKS":
        raise UnsupportedOperationException(
            "the option kafka.ssl.keystore.type=JKS belongs to Java: convert the store to PKCS12, or set "
            "kafka.ssl.certificate.location and kafka.ssl.key.location to PEM files"
        )
    return rest
