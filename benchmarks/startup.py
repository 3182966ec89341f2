"""From the start of a process to the first committed micro-batch: what a restart costs."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from benchmarks.engines import ROOT, environment, interpreter
from benchmarks.entry import Entry
from benchmarks.events import event_files
from benchmarks.workload import Place, Sample, Workload

_LIMIT_S = 120.0
_EVENTS = 1_000


def first_commit(entry: Entry, place: Place) -> Sample:
    """Start a process that runs one small query, and wait for its commits/0."""
    events = event_files(_EVENTS, 1)
    checkpoint = place.scratch / "checkpoint"
    program = [
        interpreter(entry.name),
        "-m",
        "benchmarks.first_batch",
        entry.name,
        str(events),
        str(place.scratch),
    ]
    began = time.perf_counter()
    seconds = await_file(checkpoint / "commits" / "0", program)
    return Sample(seconds, None, {"whole process s": time.perf_counter() - began})


def await_file(path: Path, program: list[str]) -> float:
    """Run the program to its end; return the seconds from its start until the file was there."""
    began = time.perf_counter()
    process = subprocess.Popen(
        program, cwd=ROOT, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        seconds = _await(path, process, began)
        process.wait(_LIMIT_S)
    finally:
        process.kill()
        process.wait()
    return seconds


def _await(commit: Path, process: subprocess.Popen[bytes], began: float) -> float:
    while not commit.exists():
        seconds = time.perf_counter() - began
        if seconds > _LIMIT_S or (process.poll() is not None and not commit.exists()):
            raise RuntimeError(f"no first batch after {seconds:.0f} s (exit code {process.poll()})")
        time.sleep(0.002)
    return time.perf_counter() - began


WORKLOADS = (
    Workload("first-batch", "process start to first committed batch", "s", "process", first_commit, reach=6),
)
