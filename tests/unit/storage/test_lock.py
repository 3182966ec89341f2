from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

from streamcore.storage.lock import FileLock

if TYPE_CHECKING:
    from pathlib import Path

HOLDER = """
import sys
from pathlib import Path
from streamcore.storage.lock import FileLock
lock = FileLock.try_take(Path(sys.argv[1]))
print("taken" if lock else "refused", flush=True)
{then}
sys.stdin.read()
"""
FORK_A_WORKER = """
import os, time
worker = os.fork()
if worker == 0:
    time.sleep(60)
print(worker, flush=True)
"""


def start_holder(path: Path, then: str = "") -> subprocess.Popen[str]:
    script = HOLDER.format(then=then)
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "taken\n"
    return process


def answer_of_another_process(path: Path) -> str:
    command = [sys.executable, "-c", HOLDER.format(then=""), str(path)]
    return subprocess.run(command, input="", capture_output=True, text=True, check=True).stdout


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def test_a_lock_is_refused_while_another_process_lives(tmp_path: Path) -> None:
    holder = start_holder(tmp_path / "lock")
    try:
        assert FileLock.try_take(tmp_path / "lock") is None
    finally:
        end(holder)


def test_a_lock_is_free_as_soon_as_its_holder_was_killed(tmp_path: Path) -> None:
    end(start_holder(tmp_path / "lock"))
    lock = FileLock.try_take(tmp_path / "lock")
    assert lock is not None
    lock.release()


def test_a_forked_worker_that_outlives_its_driver_does_not_keep_the_lock(tmp_path: Path) -> None:
    holder = start_holder(tmp_path / "lock", then=FORK_A_WORKER)
    assert holder.stdout is not None
    worker = int(holder.stdout.readline())
    try:
        holder.kill()
        holder.wait()
        os.kill(worker, 0)
        lock = FileLock.try_take(tmp_path / "lock")
        assert lock is not None
        lock.release()
    finally:
        os.kill(worker, signal.SIGKILL)
        holder.communicate()


def test_the_same_process_cannot_take_a_lock_twice(tmp_path: Path) -> None:
    lock = FileLock.try_take(tmp_path / "lock")
    assert lock is not None
    assert FileLock.try_take(tmp_path / "lock") is None
    assert FileLock.try_take(tmp_path / "." / "lock") is None
    lock.release()


def test_a_refused_second_try_does_not_free_the_lock_for_others(tmp_path: Path) -> None:
    lock = FileLock.try_take(tmp_path / "lock")
    assert lock is not None
    FileLock.try_take(tmp_path / "lock")
    assert answer_of_another_process(tmp_path / "lock") == "refused\n"
    lock.release()


def test_a_released_lock_can_be_taken_again(tmp_path: Path) -> None:
    for _ in range(2):
        lock = FileLock.try_take(tmp_path / "lock")
        assert lock is not None
        assert lock.held
        lock.release()
        lock.release()
        assert not lock.held


def test_a_forked_copy_does_not_hold_the_lock_and_cannot_release_it(tmp_path: Path) -> None:
    lock = FileLock.try_take(tmp_path / "lock")
    assert lock is not None
    child = os.fork()
    if child == 0:
        held = lock.held
        lock.release()
        os._exit(1 if held else 0)
    assert os.waitpid(child, 0)[1] == 0
    assert lock.held
    assert answer_of_another_process(tmp_path / "lock") == "refused\n"
    lock.release()
