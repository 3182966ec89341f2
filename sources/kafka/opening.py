"""How a partition is opened: a consumer, and the fastest intake that this machine has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from streamcore.errors import IllegalArgumentException
from streamcore.kafka.failures import Complaints
from streamcore.kafka.native.client import made_with_handle
from streamcore.kafka.native.library import library
from streamcore.sources.kafka.intake import Intake
from streamcore.sources.kafka.settings import FetchSettings

if TYPE_CHECKING:
    from confluent_kafka import Consumer

_DEFAULTS: Final = {
    "enable.auto.commit": "false",
    "enable.auto.offset.store": "false",
    "auto.offset.reset": "error",
    "enable.partition.eof": "true",
    # Java's default shows records of aborted transactions, which an exactly-once query must not.
    "isolation.level": "read_committed",
    # After its queue was full librdkafka would rest for a second, and after an error for half of one.
    "fetch.queue.backoff.ms": "5",
    "fetch.error.backoff.ms": "50",
    "reconnect.backoff.max.ms": "1000",
    "log_level": "2",
}


def new_consumer(fetch: FetchSettings, complaints: Complaints) -> Consumer:
    """A librdkafka consumer with the user's properties over ours."""
    return _made(_config(fetch, complaints))


def open_intake(topic: str, partition: int, fetch: FetchSettings, complaints: Complaints) -> Intake:
    """The C library's intake, or where there is none that of confluent-kafka's messages."""
    native = library()
    if native is None:
        from streamcore.sources.kafka.message_intake import MessageIntake

        return MessageIntake(new_consumer(fetch, complaints), topic, partition)
    from streamcore.sources.kafka.native_intake import NativeIntake

    config = _config(fetch, complaints)
    consumer, handle = made_with_handle(native, _made, config)
    return NativeIntake(native, consumer, handle, topic, partition)


def _config(fetch: FetchSettings, complaints: Complaints) -> dict[str, Any]:
    return {**_DEFAULTS, **fetch.client, "group.id": fetch.group_id, "error_cb": complaints}


def _made(config: Mapping[str, Any]) -> Consumer:
    from confluent_kafka import Consumer, KafkaException

    try:
        return Consumer(dict(config))
    except KafkaException as error:
        raise IllegalArgumentException(f"the options kafka.* are refused: {error.args[0].str()}") from None
