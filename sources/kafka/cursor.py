"""One consumer on one topic partition, that reads offset ranges and goes on where the last one ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

from streamcore.kafka.answers import the_bounds, the_topics
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
from streamcore.sources.kafka.intake import BatchLimits, Gathering, Intake
from streamcore.sources.kafka.opening import open_intake
from streamcore.sources.kafka.settings import FetchSettings
from streamcore.spi.interruption import raise_if_interrupted

if TYPE_CHECKING:
    import pyarrow as pa
    from confluent_kafka import KafkaError

T = TypeVar("T")

_ASK_TIMEOUT: Final = 10.0
_LIMITS: Final = BatchLimits(rows=100_000, size=64 << 20)


class PartitionCursor:
    """Reads ranges of one topic partition; not for two threads at a time.

    `next_start` is where a following range can begin without a new fetch.
    """

    def __init__(
        self,
        topic: str,
        partition: int,
        fetch: FetchSettings,
        open_intake: Callable[[str, int, FetchSettings, Complaints], Intake] = open_intake,
        now: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._topic = topic
        self._partition = partition
        self._fetch = fetch
        self._now = now
        self._pause = pause
        self._complaints = Complaints()
        self._intake = open_intake(topic, partition, fetch, self._complaints)
        self._consumer = self._intake.consumer
        self.next_start = -1
        self._reached = -1

    def close(self) -> None:
        """Frees the consumer."""
        self._intake.close()

    def batches(
        self, wanted: OffsetRange, columns: Sequence[str], limits: BatchLimits = _LIMITS
    ) -> Iterator[pa.RecordBatch]:
        """The records of a range in order; no batch is empty.

        Ends when the position has passed the range's end, however few records that took.  Raises
        OffsetsLost (or warns, as the user has chosen) when records are gone, and KafkaUnavailable when
        nothing arrived for the poll timeout.
        """
        if wanted.start != self.next_start:
            self._seek(wanted.start)
        self.next_start = -1
        while self._reached < wanted.end:
            batch = self._intake.batch(columns, limits.within(wanted.end - self._reached))
            while not batch.is_full and self._reached < wanted.end:
                self._next(batch, wanted)
            if batch.rows:
                yield batch.build()
        self.next_start = wanted.end

    def _seek(self, offset: int) -> None:
        self._intake.seek(offset)
        self._reached = offset

    def _next(self, batch: Gathering, wanted: OffsetRange) -> None:
        """Takes the next records; perhaps none, but then the position has moved."""
        deadline = self._now() + self._fetch.poll_timeout
        while True:
            raise_if_interrupted()
            before = self._reached
            self._take(batch, wanted)
            if self._reached > before or batch.is_full:
                self._complaints.forget()
                return
            if self._now() >= deadline:
                self._give_up(wanted)
                return

    def _take(self, batch: Gathering, wanted: OffsetRange) -> None:
        """Moves past the records that were taken, and does what an error behind them calls for."""
        taken = self._intake.take(batch, self._reached, wanted.end)
        self._reached = taken.position
        if taken.error is not None:
            self._meet(taken.error, taken.error_offset, wanted)

    def _meet(self, error: KafkaError, offset: int, wanted: OffsetRange) -> None:
        if error.name() == "_PARTITION_EOF":
            self._reached = max(self._reached, offset)
        elif is_out_of_range(error):
            self._out_of_range(wanted, is_truncated=error.name() == "_LOG_TRUNCATION")
        elif is_gone(error):
            self._unknown(wanted)
        elif not may_pass(error):
            raise self._refused(wanted, error)

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
