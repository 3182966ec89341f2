"""Records put into a stream, until Kinesis has taken every one."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from functools import partial
from typing import Any

from streamcore.errors import QueryExecutionException
from streamcore.kinesis.connecting import Connection, connect
from streamcore.kinesis.patience import BUSY, asked, code_of, refused
from streamcore.sinks.kinesis.rows import Entry, requests


class Putting:
    """Puts records into one stream; threads may share it, and it may travel to a worker."""

    def __init__(self, connection: Connection, client: Any = None) -> None:
        self._connection = connection
        self._client = client
        self._lock = threading.Lock()

    def __getstate__(self) -> dict[str, Any]:
        return {"_connection": self._connection}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._connection, self._client, self._lock = state["_connection"], None, threading.Lock()

    def put(self, rows: Iterable[Entry]) -> None:
        """Puts the rows in order.

        Kinesis may take some records of a request and not others.  Those are put again before anything that
        follows, so records of one key are out of order only within one such request.  Raises
        SourceUnavailable or QueryExecutionException when Kinesis goes on refusing; what it has taken by then
        stays.
        """
        stream = self._connection.stream
        with self._lock:
            if self._client is None:
                self._client = connect(self._connection)
        try:
            for request in requests(rows):
                self._put(request)
        except Exception as error:
            if code_of(error):
                raise refused(f"take records into {stream}", error) from error
            raise

    def _put(self, request: list[Entry]) -> None:
        stream, patience = self._connection.stream, self._connection.patience
        never, failures = threading.Event(), 0
        while request:
            ask = partial(self._client.put_records, StreamName=stream, Records=request)
            answer = asked(f"take records into {stream}", ask, patience, never)
            left, why = _not_taken(request, answer["Records"])
            failures = failures + 1 if len(left) == len(request) else 1
            if left and failures > patience.retries:
                raise QueryExecutionException(
                    f"Kinesis does not take {len(left)} records into {stream} after {failures} tries: {why}"
                )
            if left:
                never.wait(patience.wait_ms(failures) / 1000)
            request = left


def _not_taken(request: list[Entry], results: list[dict[str, Any]]) -> tuple[list[Entry], str]:
    """The records that were not taken, in order, and why; raises when another try changes nothing."""
    left, why = [], ""
    for entry, result in zip(request, results, strict=True):
        code = result.get("ErrorCode")
        if code is None:
            continue
        why = f"{code}: {result.get('ErrorMessage', '')}"
        if code not in BUSY:
            raise QueryExecutionException(f"Kinesis does not take a record: {why}")
        left.append(entry)
    return left, why
