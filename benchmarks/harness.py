"""Runs workloads on the engines in turn: a warm-up each, then A B A B ..."""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from itertools import groupby
from pathlib import Path
from typing import IO, Any

from benchmarks.engines import EngineFailed, WarmEngine
from benchmarks.entry import Entry
from benchmarks.workload import Place, Scale, Workload

_LIMIT_S = 240.0


@dataclass
class Measured:
    """What one engine did in one workload."""

    samples: list[dict[str, Any]] = field(default_factory=list)
    error: str | None = None
    version: str | None = None

    @property
    def values(self) -> list[float]:
        """The figure of each repetition, in order."""
        return [sample["value"] for sample in self.samples]

    @property
    def median(self) -> float | None:
        """The median of the repetitions; None when there is none."""
        return statistics.median(self.values) if self.samples and not self.error else None


@dataclass
class Result:
    """One line of the table."""

    workload: Workload
    engines: dict[str, Measured]

    @property
    def ratio(self) -> float | None:
        """How many times better streamcore was than PySpark; None when either is missing."""
        ours, theirs = (self._median(name) for name in ("streamcore", "pyspark"))
        return None if ours is None or theirs is None else self.workload.ratio(ours, theirs)

    @property
    def answers_agree(self) -> bool:
        """Whether every run of every engine gave the same answer."""
        answers = [s["answer"] for m in self.engines.values() for s in m.samples]
        return all(answer == answers[0] for answer in answers)

    def _median(self, engine: str) -> float | None:
        measured = self.engines.get(engine)
        return measured.median if measured else None


def measure(
    workloads: Iterable[Workload], engines: Sequence[str], scale: Scale, repetitions: int
) -> Iterator[Result]:
    """Yield the result of each workload as it comes."""
    for home, together in groupby(workloads, key=lambda workload: workload.home):
        with ExitStack() as stack:
            log = stack.enter_context(tempfile.NamedTemporaryFile(prefix="streamcore-bench-", suffix=".log"))
            runners: dict[str, Runner] = {}
            for engine in engines:
                runners[engine] = _runner(home, engine, scale, stack, log)
            for workload in together:
                yield _measure_one(workload, runners, repetitions, Path(log.name))


class Runner:
    """Runs a workload of home "process": nothing is warm."""

    def __init__(self, engine: str, scale: Scale) -> None:
        self._engine = engine
        self._scale = scale

    def run(self, workload: Workload) -> dict[str, Any]:
        """Return {"sample": ...} or {"error": ...}."""
        try:
            with tempfile.TemporaryDirectory(prefix="streamcore-bench-") as scratch:
                sample = workload.run(Entry(self._engine), Place(self._scale, Path(scratch)))
        except Exception as error:  # noqa: BLE001 - one workload's failure is a line of the report
            return {"error": f"{type(error).__name__}: {error}"}
        return {"sample": asdict(sample)}


class WarmRunner(Runner):
    """Runs workloads in a process that stays warm; starts a new one when it has died."""

    def __init__(self, engine: str, scale: Scale, stack: ExitStack, log: IO[bytes]) -> None:
        super().__init__(engine, scale)
        self._stack = stack
        self._log = log
        self._process: WarmEngine | None = None

    def run(self, workload: Workload) -> dict[str, Any]:
        """Return the worker's answer."""
        if self._process is None:
            self._process = self._stack.enter_context(WarmEngine(self._engine, self._log))
        try:
            return self._process.ask({"workload": workload.name, "scale": self._scale.name}, _LIMIT_S)
        except EngineFailed as failed:
            self._process = None
            return {"error": str(failed)}


def _runner(home: str, engine: str, scale: Scale, stack: ExitStack, log: IO[bytes]) -> Runner:
    return Runner(engine, scale) if home == "process" else WarmRunner(engine, scale, stack, log)


def _measure_one(workload: Workload, runners: dict[str, Runner], repetitions: int, log: Path) -> Result:
    taking_part = [name for name in runners if name in workload.engines]
    result = Result(workload, {name: Measured() for name in taking_part})
    rounds = min(repetitions, workload.max_repetitions)
    for number in range(rounds + 1):  # the first is the warm-up
        for name, measured in result.engines.items():
            if measured.error is None:
                _say(f"{workload.name}: {name} {'warm-up' if number == 0 else f'{number}/{rounds}'}")
                answer = runners[name].run(workload)
                _keep(measured, answer, is_warm_up=number == 0)
                if "error" in answer:
                    _show_end_of(log)
    return result


def _keep(measured: Measured, answer: dict[str, Any], is_warm_up: bool) -> None:
    measured.error = answer.get("error")
    measured.version = answer.get("version")
    if "sample" in answer and not is_warm_up:
        measured.samples.append(answer["sample"])


def _say(text: str) -> None:
    end = "\033[K\r" if sys.stderr.isatty() else "\n"
    print(text, end=end, file=sys.stderr, flush=True)


def _show_end_of(log: Path) -> None:
    tail = log.read_text(errors="replace").splitlines()[-15:]
    print(*tail, sep="\n", file=sys.stderr)
