"""Options `kafka.*` as librdkafka properties: Java's names translated, what Spark forbids refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from streamcore.errors import IllegalArgumentException, UnsupportedOperationException
from streamcore.kafka.jaas import credentials

ClientConfig = dict[str, str]

BOOTSTRAP = "bootstrap.servers"
DEADLINE = "default.api.timeout.ms"

_RENAMED: Final = {
    "fetch.max.wait.ms": "fetch.wait.max.ms",
    "max.partition.fetch.bytes": "fetch.message.max.bytes",
    "receive.buffer.bytes": "socket.receive.buffer.bytes",
    "send.buffer.bytes": "socket.send.buffer.bytes",
    "request.timeout.ms": "socket.timeout.ms",
    "ssl.truststore.certificates": "ssl.ca.pem",
    "ssl.keystore.certificate.chain": "ssl.certificate.pem",
    "ssl.keystore.key": "ssl.key.pem",
}

_FORBIDDEN: Final = {
    "auto.offset.reset": "set the option startingOffsets to say where a query starts",
    "key.deserializer": "keys are read as bytes; convert them with DataFrame operations",
    "value.deserializer": "values are read as bytes; convert them with DataFrame operations",
    "key.serializer": "keys are bytes or strings",
    "value.serializer": "values are bytes or strings",
    "enable.auto.commit": "the checkpoint keeps the offsets; see also the option commitOffsetsToGroup",
    "enable.auto.offset.store": "the checkpoint keeps the offsets; see also the option commitOffsetsToGroup",
    "interceptor.classes": "Java classes cannot run here",
    "partition.assignment.strategy": "partitions are assigned by the query, not by a consumer group",
    "max.poll.records": "it has no effect here; the option maxOffsetsPerTrigger limits a micro-batch",
    "enable.partition.eof": "the source sets it for itself",
}

_JAVA_ONLY: Final = {
    "ssl.truststore.location": "Java key stores cannot be read here; export the certificates as PEM and set "
    "kafka.ssl.ca.location",
    "ssl.truststore.password": "PEM certificates have no password; set kafka.ssl.ca.location",
    "ssl.truststore.type": "set kafka.ssl.ca.location to a PEM file",
    "sasl.login.callback.handler.class": "Java classes cannot run here; see kafka.sasl.oauthbearer.method",
    "sasl.client.callback.handler.class": "Java classes cannot run here",
}


def client_config(options: Mapping[str, str]) -> ClientConfig:
    """The librdkafka properties in the options `kafka.*`.

    >>> client_config({"kafka.bootstrap.servers": "a:9092", "kafka.fetch.max.wait.ms": "5", "subscribe": "t"})
    {'bootstrap.servers': 'a:9092', 'fetch.wait.max.ms': '5'}
    """
    given = {
        key[len("kafka.") :].lower(): v for key, v in options.items() if key.lower().startswith("kafka.")
    }
    if BOOTSTRAP not in given:
        raise IllegalArgumentException(
            "the kafka source needs the option 'kafka.bootstrap.servers' (host:port of one or more brokers)"
        )
    config: ClientConfig = {}
    for key, value in _pem_stores(given).items():
        _refuse(key)
        config.update(_translated(key, value))
    return config


def _refuse(key: str) -> None:
    if key in _FORBIDDEN:
        raise IllegalArgumentException(f"the option kafka.{key} is not supported: {_FORBIDDEN[key]}")
    if key in _JAVA_ONLY:
        raise UnsupportedOperationException(f"the option kafka.{key} belongs to Java: {_JAVA_ONLY[key]}")


def _translated(key: str, value: str) -> ClientConfig:
    if key == "sasl.jaas.config":
        user, password = credentials(value)
        return {"sasl.username": user, "sasl.password": password}
    if key == DEADLINE:
        return {}
    return {_RENAMED.get(key, key): value}


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
