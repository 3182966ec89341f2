"""Drivers as processes of their own that start quickly: forked from one that has imported what they need.

    python -m tests.recovery.nursery

reads one line of JSON per driver (`job`, and perhaps `crash_at`), forks it, and answers with one line:
its exit code and the error it ended with.  A driver that is to crash dies by SIGKILL.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import subprocess
import sys
import tempfile
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

from tests.recovery.job import Job

KILLED = -9


@dataclass(frozen=True)
class Ending:
    """How a driver ended: 0, 1 with the error, or KILLED."""

    code: int
    error: str


class Nursery:
    """Starts drivers, one at a time."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.recovery.nursery"]
        root = Path(__file__).parent.parent.parent
        self._process = subprocess.Popen(
            command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, job: Job, crash_at: str | None = None) -> Ending:
        """Runs one driver to its end."""
        requests, answers = self._process.stdin, self._process.stdout
        assert requests is not None
        assert answers is not None
        requests.write(json.dumps({"job": job.to_json(), "crash_at": crash_at}) + "\n")
        requests.flush()
        answer = json.loads(answers.readline())
        return Ending(answer["code"], answer["error"])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)


def _serve(requests: IO[str]) -> None:
    for line in requests:
        request = json.loads(line)
        with tempfile.TemporaryFile("w+") as errors, tempfile.TemporaryFile("w+") as modules:
            pid = os.fork()
            if pid == 0:
                _be_driver(Job.from_json(request["job"]), request["crash_at"], errors, modules)
            _, status = os.waitpid(pid, 0)
            errors.seek(0)
            answer = {"code": os.waitstatus_to_exitcode(status), "error": errors.read()}
            print(json.dumps(answer), flush=True)
            modules.seek(0)
            _import_what_it_needed(modules.read().split())


def _import_what_it_needed(modules: list[str]) -> None:
    """Spares the drivers after this one the imports, which are most of a short life."""
    for name in modules:
        if name not in sys.modules:
            with contextlib.suppress(Exception):
                importlib.import_module(name)


def _be_driver(job: Job, crash_at: str | None, errors: IO[str], modules: IO[str]) -> None:
    from streamcore.testing.crash_points import CrashPoint, arm
    from tests.recovery.job import run

    code = 1
    try:
        os.dup2(errors.fileno(), 1)
        if crash_at is not None:
            arm(CrashPoint.parse(crash_at))
        run(job)
        code = 0
    except BaseException:
        errors.write(traceback.format_exc())
    finally:
        modules.write("\n".join(sorted(sys.modules)))
        modules.flush()
        errors.flush()
        os._exit(code)


if __name__ == "__main__":
    _serve(sys.stdin)
