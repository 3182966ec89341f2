"""The state of a query as tables: of each operator what PySpark 4.3 showed of the same query."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from streamcore import Session
from streamcore.checkpoint import Checkpoint, CommitBody, OffsetRecord, OperatorIntent
from streamcore.checkpoint.maintenance import rewind
from streamcore.checkpoint.reading import CommittedBatches
from streamcore.errors import CheckpointCorrupted, CheckpointError, StreamcoreError
from streamcore.spi.clock import SystemClock
from streamcore.spi.options import Options
from streamcore.sql import functions as F
from streamcore.storage.local import LocalStorage
from streamcore.streaming.state_reading.options import state_options
from streamcore.streaming.state_reading.place import find_store
from streamcore.testing.memory_source import MemoryStream
from streamcore.testing.stream_test import StreamTest

Frame = Any
SCHEMA = "k string, v long, t timestamp"
BATCHES: tuple[list[tuple[str | None, int, int]], ...] = (
    [("a", 1, 1), ("b", 2, 3), (None, 3, 12)],
    [("a", 10, 21), ("c", 4, 22)],
    [("d", 7, 41)],
)


SETTINGS = {"spark.sql.shuffle.partitions": "2", "spark.sql.session.timeZone": "UTC"}


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    found = Session.builder.master("local[2]").getOrCreate().newSession()
    for key, value in SETTINGS.items():
        found.conf.set(key, value)
    yield found
    for key in SETTINGS:
        found.conf.unset(key)


@pytest.fixture
def keeps_two(session: Session) -> Iterator[Session]:
    """A session whose queries keep two batches."""
    session.conf.set("spark.sql.streaming.minBatchesToRetain", "2")
    yield session
    session.conf.unset("spark.sql.streaming.minBatchesToRetain")


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("events")
    for number, rows in enumerate(BATCHES):
        lines = [{"k": k, "v": v, "t": f"2026-01-01T00:00:{second:02}Z"} for k, v, second in rows]
        path = folder / f"{number}.json"
        path.write_text("\n".join(map(json.dumps, lines)))
        os.utime(path, (10**9 + number, 10**9 + number))
    return folder


@pytest.fixture(scope="module")
def stream(session: Session, events: Path) -> Frame:
    reader = session.readStream.schema(SCHEMA).option("maxFilesPerTrigger", 1)
    return reader.json(str(events)).withWatermark("t", "5 seconds")


def ran(query: Frame, place: Path, mode: str = "append", **options: str) -> str:
    checkpoint = str(place / "checkpoint")
    writer = query.writeStream.format("noop").outputMode(mode).options(**options)
    writer.option("checkpointLocation", checkpoint).trigger(availableNow=True).start().awaitTermination()
    return checkpoint


def state(session: Session, checkpoint: str, **options: Any) -> Frame:
    return session.read.format("statestore").options(**options).load(checkpoint)


def shown(frame: Frame) -> list[tuple[Any, ...]]:
    """All columns but the partition, which depends on the hash function."""
    rows = frame.drop("partition_id").collect()
    return sorted((tuple(row) for row in rows), key=str)


def at(second: int) -> dt.datetime:
    """A time as rows have it: without a zone, in that of this process."""
    return dt.datetime(2026, 1, 1, 0, 0, second, tzinfo=dt.UTC).astimezone().replace(tzinfo=None)


def windows(stream: Frame) -> Frame:
    return stream.groupBy(F.window("t", "10 seconds"), "k").agg(F.count("*"), F.sum("v"))


@pytest.fixture(scope="module")
def windowed(session: Session, stream: Frame, tmp_path_factory: pytest.TempPathFactory) -> str:
    return ran(windows(stream), tmp_path_factory.mktemp("windowed"), "update")


def window(second: int) -> tuple[dt.datetime, dt.datetime]:
    return at(second), at(second + 10)


# ---- operators -----------------------------------------------------------------------------------

IN_SESSIONS = "session_window:struct<start:timestamp,end:timestamp>,k:string,count:bigint>"
OPERATORS: list[tuple[Callable[[Frame], Frame], str, str, list[Any], str]] = [
    (
        lambda rows: rows.groupBy("k").count(),
        "update",
        "struct<k:string>,value:struct<count:bigint>",
        [(("a",), (2,)), (("b",), (1,)), (("c",), (1,)), (("d",), (1,)), ((None,), (1,))],
        "stateStoreSave",
    ),
    (
        windows,
        "update",
        "struct<window:struct<start:timestamp,end:timestamp>,k:string>,value:struct<count:bigint,sum:bigint>",
        [((window(40), "d"), (1, 7))],
        "stateStoreSave",
    ),
    (
        lambda rows: rows.dropDuplicates(["k", "t"]),
        "append",
        "struct<k:string,t:timestamp>,value:struct<__dummy__:void>",
        [(("d", at(41)), (None,))],
        "dedupe",
    ),
    (
        lambda rows: rows.dropDuplicatesWithinWatermark(["k"]),
        "append",
        "struct<k:string>,value:struct<expiresAtMicros:bigint>",
        [(("d",), (1767225646000000,))],
        "dedupeWithinWatermark",
    ),
    (
        lambda rows: rows.groupBy(F.session_window("t", "5 seconds"), "k").count(),
        "append",
        "struct<k:string,sessionStartTime:timestamp>,value:struct<" + IN_SESSIONS,
        [(("d", at(41)), ((at(41), at(46)), "d", 1))],
        "sessionWindowStateStoreSaveExec",
    ),
]


@pytest.mark.parametrize(("query", "mode", "columns", "rows", "name"), OPERATORS)
def test_the_state_of_an_operator_has_the_columns_and_rows_of_pyspark(
    session: Session,
    stream: Frame,
    tmp_path: Path,
    query: Callable[[Frame], Frame],
    mode: str,
    columns: str,
    rows: list[Any],
    name: str,
) -> None:
    checkpoint = ran(query(stream), tmp_path, mode)
    found = state(session, checkpoint)
    assert found.schema.simpleString() == f"struct<key:{columns},partition_id:int>"
    assert shown(found) == rows
    (described,) = session.read.format("state-metadata").load(checkpoint).collect()
    assert described.operatorName == name


def test_a_row_says_in_which_partition_it_is(session: Session, windowed: str) -> None:
    found = state(session, windowed, batchId=1).groupBy("partition_id").count().collect()
    assert {row.partition_id for row in found} == {0, 1}
    one = state(session, windowed, batchId=1, snapshotStartBatchId=0, snapshotPartitionId=1)
    assert {row.partition_id for row in one.collect()} == {1}


def test_values_that_repeat_a_name_get_a_number(session: Session, stream: Frame, tmp_path: Path) -> None:
    query = stream.groupBy("k").agg(F.sum("v"), F.avg("v"))
    found = state(session, ran(query, tmp_path, "update")).schema["value"].dataType
    assert found.names == ["sum", "sum_2", "count"]


def test_a_state_without_rows_has_its_columns(session: Session, stream: Frame, tmp_path: Path) -> None:
    found = state(session, ran(windows(stream.where("v > 100")), tmp_path, "update"))
    assert shown(found) == []
    assert found.schema["key"].dataType.names == ["window", "k"]


# ---- batches -------------------------------------------------------------------------------------


def test_the_state_after_any_retained_batch_can_be_read(session: Session, windowed: str) -> None:
    first = [((window(0), "a"), (1, 1)), ((window(0), "b"), (1, 2)), ((window(10), None), (1, 3))]
    second = [*first, ((window(20), "a"), (1, 10)), ((window(20), "c"), (1, 4))]
    third = [row for row in second if row[0][0] != window(0)] + [((window(40), "d"), (1, 7))]
    for batch_id, expected in enumerate((first, second, third, third[-1:])):
        assert shown(state(session, windowed, batchId=batch_id)) == sorted(expected, key=str)


def test_the_change_feed_is_that_of_pyspark(session: Session, windowed: str) -> None:
    found = state(session, windowed, readChangeFeed=True, changeStartBatchId=0)
    assert found.columns == ["batch_id", "change_type", "key", "value", "partition_id"]
    assert shown(found) == [
        (0, "update", (window(0), "a"), (1, 1)),
        (0, "update", (window(0), "b"), (1, 2)),
        (0, "update", (window(10), None), (1, 3)),
        (1, "update", (window(20), "a"), (1, 10)),
        (1, "update", (window(20), "c"), (1, 4)),
        (2, "delete", (window(0), "a"), None),
        (2, "delete", (window(0), "b"), None),
        (2, "update", (window(40), "d"), (1, 7)),
        (3, "delete", (window(10), None), None),
        (3, "delete", (window(20), "a"), None),
        (3, "delete", (window(20), "c"), None),
    ]
    part = state(session, windowed, readChangeFeed=True, changeStartBatchId=1, changeEndBatchId=1)
    assert {row.batch_id for row in part.collect()} == {1}


def test_a_count_of_everything_changes_under_its_only_key(
    session: Session, stream: Frame, tmp_path: Path
) -> None:
    checkpoint = ran(stream.agg(F.sum("v")), tmp_path, "complete")
    found = shown(state(session, checkpoint, readChangeFeed=True, changeStartBatchId=0))
    assert found == [
        (0, "update", (None,), (6,)),
        (1, "update", (None,), (20,)),
        (2, "update", (None,), (27,)),
    ]


def test_changes_put_together_are_the_state_whatever_was_merged_meanwhile(
    session: Session, tmp_path: Path
) -> None:
    words, kept = MemoryStream("k int"), Counter[int]()
    expected: list[dict[int, int]] = []
    counts = words.toDF(session).groupBy("k").count()
    with StreamTest(counts, "update", checkpointLocation=str(tmp_path)) as test:
        for number in range(24):
            batch = [number % 5, number, 100]
            kept.update(batch)
            expected.append(dict(kept))
            test.addData(words, batch).processAllAvailable()
    together: dict[int, int] = {}
    changes = state(session, str(tmp_path), readChangeFeed=True, changeStartBatchId=0).orderBy("batch_id")
    for row in changes.collect():
        assert row.change_type == "update"
        together[row.key.k] = row.value["count"]
    assert together == expected[-1]
    for batch_id in (0, 7, 8, 15, 23):
        rows = state(session, str(tmp_path), batchId=batch_id).collect()
        assert {row.key.k: row.value["count"] for row in rows} == expected[batch_id]


def test_sessions_that_are_joined_or_grow_are_changes_of_theirs_alone(
    session: Session, tmp_path: Path
) -> None:
    clicks = MemoryStream("t timestamp, k string")
    frame = clicks.toDF(session).withWatermark("t", "1 hour")
    sessions = frame.groupBy(F.session_window("t", "10 seconds"), "k").count()
    with StreamTest(sessions, checkpointLocation=str(tmp_path)) as test:
        test.addData(clicks, [(at(0), "a"), (at(30), "a")]).processAllAvailable()
        test.addData(clicks, [(at(35), "a")]).processAllAvailable()
        test.addData(clicks, [(at(25), "a")]).processAllAvailable()
    feed = state(session, str(tmp_path), readChangeFeed=True, changeStartBatchId=1)
    rows = feed.orderBy("batch_id", "change_type").collect()
    changes = [(row.change_type, row.key.sessionStartTime.second) for row in rows]
    assert changes == [("update", 30), ("delete", 30), ("update", 25)]


def test_rows_of_a_join_come_and_go_one_by_one(session: Session, tmp_path: Path) -> None:
    clicks, views = MemoryStream("t timestamp, k int"), MemoryStream("u timestamp, j int")
    left, right = (
        stream.toDF(session).withWatermark(time, "0 seconds")
        for stream, time in ((clicks, "t"), (views, "u"))
    )
    near = F.expr("k = j AND u BETWEEN t AND t + INTERVAL 5 SECONDS")
    with StreamTest(left.join(right, near), checkpointLocation=str(tmp_path)) as test:
        for second in (0, 10, 20, 30):
            test.addData(clicks, [(at(second), 1), (at(second + 1), 1)])
            test.addData(views, [(at(second + 1), 1)]).processAllAvailable()
    kept = state(session, str(tmp_path), joinSide="left")
    feed = state(session, str(tmp_path), storeName="left", readChangeFeed=True, changeStartBatchId=0)
    changes = Counter(row.change_type for row in feed.collect())
    assert changes["update"] == 8
    assert changes["delete"] == 8 - kept.count() > 0


def test_a_frame_stays_with_its_batch_while_the_query_goes_on(session: Session, tmp_path: Path) -> None:
    words = MemoryStream("k int")
    counts = words.toDF(session).groupBy("k").count()
    with StreamTest(counts, "update", checkpointLocation=str(tmp_path)) as test:
        test.addData(words, [1]).processAllAvailable()
        first = state(session, str(tmp_path))
        test.addData(words, [1, 2]).processAllAvailable()
        assert shown(first) == [((1,), (1,))]
        assert shown(state(session, str(tmp_path))) == [((1,), (2,)), ((2,), (1,))]


def test_a_batch_that_was_collected_meanwhile_is_named(keeps_two: Session, tmp_path: Path) -> None:
    session, words = keeps_two, MemoryStream("k int")
    counts = words.toDF(session).groupBy("k").count()
    with StreamTest(counts, "update", checkpointLocation=str(tmp_path)) as test:
        test.addData(words, [1]).processAllAvailable()
        first = state(session, str(tmp_path))
        assert first.columns
        for _ in range(5):
            test.addData(words, [1]).processAllAvailable()
        with pytest.raises(CheckpointError, match=r"batch 0 .* was removed .*minBatchesToRetain"):
            first.collect()
        with pytest.raises(StreamcoreError, match="It retains the batches 4 to 5"):
            state(session, str(tmp_path), batchId=0)


def test_what_a_rewind_left_behind_is_not_seen(
    session: Session, stream: Frame, windowed: str, tmp_path: Path
) -> None:
    checkpoint = ran(windows(stream), tmp_path, "update")
    rewind(checkpoint, 0)
    assert shown(state(session, checkpoint)) == shown(state(session, windowed, batchId=0))
    with pytest.raises(StreamcoreError, match="It retains the batches 0 to 0"):
        state(session, checkpoint, batchId=1)


def test_a_damaged_file_is_refused(session: Session, stream: Frame, tmp_path: Path) -> None:
    checkpoint = ran(windows(stream), tmp_path, "update")
    batches = CommittedBatches(checkpoint)
    for file in batches.commit(3).state:
        path = Path(checkpoint, file.path)
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    with pytest.raises(CheckpointCorrupted):
        state(session, checkpoint).collect()


# ---- operators by number and name ----------------------------------------------------------------


def test_operators_are_numbered_from_the_sink_and_may_be_named(
    session: Session, stream: Frame, tmp_path: Path
) -> None:
    chain = stream.dropDuplicates(["k", "t"]).groupBy(F.window("t", "10 seconds")).count()
    checkpoint = ran(chain, tmp_path, operatorNames="unique,per_window")
    rows = session.read.format("state-metadata").load(checkpoint).orderBy("operatorId").collect()
    assert [tuple(row) for row in rows] == [
        (0, "stateStoreSave", "default", 2, 0, 3, '{"id": "per_window"}'),
        (1, "dedupe", "default", 2, 0, 3, '{"id": "unique"}'),
    ]
    for number, name in enumerate(("per_window", "unique")):
        assert shown(state(session, checkpoint, operatorId=number)) == shown(
            state(session, checkpoint, operatorId=name)
        )
    assert state(session, checkpoint, operatorId=1).schema["key"].dataType.names == ["k", "t"]


def test_a_query_without_state_has_no_operators(session: Session, stream: Frame, tmp_path: Path) -> None:
    checkpoint = ran(stream.select("k"), tmp_path)
    assert session.read.format("state-metadata").load(checkpoint).count() == 0
    with pytest.raises(StreamcoreError, match="has no stateful operator 0; it has none"):
        state(session, checkpoint)


# ---- options -------------------------------------------------------------------------------------

FEED = {"readChangeFeed": True}
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"batchId": 99}, "STDS_COMMITTED_BATCH_UNAVAILABLE.*99.*It retains the batches 0 to 3"),
    ({"batchId": -1}, r"STDS_INVALID_OPTION_VALUE.IS_NEGATIVE.*'batchId': cannot be negative"),
    ({"batchId": "x"}, 'For input string: "x"'),
    (
        {"operatorId": 1},
        r"STDS_FAILED_TO_READ_STATE_SCHEMA.*has no stateful operator 1; it has 0 \(aggregate-0\)",
    ),
    ({"operatorId": -1}, "IS_NEGATIVE.*'operatorId'"),
    ({"storeName": "other"}, "'storeName': the operator aggregate-0 .* has the store 'default', not 'other'"),
    ({"storeName": ""}, "IS_EMPTY.*'storeName': cannot be empty"),
    ({"joinSide": "left"}, "'joinSide': the operator aggregate-0 .* not 'left'"),
    ({"joinSide": "up"}, "'joinSide': Valid values are left,right,none"),
    ({"joinSide": "left", "storeName": "x"}, r"STDS_CONFLICT_OPTIONS.*\['joinSide', 'storeName'\]"),
    (FEED, "STDS_REQUIRED_OPTION_UNSPECIFIED.*'changeStartBatchId' must be specified"),
    (FEED | {"changeStartBatchId": 0, "batchId": 1}, r"\['batchId', 'readChangeFeed'\]"),
    (FEED | {"changeStartBatchId": 0, "joinSide": "left"}, r"\['joinSide', 'readChangeFeed'\]"),
    (FEED | {"changeStartBatchId": 2, "changeEndBatchId": 1}, "cannot be smaller than changeStartBatchId"),
    (FEED | {"changeStartBatchId": 9}, "cannot be smaller than changeStartBatchId"),
    ({"changeStartBatchId": 0}, "Only specify this option when readChangeFeed is set to true"),
    ({"snapshotStartBatchId": 1}, "'snapshotPartitionId' must be specified"),
    ({"snapshotPartitionId": 1}, "'snapshotStartBatchId' must be specified"),
    ({"snapshotPartitionId": 2, "snapshotStartBatchId": 0}, "'snapshotPartitionId': .* has 2 partitions"),
    ({"snapshotPartitionId": 0, "snapshotStartBatchId": 2, "batchId": 1}, "equal to the batch 1"),
    ({"stateVarName": "x"}, "only supported with the transformWithState operator.*=stateStoreSave"),
    (
        {"readRegisteredTimers": True},
        "readRegisteredTimers=true is only supported with the transformWithState",
    ),
    ({"flattenCollectionTypes": "maybe"}, "flattenCollectionTypes='maybe' must be true or false"),
    ({"batchID": 0, "nonsense": 1}, "does not know the option 'nonsense'"),
]


@pytest.mark.parametrize(("options", "error"), REFUSED)
def test_options_that_cannot_be_followed_are_refused_in_words_of_pyspark(
    session: Session, windowed: str, options: dict[str, Any], error: str
) -> None:
    with pytest.raises(StreamcoreError, match=error):
        state(session, windowed, **options)


@pytest.mark.parametrize(
    ("kind", "options", "error"),
    [
        (
            "transformWithStateExec",
            {},
            "'stateVarName' must be specified: the operator op .* the stores x, y",
        ),
        ("symmetricHashJoin", {}, "'storeName' must be specified: the operator op .* the stores x, y"),
        ("symmetricHashJoin", {"joinSide": "left"}, "'joinSide': the operator op .* not 'left'"),
        (
            "transformWithStateExec",
            {"readRegisteredTimers": "true"},
            "'readRegisteredTimers': the operator op",
        ),
    ],
)
def test_where_an_operator_has_several_stores_one_must_be_named(
    tmp_path: Path, kind: str, options: dict[str, str], error: str
) -> None:
    shape: dict[str, Any] = {"key": [], "value": [], "expires": None, "only_adds": False}
    operator = {"number": 0, "operator": kind, "stores": {"x": shape, "y": shape}}
    with Checkpoint.open(LocalStorage(tmp_path), SystemClock(), run_id="a run") as checkpoint:
        told = {"op": OperatorIntent(partitions=1)}
        plan = checkpoint.write_plan({"operators": {"op": operator}})
        checkpoint.write_offsets(OffsetRecord(0, {}, batch_time_ms=0, operators=told, plan=plan))
        checkpoint.write_commit(CommitBody(checkpoint.query_id, 0).record())
    with pytest.raises(StreamcoreError, match=error):
        find_store(CommittedBatches(tmp_path), state_options(Options({"path": str(tmp_path), **options})))
    chosen = state_options(Options({"path": str(tmp_path), "storeName": "y"}))
    assert find_store(CommittedBatches(tmp_path), chosen).store == "y"


def test_a_place_without_a_checkpoint_is_refused(session: Session, tmp_path: Path) -> None:
    for kind in ("statestore", "state-metadata"):
        with pytest.raises(StreamcoreError, match="there is no checkpoint at"):
            session.read.format(kind).load(str(tmp_path / "nowhere")).collect()
        with pytest.raises(StreamcoreError, match="'path' must be specified"):
            session.read.format(kind).load()
    assert not (tmp_path / "nowhere").exists()


def test_the_metadata_of_a_batch_that_is_not_retained_is_refused(session: Session, windowed: str) -> None:
    with pytest.raises(StreamcoreError, match="No committed batch 77"):
        session.read.format("state-metadata").option("batchId", 77).load(windowed).collect()
