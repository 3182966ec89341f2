"""A cursor gives every record of a range once, whatever its consumer meets on the way."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from confluent_kafka import KafkaError, Message

from streamcore.errors import OffsetsLost, WorkInterrupted
from streamcore.kafka.errors import KafkaRefused, KafkaUnavailable
from streamcore.kafka.offsets import OffsetRange
from streamcore.sources.kafka.cursor import PartitionCursor
from streamcore.sources.kafka.settings import FetchSettings
from streamcore.spi.interruption import Interruption, interruptible
from tests.unit.sources.scripted_kafka import INTAKES, ScriptedConsumer, intake_over

Read = Callable[..., list[int]]


@pytest.fixture(params=INTAKES)
def read(request: pytest.FixtureRequest) -> Read:
    def over(consumer: ScriptedConsumer, *ranges: tuple[int, int], fail: bool = False) -> list[int]:
        client = {"bootstrap.servers": "b:9092"}
        times = iter(range(10_000))
        cursor = PartitionCursor(
            "t",
            0,
            FetchSettings(client, "g", fail_on_data_loss=fail, poll_timeout=5),
            lambda *_: intake_over(request.param, consumer),
            now=lambda: next(times) / 10,
            pause=lambda _: None,
        )
        return [
            offset
            for start, end in ranges
            for batch in cursor.batches(OffsetRange("t", 0, start, end), ["offset"])
            for offset in batch.column("offset").to_pylist()
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


def test_a_read_that_waits_ends_when_it_is_asked_to(read: Read) -> None:
    asked = Interruption()

    class Silent(ScriptedConsumer):
        def consume(self, count: int, _: float) -> list[Message]:
            asked.ask()
            return []

    with interruptible(asked), pytest.raises(WorkInterrupted):
        read(Silent(0, 10), (0, 10))
