"""The C library, loaded once, with the functions of the librdkafka that confluent-kafka has loaded."""

from __future__ import annotations

import ctypes
import logging
import os
import sys
from ctypes import CDLL, POINTER, byref, c_char, c_char_p, c_int, c_int64, c_size_t, c_void_p, cast
from functools import cache
from pathlib import Path
from typing import Final

from streamcore.errors import IllegalArgumentException
from streamcore.kafka.native.sources import BUILT, HERE, source_digest
from streamcore.kafka.native.structures import SIZES

_LOG = logging.getLogger("streamcore.kafka")

CHOICE: Final = "STREAMCORE_KAFKA_NATIVE"
"""The environment variable that chooses: `auto` (the default), `off`, or `require`."""

_USED: Final = (
    "rd_kafka_consume_batch_queue",
    "rd_kafka_message_destroy",
    "rd_kafka_message_timestamp",
    "rd_kafka_message_errstr",
    "rd_kafka_message_headers",
    "rd_kafka_header_get_all",
    "rd_kafka_last_error",
    "rd_kafka_conf_interceptor_add_on_new",
    "rd_kafka_conf_interceptor_add_on_conf_destroy",
    "rd_kafka_interceptor_add_on_acknowledgement",
    "rd_kafka_topic_name",
    "rd_kafka_produce_batch",
    "rd_kafka_produceva",
    "rd_kafka_error_code",
    "rd_kafka_error_destroy",
    "rd_kafka_headers_new",
    "rd_kafka_header_add",
    "rd_kafka_headers_destroy",
)
"""The table that the C library takes, in the order of c/librdkafka.h."""


class Unusable(Exception):
    """Why the C library cannot be used here."""


class Library:
    """The C library bound to one librdkafka; raises Unusable when either is not as it must be."""

    def __init__(self, path: Path) -> None:
        if ";" in str(path):
            raise Unusable(f"librdkafka cannot load {path}: it takes ';' for the end of a path")
        self.path = path
        self.kafka = _librdkafka()
        self.table = _table(self.kafka)
        self._c = _loaded(path)
        self._c.streamcore_install(self.table)
        self.fill = self._c.streamcore_fill
        self.fill.argtypes = [c_void_p, c_void_p, c_void_p, c_int]
        self.forget = self._c.streamcore_forget
        self.forget.argtypes = [c_void_p, c_void_p]
        self.forget.restype = None
        self._take_client = self._c.streamcore_take_client
        self._take_client.restype = c_void_p
        self.send = self._c.streamcore_send
        self.send.argtypes = [c_void_p, c_void_p, c_void_p]
        self.send.restype = c_int64
        self.new_deliveries = self._c.streamcore_new_deliveries
        self.new_deliveries.restype = c_void_p
        self.expect = self._c.streamcore_expect
        self.expect.argtypes = [c_void_p]
        self.release_deliveries = self._c.streamcore_release_deliveries
        self.release_deliveries.argtypes = [c_void_p]
        self._first_failure = self._c.streamcore_first_failure
        self._first_failure.argtypes = [c_void_p, POINTER(c_char_p)]
        _check_plugin(self.kafka, path)

    def take_client(self) -> int | None:
        """The address of the client that this thread has made since it last asked."""
        found: int | None = self._take_client()
        return found

    def partition_queue(self, client: int, topic: str, partition: int) -> int:
        """A queue with the records of one partition only, which no longer go to the client's common one."""
        queue: int | None = self.kafka.rd_kafka_queue_get_partition(client, topic.encode(), partition)
        if queue is None:
            raise RuntimeError(f"librdkafka has no queue for topic {topic!r} partition {partition}")
        self.kafka.rd_kafka_queue_forward(queue, None)
        return queue

    def first_failure(self, deliveries: int) -> tuple[int, str] | None:
        """The error of the first row that a producer did not deliver, and the row's topic."""
        topic = c_char_p()
        error: int = self._first_failure(deliveries, byref(topic))
        return (error, (topic.value or b"").decode()) if error else None

    def topic(self, client: int, name: str) -> int | None:
        """A topic to produce to, to be freed before its client; None when there is none of such a name."""
        found: int | None = self.kafka.rd_kafka_topic_new(client, name.encode(), None)
        return found

    def free_topic(self, topic: int) -> None:
        """Gives a topic back."""
        self.kafka.rd_kafka_topic_destroy(topic)

    def free_queue(self, queue: int) -> None:
        """Gives a queue back; before its client is closed."""
        self.kafka.rd_kafka_queue_destroy(queue)


def library() -> Library | None:
    """The library, None where it is not used; raises where the user requires it and it cannot be."""
    choice = os.environ.get(CHOICE, "auto")
    if choice not in {"auto", "off", "require"}:
        raise IllegalArgumentException(f"{CHOICE}={choice!r} must be auto, off or require")
    if choice == "off":
        return None
    found = _found()
    if isinstance(found, Library):
        return found
    if choice == "require":
        raise IllegalArgumentException(f"{CHOICE}=require, but {found}")
    return None


def status() -> str:
    """Which way records take in this process, and why; a sentence for people.

    >>> import os
    >>> from unittest.mock import patch
    >>> with patch.dict(os.environ, STREAMCORE_KAFKA_NATIVE="off"):
    ...     status()
    'Kafka records go by confluent-kafka: STREAMCORE_KAFKA_NATIVE=off'
    """
    used = library()
    if used is not None:
        return f"Kafka records go by the C library {used.path}"
    if os.environ.get(CHOICE) == "off":
        return f"Kafka records go by confluent-kafka: {CHOICE}=off"
    return f"Kafka records go by confluent-kafka: {_found()}"


@cache
def _found() -> Library | str:
    """The library, or why there is none."""
    try:
        found = Library(HERE / BUILT)
    except Unusable as reason:
        _LOG.info("Kafka records go by confluent-kafka: %s", reason)
        return str(reason)
    _LOG.info("Kafka records go by the C library %s", found.path)
    return found


def _loaded(path: Path) -> CDLL:
    if not path.exists():
        raise Unusable(f"there is no {path.name} in {path.parent}: it was installed without a C compiler")
    try:
        loaded = CDLL(str(path))
    except OSError as error:
        raise Unusable(f"{path} was built for another machine: {error}") from None
    expected = source_digest().encode()
    if (c_char * len(expected)).in_dll(loaded, "streamcore_source").raw != expected:
        raise Unusable(f"{path} was built from other C files than those beside it; install again")
    if any(list((c_int64 * len(sizes)).in_dll(loaded, name)) != sizes for name, sizes in SIZES.items()):
        raise Unusable(f"the structures in {path} are laid out in another way than here")
    return loaded


def _librdkafka() -> CDLL:
    """The librdkafka of confluent-kafka: its extension leads to it, wherever it is."""
    import confluent_kafka
    from confluent_kafka import cimpl

    where = str(cimpl.__file__)
    if sys.platform == "win32":
        # Windows looks up a name in one library only.
        folder = Path(confluent_kafka.__file__).parent.with_name("confluent_kafka.libs")
        where = str(next(folder.glob("librdkafka*.dll"), where))
    try:
        kafka = CDLL(where)
        return _with_types(kafka)
    except (OSError, AttributeError) as error:
        raise Unusable(f"confluent-kafka {confluent_kafka.version()} does not lead there: {error}") from None


def _with_types(kafka: CDLL) -> CDLL:
    kafka.rd_kafka_queue_get_partition.argtypes = [c_void_p, c_char_p, c_int]
    kafka.rd_kafka_queue_get_partition.restype = c_void_p
    kafka.rd_kafka_queue_forward.argtypes = [c_void_p, c_void_p]
    kafka.rd_kafka_queue_forward.restype = None
    kafka.rd_kafka_queue_destroy.argtypes = [c_void_p]
    kafka.rd_kafka_queue_destroy.restype = None
    kafka.rd_kafka_topic_new.argtypes = [c_void_p, c_char_p, c_void_p]
    kafka.rd_kafka_topic_new.restype = c_void_p
    kafka.rd_kafka_topic_destroy.argtypes = [c_void_p]
    kafka.rd_kafka_topic_destroy.restype = None
    kafka.rd_kafka_conf_new.restype = c_void_p
    kafka.rd_kafka_conf_set.argtypes = [c_void_p, c_char_p, c_char_p, c_char_p, c_size_t]
    kafka.rd_kafka_conf_destroy.argtypes = [c_void_p]
    kafka.rd_kafka_conf_destroy.restype = None
    return kafka


def _table(kafka: CDLL) -> ctypes.Array[c_void_p]:
    try:
        return (c_void_p * len(_USED))(*(cast(getattr(kafka, name), c_void_p) for name in _USED))
    except AttributeError as error:
        raise Unusable(f"this librdkafka is another: {error}") from None


def _check_plugin(kafka: CDLL, path: Path) -> None:
    """Configures a client as `made_with_handle` will, and makes none."""
    conf = kafka.rd_kafka_conf_new()
    said = ctypes.create_string_buffer(512)
    failed = kafka.rd_kafka_conf_set(conf, b"plugin.library.paths", os.fsencode(path), said, len(said))
    kafka.rd_kafka_conf_destroy(conf)
    if failed:
        raise Unusable(f"librdkafka loads no plugins: {said.value.decode(errors='replace')}")
