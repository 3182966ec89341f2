"""Drivers as processes of their own that start quickly: forked from one that has imported what they need.

    python -m tests.recovery.nursery

reads one request per line (JSON) and answers each with one line: how the driver ended, or that it stopped.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

from tests.recovery.job import Job

KILLED = -9


@dataclass(frozen=True)
class Ending:
    """How a driver ended: 0, 1 with the error, or KILLED."""

    code: int
    error: str


class Nursery:
    """Runs drivers, one at a time."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.recovery.nursery"]
        root = Path(__file__).parent.parent.parent
        self._process = subprocess.Popen(
            command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, job: Job, crash_at: str | None = None, kill_after: float | None = None) -> Ending:
        """Runs one driver until it ends, comes to a crash point, or is killed from outside."""
        return self._ending({"job": job.to_json(), "crash_at": crash_at, "kill_after": kill_after})

    def stop_at(self, job: Job, point: str) -> int:
        """Runs one driver until it comes to `point`, where it stops (SIGSTOP); returns its process id."""
        answer = self._ask({"job": job.to_json(), "stop_at": point})
        assert "stopped" in answer, answer
        pid: int = answer["stopped"]
        return pid

    def wake(self, pid: int) -> Ending:
        """Lets a stopped driver go on to its end."""
        return self._ending({"wake": pid})

    def _ending(self, request: dict[str, Any]) -> Ending:
        answer = self._ask(request)
        return Ending(answer["code"], answer["error"])

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        requests, answers = self._process.stdin, self._process.stdout
        assert requests is not None
        assert answers is not None
        requests.write(json.dumps(request) + "\n")
        requests.flush()
        answer: dict[str, Any] = json.loads(answers.readline())
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)


# ---- in the process of its own -------------------------------------------------------------------


@dataclass
class _Driver:
    """A forked driver, and where it writes."""

    pid: int
    errors: IO[str]
    modules: IO[str]

    def answer(self, status: int) -> dict[str, Any]:
        self.errors.seek(0)
        self.modules.seek(0)
        _import_what_it_needed(self.modules.read().split())
        return {"code": os.waitstatus_to_exitcode(status), "error": self.errors.read()}


def _serve(requests: IO[str]) -> None:
    stopped: dict[int, _Driver] = {}
    for line in requests:
        print(json.dumps(_answer(json.loads(line), stopped)), flush=True)
    for pid in stopped:
        os.kill(pid, signal.SIGKILL)


def _answer(request: dict[str, Any], stopped: dict[int, _Driver]) -> dict[str, Any]:
    if "wake" in request:
        driver = stopped.pop(request["wake"])
        os.kill(driver.pid, signal.SIGCONT)
        return driver.answer(os.waitpid(driver.pid, 0)[1])
    driver = _forked(request)
    if "stop_at" not in request:
        return driver.answer(_end_of(driver.pid, request["kill_after"]))
    _, status = os.waitpid(driver.pid, os.WUNTRACED)
    if not os.WIFSTOPPED(status):
        return driver.answer(status)
    stopped[driver.pid] = driver
    return {"stopped": driver.pid}


def _end_of(pid: int, kill_after: float | None) -> int:
    if kill_after is None:
        return os.waitpid(pid, 0)[1]
    deadline = time.monotonic() + kill_after
    while time.monotonic() < deadline:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return status
        time.sleep(0.002)
    os.kill(pid, signal.SIGKILL)
    return os.waitpid(pid, 0)[1]


def _import_what_it_needed(modules: list[str]) -> None:
    """Spares the drivers after this one the imports, which are most of a short life."""
    for name in modules:
        if name not in sys.modules:
            with contextlib.suppress(Exception):
                importlib.import_module(name)


def _forked(request: dict[str, Any]) -> _Driver:
    errors, modules = tempfile.TemporaryFile("w+"), tempfile.TemporaryFile("w+")  # noqa: SIM115 - kept by the driver
    pid = os.fork()
    if pid == 0:
        _be_driver(request, errors, modules)
    return _Driver(pid, errors, modules)


def _be_driver(request: dict[str, Any], errors: IO[str], modules: IO[str]) -> None:
    from tests.recovery.job import run

    code = 1
    try:
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        _arm(request)
        _tell_modules_along_the_way(modules)
        run(Job.from_json(request["job"]))
        code = 0
    except BaseException:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        errors.write(traceback.format_exc())
    finally:
        _tell_modules(modules)
        errors.flush()
        os._exit(code)


def _arm(request: dict[str, Any]) -> None:
    from streamcore.spi import steps
    from streamcore.testing.crash_points import CrashPoint, arm

    def stop(point: str) -> None:
        if point == request["stop_at"]:
            steps.listen(None)
            os.kill(os.getpid(), signal.SIGSTOP)
            # The signal may reach another thread first; this one must not go on meanwhile.
            time.sleep(0.2)

    if request.get("crash_at"):
        arm(CrashPoint.parse(request["crash_at"]))
    elif "stop_at" in request:
        steps.listen(stop)


def _tell_modules_along_the_way(modules: IO[str]) -> None:
    """Says what was imported whenever that has grown: a driver that is killed has no other moment for it."""
    from streamcore.spi import steps

    listener, known = steps._listener, 0

    def telling(point: str) -> None:
        nonlocal known
        if len(sys.modules) > known:
            known = len(sys.modules)
            _tell_modules(modules)
        if listener is not None:
            listener(point)

    steps.listen(telling)


def _tell_modules(modules: IO[str]) -> None:
    modules.seek(0)
    modules.truncate()
    modules.write("\n".join(sorted(sys.modules)))
    modules.flush()


if __name__ == "__main__":
    _serve(sys.stdin)
