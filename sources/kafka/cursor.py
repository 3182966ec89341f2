"""One consumer on one topic partition, that reads offset ranges and goes on where the last one ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from streamcore.errors import IllegalArgumentException
from streamcore.sources.kafka.errors import KafkaUnavailable, report_loss
from streamcore.sources.kafka.offsets import OffsetRange
from streamcore.sources.kafka.settings import FetchSettings
from streamcore.spi.interruption import raise_if_interrupted

if TYPE_CHECKING:
    from confluent_kafka import Consumer, KafkaError, Message

# A thousand messages stay in the processor's cache; five thousand are already slower.
_CHUNK = 1000
# `consume` waits for the whole chunk or the whole timeout.  A range that ends in transaction markers is
# short of messages, so this is what its last chunk waits in vain.
_CONSUME_TIMEOUT = 0.02
_WATERMARK_TIMEOUT = 10.0

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


def new_consumer(fetch: FetchSettings) -> Consumer:
    """A librdkafka consumer with the user's properties over ours."""
    from confluent_kafka import Consumer, KafkaException

    try:
        return Consumer({**_DEFAULTS, **fetch.client, "group.id": fetch.group_id, "error_cb": ignore_error})
    except KafkaException as error:
        raise IllegalArgumentException(f"the options kafka.* are refused: {error.args[0].str()}") from None


def ignore_error(_: KafkaError) -> None:
    """Broker errors are temporary to librdkafka, which reconnects; ours is the deadline."""


class PartitionCursor:
    """Reads ranges of one topic partition; not for two threads at a time.

    `next_start` is where a following range can begin without a new fetch.
    """

    def __init__(
        self, topic: str, partition: int, fetch: FetchSettings, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._topic = topic
        self._partition = partition
        self._fetch = fetch
        self._now = now
        self._consumer = new_consumer(fetch)
        self.next_start = -1
        self._ahead: list[Message] = []
        self._reached = -1

    def close(self) -> None:
        """Frees the consumer."""
        self._consumer.close()

    def chunks(self, wanted: OffsetRange) -> Iterator[list[Message]]:
        """The records of a range in order, some at a time; no chunk is empty or holds an error.

        Ends when the position has passed the range's end, however few records that took.  Raises
        OffsetsLost (or warns, as the user has chosen) when records are gone, and KafkaUnavailable when
        nothing arrived for the poll timeout.
        """
        if wanted.start != self.next_start:
            self._seek(wanted.start)
        self.next_start = -1
        while True:
            chunk, self._ahead = _split(self._ahead, wanted.end)
            if chunk:
                yield chunk
            if self._ahead or self._reached >= wanted.end:
                break
            self._ahead = self._next(wanted)
        self.next_start = wanted.end

    def _seek(self, offset: int) -> None:
        from confluent_kafka import TopicPartition

        self._consumer.assign([TopicPartition(self._topic, self._partition, offset)])
        self._ahead = []
        self._reached = offset

    def _next(self, wanted: OffsetRange) -> list[Message]:
        """The next records; perhaps none, but then the position has moved."""
        deadline = self._now() + self._fetch.poll_timeout
        while True:
            raise_if_interrupted()
            count = min(_CHUNK, wanted.end - self._reached)
            messages = self._consumer.consume(count, _CONSUME_TIMEOUT)
            if messages:
                before = self._reached
                messages = self._without_errors(messages, wanted)
                if messages:
                    self._reached = max(self._reached, _next_offset(messages[-1]))
                if messages or self._reached > before:
                    return messages
            if self._now() >= deadline:
                self._give_up(wanted)
                return []

    def _without_errors(self, messages: list[Message], wanted: OffsetRange) -> list[Message]:
        from confluent_kafka import Message

        if not any(map(Message.error, messages)):
            return messages
        good = []
        for message in messages:
            error: Any = message.error()
            if error is None:
                good.append(message)
            else:
                self._handle(error, message, wanted)
        return good

    def _handle(self, error: KafkaError, message: Message, wanted: OffsetRange) -> None:
        from confluent_kafka import KafkaError as Codes
        from confluent_kafka import KafkaException

        code = error.code()
        if code == Codes._PARTITION_EOF:  # noqa: SLF001 - the library's own spelling of a public code
            self._reached = max(self._reached, message.offset() or 0)
        elif code in (Codes.OFFSET_OUT_OF_RANGE, Codes._AUTO_OFFSET_RESET):  # noqa: SLF001
            self._out_of_range(wanted)
        elif code in (Codes.UNKNOWN_TOPIC_OR_PART, Codes._UNKNOWN_PARTITION, Codes._UNKNOWN_TOPIC):  # noqa: SLF001
            self._lost(wanted, "the topic or partition no longer exists")
            self._reached = wanted.end
        elif not error.retriable() and not _is_passing(code):
            raise KafkaException(error)

    def _out_of_range(self, wanted: OffsetRange) -> None:
        low, high = self._watermarks(wanted)
        if low <= self._reached <= high:
            self._seek(self._reached)
            return
        self._lost(wanted, f"the partition now holds the offsets {low} to {high} (exclusive)")
        # The client has stopped fetching: it must be told where the next range begins, too.
        self._seek(low if self._reached < low < wanted.end else wanted.end)

    def _give_up(self, wanted: OffsetRange) -> None:
        _, high = self._watermarks(wanted)
        if high >= wanted.end:
            raise self._unavailable(wanted)
        self._lost(wanted, f"the partition ends at offset {high} (was it truncated or made anew?)")
        self._reached = wanted.end

    def _watermarks(self, wanted: OffsetRange) -> tuple[int, int]:
        from confluent_kafka import KafkaException, TopicPartition

        place = TopicPartition(self._topic, self._partition)
        timeout = min(_WATERMARK_TIMEOUT, self._fetch.poll_timeout)
        try:
            found = self._consumer.get_watermark_offsets(place, timeout=timeout)
        except KafkaException as error:
            raise self._unavailable(wanted) from error
        if found is None:
            raise self._unavailable(wanted)
        low, high = found
        return low, high

    def _lost(self, wanted: OffsetRange, why: str) -> None:
        report_loss(
            f"Kafka topic {self._topic!r} partition {self._partition}: the offsets {self._reached} to "
            f"{wanted.end} (exclusive), which the query needs, are not all there: {why}",
            fail=self._fetch.fail_on_data_loss,
        )

    def _unavailable(self, wanted: OffsetRange) -> KafkaUnavailable:
        return KafkaUnavailable(
            f"Kafka topic {self._topic!r} partition {self._partition}: nothing arrived for "
            f"{self._fetch.poll_timeout:g} s (kafkaConsumer.pollTimeoutMs) while reading offsets "
            f"{self._reached} to {wanted.end} (exclusive) from {self._fetch.client['bootstrap.servers']}; "
            "see whether the brokers run, then start the query again: nothing is lost"
        )


def _next_offset(message: Message) -> int:
    offset: int = message.offset()  # type: ignore[assignment]
    return offset + 1


def _is_passing(code: int) -> bool:
    """Errors that librdkafka gets over by itself when brokers come back."""
    from confluent_kafka import KafkaError as Codes

    return code in (
        Codes._TRANSPORT,  # noqa: SLF001
        Codes._ALL_BROKERS_DOWN,  # noqa: SLF001
        Codes._TIMED_OUT,  # noqa: SLF001
        Codes._RESOLVE,  # noqa: SLF001
        Codes.NOT_LEADER_FOR_PARTITION,
        Codes.LEADER_NOT_AVAILABLE,
        Codes.OFFSET_NOT_AVAILABLE,
        Codes.FENCED_LEADER_EPOCH,
        Codes.UNKNOWN_LEADER_EPOCH,
    )


def _split(messages: list[Message], end: int) -> tuple[list[Message], list[Message]]:
    """The messages before offset `end`, and the rest."""
    if not messages or _next_offset(messages[-1]) <= end:
        return messages, []
    cut = next(i for i, message in enumerate(messages) if _next_offset(message) > end)
    return messages[:cut], messages[cut:]
