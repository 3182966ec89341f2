"""After stop, Ctrl-C or a crash of the driver there is no process and no file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from streamcore.conf import Conf
from streamcore.context import Context
from streamcore.scheduler.errors import EngineStopped, JobCancelled
from streamcore.scheduler.folder import AppFolder, collect_abandoned

PROGRAM = """
import os, sys, time
from streamcore.conf import Conf
from streamcore.context import Context
sc = Context("local[2]", conf=Conf().set("spark.local.dir", sys.argv[1]))
workers = set()
while len(workers) < 2:
    workers |= set(sc.parallelize(range(2), 2).map(lambda _: (time.sleep(0.1), os.getpid())[1]).collect())
print(*workers, flush=True)
seconds = float(sys.argv[2])
sc.parallelize(range(2), 2).cache().map(lambda x: time.sleep(seconds)).collect()
"""


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "local"
    made.mkdir()
    return made


def start(folder, seconds: float) -> tuple[subprocess.Popen[str], list[int]]:
    command = [sys.executable, "-c", PROGRAM, str(folder), str(seconds)]
    driver = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert driver.stdout is not None
    workers = [int(pid) for pid in driver.stdout.readline().split()]
    assert len(workers) == 2
    return driver, workers


def is_alive(pid: int) -> bool:
    if not Path("/proc").exists():
        pytest.skip("needs /proc to look at processes")
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(condition) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "waited for 20 s"
        time.sleep(0.01)


def assert_nothing_left(folder, workers) -> None:
    wait_until(lambda: not any(map(is_alive, workers)))
    wait_until(lambda: not list(folder.iterdir()))


def test_a_program_that_ends_without_stop_leaves_nothing(folder):
    driver, workers = start(folder, 0)
    assert driver.wait(20) == 0
    assert_nothing_left(folder, workers)


def test_a_killed_driver_leaves_nothing(folder):
    driver, workers = start(folder, 60)
    driver.kill()
    driver.wait(20)
    assert_nothing_left(folder, workers)


def test_ctrl_c_ends_the_job_and_leaves_nothing(folder):
    driver, workers = start(folder, 60)
    time.sleep(0.3)
    for pid in (driver.pid, *workers):  # a terminal sends it to all of them
        os.kill(pid, signal.SIGINT)
    _, shown = driver.communicate(timeout=20)
    assert driver.returncode != 0
    assert shown.count("KeyboardInterrupt") == 1
    assert_nothing_left(folder, workers)


def test_a_driver_and_its_workers_killed_at_once_are_cleaned_up_by_the_next_start(folder):
    driver, workers = start(folder, 60)
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    driver.kill()
    driver.wait(20)
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not any(map(is_alive, workers)))
    (left,) = folder.iterdir()
    app = AppFolder(str(folder))
    assert list(folder.iterdir()) == [app.path]
    assert left != app.path
    app.remove()


def test_a_running_application_is_not_taken_for_an_abandoned_one(folder):
    app = AppFolder(str(folder))
    assert collect_abandoned(folder) == []
    assert app.path.exists()
    app.remove()
    assert not list(folder.iterdir())


def test_stop_ends_a_running_job_and_leaves_nothing(folder):
    sc = Context("local[2]", conf=Conf(loadDefaults=False).set("spark.local.dir", folder))
    pids = sc.parallelize(range(2), 2).map(lambda _: os.getpid()).collect()
    outcome = []

    def run() -> None:
        try:
            sc.parallelize([60], 1).foreach(time.sleep)
        except EngineStopped as error:
            outcome.append(error)

    job = threading.Thread(target=run)
    job.start()
    wait_until(lambda: sc.statusTracker().getActiveJobsIds())
    sc.stop()
    job.join(10)
    assert len(outcome) == 1
    assert_nothing_left(folder, pids)
    sc.stop()
    with pytest.raises(EngineStopped):
        sc.parallelize([1])


def test_files_of_what_nobody_holds_any_more_are_deleted(folder):
    with Context("local[2]", conf=Conf(loadDefaults=False).set("spark.local.dir", folder)) as sc:
        pairs = sc.parallelize([(i, "x" * 100) for i in range(10_000)], 2)
        grouped = pairs.groupByKey()
        assert grouped.count() == 10_000
        assert list(folder.glob("*/shuffle-*"))
        assert list(folder.glob("*/data-*"))
        del grouped, pairs
        wait_until(lambda: not list(folder.glob("*/shuffle-*")) and not list(folder.glob("*/data-*")))


def test_cancelling_a_group_cancels_its_jobs_and_no_other(folder):
    with Context("local[2]", conf=Conf(loadDefaults=False).set("spark.local.dir", folder)) as sc:
        outcome: list[tuple[str, Any]] = []

        def run(group: str, seconds: float) -> None:
            sc.setJobGroup(group, group)
            try:
                outcome.append((group, sc.parallelize([seconds], 1).map(time.sleep).count()))
            except JobCancelled as error:
                outcome.append((group, str(error)))

        jobs = [threading.Thread(target=run, args=args) for args in (("long", 60), ("short", 0.3))]
        for job in jobs:
            job.start()
        wait_until(lambda: len(sc.statusTracker().getActiveJobsIds()) == 2)
        sc.cancelJobGroup("long")
        for job in jobs:
            job.join(20)
        assert sorted(outcome) == [("long", "job group long was cancelled"), ("short", 1)]
        assert sc.parallelize([1, 2]).sum() == 3
