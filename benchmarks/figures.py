"""Writes the figures of a kept run into the README: `python -m benchmarks.figures`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from benchmarks.report import number
from benchmarks.workload import MORE_IS_BETTER

REFERENCE = Path(__file__).parent / "results" / "reference.json"
README = Path(__file__).parent.parent / "README.md"
BEGIN = "<!-- figures: python -m benchmarks.figures -->"
END = "<!-- end of figures -->"


def markdown(document: dict[str, Any]) -> str:
    """Return the table and what a reader must know about it."""
    versions, cores = document["versions"], document["cores"]["used"]
    run = f"Medians of {document['repetitions']} repetitions after a warm-up, on {cores} cores"
    engines = f"streamcore {versions.get('streamcore', '-')} and PySpark {versions.get('pyspark', '-')}"
    lines = [
        f"{run}; {engines} in turn on the same data.",
        "",
        "| workload | streamcore | PySpark | ratio | to reach |",
        "|---|---|---|---|---|",
        *map(_row, document["workloads"]),
        *map(_mean, document.get("means", ())),
    ]
    return "\n".join(lines)


def with_figures(page: str, table: str) -> str:
    """Return the page with its figures made anew."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table}\n{END}{after}"


def _row(workload: dict[str, Any]) -> str:
    cells = [_median(workload, name) for name in ("streamcore", "pyspark")]
    ratio = "-" if workload["ratio"] is None else f"{workload['ratio']:.1f}x"
    verdict = "" if _is_reached(workload) else " (missed)"
    return f"| {workload['title']} | {' | '.join(cells)} | {ratio} | {_to_reach(workload)}{verdict} |"


def _mean(mean: dict[str, Any]) -> str:
    missed = "" if mean["ratio"] >= mean["reach"] else " (missed)"
    title = f"{mean['group']}, geometric mean of {mean['workloads']}"
    return f"| {title} | - | - | {mean['ratio']:.1f}x | {mean['reach']:g}x{missed} |"


def _median(workload: dict[str, Any], engine: str) -> str:
    median = workload["engines"].get(engine, {}).get("median")
    return "-" if median is None else _figure(workload, median)


def _to_reach(workload: dict[str, Any]) -> str:
    wanted = [f"{workload['reach']:g}x"] if workload["reach"] else []
    if workload["reach_value"]:
        wanted.append(_figure(workload, workload["reach_value"]))
    return ", ".join(wanted)


def _figure(workload: dict[str, Any], value: float) -> str:
    unit = workload["unit"]
    return f"{number(unit, value)} {'M rows/s' if unit == 'rows/s' else unit}"


def _is_reached(workload: dict[str, Any]) -> bool:
    ours = workload["engines"]["streamcore"]["median"]
    wanted = workload["reach_value"]
    by_ratio = not workload["reach"] or (workload["ratio"] or 0) >= workload["reach"]
    return by_ratio and (not wanted or (ours is not None and _is_as_good(workload, ours, wanted)))


def _is_as_good(workload: dict[str, Any], value: float, wanted: float) -> bool:
    return value >= wanted if workload["unit"] in MORE_IS_BETTER else value <= wanted


if __name__ == "__main__":
    kept = json.loads(Path(sys.argv[1] if len(sys.argv) > 1 else REFERENCE).read_text())
    README.write_text(with_figures(README.read_text(), markdown(kept)))
