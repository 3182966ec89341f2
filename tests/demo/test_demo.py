"""The demo as people run it: it ends by itself, survives Ctrl-C and kill -9, and goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[2]
_PATIENCE_S = 60


class Demo:
    """One demo folder, and the runs over it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: list[subprocess.Popen[str]] = []

    def start(self, seconds: float) -> subprocess.Popen[str]:
        program = [sys.executable, "-u", "examples/demo.py", "--rate", "2000"]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("STREAMCORE_DEMO_")}
        process = subprocess.Popen(
            [*program, "--seconds", str(seconds), "--folder", str(self._folder)],
            cwd=_ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._running.append(process)
        return process

    def run(self, seconds: float) -> str:
        process = self.start(seconds)
        printed, _ = process.communicate(timeout=_PATIENCE_S)
        assert process.returncode == 0, printed
        return printed

    def produced(self) -> int:
        journal = self._folder / "produced"
        return int(journal.read_text()) if journal.exists() else 0

    def await_batches(self, batches: int) -> None:
        commits = [self._folder / "checkpoints" / name / "commits" for name in ("parquet", "database")]
        deadline = time.monotonic() + _PATIENCE_S
        while any(len(list(found.glob("*"))) < batches for found in commits):
            assert time.monotonic() < deadline, "the demo commits nothing"
            time.sleep(0.02)

    def kill_all(self) -> None:
        for process in self._running:
            process.kill()
            process.wait()


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    demo = Demo(tmp_path / "demo")
    yield demo
    demo.kill_all()


def test_it_ends_by_itself_and_a_second_run_goes_on_from_the_checkpoint(demo: Demo) -> None:
    first = demo.run(seconds=3)
    assert "exactly what was produced" in first
    produced = demo.produced()
    second = demo.run(seconds=3)
    assert f"going on after {produced:,} events" in second
    assert "exactly what was produced" in second
    assert demo.produced() > produced


def test_killed_in_the_middle_it_goes_on_with_nothing_lost_or_doubled(demo: Demo) -> None:
    for batches in (3, 6):
        process = demo.start(seconds=60)
        demo.await_batches(batches)
        process.kill()
        process.communicate()
    assert "exactly what was produced" in demo.run(seconds=2)


def test_ctrl_c_stops_the_queries_and_prints_the_comparison(demo: Demo) -> None:
    process = demo.start(seconds=60)
    demo.await_batches(2)
    process.send_signal(signal.SIGINT)
    printed, _ = process.communicate(timeout=_PATIENCE_S)
    assert process.returncode == 0, printed
    assert "exactly what was produced" in printed
    assert "Traceback" not in printed
