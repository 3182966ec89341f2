from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from streamcore.checkpoint import Checkpoint, CommitBody
from streamcore.errors import (
    AnalysisException,
    CheckpointCorrupted,
    CheckpointError,
    CheckpointFenced,
    CheckpointMismatch,
)
from streamcore.spi.exactly_once import CommitRecord
from streamcore.storage import StorageFull
from streamcore.storage.local import LocalStorage
from streamcore.storage.memory import MemoryStorage
from streamcore.testing.clock import ManualClock
from streamcore.testing.faulty_storage import FaultyStorage
from tests.unit.checkpoint.conftest import offsets, run_batches
from tests.unit.checkpoint.content import read_bytes, write_bytes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_a_new_checkpoint_is_empty(reopen: Callable[[], Checkpoint]) -> None:
    with reopen() as checkpoint:
        assert checkpoint.query_id == "a query"
        assert checkpoint.batches() == []
        assert checkpoint.last_offsets is None
        assert checkpoint.last_commit is None


def test_what_was_written_is_found_by_the_next_driver(reopen: Callable[[], Checkpoint]) -> None:
    with reopen() as checkpoint:
        run_batches(checkpoint, 2)
        checkpoint.write_offsets(offsets(2))
        written = checkpoint.commit(1)
    with reopen() as checkpoint:
        assert checkpoint.batches() == [0, 1]
        assert checkpoint.last_offsets == offsets(2)
        assert checkpoint.commit(1) == written
        assert checkpoint.offsets(0) == offsets(0)
        assert read_bytes(checkpoint, written.state[0]) == b"state 0"


def test_the_identity_is_made_once(folder: Path) -> None:
    ids = []
    for _ in range(2):
        with Checkpoint.open(LocalStorage(folder), ManualClock(), run_id="r") as checkpoint:
            ids.append(checkpoint.query_id)
    assert ids[0] == ids[1]


def test_batches_are_numbered_in_numerical_order(reopen: Callable[[], Checkpoint]) -> None:
    with reopen() as checkpoint:
        run_batches(checkpoint, 12)
    with reopen() as checkpoint:
        assert checkpoint.batches() == list(range(12))


def test_a_batch_out_of_turn_is_not_planned(reopen: Callable[[], Checkpoint]) -> None:
    with reopen() as checkpoint, pytest.raises(ValueError, match="next batch to plan is 0, not 1"):
        checkpoint.write_offsets(offsets(1))


def test_a_commit_without_its_intent_is_refused(reopen: Callable[[], Checkpoint]) -> None:
    with reopen() as checkpoint, pytest.raises(CheckpointMismatch, match="batch None"):
        checkpoint.write_commit(CommitBody("a query", 0).record())


def test_the_record_of_another_query_is_not_committed(reopen: Callable[[], Checkpoint]) -> None:
    with reopen() as checkpoint:
        checkpoint.write_offsets(offsets(0))
        with pytest.raises(CheckpointMismatch, match="another query"):
            checkpoint.write_commit(CommitBody("another query", 0).record())


def test_a_record_that_is_not_ours_is_named(reopen: Callable[[], Checkpoint]) -> None:
    with reopen() as checkpoint:
        checkpoint.write_offsets(offsets(0))
        with pytest.raises(CheckpointCorrupted, match="commits/0 is damaged"):
            checkpoint.write_commit(CommitRecord("a query", 0, "{}"))


def test_the_record_of_a_newer_version_is_refused_by_its_number(reopen: Callable[[], Checkpoint]) -> None:
    newer = CommitBody("a query", 0).text().replace('"format":2', '"format":7')
    with reopen() as checkpoint:
        checkpoint.write_offsets(offsets(0))
        with pytest.raises(CheckpointError, match="has format 7; this version of streamcore reads format 2"):
            checkpoint.write_commit(CommitRecord("a query", 0, newer))


def test_commits_hold_the_text_of_the_sink_verbatim(reopen: Callable[[], Checkpoint], folder: Path) -> None:
    with reopen() as checkpoint:
        checkpoint.write_offsets(offsets(0))
        record = CommitBody("a query", 0, output_rows=3).record()
        checkpoint.write_commit(record)
    assert (folder / "commits" / "0").read_text().split("\n")[1] == record.body


def test_writing_the_same_again_is_no_conflict(reopen: Callable[[], Checkpoint]) -> None:
    with reopen() as checkpoint:
        checkpoint.write_offsets(offsets(0))
        checkpoint.write_offsets(offsets(0))
        record = CommitBody("a query", 0).record()
        checkpoint.write_commit(record)
        checkpoint.write_commit(record)
        assert checkpoint.batches() == [0]


@pytest.mark.parametrize("applied", [False, True])
def test_after_a_full_disk_the_same_batch_goes_on(applied: bool) -> None:
    storage = FaultyStorage(MemoryStorage())
    with Checkpoint.open(storage, ManualClock(), run_id="r") as checkpoint:
        for write in (
            lambda: checkpoint.write_offsets(offsets(0)),
            lambda: checkpoint.write_commit(CommitBody(checkpoint.query_id, 0).record()),
        ):
            # The look at the lease comes first, then the write.
            storage.fail_at(len(storage.verbs) + 2, StorageFull("no space is left"), applied)
            with pytest.raises(StorageFull):
                write()
            write()
        assert checkpoint.batches() == [0]


def test_every_source_has_a_folder_of_its_own(reopen: Callable[[], Checkpoint], folder: Path) -> None:
    with reopen() as checkpoint:
        checkpoint.source_storage("clicks").put_if_absent("0", b"{}")
        assert checkpoint.source_storage("clicks").get("0") == b"{}"
    assert (folder / "sources" / "clicks" / "0").exists()


def test_no_more_is_synced_than_two_files_a_batch(
    reopen: Callable[[], Checkpoint], monkeypatch: pytest.MonkeyPatch
) -> None:
    with reopen() as checkpoint:
        run_batches(checkpoint, 1)
        synced: list[int] = []
        real = os.fsync

        def fsync(descriptor: int) -> None:
            synced.append(descriptor)
            real(descriptor)

        monkeypatch.setattr(os, "fsync", fsync)
        checkpoint.write_offsets(offsets(1))
        checkpoint.write_commit(CommitBody("a query", 1).record())
        checkpoint.collect_garbage(keep=100)
    assert len(synced) == 4, "each of the two files, and its folder"


# ---- rewind --------------------------------------------------------------------------------------


def test_a_rewind_forgets_the_later_batches(reopen: Callable[[], Checkpoint]) -> None:
    with reopen() as checkpoint:
        run_batches(checkpoint, 5)
        checkpoint.write_offsets(offsets(5))
        checkpoint.rewind_to(2)
        assert checkpoint.batches() == [0, 1, 2]
        assert checkpoint.last_offsets == offsets(2)
        assert checkpoint.commit(2).batch_id == 2


def test_a_rewind_to_the_newest_batch_drops_its_successors_intent(reopen: Callable[[], Checkpoint]) -> None:
    with reopen() as checkpoint:
        run_batches(checkpoint, 2)
        checkpoint.write_offsets(offsets(2))
        checkpoint.rewind_to(1)
        assert checkpoint.last_offsets == offsets(1)


@pytest.mark.parametrize("to", [-2, 1, 5])
def test_a_batch_that_is_not_retained_is_no_aim(reopen: Callable[[], Checkpoint], to: int) -> None:
    with reopen() as checkpoint:
        run_batches(checkpoint, 5)
        checkpoint.collect_garbage(keep=3)
        with pytest.raises(AnalysisException, match=f"batch {to}: it retains the batches 2 to 4"):
            checkpoint.rewind_to(to)
        assert checkpoint.batches() == [2, 3, 4]


def test_a_marker_that_comes_back_after_later_batches_is_ignored(
    reopen: Callable[[], Checkpoint], folder: Path
) -> None:
    with reopen() as checkpoint:
        run_batches(checkpoint, 4)
    with reopen() as checkpoint:
        checkpoint.rewind_to(1)
        marker = (folder / "rewound").read_bytes()
    with reopen() as checkpoint:
        checkpoint.finish_rewind()
        run_batches(checkpoint, 3)
    (folder / "rewound").write_bytes(marker)
    with reopen() as checkpoint:
        assert checkpoint.batches() == [0, 1, 2, 3, 4]
    assert not (folder / "rewound").exists()


# ---- garbage -------------------------------------------------------------------------------------


def state_files(folder: Path) -> set[int]:
    return {int(path.name.split("-")[0]) for path in (folder / "state" / "count" / "default" / "0").iterdir()}


def test_old_batches_and_their_state_are_removed(reopen: Callable[[], Checkpoint], folder: Path) -> None:
    with reopen() as checkpoint:
        run_batches(checkpoint, 8)
        checkpoint.collect_garbage(keep=2)
        assert checkpoint.batches() == [6, 7]
        assert state_files(folder) == {6, 7}
        assert [read_bytes(checkpoint, f) for f in checkpoint.commit(7).state] == [b"state 6", b"state 7"]


def test_state_that_a_retained_batch_needs_stays_however_old(
    reopen: Callable[[], Checkpoint], folder: Path
) -> None:
    with reopen() as checkpoint:
        run_batches(checkpoint, 8, merge_every=100)
        checkpoint.collect_garbage(keep=1)
        assert checkpoint.batches() == [7]
        assert state_files(folder) == set(range(8))


def test_what_a_crashed_attempt_staged_is_removed_later(
    reopen: Callable[[], Checkpoint], folder: Path
) -> None:
    with reopen() as checkpoint:
        run_batches(checkpoint, 1)
        orphan = write_bytes(checkpoint, "count", 1, b"never committed")
    with reopen() as checkpoint:
        run_batches(checkpoint, 1)
        checkpoint.collect_garbage(keep=100)
    assert not (folder / orphan.path).exists()
    assert state_files(folder) == {0, 1}


def test_what_a_crashed_attempt_staged_in_a_store_with_a_name_is_removed_too(
    reopen: Callable[[], Checkpoint], folder: Path
) -> None:
    with reopen() as checkpoint:
        run_batches(checkpoint, 1)
        orphan = write_bytes(checkpoint, "count", 1, b"never committed", store="timers")
    with reopen() as checkpoint:
        run_batches(checkpoint, 1)
        checkpoint.collect_garbage(keep=100, stores={"count": ("default", "timers")})
    assert not (folder / orphan.path).exists()
    assert state_files(folder) == {0, 1}


def test_what_is_being_staged_for_the_next_batch_is_left_alone(
    reopen: Callable[[], Checkpoint], folder: Path
) -> None:
    with reopen() as checkpoint:
        run_batches(checkpoint, 1)
        staged = write_bytes(checkpoint, "count", 1, b"soon")
        checkpoint.collect_garbage(keep=1)
        assert read_bytes(checkpoint, staged) == b"soon"


def test_a_damaged_old_commit_does_not_cost_living_state(
    reopen: Callable[[], Checkpoint], folder: Path
) -> None:
    with reopen() as checkpoint:
        run_batches(checkpoint, 6, merge_every=100)
    (folder / "commits" / "3").write_text("broken")
    with reopen() as checkpoint:
        for keep in (3, 2, 1):
            checkpoint.collect_garbage(keep)
        assert checkpoint.batches() == [5]
        for file in checkpoint.commit(5).state:
            read_bytes(checkpoint, file)


def test_looking_for_garbage_after_a_batch_costs_no_listing_of_the_state() -> None:
    storage = FaultyStorage(MemoryStorage())
    with Checkpoint.open(storage, ManualClock(), run_id="r") as checkpoint:
        run_batches(checkpoint, 1)
        checkpoint.collect_garbage(keep=100)
        run_batches(checkpoint, 1)
        before = len(storage.verbs)
        checkpoint.collect_garbage(keep=100)
        assert storage.verbs[before:] == [("get", "lease/1")]


# ---- one driver at a time ------------------------------------------------------------------------


def test_a_second_driver_in_this_process_is_turned_away(reopen: Callable[[], Checkpoint]) -> None:
    with reopen(), pytest.raises(CheckpointFenced, match="in use by another query of this same process"):
        reopen()


def test_a_closed_checkpoint_takes_no_more_writes(reopen: Callable[[], Checkpoint]) -> None:
    checkpoint = reopen()
    checkpoint.close()
    checkpoint.close()
    with pytest.raises(CheckpointFenced, match="was closed"):
        checkpoint.write_offsets(offsets(0))


def test_a_forked_copy_of_the_driver_cannot_write(reopen: Callable[[], Checkpoint]) -> None:
    with reopen() as checkpoint:
        child = os.fork()
        if child == 0:
            try:
                checkpoint.write_offsets(offsets(0))
            except CheckpointFenced:
                os._exit(0)
            os._exit(1)
        assert os.waitpid(child, 0)[1] == 0
        checkpoint.write_offsets(offsets(0))


def test_an_opening_that_fails_lets_the_next_driver_in(
    reopen: Callable[[], Checkpoint], folder: Path
) -> None:
    with reopen() as checkpoint:
        run_batches(checkpoint, 1)
        checkpoint.rewind_to(0)
    whole = (folder / "rewound").read_bytes()
    (folder / "rewound").write_bytes(b"broken")
    with pytest.raises(CheckpointCorrupted, match="rewound is damaged"):
        reopen()
    (folder / "rewound").write_bytes(whole)
    reopen().close()


def test_epochs_grow_with_every_driver_and_one_file_tells_them(
    reopen: Callable[[], Checkpoint], folder: Path
) -> None:
    epochs = []
    for _ in range(3):
        with reopen() as checkpoint:
            epochs.append(checkpoint.epoch)
    assert epochs == [1, 2, 3]
    assert {path.name for path in (folder / "lease").iterdir()} - {"lock"} == {"3"}
