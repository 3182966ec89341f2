"""Kills the process at a named step of the commit protocol, as kill -9 would.

    STREAMCORE_CRASH_AT=sink-commit:after:3 python -m streamcore.testing.crash_points job.py arguments

runs job.py and kills it the third time that a sink's commit has just succeeded.  `streamcore.spi.steps`
lists the steps; connectors add their own there.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from dataclasses import dataclass

from streamcore.errors import IllegalArgumentException
from streamcore.spi import steps

VARIABLE = "STREAMCORE_CRASH_AT"


@dataclass(frozen=True)
class CrashPoint:
    """A point of the protocol, and the how-manieth time of reaching it.

    >>> CrashPoint.parse("write-commit:before:2")
    CrashPoint(point='write-commit:before', time=2)
    """

    point: str
    time: int = 1

    @classmethod
    def parse(cls, text: str) -> CrashPoint:
        """From "<step>:<before|after>[:<n-th time>]"; IllegalArgumentException when it is not that."""
        step, _, rest = text.partition(":")
        side, _, time = rest.partition(":")
        if not step or side not in ("before", "after") or not (time or "1").isdigit() or time == "0":
            raise IllegalArgumentException(
                f"{VARIABLE}={text!r} is not <step>:<before|after>[:<n-th time>], such as sink-commit:after:2"
            )
        return cls(f"{step}:{side}", int(time or 1))


def arm(crash: CrashPoint) -> None:
    """From now on, this process kills itself when it comes to `crash`; its forked children do not."""
    guard = threading.Lock()
    left = crash.time
    pid = os.getpid()

    def listener(point: str) -> None:
        nonlocal left
        if point != crash.point or os.getpid() != pid:
            return
        with guard:
            left -= 1
            if left == 0:
                kill_this_process()

    steps.listen(listener)


def arm_from_environment() -> CrashPoint | None:
    """Arms what the variable STREAMCORE_CRASH_AT says; nothing when it is not set."""
    text = os.environ.get(VARIABLE, "")
    if not text:
        return None
    crash = CrashPoint.parse(text)
    arm(crash)
    return crash


def disarm() -> None:
    """Stops listening."""
    steps.listen(None)


def kill_this_process() -> None:
    """Dies without any clean-up."""
    if sys.platform == "win32":
        os._exit(137)
    os.kill(os.getpid(), signal.SIGKILL)


def main(arguments: list[str]) -> None:
    """Runs the script `arguments[0]` with the rest as its arguments, armed from the environment."""
    import runpy

    arm_from_environment()
    sys.argv = arguments
    runpy.run_path(arguments[0], run_name="__main__")


if __name__ == "__main__":
    main(sys.argv[1:])
