"""Both ways from Arrow into a producer's queue queue the same rows and refuse the same rows."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from ctypes import CFUNCTYPE, c_int, c_int32, c_size_t, c_ssize_t, c_void_p
from typing import Any

import pyarrow as pa
import pytest
from confluent_kafka import KafkaError
from hypothesis import given, settings
from hypothesis import strategies as st

from streamcore.kafka.native.library import CHOICE, Library, library
from streamcore.kafka.native.producing import NativeProducer
from streamcore.kafka.producing import RowProducer, open_producer
from streamcore.kafka.rows import COLUMNS, RowRefused, send_rows
from tests.unit.sources.scripted_kafka import CMessage

ALONE: dict[str, Any] = {"bootstrap.servers": "127.0.0.1:1", "log_level": 0}

Open = Callable[..., RowProducer]


@pytest.fixture
def compiled() -> Library:
    found = library()
    if found is None:
        pytest.skip("the C library is not used here")
    return found


@pytest.fixture(params=["native", "messages"])
def opened(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Return a function that makes a producer that no broker ever answers."""
    if request.param == "messages":
        monkeypatch.setenv(CHOICE, "off")
    elif library() is None:
        pytest.skip("the C library is not used here")
    return lambda **more: open_producer(ALONE | {key.replace("_", "."): v for key, v in more.items()})


def rows(**columns: list[Any]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict({name: pa.array(v, COLUMNS[name]) for name, v in columns.items()})


def test_every_row_is_queued(opened: Open) -> None:
    producer = opened()
    producer.send(rows(value=[b"a", None, b""], key=[None, b"", b"k"]), "t", 1.0)
    producer.send(rows(value=[b"b"] * 50_000), "t", 1.0)
    assert len(producer.client) >= 50_003
    assert producer.first_failure() is None


def test_a_queue_that_nothing_leaves_is_an_error_in_the_end(opened: Open) -> None:
    producer = opened(queue_buffering_max_messages=10)
    with pytest.raises(RowRefused, match=r"for 0 s no broker has taken any of the 10 in it"):
        producer.send(rows(value=[b"v"] * 100), "t", 0.0)


@pytest.mark.parametrize("headers", [None, [{"key": "h", "value": b"1"}]])
def test_a_row_too_large_is_refused_with_a_way_out_and_no_content(opened: Open, headers: Any) -> None:
    producer = opened()
    given = rows(value=[b"small", b"secret" * 500_000], key=[b"k", b"kk"], headers=[headers] * 2)
    with pytest.raises(RowRefused, match=r"2 bytes of key and 3000000 of value.*kafka.max.request.size") as e:
        producer.send(given, "t", 0.0)
    assert e.value.error is not None
    assert e.value.error.name() == "MSG_SIZE_TOO_LARGE"
    assert "secret" not in str(e.value)


def test_a_topic_that_cannot_be_is_refused(opened: Open) -> None:
    with pytest.raises(RowRefused):
        opened().send(rows(value=[b"v"]), "t" * 600, 0.0)


def test_the_first_row_that_was_not_delivered_is_known(opened: Open) -> None:
    producer = opened(message_timeout_ms=20)
    producer.send(rows(value=[b"v"] * 3, topic=["one", "one", "two"]), None, 0.0)
    producer.client.flush(5)
    failure = producer.first_failure()
    assert failure is not None
    assert failure[0] in {"one", "two"}
    assert failure[1].name() == "_MSG_TIMED_OUT"


class RecordingProducer:
    """What `send_rows` asks of a producer; keeps what it was given."""

    def __init__(self) -> None:
        self.sent: list[tuple[Any, ...]] = []

    def produce(self, topic: str, value: Any, key: Any, partition: int = -1, *more: Any) -> None:
        headers = more[3] if more else []
        self.sent.append((topic, key, value, partition, [(k.encode(), v) for k, v in headers]))

    def poll(self, _: float) -> int:
        return 0


class Argument(ctypes.Structure):
    """`argument_t`: a kind, and 64 bytes that hold a number, a pointer, or a pointer and a size."""

    _fields_ = (("kind", c_int), ("words", c_size_t * 8))


class ScriptedSending:
    """The C library over functions that stand in for librdkafka's and keep what they were given."""

    def __init__(self, compiled: Library, refuses: int | None = None) -> None:
        self.send = compiled.send
        self.sent: list[tuple[Any, ...]] = []
        self._topics: list[str] = []
        self._refuses = refuses
        self._headers: dict[int, list[tuple[bytes, bytes | None]]] = {}
        self._callbacks = {
            11: CFUNCTYPE(c_int, c_void_p, c_int32, c_int, c_void_p, c_int)(self._produce_batch),
            12: CFUNCTYPE(c_void_p, c_void_p, c_void_p, c_size_t)(self._produceva),
            13: CFUNCTYPE(c_int, c_void_p)(lambda error: KafkaError.MSG_SIZE_TOO_LARGE),
            14: CFUNCTYPE(None, c_void_p)(lambda error: None),
            15: CFUNCTYPE(c_void_p, c_size_t)(self._headers_new),
            16: CFUNCTYPE(c_int, c_void_p, c_void_p, c_ssize_t, c_void_p, c_ssize_t)(self._header_add),
            17: CFUNCTYPE(None, c_void_p)(self._headers.pop),
        }
        self.table = (c_void_p * 18)()
        for place, callback in self._callbacks.items():
            self.table[place] = ctypes.cast(callback, c_void_p)

    def topic(self, client: int, name: str) -> int:
        self._topics.append(name)
        return len(self._topics)

    def free_topic(self, topic: int) -> None:
        pass

    def _is_refused(self) -> bool:
        return len(self.sent) == self._refuses

    def _produce_batch(self, topic: int, partition: int, flags: int, messages: int, count: int) -> int:
        assert flags == 2, "librdkafka copies the rows"
        for message in (CMessage * count).from_address(messages):
            if self._is_refused():
                message.err = KafkaError.MSG_SIZE_TOO_LARGE
                break
            key, value = _at(message.key, message.key_len), _at(message.payload, message.len)
            self.sent.append((self._topics[topic - 1], key, value, partition, []))
        return 0

    def _produceva(self, client: int, arguments: int, count: int) -> int | None:
        if self._is_refused():
            return 1
        topic, partition, value, key, flags, headers = (Argument * count).from_address(arguments)
        assert [a.kind for a in (topic, partition, value, key, flags, headers)] == [2, 3, 4, 5, 7, 10]
        self.sent.append((
            self._topics[topic.words[0] - 1],
            _at(key.words[0], key.words[1]),
            _at(value.words[0], value.words[1]),
            c_int32(partition.words[0]).value,
            self._headers.pop(headers.words[0]),
        ))  # fmt: skip
        return None

    def _headers_new(self, count: int) -> int:
        address = len(self.sent) + 1
        self._headers[address] = []
        return address

    def _header_add(self, headers: int, name: int, name_size: int, value: int, size: int) -> int:
        self._headers[headers].append((_at(name, name_size) or b"", _at(value, size)))
        return 0


def _at(start: int | None, size: int) -> bytes | None:
    return ctypes.string_at(start, size) if start else None


contents = st.none() | st.binary(max_size=4) | st.integers(0, 3_000).map(lambda size: b"x" * size)
headers = st.lists(st.fixed_dictionaries({"key": st.text(max_size=4), "value": contents}), max_size=3)
drawn_rows = st.lists(
    st.fixed_dictionaries({
        "key": contents,
        "value": contents,
        "topic": st.sampled_from(["one", "two", "zwölf"]),
        "partition": st.none() | st.integers(0, 3),
        "headers": st.none() | headers,
    }),
    max_size=250,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    drawn=drawn_rows,
    cut=st.integers(0, 20),
    topic=st.none() | st.just("option"),
    columns=st.sets(st.sampled_from(["key", "partition", "headers"])),
)
def test_both_ways_queue_the_same_rows(
    drawn: list[dict[str, Any]], cut: int, topic: str | None, columns: set[str]
) -> None:
    compiled = library()
    if compiled is None:
        pytest.skip("the C library is not used here")
    wanted = sorted(columns | {"value", "topic"})
    batch = rows(**{name: [row[name] for row in drawn] for name in wanted}).slice(cut)
    expected, native = RecordingProducer(), NativeProducer(compiled, ALONE)
    taken: Any = ScriptedSending(compiled)
    native._library = taken
    send_rows(expected, batch, topic, 0.0)  # type: ignore[arg-type]
    native.send(batch, topic, 0.0)
    assert taken.sent == expected.sent


@pytest.mark.parametrize("with_headers", [True, False])
def test_the_row_that_is_not_taken_is_named(compiled: Library, with_headers: bool) -> None:
    native = NativeProducer(compiled, ALONE)
    taken: Any = ScriptedSending(compiled, refuses=2)
    native._library = taken
    header = [{"key": "h", "value": None}] if with_headers else None
    batch = rows(value=[b"1", b"22", b"333", b"4444"], topic=["a", "a", "b", "b"], headers=[header] * 4)
    with pytest.raises(RowRefused, match=r"3 of value was not sent to Kafka topic 'b'"):
        native.send(batch, None, 0.0)
    assert [row[2] for row in taken.sent] == [b"1", b"22"]


@pytest.mark.parametrize("header", [None, {"key": None, "value": b"1"}])
def test_a_header_without_a_name_is_refused(opened: Open, header: Any) -> None:
    with pytest.raises(RowRefused, match="no name"):
        opened().send(rows(value=[b"v", b"w"], headers=[None, [header]]), "t", 0.0)
