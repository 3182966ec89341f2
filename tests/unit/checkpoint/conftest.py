from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from streamcore.checkpoint import Checkpoint, CommitBody, OffsetRange, OffsetRecord, OperatorIntent
from streamcore.storage.local import LocalStorage
from streamcore.testing.clock import ManualClock
from tests.unit.checkpoint.content import write_bytes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "checkpoint"


@pytest.fixture
def reopen(folder: Path) -> Callable[[], Checkpoint]:
    """Opens the checkpoint of this test as a new driver."""
    clock = ManualClock(now_ms=1_700_000_000_000)
    return lambda: Checkpoint.open(LocalStorage(folder), clock, run_id="a run", new_id=lambda: "a query")


def offsets(batch_id: int) -> OffsetRecord:
    return OffsetRecord(
        batch_id,
        sources={"clicks": OffsetRange({"0": batch_id * 10}, {"0": batch_id * 10 + 10})},
        batch_time_ms=1_700_000_000_000 + batch_id,
        watermark_ms=batch_id,
        pinned={"spark.sql.shuffle.partitions": "1"},
        operators={"count": OperatorIntent(partitions=1, evict_ms=batch_id)},
    )


def run_batches(checkpoint: Checkpoint, count: int, merge_every: int = 3) -> None:
    """Commits `count` batches that keep state, as the loop does; every now and then one file holds it all."""
    for _ in range(count):
        last = checkpoint.batches()[-1] if checkpoint.batches() else -1
        batch_id = last + 1
        checkpoint.write_offsets(offsets(batch_id))
        file = write_bytes(checkpoint, "count", batch_id, f"state {batch_id}".encode())
        files = checkpoint.commit(last).state if last >= 0 and batch_id % merge_every else ()
        body = CommitBody(
            checkpoint.query_id, batch_id, (*files, file), source_rows={"clicks": 10}, output_rows=5
        )
        checkpoint.write_commit(body.record())
