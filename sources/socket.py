"""The data source `socket`: lines of text from a server, for trials; it cannot be replayed."""

from __future__ import annotations

import contextlib
import datetime as dt
import socket
import threading
from collections.abc import Iterator, Sequence
from typing import Any

from streamcore.errors import IllegalArgumentException, OffsetsLost, QueryExecutionException
from streamcore.sources.fixed_schema import require_schema
from streamcore.spi.clock import Clock, SystemClock
from streamcore.spi.datasource import DataSource, DataSourceStreamReader, InputPartition, Offset
from streamcore.spi.exactly_once import NotReplayable
from streamcore.spi.limits import ReadLimit, SupportsTriggerAvailableNow
from streamcore.spi.option_checks import ChecksStreamOptions
from streamcore.spi.options import Options
from streamcore.spi.types import StringType, StructField, StructType, TimestampType

_CONNECT_TIMEOUT = 10.0


class SocketStreamReader(DataSourceStreamReader, SupportsTriggerAvailableNow, NotReplayable):
    """Keeps the lines that arrived until they are committed; an offset counts lines."""

    def __init__(self, host: str, port: int, clock: Clock, *, with_time: bool) -> None:
        self._address = f"{host}:{port}"
        self._with_time = with_time
        self._clock = clock
        self._lock = threading.Lock()
        self._first: int | None = None
        self._lines: list[tuple[Any, ...]] = []
        self._stop_at: int | None = None
        self._socket = _connect(host, port)
        self._thread = threading.Thread(target=self._receive, name=f"socket {self._address}", daemon=True)
        self._thread.start()

    def _receive(self) -> None:
        try:
            with self._socket.makefile("r", encoding="utf-8", errors="replace", newline="\n") as lines:
                for line in lines:
                    self._append(line.rstrip("\r\n"))
        except (OSError, ValueError):
            # The connection ended, or `stop` closed it: what has arrived stays readable.
            return

    def _append(self, line: str) -> None:
        time = dt.datetime.fromtimestamp(self._clock.now_ms() / 1000, dt.UTC)
        with self._lock:
            self._lines.append((line, time) if self._with_time else (line,))

    def initialOffset(self) -> Offset:
        return {"offset": 0}

    def prepareForTriggerAvailableNow(self) -> None:
        with self._lock:
            self._stop_at = len(self._lines)

    def latestOffset(self, start: Offset, limit: ReadLimit) -> Offset:
        with self._lock:
            if self._first is None:
                # Lines have no numbers of their own: they are counted on from where the query stands.
                self._first = start["offset"]
                self._stop_at = None if self._stop_at is None else self._stop_at + self._first
            end = self._first + len(self._lines)
        return {"offset": end if self._stop_at is None else max(start["offset"], min(end, self._stop_at))}

    def partitions(self, start: Offset, end: Offset) -> Sequence[InputPartition]:
        if start == end:
            return []
        with self._lock:
            first = self._first if self._first is not None else -1
            if not 0 <= first <= start["offset"] or end["offset"] > first + len(self._lines):
                raise OffsetsLost(
                    f"the socket source at {self._address} cannot read the lines {start['offset']} to "
                    f"{end['offset']} again: a socket is not replayable. Start with a new checkpoint"
                )
            lines = self._lines[start["offset"] - first : end["offset"] - first]
        return [InputPartition(lines)]

    def read(self, partition: InputPartition) -> Iterator[tuple[Any, ...]]:
        return iter(partition.value)

    def __getstate__(self) -> dict[str, Any]:
        return {}

    def commit(self, end: Offset) -> None:
        with self._lock:
            if self._first is not None:
                done = end["offset"] - self._first
                self._lines = self._lines[done:]
                self._first += done

    def stop(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(timeout=5)


def _connect(host: str, port: int) -> socket.socket:
    try:
        connection = socket.create_connection((host, port), timeout=_CONNECT_TIMEOUT)
    except OSError as error:
        raise QueryExecutionException(
            f"the socket source found no server at {host}:{port} ({error}); start one first, for example "
            f"`nc -lk {port}`"
        ) from error
    connection.settimeout(None)
    return connection


class SocketDataSource(DataSource, ChecksStreamOptions):
    """Options: host, port (both required), includeTimestamp (false)."""

    @classmethod
    def name(cls) -> str:
        return "socket"

    def schema(self) -> StructType:
        fields = [StructField("value", StringType())]
        if Options(self.options).boolean("includeTimestamp", default=False):
            fields.append(StructField("timestamp", TimestampType()))
        return StructType(fields)

    def check_stream_options(self) -> None:
        """See `ChecksStreamOptions.check_stream_options`."""
        self._settings()

    def streamReader(self, schema: StructType) -> DataSourceStreamReader:
        require_schema(schema, self.schema(), "socket")
        host, port, with_time = self._settings()
        return SocketStreamReader(host, port, SystemClock(), with_time=with_time)

    def _settings(self) -> tuple[str, int, bool]:
        options = Options(self.options)
        options.reject_unknown(("host", "port", "includeTimestamp"), "the socket source")
        port = options.integer("port", minimum=1)
        if "host" not in options or port is None:
            raise IllegalArgumentException("the socket source needs the options host and port")
        return options["host"], port, options.boolean("includeTimestamp", default=False)
