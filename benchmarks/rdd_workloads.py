"""RDDs: word count, sorts, joins, iterations over a cached RDD, and what the smallest job costs."""

from __future__ import annotations

import contextlib
import json
import math
import operator
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any, Self

import numpy as np

from benchmarks.engines import interpreter
from benchmarks.entry import PARTITIONS, Entry
from benchmarks.workload import Place, Sample, Workload

_FULL_EVENTS = 2_000_000
_ITERATIONS = 5
_DIMENSIONS = 10
_RECORD = 99
_KEY = 10
_WORKER_MEMORY = "64m"


def _sized(place: Place, full: int) -> int:
    """Return `full` at full scale, a tenth of it in a quick run."""
    return full * place.scale.events // _FULL_EVENTS


def _timed(action: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    answer = action()
    return time.perf_counter() - began, answer


def word_count(entry: Entry, place: Place) -> Sample:
    """Count the words of a text file."""
    path = _text(_sized(place, 400_000))
    words = entry.context.textFile(path, PARTITIONS).flatMap(lambda line: line.split())
    counts = words.map(lambda word: (word, 1)).reduceByKey(operator.add)
    seconds, found = _timed(counts.collect)
    return Sample(seconds, [len(found), sum(count for _, count in found)])


def map_filter_count(entry: Entry, place: Place) -> Sample:
    """Map and filter integers, and count what is left."""
    numbers = entry.context.parallelize(range(_sized(place, 5_000_000)), PARTITIONS)
    seconds, found = _timed(numbers.map(lambda x: x * 3 + 1).filter(lambda x: x % 2 == 0).count)
    return Sample(seconds, found)


def sort_by(entry: Entry, place: Place) -> Sample:
    """Sort floats."""
    floats = _data(entry, "floats", _sized(place, 1_000_000))
    seconds, found = _timed(lambda: floats.sortBy(lambda x: x).count())
    return Sample(seconds, found)


def group_by_key(entry: Entry, place: Place) -> Sample:
    """Group pairs by a thousand keys."""
    pairs = _data(entry, "pairs", _sized(place, 1_000_000))
    seconds, sizes = _timed(pairs.groupByKey().mapValues(len).collect)
    return Sample(seconds, [len(sizes), sum(size for _, size in sizes)])


def join(entry: Entry, place: Place) -> Sample:
    """Join two RDDs of unique keys."""
    left = _data(entry, "left", _sized(place, 200_000))
    right = _data(entry, "right", _sized(place, 200_000))
    seconds, found = _timed(left.join(right).count)
    return Sample(seconds, found)


def small_job(entry: Entry, _: Place) -> Sample:
    """Take the median time of a job over four elements."""
    context = entry.context
    times = []
    for _repetition in range(30):
        seconds, found = _timed(lambda: context.parallelize([1, 2, 3, 4], 4).map(lambda x: x + 1).collect())
        times.append(seconds)
    return Sample(statistics.median(times) * 1000, found)


def regression_per_record(entry: Entry, place: Place) -> Sample:
    """Take the median time of an iteration of logistic regression, one function call per record."""
    points = _data(entry, "points", _sized(place, 500_000)).cache()
    points.count()
    weights = [0.0] * _DIMENSIONS
    times = []
    for _ in range(_ITERATIONS):
        seconds, gradient = _timed(partial(_per_record_gradient, points, weights))
        times.append(seconds)
        weights = [w - 1e-6 * g for w, g in zip(weights, gradient, strict=True)]
    points.unpersist()
    return Sample(statistics.median(times), round(math.hypot(*weights), 9))


def _per_record_gradient(points: Any, weights: list[float]) -> list[float]:
    def gradient(point: tuple[float, ...]) -> list[float]:
        label, *xs = point
        margin = sum(map(operator.mul, xs, weights))
        scale = (1 / (1 + math.exp(-label * margin)) - 1) * label
        return [scale * x for x in xs]

    total: list[float] = points.map(gradient).reduce(lambda a, b: list(map(operator.add, a, b)))
    return total


def regression_blocks(entry: Entry, place: Place) -> Sample:
    """Compare the first iteration of logistic regression over a text file with later ones, cached."""
    path = _points_file(_sized(place, 500_000))
    blocks = entry.context.textFile(path, PARTITIONS).mapPartitions(_to_block).cache()
    weights = np.zeros(_DIMENSIONS)
    times = []
    for _ in range(1 + _ITERATIONS):
        seconds, gradient = _timed(partial(_block_gradient, blocks, weights))
        times.append(seconds)
        weights = weights - 1e-6 * gradient
    blocks.unpersist()
    later = statistics.median(times[1:])
    detail = {"first s": times[0], "later s": later}
    return Sample(times[0] / later, round(float(np.linalg.norm(weights)), 9), detail)


def _to_block(lines: Iterator[str]) -> Iterator[Any]:
    rows = [[float(field) for field in line.split()] for line in lines]
    if rows:
        block = np.array(rows)
        yield block[:, 0].copy(), block[:, 1:].copy()


def _block_gradient(blocks: Any, weights: Any) -> Any:
    def gradient(parts: Iterator[Any]) -> Iterator[Any]:
        for labels, xs in parts:
            scale = (1 / (1 + np.exp(-labels * (xs @ weights))) - 1) * labels
            yield scale @ xs

    return blocks.mapPartitions(gradient).reduce(operator.add)


def sort_records(entry: Entry, place: Place) -> Sample:
    """Sort 100-byte records with 10-byte keys from disk to disk, in a program that has little memory."""
    records = _sized(place, 10_000_000)
    path, out = _records_file(records), place.scratch / "sorted"
    command = [interpreter(entry.name), "-m", "benchmarks.rdd_workloads", entry.name, path, str(out)]
    shown = subprocess.run(command, env=_little_memory(), stdout=subprocess.PIPE, check=True).stdout
    seconds, peak = json.loads(shown.splitlines()[-1])
    return Sample(
        records * (_RECORD + 1) / seconds / 1e6,
        _summary(out),
        {"peak MB of all processes": peak / 1e6, "input MB": records * (_RECORD + 1) / 1e6},
    )


def _little_memory() -> dict[str, str]:
    """Return the environment in which both engines let a worker hold 64 MB: a quarter of 1 GB in all."""
    return {
        **os.environ,
        "STREAMCORE_CONF_spark__python__worker__memory": _WORKER_MEMORY,
        "PYSPARK_SUBMIT_ARGS": f"--conf spark.python.worker.memory={_WORKER_MEMORY} pyspark-shell",
    }


def _sort_program(engine: str, path: str, out: str) -> None:
    """Sort a file, then print the seconds and the peak memory as JSON."""
    entry = Entry(engine)
    lines = entry.context.textFile(path, PARTITIONS)
    with PeakMemory() as memory:
        seconds, _ = _timed(lambda: lines.sortBy(lambda line: line[:_KEY]).saveAsTextFile(out))
    entry.stop()
    print(json.dumps([seconds, memory.peak]))


class PeakMemory:
    """The most resident memory of this process and its descendants at once (0 where it is not known)."""

    def __init__(self) -> None:
        self.peak = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.05):
            self.peak = max(self.peak, _resident(os.getpid()))


def _resident(root: int) -> int:
    """Return the resident bytes of a process and its descendants."""
    parents: dict[int, int] = {}
    sizes: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            pid = int(stat.parent.name)
            parents[pid], sizes[pid] = int(fields[1]), int(fields[21]) * os.sysconf("SC_PAGE_SIZE")
    family = {root}
    while more := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= more
    return sum(sizes.get(pid, 0) for pid in family)


def _summary(folder: Path) -> list[Any]:
    """Return how many records there are, and whether they are in order."""
    last, count, ordered = b"", 0, True
    for part in sorted(folder.glob("part-*")):
        with part.open("rb") as file:
            for line in file:
                key = line[:_KEY]
                ordered = ordered and last <= key
                last, count = key, count + 1
    return [count, ordered]


# ---- data, the same for both engines --------------------------------------------------------------


@cache
def _data(entry: Entry, kind: str, count: int) -> Any:
    generator = random.Random(7)
    make: dict[str, Callable[[int], Any]] = {
        "floats": lambda _: generator.random(),
        "pairs": lambda i: (i * 7919 % 1000, i),
        "left": lambda i: (i * 7919 % count, i),
        "right": lambda i: (i * 104_729 % count, -i),
        "points": lambda i: (
            1.0 if i % 2 else -1.0,
            *(generator.gauss(i % 2, 1) for _ in range(_DIMENSIONS)),
        ),
    }
    return entry.context.parallelize([make[kind](i) for i in range(count)], PARTITIONS)


def _file(name: str) -> Path:
    folder = Path(tempfile.gettempdir()) / "streamcore-bench-data"
    folder.mkdir(exist_ok=True)
    return folder / name


@cache
def _text(lines: int) -> str:
    """Return a file of twelve words per line, 2,300 different ones."""
    path = _file(f"words-{lines}.txt")
    if not path.exists():
        generator = random.Random(3)
        words = [f"w{i:x}" for i in range(2_300)]
        with path.open("w") as file:
            for _ in range(lines):
                file.write(" ".join(generator.choices(words, k=12)) + "\n")
    return str(path)


@cache
def _points_file(points: int) -> str:
    path = _file(f"points-{points}.txt")
    if not path.exists():
        generator = np.random.default_rng(5)
        labels = np.where(np.arange(points) % 2, 1.0, -1.0)
        xs = generator.normal(size=(points, _DIMENSIONS)) + (labels[:, None] + 1) / 2
        np.savetxt(path, np.column_stack([labels, xs]), fmt="%.6f")
    return str(path)


@cache
def _records_file(records: int) -> str:
    path = _file(f"records-{records}.txt")
    if not path.exists():
        generator = np.random.default_rng(11)
        with path.open("wb") as file:
            for at in range(0, records, 100_000):
                block = generator.integers(
                    33, 127, size=(min(100_000, records - at), _RECORD), dtype=np.uint8
                )
                lines = np.column_stack([block, np.full(len(block), 10, dtype=np.uint8)])
                file.write(lines.tobytes())
    return str(path)


WORKLOADS: tuple[Workload, ...] = (
    Workload("word-count", "word count, 400k lines, 4.8M words", "s", "context", word_count, 1.5),
    Workload("map-filter-count", "map, filter, count over 5M ints", "s", "context", map_filter_count, 1.5),
    Workload("sort-by", "sortBy of 1M floats", "s", "context", sort_by, 3),
    Workload("group-by-key", "groupByKey of 1M, 1,000 keys", "s", "context", group_by_key, 1.5),
    Workload("join", "join of 200k with 200k", "s", "context", join, 2),
    Workload(
        "regression-records",
        "logistic regression, 500k x 10, per record, cached, per iteration",
        "s",
        "context",
        regression_per_record,
        1.3,
    ),
    Workload(
        "regression-blocks",
        "the same with numpy blocks: first iteration / later ones",
        "x",
        "context",
        regression_blocks,
        reach_value=29,
    ),
    Workload("small-job", "a job over four elements", "ms", "context", small_job, 20),
    Workload(
        "sort-records",
        "sort of 1 GB of 100-byte records in 256 MB, disk to disk",
        "MB/s",
        "process",
        sort_records,
        3,
        reach_value=22,
        max_repetitions=1,
    ),
)


if __name__ == "__main__":
    _sort_program(*sys.argv[1:])
