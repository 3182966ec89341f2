"""What a workload is, what one run of it gives, and how large its data are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from benchmarks.entry import Entry


@dataclass(frozen=True)
class Scale:
    """How much data a run uses."""

    name: str
    events: int
    small_batches: int


FULL = Scale("full", events=2_000_000, small_batches=60)
QUICK = Scale("quick", events=200_000, small_batches=25)
SCALES = {scale.name: scale for scale in (FULL, QUICK)}


@dataclass(frozen=True)
class Sample:
    """One run: the figure, what the engine answered, and other figures worth keeping.

    `answer` is a JSON value that does not depend on the engine: the harness says so when two differ.
    """

    value: float
    answer: Any = None
    detail: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Place:
    """Where one run happens: how large, and an empty folder of its own."""

    scale: Scale
    scratch: Path


Unit = Literal["rows/s", "MB/s", "ms", "s", "x", "MB"]
MORE_IS_BETTER = frozenset({"rows/s", "MB/s", "x"})


@dataclass(frozen=True)
class Workload:
    """One line of the table.

    `home` says what the function is given: a warm engine with a session or a context (in a process of
    its own that lives as long as the workloads of that home), or nothing but the engine's name
    ("process": every run starts its own). `reach` is the ratio to PySpark to reach, `reach_value` a
    figure of our own.
    """

    name: str
    title: str
    unit: Unit
    home: Literal["session", "context", "process"]
    run: Callable[[Entry, Place], Sample]
    reach: float | None = None
    reach_value: float | None = None
    engines: tuple[str, ...] = ("streamcore", "pyspark")
    max_repetitions: int = 99
    group: str | None = None

    @property
    def more_is_better(self) -> bool:
        return self.unit in MORE_IS_BETTER

    def ratio(self, ours: float, theirs: float) -> float:
        """How many times better `ours` is; above 1 is better, whatever the unit."""
        return ours / theirs if self.more_is_better else theirs / ours
