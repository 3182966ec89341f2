"""Kafka consumers that follow a script, read by either of the two intakes."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable
from ctypes import (
    CFUNCTYPE,
    POINTER,
    Structure,
    c_char_p,
    c_int,
    c_int32,
    c_int64,
    c_size_t,
    c_ssize_t,
    c_void_p,
)
from types import SimpleNamespace
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException, Message, TopicPartition

from streamcore.kafka.native.library import library
from streamcore.sources.kafka.intake import Intake
from streamcore.sources.kafka.message_intake import MessageIntake
from streamcore.sources.kafka.native_intake import NativeIntake

INTAKES = ("messages", "native")


def intake_over(kind: str, consumer: Any) -> Intake:
    """Return an intake of topic t, partition 0; the native one reads the script as librdkafka's queue."""
    if kind == "messages":
        return MessageIntake(consumer, "t", 0)
    native: Any = ScriptedQueue(consumer)
    quiet: Any = SimpleNamespace(consume=lambda *_: [], assign=consumer.assign, close=lambda: None)
    quiet.get_watermark_offsets = getattr(consumer, "get_watermark_offsets", None)
    return NativeIntake(native, quiet, 1, "t", 0)


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
            return [*found, failure(KafkaError.OFFSET_OUT_OF_RANGE)][:count]
        upto = min(self.high, self._at + count - len(found))
        found += [record(offset) for offset in range(self._at, upto)]
        self._at = upto
        return found

    def get_watermark_offsets(self, _: TopicPartition, timeout: float) -> object:
        answer = self._bounds.pop(0) if self._bounds else (self.low, self.high)
        if isinstance(answer, int):
            raise KafkaException(KafkaError(answer))
        return answer


class ScriptedMessages:
    """A partition whose consumer gives exactly these messages, a few at a time."""

    def __init__(self, messages: Iterable[Message], at_once: int) -> None:
        self._messages = list(messages)
        self._at_once = at_once

    def assign(self, _: list[TopicPartition]) -> None:
        pass

    def close(self) -> None:
        pass

    def consume(self, count: int, _: float) -> list[Message]:
        count = min(count, self._at_once)
        found, self._messages = self._messages[:count], self._messages[count:]
        return found


def record(offset: int, **more: Any) -> Message:
    return Message(topic="t", partition=0, offset=offset, **{"value": b"", **more})


def failure(code: int, offset: int = -1) -> Message:
    return Message(topic="t", partition=0, offset=offset, error=KafkaError(code))


class CMessage(Structure):
    """`message_t`."""

    _fields_ = (
        ("err", c_int),
        ("topic", c_void_p),
        ("partition", c_int32),
        ("payload", c_void_p),
        ("len", c_size_t),
        ("key", c_void_p),
        ("key_len", c_size_t),
        ("offset", c_int64),
        ("opaque", c_void_p),
    )


_Message = POINTER(CMessage)


class ScriptedQueue:
    """What NativeIntake asks of the C library, over functions that stand in for librdkafka's."""

    def __init__(self, consumer: Any) -> None:
        compiled = library()
        if compiled is None:
            pytest.skip("the C library is not used here")
        self._consumer = consumer
        self._given: dict[int, tuple[CMessage, Message, list[Any]]] = {}
        self.fill, self.forget = compiled.fill, compiled.forget
        # Each callback lives as long as this does.
        self._callbacks = [
            CFUNCTYPE(c_ssize_t, c_void_p, c_int, POINTER(_Message), c_size_t)(self._consume),
            CFUNCTYPE(None, _Message)(self._destroy),
            CFUNCTYPE(c_int64, _Message, POINTER(c_int))(self._timestamp),
            CFUNCTYPE(c_void_p, _Message)(lambda message: None),
            CFUNCTYPE(c_int, _Message, POINTER(c_void_p))(self._headers),
            CFUNCTYPE(c_int, c_void_p, c_size_t, POINTER(c_char_p), POINTER(c_void_p), POINTER(c_size_t))(
                self._header
            ),
            CFUNCTYPE(c_int)(lambda: -1),
        ]
        self.table = (c_void_p * 18)(*(ctypes.cast(callback, c_void_p) for callback in self._callbacks))

    @property
    def outstanding(self) -> int:
        """How many messages were given and not destroyed."""
        return len(self._given)

    def partition_queue(self, handle: int, topic: str, partition: int) -> int:
        return handle

    def free_queue(self, queue: int) -> None:
        assert not self._given, "a message must not outlive its queue"

    def _consume(self, queue: int, timeout: int, places: Any, count: int) -> int:
        messages = self._consumer.consume(count, timeout / 1000)
        for i, message in enumerate(messages):
            c_message = _c_message(message)
            self._given[ctypes.addressof(c_message)] = (c_message, message, [])
            places[i] = ctypes.pointer(c_message)
        return len(messages)

    def _destroy(self, message: Any) -> None:
        del self._given[ctypes.addressof(message.contents)]

    def _timestamp(self, message: Any, kind: Any) -> int:
        _, given, _ = self._given[ctypes.addressof(message.contents)]
        kind[0], at = given.timestamp()
        return int(at)

    def _headers(self, message: Any, place: Any) -> int:
        address = ctypes.addressof(message.contents)
        place[0] = address
        return 0 if self._given[address][1].headers() else KafkaError._NOENT

    def _header(self, headers: int, index: int, name: Any, value: Any, size: Any) -> int:
        _, given, kept = self._given[headers]
        pairs: Any = given.headers() or []
        if index >= len(pairs):
            return int(KafkaError._NOENT)
        key, content = pairs[index]
        kept += [ctypes.create_string_buffer(key.encode()), _bytes(content)]
        name[0] = ctypes.cast(kept[-2], c_char_p)
        value[0] = ctypes.cast(kept[-1], c_void_p) if kept[-1] is not None else None
        size[0] = len(content or b"")
        return 0


def _c_message(message: Message) -> CMessage:
    error, offset = message.error(), message.offset()
    key, value = message.key(), message.value()
    made = CMessage(err=0 if error is None else error.code(), offset=-1 if offset is None else offset)
    for content, field in ((key, "key"), (value, "payload")):
        buffer = _bytes(content)  # kept alive by the structure that points to it
        setattr(made, f"_{field}", buffer)
        setattr(made, field, None if buffer is None else ctypes.addressof(buffer))
    made.key_len, made.len = len(key or b""), len(value or b"")
    return made


def _bytes(content: Any) -> Any:
    return None if content is None else ctypes.create_string_buffer(content, len(content) + 1)
