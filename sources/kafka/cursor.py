"""One consumer on one topic partition, that reads offset ranges and goes on where the last one ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final, TypeVar

from streamcore.errors import IllegalArgumentException
from streamcore.kafka.answers import an_offset, the_bounds, the_topics
from streamcore.kafka.asking import ask_again
from streamcore.kafka.errors import (
    KafkaRefused,
    KafkaUnavailable,
    NoAnswer,
    address,
    refusal,
    report_loss,
    unanswered,
)
from streamcore.kafka.failures import Complaints, is_gone, is_out_of_range, may_pass
from streamcore.kafka.offsets import OffsetRange
from streamcore.sources.kafka.settings import FetchSettings
from streamcore.spi.interruption import raise_if_interrupted

if TYPE_CHECKING:
    from confluent_kafka import Consumer, KafkaError, Message

T = TypeVar("T")

# A thousand messages stay in the processor's cache; five thousand are already slower.
_CHUNK = 1000
# `consume` waits for the whole chunk or the whole timeout.  A range that ends in transaction markers is
# short of messages, so this is what its last chunk waits in vain.
_CONSUME_TIMEOUT = 0.02
_ASK_TIMEOUT = 10.0

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
    from confluent_kafka import Consumer, KafkaException

    try:
        return Consumer({**_DEFAULTS, **fetch.client, "group.id": fetch.group_id, "error_cb": complaints})
    except KafkaException as error:
        raise IllegalArgumentException(f"the options kafka.* are refused: {error.args[0].str()}") from None


class PartitionCursor:
    """Reads ranges of one topic partition; not for two threads at a time.

    `next_start` is where a following range can begin without a new fetch.
    """

    def __init__(
        self,
        topic: str,
        partition: int,
        fetch: FetchSettings,
        now: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._topic = topic
        self._partition = partition
        self._fetch = fetch
        self._now = now
        self._pause = pause
        self._complaints = Complaints()
        self._consumer = new_consumer(fetch, self._complaints)
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
            before = self._reached
            count = min(_CHUNK, wanted.end - before)
            messages = self._taken(self._consumer.consume(count, _CONSUME_TIMEOUT), wanted)
            if messages or self._reached > before:
                self._complaints.forget()
                return messages
            if self._now() >= deadline:
                self._give_up(wanted)
                return []

    def _taken(self, messages: list[Message], wanted: OffsetRange) -> list[Message]:
        """The records among what was consumed; the position moves past them."""
        from confluent_kafka import Message

        if not messages:
            return messages
        if any(map(Message.error, messages)) or _offset(messages[0]) < self._reached:
            return self._taken_one_by_one(messages, wanted)
        self._reached = _offset(messages[-1]) + 1
        return messages

    def _taken_one_by_one(self, messages: list[Message], wanted: OffsetRange) -> list[Message]:
        """Every record once: none before the position, and none that was fetched before a seek."""
        taken = []
        for message in messages:
            error = message.error()
            if error is None:
                if _offset(message) >= self._reached:
                    taken.append(message)
                    self._reached = _offset(message) + 1
            elif self._moved_by(error, message, wanted):
                break
        return taken

    def _moved_by(self, error: KafkaError, message: Message, wanted: OffsetRange) -> bool:
        """Does what an error calls for; whether the consumer now fetches from elsewhere."""
        if error.name() == "_PARTITION_EOF":
            self._reached = max(self._reached, message.offset() or 0)
            return False
        if is_out_of_range(error):
            self._out_of_range(wanted, is_truncated=error.name() == "_LOG_TRUNCATION")
            return True
        if is_gone(error):
            self._unknown(wanted)
            return True
        if not may_pass(error):
            raise self._refused(wanted, error)
        return False

    def _out_of_range(self, wanted: OffsetRange, *, is_truncated: bool) -> None:
        bounds = self._bounds(wanted)
        if bounds is None:
            self._leave_behind(wanted)
            return
        low, high = bounds
        is_there = low <= self._reached <= high
        if self._reached >= wanted.end:
            goal = self._reached
        else:
            if is_truncated or not is_there:
                self._lost(wanted, f"the partition now holds the offsets {low} to {high} (exclusive)")
            goal = self._reached if is_there else low if self._reached < low < wanted.end else wanted.end
        # The client has stopped fetching: it must be told where to go on.
        self._seek(goal)

    def _unknown(self, wanted: OffsetRange) -> None:
        if self._ask(wanted, self._exists):
            # The broker that was asked does not know of it yet.
            self._seek(self._reached)
        else:
            self._leave_behind(wanted)

    def _leave_behind(self, wanted: OffsetRange) -> None:
        self._lost(wanted, "the topic or partition no longer exists")
        self._seek(wanted.end)

    def _give_up(self, wanted: OffsetRange) -> None:
        bounds = self._bounds(wanted)
        if bounds is None:
            self._leave_behind(wanted)
        elif bounds[1] >= wanted.end:
            raise self._unavailable(wanted, "")
        else:
            self._lost(wanted, f"the partition ends at offset {bounds[1]} (was it truncated or made anew?)")
            self._seek(wanted.end)

    def _bounds(self, wanted: OffsetRange) -> tuple[int, int] | None:
        """The first offset there is and the one after the last; None when the partition is gone."""
        from confluent_kafka import KafkaException, TopicPartition

        place = TopicPartition(self._topic, self._partition)

        def ask(timeout: float) -> tuple[int, int] | None:
            try:
                found = self._consumer.get_watermark_offsets(place, timeout=timeout)
            except KafkaException as error:
                if not is_gone(error.args[0]):
                    raise
                if self._exists(timeout):
                    raise NoAnswer(error.args[0].str()) from error
                return None
            return the_bounds(found, (self._topic, self._partition))

        return self._ask(wanted, ask)

    def _exists(self, timeout: float) -> bool:
        topics = the_topics(self._consumer.list_topics(timeout=timeout))
        return self._topic in topics and self._partition in topics[self._topic].partitions

    def _ask(self, wanted: OffsetRange, ask: Callable[[float], T]) -> T:
        timeout = min(_ASK_TIMEOUT, self._fetch.poll_timeout)
        until = self._now() + timeout
        return ask_again(
            lambda: ask(timeout),
            lambda error: self._refused(wanted, error),
            lambda said: self._unavailable(wanted, said) if self._now() >= until else None,
            self._pause,
        )

    def _lost(self, wanted: OffsetRange, why: str) -> None:
        report_loss(
            f"Kafka topic {self._topic!r} partition {self._partition}: the offsets {self._reached} to "
            f"{wanted.end} (exclusive), which the query needs, are not all there: {why}",
            fail=self._fetch.fail_on_data_loss,
        )

    def _refused(self, wanted: OffsetRange, error: KafkaError) -> KafkaRefused:
        return refusal(self._fetch.client, f"give {self._rest_of(wanted)}", error)

    def _unavailable(self, wanted: OffsetRange, said: str) -> KafkaUnavailable:
        return unanswered(
            self._fetch.client,
            f"nothing arrived for {self._fetch.poll_timeout:g} s (kafkaConsumer.pollTimeoutMs) while reading "
            f"{self._rest_of(wanted)} from {address(self._fetch.client)}",
            [said, str(self._complaints)],
        )

    def _rest_of(self, wanted: OffsetRange) -> str:
        return (
            f"the offsets {self._reached} to {wanted.end} (exclusive) of Kafka topic {self._topic!r} "
            f"partition {self._partition}"
        )


def _offset(message: Message) -> int:
    return an_offset(message.offset(), (message.topic() or "", message.partition() or 0))


def _split(messages: list[Message], end: int) -> tuple[list[Message], list[Message]]:
    """The messages before offset `end`, and the rest."""
    if not messages or _offset(messages[-1]) < end:
        return messages, []
    cut = next(i for i, message in enumerate(messages) if _offset(message) >= end)
    return messages[:cut], messages[cut:]
