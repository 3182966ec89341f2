"""Checkpoint and output on an object store: killed drivers, two drivers, a store that dies in a commit."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from streamcore.checkpoint import Checkpoint
from streamcore.spi.clock import SystemClock
from streamcore.storage import existing_storage
from streamcore.storage.objects.folder import object_folder
from streamcore.storage.objects.given import give, take_back
from tests.recovery.job import Job, batches_of_rows, expected_windows
from tests.recovery.nursery import KILLED, Nursery
from tests.recovery.places import Table, files, plain, rows_of_files
from tests.recovery.test_crash_points import points_of
from tests.services.object_stores import ObjectStore, VersityGateway
from tests.services.report import describe_service

BATCHES = batches_of_rows(5, "append")
_QUERY_ID = "5d1b0b9e-52c4-4c55-9df8-0c7d6f5d1a20"
_POINTS = [point for point in points_of("parquet") if not point.startswith(("sink.files.move", "dead-"))]
_QUICK = ("sink.files.stage:after", "sink.files.put-segment:after", "expire-batch:before")


class Trials:
    """Runs of one query under one query id, each with a checkpoint and an output of its own."""

    def __init__(self, store: ObjectStore, folder: Path) -> None:
        self._uri = store.new_folder()
        self._source = files(folder / "input", BATCHES)
        self._numbers = itertools.count()
        self._conf = {
            "spark.sql.streaming.minBatchesToRetain": "2",
            "spark.sql.shuffle.partitions": "2",
            **{f"spark.hadoop.{key}": value for key, value in store.settings.items()},
        }

    def job(self, *, has_lock: bool = True) -> Job:
        number = next(self._numbers)
        checkpoint = f"{self._uri}/checkpoint-{number}"
        storage = existing_storage(checkpoint)
        Checkpoint.open(storage, SystemClock(), run_id="template", new_id=lambda: _QUERY_ID).close()
        sink = ("parquet", {"path": f"{self._uri}/out-{number}", "compactInterval": "2"})
        return Job(self._source, sink, checkpoint, conf=self._conf, has_lock=has_lock)


def rows_in(job: Job) -> Table:
    return rows_of_files(job.sink[1]["path"])


def contents(job: Job) -> dict[str, tuple[int, int]]:
    """Every object of a checkpoint that counts: state files that no commit names are collected later."""
    found = object_folder(job.checkpoint).files()
    return {file.path: (file.size, file.modified_ms) for file in found if not file.path.startswith("state/")}


@pytest.fixture(scope="module")
def trials(
    _s3_server: ObjectStore, pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Trials]:
    describe_service(pytestconfig, "s3", _s3_server.description)
    give(_s3_server.settings)
    yield Trials(_s3_server, tmp_path_factory.mktemp("trials"))
    take_back(_s3_server.settings)


@pytest.fixture(scope="module")
def expected(trials: Trials, nursery: Nursery) -> Table:
    """What an undisturbed run leaves, random numbers included."""
    job = trials.job()
    ending = nursery.run(job)
    assert ending.code == 0, ending.error
    rows = rows_in(job)
    assert plain(rows) == expected_windows(BATCHES, "append")
    return rows


@pytest.mark.parametrize(
    "point", [p if p in _QUICK else pytest.param(p, marks=pytest.mark.soak) for p in _POINTS]
)
def test_a_killed_driver_leaves_what_an_undisturbed_one_does(
    trials: Trials, expected: Table, nursery: Nursery, s3: ObjectStore, point: str
) -> None:
    job = trials.job()
    assert nursery.run(job, crash_at=point).code == KILLED
    ending = nursery.run(job)
    assert ending.code == 0, ending.error
    assert rows_in(job) == expected


@pytest.mark.parametrize(
    "point",
    [
        "plan:after",
        pytest.param("write-offsets:after", marks=pytest.mark.soak),
        pytest.param("run:after", marks=pytest.mark.soak),
        pytest.param("sink-commit:after", marks=pytest.mark.soak),
    ],
)
def test_a_driver_of_another_machine_takes_over_and_the_first_changes_nothing_more(
    trials: Trials, expected: Table, nursery: Nursery, s3: ObjectStore, point: str
) -> None:
    job = trials.job(has_lock=False)
    asleep = nursery.stop_at(job, point)
    takeover = nursery.run(job)
    assert takeover.code == 0, takeover.error
    kept = contents(job)
    woken = nursery.wake(asleep)
    assert woken.code == 1
    assert "was taken over by" in woken.error
    assert contents(job) == kept
    assert rows_in(job) == expected


def test_a_driver_of_the_same_machine_is_turned_away(
    trials: Trials, expected: Table, nursery: Nursery, s3: ObjectStore
) -> None:
    job = trials.job()
    first = nursery.stop_at(job, "write-commit:after")
    second = nursery.run(job)
    assert second.code == 1
    assert f"in use by the driver with process id {first}" in second.error
    assert nursery.wake(first).code == 0
    assert rows_in(job) == expected


@pytest.mark.parametrize(
    "point",
    [
        "sink.files.put-segment:before",
        pytest.param("write-offsets:before", marks=pytest.mark.soak),
        pytest.param("write-commit:before", marks=pytest.mark.soak),
    ],
)
def test_a_store_that_comes_back_in_a_commit_is_waited_for(
    private_s3: VersityGateway, nursery: Nursery, tmp_path: Path, point: str
) -> None:
    job = Trials(private_s3, tmp_path).job()
    asleep = nursery.stop_at(job, point)
    private_s3.kill()

    def come_back() -> None:
        time.sleep(0.5)
        private_s3.start()

    back = threading.Thread(target=come_back)
    back.start()
    ending = nursery.wake(asleep)
    back.join()
    assert ending.code == 0, ending.error
    assert plain(rows_in(job)) == expected_windows(BATCHES, "append")


@pytest.mark.soak
@pytest.mark.parametrize(
    "point", ["write-offsets:before", "sink.files.put-segment:before", "write-commit:before"]
)
def test_a_store_that_stays_away_ends_the_query_and_loses_nothing(
    private_s3: VersityGateway, nursery: Nursery, tmp_path: Path, point: str
) -> None:
    job = Trials(private_s3, tmp_path).job()
    asleep = nursery.stop_at(job, point)
    private_s3.kill()
    ending = nursery.wake(asleep)
    assert ending.code == 1
    private_s3.start()
    ending = nursery.run(job)
    assert ending.code == 0, ending.error
    assert plain(rows_in(job)) == expected_windows(BATCHES, "append")


@pytest.mark.soak
def test_drivers_killed_at_any_moment_leave_each_row_once(
    trials: Trials, expected: Table, nursery: Nursery, s3: ObjectStore
) -> None:
    import random

    moments = random.Random(7)
    for _ in range(6):
        job = trials.job()
        while nursery.run(job, kill_after=moments.uniform(0.1, 1.5)).code == KILLED:
            pass
        assert rows_in(job) == expected
