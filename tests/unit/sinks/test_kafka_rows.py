"""Rows of Arrow are queued with a producer in their order, whole, or the first that is not says why."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from confluent_kafka import KafkaError, KafkaException

from streamcore.kafka.rows import COLUMNS, RowRefused, send_rows

Sent = tuple[Any, ...]


class FakeProducer:
    """Takes rows until its queue is full; each poll lets `leaving` of them go."""

    def __init__(
        self, room: int = 1_000_000, leaving: int = 0, fails: dict[int, BaseException] | None = None
    ):
        self.sent: list[Sent] = []
        self._queued = 0
        self._room, self._leaving, self._fails = room, leaving, fails or {}

    def produce(
        self,
        topic: str,
        value: bytes | None,
        key: bytes | None,
        partition: int = -1,
        callback: None = None,
        on_delivery: None = None,
        timestamp: int = 0,
        headers: object = None,
    ) -> None:
        assert (callback, on_delivery, timestamp) == (None, None, 0)
        if self._queued >= self._room:
            raise BufferError
        if len(self.sent) in self._fails:
            raise self._fails[len(self.sent)]
        self._queued += 1
        self.sent.append((topic, key, value, partition, headers))

    def poll(self, _: float) -> int:
        self._queued = max(0, self._queued - self._leaving)
        return 0

    def __len__(self) -> int:
        return self._queued


def rows(**columns: list[Any]) -> pa.RecordBatch:
    arrays = {name: pa.array(values, COLUMNS[name]) for name, values in columns.items()}
    return pa.RecordBatch.from_pydict(arrays)


def send(producer: Any, batch: pa.RecordBatch, topic: str | None = "t", patience: float = 0.0) -> list[Sent]:
    send_rows(producer, batch, topic, patience)
    return list(producer.sent)


def test_a_column_that_is_not_there_is_null_in_every_row() -> None:
    assert send(FakeProducer(), rows(value=[b"a", None])) == [
        ("t", None, b"a", -1, None),
        ("t", None, None, -1, None),
    ]


def test_every_column_reaches_the_producer() -> None:
    header = [{"key": "h", "value": b"1"}, {"key": "h", "value": None}]
    given = rows(
        key=[b"", None], value=[b"a", b"b"], topic=["x", "y"], partition=[3, None], headers=[header, []]
    )
    assert send(FakeProducer(), given, topic=None) == [
        ("x", b"", b"a", 3, [("h", b"1"), ("h", None)]),
        ("y", None, b"b", -1, []),
    ]


def test_the_topic_of_the_option_wins_over_the_column() -> None:
    assert [row[0] for row in send(FakeProducer(), rows(value=[b"a"], topic=["x"]), topic="option")] == [
        "option"
    ]


def test_rows_keep_their_order_over_many_pieces() -> None:
    values = [b"%d" % n for n in range(3_500)]
    assert [row[2] for row in send(FakeProducer(), rows(value=list(values)))] == values


def test_a_full_queue_is_waited_for_and_no_row_is_lost_or_doubled() -> None:
    producer = FakeProducer(room=10, leaving=3)
    values = [b"%d" % n for n in range(100)]
    assert [row[2] for row in send(producer, rows(value=list(values)))] == values


def test_a_queue_that_nothing_leaves_is_an_error_in_the_end() -> None:
    producer = FakeProducer(room=2)
    with pytest.raises(RowRefused, match=r"for 0 s no broker has taken any of the 2 in it"):
        send(producer, rows(value=[b"a", b"b", b"c"]))


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (KafkaException(KafkaError(KafkaError.MSG_SIZE_TOO_LARGE)), r"topic 't'.*kafka.max.request.size"),
        (KafkaException(KafkaError(KafkaError._UNKNOWN_PARTITION)), r"topic 't'.*fewer partitions"),
        (TypeError("not bytes"), r"not bytes"),
    ],
)
def test_the_first_row_that_is_refused_ends_the_sending(error: Exception, said: str) -> None:
    producer = FakeProducer(fails={1: error})
    with pytest.raises(RowRefused, match=said) as refused:
        send(producer, rows(value=[b"first", b"secret", b"third"]))
    assert [row[2] for row in producer.sent] == [b"first"]
    assert "secret" not in str(refused.value)
