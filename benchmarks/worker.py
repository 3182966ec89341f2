"""The warm process of one engine: takes one request per line and answers each with one line.

Whatever the engine prints goes to the log of the harness; the answers have a pipe of their own.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import tempfile
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.catalogue import workload_named
from benchmarks.entry import Entry
from benchmarks.workload import SCALES, Place


def main() -> None:
    """Serve until the requests end, then stop the engine."""
    entry = Entry(sys.argv[1])
    with os.fdopen(os.dup(1), "w", buffering=1) as answers:
        os.dup2(2, 1)
        for line in sys.stdin:
            answers.write(json.dumps(_serve(entry, json.loads(line))) + "\n")
    entry.stop()


def _serve(entry: Entry, request: dict[str, Any]) -> dict[str, Any]:
    try:
        with tempfile.TemporaryDirectory(prefix="streamcore-bench-") as scratch:
            place = Place(SCALES[request["scale"]], Path(scratch))
            sample = workload_named(request["workload"]).run(entry, place)
        gc.collect()
        return {"sample": asdict(sample), "version": entry.version}
    except Exception as error:  # noqa: BLE001 - one workload's failure is a line of the report
        traceback.print_exc()
        return {"error": f"{type(error).__name__}: {error}"[:400]}


if __name__ == "__main__":
    main()
