"""A proxy before a real Kafka that cuts connections in the middle of a chosen kind of request."""

from __future__ import annotations

import socket
import struct
import threading
from collections import Counter, deque
from collections.abc import Callable
from contextlib import suppress
from enum import Enum, IntEnum
from types import TracebackType
from typing import Self

_SIZE = struct.Struct(">i")
_KIND = struct.Struct(">h")


class Request(IntEnum):
    """Kinds of requests, by their key in Kafka's protocol."""

    FETCH = 1
    LIST_OFFSETS = 2
    METADATA = 3


class Moment(Enum):
    """When a connection is cut: the broker has not seen the request, or half of its answer is on the way."""

    ASKED = "asked"
    ANSWERED = "answered"


class KafkaProxy:
    """Stands before a broker on loopback; clients stay, for the broker's port is rewritten in its answers.

    As in::

        with KafkaProxy(kafka.bootstrap) as proxy:
            proxy.cut(Request.LIST_OFFSETS, Moment.ASKED, times=2)
            ...  # a client of proxy.bootstrap: the next two such requests find their connection closed
            assert proxy.cuts == 2
    """

    def __init__(self, bootstrap: str) -> None:
        host, _, port = bootstrap.rpartition(":")
        self._broker = (host, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.bootstrap = f"127.0.0.1:{self.port}"
        self.seen: Counter[int] = Counter()
        self.cuts = 0
        self._lock = threading.Lock()
        self._planned: tuple[Request, Moment, int] | None = None
        self._open: set[socket.socket] = set()

    def cut(self, request: Request, moment: Moment, times: int) -> None:
        """Plan to cut the connections of the next `times` requests of a kind."""
        with self._lock:
            self._planned = (request, moment, times)

    def __enter__(self) -> Self:
        _in_background(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # To close alone does not wake a thread that waits in accept.
        _close(self._listener)
        with self._lock:
            left, self._open = self._open, set()
        for one in left:
            _close(one)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                broker = socket.create_connection(self._broker)
            except OSError:
                _close(client)
                continue
            with self._lock:
                self._open |= {client, broker}
            link = _Link(self, client, broker)
            _in_background(link.requests)
            _in_background(link.answers)

    def is_cut(self, request: int, moment: Moment) -> bool:
        """Whether a connection ends here; counts it."""
        with self._lock:
            if moment is Moment.ASKED:
                self.seen[request] += 1
            if self._planned is None or self._planned[:2] != (request, moment) or self._planned[2] == 0:
                return False
            self._planned = (*self._planned[:2], self._planned[2] - 1)
            self.cuts += 1
            return True

    def led_here(self, answer: bytes) -> bytes:
        """An answer in which the broker's address has become the proxy's."""
        host, port = self._broker
        return answer.replace(host.encode() + _SIZE.pack(port), host.encode() + _SIZE.pack(self.port))


class _Link:
    """One client's connection; Kafka answers the requests of a connection in their order."""

    def __init__(self, proxy: KafkaProxy, client: socket.socket, broker: socket.socket) -> None:
        self._proxy, self._client, self._broker = proxy, client, broker
        self._asked: deque[int] = deque()

    def requests(self) -> None:
        self._pass_on(self._client, self._request)

    def answers(self) -> None:
        self._pass_on(self._broker, self._answer)

    def _pass_on(self, source: socket.socket, handle: Callable[[bytes], bool]) -> None:
        with suppress(OSError):
            while handle(_frame(source)):
                pass
        _close(self._client)
        _close(self._broker)

    def _request(self, frame: bytes) -> bool:
        (kind,) = _KIND.unpack_from(frame)
        if self._proxy.is_cut(kind, Moment.ASKED):
            return False
        self._asked.append(kind)
        self._broker.sendall(_SIZE.pack(len(frame)) + frame)
        return True

    def _answer(self, frame: bytes) -> bool:
        whole = _SIZE.pack(len(frame)) + self._proxy.led_here(frame)
        if self._proxy.is_cut(self._asked.popleft(), Moment.ANSWERED):
            self._client.sendall(whole[: len(whole) // 2])
            return False
        self._client.sendall(whole)
        return True


def _frame(source: socket.socket) -> bytes:
    (size,) = _SIZE.unpack(_exactly(source, _SIZE.size))
    return _exactly(source, size)


def _exactly(source: socket.socket, size: int) -> bytes:
    found = bytearray()
    while len(found) < size:
        piece = source.recv(size - len(found))
        if not piece:
            raise ConnectionError("the other side has closed")
        found += piece
    return bytes(found)


def _close(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()


def _in_background(work: Callable[[], None]) -> None:
    threading.Thread(target=work, daemon=True).start()
