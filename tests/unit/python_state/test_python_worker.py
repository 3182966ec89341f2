"""A worker runs what the driver sends, tells what went wrong, is replaced when it dies, and never stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pyarrow as pa
import pytest

from streamcore.errors import PythonException, WorkInterrupted
from streamcore.execution.python_workers.messages import KEPT_PROGRAMS
from streamcore.execution.python_workers.pool import Program, PythonWorker, run_python
from streamcore.scheduler.errors import UnpicklableValue, WorkerLost
from streamcore.scheduler.slots import ThreadSlots
from streamcore.spi.interruption import Interruption, interruptible

TABLE = pa.table({"n": [1, 2, 3]})


@pytest.fixture(scope="module")
def shared():
    worker = PythonWorker()
    yield worker
    worker.close()


def die(tables, _):
    os.kill(os.getpid(), signal.SIGKILL)
    return tables


def sleep(tables, _):
    time.sleep(60)
    return tables


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def gone_within(pid: int, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while is_alive(pid) and time.monotonic() < until:
        time.sleep(0.02)
    return not is_alive(pid)


def test_tables_go_to_a_worker_and_come_back(shared):
    program = Program(lambda tables, first: [tables[1].slice(first), tables[0]])
    assert shared.call(program, [TABLE, TABLE], 1) == [TABLE.slice(1), TABLE]


def test_a_worker_is_kept_and_has_the_code_already(shared):
    program = Program(lambda tables, _: [pa.table({"pid": [os.getpid()]})])
    first, second = shared.call(program, []), shared.call(program, [])
    assert first == second
    assert first[0].column(0).to_pylist() == [shared.pid] != [os.getpid()]


def test_a_program_that_the_worker_has_forgotten_is_sent_again(shared):
    first = Program(lambda tables, _: tables)
    for program in (first, *(Program(lambda tables, _: []) for _ in range(KEPT_PROGRAMS)), first):
        shared.call(program, [TABLE])
    assert shared.call(first, [TABLE]) == [TABLE]


def test_what_a_call_leaves_in_its_program_is_not_there_for_the_next(shared):
    class Counting:
        calls = 0

        def __call__(self, tables, _):
            self.calls += 1
            return [pa.table({"calls": [self.calls]})]

    program = Program(Counting())
    assert [shared.call(program, [])[0].column(0).to_pylist() for _ in range(2)] == [[1], [1]]


def test_an_error_comes_back_with_the_users_traceback_and_the_exception(shared):
    def divide(tables, _):
        return 1 / 0

    with pytest.raises(PythonException, match=r"(?s)in divide.*ZeroDivisionError") as raised:
        shared.call(Program(divide), [])
    assert isinstance(raised.value.__cause__, ZeroDivisionError)
    assert "python_workers" not in str(raised.value)


def test_an_error_that_cannot_be_sent_comes_back_as_text(shared):
    class Closed(Exception):
        def __init__(self):
            super().__init__("closed")
            self.lock = threading.Lock()

    def fail(tables, _):
        raise Closed

    with pytest.raises(PythonException, match="Closed: closed"):
        shared.call(Program(fail), [])
    assert shared.call(Program(lambda tables, _: tables), [TABLE]) == [TABLE]


def test_what_cannot_be_pickled_is_named():
    lock = threading.Lock()
    with pytest.raises(UnpicklableValue, match="`lock`"):
        Program(lambda tables, _: [tables, lock])


def test_a_worker_that_takes_arrow_alone_loads_neither_pandas_nor_the_engine():
    def as_many_as_loaded(tables, _):
        return [tables[0].slice(0, len({"pandas", "duckdb", "sqlglot"} & sys.modules.keys()))]

    worker = PythonWorker()
    assert worker.call(Program(as_many_as_loaded), [TABLE])[0].num_rows == 0
    worker.close()


def test_a_killed_worker_fails_the_call_and_the_next_call_starts_another():
    worker = PythonWorker()
    suicide = Program(die)
    with pytest.raises(WorkerLost, match="signal 9"):
        worker.call(suicide, [])
    assert worker.call(Program(lambda tables, _: tables), [TABLE]) == [TABLE]
    worker.close()


def test_a_program_is_run_again_when_its_worker_is_killed(tmp_path):
    marker = str(tmp_path / "died")

    def once(tables, _):
        if not Path(marker).exists():
            Path(marker).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return tables

    assert run_python(Program(once), [TABLE]) == [TABLE]


def test_an_interrupted_call_ends_within_a_second_and_takes_the_worker_along():
    slots, interruption = ThreadSlots(1), Interruption()
    slots.run([lambda _: run_python(Program(lambda tables, _: tables), [])], name="warm")
    sleeper = Program(sleep)
    timer = threading.Timer(0.3, lambda: slots.interrupt(interruption))
    timer.start()
    started = time.monotonic()
    with pytest.raises(WorkInterrupted), interruptible(interruption):
        slots.run([lambda _: run_python(sleeper, [])], name="sleep")
    assert time.monotonic() - started < 1.3
    slots.stop()


def test_stopping_the_slots_ends_their_workers():
    slots = ThreadSlots(1)
    program = Program(lambda tables, _: [pa.table({"pid": [os.getpid()]})])
    (pid,) = slots.run([lambda _: run_python(program, [])[0].column(0)[0].as_py()], name="pid")
    assert is_alive(pid)
    slots.stop()
    assert gone_within(pid, 2)


DRIVER = """
import os, time
import pyarrow as pa
from streamcore.execution.python_workers.pool import Program, PythonWorker
worker = PythonWorker()
worker.call(Program(lambda tables, _: tables), [])
print(worker.pid, flush=True)
worker.call(Program(lambda tables, _: __import__("time").sleep(60)), [])
"""


def test_a_worker_dies_with_its_driver_in_the_middle_of_a_call():
    driver = subprocess.Popen([sys.executable, "-c", DRIVER], stdout=subprocess.PIPE, text=True)
    assert driver.stdout is not None
    pid = int(driver.stdout.readline())
    driver.kill()
    driver.communicate()
    assert gone_within(pid, 3)
