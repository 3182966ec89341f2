"""Real PySpark as a process that answers programs; and the writer of the frozen answers.

    python -m tests.oracle.rdd.ask_pyspark tests/oracle/data/rdd.json

needs PySpark 4 and Java 17 (extra `bench`); STREAMCORE_BENCH_PYSPARK_PYTHON names the interpreter that has
them, unless it is this one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.oracle.rdd.drawing import programs
from tests.oracle.rdd.programs import ACTIONS, STEPS

if TYPE_CHECKING:
    from types import TracebackType

    from tests.oracle.rdd.programs import Program

ROOT = Path(__file__).resolve().parents[3]
INTERPRETER = "STREAMCORE_BENCH_PYSPARK_PYTHON"
_FROZEN = 240


def pyspark_python() -> str:
    """Return the interpreter that has PySpark."""
    return os.environ.get(INTERPRETER, sys.executable)


def environment() -> dict[str, str]:
    """Return the environment in which PySpark hashes text as it does on a cluster."""
    own = {"PYTHONHASHSEED": "0", "PYTHONPATH": str(ROOT), "SPARK_LOCAL_IP": "127.0.0.1"}
    return {**os.environ, **own, "PYSPARK_PYTHON": pyspark_python()}


class PySpark:
    """A process with a SparkContext of four slots, asked one program after another."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [pyspark_python(), "-m", "tests.oracle.rdd.pyspark_server"],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def answer(self, program: Program) -> Any:
        """Return what PySpark answers."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(program) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"PySpark did not answer {program}")
        return json.loads(line)


def drawn(count: int) -> list[Program]:
    """Return at least so many different programs, with every step and every action in some of them."""
    found: dict[str, Program] = {}
    missing = {*STEPS, *ACTIONS}
    number = 0
    while len(found) < count or missing:
        for program in _drawn_with(number):
            used = {program["action"][0], *(step[0] for step in program["steps"])}
            if len(found) < count or used & missing:
                found[json.dumps(program, sort_keys=True)] = program
                missing -= used
        number += 1
    return list(found.values())


def _drawn_with(number: int) -> list[Program]:
    found: list[Program] = []

    @seed(number)
    @settings(
        max_examples=20,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(programs())
    def note(program: Program) -> None:
        found.append(program)

    note()
    return found


def main(target: str) -> None:
    """Write the programs and what PySpark answers."""
    with PySpark() as pyspark:
        lines = [
            json.dumps({"program": program, "answer": pyspark.answer(program)}, sort_keys=True)
            for program in drawn(_FROZEN)
        ]
    Path(target).write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
