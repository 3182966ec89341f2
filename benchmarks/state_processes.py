"""State and processes: starting with much of it, the memory that it takes, and more of it than memory."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from benchmarks.engines import ROOT, environment, interpreter
from benchmarks.entry import Entry
from benchmarks.keyed_rows import keyed_files
from benchmarks.startup import await_file
from benchmarks.workload import Place, Sample, Workload

_LIMIT_S = 600.0


def restart(entry: Entry, place: Place) -> Sample:
    """From the start of a process with half as many keys as events to its first new batch."""
    keys = place.scale.events // 2
    source = _linked(place.scratch / "rows", keyed_files(keys, 1, keys=None))
    checkpoint = place.scratch / "checkpoint"
    _counted(entry, source, checkpoint)
    _linked(source, keyed_files(10_000, 1, keys=keys), first=1)
    seconds = await_file(checkpoint / "commits" / "1", _program(entry, source, checkpoint))
    return Sample(seconds)


def memory(entry: Entry, place: Place) -> Sample:
    """By how much the process grows for half as many integer keys as events, and their counts."""
    keys = place.scale.events // 2
    source = _linked(place.scratch / "rows", keyed_files(keys, 10, keys=None))
    found = _counted(entry, source, place.scratch / "checkpoint")
    return Sample(found["with mapped files"], None, {"own": found["own"]})


def little_memory(entry: Entry, place: Place) -> Sample:
    """How fast a tenth of the usual memory is, for five times as many keys as events, next to all of it."""
    rows = place.scale.events * 5
    source = keyed_files(rows, max(1, rows // 100_000), keys=None)
    little = _counted(entry, source, place.scratch / "little", "512m")
    enough = _counted(entry, source, place.scratch / "enough")
    detail = {"s in little": little["seconds"], "s in enough": enough["seconds"], "own MB": little["own"]}
    return Sample(enough["seconds"] / little["seconds"], None, detail)


def _linked(folder: Path, files: Path, first: int = 0) -> Path:
    folder.mkdir(exist_ok=True)
    for number, path in enumerate(sorted(files.iterdir()), first):
        (folder / f"{number:05d}.parquet").symlink_to(path)
    return folder


def _program(entry: Entry, source: Path, checkpoint: Path, limit: str = "-") -> list[str]:
    python = interpreter(entry.name)
    return [python, "-m", "benchmarks.count_keys", entry.name, str(source), str(checkpoint), limit]


def _counted(entry: Entry, source: Path, checkpoint: Path, limit: str = "-") -> dict[str, Any]:
    program = _program(entry, source, checkpoint, limit)
    done = subprocess.run(
        program, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=_LIMIT_S, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


_OURS = ("streamcore",)
WORKLOADS = (
    Workload(
        "restart-with-state",
        "process start with 1M keys to first new batch",
        "s",
        "process",
        restart,
        reach_value=1,
    ),
    Workload(
        "memory-of-state",
        "growth by 1M integer-keyed counts",
        "MB",
        "process",
        memory,
        reach_value=150,
        engines=_OURS,
    ),
    Workload(
        "little-memory",
        "10M keys in 512 MB, batches of 100k, next to all in memory",
        "x",
        "process",
        little_memory,
        reach_value=0.33,
        engines=_OURS,
        max_repetitions=1,
    ),
)
