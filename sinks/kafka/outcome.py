"""What an error of a broker's or of the client library's means for a commit, in words with a way out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamcore.errors import (
    CheckpointFenced,
    CheckpointMismatch,
    CommitFailed,
    CommitStateUnknown,
    IllegalArgumentException,
)
from streamcore.kafka.errors import KafkaRefused, KafkaUnavailable
from streamcore.kafka.failures import may_pass
from streamcore.sinks.kafka.decisions import NOTHING

if TYPE_CHECKING:
    from confluent_kafka import KafkaError

    from streamcore.sinks.kafka.settings import KafkaSinkSettings
    from streamcore.sinks.kafka.tokens import Token
    from streamcore.spi.exactly_once import CommitRecord

_NO_TRANSACTIONS: Final = (
    "; brokers without transactions are written to at least once with the option transactional=false"
)
_WAYS_OUT: Final = {
    "INVALID_TRANSACTION_TIMEOUT": "; set the option kafka.transaction.timeout.ms to no more than the "
    "broker's transaction.max.timeout.ms",
    "TRANSACTIONAL_ID_AUTHORIZATION_FAILED": "; grant the user Write and Describe on transactional ids that "
    f"begin with 'streamcore-'{_NO_TRANSACTIONS}",
    "_UNSUPPORTED_FEATURE": _NO_TRANSACTIONS,
    "UNSUPPORTED_VERSION": _NO_TRANSACTIONS,
    "TOPIC_AUTHORIZATION_FAILED": "; grant the user Write and Describe on the topic",
    "UNKNOWN_TOPIC_OR_PART": "; create the topic, or correct its name",
    "MSG_SIZE_TOO_LARGE": "; raise max.message.bytes of the topic, or send smaller rows",
}


def said(error: KafkaError) -> str:
    """The error in the library's words, with a way out where there is one."""
    return f"{error.str()} ({error.name()}){_WAYS_OUT.get(error.name(), '')}"


def refused_options(error: KafkaError) -> IllegalArgumentException:
    """The error for properties that the client library does not take."""
    return IllegalArgumentException(f"the options kafka.* are refused: {error.str()}")


def not_opened(settings: KafkaSinkSettings, what: str, error: KafkaError, more: str = "") -> Exception:
    """The error for a request of the start; `what` completes "did not ...", `more` is what else was heard."""
    reason = f"{said(error)}{f'; {more}' if more else ''}"
    if may_pass(error):
        return KafkaUnavailable(
            f"Kafka at {settings.address} did not {what} within {settings.patience:g} s: {reason}. See "
            "whether the brokers run at that address, then start the query again: nothing is lost"
        )
    return KafkaRefused(f"Kafka at {settings.address} did not {what}: {reason}")


def failed(settings: KafkaSinkSettings, why: str) -> CommitFailed:
    """The error for a batch that is surely not committed."""
    return CommitFailed(
        f"the batch was not written to {settings.place}: {why}. No reader of committed records sees any of "
        "it; it may be tried again"
    )


def unknown(settings: KafkaSinkSettings, record: CommitRecord, why: str) -> CommitStateUnknown:
    """The error for a commit that was asked for, and whose answer nobody can get."""
    return CommitStateUnknown(
        f"it is not known whether batch {record.batch_id} was committed to {settings.place}: {why}. Start "
        "the query again when the brokers answer: it reads the ledger and goes on"
    )


def fenced(settings: KafkaSinkSettings, record: CommitRecord) -> CheckpointFenced:
    """The error for a run that is too late."""
    return CheckpointFenced(
        f"batch {record.batch_id} was not committed to {settings.place}: another run of this query has taken "
        "over, and goes on; this one has stopped"
    )


def out_of_turn(
    settings: KafkaSinkSettings, record: CommitRecord, newest: Token | None
) -> CheckpointMismatch:
    """The error for a batch that would leave a hole."""
    before = NOTHING if newest is None else newest.record.batch_id
    held = "no batch" if before == NOTHING else f"batch {before}"
    return CheckpointMismatch(
        f"batch {record.batch_id} cannot follow {held} in the ledger {settings.ledger_topic!r} of Kafka at "
        f"{settings.address}: checkpoint and ledger do not belong together; restore the one that is behind"
    )
