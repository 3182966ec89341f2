"""Sinks on a disk that takes no more: a process whose files may not grow stands for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_PROGRAM = """
import resource, sys
import pyarrow as pa
from streamcore.errors import CommitFailed
from streamcore.execution.connectors import sink_class
from streamcore.spi.exactly_once import CommitRecord, QueryIdentity
from streamcore.spi.types import from_arrow_schema

name, options = sys.argv[1], dict(pair.split("=", 1) for pair in sys.argv[2:])
small = pa.table({"k": ["a"], "n": [1]})
large = pa.table({"k": [str(i * 7919) for i in range(200_000)], "n": range(200_000)})
writer = sink_class(name)(options).streamWriter(from_arrow_schema(small.schema), False)
writer.open(QueryIdentity("q", "r", "append"))
writer.last_committed()

def commit(batch_id, table):
    writer.commit_batch([writer.write(iter(table.to_batches()))], CommitRecord("q", batch_id, "{}"))

commit(0, small)
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
try:
    commit(1, large)
except CommitFailed as error:
    print("FAILED:", error)
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
print("LAST:", writer.last_committed().batch_id)
commit(1, large)
print("LAST:", writer.last_committed().batch_id)
"""


def _run(name: str, **options: str) -> list[str]:
    arguments = [f"{key}={value}" for key, value in options.items()]
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, name, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("name", ["parquet", "json", "csv"])
def test_a_full_disk_fails_the_batch_and_leaves_no_file(name: str, tmp_path: Path) -> None:
    failed, *last = _run(name, path=str(tmp_path))
    assert failed.startswith(f"FAILED: the rows could not be written to {tmp_path}")
    assert "Nothing of this batch is visible" in failed
    assert last == ["LAST: 0", "LAST: 1"]
    assert len(list(tmp_path.glob("part-*"))) == 2


def test_a_full_disk_fails_the_batch_of_a_database_file(tmp_path: Path) -> None:
    failed, *last = _run("database", url=f"sqlite:///{tmp_path}/x.db", dbtable="t")
    assert failed.startswith("FAILED: the batch was not written to t in sqlite:///")
    assert last == ["LAST: 0", "LAST: 1"]


def test_no_room_for_spilled_rows_fails_the_batch(tmp_path: Path) -> None:
    failed, *last = _run("database", url=f"sqlite:///{tmp_path}/x.db", dbtable="t", stagingMemory="1000")
    assert "stagingMemory" in failed
    assert last == ["LAST: 0", "LAST: 1"]
