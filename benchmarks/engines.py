"""The engines as the harness sees them: what is there, and a process that answers requests."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

ROOT = Path(__file__).resolve().parent.parent
INTERPRETER_OF = {"streamcore": "STREAMCORE_BENCH_PYTHON", "pyspark": "STREAMCORE_BENCH_PYSPARK_PYTHON"}


class EngineFailed(Exception):
    """The engine's process ended or did not answer in time."""


def interpreter(engine: str) -> str:
    """Return the Python that runs the engine: this one, unless the environment names another."""
    return os.environ.get(INTERPRETER_OF[engine], sys.executable)


def why_missing(engine: str) -> str | None:
    """Return why the engine cannot run here, or None when it can."""
    if engine == "pyspark" and shutil.which("java") is None:
        return "there is no java on the PATH (PySpark 4 needs Java 17 or later)"
    found = subprocess.run(
        [interpreter(engine), "-c", f"import {engine}"], cwd=ROOT, capture_output=True, check=False
    )
    hint = "pip install -e '.[bench]'" if engine == "pyspark" else "pip install -e '.[all]'"
    return None if found.returncode == 0 else f"{engine} cannot be imported ({hint})"


def environment() -> Mapping[str, str]:
    """Return the environment of the engines' processes.

    They keep their bytecode, as installed packages do: who starts must not compile a hundred modules first.
    """
    own = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**own, "PYTHONPATH": str(ROOT), "SPARK_LOCAL_IP": "127.0.0.1", "PYTHONUNBUFFERED": "1"}


class WarmEngine:
    """A long-lived process of one engine. It never outlives the harness: its input ends with it."""

    def __init__(self, engine: str, log: IO[bytes]) -> None:
        self._engine = engine
        self._process = subprocess.Popen(
            [interpreter(engine), "-m", "benchmarks.worker", engine],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )

    def ask(self, request: Mapping[str, str], timeout: float) -> dict[str, Any]:
        """Return the answer to one request; raises EngineFailed."""
        assert self._process.stdin
        assert self._process.stdout
        guard = threading.Timer(timeout, self._process.kill)
        guard.start()
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        finally:
            guard.cancel()
        if not line:
            raise EngineFailed(f"{self._engine} ended without an answer (the limit is {timeout:.0f} s)")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        """Let it stop in order; kill it when it does not."""
        try:
            self._process.communicate(timeout=20)
        except (subprocess.TimeoutExpired, ValueError):
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
