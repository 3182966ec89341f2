"""Two drivers on one checkpoint: one goes on, the other stops with a clear error and changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.recovery.job import batches_of_rows, expected_windows
from tests.recovery.nursery import Nursery
from tests.recovery.places import Place, Trials, files, plain

BATCHES = batches_of_rows(5, "append")


def trials_in(folder: Path, kind: str) -> Trials:
    return Trials(Place(kind, "append", folder), files(folder / "input", BATCHES))


def test_a_second_driver_is_refused_while_the_first_lives(nursery: Nursery, tmp_path: Path) -> None:
    trials = trials_in(tmp_path, "sqlite")
    job = trials.job()
    first = nursery.stop_at(job, "write-commit:after")
    second = nursery.run(job)
    assert second.code == 1
    assert "CheckpointFenced" in second.error
    assert f"in use by process {first}" in second.error or str(first) in second.error
    assert "location of its own" in second.error
    assert nursery.wake(first).code == 0
    assert plain(trials.place.rows(job.sink)) == expected_windows(BATCHES, "append")


def contents(folder: Path) -> dict[Path, bytes]:
    """Every file of a checkpoint that counts: state files that no commit names are collected later."""
    files = (path for path in folder.rglob("*") if path.is_file() and "state" not in path.parts)
    return {path: path.read_bytes() for path in files}


@pytest.mark.parametrize("kind", ["parquet", "sqlite"])
@pytest.mark.parametrize(
    "point", ["plan:before", "plan:after", "write-offsets:after", "run:after", "sink-commit:after"]
)
def test_a_driver_that_wakes_up_after_a_takeover_changes_nothing(
    nursery: Nursery, tmp_path: Path, kind: str, point: str
) -> None:
    """Where storage cannot lock, a driver that seemed dead may come back at any step."""
    trials = trials_in(tmp_path, kind)
    undisturbed = trials.job()
    assert nursery.run(undisturbed).code == 0
    job = trials.job(has_lock=False)
    asleep = nursery.stop_at(job, point)
    takeover = nursery.run(job)
    assert takeover.code == 0, takeover.error
    rows = trials.place.rows(job.sink)
    kept = contents(Path(job.checkpoint))
    woken = nursery.wake(asleep)
    assert woken.code == 1
    assert "CheckpointFenced" in woken.error
    assert "was taken over by" in woken.error
    assert "make room" not in woken.error
    assert contents(Path(job.checkpoint)) == kept
    assert trials.place.rows(job.sink) == rows == trials.place.rows(undisturbed.sink)
    assert nursery.run(job).code == 0
    assert trials.place.rows(job.sink) == rows


@pytest.mark.parametrize("point", ["run:after", "sink-commit:before"])
def test_a_batch_in_flight_at_a_takeover_does_not_stop_the_rightful_driver(
    nursery: Nursery, tmp_path: Path, point: str
) -> None:
    """The one that woke up would commit the batch that the other is about to commit."""
    trials = trials_in(tmp_path, "parquet")
    undisturbed = trials.job()
    assert nursery.run(undisturbed).code == 0
    job = trials.job(has_lock=False)
    asleep = nursery.stop_at(job, point)
    rightful = nursery.stop_at(job, "run:before")
    woken = nursery.wake(asleep)
    assert woken.code == 1
    assert "CheckpointFenced" in woken.error
    ending = nursery.wake(rightful)
    assert ending.code == 0, ending.error
    assert trials.place.rows(job.sink) == trials.place.rows(undisturbed.sink)
