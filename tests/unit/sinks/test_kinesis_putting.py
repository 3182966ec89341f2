"""What the Kinesis sink does when Kinesis takes a part of a request, or none."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import pytest

from streamcore.errors import QueryExecutionException, StreamcoreError
from streamcore.kinesis.connecting import connection_of
from streamcore.sinks.kinesis.data_source import KinesisSink
from streamcore.sinks.kinesis.putting import Putting
from streamcore.sinks.kinesis.rows import Entry, requests
from streamcore.spi.options import Options
from streamcore.spi.types import parse_ddl

OPTIONS = {"kinesis.streamName": "clicks", "kinesis.clientRetryIntervalsMs": "1"}


class FakeClient:
    """Takes what `takes` lets it; keeps the requests."""

    def __init__(self, takes: Callable[[int, Entry], str | None]) -> None:
        self._takes = takes
        self.requests: list[list[bytes]] = []
        self.taken: list[bytes] = []

    def put_records(self, StreamName: str, Records: list[Entry]) -> Any:
        results: list[dict[str, str]] = []
        self.requests.append([one["Data"] for one in Records])
        for entry in Records:
            code = self._takes(len(self.requests), entry)
            results.append({"SequenceNumber": "1"} if code is None else {"ErrorCode": code})
            self.taken += [] if code else [entry["Data"]]
        return {"Records": results}


def put(client: FakeClient, count: int) -> None:
    rows = [{"Data": f"{n}".encode(), "PartitionKey": "k"} for n in range(count)]
    Putting(connection_of(Options(OPTIONS)), client).put(rows)


BUSY = "ProvisionedThroughputExceededException"


def test_what_was_not_taken_is_put_again_in_order_before_what_follows() -> None:
    client = FakeClient(lambda at, entry: BUSY if at == 1 and entry["Data"] >= b"495" else None)
    put(client, 600)
    assert [len(one) for one in client.requests] == [500, len(client.requests[1]), 100]
    assert client.requests[1] == sorted(client.requests[1], key=int)
    assert sorted(map(int, client.taken)) == list(range(600))


def test_a_stream_that_takes_nothing_fails_the_write_after_some_tries() -> None:
    client = FakeClient(lambda *_: BUSY)
    with pytest.raises(QueryExecutionException, match="after 6 tries: ProvisionedThroughput"):
        put(client, 3)
    assert len(client.requests) == 6


def test_a_stream_that_takes_a_record_each_time_takes_all() -> None:
    client = FakeClient(lambda at, entry: None if int(entry["Data"]) < at else BUSY)
    put(client, 20)
    assert client.taken == [f"{n}".encode() for n in range(20)]


def test_a_record_that_is_never_taken_is_not_put_again() -> None:
    client = FakeClient(lambda *_: "AccessDeniedException")
    with pytest.raises(QueryExecutionException, match="AccessDenied"):
        put(client, 1)
    assert len(client.requests) == 1


def test_a_request_holds_five_mebibytes_at_most() -> None:
    rows = [{"Data": b"x" * (1 << 20), "PartitionKey": "k"} for _ in range(6)]
    assert [len(one) for one in requests(rows)] == [4, 2]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("kinesis.sink.aggregationEnabled", "true", "every row is a record"),
        ("kinesis.sink.recordTtl", "1", "no record is dropped"),
        ("kinesis.sink.maxConnections", "1", "Producer Library"),
        ("kinesis.startingPosition", "LATEST", "does not know the option"),
        ("proxyAddress", "x", "HTTPS_PROXY"),
    ],
)
def test_an_option_is_read_or_refused(name: str, value: str, said: str) -> None:
    schema: Any = parse_ddl("data string, partitionKey string")
    with pytest.raises(StreamcoreError, match=said):
        KinesisSink({**OPTIONS, name: value}).streamWriter(schema, False)


def test_complete_mode_and_overwriting_are_refused() -> None:
    schema: Any = parse_ddl("data string, partitionKey string")
    for make in (KinesisSink(dict(OPTIONS)).streamWriter, KinesisSink(dict(OPTIONS)).writer):
        with pytest.raises(StreamcoreError):
            make(schema, True)


def test_a_writer_travels_without_its_client() -> None:
    writer = Putting(connection_of(Options(OPTIONS)), FakeClient(lambda *_: None))
    assert pickle.loads(pickle.dumps(writer))._client is None
