from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from streamcore.checkpoint import Checkpoint, CommitBody, Kind, OffsetRange, OffsetRecord, OperatorIntent
from streamcore.checkpoint.state_files import extend
from streamcore.storage.local import LocalStorage
from streamcore.testing.clock import ManualClock

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


def run_batches(checkpoint: Checkpoint, count: int, snapshot_every: int = 3) -> None:
    """Commits `count` batches that keep state, as the loop does."""
    for _ in range(count):
        last = checkpoint.batches()[-1] if checkpoint.batches() else -1
        batch_id = last + 1
        checkpoint.write_offsets(offsets(batch_id))
        kind = Kind.SNAPSHOT if batch_id % snapshot_every == 0 else Kind.DELTA
        file = checkpoint.state.write("count", 0, kind, batch_id, f"state {batch_id}".encode(), rows=1)
        files = checkpoint.commit(last).state if last >= 0 else ()
        body = CommitBody(
            checkpoint.query_id, batch_id, extend(files, [file]), source_rows={"clicks": 10}, output_rows=5
        )
        checkpoint.write_commit(body.record())
