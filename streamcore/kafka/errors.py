"""What a Kafka read says when it cannot go on."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from streamcore.errors import OffsetsLost, QueryExecutionException, SourceUnavailable

if TYPE_CHECKING:
    from confluent_kafka import KafkaError

    from streamcore.kafka.client_config import ClientConfig

_LOG = logging.getLogger("streamcore.sources.kafka")

_WAY_OUT = (
    "If the records were already processed elsewhere or can be done without, set the option "
    "failOnDataLoss=false: the query then warns and goes on from the earliest record there is"
)


class KafkaUnavailable(SourceUnavailable):
    """No broker answered within the deadline; nothing was lost, and the same read may be tried again."""


class NoAnswer(KafkaUnavailable):
    """The client library returned without an error, but what it returned is no answer of a broker's."""


class KafkaRefused(QueryExecutionException):
    """A broker answered, and refused for good."""


def refusal(client: ClientConfig, what: str, error: KafkaError) -> KafkaRefused:
    """The error for a request that will never be answered otherwise.

    `what` completes "did not ...": "list its topics".
    """
    return KafkaRefused(f"Kafka at {address(client)} did not {what}: {error.str()} ({error.name()})")


def unanswered(client: ClientConfig, said: str, reasons: list[str]) -> KafkaUnavailable:
    """The error for a request that nobody has answered; `reasons` may hold empty and equal texts."""
    why = "; ".join(dict.fromkeys(reason for reason in reasons if reason))
    protocol = client.get("security.protocol", "plaintext").upper()
    return KafkaUnavailable(
        f"{said}{f' ({why})' if why else ''}; see whether the brokers run at that address, and whether its "
        f"port speaks {protocol} (kafka.security.protocol), then start the query again: nothing is lost"
    )


def address(client: ClientConfig) -> str:
    """Where the user said that the brokers are."""
    return client["bootstrap.servers"]


def report_loss(what: str, *, fail: bool) -> None:
    """Raises OffsetsLost, or only warns when the user has allowed loss."""
    if fail:
        raise OffsetsLost(f"{what}. {_WAY_OUT}")
    _LOG.warning("%s. Going on without (failOnDataLoss=false)", what)
