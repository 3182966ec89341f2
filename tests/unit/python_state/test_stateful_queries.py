"""Python with state in queries: what is refused, what an error says, what a crash or a change leaves."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from streamcore import Session
from streamcore.errors import (
    AnalysisException,
    CheckpointMismatch,
    IllegalArgumentException,
    PythonException,
    UnsupportedOperationException,
)
from streamcore.spi import steps
from streamcore.sql import functions as F
from streamcore.sql.streaming import GroupStateTimeout, StatefulProcessor
from streamcore.streaming.stateful import python_groups
from streamcore.testing.memory_source import MemoryStream
from streamcore.testing.stream_test import StreamTest

OUT = "k string, n long"


@pytest.fixture(scope="module")
def session() -> Session:
    session = Session.builder.master("local[2]").getOrCreate().newSession()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    return session


def frame(key, n):
    return pd.DataFrame({"k": [str(key)], "n": [n]})


class Count(StatefulProcessor):
    schema = "n long"

    def init(self, handle):
        self.handle = handle
        self.count = handle.getValueState("count", self.schema)

    def handleInputRows(self, key, rows, timerValues):
        total = (self.count.get() or (0,))[0] + sum(len(frame) for frame in rows)
        self.count.update((total,))
        yield frame(key[0], total)


class Acting(StatefulProcessor):
    """Does something once in `init`, and once for each key."""

    def __init__(self, declare=None, act=None):
        self.declare, self.act = declare, act

    def init(self, handle):
        self.handle = handle
        self.state = self.declare(handle) if self.declare else None

    def handleInputRows(self, key, rows, timerValues):
        found = self.act(self) if self.act else None
        yield found if isinstance(found, pd.DataFrame) else frame(key[0], 0)


class Expiring(Count):
    """Forgets a key a minute after its first row."""

    def handleInputRows(self, key, rows, timerValues):
        if not self.count.exists():
            self.handle.registerTimer(timerValues.getCurrentProcessingTimeInMs() + 60_000)
        yield from super().handleInputRows(key, rows, timerValues)

    def handleExpiredTimer(self, key, timerValues, expiredTimerInfo):
        yield frame(key[0], -self.count.get()[0])
        self.count.clear()


def words(session):
    stream = MemoryStream("k string")
    return stream, stream.toDF(session)


def transformed(df, processor, timeMode="None", outputMode="Append", **more):
    return df.groupBy("k").transformWithStateInPandas(processor, OUT, outputMode, timeMode, **more)


def told(session, processor, timeMode="None"):
    """What a query says when the processor has got a row."""
    stream, df = words(session)
    with StreamTest(transformed(df, processor, timeMode)) as test, pytest.raises(PythonException) as raised:
        test.addData(stream, ["a"]).processAllAvailable()
    return str(raised.value)


# ---- state over stops and crashes ----------------------------------------------------------------


def test_state_and_timers_outlive_stops(session):
    stream, df = words(session)
    with StreamTest(transformed(df, Expiring(), "ProcessingTime")) as test:
        test.addData(stream, ["a", "b", "a"]).checkNewAnswer([("a", 2), ("b", 1)])
        test.advanceManualClock(30).stopStream().startStream()
        test.addData(stream, ["a"]).checkNewAnswer([("a", 3)])
        test.advanceManualClock(29).checkNewAnswer([])
        test.stopStream().startStream().advanceManualClock(1).checkNewAnswer([("a", -3), ("b", -1)])
        # A timer that has fired does not fire again, although no batch has changed anything since.
        test.stopStream().startStream().advanceManualClock(100).checkNewAnswer([])
        test.addData(stream, ["a"]).checkNewAnswer([("a", 1)])


POINTS = [point for point in steps.crash_points() if point.partition(":")[0] in steps.STEPS]


@pytest.mark.parametrize("point", POINTS)
def test_a_crash_at_any_step_neither_loses_nor_repeats_a_call(session, point):
    stream, df = words(session)
    with StreamTest(transformed(df, Expiring(), "ProcessingTime")) as test:
        test.addData(stream, ["a", "b"]).checkNewAnswer([("a", 1), ("b", 1)])
        test.addData(stream, ["a"]).crashAt(point).startStream().checkNewAnswer([("a", 2)])
        test.advanceManualClock(60).crashAt(point).startStream().checkNewAnswer([("a", -2), ("b", -1)])
        test.addData(stream, ["a"]).checkNewAnswer([("a", 1)])


def test_a_batch_that_fails_leaves_state_as_it_was(session):
    class FailsOnce(Count):
        def handleInputRows(self, key, rows, timerValues):
            found = list(super().handleInputRows(key, rows, timerValues))
            if key[0] == "bad" and found[0]["n"][0] < 2:
                raise ValueError("not yet")
            return found

    stream, df = words(session)
    with StreamTest(transformed(df, FailsOnce())) as test:
        test.addData(stream, ["a", "a"]).checkNewAnswer([("a", 2)])
        test.addData(stream, ["a", "bad"]).expectFailure(PythonException)
        test.startStream().addData(stream, ["bad"])
        with pytest.raises(PythonException, match="ValueError: not yet"):
            test.processNextBatch()


def test_a_time_to_live_outlives_a_stop(session):
    class Living(StatefulProcessor):
        def init(self, handle):
            self.seen = handle.getListState("seen", "n long", 60_000)

        def handleInputRows(self, key, rows, timerValues):
            self.seen.appendValue((1,))
            yield frame(key[0], len(list(self.seen.get())))

    stream, df = words(session)
    with StreamTest(transformed(df, Living(), "ProcessingTime")) as test:
        test.addData(stream, ["a"]).checkNewAnswer([("a", 1)])
        test.advanceManualClock(40).addData(stream, ["a"]).checkNewAnswer([("a", 2)])
        test.stopStream().startStream()
        test.advanceManualClock(20).addData(stream, ["a"]).checkNewAnswer([("a", 2)])
        test.advanceManualClock(100).stopStream().startStream()
        test.addData(stream, ["a"]).checkNewAnswer([("a", 1)])


def test_what_has_expired_no_longer_counts_as_state(session):
    class Living(StatefulProcessor):
        def init(self, handle):
            self.seen = handle.getValueState("seen", "n long", 60_000)

        def handleInputRows(self, key, rows, timerValues):
            self.seen.update((1,))
            return iter([])

    stream, df = words(session)
    with StreamTest(transformed(df, Living(), "ProcessingTime")) as test:
        test.addData(stream, ["a", "b"]).processAllAvailable()
        test.advanceManualClock(60).addData(stream, ["c"])
        test.assertOnQuery(lambda progress: progress.stateOperators[0].numRowsTotal == 1)


# ---- a changed processor -------------------------------------------------------------------------


def restarted(session, tmp_path, before, after, timeMode="None"):
    stream, df = words(session)
    test = StreamTest(transformed(df, before, timeMode), checkpointLocation=str(tmp_path))
    test.addData(stream, ["a"]).processAllAvailable().stopStream()
    return test.startStream(transformed(df, after, timeMode))


def test_another_type_of_a_state_variable_is_refused_by_name(session, tmp_path):
    class OfText(Count):
        schema = "n string"

    with pytest.raises(
        CheckpointMismatch, match=r"variable count.*value struct<n:bigint> -> value struct<n:string>"
    ):
        restarted(session, tmp_path, Count(), OfText())


class Named(StatefulProcessor):
    """Counts under each of its names."""

    def __init__(self, *names, deleted=()):
        self.names, self.deleted = names, deleted

    def init(self, handle):
        self.states = [handle.getValueState(name, "n long") for name in self.names]
        for name in self.deleted:
            handle.deleteIfExists(name)

    def handleInputRows(self, key, rows, timerValues):
        for state in self.states:
            state.update(((state.get() or (0,))[0] + 1,))
        yield frame("+".join(self.names), sum(state.get()[0] for state in self.states))


def test_a_state_variable_may_be_added_and_begins_empty(session, tmp_path):
    stream, df = words(session)
    test = StreamTest(transformed(df, Named("x")), checkpointLocation=str(tmp_path))
    test.addData(stream, ["a"]).processAllAvailable().stopStream()
    test.startStream(transformed(df, Named("x", "y"))).addData(stream, ["a"]).checkLastBatch([("x+y", 3)])


def test_a_state_variable_is_let_go_by_name_alone(session, tmp_path):
    stream, df = words(session)
    test = StreamTest(transformed(df, Named("x", "y")), checkpointLocation=str(tmp_path))
    test.addData(stream, ["a"]).processAllAvailable().stopStream()
    with pytest.raises(CheckpointMismatch, match=r"state variable y.*handle.deleteIfExists\('y'\)"):
        test.startStream(transformed(df, Named("x")))
    test.startStream(transformed(df, Named("x", deleted=["y"]))).addData(stream, ["a"])
    test.checkLastBatch([("x", 2)]).stopStream()
    test.startStream(transformed(df, Named("x", "y"))).addData(stream, ["a"]).checkLastBatch([("x+y", 4)])


def test_another_time_mode_is_refused(session, tmp_path):
    stream, df = words(session)
    test = StreamTest(transformed(df, Count()), checkpointLocation=str(tmp_path))
    test.addData(stream, ["a"]).processAllAvailable().stopStream()
    with pytest.raises(CheckpointMismatch, match="processingtime"):
        test.startStream(transformed(df, Count(), "ProcessingTime"))


# ---- refusals ------------------------------------------------------------------------------------


def test_the_output_mode_of_the_query_is_that_of_the_function(session):
    _, df = words(session)
    with pytest.raises(AnalysisException, match="in update mode is not supported with Append output mode"):
        StreamTest(transformed(df, Count(), outputMode="Update"), "append")
    with pytest.raises(IllegalArgumentException, match="should be append or update"):
        transformed(df, Count(), outputMode="complete")
    with pytest.raises(IllegalArgumentException, match=r"STREAMING_OUTPUT_MODE\.INVALID"):
        transformed(df, Count(), outputMode="nope")
    with pytest.raises(IllegalArgumentException, match="UNKNOWN_TIME_MODE"):
        transformed(df, Count(), "sometimes")


def test_explain_shows_the_sql_below_and_above_the_function(session, capsys):
    _, df = words(session)
    transformed(df.where("k <> 'x'"), Count()).where("n > 1").explain()
    shown = capsys.readouterr().out
    assert "StatefulGroups [k#" in shown
    assert "transformWithStateInPandas" in shown
    below, above = shown.split("\n\nSELECT")[1:]
    assert "'x'" in below
    assert 'FROM "transformWithStateInPandas"' in above


def test_groups_need_a_key(session):
    stream, df = words(session)
    with pytest.raises(AnalysisException, match="without columns"):
        df.groupBy().transformWithStateInPandas(Count(), OUT, "append", "none")
    whole = df.groupBy(F.lit(0).alias("all")).transformWithStateInPandas(Count(), OUT, "append", "none")
    with StreamTest(whole) as test:
        test.addData(stream, ["a", "b"]).checkLastBatch([("0", 2)])


def test_a_processor_may_keep_nothing(session):
    stream, df = words(session)
    with StreamTest(transformed(df, Acting())) as test:
        test.addData(stream, ["a"]).checkLastBatch([("a", 0)]).stopStream().startStream()
        test.addData(stream, ["b"]).checkLastBatch([("b", 0)])


def test_keys_of_any_type_are_groups(session):
    class Keyed(Count):
        def handleInputRows(self, key, rows, timerValues):
            for found in super().handleInputRows(key, rows, timerValues):
                yield found.assign(k=repr(key))

    stream = MemoryStream("k string, x double, b boolean")
    df = stream.toDF(session).withColumn("s", F.struct("k", "x"))
    asked = df.groupBy("s", "b", (F.col("x") * 2).alias("twice")).transformWithStateInPandas(
        Keyed(), OUT, "append", "none"
    )
    with StreamTest(asked) as test:
        rows = [("a", 0.0, True), ("a", -0.0, True), (None, 1.5, None), ("a", 0.0, False), (None, 1.5, None)]
        test.addData(stream, rows).processAllAvailable().stopStream().startStream()
        test.addData(stream, rows[:1]).processAllAvailable()
        counts = sorted(row[1] for row in test._rows())
    assert counts == [1, 2, 2, 3]


def test_event_time_needs_a_watermark(session):
    _, df = words(session)
    with pytest.raises(AnalysisException, match="Watermark must be specified"):
        StreamTest(transformed(df, Count(), "EventTime"))


def test_a_time_to_live_needs_the_processing_time(session):
    _, df = words(session)
    living = Acting(lambda handle: handle.getValueState("a", "v long", 5))
    for time_mode in ("None", "EventTime"):
        with pytest.raises(UnsupportedOperationException, match="INCORRECT_TIME_MODE_TO_ASSIGN_TTL"):
            transformed(df, living, time_mode)
    never = Acting(lambda handle: handle.getValueState("a", "v long", 0))
    with pytest.raises(IllegalArgumentException, match="TTL_DURATION_MUST_BE_POSITIVE"):
        transformed(df, never, "ProcessingTime")


@pytest.mark.parametrize("name", ["", " a", "default", "$a", "_a"])
def test_names_that_state_variables_cannot_have(session, name):
    _, df = words(session)
    with pytest.raises(UnsupportedOperationException, match="STATE_STORE_CANNOT"):
        transformed(df, Acting(lambda handle: handle.getValueState(name, "v long")))


def test_a_name_may_have_any_other_character(session):
    def add(processor):
        processor.state.appendValue((1,))
        return frame("n", len(list(processor.state.get())))

    stream, df = words(session)
    odd = Acting(lambda handle: handle.getListState("../a b/ä", "v long"), add)
    with StreamTest(transformed(df, odd)) as test:
        test.addData(stream, ["a"]).processAllAvailable().stopStream().startStream()
        test.addData(stream, ["a"]).checkLastBatch([("n", 2)])


def test_a_variable_is_declared_once(session):
    _, df = words(session)
    twice = Acting(lambda handle: [handle.getValueState("a", "v long"), handle.getListState("a", "v long")])
    with pytest.raises(IllegalArgumentException, match="DUPLICATE_STATE_VARIABLE_DEFINED"):
        transformed(df, twice)


def test_timers_need_a_time_mode_and_variables_need_init(session):
    assert "WITH_INVALID_TIME_MODE" in told(session, Acting(act=lambda p: p.handle.registerTimer(5)))
    late = Acting(act=lambda p: p.handle.getValueState("a", "v long"))
    assert "operation=get_value_state with invalid handle state=INITIALIZED" in told(session, late)


def test_values_that_do_not_fit_are_refused_where_they_are_written(session):
    def declare(handle):
        return handle.getValueState("total", "v long, w long")

    short = told(session, Acting(declare, lambda p: p.state.update((1,))))
    assert "the state variable total takes tuples of struct<v:bigint,w:bigint>: 2 values, not 1" in short
    assert "takes tuples" in told(session, Acting(declare, lambda p: p.state.update(None)))
    wrong = told(session, Acting(declare, lambda p: p.state.update(("x", 1))))
    assert "a value of the state variable total does not fit its field v (bigint)" in wrong


def test_rows_that_do_not_fit_the_output_are_refused_by_column(session):
    missing = told(session, Acting(act=lambda p: pd.DataFrame({"k": ["a"], "m": [1]})))
    assert "RESULT_COLUMN_NAMES_MISMATCH" in missing
    assert "Missing: n. Unexpected: m." in missing
    few = told(session, Acting(act=lambda p: pd.DataFrame({"k": ["a"]})))
    assert "Expected: 2 Actual: 1" in few
    kind = told(session, Acting(act=lambda p: pd.DataFrame({"k": ["a"], "n": ["x"]})))
    assert "output value of the column 'n'" in kind


def test_columns_are_found_by_name_or_by_place(session):
    stream, df = words(session)
    by_name = Acting(act=lambda p: pd.DataFrame({"n": [1], "k": ["a"]}))
    by_place = Acting(act=lambda p: pd.DataFrame([["a", 1]]))
    for processor in (by_name, by_place):
        with StreamTest(transformed(df, processor)) as test:
            test.addData(stream, ["a"]).checkLastBatch([("a", 1)])


def test_the_initial_state_is_a_grouped_batch_frame_of_the_same_key_types(session):
    _, df = words(session)
    numbers = session.createDataFrame([(1, 2)], "k long, n long")
    with pytest.raises(AnalysisException, match=r"grouped by \(bigint\).*grouped by \(string\)"):
        transformed(df, Count(), initialState=numbers.groupBy("k"))
    with pytest.raises(UnsupportedOperationException, match="not a stream"):
        transformed(df, Count(), initialState=df.groupBy("k"))
    with pytest.raises(TypeError, match="initialState"):
        transformed(df, Count(), initialState=numbers)


def test_a_function_with_state_needs_a_stream_and_a_known_timeout(session):
    batch = session.createDataFrame([("a",)], "k string").groupBy("k")
    with pytest.raises(UnsupportedOperationException, match="unsupported in batch query"):
        batch.applyInPandasWithState(print, OUT, "n long", "append", GroupStateTimeout.NoTimeout)
    with pytest.raises(IllegalArgumentException, match="timeoutConf"):
        batch.applyInPandasWithState(print, OUT, "n long", "append", "Sometimes")


def stated(session, act, timeout=GroupStateTimeout.NoTimeout):
    def call(key, frames, state):
        act(state)
        yield frame(key[0], 1)

    stream, df = words(session)
    asked = df.groupBy("k").applyInPandasWithState(call, OUT, "n long", "append", timeout)
    with StreamTest(asked) as test, pytest.raises(PythonException) as raised:
        test.addData(stream, ["a"]).processAllAvailable()
    return raised.value


def test_a_group_state_is_used_as_its_timeout_allows(session):
    by_clock = GroupStateTimeout.ProcessingTimeTimeout
    assert "STATE_NOT_EXISTS" in str(stated(session, lambda state: state.get))
    assert "CANNOT_BE_NONE" in str(stated(session, lambda state: state.update(None)))
    assert "CANNOT_WITHOUT" in str(stated(session, lambda state: state.setTimeoutDuration(5)))
    assert "CANNOT_WITHOUT" in str(stated(session, lambda state: state.getCurrentWatermarkMs()))
    assert "VALUE_NOT_POSITIVE" in str(stated(session, lambda state: state.setTimeoutDuration(0), by_clock))
    assert "should be int" in str(stated(session, lambda state: state.setTimeoutDuration("5 s"), by_clock))


# ---- state as a table ----------------------------------------------------------------------------


def test_the_state_of_a_processor_can_be_read_by_variable(session, tmp_path):
    class Several(Expiring):
        def init(self, handle):
            super().init(handle)
            self.by_length = handle.getMapState("by length", "length long", "words long")

        def handleInputRows(self, key, rows, timerValues):
            self.by_length.updateValue((len(key[0]),), (7,))
            yield from super().handleInputRows(key, rows, timerValues)

    stream, df = words(session)
    with StreamTest(transformed(df, Several(), "ProcessingTime"), checkpointLocation=str(tmp_path)) as test:
        test.addData(stream, ["a", "bb", "a"]).processAllAvailable()

    def read(**options):
        found = session.read.format("statestore").options(**options).load(str(tmp_path))
        return sorted((tuple(row.key), tuple(row.value)) for row in found.collect())

    assert read(stateVarName="count") == [(("a",), (2,)), (("bb",), (1,))]
    assert read(stateVarName="by length") == [(("a", 1), (7,)), (("bb", 2), (7,))]
    assert [key for key, _ in read(readRegisteredTimers=True)] == [("a", 60_000), ("bb", 60_000)]


def test_the_state_of_a_function_can_be_read(session, tmp_path):
    def count(key, frames, state):
        state.update((sum(len(frame) for frame in frames),))
        state.setTimeoutDuration(5000)
        return iter([])

    stream, df = words(session)
    timeout = GroupStateTimeout.ProcessingTimeTimeout
    asked = df.groupBy("k").applyInPandasWithState(count, OUT, "n long", "append", timeout)
    with StreamTest(asked, checkpointLocation=str(tmp_path)) as test:
        test.addData(stream, ["a", "a"]).processAllAvailable()
    (row,) = session.read.format("statestore").load(str(tmp_path)).collect()
    assert (row.key.k, row.value.n, row.value.timeoutTimestamp) == ("a", 2, 5000)


class CallingAgain(StatefulProcessor):
    """Is called for a key of its own once more in the batch that follows."""

    def init(self, handle):
        self.handle = handle

    def handleInputRows(self, key, rows, timerValues):
        if key[0] == "again":
            self.handle.registerTimer(5)
        yield frame(key[0], 0)

    def handleExpiredTimer(self, key, timerValues, expiredTimerInfo):
        at = expiredTimerInfo.getExpiryTimeInMs()
        if at == 5:
            self.handle.registerTimer(6)
        yield frame(key[0], at)


def test_a_timer_for_the_past_fires_in_the_next_batch_however_long_the_watermark_has_stood(
    session, monkeypatch
):
    monkeypatch.setattr(python_groups, "_LESS_THAN_A_MILLISECOND", 3)
    stream = MemoryStream("k string, ts timestamp")
    df = stream.toDF(session).withWatermark("ts", "5 seconds")
    at = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    with StreamTest(transformed(df, CallingAgain(), "EventTime")) as test:
        for number in range(6):
            test.addData(stream, [(f"quiet {number}", at)]).processAllAvailable()
        test.addData(stream, [("again", at)]).checkLastBatch([("again", 0), ("again", 5)])
        test.addData(stream, [("quiet", at)]).checkLastBatch([("quiet", 0), ("again", 6)])


def ignoring_its_timeout(key, frames, state):
    if not state.hasTimedOut:
        state.update((1,))
        state.setTimeoutTimestamp(state.getCurrentWatermarkMs() + 1)
    yield frame(key[0], int(state.hasTimedOut))


def test_a_timeout_that_was_ignored_comes_again_when_state_has_been_split_anew(session):
    own = session.newSession()
    own.conf.set("spark.sql.shuffle.partitions", 4)
    stream = MemoryStream("k string, ts timestamp")
    at = [dt.datetime(2024, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=n) for n in range(3)]
    df = stream.toDF(own).withWatermark("ts", "1 second").groupBy("k")
    called = df.applyInPandasWithState(
        ignoring_its_timeout, OUT, "n long", "append", GroupStateTimeout.EventTimeTimeout
    )
    with StreamTest(called) as test:
        test.addData(stream, [("a", at[0])]).processAllAvailable()
        test.addData(stream, [("x", at[1])]).processAllAvailable()
        for _ in range(3):
            test.addData(stream, [("x", at[1])]).checkLastBatch([("x", 0), ("a", 1)])
        test.stopStream()
        own.conf.set("spark.streamcore.state.partitions", 1)
        test.startStream().addData(stream, [("x", at[1])]).checkLastBatch([("x", 0), ("a", 1)])
