"""The table that people read, and the JSON that is kept."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.entry import CORES
from benchmarks.harness import Measured, Result
from benchmarks.workload import Scale, Unit, Workload

REACH_OF_GROUPS = {"nexmark": 4.0}
_HEADER = ("workload", "streamcore", "PySpark", "ratio", "to reach")


@dataclass(frozen=True)
class Mean:
    """The geometric mean of the ratios of a group of workloads."""

    group: str
    ratio: float
    workloads: int
    reach: float

    def __str__(self) -> str:
        figures = f"{self.ratio:.1f}x (to reach {self.reach:g}x)"
        return f"{self.group}: geometric mean of {self.workloads} ratios {figures}"


def table(results: Sequence[Result]) -> str:
    """Return the results as aligned text; a figure is a median, (least..most) are its repetitions."""
    rows = [_HEADER, *(_row(result) for result in results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADER))]
    rows.insert(1, tuple("-" * width for width in widths))
    return "\n".join(_aligned(row, widths) for row in rows)


def means(results: Sequence[Result]) -> list[Mean]:
    """Return the geometric mean of the ratios of each group of which every workload has one."""
    groups = dict.fromkeys(r.workload.group for r in results if r.workload.group)
    found = []
    for group in groups:
        ratios = [r.ratio for r in results if r.workload.group == group]
        there = [ratio for ratio in ratios if ratio is not None]
        if there and len(there) == len(ratios):
            found.append(Mean(group, statistics.geometric_mean(there), len(there), REACH_OF_GROUPS[group]))
    return found


def sentence(result: Result) -> str:
    """Return one result in a line."""
    figures = (f"{name} {_cell(result.workload.unit, m)}" for name, m in result.engines.items())
    return f"{result.workload.name}: {', '.join(figures)}; ratio {_ratio(result)}"


def notes(results: Iterable[Result]) -> list[str]:
    """Return what a reader must know beside the table: failures, and answers that differ."""
    found = []
    for result in results:
        name = result.workload.name
        failures = ((engine, m.error) for engine, m in result.engines.items() if m.error)
        found += [f"{name}: {engine} failed: {error}" for engine, error in failures]
        if not result.answers_agree:
            found.append(f"{name}: the answers differ: {_answers(result)}")
    return found


def document(results: Sequence[Result], scale: Scale, repetitions: int) -> dict[str, Any]:
    """Return everything as JSON: every repetition, the versions, the cores."""
    return {
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "scale": scale.name,
        "repetitions": repetitions,
        "cores": {"used": CORES, "there": os.cpu_count()},
        "versions": _versions(results),
        "workloads": [_entry(result) for result in results],
        "means": [asdict(mean) for mean in means(results)],
    }


def write(path: Path, content: dict[str, Any]) -> None:
    """Write the document."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1) + "\n")


def _row(result: Result) -> tuple[str, ...]:
    workload = result.workload
    cells = (_cell(workload.unit, result.engines.get(name)) for name in ("streamcore", "pyspark"))
    return (workload.title, *cells, _ratio(result), _to_reach(workload))


def _ratio(result: Result) -> str:
    return "-" if result.ratio is None else f"{result.ratio:.1f}x"


def _cell(unit: Unit, measured: Measured | None) -> str:
    if measured is None:
        return "-"
    if measured.median is None:
        return "failed"
    least, most = number(unit, min(measured.values)), number(unit, max(measured.values))
    return f"{_figure(unit, measured.median)} ({least}..{most})"


def _to_reach(workload: Workload) -> str:
    wanted = [f"{workload.reach:g}x"] if workload.reach else []
    if workload.reach_value:
        wanted.append(_figure(workload.unit, workload.reach_value))
    return ", ".join(wanted) or "-"


def _figure(unit: Unit, value: float) -> str:
    return f"{number(unit, value)} {'M rows/s' if unit == 'rows/s' else unit}"


def number(unit: Unit, value: float) -> str:
    """Return a value with three digits or so; rows/s in millions."""
    scaled = value / 1e6 if unit == "rows/s" else value
    return f"{scaled:.0f}" if scaled >= 100 else f"{scaled:.1f}" if scaled >= 10 else f"{scaled:.2f}"


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (
        cell.ljust(width) if column == 0 else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    )
    return "  ".join((first, *others)).rstrip()


def _answers(result: Result) -> str:
    return json.dumps({name: [s["answer"] for s in m.samples] for name, m in result.engines.items()})


def _versions(results: Iterable[Result]) -> dict[str, str]:
    here = {
        "python": platform.python_version(),
        "system": platform.system(),
        "machine": platform.machine(),
    }
    engines = {name: m.version for r in results for name, m in r.engines.items() if m.version}
    return {**here, **engines}


def _entry(result: Result) -> dict[str, Any]:
    workload = result.workload
    return {
        "name": workload.name,
        "title": workload.title,
        "unit": workload.unit,
        "reach": workload.reach,
        "reach_value": workload.reach_value,
        "ratio": result.ratio,
        "answers_agree": result.answers_agree,
        "engines": {name: _measured(measured) for name, measured in result.engines.items()},
    }


def _measured(measured: Measured) -> dict[str, Any]:
    details = [sample["detail"] for sample in measured.samples]
    answer = measured.samples[0]["answer"] if measured.samples else None
    return {
        "median": measured.median,
        "values": measured.values,
        "error": measured.error,
        "answer": answer,
        "detail": details,
    }
