"""Measures streamcore beside PySpark: `python -m benchmarks [names]`, or `make bench`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks import report
from benchmarks.catalogue import WORKLOADS, workload_named
from benchmarks.engines import why_missing
from benchmarks.harness import Result, measure
from benchmarks.workload import FULL, QUICK, Workload

_RESULTS = Path(__file__).parent / "results"


def main() -> int:
    """Run, print the table, keep the JSON; 1 when an engine failed or two answers differ."""
    asked = _arguments()
    scale = QUICK if asked.quick else FULL
    repetitions = asked.repetitions or (2 if asked.quick else 3)
    results: list[Result] = []
    try:
        for result in measure(_workloads(asked.names), _engines(asked.engines), scale, repetitions):
            results.append(result)
            print(report.sentence(result), file=sys.stderr)
    except KeyboardInterrupt:
        print("stopped: what follows is not complete", file=sys.stderr)
    if not results:
        return 1
    print(report.table(results))
    print(*report.means(results), sep="\n")
    print("medians of", repetitions, "repetitions after a warm-up, (least..most);", scale.name, "data")
    print(*report.notes(results), sep="\n")
    target = asked.json or _RESULTS / ("quick.json" if asked.quick else "latest.json")
    report.write(target, report.document(results, scale, repetitions))
    return 1 if report.notes(results) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    names = ", ".join(workload.name for workload in WORKLOADS)
    parser.add_argument("names", nargs="*", help=f"which workloads (all by default): {names}")
    parser.add_argument("--repetitions", type=int, help="after the warm-up; default 3, with --quick 2")
    parser.add_argument("--engines", default="streamcore,pyspark", help="default: streamcore,pyspark")
    parser.add_argument("--json", type=Path, metavar="FILE", help="default: benchmarks/results/latest.json")
    parser.add_argument("--quick", action="store_true", help="a tenth of the data, under two minutes")
    return parser.parse_args()


def _workloads(names: list[str]) -> list[Workload]:
    try:
        return [workload_named(name) for name in names] if names else list(WORKLOADS)
    except KeyError as unknown:
        sys.exit(unknown.args[0])


def _engines(asked: str) -> list[str]:
    missing = {name: why_missing(name) for name in asked.split(",")}
    for name, reason in missing.items():
        if reason:
            print(f"without {name}: {reason}", file=sys.stderr)
    there = [name for name, reason in missing.items() if reason is None]
    return there or sys.exit("no engine can run here")


if __name__ == "__main__":
    sys.exit(main())
