"""Ask PySpark what the queries give over few events: `python -m benchmarks.nexmark.freeze_answers`."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from benchmarks.entry import Entry
from benchmarks.nexmark.queries import QUERIES
from benchmarks.nexmark.workloads import answer

ANSWERS = Path(__file__).parent / "answers.json"


def main() -> None:
    """Write the answers of all queries."""
    entry, found = Entry("pyspark"), {}
    for query in QUERIES:
        with tempfile.TemporaryDirectory() as scratch:
            found[query.name] = answer(query, entry, Path(scratch))
    ANSWERS.write_text(json.dumps(found, indent=1) + "\n")
    entry.stop()


if __name__ == "__main__":
    main()
