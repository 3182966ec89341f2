"""How a query ends: at once when it is stopped, at a batch boundary when its program ends."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from streamcore.execution.stores.store import Store
from streamcore.scheduler.errors import JobCancelled
from streamcore.sql.session import Session
from streamcore.sql.streaming.listener import StreamingQueryListener
from streamcore.sql.streaming.query import StreamingQuery
from streamcore.streaming.input_tasks import LeafTasks
from streamcore.testing.memory_source import MemoryStream

_ENDLESS_ROWS = 200_000
_PATIENCE_S = 60


@pytest.fixture
def session() -> Iterator[Session]:
    with Session.builder.master("local[2]").create() as made:
        yield made


def _write_side(folder: Path, rows: int) -> None:
    pq.write_table(pa.table({"m": list(range(rows))}), folder / "side.parquet")


def _start_slow_join(session: Session, stream: MemoryStream, folder: Path) -> StreamingQuery:
    """A batch of one statement, which takes hours where the static side has many rows."""
    side = session.read.parquet(str(folder / "side.parquet"))
    joined = (
        stream.toDF(session)
        .crossJoin(side)
        .crossJoin(side.withColumnRenamed("m", "k"))
        .where("n + m * k = 1")
    )
    writer: Any = joined.select("n").writeStream.format("parquet")
    started: StreamingQuery = writer.option("checkpointLocation", str(folder / "checkpoint")).start(
        str(folder / "out")
    )
    return started


def _await(condition: Any) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"waited for {_PATIENCE_S} s"
        time.sleep(0.01)


def test_stop_interrupts_a_running_statement_and_the_next_start_runs_its_batch(
    session: Session, tmp_path: Path
) -> None:
    _write_side(tmp_path, _ENDLESS_ROWS)
    stream = MemoryStream("n int")
    stream.addData([(1,)])
    query = _start_slow_join(session, stream, tmp_path)
    _await((tmp_path / "checkpoint" / "offsets").exists)
    query.stop()
    assert not query.isActive
    assert query.exception() is None
    assert not (tmp_path / "checkpoint" / "commits" / "0").exists()

    _write_side(tmp_path, 1)
    again = _start_slow_join(session, stream, tmp_path)
    again.processAllAvailable()
    again.stop()
    assert [row.n for row in session.read.parquet(str(tmp_path / "out")).collect()] == [1]


def test_a_stopped_session_interrupts_what_takes_longer_than_the_shutdown_timeout(tmp_path: Path) -> None:
    _write_side(tmp_path, _ENDLESS_ROWS)
    session = Session.builder.master("local[2]").config("spark.streamcore.shutdown.timeout", "50ms").create()
    stream = MemoryStream("n int")
    stream.addData([(1,)])
    query = _start_slow_join(session, stream, tmp_path)
    _await((tmp_path / "checkpoint" / "offsets").exists)
    session.stop()
    assert not query.isActive
    assert query.exception() is None


def test_a_query_that_waits_to_try_again_ends_without_an_error_when_it_is_stopped(
    session: Session,
) -> None:
    from streamcore.errors import SourceUnavailable

    asked = threading.Event()

    stream = MemoryStream("n int")
    query = stream.toDF(session).writeStream.format("memory").queryName("away").start()
    loop = query._run.loop

    def away() -> Any:
        asked.set()
        raise SourceUnavailable("nobody answers")

    loop._next_ends = away
    assert asked.wait(_PATIENCE_S)
    query.stop()
    assert query.exception() is None


def test_a_query_whose_work_cannot_be_interrupted_is_waited_for_as_long_as_was_asked(
    session: Session,
) -> None:
    from streamcore.errors import StreamingTimeout

    began, go_on = threading.Event(), threading.Event()

    def slow(frame: Any, batch_id: int) -> None:
        began.set()
        go_on.wait(_PATIENCE_S)

    session.conf.set("spark.sql.streaming.stopTimeout", "100ms")
    stream = MemoryStream("n int")
    stream.addData([(1,)])
    query = stream.toDF(session).writeStream.foreachBatch(slow).start()
    assert began.wait(_PATIENCE_S)
    with pytest.raises(StreamingTimeout, match="stopTimeout"):
        query.stop()
    go_on.set()
    assert query.awaitTermination(_PATIENCE_S)


def test_who_waits_for_a_query_waits_for_its_thread_too(session: Session) -> None:
    go_on = threading.Event()

    class Slow(StreamingQueryListener):
        def onQueryTerminated(self, event: Any) -> None:
            go_on.wait(_PATIENCE_S)

    session.streams.addListener(Slow())
    stream = MemoryStream("n int")
    query = (
        stream.toDF(session).writeStream.format("memory").queryName("x").trigger(availableNow=True).start()
    )
    _await(lambda: not query.isActive)
    assert query.awaitTermination(0.05) is False
    go_on.set()
    assert query.awaitTermination(_PATIENCE_S) is True
    assert not query._thread.is_alive()


def test_a_query_may_stop_its_own_session(session: Session) -> None:
    stream = MemoryStream("n int")
    stream.addData([(1,)])
    query = stream.toDF(session).writeStream.foreachBatch(lambda frame, number: session.stop()).start()
    assert query.awaitTermination(_PATIENCE_S) is True


def test_a_dataframes_job_is_cancelled_with_its_group(session: Session) -> None:
    context, errors, began = session.sparkContext, [], threading.Event()

    def count() -> None:
        context.setJobGroup("slow", "takes hours")
        began.set()
        try:
            session.range(10**12).selectExpr("sum(id % 7)").collect()
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=count)
    thread.start()
    assert began.wait(_PATIENCE_S)
    while thread.is_alive():
        context.cancelJobGroup("slow")
        thread.join(0.05)
    assert [type(error) for error in errors] == [JobCancelled]
    assert len(context.statusTracker().getJobIdsForGroup("slow")) == 1


# ---- programs ------------------------------------------------------------------------------------

_HELD_AT_THE_END = """
import threading, time
from streamcore import Session
from streamcore.duck.engine import SlotEngine

class Held:
    '''Something of the thread's own that takes its time, outside of the interpreter, to go.'''
    def __init__(self):
        self.engine = SlotEngine()
        self.engine.run("select 1", {})
    def __del__(self):
        time.sleep(0.3)
        self.engine.close()

own = threading.local()

def keep(frame, batch_id):
    own.held = Held()

session = Session.builder.master("local[1]").getOrCreate()
stream = session.readStream.format("rate-micro-batch").option("rowsPerBatch", 10).load()
query = stream.writeStream.foreachBatch(keep).trigger(**TRIGGER).start()
ENDING
"""


@pytest.mark.parametrize(
    ("trigger", "ending"),
    [
        ("dict(once=True)", "query.awaitTermination()"),
        ("dict(processingTime='0 seconds')", "query.awaitTermination(0.3); session.stop()"),
        ("dict(processingTime='0 seconds')", "query.awaitTermination(0.3)"),
    ],
    ids=["awaitTermination", "session.stop", "the end of the program"],
)
def test_a_program_ends_well_however_long_a_querys_thread_takes_to_let_go(trigger: str, ending: str) -> None:
    program = _HELD_AT_THE_END.replace("TRIGGER", trigger).replace("ENDING", ending)
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=_PATIENCE_S, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")


_TERMINATED = """
import sys, time
from streamcore import Session

def slow(frame, batch_id):
    print("began", flush=True)
    time.sleep(0.5)
    print("committed", flush=True)

session = Session.builder.master("local[1]").getOrCreate()
stream = session.readStream.format("rate-micro-batch").option("rowsPerBatch", 10).load()
query = stream.writeStream.foreachBatch(slow).start()
WAIT
"""


@pytest.mark.parametrize(
    ("wait", "by_command"),
    [
        ("query.awaitTermination()", False),
        ("session.streams.awaitAnyTermination()", False),
        ("time.sleep(600)", True),
    ],
    ids=["awaitTermination", "awaitAnyTermination", "streamcore run"],
)
def test_sigterm_ends_a_program_at_a_batch_boundary(wait: str, by_command: bool, tmp_path: Path) -> None:
    job = tmp_path / "job.py"
    job.write_text(_TERMINATED.replace("WAIT", wait))
    command = ["-m", "streamcore", "run", str(job)] if by_command else [str(job)]
    process = subprocess.Popen(
        [sys.executable, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "began\n"
        process.terminate()
        printed, complaint = process.communicate(timeout=_PATIENCE_S)
    finally:
        process.kill()
    assert process.returncode == 143, complaint
    assert printed.splitlines()[-1] == "committed"
    assert complaint == ""


def test_a_programs_own_handler_of_sigterm_is_left_alone(tmp_path: Path) -> None:
    program = """
import json, signal
from streamcore import Session

signal.signal(signal.SIGTERM, lambda *_: None)
mine = signal.getsignal(signal.SIGTERM)
session = Session.builder.master("local[1]").getOrCreate()
stream = session.readStream.format("rate-micro-batch").option("rowsPerBatch", 10).load()
query = stream.writeStream.format("noop").start()
signal.raise_signal(signal.SIGTERM)
query.awaitTermination(0.1)
print(json.dumps([query.isActive, signal.getsignal(signal.SIGTERM) is mine]))
"""
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=_PATIENCE_S, check=False
    )
    assert json.loads(ran.stdout) == [True, True], ran.stderr


def test_the_handle_of_an_ended_query_holds_neither_state_nor_static_tables(session: Session) -> None:
    stream = MemoryStream("id bigint")
    joined = stream.toDF(session).join(session.range(10), "id").groupBy("id").count()
    stream.addData(range(5))
    before = held_by_queries()
    writer = joined.writeStream.format("noop").outputMode("update").trigger(availableNow=True)
    query = writer.start()
    query.awaitTermination()
    assert query.lastProgress is not None
    assert held_by_queries().keys() == before.keys()


def held_by_queries() -> dict[int, object]:
    gc.collect()
    return {id(found): found for found in gc.get_objects() if isinstance(found, Store | LeafTasks)}
