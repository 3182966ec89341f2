"""Nobody answers at the first contact: the error comes soon, names the address, and says why."""

from __future__ import annotations

import pytest

from streamcore.kafka.errors import KafkaUnavailable
from streamcore.sources.kafka.settings import stream_settings
from streamcore.spi.options import Options
from tests.integration.sources.kafka_reading import batch_rows, stream_reader
from tests.services.kafka_topics import KafkaTopics
from tests.services.readiness import free_port

pytestmark = pytest.mark.integration

SOON = {"kafka.default.api.timeout.ms": "1500"}
SASL = {"kafka.sasl.mechanism": "PLAIN", "kafka.sasl.username": "u", "kafka.sasl.password": "hush"}


def test_where_nobody_listens_the_address_is_named_and_that_it_refused() -> None:
    nobody = KafkaTopics(f"127.0.0.1:{free_port()}", "nobody")
    with pytest.raises(
        KafkaUnavailable, match=rf"Kafka at {nobody.bootstrap}.*Connection refused.*PLAINTEXT"
    ):
        stream_reader(nobody, subscribe="t", **SOON).initialOffset()
    with pytest.raises(KafkaUnavailable, match=rf"Kafka at {nobody.bootstrap}.*Connection refused"):
        batch_rows(nobody, subscribe="t", **SOON)


def test_a_protocol_that_is_not_the_ports_is_told(kafka: KafkaTopics) -> None:
    tls = SASL | {"kafka.security.protocol": "SASL_SSL"} | SOON
    with pytest.raises(KafkaUnavailable, match=r"PLAINTEXT broker listener.*speaks SASL_SSL") as told:
        stream_reader(kafka, subscribe="t", **tls).initialOffset()
    assert kafka.bootstrap in str(told.value)
    assert "hush" not in str(told.value)


def test_refused_credentials_are_told_without_waiting(
    kafka: KafkaTopics, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streamcore.sources.kafka.cluster._ATTEMPT_TIMEOUT", 0.5)
    wrong = SASL | {"kafka.security.protocol": "SASL_PLAINTEXT", "kafka.default.api.timeout.ms": "100000000"}
    with pytest.raises(KafkaUnavailable, match=r"SASL PLAIN mechanism handshake failed.*SASL_PLAINTEXT"):
        stream_reader(kafka, subscribe="t", **wrong).initialOffset()


def test_the_first_contact_has_ten_seconds_and_later_ones_a_minute_unless_the_user_says_otherwise() -> None:
    base = {"kafka.bootstrap.servers": "b:9092", "subscribe": "t"}
    usual = stream_settings(Options(base))
    assert (usual.first_contact, usual.deadline) == (10_000, 60_000)
    asked = stream_settings(Options(base | {"kafka.default.api.timeout.ms": "25000"}))
    assert (asked.first_contact, asked.deadline) == (25_000, 25_000)
