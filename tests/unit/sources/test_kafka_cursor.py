"""A cursor gives every record of a range once, whatever its consumer meets on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
from confluent_kafka import KafkaError, KafkaException, Message, TopicPartition

from streamcore.errors import OffsetsLost
from streamcore.kafka.errors import KafkaRefused, KafkaUnavailable
from streamcore.kafka.offsets import OffsetRange
from streamcore.sources.kafka import cursor as cursor_module
from streamcore.sources.kafka.cursor import PartitionCursor
from streamcore.sources.kafka.settings import FetchSettings

Read = Callable[..., list[int]]


class ScriptedConsumer:
    """A partition that holds the offsets from `low` to `high`, and says `surprises` before its records."""

    def __init__(
        self, low: int, high: int, surprises: Iterable[int] = (), bounds: Iterable[object] = ()
    ) -> None:
        self.low, self.high = low, high
        self._surprises = list(surprises)
        self._bounds = list(bounds)
        self._at = -1
        self.seeks: list[int] = []

    def assign(self, places: list[TopicPartition]) -> None:
        self._at = places[0].offset
        self.seeks.append(self._at)

    def consume(self, count: int, _: float) -> list[Message]:
        found = [failure(self._surprises.pop(0))] if self._surprises else []
        if not self.low <= self._at <= self.high:
            return [*found, failure(KafkaError.OFFSET_OUT_OF_RANGE)]
        upto = min(self.high, self._at + count - len(found))
        found += [record(offset) for offset in range(self._at, upto)]
        self._at = upto
        return found

    def get_watermark_offsets(self, _: TopicPartition, timeout: float) -> object:
        answer = self._bounds.pop(0) if self._bounds else (self.low, self.high)
        if isinstance(answer, int):
            raise KafkaException(KafkaError(answer))
        return answer


def record(offset: int) -> Message:
    return Message(topic="t", partition=0, offset=offset, value=b"")


def failure(code: int) -> Message:
    return Message(topic="t", partition=0, error=KafkaError(code))


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Read:
    def over(consumer: ScriptedConsumer, *ranges: tuple[int, int], fail: bool = False) -> list[int]:
        monkeypatch.setattr(cursor_module, "new_consumer", lambda *_: consumer)
        client = {"bootstrap.servers": "b:9092"}
        times = iter(range(10_000))
        settings = FetchSettings(client, "g", fail_on_data_loss=fail, poll_timeout=5)
        cursor = PartitionCursor("t", 0, settings, now=lambda: next(times) / 10, pause=lambda _: None)
        return [
            message.offset() or 0
            for start, end in ranges
            for chunk in cursor.chunks(OffsetRange("t", 0, start, end))
            for message in chunk
        ]

    return over


def test_records_that_were_fetched_before_a_seek_are_not_kept(read: Read) -> None:
    """An error that was left over from an earlier range comes with the first records of this one."""
    consumer = ScriptedConsumer(1400, 5000, surprises=[KafkaError.OFFSET_OUT_OF_RANGE])
    assert read(consumer, (3750, 5000)) == list(range(3750, 5000))


@pytest.mark.parametrize("code", [KafkaError.OFFSET_OUT_OF_RANGE, KafkaError._AUTO_OFFSET_RESET])
def test_ranges_whose_start_has_expired_give_each_record_that_is_left_once(read: Read, code: int) -> None:
    consumer = ScriptedConsumer(1400, 5000, surprises=[code] * 3)
    ranges = [(0, 1250), (3750, 5000), (2500, 3750), (1250, 2500)]
    assert sorted(read(consumer, *ranges)) == list(range(1400, 5000))


def test_a_leftover_error_is_no_loss_when_the_records_are_there(read: Read) -> None:
    consumer = ScriptedConsumer(0, 10, surprises=[KafkaError.OFFSET_OUT_OF_RANGE])
    assert read(consumer, (0, 10), fail=True) == list(range(10))


def test_a_truncated_log_is_a_loss_even_where_the_offsets_are_there(read: Read) -> None:
    with pytest.raises(OffsetsLost, match="0 to 10"):
        read(ScriptedConsumer(0, 10, surprises=[KafkaError._LOG_TRUNCATION]), (0, 10), fail=True)


def test_bounds_are_asked_for_until_they_can_be_a_brokers(read: Read) -> None:
    odd = [(-1001, -1001), None, KafkaError._DESTROY_BROKER, (0, -1001)]
    assert read(ScriptedConsumer(6, 10, bounds=odd), (0, 10)) == [6, 7, 8, 9]


def test_bounds_that_never_come_are_no_loss(read: Read) -> None:
    consumer = ScriptedConsumer(6, 10, bounds=[(-1001, -1001)] * 1000)
    with pytest.raises(KafkaUnavailable, match="b:9092"):
        read(consumer, (0, 10), fail=True)


@pytest.mark.parametrize("code", [KafkaError.FENCED_LEADER_EPOCH, KafkaError.KAFKA_STORAGE_ERROR])
def test_errors_that_pass_do_not_end_a_read(read: Read, code: int) -> None:
    assert read(ScriptedConsumer(0, 10, surprises=[code] * 3), (0, 10)) == list(range(10))


def test_a_refused_read_names_the_topic_the_address_and_the_error(read: Read) -> None:
    refused = ScriptedConsumer(0, 10, surprises=[KafkaError.TOPIC_AUTHORIZATION_FAILED])
    with pytest.raises(KafkaRefused, match=r"b:9092 .*'t' partition 0.*TOPIC_AUTHORIZATION_FAILED"):
        read(refused, (0, 10))
