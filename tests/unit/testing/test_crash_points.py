from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from streamcore.errors import IllegalArgumentException
from streamcore.spi import steps
from streamcore.testing.crash_points import CrashPoint

if TYPE_CHECKING:
    from pathlib import Path

JOB = """
import sys
from streamcore.spi.steps import reached
for batch in range(3):
    print(*sys.argv[1:], batch, flush=True)
    reached("run:before")
    reached("run:after")
"""


def run_job(folder: Path, crash_at: str) -> tuple[int, str]:
    job = folder / "job.py"
    job.write_text(JOB)
    command = [sys.executable, "-m", "streamcore.testing.crash_points", str(job), "batch"]
    done = subprocess.run(
        command,
        env=os.environ | {"STREAMCORE_CRASH_AT": crash_at},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize(
    ("crash_at", "printed"),
    [("run:before", "batch 0\n"), ("run:after:2", "batch 0\nbatch 1\n")],
)
def test_the_process_is_killed_at_the_point(tmp_path: Path, crash_at: str, printed: str) -> None:
    assert run_job(tmp_path, crash_at) == (-9, printed)


@pytest.mark.parametrize("crash_at", ["", "run:after:4", "write-commit:before"])
def test_a_point_that_is_not_reached_kills_nobody(tmp_path: Path, crash_at: str) -> None:
    assert run_job(tmp_path, crash_at) == (0, "batch 0\nbatch 1\nbatch 2\n")


@pytest.mark.parametrize(
    "text", ["run", "run:during", ":before", "run:before:0", "run:before:x", "run:before:1:2"]
)
def test_what_is_no_point_is_refused(text: str) -> None:
    with pytest.raises(IllegalArgumentException, match=r"is not <step>:<before\|after>"):
        CrashPoint.parse(text)


def test_the_steps_of_the_protocol_come_in_their_order() -> None:
    assert steps.STEPS == ("plan", "write-offsets", "run", "sink-commit", "write-commit", "source-commit")
    assert steps.crash_points()[:2] == ("plan:before", "plan:after")


def test_a_step_has_one_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    # Crash tests of the same process walk all steps that are declared: this one is nobody's.
    monkeypatch.setattr(steps, "_inner", dict(steps._inner))
    steps.declare("a-sink.rename", owner="a sink")
    steps.declare("a-sink.rename", owner="a sink")
    with pytest.raises(ValueError, match="already belongs to a sink"):
        steps.declare("a-sink.rename", owner="another sink")
    with pytest.raises(ValueError, match="already belongs to the commit protocol"):
        steps.declare("run", owner="a sink")
    with pytest.raises(ValueError, match="without a colon"):
        steps.declare("a:b", owner="a sink")


def test_a_listener_hears_every_point_until_it_is_taken_away() -> None:
    heard: list[str] = []
    steps.listen(heard.append)
    steps.reached("run:before")
    steps.listen(None)
    steps.reached("run:after")
    assert heard == ["run:before"]
