"""A stream as the source asks it; the one place that knows the library of AWS."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple, Protocol

from streamcore.kinesis.connecting import Connection, connect
from streamcore.sources.kinesis.offsets import TRIM_HORIZON
from streamcore.sources.kinesis.shards import Shard, shard_of


class Record(NamedTuple):
    """A record of a shard; `arrived_ms` is when Kinesis took it."""

    number: str
    arrived_ms: int
    key: str
    data: bytes


@dataclass(frozen=True)
class Answer:
    """What one request for records gave; `next_iterator` is None at the end of a shard that has ended."""

    records: Sequence[Record]
    next_iterator: str | None
    behind_ms: int


class Stream(Protocol):
    """What the source asks of Kinesis; every call is one request, and raises what the library raises."""

    def shards(self) -> tuple[list[Shard], int]:
        """The shards that are listed, and the time in milliseconds by the clock of Kinesis."""

    def retention_ms(self) -> int:
        """How long records are kept."""

    def iterator_from(self, shard: str, begin: str | int) -> str:
        """An iterator at the oldest record, or at a time in milliseconds."""

    def iterator_at(self, shard: str, number: str) -> str:
        """An iterator at the record with this sequence number, the first of its answers."""

    def records(self, iterator: str, most: int) -> Answer:
        """The next records."""

    def close(self) -> None:
        """Frees connections."""


class KinesisStream:
    """A stream of Kinesis; threads may share it."""

    def __init__(self, connection: Connection) -> None:
        self._name = connection.stream
        self._client = connect(connection)

    def shards(self) -> tuple[list[Shard], int]:
        found: list[Shard] = []
        wanted: dict[str, Any] = {"StreamName": self._name}
        while True:
            answer = self._client.list_shards(**wanted)
            found += [shard_of(listed) for listed in answer["Shards"]]
            if not answer.get("NextToken"):
                return found, _server_ms(answer, int(time.time() * 1000))
            wanted = {"NextToken": answer["NextToken"]}

    def retention_ms(self) -> int:
        answer = self._client.describe_stream_summary(StreamName=self._name)
        return int(answer["StreamDescriptionSummary"]["RetentionPeriodHours"]) * 3_600_000

    def iterator_from(self, shard: str, begin: str | int) -> str:
        if isinstance(begin, int):
            moment = dt.datetime.fromtimestamp(begin // 1000, dt.UTC)
            return self._iterator(shard, ShardIteratorType="AT_TIMESTAMP", Timestamp=moment)
        return self._iterator(shard, ShardIteratorType=TRIM_HORIZON)

    def iterator_at(self, shard: str, number: str) -> str:
        return self._iterator(shard, ShardIteratorType="AT_SEQUENCE_NUMBER", StartingSequenceNumber=number)

    def _iterator(self, shard: str, **at: Any) -> str:
        answer = self._client.get_shard_iterator(StreamName=self._name, ShardId=shard, **at)
        return str(answer["ShardIterator"])

    def records(self, iterator: str, most: int) -> Answer:
        answer = self._client.get_records(ShardIterator=iterator, Limit=most)
        found = [
            Record(
                one["SequenceNumber"],
                round(one["ApproximateArrivalTimestamp"].timestamp() * 1000),
                one["PartitionKey"],
                one["Data"],
            )
            for one in answer["Records"]
        ]
        return Answer(found, answer.get("NextShardIterator") or None, answer.get("MillisBehindLatest", 0))

    def close(self) -> None:
        self._client.close()


def _server_ms(answer: Mapping[str, Any], now_ms: int) -> int:
    """The time by the clock of Kinesis, which says seconds; within that second by our own.

    >>> headers = {"date": "Thu, 01 Jan 1970 00:00:07 GMT"}
    >>> answer = {"ResponseMetadata": {"HTTPHeaders": headers}}
    >>> _server_ms(answer, 7123), _server_ms(answer, 9123)
    (7123, 7000)
    """
    said = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date", "")
    try:
        second = int(parsedate_to_datetime(said).timestamp()) * 1000
    except (TypeError, ValueError):
        return now_ms
    return now_ms if second <= now_ms < second + 1000 else second
