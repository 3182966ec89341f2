from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from streamcore.checkpoint import Checkpoint, CommitBody, OffsetRange, OffsetRecord, OperatorIntent
from streamcore.storage import locations
from streamcore.storage.local import LocalStorage
from streamcore.storage.objects.storage import ObjectStorage
from streamcore.testing.clock import ManualClock
from tests.services.object_stores import VersityGateway
from tests.unit.checkpoint.content import write_bytes

if TYPE_CHECKING:
    from collections.abc import Callable


_OF_A_DISK = {
    "test_takeover": "the drivers of other processes open a disk; see tests/recovery/test_object_stores.py",
    "synced": "a store syncs as it likes",
    "a_pipe": "the server waits for the pipe",
}


@pytest.fixture(params=["disk", pytest.param("s3", marks=pytest.mark.soak)])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of this machine; on s3 it is the one in which the server keeps its objects.

    There everything goes through the server, but for what a test itself does to the files.
    """
    if request.param == "disk":
        return tmp_path / "checkpoint"
    server = request.getfixturevalue("s3")
    if not isinstance(server, VersityGateway):
        pytest.skip("the tests damage files, which a store elsewhere does not let them")
    for name, reason in _OF_A_DISK.items():
        if name in request.node.nodeid:
            pytest.skip(reason)
    return _through(server, monkeypatch)


def _through(server: VersityGateway, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the server: a `LocalStorage` for what is below is one that asks the server."""

    def opened(cls: type, folder: str | Path) -> object:
        try:
            below = Path(folder).relative_to(server.buckets)
        except ValueError:
            return object.__new__(cls)
        storage = ObjectStorage(f"s3://{below.as_posix()}")
        # Messages are asked for the folder, which is what the tests know.
        monkeypatch.setattr(ObjectStorage, "location", str(folder))
        return storage

    monkeypatch.setattr(LocalStorage, "__new__", staticmethod(opened))
    monkeypatch.setattr(locations, "probe", lambda storage: None)
    return server.buckets / server.new_folder().removeprefix("s3://") / "checkpoint"


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
