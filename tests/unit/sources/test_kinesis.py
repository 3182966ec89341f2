"""The Kinesis source without a server: what it decides, and how it meets what Kinesis does rarely."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamcore.errors import (
    CheckpointMismatch,
    IllegalArgumentException,
    OffsetsLost,
    QueryExecutionException,
    SourceUnavailable,
    StreamcoreError,
)
from streamcore.kinesis.patience import Patience
from streamcore.sources.kinesis.aggregated import apart
from streamcore.sources.kinesis.columns import SCHEMA
from streamcore.sources.kinesis.offsets import Position, from_offset, to_offset
from streamcore.sources.kinesis.settings import settings_of
from streamcore.sources.kinesis.shards import Shard, known, readable
from streamcore.sources.kinesis.stream import Answer, Record
from streamcore.sources.kinesis.stream_reader import KinesisStreamReader
from streamcore.sources.kinesis.walk import ShardWalk, fails, goes_on
from streamcore.spi.limits import ReadAllAvailable
from streamcore.spi.options import Options

HOUR_MS = 3_600_000
WHOLE = (0, 2**128 - 1)


def problem(code: str, status: int = 400) -> Exception:
    from botocore.exceptions import ClientError

    response = {"Error": {"Code": code, "Message": "as told"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    error: Exception = ClientError(response, "GetRecords")
    return error


class FakeStream:
    """One shard in memory; `problems` are raised by the next requests for records."""

    def __init__(self, records: Sequence[Record], problems: Sequence[Exception] = ()) -> None:
        self.held = list(records)
        self.problems = list(problems)
        self.listed = [Shard("shard")]
        self.iterators = 0

    def shards(self) -> tuple[list[Shard], int]:
        return self.listed, 10_000

    def retention_ms(self) -> int:
        return 24 * HOUR_MS

    def iterator_from(self, shard: str, begin: str | int) -> str:
        self.iterators += 1
        return "0"

    def iterator_at(self, shard: str, number: str) -> str:
        self.iterators += 1
        return number

    def records(self, iterator: str, most: int) -> Answer:
        if self.problems:
            raise self.problems.pop(0)
        found = [one for one in self.held if int(one.number) >= int(iterator)][:most]
        follows = str(int(found[-1].number) + 1) if found else iterator
        left = [one for one in self.held if int(one.number) >= int(follows)]
        return Answer(found, follows, 1 if left else 0)

    def close(self) -> None:
        pass


def records(first: int, last: int) -> list[Record]:
    return [Record(str(n), n * 1000, f"key {n % 2}", f"{n}".encode()) for n in range(first, last)]


def walk(stream: FakeStream, start: Position, idle_ms: int = 0, **options: Any) -> ShardWalk:
    patience = Patience(retries=2, first_ms=1, most_ms=1)
    tell_loss = options.get("tell_loss", fails)
    now_ms = start.seen_ms + idle_ms
    return ShardWalk(
        stream, "shard", start, patience, threading.Event(), tell_loss=tell_loss, now_ms=lambda: now_ms
    )


def numbers(answer: Answer) -> list[int]:
    return [int(one.number) for one in answer.records]


# ---- a shard -------------------------------------------------------------------------------------


def test_a_shard_is_read_from_after_the_record_that_was_read_last() -> None:
    assert numbers(walk(FakeStream(records(1, 9)), Position(after="4", records=4)).next(3)) == [5, 6]


def test_records_before_the_time_to_begin_at_are_left_out() -> None:
    assert numbers(walk(FakeStream(records(1, 9)), Position(6000)).next(100)) == [6, 7, 8]


@pytest.mark.parametrize("code", ["ProvisionedThroughputExceededException", "LimitExceededException"])
def test_a_busy_shard_is_asked_again(code: str) -> None:
    stream = FakeStream(records(1, 3), [problem(code), problem(code)])
    assert numbers(walk(stream, Position()).next(10)) == [1, 2]


def test_a_shard_that_stays_busy_makes_the_source_unavailable_for_now() -> None:
    busy = [problem("ProvisionedThroughputExceededException")] * 3
    with pytest.raises(SourceUnavailable, match="after 3 tries"):
        walk(FakeStream([], busy), Position()).next(10)


def test_an_answer_that_no_repetition_changes_is_told_at_once() -> None:
    stream = FakeStream([], [problem("AccessDeniedException")])
    with pytest.raises(QueryExecutionException, match="AccessDenied"):
        walk(stream, Position()).next(10)


def test_an_iterator_that_has_expired_is_made_anew_where_the_query_is() -> None:
    stream = FakeStream(records(1, 9))
    reading = walk(stream, Position())
    assert numbers(reading.next(3)) == [1, 2, 3]
    stream.problems.append(problem("ExpiredIteratorException"))
    assert numbers(reading.next(3)) == [4, 5]
    assert stream.iterators == 2


def test_a_record_that_is_gone_is_a_loss_when_others_may_have_gone_with_it() -> None:
    start = Position(after="4", records=4, seen_ms=5000)
    with pytest.raises(OffsetsLost, match="may have expired unread"):
        walk(FakeStream(records(7, 9)), start, idle_ms=25 * HOUR_MS).next(10)
    lenient = walk(FakeStream(records(7, 9)), start, idle_ms=25 * HOUR_MS, tell_loss=goes_on)
    assert numbers(lenient.next(10)) == [7, 8]


def test_a_record_that_is_gone_is_no_loss_while_nothing_later_can_have_expired() -> None:
    start = Position(after="4", records=4, seen_ms=5000)
    assert numbers(walk(FakeStream(records(7, 9)), start, idle_ms=23 * HOUR_MS).next(10)) == [7, 8]


def test_a_quiet_shard_is_no_loss_when_its_last_record_is_still_there() -> None:
    start = Position(after="4", records=4)
    assert numbers(walk(FakeStream(records(4, 5)), start, idle_ms=90 * HOUR_MS).next(10)) == []


# ---- the reader ----------------------------------------------------------------------------------


def options(**more: str) -> Options:
    given = {"kinesis.streamName": "clicks", "kinesis.startingPosition": "TRIM_HORIZON"}
    fast = {"kinesis.clientRetryIntervalsMs": "1", "kinesis.getRecords.fetchIntervalMs": "1"}
    return Options({**given, **fast, **{f"kinesis.{name}": value for name, value in more.items()}})


@pytest.fixture
def stream() -> FakeStream:
    return FakeStream(records(1, 9))


@pytest.fixture
def reader(stream: FakeStream) -> Iterator[KinesisStreamReader]:
    made = reader_of(stream)
    yield made
    made.stop()


def reader_of(stream: FakeStream) -> KinesisStreamReader:
    return KinesisStreamReader(settings_of(options()), SCHEMA.fieldNames(), lambda _: stream)


def data(reader: KinesisStreamReader, start: Any, end: Any) -> list[int]:
    return [
        int(value.as_py())
        for partition in reader.partitions(start, end)
        for batch in reader.read(partition)
        for value in batch.column("data")
    ]


def test_what_was_fetched_is_not_asked_for_a_second_time(
    stream: FakeStream, reader: KinesisStreamReader
) -> None:
    start = reader.initialOffset()
    end = reader.latestOffset(start, ReadAllAvailable())
    stream.held.clear()
    assert data(reader, start, end) == list(range(1, 9))


def test_a_range_of_which_records_have_expired_is_not_read_in_part(
    stream: FakeStream, reader: KinesisStreamReader
) -> None:
    start = reader.initialOffset()
    end = reader.latestOffset(start, ReadAllAvailable())
    del stream.held[2:4]
    other = reader_of(stream)
    with pytest.raises(OffsetsLost, match="2 records of shard"):
        data(other, start, end)


def test_an_error_while_fetching_is_told_when_the_batch_is_planned_and_passes(
    stream: FakeStream, reader: KinesisStreamReader
) -> None:
    start = reader.initialOffset()
    stream.problems.extend([problem("InternalFailure", 500)] * 6)
    with pytest.raises(SourceUnavailable):
        reader.latestOffset(start, ReadAllAvailable())
    end = reader.latestOffset(start, ReadAllAvailable())
    assert data(reader, start, end) == list(range(1, 9))


def test_a_shard_that_is_gone_unread_is_a_loss(stream: FakeStream, reader: KinesisStreamReader) -> None:
    start = reader.initialOffset()
    stream.listed = [Shard("another")]
    reader._listed_at = -1.0
    with pytest.raises(OffsetsLost, match="has no longer the shards shard"):
        reader.latestOffset(start, ReadAllAvailable())


# ---- positions and shards ------------------------------------------------------------------------

_positions = st.one_of(
    st.builds(Position, st.just("TRIM_HORIZON") | st.integers(0, 2**45), closed=st.booleans()),
    st.builds(
        lambda after, n, seen, closed: Position(after=str(after), records=n, seen_ms=seen, closed=closed),
        st.integers(1, 2**186),
        st.integers(1, 2**50),
        st.integers(0, 2**45),
        st.booleans(),
    ),
)


@given(st.dictionaries(st.text(min_size=1, max_size=20), _positions, max_size=5))
def test_positions_come_back_from_offsets(positions: dict[str, Position]) -> None:
    assert from_offset(to_offset(positions)) == dict(sorted(positions.items()))


@pytest.mark.parametrize("offset", [{"ads": {"0": 5}}, {"logOffset": 5}, 7, {"shard": {"begin": "LATEST"}}])
def test_offsets_of_other_sources_are_refused(offset: Any) -> None:
    with pytest.raises(CheckpointMismatch):
        from_offset(offset)


def test_the_child_of_two_shards_waits_for_both() -> None:
    shards = [Shard("a"), Shard("b"), Shard("c", ("a", "b"))]
    half = {"a": Position(closed=True), "b": Position()}
    assert readable(known(half, shards), shards) == ["b"]
    both = {"a": Position(closed=True), "b": Position(closed=True)}
    assert readable(known(both, shards), shards) == ["c"]


def test_shards_that_have_ended_are_forgotten_once_they_are_no_longer_listed() -> None:
    positions = {"a": Position(closed=True), "b": Position(after="1", records=1)}
    assert known(positions, [Shard("b", ("a",))]) == {"b": positions["b"]}


# ---- options -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("consumerType", "SubscribeToShard", "enhanced fan-out"),
        ("subscribeToShard.timeoutSec", "60", "enhanced fan-out"),
        ("metadataCommitterType", "DYNAMODB", "the query's checkpoint"),
        ("metadataPath", "s3://x", "the query's checkpoint"),
        ("credentialProviderClass", "C", "boto3 finds credentials"),
        ("startingPosition", "AT_TIMESTAMP 2026-01-01T00:00:00", "a time and its zone"),
        ("startingPosition", "yesterday", "must be LATEST"),
        ("awsAccessKeyId", "A", "set both of"),
        ("stsRoleArn", "arn", "set both of"),
        ("maxFetchTimePerShardSec", "9", "at least 10"),
        ("maxFetchRecordPerShard", "9", "did you mean 'kinesis.maxFetchRecordsPerShard'"),
        ("streamName", " ", "kinesis.streamName is missing"),
    ],
)
def test_an_option_is_read_or_refused(name: str, value: str, said: str) -> None:
    with pytest.raises(StreamcoreError, match=said):
        settings_of(options(**{name: value}))


def test_keys_are_never_shown() -> None:
    given = options(awsAccessKeyId="A", awsSecretKey="hidden-key", sessionToken="hidden-token")
    assert "hidden" not in repr(settings_of(given))
    assert "hidden" not in repr(given)


def test_the_credentials_of_a_role_are_renewed_before_they_run_out() -> None:
    import datetime as dt

    from moto import mock_aws

    from streamcore.kinesis.connecting import connect, connection_of

    role = {"stsRoleArn": "arn:aws:iam::123456789012:role/reader", "stsSessionName": "clicks"}
    with mock_aws():
        client = connect(
            connection_of(options(region="us-east-1", awsAccessKeyId="A", awsSecretKey="B", **role))
        )
        held: Any = client._request_signer._credentials
        first = held.get_frozen_credentials()
        assert first.token
        held._expiry_time = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1)
        assert held.get_frozen_credentials().access_key != first.access_key
        assert client.list_streams()["StreamNames"] == []


def test_names_are_read_in_any_case() -> None:
    found = settings_of(Options({"KINESIS.STREAMNAME": "s", "kinesis.startingposition": "earliest"}))
    assert (found.fetch.connection.stream, found.starting) == ("s", "TRIM_HORIZON")
    with pytest.raises(IllegalArgumentException):
        settings_of(Options({}))


# ---- records in records --------------------------------------------------------------------------


def field(number: int, value: int | bytes) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def varint(value: int) -> bytes:
    out = b""
    while value >= 0x80:
        out, value = out + bytes([value & 0x7F | 0x80]), value >> 7
    return out + bytes([value])


def packed(found: Sequence[tuple[str, bytes]], hash_keys: Sequence[int] = ()) -> bytes:
    keys = list(dict.fromkeys(key for key, _ in found))
    message = b"".join(field(1, key.encode()) for key in keys)
    message += b"".join(field(2, str(hash_key).encode()) for hash_key in hash_keys)
    for n, (key, content) in enumerate(found):
        explicit = field(2, n) if hash_keys else b""
        message += field(3, field(1, keys.index(key)) + explicit + field(3, content))
    return b"\xf3\x89\x9a\xc2" + message + hashlib.md5(message).digest()


@given(st.lists(st.tuples(st.text(min_size=1, max_size=9), st.binary(max_size=300)), min_size=1, max_size=9))
def test_records_that_were_packed_into_one_come_apart_in_order(found: list[tuple[str, bytes]]) -> None:
    outer = Record("495", 17, "a", packed(found))
    assert apart(outer, WHOLE) == [Record("495", 17, key, content) for key, content in found]


def test_a_packed_record_of_another_shard_is_left_out() -> None:
    outer = Record("495", 17, "a", packed([("x", b"here"), ("y", b"there")], [5, 50]))
    assert [one.data for one in apart(outer, (0, 9))] == [b"here"]


@given(st.binary(max_size=60))
def test_data_that_only_begins_like_packed_records_stay_as_they_are(rest: bytes) -> None:
    plain = Record("495", 17, "a", b"\xf3\x89\x9a\xc2" + rest)
    assert apart(plain, WHOLE) == [plain]
    broken = Record("495", 17, "a", b"\xf3\x89\x9a\xc2\x0a\xff" + hashlib.md5(b"\x0a\xff").digest())
    assert apart(broken, WHOLE) == [broken]
