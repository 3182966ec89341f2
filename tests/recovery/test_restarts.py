"""Drivers that come back to a changed world: settings, queries, outputs and checkpoints that moved apart."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from streamcore.checkpoint.inspection import inspect
from streamcore.checkpoint.maintenance import rewind, undo_rewind
from streamcore.execution.stores.repartitioning import REPARTITION
from streamcore.streaming.definition import STATE_PARTITIONS
from tests.recovery.job import Job, batches_of_rows, expected_windows
from tests.recovery.nursery import KILLED, Nursery
from tests.recovery.places import Place, Table, Trials, files, plain, rows_without_manifest

BATCHES = batches_of_rows(7, "append")
RETAIN_ALL = {"spark.sql.streaming.minBatchesToRetain": "100", "spark.sql.shuffle.partitions": "2"}

Make = Callable[[str], Trials]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def trials(kind: str) -> Trials:
        found = Trials(Place(kind, "append", tmp_path), files(tmp_path / "input", BATCHES))
        found.conf = RETAIN_ALL
        return found

    return trials


def finish(nursery: Nursery, job: Job) -> None:
    ending = nursery.run(job)
    assert ending.code == 0, ending.error


def undisturbed(nursery: Nursery, trials: Trials) -> Table:
    job = trials.job()
    finish(nursery, job)
    rows = trials.place.rows(job.sink)
    assert plain(rows) == expected_windows(BATCHES, "append")
    return rows


def half_done(nursery: Nursery, trials: Trials) -> Job:
    """A query that was killed when four of its batches were committed."""
    job = trials.job()
    assert nursery.run(job, crash_at="source-commit:before:4").code == KILLED
    return job


def refused(nursery: Nursery, job: Job, *words: str) -> None:
    ending = nursery.run(job)
    assert ending.code == 1
    for word in words:
        assert word in ending.error


@pytest.mark.parametrize(
    "changed",
    [{"spark.sql.shuffle.partitions": "5"}, {"spark.sql.session.timeZone": "America/New_York"}],
    ids=["state partitions", "time zone"],
)
def test_a_setting_that_results_depend_on_is_taken_from_the_log(
    nursery: Nursery, make: Make, changed: dict[str, str]
) -> None:
    trials = make("sqlite")
    job = half_done(nursery, trials)
    finish(nursery, replace(job, conf={**job.conf, **changed}))
    assert trials.place.rows(job.sink) == undisturbed(nursery, trials)
    assert {path.name for path in Path(job.checkpoint, "state", "aggregate-0", "default").iterdir()} == {
        "0",
        "1",
    }


@pytest.mark.parametrize(
    ("kind", "point"),
    [
        ("parquet", f"{REPARTITION}:after"),
        ("sqlite", "write-offsets:after"),
        ("parquet", "sink-commit:after"),
    ],
)
def test_a_driver_killed_while_state_is_split_anew_loses_and_doubles_nothing(
    nursery: Nursery, make: Make, kind: str, point: str
) -> None:
    trials = make(kind)
    job = half_done(nursery, trials)
    changed = replace(job, conf={**job.conf, STATE_PARTITIONS: "5"})
    assert nursery.run(changed, crash_at=f"{point}:1").code == KILLED
    finish(nursery, changed)
    # Random numbers depend on the partition of the row that they are drawn for.
    assert plain(trials.place.rows(job.sink)) == expected_windows(BATCHES, "append")
    told = [batch["operators"]["aggregate-0"] for batch in inspect(job.checkpoint)["batches"]]
    assert [one["partitions"] for one in told[3:6]] == [2, 5, 5]


def test_a_query_with_other_keys_is_refused_and_the_old_one_goes_on(nursery: Nursery, make: Make) -> None:
    trials = make("sqlite")
    job = half_done(nursery, trials)
    refused(
        nursery, replace(job, variant="other keys"), "CheckpointMismatch", "keys of aggregate-0: `k` string"
    )
    finish(nursery, job)
    assert trials.place.rows(job.sink) == undisturbed(nursery, trials)


@pytest.mark.parametrize(
    ("variant", "difference"),
    [
        ("other measures", "COUNT(1), SUM(`v`), MAX(`luck`) -> COUNT(1), MAX(`v`), MAX(`luck`)"),
        ("no state", "stateful operators: aggregate-0 -> none"),
    ],
)
def test_a_query_that_keeps_other_things_is_refused_and_the_old_one_goes_on(
    nursery: Nursery, make: Make, variant: str, difference: str
) -> None:
    trials = make("sqlite")
    job = half_done(nursery, trials)
    refused(nursery, replace(job, variant=variant), "CheckpointMismatch", difference)
    finish(nursery, job)
    assert trials.place.rows(job.sink) == undisturbed(nursery, trials)


@pytest.mark.parametrize("kind", ["parquet", "sqlite"])
def test_a_new_checkpoint_over_an_old_output_is_refused(nursery: Nursery, make: Make, kind: str) -> None:
    trials = make(kind)
    job = half_done(nursery, trials)
    before = trials.place.rows(job.sink)
    refused(nursery, replace(job, checkpoint=f"{job.checkpoint}-new"), "CheckpointMismatch", "checkpoint")
    assert trials.place.rows(job.sink) == before
    finish(nursery, job)


@pytest.mark.parametrize("kind", ["parquet", "sqlite"])
def test_an_old_checkpoint_over_a_new_output_is_refused_until_it_is_rewound(
    nursery: Nursery, make: Make, kind: str
) -> None:
    trials = make(kind)
    job = half_done(nursery, trials)
    moved = replace(job, sink=trials.place.sink())
    refused(nursery, moved, "CheckpointMismatch", "the sink is behind its checkpoint", "--to -1")
    rewind(job.checkpoint, -1)
    finish(nursery, moved)
    assert trials.place.rows(moved.sink) == undisturbed(nursery, trials)


def test_a_database_restored_from_a_backup_is_brought_up_to_date_by_a_rewind(
    nursery: Nursery, make: Make
) -> None:
    trials = make("sqlite")
    job = half_done(nursery, trials)
    database = Path(job.sink[1]["url"].removeprefix("sqlite:///"))
    backup = database.with_suffix(".backup")
    shutil.copy(database, backup)
    finish(nursery, job)
    shutil.copy(backup, database)
    refused(nursery, job, "the sink is behind its checkpoint: it holds batch 3", "--to 3")
    rewind(job.checkpoint, 3)
    finish(nursery, job)
    assert trials.place.rows(job.sink) == undisturbed(nursery, trials)


def test_a_table_without_keys_cannot_follow_a_rewind_and_nothing_is_forgotten(
    nursery: Nursery, make: Make
) -> None:
    trials = make("sqlite")
    job = half_done(nursery, trials)
    rewind(job.checkpoint, 1)
    refused(nursery, job, "windows", "has no keyColumns", "has forgotten nothing yet", "--undo")
    assert undo_rewind(job.checkpoint) >= 3
    finish(nursery, job)
    assert trials.place.rows(job.sink) == undisturbed(nursery, trials)


@pytest.mark.parametrize("batch", [-1, 0, 2, 6])
def test_files_follow_a_rewind_to_any_batch(nursery: Nursery, make: Make, batch: int) -> None:
    trials = make("parquet")
    job = trials.job()
    finish(nursery, job)
    rewind(job.checkpoint, batch)
    finish(nursery, job)
    rows = trials.place.rows(job.sink)
    assert rows == undisturbed(nursery, trials) == rows_without_manifest(job.sink[1]["path"])


@pytest.mark.parametrize("step", ["sink.files.rewind", "sink.files.hide"])
@pytest.mark.parametrize("side", [pytest.param("before", marks=pytest.mark.soak), "after"])
def test_a_driver_killed_while_its_files_are_rewound_loses_and_doubles_nothing(
    nursery: Nursery, make: Make, step: str, side: str
) -> None:
    trials = make("parquet")
    job = trials.job()
    finish(nursery, job)
    rewind(job.checkpoint, 2)
    assert nursery.run(job, crash_at=f"{step}:{side}:1").code == KILLED
    finish(nursery, job)
    rows = trials.place.rows(job.sink)
    assert rows == undisturbed(nursery, trials) == rows_without_manifest(job.sink[1]["path"])


@pytest.mark.parametrize("point", ["rewind:before", "rewind:after"])
def test_a_rewind_that_is_killed_is_finished_by_the_next_start(
    nursery: Nursery, make: Make, point: str
) -> None:
    trials = make("parquet")
    job = trials.job()
    finish(nursery, job)
    rewind(job.checkpoint, 1)
    assert nursery.run(job, crash_at=f"{point}:1").code == KILLED
    finish(nursery, job)
    assert trials.place.rows(job.sink) == undisturbed(nursery, trials)
